"""Times between many places that stay at hand while roads are closed: only what a closure changes is searched anew.

For every place the tree of fastest ways is kept: 12 bytes for each place and junction, 135 MB for 500 places on 22,500
junctions. Where an arc is closed or slowed, only the junctions behind it in a tree lose their ways; they are joined
again to the rest of the tree by Dijkstra's search from its rim (Ramalingam and Reps, On the computational complexity of
dynamic graph problems, 1996). Trees without the arc are shared with the matrix before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import BoolArray, IntArray, ModeGraph, list_tails
from gridmap.domain.roads.compiled import compiled
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.heap import pop, push
from gridmap.domain.roads.routes import Place
from gridmap.domain.roads.snapping import NO_ENDS, Spot, along_chain, enter, leave, snap, snap_all
from gridmap.domain.roads.speeds import Mode

SmallArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Tree:
    """Fastest ways from one place: seconds to each junction, the arc it is come to by (-1 at the root), and where.

    `goal_m` are metres to each way into a target, shape (targets, most ways).
    """

    cost: FloatArray
    by: SmallArray
    goal_m: FloatArray


@dataclass(frozen=True)
class _Goals:
    """Ways into the targets, shape (targets, most ways), infinite seconds where a target has fewer."""

    state: IntArray
    seconds: FloatArray
    metres: FloatArray


@dataclass(frozen=True)
class TravelMatrix:
    """Fastest times between places by one mode, from row to column.

    Attributes
    ----------
    spots
        Where each (lon, lat) place meets the network, None where no usable road is near.
    seconds, metres
        Infinite where no way leads, and for places off the network.
    """

    network: RoadNetwork
    mode: Mode
    places: tuple[Place, ...]
    spots: tuple[Spot | None, ...]
    seconds: FloatArray
    metres: FloatArray
    _trees: tuple[_Tree, ...]
    _rows: _Rows

    def close_edges(self, edge_ids: Iterable[int]) -> TravelMatrix:
        """The matrix with edges closed to everybody, as `build_matrix` would make it on such a network."""
        return self.follow(self.network.close_edges(edge_ids))

    def follow(self, network: RoadNetwork) -> TravelMatrix:
        """The matrix on another state of the same network: closures and slow roads, each of them more than before.

        Where an edge became quicker or was opened everything is measured anew.
        """
        before, now = self.network.mode_graph(self.mode), network.mode_graph(self.mode)
        if (self.network.base or self.network) is not (network.base or network) or (
            (now.edge_forward_s < before.edge_forward_s) | (now.edge_backward_s < before.edge_backward_s)
        ).any():
            return build_matrix(network, self.places, mode=self.mode)
        # Only a place at a closed road looks for another.
        spots = tuple(
            spot if spot is None or now.usable[spot.edge] else snap(network, place, mode=self.mode)
            for spot, place in zip(self.spots, self.places, strict=True)
        )
        return _repair(self, network, spots)


def build_matrix(network: RoadNetwork, places: Sequence[Place], *, mode: Mode = Mode.CAR) -> TravelMatrix:
    """Measure every way between (lon, lat) places, on all cores."""
    graph = network.mode_graph(mode)
    spots = tuple(snap_all(network, places, mode=mode))
    rows = _Rows(graph, spots)
    trees = tuple(_spread(rows.grow, len(spots)))
    unknown = np.full((len(spots), len(spots)), np.inf)
    empty = TravelMatrix(network, mode, tuple(places), spots, unknown, unknown.copy(), trees, rows)
    return _fill(empty, range(len(spots)))


def _repair(old: TravelMatrix, network: RoadNetwork, spots: tuple[Spot | None, ...]) -> TravelMatrix:
    before, now = old._rows, _Rows(network.mode_graph(old.mode), spots)
    arcs = now.graph.arcs
    slower = np.flatnonzero(arcs.seconds > before.graph.arcs.seconds).astype(np.int32)
    heads = arcs.head[slower]
    moved_goal = _find_moved(before.goals, now.goals)

    def renew(row: int) -> _Tree:
        tree = old._trees[row]
        if not now.starts_alike(before, row):
            return now.grow(row)
        if moved_goal.any() or (tree.by[heads] == slower).any():
            return now.mend(row, tree, slower, moved_goal)
        return tree

    trees = tuple(_spread(renew, len(spots)))
    goals_alike = np.array_equal(now.goals.seconds, before.goals.seconds) and not moved_goal.any()
    changed = [row for row, tree in enumerate(trees) if not goals_alike or tree is not old._trees[row]]
    seconds, metres = old.seconds.copy(), old.metres.copy()
    copy = replace(old, network=network, spots=spots, seconds=seconds, metres=metres, _trees=trees, _rows=now)
    return _fill(copy, changed)


def _find_moved(before: _Goals, now: _Goals) -> BoolArray:
    """Targets that are come to by other ways than before."""
    if before.state.shape != now.state.shape:
        return np.ones(len(now.state), np.bool_)
    return np.asarray((now.state != before.state).any(axis=1))


def _spread(work: Callable[[int], _Tree], count: int) -> list[_Tree]:
    """Work on every row, on all cores: the compiled searches let the interpreter's lock go."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, range(count)))


