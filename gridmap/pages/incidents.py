"""Open incidents: the list, one of them, and the tasks of the teams sent there, moved on as they report by radio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.incidents import UNDER_WAY
from gridmap.i18n.formats import format_duration, format_span
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.cards import draw_card
from gridmap.pages.panel import FEW, attempt, heading, plain
from gridmap.pages.response import Look, colour_ways, draw_free_teams, look_around
from gridmap.pages.state import Thing
from gridmap.pages.visit import Visit, calm
from gridmap.services import incidents
from gridmap.views.cards import draw_empty, draw_item, draw_note

TOLD_EVERY = "5s"
"""How often what teams report of their tasks is looked up, where the map tells it at once."""


def draw_incident(visit: Visit, thing: Thing, look: Look | None) -> None:
    """One incident: its facts, its teams, and who else may be sent."""
    _ = visit.translate
    found = incidents.list_incidents(visit.context, visit.actor)
    found = found[found["id"] == thing.id]
    if found.empty:
        st.html(draw_empty(_("This incident is over.")))
        st.button(_("Close"), on_click=state.look_away, key="card_close")
        return
    draw_card(visit, thing)
    colours = {} if look is None else colour_ways(visit, look.coming)
    _watch_tasks(visit, thing.id, colours)
    may = visit.may(Permission.DISPATCH)
    if look is not None:
        team_id = draw_free_teams(visit, look, action=_("Send") if may else "")
        if team_id is not None:
            send = partial(incidents.send_team, incident_id=thing.id, team_id=team_id)
            attempt(visit, partial(send, visit.context, visit.actor), done=_("The team has its task."))
    if may:
        _draw_end(visit, thing.id, version=int(found["version"].iloc[0]))


@st.fragment(run_every=TOLD_EVERY)
def _watch_tasks(visit: Visit, incident_id: int, colours: Mapping[int, str]) -> None:
    """Teams move their tasks on by themselves, and may decline them: that is seen while one looks."""
    with calm(visit.translate):
        _draw_tasks(visit, incident_id, _read_sent(visit), where="card", colours=colours)


def draw_open_incidents(visit: Visit) -> None:
    """The open incidents, the gravest first, with their teams; nothing where there is none."""
    _ = visit.translate
    found = incidents.list_incidents(visit.context, visit.actor)
    if found.empty:
        return
    sent = _read_sent(visit)
    heading(_("Open incidents ({number})").format(number=len(found)))
    shown = st.session_state.get("incidents_shown", FEW)
    looked_at = state.THING.get()
    for incident in found.head(shown).itertuples():
        thing = Thing("incident", int(incident.id))
        with st.container(key=f"gm_rows_incident_{thing.id}"):
            title, note = _describe(visit, incident)
            text = f"{plain(title)}  \n:red[{plain(note)}]"
            if st.button(text, key=f"row_incident_{thing.id}", type="tertiary", width="stretch"):
                state.look_at(thing, look_around(float(incident.lon), float(incident.lat)))
                st.rerun()
        if thing != looked_at:
            _draw_tasks(visit, thing.id, sent, where="list", colours={})
    if len(found) > shown:
        more = _("Show more ({number} left)").format(number=len(found) - shown)
        st.button(more, key="more_incidents", on_click=_show_more, args=(shown + FEW,))


def _show_more(shown: int) -> None:
    st.session_state["incidents_shown"] = shown


def _describe(visit: Visit, incident: Any) -> tuple[str, str]:
    """Name of an incident, and its severity, age and number of teams."""
    _ = visit.translate
    kind = label("incident_kind", incident.kind, _)
    facts = [kind] if incident.title else []
    facts.append(label("severity", incident.severity, _))
    facts.append(format_span((visit.now - incident.reported_at).total_seconds(), _))
    if not incident.teams:
        facts.append(_("no team yet"))
    return incident.title or kind, " · ".join(facts)


@dataclass(frozen=True)
class _Sent:
    """Tasks that are open, and those that their teams declined."""

    open: pd.DataFrame
    declined: pd.DataFrame


def _read_sent(visit: Visit) -> _Sent:
    given = visit.context, visit.actor
    return _Sent(incidents.list_dispatches(*given), incidents.list_declined(*given))


def _draw_tasks(visit: Visit, incident_id: int, sent: _Sent, *, where: str, colours: Mapping[int, str]) -> None:
    """Teams bound by an incident, each with the steps that may follow; `colours` are those of their ways on the map.

    Who does not come stands first: another has to be sent.
    """
    _ = visit.translate
    for task in sent.declined[sent.declined["incident_id"] == incident_id].itertuples():
        told = [label("dispatch_state", task.state, _), label("decline_reason", task.reason, _), task.note]
        st.html(draw_item(task.team_name, " · ".join(part for part in told if part), tone="alert"))
    own = sent.open[sent.open["incident_id"] == incident_id]
    if where == "card":
        heading(_("Teams sent ({number})").format(number=len(own)))
        if own.empty:
            st.html(draw_note(_("Nobody is on the way yet.")))
    for task in own.itertuples():
        with st.container(key=f"gm_pair_{where}_{task.id}", horizontal=True, vertical_alignment="center"):
            title = f"{task.team_name} · {label('team_kind', task.team_kind, _)}"
            st.html(draw_item(title, _describe_task(visit, task), colour=colours.get(int(task.team_id), "")))
            if visit.may(Permission.DISPATCH):
                _draw_steps(visit, task, where)


def _describe_task(visit: Visit, task: Any) -> str:
    """State and since when; for a team on its way what was planned."""
    _ = visit.translate
    span = format_span((visit.now - task.changed_at).total_seconds(), _)
    text = f"{label('dispatch_state', task.state, _)} · {span}"
    if task.state not in set(UNDER_WAY):
        return text
    return f"{text} · " + _("planned {time}").format(time=format_duration(task.seconds, _))


def _draw_steps(visit: Visit, task: Any, where: str) -> None:
    _ = visit.translate
    usual = incidents.next_states(task.state)[0]
    for step in (usual.value, "recalled"):
        name = label("dispatch_step", step, _)
        if st.button(name, key=f"{where}_{step}_{task.id}", width="content"):
            advance = partial(incidents.advance_dispatch, dispatch_id=int(task.id), to=step, version=int(task.version))
            said = _("{team}: {state}.").format(team=task.team_name, state=label("dispatch_state", step, _))
            attempt(visit, partial(advance, visit.context, visit.actor), done=said)


def _draw_end(visit: Visit, incident_id: int, *, version: int) -> None:
    _ = visit.translate

    def end() -> None:
        incidents.close_incident(visit.context, visit.actor, incident_id=incident_id, version=version)
        state.look_away()

    if st.button(_("End the incident"), key="incident_end", width="stretch"):
        attempt(visit, end, done=_("The incident is over; its teams are free."))
