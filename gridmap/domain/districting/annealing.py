"""Cells change hands one by one or two by two, decided by simulated annealing; no unit is ever torn.

The cost of a plan is the sum of what `Rules` prices: cut arcs, cells away from home, loads outside their windows and
lost compactness. A cell leaves a unit only where its neighbours in it stay connected without it, and goes only to a
unit it can be passed to, so that the number of parts never grows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gridmap.domain.districting.adjacency import FloatArray, IntArray
from gridmap.domain.districting.territory import BoolArray, Territory
from gridmap.domain.patrol.mcgrp.chance import ChanceArray, draw, draw_below
from gridmap.domain.roads.compiled import lean, woven

NEVER = 1e18
"""Cost of what was not found yet."""

_REACH = 96
"""Cells looked at for one that can be given in return."""


class Ground(NamedTuple):
    """What does not change while cells change hands; positions and units as in `Territory`."""

    indptr: IntArray
    indices: IntArray
    passable: BoolArray
    border_m: FloatArray
    load: FloatArray
    area_m2: FloatArray
    perimeter_m: FloatArray
    movable: BoolArray
    parent: IntArray
    unit_parent: IntArray
    home: IntArray
    price: FloatArray
    """What it costs that a cell is not with its unit of today."""


class Rules(NamedTuple):
    """What plans cost.

    `low` and `high` bound the load of each unit; being outside by `scale` costs `excess`, and more than in proportion
    as `bend` says. A cut arc costs `cut`, one unit of the sum of Polsby-Popper measures earns `compact`, and below
    `shape_floor` that sum costs `shape` more.
    """

    low: FloatArray
    high: FloatArray
    scale: float
    excess: float
    bend: float
    cut: float
    compact: float
    shape: float
    shape_floor: float
    swaps: float
    """Share of the tries that give one cell and take another."""
    most: float
    """Sum of prices that no plan may exceed; each step beyond costs `dear`."""
    dear: float


class Holding(NamedTuple):
    """Who holds what, kept up to date cell by cell."""

    owner: IntArray
    cells: IntArray
    load: FloatArray
    area: FloatArray
    outline: FloatArray
    foreign: IntArray
    """Arcs of each cell by which it can be passed to another unit."""
    rim: IntArray
    place: IntArray
    sums: FloatArray
    """Excess of loads, cut arcs, price, sum of Polsby-Popper measures, units outside their window."""
    sizes: IntArray
    """Cells on the rim, last mark given."""
    mark: IntArray
    queue: IntArray
    best_owner: IntArray
    best: FloatArray
    """Cost of the best plan inside all windows, and the excess of the least bad one until there is any."""


EXCESS, CUT, PRICE, SHAPE, OUTSIDE = range(5)


def build_ground(
    territory: Territory,
    *,
    home: IntArray,
    price: FloatArray,
    unit_parent: IntArray,
    movable: BoolArray | None = None,
) -> Ground:
    """The arrays of a territory in the shape that the kernels read."""
    return Ground(
        territory.indptr,
        territory.indices,
        territory.passable,
        territory.border_m,
        territory.load,
        territory.area_m2,
        territory.perimeter_m,
        ~territory.locked if movable is None else movable & ~territory.locked,
        territory.parent,
        unit_parent,
        np.asarray(home, np.int64),
        price,
    )


def build_holding(ground: Ground, rules: Rules, owner: IntArray) -> Holding:
    """Sums for `owner`, which is copied and the best so far."""
    n, k = len(ground.load), len(rules.low)
    holding = Holding(
        np.array(owner, np.int64),
        np.zeros(k, np.int64),
        np.zeros(k),
        np.zeros(k),
        np.zeros(k),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.full(n, -1, np.int64),
        np.zeros(5),
        np.zeros(2, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.array(owner, np.int64),
        np.array([NEVER, NEVER]),
    )
    refresh(ground, rules, holding)
    _keep_best(rules, holding)
    return holding


@woven
def _one(holds: bool) -> float:
    return 1.0 if holds else 0.0


@woven
def _outside(rules: Rules, unit: int, load: float) -> float:
    over: float = max(load - rules.high[unit], rules.low[unit] - load, 0.0) / rules.scale
    return over


@woven
def _bend(rules: Rules, over: float) -> float:
    return over + rules.bend * over * over


@woven
def _round(area: float, outline: float) -> float:
    """Polsby-Popper measure, 1 of a circle (Polsby and Popper, 1991, Yale Law & Policy Review 9:301)."""
    return 4.0 * math.pi * area / (outline * outline) if outline > 0.0 else 0.0


@lean
def refresh(ground: Ground, rules: Rules, holding: Holding) -> None:
    """Sum up anew from the owners: rounding does not pile up, and rules may have changed."""
    n, k = len(ground.load), len(rules.low)
    owner, sums = holding.owner, holding.sums
    sums[:] = 0.0
    holding.cells[:] = 0
    holding.load[:] = 0.0
    holding.area[:] = 0.0
    holding.outline[:] = 0.0
    holding.sizes[0] = 0
    for c in range(n):
        u = owner[c]
        holding.place[c] = -1
        holding.foreign[c] = 0
        if u < 0:
            continue
        holding.cells[u] += 1
        holding.load[u] += ground.load[c]
        holding.area[u] += ground.area_m2[c]
        holding.outline[u] += ground.perimeter_m[c]
        if u != ground.home[c]:
            sums[PRICE] += ground.price[c]
        for a in range(ground.indptr[c], ground.indptr[c + 1]):
            other = owner[ground.indices[a]]
            if other == u:
                holding.outline[u] -= ground.border_m[a]
            elif other >= 0 and ground.passable[a]:
                holding.foreign[c] += 1
        sums[CUT] += 0.5 * holding.foreign[c]
        if holding.foreign[c] > 0:
            _put_on_rim(holding, c)
    for u in range(k):
        over = _outside(rules, u, holding.load[u])
        sums[EXCESS] += _bend(rules, over)
        sums[SHAPE] += _round(holding.area[u], holding.outline[u])
        if over > 0.0:
            sums[OUTSIDE] += 1.0


@woven
def _put_on_rim(holding: Holding, c: int) -> None:
    holding.place[c] = holding.sizes[0]
    holding.rim[holding.sizes[0]] = c
    holding.sizes[0] += 1


@woven
def _take_off_rim(holding: Holding, c: int) -> None:
    last = holding.rim[holding.sizes[0] - 1]
    holding.rim[holding.place[c]] = last
    holding.place[last] = holding.place[c]
    holding.place[c] = -1
    holding.sizes[0] -= 1


@lean
def _price(rules: Rules, sums: FloatArray) -> float:
    short = max(rules.shape_floor - sums[SHAPE], 0.0)
    cost: float = (
        rules.excess * sums[EXCESS]
        + rules.cut * sums[CUT]
        + sums[PRICE]
        + rules.dear * max(sums[PRICE] - rules.most, 0.0)
        + rules.shape * short
        - rules.compact * sums[SHAPE]
    )
    return cost


@lean
def _weigh(ground: Ground, rules: Rules, holding: Holding, c: int, to: int, change: FloatArray) -> None:
    """What the sums would change by if `c` went to `to`."""
    owner = holding.owner
    a, b = owner[c], to
    cut = 0.0
    border_a, border_b = 0.0, 0.0
    for arc in range(ground.indptr[c], ground.indptr[c + 1]):
        other = owner[ground.indices[arc]]
        if other == a:
            border_a += ground.border_m[arc]
            cut += _one(ground.passable[arc])
        elif other == b:
            border_b += ground.border_m[arc]
            cut -= _one(ground.passable[arc])
    load, area, outline = ground.load[c], ground.area_m2[c], ground.perimeter_m[c]
    before_a, before_b = _outside(rules, a, holding.load[a]), _outside(rules, b, holding.load[b])
    after_a, after_b = _outside(rules, a, holding.load[a] - load), _outside(rules, b, holding.load[b] + load)
    change[EXCESS] = _bend(rules, after_a) + _bend(rules, after_b) - _bend(rules, before_a) - _bend(rules, before_b)
    change[OUTSIDE] = _one(after_a > 0.0) + _one(after_b > 0.0) - _one(before_a > 0.0) - _one(before_b > 0.0)
    change[CUT] = cut
    change[PRICE] = ground.price[c] * (_one(b != ground.home[c]) - _one(a != ground.home[c]))
    change[SHAPE] = (
        _round(holding.area[a] - area, holding.outline[a] - outline + 2.0 * border_a)
        + _round(holding.area[b] + area, holding.outline[b] + outline - 2.0 * border_b)
        - _round(holding.area[a], holding.outline[a])
        - _round(holding.area[b], holding.outline[b])
    )


@lean
def hand_over(ground: Ground, holding: Holding, c: int, to: int) -> None:
    """Give a cell to a unit; the sums are the caller's to change."""
    owner = holding.owner
    a = owner[c]
    foreign = 0
    outline = ground.perimeter_m[c]
    holding.outline[a] -= outline
    holding.outline[to] += outline
    for arc in range(ground.indptr[c], ground.indptr[c + 1]):
        other = ground.indices[arc]
        u = owner[other]
        if u == a:
            holding.outline[a] += 2.0 * ground.border_m[arc]
        elif u == to:
            holding.outline[to] -= 2.0 * ground.border_m[arc]
        if u < 0 or not ground.passable[arc]:
            continue
        if u != to:
            foreign += 1
        if u == a:
            holding.foreign[other] += 1
            if holding.foreign[other] == 1:
                _put_on_rim(holding, other)
        elif u == to:
            holding.foreign[other] -= 1
            if holding.foreign[other] == 0:
                _take_off_rim(holding, other)
    if foreign > 0 and holding.place[c] < 0:
        _put_on_rim(holding, c)
    elif foreign == 0 and holding.place[c] >= 0:
        _take_off_rim(holding, c)
    holding.foreign[c] = foreign
    holding.cells[a] -= 1
    holding.cells[to] += 1
    holding.load[a] -= ground.load[c]
    holding.load[to] += ground.load[c]
    holding.area[a] -= ground.area_m2[c]
    holding.area[to] += ground.area_m2[c]
    owner[c] = to


