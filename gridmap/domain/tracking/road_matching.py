"""Which road a track follows: the hidden Markov model of Newson and Krumm.

Newson, Krumm, Hidden Markov map matching through noise and sparseness, Proc. 17th ACM SIGSPATIAL GIS (2009): hidden is
the road a fix belongs to, a fix lies off it by a normal error, and the way by road between two fixes is about as long
as the straight one, the difference being exponential. Found by Viterbi's algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from gridmap.domain.crs import FloatArray, Geometries, to_metric, to_wgs84
from gridmap.domain.roads.compiled import compiled
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.heap import pop, push
from gridmap.domain.tracking.track import IntArray

_MOST_CANDIDATES = 6
_CANDIDATE_SIGMAS, _CANDIDATE_M = 3.0, 30.0
"""A road is a candidate within this many standard deviations of a fix, and at least this far."""

_DETOUR_M = 25.0
"""The exponential's mean (β of the paper): how much longer than the straight way a way by road usually is."""

_LONGEST_DETOUR, _DETOUR_SLACK_M = 3.0, 150.0
"""A way by road longer than so many times the straight one and some slack is not looked for."""

_LONGEST_HOP_M = 2_000.0
"""Steps further apart than this are not joined: a track with such steps follows no road that could be told."""


@dataclass(frozen=True)
class OnRoad:
    """The road matched to each point, equally long arrays: place on it in the plane, not a number where none fits."""

    x: FloatArray
    y: FloatArray


@dataclass(frozen=True)
class _Candidates:
    """Roads near points: point p owns positions `first[p]` to `first[p + 1]`."""

    first: IntArray
    edge: IntArray
    along_m: FloatArray
    off_m: FloatArray


@dataclass(frozen=True)
class _Streets:
    """The edges about a track as a graph of their own, nodes counting from 0."""

    lines: Geometries
    u: IntArray
    v: IntArray
    length_m: FloatArray
    first: IntArray
    incident: IntArray


def match_roads(network: RoadNetwork, x: FloatArray, y: FloatArray, *, crs: CRS, sigma_m: float) -> OnRoad:
    """Match points of a plane, in order of time, to roads of any kind.

    Parameters
    ----------
    sigma_m
        Standard deviation of the points' error on each axis.
    """
    nowhere = np.full(len(x), np.nan)
    if len(x) < 2:
        return OnRoad(nowhere, nowhere.copy())
    streets = _find_streets(network, x, y, crs=crs)
    if not len(streets.u):
        return OnRoad(nowhere, nowhere.copy())
    candidates = _find_candidates(streets, x, y, reach_m=max(_CANDIDATE_M, _CANDIDATE_SIGMAS * sigma_m))
    chosen = _find_best(
        candidates.first,
        candidates.edge,
        candidates.along_m,
        candidates.off_m,
        np.hypot(np.diff(x), np.diff(y)),
        streets.u,
        streets.v,
        streets.length_m,
        streets.first,
        streets.incident,
        sigma_m,
    )
    found = chosen >= 0
    edge, along_m = candidates.edge[chosen[found]], candidates.along_m[chosen[found]]
    place = shapely.get_coordinates(shapely.line_interpolate_point(streets.lines[edge], along_m))
    matched = np.column_stack([nowhere, nowhere])
    matched[found] = place
    return OnRoad(matched[:, 0], matched[:, 1])


def _find_streets(network: RoadNetwork, x: FloatArray, y: FloatArray, *, crs: CRS) -> _Streets:
    """The edges in the points' surroundings, moved into their plane."""
    plane = network.plane
    way = shapely.simplify(shapely.LineString(np.column_stack([x, y])), 20.0)
    corridor = shapely.buffer(way, 2 * _DETOUR_SLACK_M, quad_segs=2)
    there = to_metric(to_wgs84(np.array([corridor], object), crs), plane.crs)[0]
    near = np.sort(plane.tree.query(there, predicate="intersects"))
    lines = plane.lines[near]
    if plane.crs != crs:
        lines = to_metric(network.geometry[near], crs)
    nodes, ends = np.unique(np.concatenate([network.u[near], network.v[near]]), return_inverse=True)
    u, v = ends[: len(near)].astype(np.int64), ends[len(near) :].astype(np.int64)
    order = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[order], np.arange(len(nodes) + 1)).astype(np.int64)
    return _Streets(lines, u, v, shapely.length(lines), first, (order % max(len(near), 1)).astype(np.int64))


