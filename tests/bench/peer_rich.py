"""PyVRP on the same patrol problem, and its routes back in our terms.

Every way of a job is a client; the ways of one job form a group of which at most one is visited. What a job takes is
folded into the times out of it, because it differs between the profiles while a client's own service time does not.
Teams with other skills have a profile of their own whose matrix leads nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvrp

from gridmap.domain.patrol.problem import FORBIDDEN, Approach, PatrolProblem, TimeArray
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit

SECOND_COST = 10
"""PyVRP counts whole numbers; a second costs this many, so that a metre can cost a tenth of one."""
DEAREST_LATE = (100_000.0, 2_000.0)
"""What a second too late costs at most during a search, of each of two runs. With its own 100,000 it is best where all
fits. They are more than most prizes, so that where not all fits it cannot put anything in for the time being: there
1,000 to 5,000 leave out a third less."""


def solve_with_pyvrp(problem: PatrolProblem, seconds: float, seed: int, dearest_late: float) -> Solution:
    """The best of PyVRP after so many seconds of the processor, which are counted from when the problem is encoded."""
    data = encode(problem)
    end = time.process_time() + seconds
    params = pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=dearest_late))

    def is_over(_: int) -> bool:
        return time.process_time() >= end

    found = pyvrp.solve(data, is_over, seed=seed, collect_stats=False, display=False, params=params)
    # With low penalties it may have met nothing feasible yet: then every team stays at home.
    return decode(problem, found.best) if found.best.is_feasible() else Solution(())


def encode(problem: PatrolProblem) -> pyvrp.ProblemData:
    """The problem for PyVRP; it needs at least one job and one team."""
    clients, groups = _build_clients(problem)
    kinds = _list_kinds(problem)
    durations: list[Any] = []
    distances: list[Any] = []
    for profile, skills in kinds:
        barred = [not job.skills <= skills for job in problem.jobs for _ in job.ways]
        closed = np.array([False] * len(problem.posts) + barred)
        seconds, metres = problem.seconds[profile].copy(), problem.metres[profile].copy()
        seconds[closed], seconds[:, closed] = FORBIDDEN, FORBIDDEN
        durations.append(_fold(seconds, _outgoing(problem, profile, lambda approach: approach.work_s)))
        distances.append(_fold(metres, _outgoing(problem, profile, lambda approach: approach.walk_m)))
    return pyvrp.ProblemData(
        # Neighbourhoods are built from the matrices, so that coordinates would say nothing more.
        locations=[pyvrp.Location(0, 0)] * (len(problem.posts) + len(clients)),
        clients=clients,
        depots=[pyvrp.Depot(position) for position in range(len(problem.posts))],
        vehicle_types=_build_vehicles(problem, kinds),
        distance_matrices=distances,
        duration_matrices=durations,
        groups=groups,
    )


def _list_kinds(problem: PatrolProblem) -> list[tuple[int, frozenset[str]]]:
    return list(dict.fromkeys((problem.profile_of(team), team.skills) for team in problem.teams))


def _build_clients(problem: PatrolProblem) -> tuple[list[pyvrp.Client], list[pyvrp.ClientGroup]]:
    clients: list[pyvrp.Client] = []
    groups: list[pyvrp.ClientGroup] = []
    for job in problem.jobs:
        group = len(groups) if len(job.ways) > 1 else None
        if group is not None:
            groups.append(pyvrp.ClientGroup([], required=False))
        earliest, latest = job.windows_s[0] if job.windows_s else (0, FORBIDDEN)
        for _ in job.ways:
            if group is not None:
                groups[group].add_client(len(clients))
            client = pyvrp.Client(
                len(problem.posts) + len(clients),
                tw_early=earliest,
                tw_late=latest,
                prize=job.priority * problem.rules.priority_s * SECOND_COST,
                required=False,
                group=group,
            )
            clients.append(client)
    return clients, groups


def _build_vehicles(problem: PatrolProblem, kinds: list[tuple[int, frozenset[str]]]) -> list[pyvrp.VehicleType]:
    return [
        pyvrp.VehicleType(
            1,
            start_depot=team.post,
            end_depot=team.home,
            tw_early=team.shift_start_s,
            tw_late=team.back_by_s,
            profile=kinds.index((problem.profile_of(team), team.skills)),
            unit_distance_cost=round(problem.rules.metre_s * SECOND_COST),
            unit_duration_cost=SECOND_COST,
            name=team.name,
        )
        for team in problem.teams
    ]


def decode(problem: PatrolProblem, solution: pyvrp.Solution) -> Solution:
    """Routes in terms of teams and jobs."""
    places = problem.places()
    routes = [
        TeamRoute(
            team=route.vehicle_type(),
            start_s=route.start_time(),
            visits=tuple(Visit(*places[stop.idx]) for stop in route.schedule() if stop.is_client()),
        )
        for route in solution.routes()
        if route.num_clients()
    ]
    return Solution(tuple(sorted(routes, key=lambda route: route.team)))


def _outgoing(problem: PatrolProblem, profile: int, measure: Callable[[Approach], float]) -> npt.NDArray[np.int64]:
    """What a profile spends at each place before it moves on; nothing at a post."""
    approaches = [way.approaches[profile] for job in problem.jobs for way in job.ways]
    spent = [0 if approach is None else round(measure(approach)) for approach in approaches]
    return np.array([0] * len(problem.posts) + spent, np.int64)


def _fold(matrix: TimeArray, outgoing: npt.NDArray[np.int64]) -> TimeArray:
    """The matrix with each place's own share added to every way out of it."""
    folded = matrix + outgoing[:, None]
    np.fill_diagonal(folded, 0)
    return folded