@lean
def stays_together(ground: Ground, holding: Holding, c: int) -> bool:
    """Whether the neighbours of `c` in its unit stay connected without it. The only cell of a unit does not leave."""
    owner, mark, queue = holding.owner, holding.mark, holding.queue
    a = owner[c]
    if holding.cells[a] == 1:
        return False
    holding.sizes[1] += 2
    wanted, seen = holding.sizes[1], holding.sizes[1] + 1
    left = 0
    first = -1
    for arc in range(ground.indptr[c], ground.indptr[c + 1]):
        other = ground.indices[arc]
        if owner[other] == a and ground.passable[arc]:
            mark[other] = wanted
            left += 1
            first = other
    if left <= 1:
        return True
    mark[c] = seen
    mark[first] = seen
    left -= 1
    queue[0] = first
    head, tail = 0, 1
    while head < tail:
        cell = queue[head]
        head += 1
        for arc in range(ground.indptr[cell], ground.indptr[cell + 1]):
            other = ground.indices[arc]
            if owner[other] != a or mark[other] == seen or not ground.passable[arc]:
                continue
            if mark[other] == wanted:
                left -= 1
                if left == 0:
                    return True
            mark[other] = seen
            queue[tail] = other
            tail += 1
    return False


@lean
def _choose_taker(ground: Ground, holding: Holding, c: int, chance: ChanceArray) -> int:
    """A unit the cell can be passed to, by chance, each arc as likely as the other; -1 where it may go to none."""
    owner = holding.owner
    if not ground.movable[c] or holding.foreign[c] == 0:
        return -1
    turn = draw_below(chance, holding.foreign[c])
    for arc in range(ground.indptr[c], ground.indptr[c + 1]):
        other = owner[ground.indices[arc]]
        if other != owner[c] and other >= 0 and ground.passable[arc]:
            if turn == 0:
                return other if ground.unit_parent[other] == ground.parent[c] else -1
            turn -= 1
    return -1


