"""Other solvers on the same routing problem: one place for each direction of a task, exactly one of them visited.

Each returns the tasks of every route in order; directions are then chosen as for our own routes. None where a solver
finds nothing that keeps to the capacity.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvrp

from gridmap.domain.patrol.mcgrp.instance import Instance, TaskKind

Peer = Callable[[Instance, float, int], list[list[int]] | None]

SPARE_VEHICLES = 5
EXPLORATION = 5
MOST_VROOM_RUNS = 30


class ProcessorTime:
    """Stops PyVRP after so many seconds of this process's own processor time: other programs take none of it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.process_time() + seconds

    def __call__(self, best_cost: float) -> bool:
        return time.process_time() >= self._end


def _places(instance: Instance) -> list[int]:
    """Positions in the costs: every direction of every task."""
    flips = [(0, 1) if task.kind is TaskKind.EDGE else (0,) for task in instance.tasks]
    return [2 * task + flip for task, choices in enumerate(flips) for flip in choices]


def _matrix(instance: Instance, places: list[int]) -> npt.NDArray[np.int64]:
    """Ways between the depot, which comes first, and the places."""
    ids = [2 * instance.task_count, *places]
    matrix = instance.costs.deadhead[np.ix_(ids, ids)].copy()
    np.fill_diagonal(matrix, 0)
    return matrix


def solve_with_pyvrp(instance: Instance, seconds: float, seed: int) -> list[list[int]] | None:
    """PyVRP, a group of clients for each edge."""
    places = _places(instance)
    clients: list[pyvrp.Client] = []
    groups: list[pyvrp.ClientGroup] = []
    for at, place in enumerate(places):
        task = instance.tasks[place // 2]
        is_edge = task.kind is TaskKind.EDGE
        if is_edge and place % 2 == 0:
            groups.append(pyvrp.ClientGroup([], required=True))
        if is_edge:
            groups[-1].add_client(at)
        group = len(groups) - 1 if is_edge else None
        clients.append(pyvrp.Client(at + 1, delivery=[task.demand], required=not is_edge, group=group))
    matrix = _matrix(instance, places)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0)] * len(matrix),
        clients=clients,
        depots=[pyvrp.Depot(0)],
        vehicle_types=[pyvrp.VehicleType(instance.least_routes + SPARE_VEHICLES, [instance.capacity])],
        distance_matrices=[matrix],
        duration_matrices=[np.zeros_like(matrix)],
        groups=groups,
    )
    best = pyvrp.solve(data, ProcessorTime(seconds), seed=seed, collect_stats=False, display=False).best
    if not best.is_feasible():
        return None
    routes = [[places[stop.idx] // 2 for stop in route.schedule() if stop.is_client()] for route in best.routes()]
    return [route for route in routes if route]


def solve_with_ortools(instance: Instance, seconds: float, seed: int) -> list[list[int]] | None:
    """OR-Tools, guided local search; it knows no seed and counts seconds by the wall."""
    from ortools.constraint_solver import pywrapcp
    from ortools.constraint_solver import routing_enums_pb2 as choice

    places = _places(instance)
    matrix = _matrix(instance, places)
    manager = pywrapcp.RoutingIndexManager(len(matrix), instance.least_routes + SPARE_VEHICLES, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(matrix.tolist()))
    demand = [0, *(instance.tasks[place // 2].demand for place in places)]
    model.AddDimension(model.RegisterUnaryTransitVector(demand), 0, instance.capacity, True, "load")
    for task in range(instance.task_count):
        both = [manager.NodeToIndex(at + 1) for at, place in enumerate(places) if place // 2 == task]
        if len(both) > 1:
            model.AddDisjunction(both)
    given = pywrapcp.DefaultRoutingSearchParameters()
    given.first_solution_strategy = choice.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    given.local_search_metaheuristic = choice.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    given.time_limit.FromMilliseconds(int(seconds * 1000))
    found = model.SolveWithParameters(given)
    if found is None:
        return None
    return [route for route in _read_ortools(model, manager, found, places) if route]


def _read_ortools(model: Any, manager: Any, found: Any, places: list[int]) -> Iterator[list[int]]:
    for vehicle in range(model.vehicles()):
        at, route = model.Start(vehicle), []
        while not model.IsEnd(at):
            if node := manager.IndexToNode(at):
                route.append(places[node - 1] // 2)
            at = found.Value(model.NextVar(at))
        yield route


def solve_with_vroom(instance: Instance, seconds: float, seed: int) -> list[list[int]] | None:
    """VROOM knows no groups: it is given the better direction of each pair, then those of its own routes, and so on."""
    import vroom

    began = time.monotonic()
    best: tuple[int, list[list[int]]] | None = None
    flips: npt.NDArray[np.int64] | None = None
    for _ in range(MOST_VROOM_RUNS):
        if time.monotonic() - began > seconds:
            break
        problem = vroom.Input()
        problem.set_durations_matrix("car", _vroom_matrix(instance, flips))
        for vehicle in range(instance.least_routes + SPARE_VEHICLES):
            problem.add_vehicle(vroom.Vehicle(vehicle, start=0, end=0, capacity=[instance.capacity]))
        for task in range(instance.task_count):
            problem.add_job(vroom.Job(task, location=task + 1, delivery=[instance.tasks[task].demand]))
        table = problem.solve(exploration_level=EXPLORATION, nb_threads=1).routes
        jobs = table[table["type"] == "job"].groupby("vehicle_id")["id"]
        routes = [list(map(int, ids)) for _, ids in jobs]
        if sum(map(len, routes)) < instance.task_count:
            break
        cost, flips = price(instance, routes)
        if best is not None and cost >= best[0]:
            break
        best = (cost, routes)
    return None if best is None else best[1]


def _vroom_matrix(instance: Instance, flips: npt.NDArray[np.int64] | None) -> npt.NDArray[np.uint32]:
    deadhead, count = instance.costs.deadhead, instance.task_count
    if flips is not None:
        ids = np.concatenate([[2 * count], 2 * np.arange(count) + flips])
        matrix = deadhead[np.ix_(ids, ids)].copy()
    else:
        first = np.concatenate([[2 * count], 2 * np.arange(count)])
        other = np.concatenate([[2 * count], 2 * np.arange(count) + 1])
        matrix = np.min([deadhead[np.ix_(a, b)] for a in (first, other) for b in (first, other)], axis=0)
    np.fill_diagonal(matrix, 0)
    return matrix.astype(np.uint32)


def price(instance: Instance, routes: list[list[int]]) -> tuple[int, npt.NDArray[np.int64]]:
    """Cost with service under the best directions, and those directions."""
    from gridmap.domain.patrol.mcgrp.checker import check_routes
    from gridmap.domain.patrol.mcgrp.plans import build_board, choose_directions

    services = choose_directions(instance, build_board(instance), routes)
    verdict = check_routes(instance, services)
    assert verdict.is_valid, verdict.faults
    assert verdict.cost is not None
    flips = np.zeros(instance.task_count, np.int64)
    for route in services:
        for service in route:
            flips[service.task] = service.backward
    return verdict.cost, flips


PEERS: dict[str, Peer] = {"PyVRP": solve_with_pyvrp}
"""Those that are installed."""
if importlib.util.find_spec("ortools") is not None:
    PEERS["OR-Tools"] = solve_with_ortools
if importlib.util.find_spec("vroom") is not None:
    PEERS["VROOM"] = solve_with_vroom
