"""Fastest paths over a mode's junctions: compiled A* with landmarks for one pair, Dijkstra in rows for many."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import Arcs, BoolArray, IntArray, ModeGraph, list_tails
from gridmap.domain.roads.compiled import compiled
from gridmap.domain.roads.heap import pop, push
from gridmap.domain.roads.landmarks import Landmarks, bound_s

_ROWS_PER_TASK = 16


@dataclass(frozen=True)
class Ends:
    """States a search starts from or makes for, with the seconds and metres between them and the place meant.

    `by_end` is whether the end of the place's chain lies between, not its start.
    """

    state: IntArray
    seconds: FloatArray
    metres: FloatArray
    by_end: BoolArray

    def way_by(self, state: int) -> bool:
        """`by_end` of the quickest way between a state and the place."""
        return bool(self.by_end[np.where(self.state == state, self.seconds, np.inf).argmin()])


@compiled
def _aim(
    first: IntArray,
    head: IntArray,
    seconds: FloatArray,
    away_s: FloatArray,
    back_s: FloatArray,
    start: IntArray,
    start_s: FloatArray,
    goal: IntArray,
    goal_s: FloatArray,
    cost: FloatArray,
    bound: FloatArray,
    rest: FloatArray,
    by: IntArray,
    keys: FloatArray,
    items: IntArray,
    seen: IntArray,
) -> tuple[float, int]:
    """Search for the goals, nearest by the landmarks' bound first (A*).

    Returns the seconds of the best path (infinite where there is none) and the goal it comes in by. Nothing better is
    left once what heads the heap is bound to take as long.
    """
    size = 0
    touched = 0
    best = np.inf
    arrival = -1
    for i in range(len(goal)):
        rest[goal[i]] = min(rest[goal[i]], goal_s[i])
    for i in range(len(start)):
        node = start[i]
        if start_s[i] < cost[node]:
            if cost[node] == np.inf:
                seen[touched] = node
                touched += 1
                bound[node] = bound_s(away_s, back_s, node, goal, goal_s)
            cost[node] = start_s[i]
            by[node] = -1
            size = push(keys, items, size, start_s[i] + bound[node], node)
            if start_s[i] + rest[node] < best:
                best = start_s[i] + rest[node]
                arrival = node
    while size > 0 and keys[0] < best:
        key, node = keys[0], items[0]
        size = pop(keys, items, size)
        if key > cost[node] + bound[node]:
            continue
        for arc in range(first[node], first[node + 1]):
            target = head[arc]
            reach = cost[node] + seconds[arc]
            if reach < cost[target]:
                if cost[target] == np.inf:
                    seen[touched] = target
                    touched += 1
                    bound[target] = bound_s(away_s, back_s, target, goal, goal_s)
                cost[target] = reach
                by[target] = arc
                size = push(keys, items, size, reach + bound[target], target)
                if reach + rest[target] < best:
                    best = reach + rest[target]
                    arrival = target
    # Only what was touched is put back, so that a short search in a large network stays short.
    for i in range(touched):
        cost[seen[i]] = np.inf
    for i in range(len(goal)):
        rest[goal[i]] = np.inf
    return best, arrival


@compiled
def _walk_back(by: IntArray, tail: IntArray, node: int, out: IntArray) -> int:
    """Arcs from the start to `node`, in the order they are run, at the end of `out`; returns where they begin."""
    at = len(out)
    while by[node] >= 0:
        at -= 1
        out[at] = by[node]
        node = tail[by[node]]
    return at


@compiled
def _search_rows(
    first: IntArray,
    head: IntArray,
    seconds: FloatArray,
    metres: FloatArray,
    start_first: IntArray,
    start: IntArray,
    start_s: FloatArray,
    start_m: FloatArray,
    goal: IntArray,
    limit_s: float,
    out_s: FloatArray,
    out_m: FloatArray,
) -> None:
    """One search per row from `start[start_first[row]:start_first[row + 1]]` until every goal is settled."""
    junctions = len(first) - 1
    cost = np.empty(junctions)
    length = np.empty(junctions)
    is_goal = np.zeros(junctions, np.bool_)
    keys = np.empty(len(head) + len(start) + 1)
    items = np.empty(len(head) + len(start) + 1, np.int64)
    goals = 0
    for node in goal:
        if not is_goal[node]:
            is_goal[node] = True
            goals += 1
    for row in range(len(start_first) - 1):
        cost.fill(np.inf)
        size = 0
        left = goals
        for i in range(start_first[row], start_first[row + 1]):
            node = start[i]
            if start_s[i] < cost[node]:
                cost[node] = start_s[i]
                length[node] = start_m[i]
                size = push(keys, items, size, start_s[i], node)
        while size > 0 and left > 0:
            key, node = keys[0], items[0]
            size = pop(keys, items, size)
            if key > cost[node]:
                continue
            if key > limit_s:
                break
            if is_goal[node]:
                left -= 1
            for arc in range(first[node], first[node + 1]):
                target = head[arc]
                reach = key + seconds[arc]
                if reach < cost[target]:
                    cost[target] = reach
                    length[target] = length[node] + metres[arc]
                    size = push(keys, items, size, reach, target)
        for i in range(len(goal)):
            out_s[row, i] = cost[goal[i]]
            out_m[row, i] = length[goal[i]] if cost[goal[i]] < np.inf else np.inf


class PathFinder:
    """Buffers for searching one graph pair by pair; not to be shared between threads."""

    def __init__(self, graph: ModeGraph, landmarks: Landmarks) -> None:
        states, arcs = graph.state_count, len(graph.arcs.head)
        self._graph = graph
        self._landmarks = landmarks
        self._cost, self._rest = np.full(states, np.inf), np.full(states, np.inf)
        self._bound = np.empty(states)
        self._by = np.full(states, -1, np.int64)
        self._seen, self._out = np.empty(states, np.int64), np.empty(states, np.int64)
        # An arc can push once, and so can every place a search begins at.
        self._keys, self._items = np.empty(arcs + states + 8), np.empty(arcs + states + 8, np.int64)
        self._tail = list_tails(graph.arcs)

    def find(self, start: Ends, goal: Ends) -> tuple[float, IntArray, int, int] | None:
        """The fastest path as seconds, chains run, and the states where it leaves the start's and goal's ends.

        Chains are numbered from 1, negative where they are run from their end. None where nothing joins the two.
        """
        arcs, landmarks = self._graph.arcs, self._landmarks
        seconds, arrival = _aim(
            arcs.first,
            arcs.head,
            arcs.seconds,
            landmarks.away_s,
            landmarks.back_s,
            start.state,
            start.seconds,
            goal.state,
            goal.seconds,
            self._cost,
            self._bound,
            self._rest,
            self._by,
            self._keys,
            self._items,
            self._seen,
        )
        if arrival < 0:
            return None
        run = self._out[_walk_back(self._by, self._tail, arrival, self._out) :]
        begin = int(self._tail[run[0]]) if len(run) else arrival
        chain = arcs.chain[run] + 1
        return seconds, np.where(arcs.forward[run], chain, -chain), begin, arrival


def compute_rows(
    arcs: Arcs, starts: list[Ends], goals: IntArray, *, limit_s: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Seconds and metres of the fastest paths from each of `starts` to each goal state, shape (starts, goals).

    Over the reversed arcs they are those of the paths from each goal to each start.

    Infinite where there is none; beyond `limit_s` a value is an upper bound or infinite. Rows run on every core as
    threads: the compiled search lets the interpreter's lock go, and unlike numba's own parallel loops it may be called
    from several threads of a server at once.
    """
    out_s, out_m = np.full((len(starts), len(goals)), np.inf), np.full((len(starts), len(goals)), np.inf)

    def fill(low: int) -> None:
        part = starts[low : low + _ROWS_PER_TASK]
        first = np.concatenate([[0], np.cumsum([len(s.state) for s in part])]).astype(np.int64)
        _search_rows(
            arcs.first,
            arcs.head,
            arcs.seconds,
            arcs.metres,
            first,
            np.concatenate([s.state for s in part]).astype(np.int64),
            np.concatenate([s.seconds for s in part]),
            np.concatenate([s.metres for s in part]),
            goals,
            limit_s,
            out_s[low : low + len(part)],
            out_m[low : low + len(part)],
        )

    lows = range(0, len(starts), _ROWS_PER_TASK)
    if len(lows) <= 1:
        for low in lows:
            fill(low)
        return out_s, out_m
    with ThreadPoolExecutor(min(len(lows), os.cpu_count() or 1)) as pool:
        list(pool.map(fill, lows))
    return out_s, out_m
