"""Fastest paths over a mode's junctions: compiled Dijkstra, from both ends for one pair, in rows for many."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import Arcs, IntArray, ModeGraph
from gridmap.domain.roads.compiled import compiled

_ROWS_PER_TASK = 16


@dataclass(frozen=True)
class Ends:
    """Junctions a search starts from or makes for, with the seconds and metres between them and the place meant."""

    junction: IntArray
    seconds: FloatArray
    metres: FloatArray


@compiled
def _push(keys: FloatArray, items: IntArray, size: int, key: float, item: int) -> int:
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i] = keys[parent]
        items[i] = items[parent]
        i = parent
    keys[i] = key
    items[i] = item
    return size + 1


@compiled
def _pop(keys: FloatArray, items: IntArray, size: int) -> int:
    """Move the last entry to the top and let it sink; the caller has read the top before."""
    size -= 1
    key = keys[size]
    item = items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i] = keys[child]
        items[i] = items[child]
        i = child
    keys[i] = key
    items[i] = item
    return size


@compiled
def _seed(
    junction: IntArray,
    seconds: FloatArray,
    cost: FloatArray,
    by: IntArray,
    keys: FloatArray,
    items: IntArray,
    seen: IntArray,
) -> tuple[int, int]:
    """Put the places a search begins at on its heap; returns the heap's size and how many junctions were touched."""
    size = 0
    touched = 0
    for i in range(len(junction)):
        node = junction[i]
        if seconds[i] < cost[node]:
            if cost[node] == np.inf:
                seen[touched] = node
                touched += 1
            cost[node] = seconds[i]
            by[node] = -1
            size = _push(keys, items, size, seconds[i], node)
    return size, touched


@compiled
def _meet(
    first: IntArray,
    head: IntArray,
    seconds: FloatArray,
    back_first: IntArray,
    back_head: IntArray,
    back_seconds: FloatArray,
    start: IntArray,
    start_s: FloatArray,
    goal: IntArray,
    goal_s: FloatArray,
    cost: FloatArray,
    by: IntArray,
    keys: FloatArray,
    items: IntArray,
    seen: IntArray,
) -> tuple[float, int]:
    """Search from both sides at once; row 0 of each buffer belongs to the start, row 1 to the goal.

    Returns the seconds of the best path (infinite where there is none) and the junction where its halves meet. A path
    is proven best once the two frontiers together are further out than it is long.
    """
    size_0, touched_0 = _seed(start, start_s, cost[0], by[0], keys[0], items[0], seen[0])
    size_1, touched_1 = _seed(goal, goal_s, cost[1], by[1], keys[1], items[1], seen[1])
    best = np.inf
    meeting = -1
    for i in range(touched_0):
        node = seen[0, i]
        if cost[0, node] + cost[1, node] < best:
            best = cost[0, node] + cost[1, node]
            meeting = node
    while size_0 > 0 and size_1 > 0 and keys[0, 0] + keys[1, 0] < best:
        if keys[0, 0] <= keys[1, 0]:
            key, node = keys[0, 0], items[0, 0]
            size_0 = _pop(keys[0], items[0], size_0)
            if key > cost[0, node]:
                continue
            for arc in range(first[node], first[node + 1]):
                target = head[arc]
                reach = key + seconds[arc]
                if reach < cost[0, target]:
                    if cost[0, target] == np.inf:
                        seen[0, touched_0] = target
                        touched_0 += 1
                    cost[0, target] = reach
                    by[0, target] = arc
                    size_0 = _push(keys[0], items[0], size_0, reach, target)
                    if reach + cost[1, target] < best:
                        best = reach + cost[1, target]
                        meeting = target
        else:
            key, node = keys[1, 0], items[1, 0]
            size_1 = _pop(keys[1], items[1], size_1)
            if key > cost[1, node]:
                continue
            for arc in range(back_first[node], back_first[node + 1]):
                target = back_head[arc]
                reach = key + back_seconds[arc]
                if reach < cost[1, target]:
                    if cost[1, target] == np.inf:
                        seen[1, touched_1] = target
                        touched_1 += 1
                    cost[1, target] = reach
                    by[1, target] = arc
                    size_1 = _push(keys[1], items[1], size_1, reach, target)
                    if reach + cost[0, target] < best:
                        best = reach + cost[0, target]
                        meeting = target
    # Only what was touched is put back, so that a short search in a large network stays short.
    for i in range(touched_0):
        cost[0, seen[0, i]] = np.inf
    for i in range(touched_1):
        cost[1, seen[1, i]] = np.inf
    return best, meeting


