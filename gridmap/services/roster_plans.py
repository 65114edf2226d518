"""The plans of a roster's days, each at other hours than the days before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import Solution, TeamRoute
from gridmap.domain.patrol.timetable import time_route
from gridmap.domain.patrol.visit_hours import HOUR_S, Repeats, avoid_hours, count_repeats
from gridmap.domain.progress import Progress, part_of, silent
from gridmap.errors import Cancelled
from gridmap.services.context import Context, open_context
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.planning import PlanDocument, compute_plan
from gridmap.services.rosters import RosterDocument, RosterRequest
from gridmap.settings import Settings

_DEARER = 0.1
"""By how much a route may take longer so that it comes at other hours, as a share."""


@dataclass(frozen=True)
class DayPlans:
    """The plans of a roster's days, and at what hours places are seen in them.

    `repeats` counts visits to places that are seen on several days, and those in an hour of another day; `seconds` is
    how long all teams are out. Both are told as well for the plans `before` hours were varied. `unplanned` are the days
    with visits that were not come to before somebody stopped the work.
    """

    plans: tuple[PlanDocument, ...]
    repeats: Repeats
    repeats_before: Repeats
    seconds: int
    seconds_before: int
    unplanned: tuple[date, ...] = ()

    def describe_hours(self) -> dict[str, Any]:
        """The figures by name; shares are None where no place is seen on several days."""
        return {
            "repeats": self.repeats.visits,
            "same_hour": self.repeats.share,
            "same_hour_before": self.repeats_before.share,
            "seconds": self.seconds,
            "seconds_before": self.seconds_before,
        }


class _Diary:
    """At what hours the tasks of the days planned so far are seen, with and without varying them."""

    def __init__(self) -> None:
        self.hours: dict[str, list[int]] = {}
        self.hours_before: dict[str, list[int]] = {}
        self.seconds = self.seconds_before = 0

    def revise(self, problem: PatrolProblem, solution: Solution) -> Solution:
        """The day's plan at other hours than the days before it."""
        self.seconds_before += _note_hours(problem, solution.routes, self.hours_before)
        seen = {task: Counter(hours) for task, hours in self.hours.items()}
        routes = avoid_hours(problem, solution.routes, seen, dearer=_DEARER)
        self.seconds += _note_hours(problem, routes, self.hours)
        return replace(solution, routes=routes)


def _note_hours(problem: PatrolProblem, routes: Iterable[TeamRoute], hours: dict[str, list[int]]) -> int:
    """Add a day's visits to `hours` by task, each hour of a day once; returns the seconds that the teams are out."""
    found: dict[str, set[int]] = {}
    seconds = 0
    for route in routes:
        timed = time_route(problem, route)
        seconds += timed.duration_s
        for visit, stop in zip(route.visits, timed.stops, strict=True):
            for task in problem.jobs[visit.job].tasks:
                found.setdefault(task, set()).add(stop.arrive_s // HOUR_S)
    for task, own in found.items():
        hours.setdefault(task, []).extend(sorted(own))
    return seconds


def plan_days(
    context: Context, actor: Actor, *, request: RosterRequest, roster: RosterDocument, progress: Progress = silent
) -> DayPlans:
    """The plan of each day of a roster that has visits, by the planner, at other hours than the days before it.

    A route is turned round, begun elsewhere or set out for later where that takes it to fewer places in an hour of
    another day, and takes at most a tenth longer. A `progress` that raises Cancelled ends it with the days planned by
    then, the last of them with the best plan so far.
    """
    check_allowed(actor, Permission.PLAN_PATROLS, request.plan.area_code or None)
    days = _list_days(request, roster)
    plans: list[PlanDocument] = []
    diary = _Diary()
    for number, asked in enumerate(days):
        share = part_of(progress, number / len(days), (number + 1) / len(days))
        try:
            plans.append(compute_plan(context, actor, request=asked, progress=share, revise=diary.revise))
        except Cancelled:
            break
        if plans[-1]["effort"]["stopped_early"]:
            break
    unplanned = tuple(asked.service_date for asked in days[len(plans) :] if asked.service_date is not None)
    before, after = count_repeats(diary.hours_before), count_repeats(diary.hours)
    return DayPlans(tuple(plans), after, before, diary.seconds, diary.seconds_before, unplanned)


def _list_days(request: RosterRequest, roster: RosterDocument) -> list[PatrolRequest]:
    """What the plan of each day that has visits is asked for."""
    asked = []
    for number, day in enumerate(roster["days"]):
        if tasks := tuple(task for post in day["posts"] for task in post["tasks"]):
            on, seed = date.fromisoformat(day["date"]), request.plan.seed + number
            asked.append(replace(request.plan, tasks=tasks, service_date=on, seed=seed))
    return asked


def plans_job(
    progress: Progress, settings: Settings, actor: Actor, request: RosterRequest, roster: RosterDocument
) -> DayPlans:
    """`plan_days` for a worker process, with a connection of its own."""
    context = open_context(settings)
    try:
        return plan_days(context, actor, request=request, roster=roster, progress=progress)
    finally:
        context.close()