@lean
def _touches(ground: Ground, holding: Holding, c: int, unit: int, without: int) -> bool:
    for arc in range(ground.indptr[c], ground.indptr[c + 1]):
        other = ground.indices[arc]
        if other != without and holding.owner[other] == unit and ground.passable[arc]:
            return True
    return False


@lean
def _choose_return(ground: Ground, holding: Holding, c: int, giver: int, chance: ChanceArray) -> int:
    """A cell of the unit `c` went to that can be passed to the giver, by chance among those near; -1 where none is."""
    owner, mark, queue = holding.owner, holding.mark, holding.queue
    taker = owner[c]
    holding.sizes[1] += 2
    seen = holding.sizes[1]
    mark[c] = seen
    queue[0] = c
    head, tail, found, chosen = 0, 1, 0, -1
    while head < tail and head < _REACH:
        cell = queue[head]
        head += 1
        may_go = cell != c and owner[cell] == taker and ground.movable[cell]
        if may_go and ground.unit_parent[giver] == ground.parent[cell] and _touches(ground, holding, cell, giver, c):
            found += 1
            if draw_below(chance, found) == 0:
                chosen = cell
        for arc in range(ground.indptr[cell], ground.indptr[cell + 1]):
            other = ground.indices[arc]
            # Only along the rim: what lies deep inside either of both is no use.
            if mark[other] != seen and holding.foreign[other] > 0 and (owner[other] == taker or owner[other] == giver):
                mark[other] = seen
                queue[tail] = other
                tail += 1
    return chosen


