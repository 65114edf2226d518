"""What is set of segments by hand: of the one whose card is open, or of all between two mileages of its line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import geopandas as gpd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.railways.segment_edits import SETTABLE, WALKED_SIDES, SegmentEdit
from gridmap.domain.statutes.rules import SETTINGS
from gridmap.i18n.formats import format_number
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.panel import act
from gridmap.pages.state import Thing
from gridmap.pages.visit import Visit, calm
from gridmap.services import railways, segments
from gridmap.views.cards import draw_note

_RISKS = (1, 2, 3, 4)
_NUMBERS = {"interval_days": 1, "visits": 1, "spacing_min": 0}
"""What is a number, and the least it may be."""


def offer_segment_form(visit: Visit, thing: Thing) -> None:
    """The button on the card of a segment; none for who may not plan patrols."""
    is_open = state.SEGMENT_EDITED.get() == thing.id
    if thing.kind == "segment" and visit.may(Permission.PLAN_PATROLS) and not is_open:
        st.button(visit.translate("Edit"), key="segment_edit", on_click=state.SEGMENT_EDITED.set, args=(thing.id,))


def draw_segment_form(visit: Visit, thing: Thing) -> None:
    """What the button opened, below the card."""
    if thing.kind != "segment" or state.SEGMENT_EDITED.get() != thing.id:
        return
    with st.container(border=True, key="gm_segment_form"):
        chosen = None
        with calm(visit.translate):
            chosen = _choose(visit, thing.id)
        _draw_fields(visit, chosen)
        _draw_buttons(visit, chosen)


def _choose(visit: Visit, segment_id: int) -> gpd.GeoDataFrame:
    """The segments that are meant."""
    _ = visit.translate
    own = railways.list_segments(visit.context, visit.actor, ids=(segment_id,))
    ways = {"one": _("This segment"), "stretch": _("Between two mileages")}
    way = st.segmented_control(
        _("Which segments"),
        list(ways),
        default="one",
        required=True,
        format_func=ways.__getitem__,
        key=f"segment_way_{segment_id}",
    )
    if way != "stretch" or own.empty:
        return own
    line_id = int(own["line_id"].iloc[0])
    line = railways.load_line(visit.context, line_id)
    written = railways.write_stretch(line, own["from_m"].iloc[0], own["to_m"].iloc[0])
    with st.container(horizontal=True):
        start, end = (
            st.text_input(title, value=text, key=f"segment_{name}_{segment_id}", live=True)
            for name, title, text in zip(("from", "to"), (_("From"), _("To")), written, strict=True)
        )
    found = segments.find_segments(visit.context, visit.actor, line_id=line_id, start=start, end=end)
    reached = "–".join(railways.write_stretch(line, found["from_m"].min(), found["to_m"].max()))
    text = _("{number} segment(s), {stretch}").format(number=format_number(len(found)), stretch=reached)
    st.html(draw_note(text))
    return found


def _draw_fields(visit: Visit, chosen: gpd.GeoDataFrame | None) -> None:
    """What is to be set; an empty field leaves a value as it is, and shows it."""
    _ = visit.translate
    yes_no = {True: _("Yes"), False: _("No")}
    # A pair of columns for each row: on a phone they stand below each other in this order.
    rows = [st.columns(2, vertical_alignment="bottom") for _row in range(4)]
    with rows[0][0]:
        _draw_choice(visit, chosen, "setting", SETTINGS, lambda value: label("setting", value, _))
    with rows[0][1]:
        _draw_choice(visit, chosen, "risk", _RISKS, lambda value: label("risk", value, _))
    for (name, least), column in zip(_NUMBERS.items(), (*rows[1], rows[2][0]), strict=True):
        with column:
            _draw_number(visit, chosen, name, least=least)
    with rows[2][1]:
        _draw_choice(visit, chosen, "night", (True, False), lambda value: yes_no[bool(value)])
    with rows[3][0]:
        _draw_choice(visit, chosen, "side", WALKED_SIDES, lambda value: label("walked_side", value, _))


def _draw_number(visit: Visit, chosen: gpd.GeoDataFrame | None, name: str, *, least: int) -> None:
    st.number_input(
        label("settable", name, visit.translate),
        min_value=least,
        value=None,
        step=1,
        placeholder=_write_kept(visit, chosen, name, format_number),
        key=f"segment_{name}",
    )


def _draw_choice(
    visit: Visit,
    chosen: gpd.GeoDataFrame | None,
    name: str,
    values: tuple[Any, ...],
    write: Callable[[Any], str],
) -> None:
    st.selectbox(
        label("settable", name, visit.translate),
        values,
        index=None,
        format_func=write,
        placeholder=_write_kept(visit, chosen, name, write),
        filter_mode=None,
        key=f"segment_{name}",
    )


def _write_kept(visit: Visit, chosen: gpd.GeoDataFrame | None, name: str, write: Callable[[Any], str]) -> str:
    """The value that stays where a field is left empty."""
    if chosen is None or chosen.empty:
        return ""
    values = chosen[name]
    return write(values.iloc[0]) if values.nunique() == 1 else visit.translate("several values")


def _draw_buttons(visit: Visit, chosen: gpd.GeoDataFrame | None) -> None:
    _ = visit.translate
    st.html(draw_note(_("What stands in grey is so now and stays. What is set by hand outlives later imports.")))
    versions = {} if chosen is None else {int(row.id): int(row.version) for row in chosen.itertuples()}
    with st.container(horizontal=True):
        st.button(
            _("Save"),
            type="primary",
            disabled=not (versions and _read_fields()),
            key="segment_save",
            on_click=partial(
                act, visit, partial(_save, versions=versions), done=_("Set by hand. The journal keeps what it was.")
            ),
        )
        st.button(_("Cancel"), key="segment_cancel", on_click=state.SEGMENT_EDITED.clear)


def _read_fields() -> dict[str, Any]:
    given = {name: st.session_state.get(f"segment_{name}") for name in SETTABLE}
    return {name: value for name, value in given.items() if value is not None}


def _save(visit: Visit, *, versions: dict[int, int]) -> None:
    """Set what stands in the fields, of the segments as they were seen."""
    edit = SegmentEdit(**_read_fields())
    segments.edit_segments(visit.context, visit.actor, segment_ids=list(versions), edit=edit, versions=versions)
    state.SEGMENT_EDITED.clear()