def _fill(matrix: TravelMatrix, chosen: Iterable[int]) -> TravelMatrix:
    """Read rows of the matrix off their trees, in place."""
    rows = matrix._rows
    goals, targets = rows.goals, np.arange(len(matrix.spots))
    for row in chosen:
        tree = matrix._trees[row]
        by_end = tree.cost[goals.state] + goals.seconds
        best = by_end.argmin(axis=1)
        seconds = by_end[targets, best]
        metres = np.where(np.isfinite(seconds), (tree.goal_m + goals.metres)[targets, best], np.inf)
        for target in rows.on_chain_of(row):
            start, end = matrix.spots[row], matrix.spots[target]
            assert start is not None
            assert end is not None
            direct_s, direct_m = along_chain(rows.graph, start, end)
            if direct_s < seconds[target]:
                seconds[target], metres[target] = direct_s, direct_m
        matrix.seconds[row], matrix.metres[row] = seconds, metres
    return matrix


class _Rows:
    """The searches of one matrix on one state of the network."""

    def __init__(self, graph: ModeGraph, spots: Sequence[Spot | None]) -> None:
        self.graph = graph
        self.goals = _build_goals(graph, spots)
        self._spots = spots
        self._starts = [NO_ENDS if spot is None else leave(graph, spot) for spot in spots]
        self._tail = list_tails(graph.arcs)
        self._into = graph.reverse_arc.astype(np.int32)

    def starts_alike(self, other: _Rows, row: int) -> bool:
        mine, theirs = self._starts[row], other._starts[row]
        return np.array_equal(mine.state, theirs.state) and np.array_equal(mine.seconds, theirs.seconds)

    @cached_property
    def _by_chain(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place, spot in enumerate(self._spots):
            if spot is not None:
                found.setdefault(int(self.graph.edge_chain[spot.edge]), []).append(place)
        return found

    def on_chain_of(self, row: int) -> list[int]:
        """Places on the same chain, itself among them: they may reach each other without passing a junction."""
        spot = self._spots[row]
        return [] if spot is None else self._by_chain[int(self.graph.edge_chain[spot.edge])]

    def grow(self, row: int) -> _Tree:
        """The tree of a place, searched from nothing."""
        arcs, start = self.graph.arcs, self._starts[row]
        cost, by = _grow(arcs.first, arcs.head, arcs.seconds, start.state, start.seconds)
        goal_m = np.zeros(self.goals.state.shape)
        return self._measure(_Tree(cost, by, goal_m), row, np.ones(goal_m.shape, np.bool_))

    def mend(self, row: int, tree: _Tree, slower: SmallArray, moved_goal: BoolArray) -> _Tree:
        """The tree after arcs that were in it became slower, and some targets moved."""
        arcs, reverse, start = self.graph.arcs, self.graph.reverse, self._starts[row]
        cost, by = tree.cost.copy(), tree.by.copy()
        lost = _mend(
            arcs.first,
            arcs.head,
            arcs.seconds,
            reverse.first,
            reverse.head,
            self._into,
            slower,
            start.state,
            start.seconds,
            cost,
            by,
        )
        stale = lost[self.goals.state] | moved_goal[:, None]
        # Where the most ways into a target changed, all targets count as moved.
        goal_m = tree.goal_m.copy() if tree.goal_m.shape == stale.shape else np.zeros(stale.shape)
        return self._measure(_Tree(cost, by, goal_m), row, stale)

    def _measure(self, tree: _Tree, row: int, stale: BoolArray) -> _Tree:
        """Put the metres of the ways to stale goals into the tree."""
        start = self._starts[row]
        junction = self.goals.state[stale]
        tree.goal_m[stale] = _measure_ways(
            tree.by,
            self._tail,
            self.graph.arcs.metres,
            tree.cost,
            start.state,
            start.seconds,
            start.metres,
            junction,
        )
        return tree


def _build_goals(graph: ModeGraph, spots: Sequence[Spot | None]) -> _Goals:
    ways = [NO_ENDS if spot is None else enter(graph, spot) for spot in spots]
    size = (len(spots), max([1, *(len(ends.state) for ends in ways)]))
    goals = _Goals(np.zeros(size, np.int64), np.full(size, np.inf), np.zeros(size))
    for place, ends in enumerate(ways):
        count = len(ends.state)
        goals.state[place, :count] = ends.state
        goals.seconds[place, :count] = ends.seconds
        goals.metres[place, :count] = ends.metres
    return goals


@compiled
def _grow(
    first: IntArray, head: IntArray, seconds: FloatArray, start: IntArray, start_s: FloatArray
) -> tuple[FloatArray, SmallArray]:
    """Dijkstra's search over the whole graph: seconds to each junction and the arc it is come to by."""
    cost = np.full(len(first) - 1, np.inf)
    by = np.full(len(first) - 1, -1, np.int32)
    keys, items = np.empty(len(head) + len(start) + 1), np.empty(len(head) + len(start) + 1, np.int64)
    size = 0
    for i in range(len(start)):
        if start_s[i] < cost[start[i]]:
            cost[start[i]] = start_s[i]
            size = push(keys, items, size, start_s[i], start[i])
    while size > 0:
        key, node = keys[0], items[0]
        size = pop(keys, items, size)
        if key > cost[node]:
            continue
        for arc in range(first[node], first[node + 1]):
            reach = key + seconds[arc]
            if reach < cost[head[arc]]:
                cost[head[arc]] = reach
                by[head[arc]] = arc
                size = push(keys, items, size, reach, head[arc])
    return cost, by


@compiled
def _mend(
    first: IntArray,
    head: IntArray,
    seconds: FloatArray,
    back_first: IntArray,
    back_tail: IntArray,
    back_arc: SmallArray,
    slower: SmallArray,
    start: IntArray,
    start_s: FloatArray,
    cost: FloatArray,
    by: SmallArray,
) -> BoolArray:
    """Search anew, in place, for the junctions behind slower arcs in a tree; returns which these were.

    Dijkstra's search by how much later than before a junction is come to. What hangs on a junction that was found is
    then as much later, and hangs on it still: whole branches are moved without the heap (Narváez, Siu and Tzeng, New
    dynamic SPT algorithm based on a ball-and-string model, 2001).
    """
    lost = np.zeros(len(cost), np.bool_)
    is_cut = np.zeros(len(cost), np.bool_)
    pile = np.empty(len(cost), np.int64)
    count = 0
    for arc in slower:
        node = head[arc]
        if by[node] == arc:
            is_cut[node] = True
            if not lost[node]:
                lost[node] = True
                pile[count] = node
                count += 1
    done = 0
    pushes = 0
    while done < count:
        node = pile[done]
        done += 1
        pushes += back_first[node + 1] - back_first[node] + 1
        for arc in range(first[node], first[node + 1]):
            target = head[arc]
            if by[target] == arc and not lost[target]:
                lost[target] = True
                pile[count] = target
                count += 1
    was_lost = lost.copy()
    offer, offer_by = np.empty(len(cost)), np.empty(len(cost), np.int32)
    for i in range(count):
        offer[pile[i]] = np.inf
        offer_by[pile[i]] = -1
    keys, items = np.empty(pushes + len(start) + 1), np.empty(pushes + len(start) + 1, np.int64)
    size = 0
    for i in range(len(start)):
        if lost[start[i]]:
            offer[start[i]] = min(offer[start[i]], start_s[i])
    for i in range(count):
        node = pile[i]
        for back in range(back_first[node], back_first[node + 1]):
            tail, arc = back_tail[back], back_arc[back]
            if not lost[tail] and cost[tail] + seconds[arc] < offer[node]:
                offer[node] = cost[tail] + seconds[arc]
                offer_by[node] = arc
        if offer[node] < np.inf:
            size = push(keys, items, size, offer[node] - cost[node], node)
    while size > 0:
        node = items[0]
        size = pop(keys, items, size)
        if not lost[node]:
            continue
        lost[node] = False
        cost[node], by[node] = offer[node], offer_by[node]
        pile[0] = node
        height = 1
        while height > 0:
            height -= 1
            node = pile[height]
            for arc in range(first[node], first[node + 1]):
                target = head[arc]
                if not lost[target]:
                    continue
                reach = cost[node] + seconds[arc]
                if by[target] == arc and not is_cut[target] and reach <= offer[target]:
                    lost[target] = False
                    cost[target] = reach
                    pile[height] = target
                    height += 1
                elif reach < offer[target]:
                    offer[target] = reach
                    offer_by[target] = arc
                    size = push(keys, items, size, reach - cost[target], target)
    for node in np.flatnonzero(lost):
        cost[node], by[node] = np.inf, -1
    return was_lost


@compiled
def _measure_ways(
    by: SmallArray,
    tail: IntArray,
    arc_m: FloatArray,
    cost: FloatArray,
    start: IntArray,
    start_s: FloatArray,
    start_m: FloatArray,
    junction: IntArray,
) -> FloatArray:
    """Metres of the ways in a tree to junctions, from the place at its root; infinite where none leads."""
    out = np.full(len(junction), np.inf)
    for i in range(len(junction)):
        node = junction[i]
        if cost[node] == np.inf:
            continue
        length = 0.0
        while by[node] >= 0:
            length += arc_m[by[node]]
            node = tail[by[node]]
        for k in range(len(start)):
            if start[k] == node and start_s[k] == cost[node]:
                out[i] = length + start_m[k]
                break
    return out
