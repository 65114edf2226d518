"""A roster of one to fourteen days: which places are seen on which day by the teams of which post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.days import BEIJING
from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.document_parts import write_line, write_task, write_unserved
from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem
from gridmap.domain.patrol.rosters import MOST_DAYS, Roster, Stop, solve_roster
from gridmap.domain.progress import Progress, silent
from gridmap.domain.railways.freshness import compute_gaps
from gridmap.domain.roads.closures import RoadChanges
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context, open_context
from gridmap.services.patrol_input import gather
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.planning import add_standing_changes
from gridmap.services.road_network import get_plan_network
from gridmap.settings import Settings
from gridmap.store import areas, hazards, rail

RosterDocument = dict[str, Any]

_USABLE = 0.85
"""Share of a shift that visits are planned into; the rest is for the ways from and to the post."""

_NEIGHBOURS = 3


@dataclass(frozen=True, kw_only=True)
class RosterRequest:
    """What a roster is asked for.

    Attributes
    ----------
    plan
        Area, teams, shift, seed and rules as for a plan; its seconds are those of each day's plan.
    first_day, days
        The first day, and how many there are, 1 to 14.
    seconds
        How long to look for the roster itself.
    """

    plan: PatrolRequest
    first_day: date
    days: int = 7
    seconds: float = 10.0

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS:
            raise InvalidInput(
                N_("A roster of {days} days cannot be made."), hint=N_("Ask for 1 to 14 days."), days=self.days
            )


@dataclass(frozen=True)
class _Wanted:
    """By task key: from one visit to the next at most (None: once), when it is due, when it was seen last."""

    gap_days: Mapping[str, int | None]
    due: Mapping[str, int]
    last_day: Mapping[str, int | None]


def compute_roster(
    context: Context, actor: Actor, *, request: RosterRequest, progress: Progress = silent
) -> RosterDocument:
    """Which places are seen on which day by the teams of which post; nothing is kept.

    A wish to stop is heard until the spreading begins; HiGHS then answers within `request.seconds`.

    Raises
    ------
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.PLAN_PATROLS, request.plan.area_code or None)
    progress(0.0, N_("Reading what is due"))
    plan = add_standing_changes(context, replace(request.plan, service_date=request.first_day), request.first_day)
    network = get_plan_network(context, RoadChanges(plan.closures, plan.slowed, ()))
    scope = plan.area_code or actor.scope_code
    with context.database.read() as connection:
        segments = rail.load_segments(connection, scope=scope, line_ids=plan.line_ids)
        found = hazards.load_hazards(connection, scope=scope)
        keys = [f"segment-{row}" for row in segments["id"]] + [f"hazard-{row}" for row in found["id"]]
        whole = replace(plan, tasks=tuple(keys))
        gathered = gather(connection, actor, request=whole, day=request.first_day, network=network)
        names = {row.code: row.name for row in areas.load_areas(connection, scope="").itertuples()}
    problem = build_problem(network, gathered.given, rules=whole.rules)
    progress(0.3, N_("Spreading the visits over the days"))
    stops = _list_stops(problem, _list_wanted(segments, found, request.first_day))
    capacity_s = _measure_capacity(problem, request.days)
    roster = solve_roster(stops, capacity_s, seconds=request.seconds, seed=whole.seed)
    return {
        "area_code": scope,
        "area_name": names.get(scope, ""),
        "from": request.first_day.isoformat(),
        "seed": whole.seed,
        **_write_roster(problem, stops, roster, capacity_s, request.first_day),
        "tasks": [write_task(task) for task in problem.tasks],
        "lines": [write_line(line) for line in gathered.lines.values()],
    }