@compiled
def _walk_back(by: IntArray, other_end: IntArray, node: int, out: IntArray) -> int:
    """Arcs from `node` to where its half of the search began, nearest first; returns how many."""
    count = 0
    while by[node] >= 0:
        arc = by[node]
        out[count] = arc
        count += 1
        node = other_end[arc]
    return count


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
                size = _push(keys, items, size, start_s[i], node)
        while size > 0 and left > 0:
            key, node = keys[0], items[0]
            size = _pop(keys, items, size)
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
                    size = _push(keys, items, size, reach, target)
        for i in range(len(goal)):
            out_s[row, i] = cost[goal[i]]
            out_m[row, i] = length[goal[i]] if cost[goal[i]] < np.inf else np.inf


class PathFinder:
    """Buffers for searching one graph pair by pair; not to be shared between threads."""

    def __init__(self, graph: ModeGraph) -> None:
        junctions, arcs = graph.junction_count, len(graph.arcs.head)
        self._graph = graph
        self._cost = np.full((2, junctions), np.inf)
        self._by = np.full((2, junctions), -1, np.int64)
        self._seen = np.empty((2, junctions), np.int64)
        # An arc can push once for each side, and so can every place a search begins at.
        self._keys = np.empty((2, arcs + junctions + 8))
        self._items = np.empty((2, arcs + junctions + 8), np.int64)
        self._out = np.empty(junctions + 1, np.int64)
        self._tail = _owners(graph.arcs)
        self._reverse_tail = _owners(graph.reverse)

    def find(self, start: Ends, goal: Ends) -> tuple[float, IntArray, int, int] | None:
        """The fastest path as seconds, chains run, and the junctions where it leaves the start's and goal's ends.

        Chains are numbered from 1, negative where they are run from their end. None where nothing joins the two.
        """
        arcs, reverse = self._graph.arcs, self._graph.reverse
        seconds, meeting = _meet(
            arcs.first,
            arcs.head,
            arcs.seconds,
            reverse.first,
            reverse.head,
            reverse.seconds,
            start.junction,
            start.seconds,
            goal.junction,
            goal.seconds,
            self._cost,
            self._by,
            self._keys,
            self._items,
            self._seen,
        )
        if meeting < 0:
            return None
        out = self._out
        there = out[: _walk_back(self._by[0], self._tail, meeting, out)][::-1].copy()
        onward = out[: _walk_back(self._by[1], self._reverse_tail, meeting, out)].copy()
        begin = int(self._tail[there[0]]) if len(there) else meeting
        finish = int(self._reverse_tail[onward[-1]]) if len(onward) else meeting
        signed = np.concatenate(
            [
                np.where(arcs.forward[there], arcs.chain[there] + 1, -arcs.chain[there] - 1),
                np.where(reverse.forward[onward], reverse.chain[onward] + 1, -reverse.chain[onward] - 1),
            ]
        )
        return seconds, signed, begin, finish


def _owners(arcs: Arcs) -> IntArray:
    """The junction each arc belongs to, by its row."""
    return np.repeat(np.arange(len(arcs.first) - 1), np.diff(arcs.first))


def compute_rows(
    graph: ModeGraph, starts: list[Ends], goals: IntArray, *, limit_s: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Seconds and metres of the fastest paths from each of `starts` to each goal junction, shape (starts, goals).

    Infinite where there is none; beyond `limit_s` a value is an upper bound or infinite. Rows run on every core as
    threads: the compiled search lets the interpreter's lock go, and unlike numba's own parallel loops it may be called
    from several threads of a server at once.
    """
    out_s, out_m = np.full((len(starts), len(goals)), np.inf), np.full((len(starts), len(goals)), np.inf)
    arcs = graph.arcs

    def fill(low: int) -> None:
        part = starts[low : low + _ROWS_PER_TASK]
        first = np.concatenate([[0], np.cumsum([len(s.junction) for s in part])]).astype(np.int64)
        _search_rows(
            arcs.first,
            arcs.head,
            arcs.seconds,
            arcs.metres,
            first,
            np.concatenate([s.junction for s in part]).astype(np.int64),
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
