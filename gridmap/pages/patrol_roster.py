"""The roster of the next days: which post sees how much on which day, and all days kept as drafts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import BEIJING, format_date, format_share
from gridmap.pages import state
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import FEW, Row, attempt, draw_rows, heading
from gridmap.pages.visit import Visit
from gridmap.services import planning, rosters
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.rosters import RosterDocument, RosterRequest
from gridmap.views.cards import Cell, Column, draw_figures, draw_note, draw_table
from gridmap.views.plan_words import describe_task

_FULL = 0.95


def draw_roster(visit: Visit) -> None:
    """The form, the work, or the week."""
    _ = visit.translate
    if not visit.may(Permission.PLAN_PATROLS):
        st.html(draw_note(_("A patrol planner computes plans; you can look at the saved ones.")))
        return
    if state.ROSTER_JOB.get():
        heading(_("Spreading the visits over the days"))
        draw_job(visit, state.ROSTER_JOB, finish=state.ROSTER.set)
        return
    if state.ROSTER_PLANS_JOB.get():
        heading(_("Computing the plan of each day"))
        draw_job(visit, state.ROSTER_PLANS_JOB, finish=partial(_keep, visit))
        return
    _draw_form(visit)
    roster = state.ROSTER.get()
    if roster is not None:
        _draw_week(visit, roster)


def _draw_form(visit: Visit) -> None:
    _ = visit.translate
    today = visit.now.astimezone(BEIJING).date()
    first = st.selectbox(
        _("First day"),
        [today + timedelta(days=n) for n in range(14)],
        format_func=format_date,
        filter_mode=None,
        key="roster_from",
    )
    days = st.slider(_("How many days"), 1, 14, 7, key="roster_days")
    if st.button(_("Make the roster"), type="primary", key="roster_start"):
        request = _ask(first or today, days)
        jobs, settings = visit.context.jobs, visit.context.settings
        state.ROSTER_JOB.set(
            jobs.submit_for(visit.actor.name, "roster", rosters.roster_job, settings, visit.actor, request)
        )
        st.rerun()


def _ask(first: date, days: int) -> RosterRequest:
    return RosterRequest(plan=PatrolRequest(), first_day=first, days=days)


def _draw_week(visit: Visit, roster: RosterDocument) -> None:
    _ = visit.translate
    figures = [
        (str(roster["visits"]), _("visits")),
        (str(len(roster["missing"])), _("not seen in time")),
    ]
    if roster["variation"] is not None:
        figures.append((format_share(roster["variation"]), _("on another weekday than before")))
    st.html(draw_figures(figures))
    posts = [post["post"] for post in roster["days"][0]["posts"]]
    columns = [Column(_("Day"), numeric=True), *(Column(name, numeric=True) for name in posts)]
    st.html(draw_table(columns, [_write_day(day) for day in roster["days"]]))
    st.html(draw_note(_("How full the working time of a post is; the rest is for ways from and to the post.")))
    if st.button(_("Save all days as drafts"), key="roster_save"):
        request = _ask(date.fromisoformat(roster["from"]), len(roster["days"]))
        jobs, settings = visit.context.jobs, visit.context.settings
        state.ROSTER_PLANS_JOB.set(
            jobs.submit_for(visit.actor.name, "roster_plans", rosters.plans_job, settings, visit.actor, request, roster)
        )
        st.rerun()
    if roster["missing"]:
        heading(_("Not seen in time ({number})").format(number=len(roster["missing"])))
        tasks = {task["key"]: describe_task(task, roster, _) for task in roster["tasks"]}
        rows = [
            Row(str(i), tasks[item["task"]], _("no visit by {day}").format(day=item["date"]))
            for i, item in enumerate(roster["missing"])
        ]
        draw_rows(visit, "roster_missing", rows, empty="", step=FEW)


def _write_day(day: dict[str, Any]) -> list[str | Cell]:
    shares = [post["load_s"] / post["capacity_s"] if post["capacity_s"] else 0.0 for post in day["posts"]]
    row: list[str | Cell] = [f"{date.fromisoformat(day['date']):%m-%d}"]
    row += [Cell(format_share(share), "warn" if share > _FULL else "", share) for share in shares]
    return row


def _keep(visit: Visit, documents: list[dict[str, Any]]) -> None:
    def save() -> None:
        for document in documents:
            name = " ".join(part for part in (document["service_date"], document.get("area_name", "")) if part)
            planning.save_plan(visit.context, visit.actor, document=document, name=name)

    attempt(visit, save, done=visit.translate("Saved. It is in the list of plans."))
