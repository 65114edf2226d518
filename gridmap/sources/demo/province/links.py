"""Who is joined to whom: least-cost ways between neighbouring places over a graph, without needless detours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from gridmap.sources.demo.province.mosaic import build_graph
from gridmap.sources.demo.province.relief import FloatArray, IntArray


@dataclass(frozen=True)
class Links:
    """Ways between neighbouring places: `ends` (n, 2) are positions of places, `paths` the nodes of each way."""

    ends: IntArray
    cost: FloatArray
    paths: list[list[int]]


def link_places(count: int, pairs: IntArray, cost: FloatArray, places: IntArray) -> Links:
    """The relative neighbourhood graph (Toussaint 1980) of `places` by way over a graph of `count` nodes.

    Two places are neighbours where their surroundings, the nodes nearer to them than to others, touch; the way between
    them is the cheapest across that border (Mehlhorn 1988). Of three that are mutual neighbours the longest way goes.
    """
    graph = build_graph(count, pairs, cost)
    away, before, source = dijkstra(graph, indices=places, min_only=True, return_predecessors=True)
    number = np.full(count, -1, np.int64)
    number[places] = np.arange(len(places))
    owner = np.where(source >= 0, number[np.maximum(source, 0)], -1)
    a, b = owner[pairs[:, 0]], owner[pairs[:, 1]]
    meeting = np.flatnonzero((a != b) & (a >= 0) & (b >= 0))
    ends = np.sort(np.column_stack([a[meeting], b[meeting]]), axis=1)
    total = away[pairs[meeting, 0]] + cost[meeting] + away[pairs[meeting, 1]]
    order = np.lexsort((meeting, total, ends[:, 1], ends[:, 0]))
    ends, total, meeting = ends[order], total[order], meeting[order]
    first = np.append(True, (ends[1:] != ends[:-1]).any(axis=1))[: len(ends)]
    ends, total, meeting = ends[first], total[first], meeting[first]
    kept = _drop_longest_sides(ends, total)
    chain = before.tolist()
    paths = []
    for (i, _), (u, v) in zip(ends[kept].tolist(), pairs[meeting[kept]].tolist(), strict=True):
        start, end = (u, v) if owner[u] == i else (v, u)
        paths.append([*_walk(chain, start)[::-1], *_walk(chain, end)])
    return Links(ends[kept], total[kept], paths)


def _walk(before: list[int], node: int) -> list[int]:
    nodes = [node]
    while before[nodes[-1]] >= 0:
        nodes.append(before[nodes[-1]])
    return nodes


def _drop_longest_sides(ends: IntArray, cost: FloatArray) -> IntArray:
    """Links that are no longest side of a triangle of links."""
    beside: dict[int, dict[int, float]] = {}
    for (i, j), c in zip(ends.tolist(), cost.tolist(), strict=True):
        beside.setdefault(i, {})[j] = c
        beside.setdefault(j, {})[i] = c
    kept = []
    for row, ((i, j), c) in enumerate(zip(ends.tolist(), cost.tolist(), strict=True)):
        common = beside[i].keys() & beside[j].keys()
        if all(max(beside[i][k], beside[j][k]) >= c for k in common):
            kept.append(row)
    return np.array(kept, np.int64)
