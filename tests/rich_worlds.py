"""Small made-up patrol problems with everything that the rich model knows, drawn from a seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gridmap.domain.patrol.problem import (
    FORBIDDEN,
    Approach,
    Break,
    Job,
    PatrolProblem,
    Post,
    Profile,
    Team,
    TeamKind,
    Way,
    Windows,
)
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.patrol.timetable import time_route
from gridmap.domain.patrol.verdict import find_violations
from gridmap.domain.roads.snapping import Spot

HOUR_S = 3600
DAY_S = (8 * HOUR_S, 16 * HOUR_S)
SKILLS = ("rope", "electric")


def build_rich_problem(
    seed: int, *, jobs: int = 8, teams: int = 3, rich: bool = True, priority_s: int = 20_000, side_m: float = 9000.0
) -> PatrolProblem:
    """Places in a square; with `rich` also windows, breaks, skills, families, other homes, places without a road."""
    rng = np.random.default_rng(seed)
    posts = tuple(Post(i, f"post {i}", "police_post", 0.0, 0.0) for i in range(2))
    crew = tuple(_build_team(rng, number, rich) for number in range(teams))
    profiles = tuple(dict.fromkeys(team.profile for team in crew))
    work = [_build_job(rng, number, profiles, rich) for number in range(jobs)]
    if rich and jobs >= 5:
        work = _join_family(work, rng)
    ways = [way for job in work for way in job.ways]
    at = rng.uniform(0, side_m, (len(posts) + len(ways), 2))
    count = len(at)
    leave = np.vstack([at[: len(posts)], at[len(posts) :] + rng.normal(0, 400, (len(ways), 2))])
    metres, seconds = [], []
    for profile in profiles:
        speed = {"car": 11.0, "motorcycle": 9.0, "foot": 1.4}[profile.mode.value]
        far = np.linalg.norm(leave[:, None] - at[None, :], axis=2) * rng.uniform(1.0, 1.4, (count, count))
        metres.append(np.ceil(far).astype(np.int64))
        seconds.append(np.ceil(far / speed).astype(np.int64))
        if rich:
            cut = rng.random((count, count)) < 0.03
            metres[-1][cut] = seconds[-1][cut] = FORBIDDEN
    rules = PatrolRules(priority_s=priority_s, balance=float(rng.choice([0.0, 0.5])) if rich else 0.0)
    return PatrolProblem(
        tasks=(),
        jobs=tuple(work),
        teams=crew,
        posts=posts,
        profiles=profiles,
        post_spots=tuple((Spot(0, 0.0),) * len(posts) for _ in profiles),
        seconds=tuple(seconds),
        metres=tuple(metres),
        unserved=(),
        rules=rules,
    )


def _build_team(rng: np.random.Generator, number: int, rich: bool) -> Team:
    kind = list(TeamKind)[int(rng.integers(3))]
    start, end = DAY_S
    if not rich:
        return Team(number, f"team {number}", kind, 2, number % 2, start, end)
    start, end = start + int(rng.integers(0, 2)) * HOUR_S, end - int(rng.integers(0, 3)) * HOUR_S
    noon = start + (end - start) // 2
    pause = Break(noon - int(rng.integers(0, HOUR_S)), noon + int(rng.integers(0, HOUR_S)), 1800)
    later = Break(end - 2 * HOUR_S, end - HOUR_S, 600)
    return Team(
        number,
        f"team {number}",
        kind,
        int(rng.integers(1, 3)),
        int(rng.integers(2)),
        start,
        end,
        end_post=int(rng.integers(2)),
        breaks=((), (pause,), (pause, later))[int(rng.integers(3))],
        latest_return_s=end - 600 if rng.random() < 0.3 else None,
        skills=frozenset(skill for skill in SKILLS if rng.random() < 0.6),
        max_walk_m=float(rng.integers(800, 4000)) if rng.random() < 0.5 else None,
    )


def _build_job(rng: np.random.Generator, number: int, profiles: tuple[Profile, ...], rich: bool) -> Job:
    ways = tuple(
        Way(
            tuple(
                None
                if rich and rng.random() < 0.15
                else Approach(Spot(0, 0.0), Spot(0, 0.0), int(rng.integers(300, 2400)), float(rng.integers(0, 900)))
                for _ in profiles
            )
        )
        for _ in range(int(rng.integers(1, 3)))
    )
    windows: Windows = ()
    skills: frozenset[str] = frozenset()
    if rich and rng.random() < 0.5:
        edges = np.sort(rng.choice(np.arange(DAY_S[0], DAY_S[1], 900), 2 * int(rng.integers(1, 3)), replace=False))
        windows = tuple((int(a), int(b)) for a, b in pairwise(edges.tolist()))[::2]
    if rich and rng.random() < 0.3:
        skills = frozenset([SKILLS[int(rng.integers(2))]])
    return Job((f"hazard-{number}",), int(rng.integers(1, 4)), ways, windows, skills)


def _join_family(work: list[Job], rng: np.random.Generator) -> list[Job]:
    """The last three jobs become visits to one place."""
    spacing_s = int(rng.integers(1, 3)) * HOUR_S // 2
    visit = work[-1]
    family = Job(visit.tasks, visit.priority, visit.ways, visit.windows_s, visit.skills, 0, spacing_s)
    return [*work[:-3], family, family, family]


def draw_solution(problem: PatrolProblem, seed: int) -> Solution:
    """A feasible plan: visits put at the end of random routes as long as nothing is violated."""
    rng = np.random.default_rng(seed)
    routes: dict[int, TeamRoute] = {}
    for job in rng.permutation(len(problem.jobs)).tolist():
        team = int(rng.integers(len(problem.teams)))
        way = int(rng.integers(len(problem.jobs[job].ways)))
        grown = _extend(problem, routes.get(team), team, Visit(job, way), rng)
        tried = {**routes, team: grown}
        if not find_violations(problem, Solution(tuple(tried.values()))):
            routes = tried
    return Solution(tuple(route for _, route in sorted(routes.items())))


def _extend(
    problem: PatrolProblem, route: TeamRoute | None, team: int, visit: Visit, rng: np.random.Generator
) -> TeamRoute:
    crew = problem.teams[team]
    start = crew.shift_start_s + int(rng.integers(0, HOUR_S))
    known = route or TeamRoute(team, start, ())
    visits = (*known.visits, visit)
    breaks = tuple(sorted(rng.integers(0, len(visits) + 1, len(crew.breaks)).tolist()))
    grown = TeamRoute(team, known.start_s, visits, breaks)
    if problem.jobs[visit.job].family is None:
        return grown
    begun = time_route(problem, grown).stops[-1].start_s
    return TeamRoute(team, known.start_s, (*known.visits, Visit(visit.job, visit.way, begun)), breaks)
