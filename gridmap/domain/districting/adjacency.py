"""Which cells share a border, and how long it is. Meeting in a point is not sharing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import compute_lengths_m, to_metric, working_crs

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_GRID_DEG = 1e-7
"""Vertices closer than a centimetre are one."""

_TOLERANCE_M = 0.5
_M_PER_DEG = 80_000.0
"""Of longitude, at the latitude of Shanxi or further south; only to find pairs that may meet."""

_MIN_SHARED_M = 5.0
"""Borders that meet in a point run side by side for up to a few tolerances."""


@dataclass(frozen=True)
class Adjacency:
    """Pairs of neighbours (first < second) by position, and the length of their common border, metres."""

    pairs: IntArray
    length_m: FloatArray


def build_adjacency(cells_wgs84: npt.NDArray[np.object_]) -> Adjacency:
    """Neighbours among cells.

    Borders that match vertex by vertex are found by hashing their segments. Of the pairs that meet otherwise, because a
    corner of one lies on the side of the other or they were not drawn from one another, that part of a border counts
    that runs within half a metre of the other cell.
    """
    if len(cells_wgs84) == 0:
        return Adjacency(np.zeros((0, 2), np.int64), np.zeros(0))
    exact = _match_segments(cells_wgs84)
    a, b = shapely.STRtree(cells_wgs84).query(cells_wgs84, predicate="dwithin", distance=_TOLERANCE_M / _M_PER_DEG)
    met = np.column_stack([a, b])[a < b]
    size = len(cells_wgs84)
    rest = met[~np.isin(met[:, 0] * size + met[:, 1], exact.pairs[:, 0] * size + exact.pairs[:, 1])]
    length = _measure_common_borders(cells_wgs84, rest)
    shared = length >= _MIN_SHARED_M
    return Adjacency(np.vstack([exact.pairs, rest[shared]]), np.concatenate([exact.length_m, length[shared]]))


def _measure_common_borders(cells_wgs84: npt.NDArray[np.object_], pairs: IntArray) -> FloatArray:
    """Metres of the first cell's border within the tolerance of the second cell, 0 for those that meet in a point."""
    if len(pairs) == 0:
        return np.zeros(0)
    chosen, position = np.unique(pairs, return_inverse=True)
    middle = shapely.bounds(cells_wgs84[chosen]).mean(axis=0)
    crs = working_crs(float(middle[[0, 2]].mean()), float(middle[[1, 3]].mean()))
    metric = to_metric(cells_wgs84[chosen], crs)
    position = position.reshape(pairs.shape)
    border = shapely.boundary(metric)
    reach = shapely.buffer(metric, _TOLERANCE_M, quad_segs=1)
    # What lies in both boxes is all they can share; cells that meet in a corner are mostly ruled out by it.
    first, second = shapely.bounds(reach[position[:, 0]]), shapely.bounds(reach[position[:, 1]])
    low, high = np.maximum(first[:, :2], second[:, :2]), np.minimum(first[:, 2:], second[:, 2:])
    length = np.zeros(len(pairs))
    long = np.flatnonzero((high - low).max(axis=1) >= _MIN_SHARED_M)
    common = shapely.intersection(border[position[long, 0]], reach[position[long, 1]])
    length[long] = shapely.length(common)
    return length


def _match_segments(cells: npt.NDArray[np.object_]) -> Adjacency:
    parts, cell_of_part = shapely.get_parts(cells, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    owner = cell_of_part[part_of_ring][ring]
    grid = np.round(xy / _GRID_DEG).astype(np.int64)
    vertex = grid[:, 0] * 4_000_000_000 + grid[:, 1]
    same = ring[1:] == ring[:-1]
    low = np.minimum(vertex[1:], vertex[:-1])[same]
    high = np.maximum(vertex[1:], vertex[:-1])[same]
    cell = owner[1:][same]
    start, end = xy[:-1][same], xy[1:][same]
    order = np.lexsort((high, low))
    low, high, cell = low[order], high[order], cell[order]
    twin = np.flatnonzero((low[1:] == low[:-1]) & (high[1:] == high[:-1]) & (cell[1:] != cell[:-1]))
    pairs = np.sort(np.column_stack([cell[twin], cell[twin + 1]]), axis=1)
    if len(pairs) == 0:
        return Adjacency(np.zeros((0, 2), np.int64), np.zeros(0))
    segments = np.asarray(shapely.linestrings(np.stack([start[order][twin], end[order][twin]], axis=1)), object)
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    length = np.bincount(inverse.ravel(), weights=compute_lengths_m(segments)).astype(np.float64)
    return Adjacency(unique, length)
