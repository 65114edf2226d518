"""Landmarks: junctions whose distances to all others tell a search how far its goal is at least.

ALT, Goldberg and Harrelson 2005: by the triangle inequality a path from v to t takes at least d(L, t) - d(L, v) and at
least d(v, L) - d(t, L), for every landmark L.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import Arcs, IntArray, ModeGraph
from gridmap.domain.roads.compiled import compiled
from gridmap.domain.roads.heap import pop, push

COUNT = 8
_CANDIDATES = 8


@dataclass(frozen=True)
class Landmarks:
    """Seconds from each landmark to each junction and back, shape (junctions, landmarks); infinite where no way."""

    away_s: FloatArray
    back_s: FloatArray


def build_landmarks(graph: ModeGraph) -> Landmarks:
    """Choose junctions far from each other: each next one is the farthest, there and back, from those before."""
    junctions = graph.state_count
    away, back = np.full((junctions, COUNT), np.inf), np.full((junctions, COUNT), np.inf)
    if not junctions:
        return Landmarks(away, back)
    nearest = _measure_round_trips(graph, _find_well_connected(graph))
    for k in range(COUNT):
        chosen = int(np.argmax(np.where(np.isfinite(nearest), nearest, -1.0)))
        away[:, k], back[:, k] = reach_all(graph.arcs, chosen), reach_all(graph.reverse, chosen)
        round_trip = away[:, k] + back[:, k]
        nearest = round_trip if k == 0 else np.minimum(nearest, round_trip)
    return Landmarks(away, back)


def _find_well_connected(graph: ModeGraph) -> int:
    """Of a few junctions the one on the most round trips: the first may lie in a corner that is cut off."""
    candidates = np.unique(np.linspace(0, graph.state_count - 1, _CANDIDATES).astype(np.int64)).tolist()
    return int(max(candidates, key=lambda c: int(np.isfinite(_measure_round_trips(graph, c)).sum())))


def _measure_round_trips(graph: ModeGraph, junction: int) -> FloatArray:
    return reach_all(graph.arcs, junction) + reach_all(graph.reverse, junction)


def reach_all(arcs: Arcs, start: int) -> FloatArray:
    """Seconds from one junction to every other."""
    return reach_within(arcs, np.array([start]), np.zeros(1), limit_s=np.inf)


def reach_within(arcs: Arcs, start: IntArray, start_s: FloatArray, *, limit_s: float) -> FloatArray:
    """Seconds to every junction from the nearest of some, each with a lead of its own; beyond the limit infinite."""
    return _reach_within(arcs.first, arcs.head, arcs.seconds, start, start_s, limit_s)


@compiled
def _reach_within(
    first: IntArray, head: IntArray, seconds: FloatArray, start: IntArray, start_s: FloatArray, limit_s: float
) -> FloatArray:
    cost = np.full(len(first) - 1, np.inf)
    keys, items = np.empty(len(head) + len(start)), np.empty(len(head) + len(start), np.int64)
    size = 0
    for i in range(len(start)):
        if start_s[i] < cost[start[i]] and start_s[i] <= limit_s:
            cost[start[i]] = start_s[i]
            size = push(keys, items, size, start_s[i], start[i])
    while size > 0:
        key, node = keys[0], items[0]
        size = pop(keys, items, size)
        if key > cost[node]:
            continue
        for arc in range(first[node], first[node + 1]):
            reach = key + seconds[arc]
            if reach < cost[head[arc]] and reach <= limit_s:
                cost[head[arc]] = reach
                size = push(keys, items, size, reach, head[arc])
    return cost


@compiled
def bound_s(away_s: FloatArray, back_s: FloatArray, node: int, goal: IntArray, goal_s: FloatArray) -> float:
    """Seconds that the way from `node` over some goal to the place behind it takes at least."""
    best = np.inf
    for i in range(len(goal)):
        low = 0.0
        for k in range(away_s.shape[1]):
            # Where a landmark cannot be reached the difference is infinite or undefined, and tells nothing.
            ahead = away_s[goal[i], k] - away_s[node, k]
            if low < ahead < np.inf:
                low = ahead
            behind = back_s[node, k] - back_s[goal[i], k]
            if low < behind < np.inf:
                low = behind
        best = min(best, low + goal_s[i])
    return best
