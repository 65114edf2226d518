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
from gridmap.domain.roads.compiled import lean, woven

FAR = 1 << 50
"""More than any cost."""
_BESIDE = 25
"""Of the places that leave and of those that are reached at least cost, so many are looked at for a task."""


class Board(NamedTuple):
    """The problem as arrays; the depot stands after the last task, its two directions are one.

    Attributes
    ----------
    out_of, into
        Least cost from leaving at place a to entering at place b: `out_of[a, b]` and `into[b, a]`. Places are few and
        the ways of one lie together in memory: what prices one task stays in the nearest cache.
    ends
        Places where a task is left in its two directions, then where it is entered.
    near
        Every other task by the least cost between the two, nearest first; shape (n, n - 1).
    beside
        By turns, what a task may stand after at least cost and what it may stand before, the depot included.
    is_after
        `is_after[t, q]`: q is among those that t is tried after.
    far
        Least cost from the depot.
    """

    out_of: npt.NDArray[np.int32]
    into: npt.NDArray[np.int32]
    ends: npt.NDArray[np.uint32]
    near: npt.NDArray[np.uint32]
    beside: npt.NDArray[np.uint32]
    is_after: npt.NDArray[np.bool_]
    far: IntArray
    demand: IntArray
    capacity: int


class Plan(NamedTuple):
    """Routes being worked on; row r is `depot, t1 … tL, depot`, L = `length[r]`; see the module for `ahead` and `back`.

    `route_of` and `place_of` say where a task stands, route -1 where it is in none.
    """

    stops: npt.NDArray[np.uint32]
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
    costs = instance.costs
    ends = np.full((n + 1, 4), costs.entry[-1], np.uint32)
    ends[:n, :2], ends[:n, 2:] = costs.leave[:-1].reshape(n, 2), costs.entry[:-1].reshape(n, 2)
    out_of = costs.ways.astype(np.int32)
    between = _between(costs.deadhead)
    after, before = (np.argsort(way, axis=1, kind="stable")[:n, : min(_BESIDE, n)] for way in (between.T, between))
    is_after = np.zeros((n, n + 1), np.bool_)
    np.put_along_axis(is_after, after, values=True, axis=1)
    either = np.minimum(between, between.T)
    return Board(
        out_of=out_of,
        into=np.ascontiguousarray(out_of.T),
        ends=ends,
        near=np.argsort(either[:n, :n], axis=1, kind="stable")[:, :-1].astype(np.uint32),
        beside=np.stack([after, before], axis=2).reshape(n, -1).astype(np.uint32),
        is_after=is_after,
        far=either[n, :n].astype(np.int64),
        demand=instance.demand,
        capacity=instance.capacity,
    )


def _between(deadhead: IntArray) -> npt.NDArray[np.float64]:
    """Least cost from one task or the depot to another over their directions, infinite to itself."""
    padded = np.pad(deadhead, (0, 1), mode="edge")
    count = len(padded) // 2
    least: npt.NDArray[np.float64] = padded.reshape(count, 2, count, 2).min(axis=(1, 3)).astype(np.float64)
    np.fill_diagonal(least, np.inf)
    return least


