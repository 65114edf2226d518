"""Roads: close or slow one, open it again, and see what cannot be reached from each post, by whom and why."""

from __future__ import annotations

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, NoData
from gridmap.i18n.formats import format_distance, format_number
from gridmap.pages import readings, state
from gridmap.pages.closure_form import draw_closure, draw_closure_form
from gridmap.pages.map_area import draw_map_area, take_event
from gridmap.pages.panel import Row, draw_rows, heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit
from gridmap.services import closures
from gridmap.services.road_check import EXPLANATIONS, Reachability, RoadFault
from gridmap.views.cards import draw_empty, draw_item, draw_note
from gridmap.views.map import MapOverlay
from gridmap.views.road_changes import draw_road_changes

SECTION = "roads"

_MODES = {Mode.CAR.value: N_("Car"), Mode.MOTORCYCLE.value: N_("Motorcycle"), Mode.FOOT.value: N_("On foot")}


def draw_roads_map(visit: Visit) -> None:
    """The map with what is closed or slowed; a click chooses the road of a new closure."""
    may_close = visit.may(Permission.CLOSE_ROADS)
    event = take_event("data")
    if event is not None and may_close:
        state.point_at(None, Place(event.lon, event.lat))
    lines, marks = draw_road_changes(closures.list_closures(visit.context, visit.actor))
    overlay = MapOverlay(routes=lines, marks=marks)
    draw_map_area(visit, "data", layers=("stations",), select="none", pick_point=may_close, overlay=overlay)


def draw_roads(visit: Visit) -> None:
    """A new closure, those that stand, and what is out of reach."""
    _ = visit.translate
    standing = closures.list_closures(visit.context, visit.actor)
    if visit.may(Permission.CLOSE_ROADS):
        heading(_("Close a road"))
        draw_closure_form(visit, len(standing))
    heading(_("Closed and slowed ({number})").format(number=len(standing)))
    if standing.empty:
        st.html(draw_empty(_("Every road is open.")))
    for number in range(len(standing)):
        draw_closure(visit, standing.iloc[number])
    _draw_reach(visit)


# --- what is out of reach ---------------------------------------------------------------------------------------


def _draw_reach(visit: Visit) -> None:
    """The connected roads, then the posts from which less is reached than those."""
    _ = visit.translate
    heading(_("What cannot be reached"))
    mode = st.segmented_control(
        _("Who travels"),
        list(_MODES),
        default=Mode.CAR.value,
        required=True,
        format_func=lambda mode: _(_MODES[mode]),
        label_visibility="collapsed",
        key="reach_mode",
    )
    try:
        whole, *posts = readings.check_roads(visit, mode=mode or Mode.CAR.value)
    except NoData as nothing:
        st.html(draw_empty(_(nothing.message)))
        return
    _draw_reachability(visit, "whole", _("The connected roads"), whole)
    worse = [(number, post) for number, post in enumerate(posts) if post.stretches < whole.stretches]
    if len(posts) > len(worse):
        reaching = format_number(len(posts) - len(worse))
        st.html(draw_note(_("Posts that reach all of the connected roads: {number}").format(number=reaching)))
    for number, post in worse:
        _draw_reachability(visit, f"post{number}", post.post, post)


def _draw_reachability(visit: Visit, name: str, title: str, found: Reachability) -> None:
    _ = visit.translate
    if not found.stretches:
        st.html(draw_item(title, _("No road that could be used is near."), tone="red"))
        return
    reached = _("{number} stretches, {distance}")
    note = reached.format(number=format_number(found.stretches), distance=format_distance(found.length_m, _))
    st.html(draw_item(title, note))
    rows = [Row(fault.obstacle.value, _(EXPLANATIONS[fault.obstacle]), _count(visit, fault)) for fault in found.faults]
    clicked = draw_rows(visit, f"reach_{name}", rows, empty=_("Every road is reached."))
    for fault in found.faults:
        if fault.obstacle.value == clicked:
            example = fault.examples[0]
            state.fly(Place(example.lon, example.lat))
            st.rerun()


def _count(visit: Visit, fault: RoadFault) -> str:
    _ = visit.translate
    example = fault.examples[0]
    name = example.name or f"{example.lon:.4f}°, {example.lat:.4f}°"
    said = _("{number} stretches, for example {name}")
    return said.format(number=format_number(fault.stretches), name=name)