@lean
def _copy_owner(holding: Holding) -> None:
    for c in range(len(holding.owner)):
        holding.best_owner[c] = holding.owner[c]


@lean
def _keep_best(rules: Rules, holding: Holding) -> None:
    sums, best = holding.sums, holding.best
    if sums[SHAPE] < rules.shape_floor - 1e-9 or sums[PRICE] > rules.most + 1e-6:
        return
    if sums[OUTSIDE] < 0.5:
        cost = _price(rules, sums)
        if cost < best[0] - 1e-7:
            best[0] = cost
            _copy_owner(holding)
    elif best[0] >= NEVER and sums[EXCESS] < best[1] - 1e-9:
        best[1] = sums[EXCESS]
        _copy_owner(holding)


@lean
def _passes(rules: Rules, sums: FloatArray, change: FloatArray, temperature: float, chance: ChanceArray) -> bool:
    """The rule of Metropolis et al. (1953)."""
    before = _price(rules, sums)
    for i in range(len(sums)):
        sums[i] += change[i]
    worse = _price(rules, sums) - before
    for i in range(len(sums)):
        sums[i] -= change[i]
    return worse <= 0.0 or draw(chance) < math.exp(-worse / temperature)


@lean
def _swap(
    ground: Ground,
    rules: Rules,
    holding: Holding,
    c: int,
    to: int,
    changes: FloatArray,
    temperature: float,
    chance: ChanceArray,
) -> bool:
    """Give `c` to `to` and take a cell in return; nothing is changed where that does not pass."""
    giver = holding.owner[c]
    if not stays_together(ground, holding, c):
        return False
    hand_over(ground, holding, c, to)
    back = _choose_return(ground, holding, c, giver, chance)
    if back >= 0:
        _weigh(ground, rules, holding, back, giver, changes[1])
        for i in range(len(holding.sums)):
            changes[0, i] += changes[1, i]
        if _passes(rules, holding.sums, changes[0], temperature, chance) and stays_together(ground, holding, back):
            hand_over(ground, holding, back, giver)
            return True
    hand_over(ground, holding, c, giver)
    return False


@lean
def anneal(
    ground: Ground,
    rules: Rules,
    holding: Holding,
    changes: FloatArray,
    chance: ChanceArray,
    tries: int,
    temperature: float,
) -> int:
    """Try changes at one temperature; returns after how many of them all loads were inside their windows.

    `changes` is room for two rows of sums. The best plan inside all windows is kept in `holding.best_owner`.
    """
    inside = 0
    for _ in range(tries):
        if holding.sizes[0] == 0:
            break
        c = holding.rim[draw_below(chance, holding.sizes[0])]
        to = _choose_taker(ground, holding, c, chance)
        if to >= 0:
            _weigh(ground, rules, holding, c, to, changes[0])
            moved = False
            if draw(chance) < rules.swaps:
                moved = _swap(ground, rules, holding, c, to, changes, temperature, chance)
            elif _passes(rules, holding.sums, changes[0], temperature, chance) and stays_together(ground, holding, c):
                hand_over(ground, holding, c, to)
                moved = True
            if moved:
                for i in range(len(holding.sums)):
                    holding.sums[i] += changes[0, i]
                _keep_best(rules, holding)
        if holding.sums[OUTSIDE] < 0.5:
            inside += 1
    return inside
