"""Borders of cells that run along a railway or water which nothing crosses there (天然界线、铁路分隔)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from gridmap.domain.crs import FloatArray, Geometries, to_metric, to_wgs84, working_crs
from gridmap.domain.districting.adjacency import Adjacency, IntArray

OBSTACLE_M = 30.0
"""So far from a border an obstacle may lie and still be what the border follows."""

_SHARE = 0.8
"""Part of a border that must follow the obstacle."""

_MET_M = 1.0
"""A way that comes this close to an obstacle meets it."""

_TOLERANCE_M = 0.5
_M_PER_DEG = 80_000.0


@dataclass(frozen=True)
class Obstructed:
    """Pairs of neighbours (positions, first < second) with metres of their border, and of that along the obstacle."""

    pairs: IntArray
    border_m: FloatArray
    along_m: FloatArray


def find_obstructed(
    cells_wgs84: Geometries,
    adjacency: Adjacency,
    *,
    obstacles_wgs84: Geometries,
    ways_wgs84: Geometries,
    tolerance_m: float = OBSTACLE_M,
) -> Obstructed:
    """Neighbours whose border follows an obstacle for most of its length, where no way meets the obstacle.

    Parameters
    ----------
    obstacles_wgs84
        Lines, and areas such as a lake.
    ways_wgs84
        Roads and footways, those on bridges too: whatever comes to the obstacle beside the border crosses it.
    """
    pairs = _find_near(cells_wgs84, adjacency.pairs, obstacles_wgs84, tolerance_m)
    if len(pairs) == 0:
        return Obstructed(pairs, np.zeros(0), np.zeros(0))
    crs = find_crs(cells_wgs84[np.unique(pairs)])
    borders = cut_common_borders(to_metric(cells_wgs84, crs), pairs)
    obstacles = to_metric(obstacles_wgs84, crs)
    beside = _unite_near(borders, obstacles, tolerance_m)
    border_m = shapely.length(borders)
    along_m = shapely.length(shapely.intersection(borders, shapely.buffer(beside, tolerance_m)))
    follows = np.flatnonzero((border_m > 0) & (along_m >= _SHARE * border_m))
    piece = shapely.intersection(beside[follows], shapely.buffer(borders[follows], tolerance_m))
    ways = to_metric(ways_wgs84, crs)
    met = np.unique(shapely.STRtree(ways).query(piece, predicate="dwithin", distance=_MET_M)[0])
    found = np.delete(follows, met)
    return Obstructed(pairs[found], border_m[found], along_m[found])


def find_crs(shapes_wgs84: Geometries) -> CRS:
    """The metric CRS for work around the middle of shapes."""
    west, south, east, north = shapely.total_bounds(shapes_wgs84)
    return working_crs(float(west + east) / 2, float(south + north) / 2)


def cut_common_borders(cells: Geometries, pairs: IntArray) -> Geometries:
    """That part of the border of the first cell of each pair which runs within half a metre of the second.

    Metric in, metric out; lines joined where they go on.
    """
    border = shapely.boundary(cells[pairs[:, 0]])
    reach = shapely.buffer(cells[pairs[:, 1]], _TOLERANCE_M, quad_segs=1)
    return np.asarray(shapely.line_merge(shapely.intersection(border, reach)), object)


def draw_common_borders(cells_wgs84: Geometries, pairs: IntArray) -> Geometries:
    """As `cut_common_borders`, in degrees."""
    if len(pairs) == 0:
        return np.zeros(0, object)
    crs = find_crs(cells_wgs84)
    return to_wgs84(cut_common_borders(to_metric(cells_wgs84, crs), pairs), crs)


def _find_near(cells: Geometries, pairs: IntArray, obstacles: Geometries, tolerance_m: float) -> IntArray:
    """Pairs of which both cells lie beside an obstacle."""
    near = np.zeros(len(cells), bool)
    if len(cells) and len(obstacles):
        near[shapely.STRtree(obstacles).query(cells, "dwithin", tolerance_m / _M_PER_DEG)[0]] = True
    return pairs[near[pairs].all(axis=1)]


def _unite_near(borders: Geometries, obstacles: Geometries, tolerance_m: float) -> Geometries:
    """For each border what lies near it, as one geometry."""
    which, what = shapely.STRtree(obstacles).query(borders, "dwithin", tolerance_m)
    united: Geometries = np.full(len(borders), shapely.GeometryCollection(), object)
    for border in np.unique(which).tolist():
        united[border] = shapely.union_all(obstacles[what[which == border]])
    return united
