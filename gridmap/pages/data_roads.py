"""Roads: close or slow one, open it again, and see what the cars of each post cannot reach and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import geopandas as gpd
import shapely
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.errors import NoData
from gridmap.i18n.formats import format_datetime, format_distance, format_number
from gridmap.pages import readings, state
from gridmap.pages.map_area import draw_map_area
from gridmap.pages.panel import Row, act, attempt, draw_rows, heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit
from gridmap.services import closures
from gridmap.services.closures import NewClosure
from gridmap.services.road_check import EXPLANATIONS, Reachability, RoadFault
from gridmap.views.cards import draw_empty, draw_item, draw_note
from gridmap.views.map import MapOverlay
from gridmap.views.road_changes import draw_road_changes

SECTION = "roads"
_NEVER = 0
_SPANS_H = (1, 4, 12, 24, 7 * 24, _NEVER)
"""How long a road may be closed for, hours."""

_LEAST_KMH, _USUAL_KMH, _MOST_KMH = 5, 20, 120


def draw_roads_map(visit: Visit) -> None:
    """The map with what is closed or slowed; a click chooses the road of a new closure."""
    lines, marks = draw_road_changes(closures.list_closures(visit.context, visit.actor))
    may_close = visit.may(Permission.EDIT_HAZARDS)
    overlay = MapOverlay(routes=lines, marks=marks)
    event = draw_map_area(visit, "data", layers=("stations",), select="none", pick_point=may_close, overlay=overlay)
    if event is not None and may_close:
        state.point_at(None, Place(event.lon, event.lat))
        st.rerun()


def draw_roads(visit: Visit) -> None:
    """A new closure, those that stand, and what is out of reach."""
    _ = visit.translate
    standing = closures.list_closures(visit.context, visit.actor)
    if visit.may(Permission.EDIT_HAZARDS):
        heading(_("Close a road"))
        _draw_new(visit, len(standing))
    heading(_("Closed and slowed ({number})").format(number=len(standing)))
    if standing.empty:
        st.html(draw_empty(_("Every road is open.")))
    for number in range(len(standing)):
        _draw_closure(visit, standing.iloc[number])
    _draw_reach(visit)


def _draw_new(visit: Visit, number: int) -> None:
    _ = visit.translate
    point = state.POINT.get()
    if point is None:
        st.html(draw_note(_("Click the road on the map.")))
        return
    said = _("Marked at {lon}°, {lat}°. Click again to move it.")
    st.html(draw_note(said.format(lon=f"{point.lon:.5f}", lat=f"{point.lat:.5f}")))
    reason = st.text_input(_("Reason"), key=f"closure_reason_{number}", max_chars=80, live=True)
    is_slow = st.toggle(_("Slow instead of closed"), key=f"closure_slow_{number}")
    speed = st.number_input(
        _("No faster than, km/h"),
        _LEAST_KMH,
        _MOST_KMH,
        _USUAL_KMH,
        key=f"closure_speed_{number}",
        disabled=not is_slow,
    )
    hours = st.selectbox(
        _("For how long"),
        _SPANS_H,
        index=1,
        format_func=_name_span(visit),
        filter_mode=None,
        key=f"closure_for_{number}",
    )
    words = _("Slow the road") if is_slow else _("Close the road")
    if st.button(words, type="primary", disabled=not reason.strip(), key="closure_save"):
        new = NewClosure(
            geometry_wgs84=shapely.Point(point.lon, point.lat),
            reason=reason,
            speed_kmh=float(speed) if is_slow else None,
            ends_at=None if hours == _NEVER else visit.now + timedelta(hours=hours),
        )
        attempt(visit, partial(_close, visit, new), done=_("Routes and plans go round it from now on."))


def _close(visit: Visit, new: NewClosure) -> None:
    closures.close_road(visit.context, visit.actor, new=new)
    state.look_away()


def _name_span(visit: Visit) -> Callable[[int], str]:
    _ = visit.translate

    def name(hours: int) -> str:
        if hours == _NEVER:
            return _("Until it is opened")
        return _("{number} days").format(number=hours // 24) if hours > 24 else _("{number} h").format(number=hours)

    return name


def _draw_closure(visit: Visit, row: gpd.GeoSeries) -> None:
    _ = visit.translate
    what = (
        _("Closed to traffic")
        if row["speed_kmh"] is None
        else _("No faster than {kmh} km/h").format(kmh=f"{row['speed_kmh']:g}")
    )
    until = _("until it is opened")
    if row["ends_at"] is not None:
        until = _("until {time}").format(time=format_datetime(row["ends_at"]))
    stretches = _("{number} stretches").format(number=format_number(row["edges"]))
    st.html(draw_item(row["reason"], f"{what} · {until} · {stretches}", tone="red"))
    if visit.may(Permission.EDIT_HAZARDS):
        closure_id, version = int(row["id"]), int(row["version"])

        def open_it(now: Visit) -> None:
            closures.open_road(now.context, now.actor, closure_id=closure_id, version=version)

        done = _("The road is open again.")
        st.button(
            _("Open the road"), key=f"closure_open_{closure_id}", on_click=partial(act, visit, open_it, done=done)
        )


# --- what is out of reach ---------------------------------------------------------------------------------------


def _draw_reach(visit: Visit) -> None:
    """The connected roads, then the posts whose cars reach less than those."""
    _ = visit.translate
    try:
        whole, *posts = readings.check_roads(visit)
    except NoData as nothing:
        st.html(draw_empty(_(nothing.message)))
        return
    heading(_("What cars cannot reach"))
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
    clicked = draw_rows(visit, f"reach_{name}", rows, empty=_("Cars reach every road."))
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
