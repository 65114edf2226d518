"""Who can be at the place looked at: read once for map and panel, teams to send, the form of a new incident."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.incidents import IncidentKind
from gridmap.domain.roads.isochrones import ReachBand
from gridmap.errors import NoData, Unreachable
from gridmap.i18n import describe_error
from gridmap.i18n.formats import format_distance, format_duration
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.map_area import GROUND
from gridmap.pages.panel import attempt, heading
from gridmap.pages.state import Place, Thing
from gridmap.pages.visit import Visit, draw_notice
from gridmap.services import incidents, response
from gridmap.services.incidents import NewIncident
from gridmap.services.response import Responder
from gridmap.views.cards import draw_empty, draw_item, draw_note
from gridmap.views.map import MapOverlay, RouteLine, RoutePart
from gridmap.views.palette import palette_for
from gridmap.views.reach import draw_reach

_WORTH_SAYING_M = 100.0
"""A team that begins so far off the road, or an incident that lies so far off, is later than the time by road says."""


_AROUND_DEG = (0.06, 0.045)
"""Half the width and height of what is shown of an incident's surroundings: about five kilometres each way."""


@dataclass(frozen=True)
class Look:
    """What is known about getting to the place looked at.

    Attributes
    ----------
    coming
        Teams on their way there, `free` the nearest others.
    fault
        Why nothing is known.
    """

    place: Place
    coming: tuple[Responder, ...] = ()
    free: tuple[Responder, ...] = ()
    bands: tuple[ReachBand, ...] = ()
    fault: NoData | None = None


def read_look(visit: Visit) -> Look | None:
    """Teams and reach for the incident or point looked at; None where nothing is, what is looked at moves, or is a
    closed road."""
    thing, point = state.THING.get(), state.POINT.get()
    if point is None or (thing is not None and thing.kind in {"team", "closure"}):
        return None
    context, actor = visit.context, visit.actor
    coming: tuple[Responder, ...] = ()
    bands: tuple[ReachBand, ...] = ()
    try:
        if thing is not None and thing.kind == "incident":
            coming = response.trace_dispatches(context, actor, incident_id=thing.id)
        free = response.find_responders(context, actor, lon=point.lon, lat=point.lat)
    except NoData as fault:
        return Look(point, fault=fault)
    # Far from every road there is no reach to show, and the list says that nobody comes there.
    with suppress(Unreachable):
        bands = readings.compute_reach(visit, lon=point.lon, lat=point.lat)
    return Look(point, coming, free, bands)


def draw_look(visit: Visit, look: Look | None) -> MapOverlay:
    """The ways and the reach, for the map; who is on the way stands out from who could be sent."""
    if look is None:
        return MapOverlay()
    ways = (*look.coming, *look.free)
    return MapOverlay(
        routes=tuple(
            RouteLine(
                name=f"{way.name} · {format_duration(way.seconds, visit.translate)}",
                parts=_draw_parts(way, look.place),
                colour=number,
                faded=bool(look.coming) and number >= len(look.coming),
            )
            for number, way in enumerate(ways)
        ),
        reach=draw_reach(look.bands, translate=visit.translate),
    )


def _draw_parts(way: Responder, place: Place) -> tuple[RoutePart, ...]:
    """The way by road, and straight on to a place that lies off it."""
    line = tuple((float(lon), float(lat)) for lon, lat in way.line_wgs84.coords)
    by_road = RoutePart(line=line, kind="walk" if way.kind == "foot" else "drive")
    if way.end_off_m < _WORTH_SAYING_M:
        return (by_road,)
    return (by_road, RoutePart(line=(line[-1], (place.lon, place.lat)), kind="walk"))


def draw_place(visit: Visit, look: Look) -> None:
    """For a point: what happened there, and who is sent."""
    _ = visit.translate
    new = None
    if visit.may(Permission.DISPATCH):
        new = _draw_form(visit, look.place)
    chosen = draw_free_teams(visit, look, action=_("Report and send") if new else "")
    if new is None:
        return
    alone = st.button(_("Report without a team"), key="incident_alone", width="stretch")
    if chosen is not None or alone:
        attempt(visit, lambda: _open(visit, new, chosen), done=_("The incident is reported."))


