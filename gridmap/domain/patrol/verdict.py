"""What a solution costs and what is wrong with it, added up stop by stop."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem
from gridmap.domain.patrol.solution import Solution, TeamRoute
from gridmap.domain.patrol.timetable import Timetable, time_route

_METRE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Price:
    """The objective by its terms, all in seconds.

    Attributes
    ----------
    duration_s
        From leaving the post to being back, over all teams.
    distance_s
        What metres by road and off it cost.
    unserved_s
        What jobs left out cost.
    balance_s
        What long routes cost beside their time, where fairness is asked for.
    changes_s
        What tasks cost that leave their team, where a plan is mended.
    """

    duration_s: int
    distance_s: float
    unserved_s: int
    balance_s: float
    changes_s: int = 0

    @property
    def value(self) -> float:
        return self.duration_s + self.distance_s + self.unserved_s + self.balance_s + self.changes_s


def mean_shift_s(problem: PatrolProblem) -> float:
    """Mean time that a team may be out."""
    return max(sum(team.back_by_s - team.shift_start_s for team in problem.teams) / max(len(problem.teams), 1), 1.0)


def price(problem: PatrolProblem, solution: Solution) -> Price:
    """The objective of a solution; what is infeasible costs what it would if it were not."""
    rules = problem.rules
    tables = [time_route(problem, route) for route in (*solution.routes, *list_ways_home(problem, solution))]
    served = {visit.job for route in solution.routes for visit in route.visits}
    left_out = sum(job.priority for number, job in enumerate(problem.jobs) if number not in served)
    moved = sum(problem.jobs[visit.job].is_moved_to(route.team) for route in solution.routes for visit in route.visits)
    squares = sum(table.duration_s**2 for table in tables)
    return Price(
        duration_s=sum(table.duration_s for table in tables),
        distance_s=rules.metre_s * sum(table.metres for table in tables),
        unserved_s=rules.priority_s * left_out,
        balance_s=rules.balance * squares / (2 * mean_shift_s(problem)),
        changes_s=rules.change_s * moved,
    )


def list_ways_home(problem: PatrolProblem, solution: Solution) -> tuple[TeamRoute, ...]:
    """Empty routes of the teams that are on the way and do nothing more; none where no road leads home."""
    busy = {route.team for route in solution.routes}
    return tuple(
        TeamRoute(number, team.shift_start_s, ())
        for number, team in enumerate(problem.teams)
        if team.is_out
        and number not in busy
        and problem.seconds[problem.profile_of(team)][team.post, team.home] < FORBIDDEN
    )


def find_violations(problem: PatrolProblem, solution: Solution) -> tuple[str, ...]:
    """Codes of everything a solution breaks, each once; empty where it is feasible.

    `team_twice`, `job_twice`; `no_path` (or no approach), `window`, `shift`, `break`, `skill`, `walk` (further on foot
    than the team may), `spacing` (two visits of a family too close).
    """
    found: list[str] = []
    if any(times > 1 for times in Counter(route.team for route in solution.routes).values()):
        found.append("team_twice")
    if any(times > 1 for times in Counter(v.job for route in solution.routes for v in route.visits).values()):
        found.append("job_twice")
    times: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for route in solution.routes:
        table = time_route(problem, route)
        found += _check_route(problem, route, table)
        for visit, stop in zip(route.visits, table.stops, strict=True):
            job = problem.jobs[visit.job]
            if job.family is not None:
                times[job.family].append((stop.start_s, stop.leave_s, job.spacing_s))
    for visits in times.values():
        visits.sort()
        if any(later[0] < earlier[1] + max(earlier[2], later[2]) for earlier, later in pairwise(visits)):
            found.append("spacing")
    return tuple(dict.fromkeys(found))


def _check_route(problem: PatrolProblem, route: TeamRoute, table: Timetable) -> list[str]:
    team = problem.teams[route.team]
    found = list(table.faults)
    if not team.shift_start_s <= table.start_s <= table.end_s <= team.back_by_s:
        found.append("shift")
    if any(not problem.jobs[visit.job].skills <= team.skills for visit in route.visits):
        found.append("skill")
    if team.max_walk_m is not None and table.walk_m > team.max_walk_m + _METRE_TOLERANCE:
        found.append("walk")
    if sorted(route.breaks) != list(route.breaks) or any(not 0 <= at <= len(route.visits) for at in route.breaks):
        found.append("break")
    return found
