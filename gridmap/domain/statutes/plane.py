"""Shapes in one conformal plane for the whole globe, and distances on the ellipsoid between them.

A metric plane such as a Gauss-Krüger zone is off by up to 0.8 m in a kilometre at its edge. Here the plane only finds
which two points are nearest: it is conformal (ellipsoidal Mercator), so the shortest way still meets a line at a right
angle, and a foot that is off by a little changes the distance by the square of it. The distance itself is the geodesic
between the two points (Karney, Algorithms for geodesics, 2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gridmap.domain.crs import GEOD, FloatArray, Geometries, to_metric, to_wgs84

IntArray = npt.NDArray[np.int64]

MERCATOR = CRS.from_epsg(3395)
_RADIUS_M = 6_371_000.0
_E2 = 0.00669437999014
"""Squared eccentricity of WGS-84."""

_MAX_STEP_DEG = 0.004
"""Edges are cut so short, some 400 m: between two corners a shape runs straight in longitude and latitude, which no
plane keeps over a long edge."""

_MOST_SLACK = 0.01
_ROUNDING_M = 0.05


@dataclass(frozen=True)
class Shapes:
    """Shapes in the plane, and how many metres of it make one metre of ground at each, at most."""

    plane: Geometries
    scale: FloatArray

    def take(self, rows: IntArray) -> Shapes:
        """Those at `rows`."""
        return Shapes(self.plane[rows], self.scale[rows])


def build_shapes(geometries_wgs84: Geometries) -> Shapes:
    """Shapes, degrees, put into the plane."""
    wgs84 = np.asarray(geometries_wgs84, object)
    is_point = shapely.get_type_id(wgs84) == shapely.GeometryType.POINT
    wgs84 = np.where(is_point, wgs84, shapely.segmentize(wgs84, _MAX_STEP_DEG))
    bounds = shapely.bounds(wgs84)
    furthest = np.maximum(np.abs(bounds[:, 1]), np.abs(bounds[:, 3]))
    return Shapes(to_metric(wgs84, MERCATOR), compute_scale(furthest))


def compute_scale(lat: FloatArray) -> FloatArray:
    """Metres of the plane for a metre of ground at latitudes, degrees."""
    phi = np.radians(lat)
    return np.asarray(np.sqrt(1 - _E2 * np.sin(phi) ** 2) / np.cos(phi), np.float64)


def cut_into_steps(lines_wgs84: Geometries) -> tuple[Geometries, IntArray]:
    """Straight pieces of lines in the plane, each of two points, and the line each comes from."""
    lines = np.asarray(lines_wgs84, object)
    short = to_metric(shapely.segmentize(lines, _MAX_STEP_DEG), MERCATOR)
    parts, line = shapely.get_parts(short, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    same = part[1:] == part[:-1]
    ends = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
    owner = line[part[1:][same]]
    moved = (ends[:, 0] != ends[:, 1]).any(axis=1)
    steps: Geometries = np.asarray(shapely.linestrings(ends[moved]), object)
    return steps, np.asarray(owner[moved], np.int64)


def measure_m(a: Geometries, b: Geometries) -> FloatArray:
    """Distance on the ellipsoid, metres, between shapes of the plane, pair by pair; 0 where they meet."""
    if len(a) == 0:
        return np.zeros(0)
    ways = np.asarray(shapely.shortest_line(a, b), object)
    lonlat = shapely.get_coordinates(to_wgs84(ways, MERCATOR)).reshape(-1, 4)
    _, _, metres = GEOD.inv(lonlat[:, 0], lonlat[:, 1], lonlat[:, 2], lonlat[:, 3])
    return np.asarray(metres, np.float64)


def find_within(shapes: Shapes, tree: shapely.STRtree, *, metres: FloatArray) -> tuple[IntArray, IntArray]:
    """Pairs (shape, item of `tree`) no further apart than `metres` of each shape, and some a little further apart."""
    # The plane's own scale changes by tan(latitude) / radius with each metre northwards: so much more is looked at.
    steepness = np.sqrt(np.maximum(shapes.scale**2 - 1, 0.0))
    slack = np.minimum(2 * metres * steepness / _RADIUS_M, _MOST_SLACK)
    radius = metres * (1 + slack) + _ROUNDING_M
    shape, item = tree.query(shapes.plane, predicate="dwithin", distance=radius * shapes.scale)
    return np.asarray(shape, np.int64), np.asarray(item, np.int64)


def find_binding(shapes: Shapes, tree: shapely.STRtree, *, reach_m: FloatArray) -> tuple[IntArray, FloatArray]:
    """For each shape the item of `tree` whose reach it lies deepest in, or misses by least.

    Parameters
    ----------
    tree
        Over shapes in the plane; at least one.
    reach_m
        How far each of them reaches.

    Returns
    -------
    tuple
        The item's position and its distance on the ellipsoid, metres.
    """
    (_, nearest), apart = tree.query_nearest(shapes.plane, all_matches=False, return_distance=True)
    near_m = apart / shapes.scale
    # Another item can be the one only where it is nearer than its reach exceeds the nearest one's.
    shape, item = find_within(shapes, tree, metres=near_m + (reach_m.max() - reach_m[nearest]))
    metres = measure_m(shapes.plane[shape], tree.geometries[item])
    order = np.lexsort((item, metres - reach_m[item], shape))
    _, first = np.unique(shape[order], return_index=True)
    best = order[first]
    return np.asarray(item[best], np.int64), metres[best]