def _open(visit: Visit, new: NewIncident, team_id: int | None) -> None:
    incident_id = incidents.open_incident(visit.context, visit.actor, new=new, team_id=team_id)
    # The next incident begins with empty fields.
    for key in ("incident_kind", "incident_severity", "incident_title"):
        st.session_state.pop(key, None)
    state.look_at(Thing("incident", incident_id), look_around(new.lon, new.lat))


def look_around(lon: float, lat: float) -> Place:
    """An incident's place with so much around it that one sees who comes."""
    wide, high = _AROUND_DEG
    return Place(lon, lat, (lon - wide, lat - high, lon + wide, lat + high))


def colour_ways(visit: Visit, ways: tuple[Responder, ...], *, first: int = 0) -> dict[int, str]:
    """The colour that each team's way has on the map, where ways are coloured in order from the `first`."""
    colours = palette_for(visit.theme).routes
    return {way.team_id: colours[number % len(colours)] for number, way in enumerate(ways, start=first)}


def draw_free_teams(visit: Visit, look: Look, *, action: str) -> int | None:
    """The nearest free teams, each with a button named `action` ("" = none); answers whose was pressed."""
    _ = visit.translate
    heading(_("Nearest free teams by road"))
    if look.fault is not None:
        draw_notice(describe_error(look.fault, _))
        return None
    if not look.free:
        st.html(draw_empty(_("No free team can reach this point by road.")))
        return None
    colours = colour_ways(visit, look.free, first=len(look.coming))
    chosen = None
    for way in look.free:
        with st.container(key=f"gm_pair_{way.team_id}", horizontal=True, vertical_alignment="center"):
            title = f"{way.name} · {label('team_kind', way.kind, _)}"
            st.html(draw_item(title, _describe_way(visit, way), colour=colours[way.team_id]))
            if action and st.button(action, key=f"send_{way.team_id}", width="content"):
                chosen = way.team_id
    off_m = look.free[0].end_off_m
    if off_m >= _WORTH_SAYING_M:
        text = _("The place lies {distance} off the road; the last part takes longer.")
        st.html(draw_note(text.format(distance=format_distance(off_m, _)), tone="warn"))
    return chosen


def _describe_way(visit: Visit, way: Responder) -> str:
    _ = visit.translate
    parts = [format_duration(way.seconds, _), format_distance(way.metres, _)]
    if way.start_off_m >= _WORTH_SAYING_M:
        parts.append(_("starts {distance} off the road").format(distance=format_distance(way.start_off_m, _)))
    return " · ".join(parts)


def _draw_form(visit: Visit, place: Place) -> NewIncident:
    """Kind, severity and title of what happened at the point."""
    _ = visit.translate
    heading(_("Report an incident here"))
    kind = st.selectbox(
        _("Kind"),
        list(IncidentKind),
        format_func=lambda k: label("incident_kind", k.value, _),
        filter_mode=None,
        key="incident_kind",
        label_visibility="collapsed",
    )
    severity = st.segmented_control(
        _("Severity"),
        [1, 2, 3, 4],
        default=2,
        required=True,
        format_func=lambda s: label("severity", s, _),
        key="incident_severity",
        label_visibility="collapsed",
    )
    title = st.text_input(
        _("Title"),
        max_chars=80,
        key="incident_title",
        placeholder=_("In a few words what happens (may stay empty)"),
        label_visibility="collapsed",
    )
    return NewIncident(
        kind=kind or IncidentKind.OTHER, severity=severity or 2, title=title.strip(), lon=place.lon, lat=place.lat
    )


def is_ground(thing: Thing | None) -> bool:
    """Whether what is looked at is a place where something may happen, rather than a thing with a life of its own."""
    return thing is None or thing.kind in GROUND
