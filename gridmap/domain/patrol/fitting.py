"""Routes with what does not fit left out, so that every team can keep to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations_with_replacement, pairwise

from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.patrol.timetable import Timetable, time_route

_METRE_TOLERANCE = 1e-6


def keep_feasible(problem: PatrolProblem, solution: Solution) -> Solution:
    """The same routes without the stops that a team cannot make.

    Stops are taken over one after the other: each that the team has the skill, the road, the walk and the time for,
    that no route has yet and that keeps its distance in time from other visits to the same. Breaks stay where they were
    where that is possible, else they are taken as late as they can be. A route that loses all its stops is left out.
    """
    keeper = _Keeper(problem)
    routes = [keeper.keep(route) for route in solution.routes]
    return replace(solution, routes=tuple(route for route in routes if route.visits))


class _Keeper:
    """Builds routes anew and remembers which jobs have been given away, and when."""

    def __init__(self, problem: PatrolProblem) -> None:
        self._problem = problem
        self._taken: set[int] = set()
        self._times: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def keep(self, route: TeamRoute) -> TeamRoute:
        """The route with what fits."""
        jobs = [visit.job for visit in route.visits]
        if self._taken.isdisjoint(jobs) and len(set(jobs)) == len(jobs) and self._is_all_feasible(route):
            self._taken.update(jobs)
            self._note_times(route)
            return route
        kept = replace(route, visits=(), breaks=())
        for number, visit in enumerate(route.visits):
            # Breaks taken earlier on the route are taken before this stop again.
            before = sum(at <= number for at in route.breaks)
            grown = self._append(kept, visit, before)
            if grown is not None:
                kept = grown
                self._taken.add(visit.job)
        self._note_times(kept)
        return kept

    def _is_all_feasible(self, route: TeamRoute) -> bool:
        """Whether a route can stay as it is: most can, and following it once is cheaper than stop by stop."""
        team = self._problem.teams[route.team]
        skilled = all(self._problem.jobs[visit.job].skills <= team.skills for visit in route.visits)
        return skilled and len(route.breaks) == len(team.breaks) and self._is_feasible(route)

    def _append(self, route: TeamRoute, visit: Visit, before: int) -> TeamRoute | None:
        problem, team = self._problem, self._problem.teams[route.team]
        job = problem.jobs[visit.job]
        if visit.job in self._taken or not job.skills <= team.skills:
            return None
        for not_before_s in self._list_starts(route, visit):
            grown = replace(route, visits=(*route.visits, replace(visit, not_before_s=not_before_s)))
            last = len(grown.visits)
            usual = (*route.breaks[:before], *[last - 1] * (before - len(route.breaks[:before])))
            usual += (last,) * (len(team.breaks) - len(usual))
            for breaks in (usual, *self._list_breaks(last, len(team.breaks))):
                placed = replace(grown, breaks=breaks)
                if self._is_feasible(placed):
                    return placed
        return None

    def _list_starts(self, route: TeamRoute, visit: Visit) -> Iterator[int]:
        """Bounds on the start that may keep a visit apart from others of its family: its own, or after one of them."""
        yield visit.not_before_s
        job = self._problem.jobs[visit.job]
        if job.family is not None:
            own = self._list_times(route, time_route(self._problem, route))
            made = [
                *self._times[job.family],
                *(time for family, _, times in own if family == job.family for time in times),
            ]
            yield from (max(visit.not_before_s, end_s + job.spacing_s) for _, end_s in sorted(made))

    def _list_breaks(self, stops: int, count: int) -> Iterator[tuple[int, ...]]:
        """Everywhere breaks can be taken, late ones first."""
        if count:
            yield from (places[::-1] for places in combinations_with_replacement(range(stops, -1, -1), count))

    def _is_feasible(self, route: TeamRoute) -> bool:
        team, table = self._problem.teams[route.team], time_route(self._problem, route)
        if table.faults or table.end_s > team.back_by_s:
            return False
        if team.max_walk_m is not None and table.walk_m > team.max_walk_m + _METRE_TOLERANCE:
            return False
        for family, spacing_s, times in self._list_times(route, table):
            made = sorted([*self._times[family], *times])
            if any(later[0] < earlier[1] + spacing_s for earlier, later in pairwise(made)):
                return False
        return True

    def _note_times(self, route: TeamRoute) -> None:
        for family, _, times in self._list_times(route, time_route(self._problem, route)):
            self._times[family] += times

    def _list_times(self, route: TeamRoute, table: Timetable) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
        """Each family on a route with its spacing and when its visits begin and end."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        spacing: dict[int, int] = {}
        for visit, stop in zip(route.visits, table.stops, strict=True):
            job = self._problem.jobs[visit.job]
            if job.family is not None:
                found[job.family].append((stop.start_s, stop.leave_s))
                spacing[job.family] = job.spacing_s
        return ((family, spacing[family], times) for family, times in found.items())