def _find_candidates(streets: _Streets, x: FloatArray, y: FloatArray, *, reach_m: float) -> _Candidates:
    points = np.asarray(shapely.points(x, y), object).reshape(-1)
    point, edge = shapely.STRtree(streets.lines).query(points, predicate="dwithin", distance=reach_m)
    off_m = shapely.distance(points[point], streets.lines[edge])
    order = np.lexsort((edge, off_m, point))
    point, edge, off_m = point[order], edge[order], off_m[order]
    rank = np.arange(len(point)) - np.searchsorted(point, point, "left")
    few = rank < _MOST_CANDIDATES
    point, edge, off_m = point[few], edge[few], off_m[few]
    along_m = shapely.line_locate_point(streets.lines[edge], points[point])
    first = np.searchsorted(point, np.arange(len(x) + 1)).astype(np.int64)
    return _Candidates(first, edge.astype(np.int64), np.asarray(along_m), np.asarray(off_m))


@compiled
def _find_best(
    first: IntArray,
    edge: IntArray,
    along_m: FloatArray,
    off_m: FloatArray,
    hop_m: FloatArray,
    u: IntArray,
    v: IntArray,
    length_m: FloatArray,
    node_first: IntArray,
    incident: IntArray,
    sigma_m: float,
) -> IntArray:
    """The candidate of each point on the likeliest path, -1 where there is none; a break begins a new path."""
    points = len(first) - 1
    best = np.full(points, -1, np.int64)
    score = np.empty(len(edge))
    before = np.full(len(edge), -1, np.int64)
    nodes = len(node_first) - 1
    cost = np.full(nodes, np.inf)
    seen = np.empty(nodes, np.int64)
    keys = np.empty(4 * len(u) + 8)
    items = np.empty(4 * len(u) + 8, np.int64)
    for p in range(points):
        joined = False
        for c in range(first[p], first[p + 1]):
            score[c] = -np.inf
        if p > 0 and hop_m[p - 1] <= _LONGEST_HOP_M:
            limit = _LONGEST_DETOUR * hop_m[p - 1] + _DETOUR_SLACK_M
            for a in range(first[p - 1], first[p]):
                if score[a] == -np.inf:
                    continue
                touched = _search(
                    edge[a], along_m[a], limit, u, v, length_m, node_first, incident, cost, seen, keys, items
                )
                for c in range(first[p], first[p + 1]):
                    e = edge[c]
                    way = min(cost[u[e]] + along_m[c], cost[v[e]] + length_m[e] - along_m[c])
                    if e == edge[a]:
                        way = min(way, abs(along_m[c] - along_m[a]))
                    if way <= limit:
                        reached = score[a] - abs(way - hop_m[p - 1]) / _DETOUR_M
                        if reached > score[c]:
                            score[c] = reached
                            before[c] = a
                            joined = True
                for i in range(touched):
                    cost[seen[i]] = np.inf
        for c in range(first[p], first[p + 1]):
            if not joined:
                score[c] = 0.0
            score[c] -= 0.5 * (off_m[c] / sigma_m) ** 2
    # Backwards: a path is followed to where it began, then the best of the point before begins the one before it.
    at = -1
    for p in range(points - 1, -1, -1):
        if at < 0:
            for c in range(first[p], first[p + 1]):
                if score[c] > -np.inf and (at < 0 or score[c] > score[at]):
                    at = c
        best[p] = at
        if at >= 0:
            at = before[at]
    return best


@compiled
def _search(
    edge: int,
    along: float,
    limit: float,
    u: IntArray,
    v: IntArray,
    length_m: FloatArray,
    node_first: IntArray,
    incident: IntArray,
    cost: FloatArray,
    seen: IntArray,
    keys: FloatArray,
    items: IntArray,
) -> int:
    """Metres by road from a place on an edge to the nodes within `limit` (Dijkstra); how many of `seen` they are."""
    size = 0
    touched = 0
    for end in range(2):
        node = u[edge] if end == 0 else v[edge]
        away = along if end == 0 else length_m[edge] - along
        if away <= limit and away < cost[node]:
            if cost[node] == np.inf:
                seen[touched] = node
                touched += 1
            cost[node] = away
            size = push(keys, items, size, away, node)
    while size > 0:
        key, node = keys[0], items[0]
        size = pop(keys, items, size)
        if key > cost[node]:
            continue
        for i in range(node_first[node], node_first[node + 1]):
            e = incident[i]
            target = v[e] if u[e] == node else u[e]
            reach = key + length_m[e]
            if reach <= limit and reach < cost[target]:
                if cost[target] == np.inf:
                    seen[touched] = target
                    touched += 1
                cost[target] = reach
                size = push(keys, items, size, reach, target)
    return touched
