"""Slack induction by string removals (Christiaens and Vanden Berghe, 2020) with directions chosen exactly.

Strings of neighbouring tasks are taken out of a few routes that lie close together and put back one by one where they
cost least; simulated annealing decides what is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.mcgrp.chance import ChanceArray, draw, draw_below
from gridmap.domain.patrol.mcgrp.instance import IntArray
from gridmap.domain.patrol.mcgrp.plans import FAR, Board, Plan, insert, price_insertion, refresh
from gridmap.domain.roads.compiled import lean, woven

_BLINK = 0.01
_SPLIT = 0.5
_GROW = 0.99


class Tuning(NamedTuple):
    """`removed` tasks on average in strings of at most `longest`, of a `share` of a route in `rare` steps."""

    removed: float
    longest: float
    rare: float
    share: float


class Scratch(NamedTuple):
    """Room that one search works in: saved rows, who was touched, who is out."""

    saved: Plan
    touched: npt.NDArray[np.bool_]
    rows: IntArray
    absent: IntArray
    is_absent: npt.NDArray[np.bool_]
    key: npt.NDArray[np.float64]
    best_stops: npt.NDArray[np.uint32]
    best_length: IntArray
    cost: IntArray
    """Of the plan at hand, then of the best."""


def build_scratch(board: Board, plan: Plan) -> Scratch:
    """Scratch whose best is the plan at hand, or nothing where a route is overloaded."""
    rows, n = len(plan.length), len(plan.route_of)
    cost = int(plan.cost.sum())
    best = cost if (plan.load <= board.capacity).all() and (plan.route_of >= 0).all() else FAR
    return Scratch(
        saved=Plan._make(part.copy() for part in plan),
        touched=np.zeros(rows, np.bool_),
        rows=np.zeros(rows, np.int64),
        absent=np.zeros(n, np.int64),
        is_absent=np.zeros(n, np.bool_),
        key=np.zeros(n),
        best_stops=plan.stops.copy(),
        best_length=plan.length.copy(),
        cost=np.array([cost, best], np.int64),
    )


@lean
def _touch(plan: Plan, scratch: Scratch, row: int, count: int) -> int:
    """Save a row before its first change; returns how many rows are saved now."""
    if scratch.touched[row]:
        return count
    scratch.touched[row] = True
    scratch.rows[count] = row
    saved = scratch.saved
    last = plan.length[row] + 2
    saved.length[row] = plan.length[row]
    saved.cost[row] = plan.cost[row]
    saved.load[row] = plan.load[row]
    for p in range(last):
        saved.stops[row, p] = plan.stops[row, p]
        saved.ahead[row, p, 0] = plan.ahead[row, p, 0]
        saved.ahead[row, p, 1] = plan.ahead[row, p, 1]
        saved.back[row, p, 0] = plan.back[row, p, 0]
        saved.back[row, p, 1] = plan.back[row, p, 1]
    return count + 1


@lean
def _restore(plan: Plan, scratch: Scratch, count: int) -> None:
    saved = scratch.saved
    for i in range(count):
        row = scratch.rows[i]
        scratch.touched[row] = False
        plan.length[row] = saved.length[row]
        plan.cost[row] = saved.cost[row]
        plan.load[row] = saved.load[row]
        for p in range(saved.length[row] + 2):
            task = saved.stops[row, p]
            plan.stops[row, p] = task
            plan.ahead[row, p, 0] = saved.ahead[row, p, 0]
            plan.ahead[row, p, 1] = saved.ahead[row, p, 1]
            plan.back[row, p, 0] = saved.back[row, p, 0]
            plan.back[row, p, 1] = saved.back[row, p, 1]
            if p > 0 and p <= saved.length[row]:
                plan.route_of[task] = row
                plan.place_of[task] = p


@lean
def _ruin(board: Board, plan: Plan, scratch: Scratch, tuning: Tuning, chance: ChanceArray) -> tuple[int, int]:
    """Take strings out of routes about a random task; returns how many tasks are out and how many rows touched."""
    n = len(board.demand)
    used = 0
    for row in range(len(plan.length)):
        if plan.length[row] > 0:
            used += 1
    mean = n / max(used, 1)
    longest = min(tuning.longest, mean)
    removed = tuning.removed
    if tuning.rare > 0 and draw(chance) < tuning.rare:
        longest = max(longest, tuning.share * mean)
        removed = max(removed, longest)
    strings = int(draw(chance) * (4.0 * removed / (1.0 + longest) - 1.0) + 1.0)
    seed = draw_below(chance, n)
    out = 0
    rows = 0
    for i in range(-1, n - 1):
        if rows >= strings:
            break
        task = seed if i < 0 else board.near[seed, i]
        row = plan.route_of[task]
        if scratch.is_absent[task] or row < 0 or scratch.touched[row]:
            continue
        length = plan.length[row]
        taken = min(int(draw(chance) * min(float(length), longest) + 1.0), length)
        kept = 0
        if 1 < taken < length and draw(chance) < _SPLIT:
            kept = 1
            while taken + kept < length and draw(chance) < _GROW:
                kept += 1
            # The published rule keeps on growing with a chance of 1 %; a long middle is what long routes gain by.
        rows = _touch(plan, scratch, row, rows)
        out = _cut(plan, scratch, row, task, taken, kept, out, chance)
        refresh(board, plan, row)
    return out, rows


@lean
def _cut(
    plan: Plan, scratch: Scratch, row: int, task: int, taken: int, kept: int, out: int, chance: ChanceArray
) -> int:
    """Take `taken` tasks about `task` out of a row, a block of `kept` among them staying."""
    length, span = plan.length[row], taken + kept
    place = plan.place_of[task]
    low, high = max(1, place - span + 1), min(place, length - span + 1)
    start = low + draw_below(chance, high - low + 1)
    stay = start + (draw_below(chance, taken + 1) if kept > 0 else span)
    write = 1
    for p in range(1, length + 1):
        other = plan.stops[row, p]
        if start <= p < start + span and not stay <= p < stay + kept:
            scratch.absent[out] = other
            scratch.is_absent[other] = True
            plan.route_of[other] = -1
            out += 1
        else:
            plan.stops[row, write] = other
            write += 1
    plan.length[row] = write - 1
    return out


@lean
def _order(board: Board, scratch: Scratch, out: int, chance: ChanceArray) -> None:
    """Order absent tasks as they are put back: at random, largest demand, farthest or nearest first."""
    rule = draw_below(chance, 11)
    absent, key = scratch.absent, scratch.key
    for i in range(out):
        task = absent[i]
        if rule < 4:
            rank = draw(chance)
        elif rule < 8:
            rank = -board.demand[task] + 0.001 * draw(chance)
        elif rule < 10:
            rank = -board.far[task] * 1.0
        else:
            rank = board.far[task] * 1.0
        at = i
        while at > 0 and key[at - 1] > rank:
            key[at], absent[at] = key[at - 1], absent[at - 1]
            at -= 1
        key[at], absent[at] = rank, task


@woven
def _draw_look(chance: ChanceArray) -> int:
    """How many places are looked at before one is skipped: as if each was skipped with a chance of `_BLINK`."""
    return int(np.log(1.0 - draw(chance)) / -_BLINK)


@lean
def _find_place(board: Board, plan: Plan, task: int, chance: ChanceArray, penalty: float) -> tuple[int, int]:
    """The route and gap where a task costs least beside what is near it, a place skipped now and then."""
    depot = len(board.demand)
    best, best_row, best_place = FAR * 1.0, -1, 0
    demand = board.demand[task]
    room = board.capacity - demand
    look = _draw_look(chance)
    for i in range(board.beside.shape[1]):
        other, side = board.beside[task, i], i & 1
        low, high = (plan.route_of[other], plan.route_of[other] + 1) if other < depot else (0, len(plan.length))
        for row in range(max(low, 0), high):
            over = penalty * min(demand, max(0, plan.load[row] - room))
            if over >= best or plan.length[row] == 0:
                continue
            place = plan.place_of[other] - side if other < depot else side * plan.length[row]
            if side == 1 and board.is_after[task, plan.stops[row, place]]:
                continue
            look -= 1
            if look < 0:
                look = _draw_look(chance)
                continue
            extra = price_insertion(board, plan, task, row, place) - plan.cost[row] + over
            if extra < best:
                best, best_row, best_place = extra, row, place
    crowded = best_row < 0 or plan.load[best_row] > room
    for row in range(len(plan.length)):
        length = plan.length[row]
        # A route with room may lie far from all that is near: a fixed fleet would stay overloaded without it.
        if length == 0 or (crowded and plan.load[row] <= room):
            for place in range(0, length + 1, max(length, 1)):
                extra = price_insertion(board, plan, task, row, place) * 1.0 - plan.cost[row]
                if extra < best:
                    best, best_row, best_place = extra, row, place
    if best_row < 0:
        # Every place was skipped: rare, and harmless, as the next step takes the task out again where it is dear.
        best_row = int(np.argmin(plan.load))
    return best_row, best_place


@lean
def _recreate(
    board: Board,
    plan: Plan,
    scratch: Scratch,
    out: int,
    rows: int,
    chance: ChanceArray,
    penalty: float,
) -> int:
    """Put absent tasks back; returns how many rows are touched."""
    _order(board, scratch, out, chance)
    for i in range(out):
        task = scratch.absent[i]
        scratch.is_absent[task] = False
        row, place = _find_place(board, plan, task, chance, penalty)
        rows = _touch(plan, scratch, row, rows)
        insert(board, plan, task, row, place)
    return rows


@lean
def _keep(plan: Plan, scratch: Scratch) -> None:
    """The plan at hand is the best."""
    scratch.cost[1] = scratch.cost[0]
    for row in range(len(plan.length)):
        scratch.best_length[row] = plan.length[row]
        for p in range(1, plan.length[row] + 1):
            scratch.best_stops[row, p] = plan.stops[row, p]


@lean
def anneal(
    board: Board,
    plan: Plan,
    scratch: Scratch,
    tuning: Tuning,
    chance: ChanceArray,
    iterations: int,
    hot: float,
    cold: float,
    penalty: float,
) -> int:
    """Anneal the plan from temperature `hot` to `cold`, overload at the price `penalty`; keeps the best in `scratch`.

    Returns in how many iterations the plan at hand had no overload.
    """
    factor = (cold / hot) ** (1.0 / max(iterations, 1))
    heat = hot
    feasible = 0
    over = 0
    for row in range(len(plan.length)):
        over += max(0, plan.load[row] - board.capacity)
    for _ in range(iterations):
        out, rows = _ruin(board, plan, scratch, tuning, chance)
        rows = _recreate(board, plan, scratch, out, rows, chance, penalty)
        step = 0
        step_over = 0
        for i in range(rows):
            row = scratch.rows[i]
            step += plan.cost[row] - scratch.saved.cost[row]
            step_over += max(0, plan.load[row] - board.capacity) - max(0, scratch.saved.load[row] - board.capacity)
        if step + penalty * step_over < -heat * np.log(1.0 - draw(chance)):
            scratch.cost[0] += step
            over += step_over
            for i in range(rows):
                scratch.touched[scratch.rows[i]] = False
            if over == 0 and scratch.cost[0] < scratch.cost[1]:
                _keep(plan, scratch)
        else:
            _restore(plan, scratch, rows)
        if over == 0:
            feasible += 1
        heat *= factor
    return feasible
