"""What the compiled search works on: the problem as arrays, and routes whose best directions are always known.

For a route t1 … tL between two depots `ahead[p, m]` is the least cost from the depot to the end of the p-th task in
direction m, `back[p, m]` the least cost from its end to the depot, over all directions of the tasks between: the
shortest path in a graph of two nodes per task. Service costs the same in either direction and is left out. Joining the
two at any gap costs a few additions, so that the price of an insertion with every direction of the route chosen anew is
exact and independent of the route's length (Beullens et al., "A guided local search heuristic for the capacitated arc
routing problem", 2003; Vidal, "Node, edge, arc routing and turn penalties", 2017).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.mcgrp.instance import Instance, IntArray, Routes, Service, TaskKind
from gridmap.domain.roads.compiled import compiled

FAR = 1 << 50
"""More than any cost."""


class Board(NamedTuple):
    """The problem as arrays; the depot stands after the last task, its two directions are one.

    Attributes
    ----------
    ways
        `ways[t, q, 2 k + m]`: from leaving q in direction k to entering t in direction m, and
        `ways[t, q, 4 + 2 m + k]`: from leaving t in direction m to entering q in direction k. Each way stands twice, so
        that all of one task, and all between two, lie together in memory.
    near
        Every other task by the least cost between the two, nearest first; shape (n, n - 1).
    far
        Least cost from the depot.
    """

    ways: npt.NDArray[np.int32]
    near: IntArray
    far: IntArray
    demand: IntArray
    capacity: int


class Plan(NamedTuple):
    """Routes being worked on; row r is `depot, t1 … tL, depot`, L = `length[r]`; see the module for `ahead` and `back`.

    `route_of` and `place_of` say where a task stands, route -1 where it is in none.
    """

    stops: IntArray
    length: IntArray
    ahead: IntArray
    back: IntArray
    cost: IntArray
    load: IntArray
    route_of: IntArray
    place_of: IntArray


def build_board(instance: Instance) -> Board:
    """The arrays of an instance."""
    n = instance.task_count
    deadhead = instance.costs.deadhead
    padded = np.concatenate([deadhead, deadhead[:, -1:]], axis=1)
    padded = np.concatenate([padded, padded[-1:]], axis=0)
    blocks = padded.reshape(n + 1, 2, n + 1, 2)
    into = blocks.transpose(2, 0, 1, 3).reshape(n + 1, n + 1, 4)
    ways = np.ascontiguousarray(np.concatenate([into, into.transpose(1, 0, 2)], axis=2), np.int32)
    least = blocks.min(axis=(1, 3))
    least = np.minimum(least, least.T)
    between = least[:n, :n].astype(np.float64)
    np.fill_diagonal(between, -1.0)
    near = np.argsort(between, axis=1, kind="stable")[:, 1:].astype(np.int64)
    return Board(ways, near, least[n, :n].copy(), instance.demand, instance.capacity)


def build_plan(board: Board, routes: list[list[int]], *, rows: int) -> Plan:
    """A plan of `rows` rows that begin with `routes`, tasks in order without directions; the other rows are empty."""
    n = len(board.demand)
    plan = Plan(
        stops=np.full((rows, n + 2), n, np.int64),
        length=np.zeros(rows, np.int64),
        ahead=np.zeros((rows, n + 2, 2), np.int64),
        back=np.zeros((rows, n + 2, 2), np.int64),
        cost=np.zeros(rows, np.int64),
        load=np.zeros(rows, np.int64),
        route_of=np.full(n, -1, np.int64),
        place_of=np.zeros(n, np.int64),
    )
    for row, tasks in enumerate(routes):
        plan.stops[row, 1 : len(tasks) + 1] = tasks
        plan.length[row] = len(tasks)
        refresh(board, plan, row)
    return plan


def read_plan(plan: Plan) -> list[list[int]]:
    """The tasks of every route that has any."""
    return [plan.stops[row, 1 : length + 1].tolist() for row, length in enumerate(plan.length) if length]


@compiled
def refresh(board: Board, plan: Plan, row: int) -> None:
    """Bring everything about one route up to date with its `stops` and `length`."""
    last = plan.length[row] + 1
    depot = board.ways.shape[0] - 1
    plan.stops[row, 0] = plan.stops[row, last] = depot
    load = 0
    for p in range(1, last):
        task = plan.stops[row, p]
        load += board.demand[task]
        plan.place_of[task] = p
        plan.route_of[task] = row
    plan.load[row] = load
    _sweep(board, plan, row, 1, last - 1)


@compiled
def _sweep(board: Board, plan: Plan, row: int, first: int, final: int) -> None:
    """Bring `ahead` up to date from place `first` on and `back` from place `final` down, and the route's cost."""
    # Elements are read one by one: a view of a row costs more here than all the sums.
    ways, stops, ahead, back = board.ways, plan.stops, plan.ahead, plan.back
    last = plan.length[row] + 1
    ahead[row, 0, 0] = ahead[row, 0, 1] = 0
    back[row, last, 0] = back[row, last, 1] = 0
    a, b = ahead[row, first - 1, 0], ahead[row, first - 1, 1]
    before = stops[row, first - 1]
    for p in range(first, last + 1):
        task = stops[row, p]
        c = min(a + ways[task, before, 0], b + ways[task, before, 2])
        b = min(a + ways[task, before, 1], b + ways[task, before, 3])
        a = c
        ahead[row, p, 0] = a
        ahead[row, p, 1] = b
        before = task
    plan.cost[row] = a if last > 1 else 0
    a, b = back[row, final + 1, 0], back[row, final + 1, 1]
    after = stops[row, final + 1]
    for p in range(final, -1, -1):
        task = stops[row, p]
        c = min(ways[task, after, 4] + a, ways[task, after, 5] + b)
        b = min(ways[task, after, 6] + a, ways[task, after, 7] + b)
        a = c
        back[row, p, 0] = a
        back[row, p, 1] = b
        after = task