def _list_wanted(segments: pd.DataFrame, found: pd.DataFrame, first_day: date) -> _Wanted:
    begin = pd.Timestamp(datetime.combine(first_day, time(), BEIJING))
    gap_days: dict[str, int | None] = {}
    due: dict[str, int] = {}
    last_day: dict[str, int | None] = {}
    gaps = compute_gaps(segments)
    last = pd.to_datetime(segments["last_patrol_at"], utc=True)
    for number, gap, seen in zip(segments["id"], gaps, last, strict=True):
        key, days = f"segment-{number}", max(1, int(gap / pd.Timedelta(days=1)))
        before = None if pd.isna(seen) else int((seen - begin) // pd.Timedelta(days=1))
        gap_days[key] = days
        last_day[key] = before if before is not None and before < 0 else None
        due[key] = 0 if before is None else min(max(0, before + days), days - 1)
    for number, due_at in zip(found["id"], found["due_at"], strict=True):
        key = f"hazard-{number}"
        gap_days[key], last_day[key] = None, None
        due[key] = max(0, int((due_at - begin) // pd.Timedelta(days=1)))
    return _Wanted(gap_days, due, last_day)


def _list_stops(problem: PatrolProblem, wanted: _Wanted) -> list[Stop]:
    """A stop for each job: as often as the task in it that is wanted most often."""
    loads = _measure_loads(problem)
    stops = []
    for job, row in zip(problem.jobs, loads, strict=True):
        gaps = [gap for task in job.tasks if (gap := wanted.gap_days[task]) is not None]
        seen = [day for task in job.tasks if (day := wanted.last_day[task]) is not None]
        stops.append(
            Stop(
                loads_s=row,
                priority=max(1, job.priority),
                due=min(wanted.due[task] for task in job.tasks),
                gap_days=min(gaps) if gaps else None,
                last_day=max(seen) if seen else None,
            )
        )
    return stops


def _measure_loads(problem: PatrolProblem) -> list[tuple[float | None, ...]]:
    """Work and a usual way from a neighbour, by the quickest kind of team of each post."""
    posts, places = len(problem.posts), problem.places()
    found: list[list[float | None]] = [[None] * posts for _ in problem.jobs]
    for team in problem.teams:
        profile = problem.profile_of(team)
        seconds = problem.seconds[profile]
        near = np.sort(seconds[posts:, posts:], axis=0)[1 : 1 + _NEIGHBOURS]
        usual = (
            np.minimum(np.median(near, axis=0), seconds[team.post, posts:]) if len(near) else seconds[team.post, posts:]
        )
        for row, (job, way) in enumerate(places):
            approach = problem.jobs[job].ways[way].approaches[profile]
            there = int(seconds[team.post, posts + row]) + int(seconds[posts + row, team.home])
            if approach is None or there >= FORBIDDEN or not problem.jobs[job].skills <= team.skills:
                continue
            if approach.work_s + there > team.back_by_s - team.shift_start_s:
                continue
            load_s, known = approach.work_s + float(usual[row]), found[job][team.post]
            found[job][team.post] = load_s if known is None else min(known, load_s)
    return [tuple(row) for row in found]


def _measure_capacity(problem: PatrolProblem, days: int) -> np.ndarray:
    """Seconds of each day and post that visits may take."""
    day = np.zeros(len(problem.posts))
    for team in problem.teams:
        day[team.post] += _USABLE * (team.back_by_s - team.shift_start_s)
    return np.tile(day, (days, 1))


def _write_roster(
    problem: PatrolProblem, stops: list[Stop], roster: Roster, capacity_s: np.ndarray, first_day: date
) -> dict[str, Any]:
    days = [
        {
            "date": (first_day + timedelta(days=day)).isoformat(),
            "posts": [
                {
                    "post": post.name,
                    "capacity_s": round(float(capacity_s[day, p])),
                    "load_s": round(float(roster.load_s[day, p])),
                    # Several visits to a segment on one day are one line: the day's plan knows how many there are.
                    "tasks": list(
                        dict.fromkeys(
                            task
                            for stop, on, by in roster.visits
                            if (on, by) == (day, p)
                            for task in problem.jobs[stop].tasks
                        )
                    ),
                }
                for p, post in enumerate(problem.posts)
            ],
        }
        for day in range(len(capacity_s))
    ]
    missed = dict.fromkeys((task, item.day) for item in roster.missing for task in problem.jobs[item.stop].tasks)
    missing = [{"task": task, "date": (first_day + timedelta(days=day)).isoformat()} for task, day in missed]
    return {
        "days": days,
        "visits": len(roster.visits),
        "missing": missing,
        "unreachable": [write_unserved(item) for item in problem.unserved],
        "variation": roster.variation,
        "gap": roster.gap,
    }


def roster_job(progress: Progress, settings: Settings, actor: Actor, request: RosterRequest) -> RosterDocument:
    """`compute_roster` for a worker process, with a connection of its own."""
    context = open_context(settings)
    try:
        return compute_roster(context, actor, request=request, progress=progress)
    finally:
        context.close()
