"""Closing, slowing and opening a road, on whichever page it is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import geopandas as gpd
import shapely
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_datetime, format_number
from gridmap.pages import state
from gridmap.pages.panel import act, attempt
from gridmap.pages.visit import Visit
from gridmap.services import closures
from gridmap.services.closures import NewClosure
from gridmap.views.cards import draw_item, draw_note

_NEVER = 0
_SPANS_H = (1, 4, 12, 24, 7 * 24, _NEVER)
"""How long a road may be closed for, hours."""

_LEAST_KMH, _USUAL_KMH, _MOST_KMH = 5, 20, 120


def draw_closure_form(visit: Visit, number: int) -> None:
    """A new closure at the point looked at; `number` of those that stand, so that the next form is empty."""
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


def draw_opening(visit: Visit, closure_id: int, *, version: int | None = None) -> None:
    """The button that ends a closure."""
    _ = visit.translate

    def open_it(now: Visit) -> None:
        closures.open_road(now.context, now.actor, closure_id=closure_id, version=version)
        state.look_away()

    done = _("The road is open again.")
    st.button(_("Open the road"), key=f"closure_open_{closure_id}", on_click=partial(act, visit, open_it, done=done))


def draw_closure(visit: Visit, row: gpd.GeoSeries) -> None:
    """A closure that stands, a row of `services.closures.list_closures`, with the button that ends it."""
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
    if visit.may(Permission.CLOSE_ROADS):
        draw_opening(visit, int(row["id"]), version=int(row["version"]))