@compiled
def insert(board: Board, plan: Plan, task: int, row: int, place: int) -> None:
    """Put `task` into a route between `place` and the next."""
    for p in range(plan.length[row] + 1, place, -1):
        other = plan.stops[row, p]
        plan.stops[row, p + 1] = other
        plan.back[row, p + 1, 0] = plan.back[row, p, 0]
        plan.back[row, p + 1, 1] = plan.back[row, p, 1]
        if other < board.ways.shape[0] - 1:
            plan.place_of[other] = p + 1
    plan.stops[row, place + 1] = task
    plan.route_of[task] = row
    plan.place_of[task] = place + 1
    plan.length[row] += 1
    plan.load[row] += board.demand[task]
    _sweep(board, plan, row, place + 1, place + 1)


@compiled
def price_insertion(board: Board, plan: Plan, task: int, row: int, place: int) -> int:
    """Cost of the route with `task` between `place` and the next, all directions chosen anew."""
    ways = board.ways
    before, after = plan.stops[row, place], plan.stops[row, place + 1]
    a, b = plan.ahead[row, place, 0], plan.ahead[row, place, 1]
    c, d = plan.back[row, place + 1, 0], plan.back[row, place + 1, 1]
    ahead = min(a + ways[task, before, 0], b + ways[task, before, 2])
    forward: int = ahead + min(ways[task, after, 4] + c, ways[task, after, 5] + d)
    ahead = min(a + ways[task, before, 1], b + ways[task, before, 3])
    backward: int = ahead + min(ways[task, after, 6] + c, ways[task, after, 7] + d)
    return min(forward, backward)


@compiled
def price_route(board: Board, tasks: IntArray) -> int:
    """Least cost of a route that serves `tasks` in this order."""
    depot = board.ways.shape[0] - 1
    ways = board.ways
    a = b = 0
    before = depot
    for i in range(len(tasks) + 1):
        task = tasks[i] if i < len(tasks) else depot
        c = min(a + ways[task, before, 0], b + ways[task, before, 2])
        b = min(a + ways[task, before, 1], b + ways[task, before, 3])
        a = c
        before = task
    return a


def choose_directions(instance: Instance, board: Board, routes: list[list[int]]) -> Routes:
    """The routes with the direction of every task, chosen so that each costs least."""
    plan = build_plan(board, routes, rows=len(routes))
    found = []
    for row, tasks in enumerate(routes):
        leaving, services, before = 0, [], len(instance.tasks)
        for place, task in enumerate(tasks, start=1):
            way = board.ways[task, before, :4].reshape(2, 2)[leaving]
            leaving = int(np.argmin(way + plan.back[row, place]))
            services.append(Service(task, bool(leaving) and instance.tasks[task].kind is TaskKind.EDGE))
            before = task
        found.append(tuple(services))
    return tuple(found)
