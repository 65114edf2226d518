"""Small patrol problems made up without roads, for laws that hold whatever the roads are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from gridmap.domain.patrol.problem import (
    FORBIDDEN,
    Approach,
    Break,
    Job,
    PatrolProblem,
    Post,
    Profile,
    Task,
    TaskKind,
    Team,
    TeamKind,
    Way,
)
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

START_S = 8 * 3600
NOON = Break(12 * 3600, 12 * 3600 + 1800, 1800)
SPOT = Spot(0, 0.0, 0.0)


def make_job(
    number: int,
    *,
    work_s: int = 600,
    walk_m: float = 0.0,
    ways: int = 1,
    priority: int = 1,
    windows_s: Sequence[tuple[int, int]] = (),
    skills: Sequence[str] = (),
    family: int | None = None,
    spacing_s: int = 0,
    tasks: Sequence[str] = (),
) -> Job:
    """A job of one hazard, alike in each of its ways."""
    approach = Approach(SPOT, SPOT, work_s, walk_m)
    return Job(
        tuple(tasks) or (f"hazard-{number}",),
        priority,
        (Way((approach,)),) * ways,
        tuple(windows_s),
        frozenset(skills),
        family,
        spacing_s,
    )


def make_team(number: int, *, hours: float = 8.0, **given: object) -> Team:
    """A car crew of two from the first post."""
    return Team(number, f"team {number}", TeamKind.CAR, 2, 0, START_S, START_S + round(hours * 3600), **given)  # type: ignore[arg-type]


def make_problem(jobs: Sequence[Job], teams: Sequence[Team], *, seconds: np.ndarray | None = None) -> PatrolProblem:
    """A problem of one post where every way takes ten minutes, or what `seconds` says."""
    places = 1 + sum(len(job.ways) for job in jobs)
    if seconds is None:
        seconds = np.where(np.eye(places, dtype=bool), 0, 600)
    keys = dict.fromkeys(key for job in jobs for key in job.tasks)
    priority = {key: job.priority for job in jobs for key in job.tasks}
    tasks = [Task(key, TaskKind.HAZARD, i, f"H{i}", key, priority[key], 0.0, 0.0) for i, key in enumerate(keys, 1)]
    return PatrolProblem(
        tasks=tuple(tasks),
        jobs=tuple(jobs),
        teams=tuple(teams),
        posts=(Post(1, "post", "police_post", 0.0, 0.0),),
        profiles=(Profile(Mode.CAR, drives_round=True),),
        post_spots=((SPOT,),),
        seconds=(np.asarray(seconds, np.int64),),
        metres=(np.asarray(seconds, np.int64) * 10,),
        unserved=(),
        rules=PatrolRules(),
    )


def make_solution(*routes: Sequence[int]) -> Solution:
    """The jobs that each team does in turn, in their first way."""
    return Solution(
        tuple(
            TeamRoute(team, START_S, tuple(Visit(job, 0) for job in jobs)) for team, jobs in enumerate(routes) if jobs
        )
    )


@dataclass(frozen=True)
class DrawnDay:
    """A problem with a plan that keeps all of its rules and leaves something out."""

    problem: PatrolProblem
    solution: Solution


def draw_day(seed: int, *, breaks: bool = True) -> DrawnDay:
    """Two teams with little time, six jobs with windows, walks and skills, put in where they first fit."""
    rng = np.random.default_rng(seed)
    jobs = [_draw_job(rng, number) for number in range(1, 7)]
    places = 1 + sum(len(job.ways) for job in jobs)
    seconds = rng.integers(60, 2400, (places, places))
    seconds[rng.random((places, places)) < 0.05] = FORBIDDEN
    np.fill_diagonal(seconds, 0)
    problem = make_problem(jobs, [_draw_team(rng, number, breaks=breaks) for number in (1, 2)], seconds=seconds)
    routes: list[list[Visit]] = [[], []]
    for job in rng.permutation(len(jobs)).tolist():
        team = int(rng.integers(2))
        longer = [*routes[team], Visit(job, int(rng.integers(len(jobs[job].ways))))]
        if len(longer) <= 3 and fits(problem, team, longer):
            routes[team] = longer
    made = [TeamRoute(team, START_S, tuple(visits)) for team, visits in enumerate(routes) if visits]
    return DrawnDay(problem, Solution(tuple(made)))


def _draw_job(rng: np.random.Generator, number: int) -> Job:
    opens = START_S + int(rng.integers(0, 4)) * 1800
    windows = [((opens, opens + 1800),), ((opens, opens + 600), (opens + 5400, opens + 6000)), ()]
    return make_job(
        number,
        work_s=int(rng.integers(300, 3000)),
        walk_m=float(rng.integers(0, 3000)),
        ways=int(rng.integers(1, 3)),
        priority=int(rng.integers(1, 5)),
        windows_s=windows[int(rng.integers(3))],
        skills=["boat"] if rng.random() < 0.15 else [],
    )


def _draw_team(rng: np.random.Generator, number: int, *, breaks: bool) -> Team:
    hours = float(rng.uniform(1.0, 6.0))
    rests = (Break(START_S + 3600, START_S + 5400, 900),) if rng.random() < 0.4 and hours > 2.5 else ()
    return make_team(
        number,
        hours=hours,
        breaks=rests if breaks else (),
        latest_return_s=START_S + round(hours * 3000) if rng.random() < 0.3 else None,
        max_walk_m=4000.0 if rng.random() < 0.5 else None,
        skills=frozenset({"boat"} if rng.random() < 0.5 else set()),
    )


def fits(problem: PatrolProblem, position: int, visits: Sequence[Visit]) -> bool:
    """Whether a team can make these visits in this order, whichever way its breaks are put between them."""
    team = problem.teams[position]
    if any(not problem.jobs[visit.job].skills <= team.skills for visit in visits):
        return False
    walked_m = sum(_approach(problem, visit).walk_m for visit in visits)
    if team.max_walk_m is not None and walked_m > team.max_walk_m:
        return False
    # A break stands before a stop, after the last, or at home.
    gaps = combinations_with_replacement(range(len(visits) + 2), len(team.breaks))
    return any(_keeps_time(problem, team, visits, breaks) for breaks in gaps)


def _keeps_time(problem: PatrolProblem, team: Team, visits: Sequence[Visit], breaks: tuple[int, ...]) -> bool:
    place = {place: 1 + i for i, place in enumerate(problem.places())}
    now, here = team.shift_start_s, 0
    for gap in range(len(visits) + 2):
        for rest, where in zip(team.breaks, breaks, strict=True):
            if where == gap:
                now = max(now, rest.earliest_s)
                if now > rest.latest_s:
                    return False
                now += rest.seconds
        if gap == len(visits) + 1:
            return now <= team.back_by_s
        there = place[visits[gap].job, visits[gap].way] if gap < len(visits) else 0
        leg = int(problem.seconds[0][here, there])
        if leg >= FORBIDDEN:
            return False
        now, here = now + leg, there
        if gap < len(visits):
            job = problem.jobs[visits[gap].job]
            open_s = [max(now, first) for first, last in job.windows_s if now <= last]
            if job.windows_s and not open_s:
                return False
            now = (min(open_s) if open_s else now) + _approach(problem, visits[gap]).work_s
    raise AssertionError("a day ends at home")


def _approach(problem: PatrolProblem, visit: Visit) -> Approach:
    approach = problem.jobs[visit.job].ways[visit.way].approaches[0]
    assert approach is not None
    return approach
