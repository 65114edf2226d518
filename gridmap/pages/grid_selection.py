"""Choosing cells without the map: along a railway or road, or by what they have."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from gridmap.pages import readings, state
from gridmap.pages.map_area import place_of
from gridmap.pages.panel import act
from gridmap.pages.unit_choice import choose_unit
from gridmap.pages.visit import Visit
from gridmap.services import cell_choice
from gridmap.services.cell_choice import CellCriteria, Limits

_ANY = "any"
_KM2 = 1e6


def draw_selection(visit: Visit) -> None:
    """Two ways to choose cells; what is found is chosen on the map as well."""
    _ = visit.translate
    with st.expander(_("Choose by road or by attribute")):
        area = state.AREA.get()
        _draw_along(visit, area)
        _draw_by(visit, area)


def _draw_along(visit: Visit, area: str) -> None:
    _ = visit.translate
    lines = readings.list_lines(visit)
    names = {int(row.id): row.name or row.ref or f"#{row.id}" for row in lines.itertuples()}
    line = st.selectbox(
        _("Along a railway line"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=_("Choose a line"),
        key="choose_line",
    )
    text = st.text_input(_("Along a road"), key="choose_road_text", placeholder=_("Part of its name"), live=True)
    found = cell_choice.list_road_names(visit.context, visit.actor, text=text) if text.strip() else []
    road = st.selectbox(_("Roads of that name"), found, key="choose_road") if found else ""
    with st.container(horizontal=True):
        for key, name, asked in (
            ("line", _("Cells along the line"), {"line_id": line}),
            ("road", _("Cells along the road"), {"road": road or ""}),
        ):
            find = partial(cell_choice.choose_along, within=area, **asked)
            _draw_choose(visit, name, f"choose_along_{key}", find, disabled=not any(asked.values()))


def _draw_by(visit: Visit, area: str) -> None:
    _ = visit.translate
    households = _draw_limits(visit, _("Households"), "choose_households", 1.0)
    size = _draw_limits(visit, _("Area, km²"), "choose_size", _KM2)
    unit = choose_unit(visit, _("Unit"), key="choose_unit", placeholder=_("Any unit"))
    criteria = CellCriteria(
        households=households,
        area_m2=size,
        unit_id=unit,
        within=area,
        locked=_draw_either(visit, _("Locked"), "choose_locked"),
        open_hazards=_draw_either(visit, _("With open hazards"), "choose_hazards"),
    )
    find = partial(cell_choice.choose_by, criteria=criteria)
    _draw_choose(visit, _("Choose these cells"), "choose_by", find, disabled=criteria == CellCriteria(within=area))


def _draw_limits(visit: Visit, name: str, key: str, scale: float) -> Limits:
    _ = visit.translate
    with st.container(horizontal=True):
        least = st.number_input(_("{what} from").format(what=name), 0.0, value=None, key=f"{key}_from", step=1.0)
        most = st.number_input(_("{what} to").format(what=name), 0.0, value=None, key=f"{key}_to", step=1.0)
    return None if least is None else least * scale, None if most is None else most * scale


def _draw_either(visit: Visit, name: str, key: str) -> bool | None:
    _ = visit.translate
    words = {_ANY: _("Any"), "yes": _("Yes"), "no": _("No")}
    chosen = st.segmented_control(name, list(words), default=_ANY, format_func=words.__getitem__, key=key)
    return None if chosen in {None, _ANY} else chosen == "yes"


def _draw_choose(visit: Visit, name: str, key: str, find: Callable[..., tuple[int, ...]], *, disabled: bool) -> None:
    choose = partial(_choose, find=find)
    done = partial(act, visit, choose, done=visit.translate("Chosen. See below what a move would do."))
    st.button(name, key=key, disabled=disabled, on_click=done)


def _choose(visit: Visit, *, find: Callable[..., Any]) -> None:
    ids = find(visit.context, visit.actor)
    cells = readings.load_cells(visit)
    state.CELLS.set(ids)
    state.fly(place_of(cells[cells["id"].isin(ids)]))
