"""The roster of the next days: which post sees how much on which day, and all days kept as drafts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n import Translate
from gridmap.i18n.formats import BEIJING, format_date, format_share
from gridmap.pages import state
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import FEW, Row, attempt, draw_rows, heading
from gridmap.pages.plan_form import draw_shift, draw_teams, list_shift_keys
from gridmap.pages.state import Said
from gridmap.pages.visit import Visit
from gridmap.services import planning, roster_plans, rosters
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.roster_plans import DayPlans
from gridmap.services.rosters import RosterDocument, RosterRequest
from gridmap.views.cards import Cell, Column, draw_figures, draw_note, draw_table
from gridmap.views.plan_words import describe_task

_ASKED = ("roster_from", "roster_days", "roster_teams", *list_shift_keys("roster_shift"))
_FULL = 0.95


def draw_roster(visit: Visit) -> None:
    """The form, the work, or the week."""
    _ = visit.translate
    if not visit.may(Permission.PLAN_PATROLS):
        st.html(draw_note(_("A patrol planner computes plans; you can look at the saved ones.")))
        return
    if state.ROSTER_JOB.get():
        state.hold(*_ASKED)
        heading(_("Spreading the visits over the days"))
        draw_job(visit, state.ROSTER_JOB, finish=state.ROSTER.set)
        return
    if state.ROSTER_PLANS_JOB.get():
        state.hold(*_ASKED)
        heading(_("Computing the plan of each day"))
        draw_job(visit, state.ROSTER_PLANS_JOB, finish=partial(_keep, visit))
        return
    _draw_form(visit)
    roster, request = state.ROSTER.get(), state.ROSTER_ASKED.get()
    if roster is not None and request is not None:
        _draw_week(visit, roster, request)


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
    team_ids = draw_teams(visit, key="roster_teams")
    start, end = draw_shift(visit, key="roster_shift", day=first)
    if st.button(_("Make the roster"), type="primary", key="roster_start"):
        plan = PatrolRequest(team_ids=team_ids, shift_start=start, shift_end=end)
        request = RosterRequest(plan=plan, first_day=first or today, days=days)
        state.ROSTER_ASKED.set(request)
        state.ROSTER.clear()
        jobs, settings = visit.context.jobs, visit.context.settings
        state.ROSTER_JOB.set(
            jobs.submit_for(visit.actor.name, "roster", rosters.roster_job, settings, visit.actor, request)
        )
        st.rerun()


def _draw_week(visit: Visit, roster: RosterDocument, request: RosterRequest) -> None:
    _ = visit.translate
    figures = [
        (str(roster["visits"]), _("visits")),
        (str(len(roster["missing"])), _("not seen in time")),
    ]
    if roster["variation"] is not None:
        figures.append((format_share(roster["variation"]), _("on another weekday than before")))
    st.html(draw_figures(figures))
    dates = [date.fromisoformat(day["date"]) for day in roster["days"]]
    days = [
        Column(f"{day:%m-%d}" if i == 0 or day.day == 1 else f"{day:%d}", numeric=True) for i, day in enumerate(dates)
    ]
    st.html(draw_table([Column(_("Post")), *days], _write_posts(roster)))
    st.html(draw_note(_("How full the working time of a post is; the rest is for ways from and to the post.")))
    if st.button(_("Save all days as drafts"), key="roster_save"):
        jobs, settings = visit.context.jobs, visit.context.settings
        state.ROSTER_PLANS_JOB.set(
            jobs.submit_for(
                visit.actor.name, "roster_plans", roster_plans.plans_job, settings, visit.actor, request, roster
            )
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


def _write_posts(roster: RosterDocument) -> list[list[str | Cell]]:
    """A row for each post: there may be many of them, and of days only fourteen."""
    rows: list[list[str | Cell]] = []
    for posts in zip(*(day["posts"] for day in roster["days"]), strict=True):
        shares = [post["load_s"] / post["capacity_s"] if post["capacity_s"] else 0.0 for post in posts]
        cells = [Cell(format_share(share), "warn" if share > _FULL else "", share) for share in shares]
        rows.append([posts[0]["post"], *cells])
    return rows


def _keep(visit: Visit, made: DayPlans) -> None:
    def save() -> None:
        for document in made.plans:
            name = " ".join(part for part in (document["service_date"], document.get("area_name", "")) if part)
            planning.save_plan(visit.context, visit.actor, document=document, name=name)

    _ = visit.translate
    if not made.plans:
        state.SAID.set(Said(_("Stopped. Nothing was changed.")))
        return
    attempt(visit, save, done=" ".join([describe_kept(made, _), *describe_repeats(made, _)]))


def describe_kept(made: DayPlans, translate: Translate) -> str:
    """That the days are saved, or how many of them where somebody stopped the work."""
    _ = translate
    if not made.unplanned:
        return _("Plans saved: {days}. They are in the list of saved plans, to be published day by day.").format(
            days=len(made.plans)
        )
    words = _("Stopped: {planned} of {days} days have a plan and are saved.")
    return words.format(planned=len(made.plans), days=len(made.plans) + len(made.unplanned))


def describe_repeats(made: DayPlans, translate: Translate) -> list[str]:
    """How many visits can be foretold by the hour of another day, and without varying hours; nothing where none can."""
    _ = translate
    if made.repeats.share is None or made.repeats_before.share is None:
        return []
    words = _("{share} of repeated visits come in an hour of another day; were hours not varied, {before} would.")
    return [words.format(share=format_share(made.repeats.share), before=format_share(made.repeats_before.share))]
