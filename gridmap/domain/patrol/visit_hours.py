"""At what hour places are seen: the same visits in other orders and begun later, so that no hour can be counted on.

A route is turned round, begun with another of its visits, or left for later; what it costs more is bounded. Of these
variants the ones are drawn by which the hours of all its places are spread the most, or, where visits of other days are
known, the one that meets the fewest of their hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from gridmap.domain.patrol.game.crews import Watch
from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem
from gridmap.domain.patrol.solution import TeamRoute, Visit
from gridmap.domain.patrol.timetable import time_route

FloatArray = npt.NDArray[np.float64]

HOUR_S = 3600
HOURS = 48
"""A shift may end on the day after."""

_DELAYS = 4
"""How many times a variant sets out at: from as early as possible to as late as it is still back in time."""

_ROUND_S = 300


@dataclass(frozen=True)
class Variant:
    """A route with the hour in which the team comes to each of its visits, 0 to 47, and how long it takes in all."""

    route: TeamRoute
    hours: tuple[int, ...]
    seconds: int


def read_hours(problem: PatrolProblem, route: TeamRoute) -> dict[int, int]:
    """By job the hour in which the team arrives."""
    stops = time_route(problem, route).stops
    return {visit.job: stop.arrive_s // HOUR_S for visit, stop in zip(route.visits, stops, strict=True)}


def list_variants(
    problem: PatrolProblem, route: TeamRoute, *, dearer: float, turns: int | None = None
) -> list[Variant]:
    """The route first, then its variants that take at most `dearer` longer, as a share of the shortest of them all.

    `turns` bounds how many visits a variant may begin with. Routes with one of several visits to a place on one day are
    left as they are: their times hang together.
    """
    watch = Watch(problem)
    own = time_route(problem, route)
    found = [Variant(route, tuple(stop.arrive_s // HOUR_S for stop in own.stops), own.duration_s)]
    if any(problem.jobs[visit.job].family is not None or visit.not_before_s for visit in route.visits):
        return found
    for jobs in _list_orders([visit.job for visit in route.visits], turns):
        visits = _choose_ways(problem, route.team, jobs)
        if visits:
            found += _list_starts(problem, watch, route.team, visits, at_most_s=(1 + dearer) * own.duration_s)
    shortest = min(variant.seconds for variant in found)
    return [found[0], *(other for other in found[1:] if other.seconds <= (1 + dearer) * shortest)]


def _list_orders(jobs: Sequence[int], turns: int | None) -> list[tuple[int, ...]]:
    """The visits from each of them on and round to the one before it, either way."""
    count = len(jobs) if turns is None else min(turns, len(jobs))
    orders = [(*row[k:], *row[:k]) for row in (tuple(jobs), tuple(reversed(jobs))) for k in range(count)]
    return list(dict.fromkeys(orders))


def _choose_ways(problem: PatrolProblem, team: int, jobs: Sequence[int]) -> tuple[Visit, ...]:
    """The jobs in this order, each in the way that makes the whole shortest; empty where there is none."""
    member = problem.teams[team]
    profile = problem.profile_of(member)
    seconds = problem.seconds[profile]
    best: list[tuple[float, int, tuple[Visit, ...]]] = [(0.0, member.post, ())]
    for job in jobs:
        reached = []
        for way, sides in enumerate(problem.jobs[job].ways):
            approach, place = sides.approaches[profile], problem.place_of(job, way)
            costs = [(cost + seconds[at, place], visits) for cost, at, visits in best if seconds[at, place] < FORBIDDEN]
            if approach is not None and costs:
                cost, visits = min(costs, key=lambda item: item[0])
                reached.append((float(cost + approach.work_s), place, (*visits, Visit(job, way))))
        best = reached
    ends = [
        (cost + seconds[at, member.home], visits) for cost, at, visits in best if seconds[at, member.home] < FORBIDDEN
    ]
    return min(ends, key=lambda item: item[0])[1] if ends else ()


def _list_starts(
    problem: PatrolProblem, watch: Watch, team: int, visits: tuple[Visit, ...], *, at_most_s: float
) -> list[Variant]:
    """These visits, set out for as early as possible and up to as late as possible; none where they take too long."""
    member = problem.teams[team]
    found: list[Variant] = []
    slack_s = 0
    for step in range(_DELAYS):
        start_s = member.shift_start_s + slack_s * step // (_DELAYS - 1) // _ROUND_S * _ROUND_S
        breaks = watch.place_breaks(team, visits, start_s=start_s)
        if breaks is None:
            continue
        route = TeamRoute(team, start_s, visits, breaks)
        timed = time_route(problem, route)
        if timed.faults or timed.end_s > member.back_by_s or any(other.route == route for other in found):
            continue
        found.append(Variant(route, tuple(stop.arrive_s // HOUR_S for stop in timed.stops), timed.duration_s))
        if step == 0:
            if timed.duration_s > at_most_s:
                return []
            slack_s = member.back_by_s - timed.end_s
    return found


def spread_hours(variants: Sequence[Variant]) -> FloatArray:
    """How likely each variant is to be drawn so that the likeliest hours of its places are least likely in all."""
    jobs = sorted({visit.job for visit in variants[0].route.visits})
    row = {job: number for number, job in enumerate(jobs)}
    count, width = len(jobs), len(variants)
    above = np.zeros((count * HOURS, width + count))
    for column, variant in enumerate(variants):
        for visit, hour in zip(variant.route.visits, variant.hours, strict=True):
            above[row[visit.job] * HOURS + hour, column] = 1.0
    used = above.any(axis=1)
    above[np.arange(count * HOURS), width + np.arange(count * HOURS) // HOURS] = -1.0
    longest = max(variant.seconds for variant in variants)
    # Of two that spread alike the shorter one counts.
    cost = np.concatenate([[1e-3 * variant.seconds / longest for variant in variants], np.ones(count)])
    once = np.concatenate([np.ones(width), np.zeros(count)])[None, :]
    found: Any = linprog(
        cost, A_ub=above[used], b_ub=np.zeros(int(used.sum())), A_eq=once, b_eq=np.ones(1), method="highs"
    )
    assert found.status == 0, found.message  # drawing the first one always is a solution
    shares = np.maximum(found.x[:width], 0.0)
    return np.asarray(shares / shares.sum())


def allot(shares: FloatArray, count: int) -> list[int]:
    """Positions, each about as often among `count` as its share says (largest remainders)."""
    times = np.floor(shares * count).astype(np.int64)
    rest = np.argsort(-(shares * count - times), kind="stable")[: count - int(times.sum())]
    times[rest] += 1
    return [int(position) for position in np.repeat(np.arange(len(shares)), times)]


# --- over days --------------------------------------------------------------------------------------------------


def avoid_hours(
    problem: PatrolProblem, routes: Sequence[TeamRoute], seen: Mapping[str, Mapping[int, int]], *, dearer: float
) -> tuple[TeamRoute, ...]:
    """For each route the variant that comes to the fewest places in an hour of another day; of several the shortest.

    `seen` says by task how often it is visited on other days in each hour.
    """
    chosen = []
    for route in routes:
        variants = list_variants(problem, route, dearer=dearer)
        met = [sum(_count_met(problem, variant, seen)) for variant in variants]
        best = min(range(len(variants)), key=lambda k: (met[k], variants[k].seconds))
        # Where nothing is gained nothing is changed.
        chosen.append(variants[best].route if met[best] < met[0] else route)
    return tuple(chosen)


def _count_met(problem: PatrolProblem, variant: Variant, seen: Mapping[str, Mapping[int, int]]) -> list[int]:
    return [
        seen.get(task, {}).get(hour, 0)
        for visit, hour in zip(variant.route.visits, variant.hours, strict=True)
        for task in problem.jobs[visit.job].tasks
    ]


@dataclass(frozen=True)
class Repeats:
    """Visits to places that are seen on several days, and how many of them fall into the hour of another one."""

    visits: int
    same_hour: int

    @property
    def share(self) -> float | None:
        """None where no place is seen twice."""
        return self.same_hour / self.visits if self.visits else None


def count_repeats(hours: Mapping[str, Sequence[int]]) -> Repeats:
    """From the hours of all visits to each task."""
    several = [own for own in hours.values() if len(own) > 1]
    return Repeats(sum(map(len, several)), sum(own.count(hour) > 1 for own in several for hour in own))
