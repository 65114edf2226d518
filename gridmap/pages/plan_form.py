"""What a plan is asked for: area, lines, teams, shift; and the plans kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from gridmap.domain.patrol.rules import PatrolRules
from gridmap.i18n.formats import BEIJING, format_date
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.panel import Row, draw_rows, heading
from gridmap.pages.visit import Visit
from gridmap.services import planning, teams
from gridmap.services.planning import PlanRequest
from gridmap.views.cards import draw_note

LONGEST_S = 120
SHIFT = (PlanRequest.shift_start, PlanRequest.shift_end)
TOWN = 4
_HALF_HOUR_S = 1800


def draw_request(visit: Visit) -> None:
    """The form; its button starts the work."""
    _ = visit.translate
    tree = readings.load_tree(visit)
    names = {"": _("All of my area"), **{row.code: row.name for row in tree[tree["level"] <= TOWN].itertuples()}}
    lines = readings.list_lines(visit)
    line_names = {int(row.id): row.name for row in lines.itertuples()}
    today = visit.now.astimezone(BEIJING).date()
    area_code = st.selectbox(_("Area"), list(names), format_func=names.__getitem__, filter_mode=None, key="plan_area")
    line_ids = st.pills(
        _("Lines (none = all)"),
        list(line_names),
        selection_mode="multi",
        format_func=line_names.__getitem__,
        key="plan_lines",
    )
    team_ids = draw_teams(visit, key="plan_teams")
    day = st.selectbox(
        _("Day"),
        [today + timedelta(days=n) for n in range(14)],
        format_func=format_date,
        filter_mode=None,
        key="plan_day",
    )
    start, end = draw_shift(visit, key="plan_shift", day=day)
    horizon = st.slider(_("Also what falls due within, days"), 0, 14, 0, key="plan_horizon")
    hazards = st.toggle(_("Inspect open hazards too"), value=True, key="plan_hazards")
    rules = _draw_rules(visit)
    seconds = st.slider(_("Seconds to compute"), 5, LONGEST_S, 10, step=5, key="plan_seconds")
    if st.button(_("Compute the plan"), type="primary", key="plan_start"):
        request = PlanRequest(
            area_code=area_code or "",
            line_ids=tuple(line_ids) or None,
            team_ids=team_ids,
            shift_start=start,
            shift_end=end,
            seconds=float(seconds),
            include_hazards=hazards,
            horizon_days=horizon,
            service_date=day or today,
            rules=rules,
        )
        start_plan(visit, request)


def draw_teams(visit: Visit, *, key: str) -> tuple[int, ...] | None:
    """Which teams on duty go out; None for all of them."""
    _ = visit.translate
    crew = teams.list_teams(visit.context, visit.actor)
    names = {int(row.id): _name_team(visit, row) for row in crew[crew["on_duty"]].itertuples()}
    with st.expander(_("Teams: {number} on duty").format(number=len(names)), key=f"{key}_fold"):
        chosen = st.pills(
            _("Teams (none = all)"), list(names), selection_mode="multi", format_func=names.__getitem__, key=key
        )
    return read_teams(chosen)


def read_teams(chosen: Iterable[int] | None) -> tuple[int, ...] | None:
    """The teams that a request names for those chosen, in an order that does not tell how they were; None for all."""
    return tuple(sorted(chosen or ())) or None


def draw_shift(visit: Visit, *, key: str, day: date | None) -> tuple[time, time]:
    """From when to when teams are out, local time; an end at or before the start is on the next day.

    A shift of `day` that has ended is warned of; None where no day is chosen.
    """
    _ = visit.translate
    words = (_("Shift begins"), _("Shift ends"))
    for column, title, usual, name in zip(st.columns(2), words, SHIFT, list_shift_keys(key), strict=True):
        column.time_input(title, value=usual, step=_HALF_HOUR_S, key=name)
    start, end = read_shift(key)
    if end <= start:
        st.html(draw_note(_("It ends on the next day.")))
    elif datetime.combine(day or date.max, end, BEIJING) <= visit.now:
        st.html(draw_note(_("This shift is over for today: choose another day, or a later end."), tone="warn"))
    return start, end


def list_shift_keys(key: str) -> tuple[str, str]:
    """Where the session keeps the two ends of a shift."""
    return f"{key}_from", f"{key}_to"


def read_shift(key: str) -> tuple[time, time]:
    """The shift that is asked for, also where its fields are not drawn."""
    begins, ends = list_shift_keys(key)
    return st.session_state.get(begins, SHIFT[0]), st.session_state.get(ends, SHIFT[1])


def _name_team(visit: Visit, row: Any) -> str:
    """A team with its kind, and its breaks where it has some."""
    _ = visit.translate
    rest = f"{_('break')} {row.breaks.split('/')[0]}" if row.breaks else ""
    return " · ".join(part for part in (row.name, label("team_kind", row.kind, _), rest) if part)


def _draw_rules(visit: Visit) -> PatrolRules:
    """What else the plan goes by: equal work, and the hours of daylight."""
    _ = visit.translate
    with st.expander(_("Day, night and equal work"), key="plan_rules"):
        words = {0.0: _("not considered"), 0.5: _("a little"), 1.0: _("clearly"), 3.0: _("as far as possible")}
        balance = st.select_slider(
            _("Equal work for the teams"),
            list(words),
            format_func=words.__getitem__,
            help=_("The further to the right, the more alike the teams' hours, and the longer the ways in all."),
            key="plan_balance",
        )
        dawn, dusk = st.slider(
            _("Daylight"),
            time(0, 0),
            time(23, 30),
            (time(6, 0), time(20, 0)),
            step=timedelta(minutes=30),
            format="HH:mm",
            help=_("Segments that are wanted by night are walked outside these hours only."),
            key="plan_daylight",
        )
        by_day = st.toggle(_("Open country by daylight only"), value=False, key="plan_by_day")
    day_s = (dawn.hour * 3600 + dawn.minute * 60, dusk.hour * 3600 + dusk.minute * 60)
    return PatrolRules(balance=balance, day_s=day_s, night_s=day_s[::-1], daylight_settings=("open",) if by_day else ())


def start_plan(visit: Visit, request: PlanRequest) -> None:
    """Hand the request to a worker and follow it."""
    jobs, settings = visit.context.jobs, visit.context.settings
    state.PLAN_JOB.set(jobs.submit_for(visit.actor.name, "plan", planning.plan_job, settings, visit.actor, request))
    state.forget_plan()
    st.rerun()


def draw_saved_plans(visit: Visit) -> None:
    """Plans kept, newest first."""
    _ = visit.translate
    plans = planning.list_plans(visit.context, visit.actor)
    heading(_("Saved plans"))
    rows = [
        Row(
            str(row.id),
            row.name,
            f"{format_date(row.service_date)} · {label('plan_status', row.status, _)} · "
            + _("{served} of {tasks} tasks").format(served=row.served, tasks=row.tasks),
        )
        for row in plans.itertuples()
    ]
    key = draw_rows(visit, "plans", rows, empty=_("No plan has been saved yet."))
    if key is not None:
        open_plan(visit, int(key))


def open_plan(visit: Visit, plan_id: int) -> None:
    """Show a kept plan in place of what is shown, and draw the page anew."""
    state.forget_plan()
    state.PLAN.set(planning.load_plan(visit.context, visit.actor, plan_id=plan_id))
    state.PLAN_SAVED_ID.set(plan_id)
    st.rerun()
