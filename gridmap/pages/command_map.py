"""Command map: everything on one map, what needs attention beside it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_age, format_span
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.cards import draw_card
from gridmap.pages.closure_form import draw_closure_form, draw_opening
from gridmap.pages.incidents import TOLD_EVERY, draw_incident, draw_open_incidents
from gridmap.pages.map_area import draw_map_area, follow
from gridmap.pages.panel import Row, draw_rows, heading, panel
from gridmap.pages.response import Look, draw_free_teams, draw_look, draw_place, is_ground, read_look
from gridmap.pages.state import Place, Thing
from gridmap.pages.visit import Visit, calm
from gridmap.services import alerts, areas

LAYERS = ("segments", "stations", "sites", "hazards", "closures", "incidents", "teams", "trails")


def draw(visit: Visit) -> None:
    """Map, search, what is looked at with the teams that can be there, open incidents, alerts."""
    _ = visit.translate
    follow("map")
    look = read_look(visit)
    draw_map_area(visit, "map", layers=LAYERS, overlay=draw_look(visit, look))
    with panel(visit, _("Command map")):
        _draw_search(visit)
        _draw_looked_at(visit, look)
        _watch_incidents(visit)
        _watch(visit)


def _draw_looked_at(visit: Visit, look: Look | None) -> None:
    """A place is first of all where something may have happened; a thing has its card first."""
    thing = state.THING.get()
    if thing is not None and thing.kind == "incident":
        draw_incident(visit, thing, look)
    elif look is not None and is_ground(thing):
        draw_place(visit, look)
        _draw_closing(visit)
        if thing is not None:
            draw_card(visit, thing)
        else:
            st.button(visit.translate("Close"), on_click=state.look_away, key="point_close")
    elif thing is not None:
        draw_card(visit, thing, beside=partial(_draw_opening, visit, thing))
        if look is not None:
            draw_free_teams(visit, look, action="")


def _draw_opening(visit: Visit, thing: Thing) -> None:
    if thing.kind == "closure" and visit.may(Permission.CLOSE_ROADS):
        draw_opening(visit, thing.id)


def _draw_closing(visit: Visit) -> None:
    """The road at the place looked at, to be closed from here."""
    if visit.may(Permission.CLOSE_ROADS):
        with st.expander(visit.translate("Close a road")):
            draw_closure_form(visit, 0)


def _draw_search(visit: Visit) -> None:
    _ = visit.translate
    text = st.text_input(
        _("Search"),
        key="search",
        placeholder=_("Place, team or mileage, for example K12+300"),
        label_visibility="collapsed",
        live=True,
    ).strip()
    if not text:
        return
    hits = {str(index): hit for index, hit in enumerate(areas.search(visit.context, visit.actor, text=text))}
    rows = [Row(key, hit.label, label("search_kind", hit.kind, _)) for key, hit in hits.items()]
    key = draw_rows(visit, "hits", rows, empty=_("Nothing found. Try a shorter word."))
    if key is not None:
        hit = hits[key]
        thing = None if hit.id is None or hit.kind in {"place", "mileage"} else Thing(hit.kind, int(hit.id))
        state.look_at(thing, Place(hit.lon, hit.lat, hit.bounds))
        st.rerun()


@st.fragment(run_every=TOLD_EVERY)
def _watch_incidents(visit: Visit) -> None:
    with calm(visit.translate):
        draw_open_incidents(visit)


@st.fragment(run_every="15s")
def _watch(visit: Visit) -> None:
    with calm(visit.translate):
        _draw_alerts(visit)


def _describe_since(visit: Visit, alert: alerts.Alert) -> str:
    span_s = (visit.now - alert.since).total_seconds()
    if alert.kind == "silent_team":
        return format_age(span_s, visit.translate)
    return visit.translate("overdue for {time}").format(time=format_span(span_s, visit.translate))


def _draw_alerts(visit: Visit) -> None:
    _ = visit.translate
    # Incidents stand above already, with all that can be done about them.
    listed = [alert for alert in alerts.list_alerts(visit.context, visit.actor) if alert.kind != "incident"]
    found = {str(index): alert for index, alert in enumerate(listed)}
    heading(_("Needs attention ({number})").format(number=len(found)))
    rows = [
        Row(
            key,
            _(alert.message).format(**alert.values),
            _describe_since(visit, alert),
            "red",
        )
        for key, alert in found.items()
    ]
    key = draw_rows(visit, "alerts", rows, empty=_("Nothing needs attention now."))
    if key is not None:
        alert = found[key]
        state.look_at(Thing(alert.target_kind, alert.target_id), Place(alert.lon, alert.lat))
        st.rerun()
