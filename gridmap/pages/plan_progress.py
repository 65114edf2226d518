"""A published plan while it is carried out: how far each team is, what it could not do, and the tally at the end."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.orders import StopState
from gridmap.i18n.formats import format_distance, format_duration
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import heading
from gridmap.pages.state import Said
from gridmap.pages.visit import Visit, calm
from gridmap.services import orders, plan_closing, planning
from gridmap.views.cards import Cell, Column, draw_empty, draw_item, draw_note, draw_table
from gridmap.views.plans import describe_stop
from gridmap.views.team_order import write_moment

LATE_FROM_S = 600.0
"""Teams that are later than this are marked."""


def draw_progress(visit: Visit, document: dict[str, Any]) -> None:
    """Planned against actual of the plan that is shown, where it was published; nothing for a draft."""
    plan_id = state.PLAN_SAVED_ID.get()
    if plan_id is None:
        return
    if state.PLAN_CLOSING.get():
        # Also where the plan is closed by now: the end of the job is told before anything else.
        _follow_closing(visit)
        return
    plans = planning.list_plans(visit.context, visit.actor).set_index("id")
    if plan_id not in plans.index or plans.loc[plan_id, "status"] in {"draft", "replaced"}:
        return
    if plans.loc[plan_id, "status"] == "closed":
        _draw_outcome(visit, plan_id)
        _draw_undone(visit, plan_id, document)
        return
    _watch(visit, plan_id, document)
    if visit.may(Permission.PLAN_PATROLS):
        _draw_closing(visit, plan_id, version=int(plans.loc[plan_id, "version"]))


@st.fragment(run_every="10s")
def _watch(visit: Visit, plan_id: int, document: dict[str, Any]) -> None:
    with calm(visit.translate):
        _draw_teams(visit, plan_id)
        _draw_undone(visit, plan_id, document)


def _draw_teams(visit: Visit, plan_id: int) -> None:
    _ = visit.translate
    found = orders.list_progress(visit.context, visit.actor, plan_id=plan_id)
    confirmed = int(found["confirmed_at"].notna().sum())
    heading(_("Carried out"))
    if found.empty:
        st.html(draw_empty(_("No team of this plan exists any more.")))
        return
    st.html(draw_note(_("Confirmed by {number} of {all} teams").format(number=confirmed, all=len(found))))
    columns = [
        Column(_("Team")),
        Column(_("Finished"), numeric=True),
        Column(_("Next stop")),
        Column(_("Late"), numeric=True),
    ]
    st.html(draw_table(columns, [_describe_team(visit, row) for row in found.itertuples()]))
    addresses = {row.team_name: f"/team/orders/{plan_id}/{int(row.team_id)}" for row in found.itertuples()}
    st.html(f'<p class="gm-sub">{_("Orders")}: {" · ".join(_link(*pair) for pair in addresses.items())}</p>')


def _link(text: str, address: str) -> str:
    return f'<a href="{address}" target="_blank">{html.escape(text)}</a>'


def _describe_team(visit: Visit, row: Any) -> tuple[Cell, ...]:
    _ = visit.translate
    waiting = row.confirmed_at is None or pd.isna(row.confirmed_at)
    name = Cell(row.team_name, "warn") if waiting else Cell(row.team_name)
    done = f"{row.done} / {row.stops}"
    if row.cannot:
        done += f" (−{row.cannot})"
    if row.overtaken:
        return Cell(row.team_name), Cell(done), Cell(_("goes by another plan"), "quiet"), Cell("")
    if row.next is None:
        return name, Cell(done, "good"), Cell(_("All stops are dealt with.")), Cell("")
    late = row.late_s >= LATE_FROM_S
    return (
        name,
        Cell(done),
        Cell(f"{row.next}. {write_moment(row.planned_at)}"),
        Cell(format_duration(row.late_s, _) if late else "", "alert" if late else ""),
    )


def _draw_undone(visit: Visit, plan_id: int, document: dict[str, Any]) -> None:
    """Stops that could not be done, with their reasons."""
    _ = visit.translate
    stops = orders.list_stops(visit.context, visit.actor, plan_id=plan_id)
    undone = stops[stops["state"] == StopState.CANNOT.value]
    if undone.empty:
        return
    heading(_("Could not be done ({number})").format(number=len(undone)))
    for stop in undone.itertuples():
        why = [label("cannot_reason", stop.reason, _), stop.note, write_moment(stop.ended_at)]
        st.html(draw_item(describe_stop({"tasks": stop.tasks}, document, _), " · ".join(part for part in why if part)))
        if not pd.isna(stop.photo_id):
            st.html(f'<p class="gm-sub">{_link(_("Photo"), f"/team/photos/{int(stop.photo_id)}.jpg")}</p>')


def _draw_closing(visit: Visit, plan_id: int, *, version: int) -> None:
    _ = visit.translate
    if st.button(_("Close the plan"), key="plan_close"):
        jobs, settings = visit.context.jobs, visit.context.settings
        given = (settings, visit.actor, plan_id, version)
        state.PLAN_CLOSING.set(jobs.submit_for(visit.actor.name, "close_plan", plan_closing.close_job, *given))
        st.rerun()


def _follow_closing(visit: Visit) -> None:
    _ = visit.translate
    said = Said(_("The plan is closed, with what was planned and what was done."))
    draw_job(visit, state.PLAN_CLOSING, finish=lambda _outcome: state.SAID.set(said))


def _draw_outcome(visit: Visit, plan_id: int) -> None:
    _ = visit.translate
    outcome = plan_closing.load_outcome(visit.context, visit.actor, plan_id=plan_id)
    heading(_("Planned and actual"))
    if not outcome or not outcome["teams"]:
        st.html(draw_empty(_("No team of this plan exists any more.")))
        return
    columns = [
        Column(_("Team")),
        Column(_("Finished"), numeric=True),
        Column(_("Hours")),
        Column(_("Reported"), numeric=True),
        Column(_("By track"), numeric=True),
    ]
    st.html(draw_table(columns, [_describe_outcome(visit, one) for one in outcome["teams"]]))
    st.html(draw_note(_("Metres of railway of the order: as reported by the team, and as its track covers them.")))


def _describe_outcome(visit: Visit, one: dict[str, Any]) -> tuple[Cell, ...]:
    _ = visit.translate
    start, end = (write_moment(_read_moment(one["actual"][name])) for name in ("start", "end"))
    tracked = _("no track") if one["tracked_m"] is None else format_distance(one["tracked_m"], _)
    return (
        Cell(one["team"]),
        Cell(f"{one['done']} / {one['stops']}", "" if one["done"] == one["stops"] else "warn"),
        Cell(f"{start}–{end}" if start else "—"),
        Cell(format_distance(one["reported_m"], _)),
        Cell(tracked, "quiet" if one["tracked_m"] is None else ""),
    )


def _read_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
