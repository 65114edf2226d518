"""Hazards: what is overdue first or what the weather makes urgent, each through its steps, and a new one."""

from __future__ import annotations

import geopandas as gpd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.hazards import ENDED
from gridmap.i18n.formats import format_day_time
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.hazard_case import draw_hazard
from gridmap.pages.hazard_form import draw_form
from gridmap.pages.hazard_weather import draw_marks, draw_modes, draw_weather
from gridmap.pages.map_area import draw_map_area, follow
from gridmap.pages.panel import Row, draw_rows, heading, panel
from gridmap.pages.state import Place, Thing
from gridmap.pages.visit import Visit


def draw(visit: Visit) -> None:
    """Map of hazards; beside it the list, one hazard, or the form of a new one."""
    _ = visit.translate
    follow("hazards")
    adding = state.HAZARD_ADDING.get()
    overlay = None if adding else draw_marks(visit)
    draw_map_area(visit, "hazards", layers=("stations", "hazards"), pick_point=adding, overlay=overlay)
    with panel(visit, _("Hazards")):
        thing = state.THING.get()
        if adding:
            draw_form(visit)
        elif thing is not None and thing.kind == "hazard":
            draw_hazard(visit, thing.id)
        else:
            if visit.may(Permission.EDIT_HAZARDS):
                st.button(_("Report a hazard"), type="primary", on_click=_start_adding)
            mode = draw_modes(visit)
            if mode == "usual":
                _draw_list(visit)
            else:
                draw_weather(visit, mode)


def _draw_list(visit: Visit) -> None:
    _ = visit.translate
    found = readings.list_hazards(visit)
    names = {"open": _("Open"), "overdue": _("Overdue"), "over": _("Done"), "all": _("All")}
    shown = st.segmented_control(
        _("Show"),
        list(names),
        default="open",
        format_func=names.__getitem__,
        key="hazards_shown",
        label_visibility="collapsed",
    )
    severities = st.pills(
        _("Severity"),
        [4, 3, 2, 1],
        selection_mode="multi",
        format_func=lambda s: label("severity", s, _),
        key="hazards_severity",
    )
    kept = _filter(found, shown or "all", severities)
    heading(_("{number} of {total}").format(number=len(kept), total=len(found)))
    rows = [
        Row(
            str(row.id),
            f"{row.title} · {label('severity', row.severity, _)}",
            f"{label('hazard_state', row.state, _)} · {_('due {time}').format(time=format_day_time(row.due_at))}"
            + (f" · {_('overdue')}" if row.overdue else ""),
            "red" if row.overdue else "gray",
        )
        for row in kept.itertuples()
    ]
    key = draw_rows(visit, "hazards", rows, empty=_("No hazard fits. Choose another filter."))
    if key is not None:
        hazard = kept[kept["id"] == int(key)].iloc[0]
        state.look_at(Thing("hazard", int(key)), Place(float(hazard["lon"]), float(hazard["lat"])))
        st.rerun()


def _filter(found: gpd.GeoDataFrame, shown: str, severities: list[int]) -> gpd.GeoDataFrame:
    over = found["state"].isin([ended.value for ended in ENDED])
    kept = {"open": ~over, "overdue": found["overdue"], "over": over, "all": over | True}[shown]
    if severities:
        kept &= found["severity"].isin(severities)
    return found[kept]


def _start_adding() -> None:
    state.HAZARD_ADDING.set(True)
    state.look_away()