def build_plan(board: Board, routes: list[list[int]], *, rows: int) -> Plan:
    """A plan of `rows` rows that begin with `routes`, tasks in order without directions; the other rows are empty."""
    n = len(board.demand)
    plan = Plan(
        stops=np.full((rows, n + 2), n, np.uint32),
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


@lean
def refresh(board: Board, plan: Plan, row: int) -> None:
    """Bring everything about one route up to date with its `stops` and `length`."""
    last = plan.length[row] + 1
    depot = len(board.demand)
    plan.stops[row, 0] = plan.stops[row, last] = depot
    load = 0
    for p in range(1, last):
        task = plan.stops[row, p]
        load += board.demand[task]
        plan.place_of[task] = p
        plan.route_of[task] = row
    plan.load[row] = load
    _sweep(board, plan, row, 1, last - 1)


@lean
def _sweep(board: Board, plan: Plan, row: int, first: int, final: int) -> None:
    """Bring `ahead` up to date from place `first` on and `back` from place `final` down, and the route's cost."""
    # Elements are read one by one: a view of a row costs more here than all the sums.
    into, out_of, ends = board.into, board.out_of, board.ends
    stops, ahead, back = plan.stops, plan.ahead, plan.back
    last = plan.length[row] + 1
    ahead[row, 0, 0] = ahead[row, 0, 1] = 0
    back[row, last, 0] = back[row, last, 1] = 0
    a, b = ahead[row, first - 1, 0], ahead[row, first - 1, 1]
    other = stops[row, first - 1]
    for p in range(first, last + 1):
        task = stops[row, p]
        c = min(a + into[ends[task, 2], ends[other, 0]], b + into[ends[task, 2], ends[other, 1]])
        b = min(a + into[ends[task, 3], ends[other, 0]], b + into[ends[task, 3], ends[other, 1]])
        a = c
        ahead[row, p, 0] = a
        ahead[row, p, 1] = b
        other = task
    plan.cost[row] = a if last > 1 else 0
    a, b = back[row, final + 1, 0], back[row, final + 1, 1]
    other = stops[row, final + 1]
    for p in range(final, -1, -1):
        task = stops[row, p]
        c = min(out_of[ends[task, 0], ends[other, 2]] + a, out_of[ends[task, 0], ends[other, 3]] + b)
        b = min(out_of[ends[task, 1], ends[other, 2]] + a, out_of[ends[task, 1], ends[other, 3]] + b)
        a = c
        back[row, p, 0] = a
        back[row, p, 1] = b
        other = task


@lean
def insert(board: Board, plan: Plan, task: int, row: int, place: int) -> None:
    """Put `task` into a route between `place` and the next."""
    for p in range(plan.length[row] + 1, place, -1):
        other = plan.stops[row, p]
        plan.stops[row, p + 1] = other
        plan.back[row, p + 1, 0] = plan.back[row, p, 0]
        plan.back[row, p + 1, 1] = plan.back[row, p, 1]
        if other < len(board.demand):
            plan.place_of[other] = p + 1
    plan.stops[row, place + 1] = task
    plan.route_of[task] = row
    plan.place_of[task] = place + 1
    plan.length[row] += 1
    plan.load[row] += board.demand[task]
    _sweep(board, plan, row, place + 1, place + 1)


@woven
def price_insertion(board: Board, plan: Plan, task: int, row: int, place: int) -> int:
    """Cost of the route with `task` between `place` and the next, all directions chosen anew."""
    into, out_of, ends = board.into, board.out_of, board.ends
    before, after = plan.stops[row, place], plan.stops[row, place + 1]
    a, b = plan.ahead[row, place, 0], plan.ahead[row, place, 1]
    c, d = plan.back[row, place + 1, 0], plan.back[row, place + 1, 1]
    left, right = ends[before, 0], ends[before, 1]
    first, second = ends[after, 2], ends[after, 3]
    way = min(a + into[ends[task, 2], left], b + into[ends[task, 2], right])
    forward: int = way + min(out_of[ends[task, 0], first] + c, out_of[ends[task, 0], second] + d)
    way = min(a + into[ends[task, 3], left], b + into[ends[task, 3], right])
    backward: int = way + min(out_of[ends[task, 1], first] + c, out_of[ends[task, 1], second] + d)
    return min(forward, backward)


@lean
def price_route(board: Board, tasks: IntArray) -> int:
    """Least cost of a route that serves `tasks` in this order."""
    depot = len(board.demand)
    into, ends = board.into, board.ends
    a = b = 0
    other = depot
    for i in range(len(tasks) + 1):
        task = tasks[i] if i < len(tasks) else depot
        c = min(a + into[ends[task, 2], ends[other, 0]], b + into[ends[task, 2], ends[other, 1]])
        b = min(a + into[ends[task, 3], ends[other, 0]], b + into[ends[task, 3], ends[other, 1]])
        a = c
        other = task
    return a


def choose_directions(instance: Instance, board: Board, routes: list[list[int]]) -> Routes:
    """The routes with the direction of every task, chosen so that each costs least."""
    plan = build_plan(board, routes, rows=len(routes))
    found = []
    for row, tasks in enumerate(routes):
        leaving, services, before = 0, [], len(instance.tasks)
        for place, task in enumerate(tasks, start=1):
            way = board.into[board.ends[task, 2:], board.ends[before, leaving]]
            leaving = int(np.argmin(way + plan.back[row, place]))
            services.append(Service(task, bool(leaving) and instance.tasks[task].kind is TaskKind.EDGE))
            before = task
        found.append(tuple(services))
    return tuple(found)
