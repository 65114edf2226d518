"""The plan shown beside one that was kept: totals, teams, and what becomes of each task."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from gridmap.domain.patrol.balance import TeamLoad
from gridmap.domain.patrol.comparison import Change, PlanDifference
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_date, format_duration, format_number
from gridmap.pages import state
from gridmap.pages.panel import FEW, Row, draw_rows, heading
from gridmap.pages.visit import Visit
from gridmap.services import plan_comparing, planning
from gridmap.views.cards import Column, draw_empty, draw_note, draw_table
from gridmap.views.plan_difference import describe_change, list_changes, list_totals
from gridmap.views.plan_words import describe_task


def draw_comparison(visit: Visit, document: dict[str, Any]) -> None:
    """Choose a kept plan, and see what changes when the one shown takes its place."""
    _ = visit.translate
    plans = planning.list_plans(visit.context, visit.actor)
    others = plans[plans["id"] != state.PLAN_SAVED_ID.get()]
    if others.empty:
        return
    heading(_("Compare with a saved plan"))
    mended = (document.get("repair") or {}).get("plan_id")
    names = {int(row.id): f"{row.name} · {format_date(row.service_date)}" for row in others.itertuples()}
    chosen = st.selectbox(
        _("Saved plan"),
        list(names),
        # A mended plan is beside the one that it mends from the first.
        index=list(names).index(mended) if mended in names else None,
        format_func=names.__getitem__,
        filter_mode=None,
        placeholder=_("Choose a plan"),
        key="plan_other" if mended is None else f"plan_other_{mended}",
    )
    before = state.PLAN_BEFORE.get()
    if chosen is None:
        if before is not None:
            state.PLAN_BEFORE.clear()
            st.rerun()
        return
    kept, difference = plan_comparing.compare_with_saved(
        visit.context, visit.actor, document=document, plan_id=int(chosen)
    )
    if before != kept:
        state.PLAN_BEFORE.set(dict(kept))
        # The map above is drawn already.
        st.rerun()
    _draw_totals(visit, difference)
    _draw_teams(visit, difference)
    _draw_changes(visit, dict(kept), document, difference)


def _draw_totals(visit: Visit, difference: PlanDifference) -> None:
    _ = visit.translate
    if difference.gained_s:
        less, more = _("The teams are out {time} less in all."), _("The teams are out {time} more in all.")
        words = less if difference.gained_s > 0 else more
        st.html(draw_note(words.format(time=format_duration(abs(difference.gained_s), _))))
    columns = [Column(""), Column(_("Before"), numeric=True), Column(_("After"), numeric=True)]
    st.html(draw_table([*columns, Column("±", numeric=True)], list_totals(difference, _)))


def _draw_teams(visit: Visit, difference: PlanDifference) -> None:
    _ = visit.translate
    columns = [Column(_("Team (tasks · time)")), Column(_("Before"), numeric=True), Column(_("After"), numeric=True)]
    told = [(team.name, *(_tell_load(load, _) for load in (team.before, team.after))) for team in difference.teams]
    rows = [row for row in told if row[1] != row[2]]
    if rows:
        st.html(draw_table(columns, rows))
    if same := len(told) - len(rows):
        st.html(draw_note(_("Teams as before: {number}").format(number=format_number(same))))


def _tell_load(load: TeamLoad | None, translate: Translate) -> str:
    if load is None or not load.stops:
        return "—"
    return f"{load.tasks} · {format_duration(load.duration_s, translate)}"


def _draw_changes(visit: Visit, before: dict[str, Any], after: dict[str, Any], difference: PlanDifference) -> None:
    _ = visit.translate
    told = partial(describe_change, before=before, after=after, translate=_)
    changes = list_changes(difference)
    tasks = {task["key"]: (task, document) for document in (before, after) for task in document["tasks"]}
    heading(_("Changed tasks ({number})").format(number=len(changes)))
    retimed = len(difference.of(Change.RETIMED))
    if retimed:
        st.html(draw_note(_("{number} more tasks stay with their team at another time.").format(number=retimed)))
    if not changes:
        st.html(draw_empty(_("Every task stays with its team.")))
        return
    rows = [
        Row(change.task, f"{number}. {describe_task(*tasks[change.task], _)}", told(change))
        for number, change in enumerate(changes, start=1)
    ]
    chosen = draw_rows(visit, "changes", rows, empty="", step=FEW)
    if chosen is not None:
        task, _document = tasks[chosen]
        state.look_at(state.Thing(task["kind"], task["id"]), state.Place(task["lon"], task["lat"]))
        st.rerun()
