"""Vertices of outlines: those that a cut adds are given to every shape with that border, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import FloatArray, Geometries

IntArray = npt.NDArray[np.int64]

ON_BORDER_DEG = 1e-9
"""A tenth of a millimetre: where a line was computed to cross a border, it lies beside it by rounding alone."""


def find_new_vertices(before_wgs84: Geometries, after_wgs84: Geometries) -> FloatArray:
    """Vertices of the shapes after a change that none before it has, a row of (lon, lat) each."""
    old, new = (_as_complex(shapely.get_coordinates(shapes)) for shapes in (before_wgs84, after_wgs84))
    fresh = np.setdiff1d(new, old)
    return np.column_stack([fresh.real, fresh.imag])


def add_vertices(shapes_wgs84: Sequence[shapely.Geometry], vertices: FloatArray) -> dict[int, shapely.MultiPolygon]:
    """Polygons on whose border some of the vertices lie, with these in it, by position; no ground changes.

    A ring gets a vertex in the segment it is nearest to, unless it has that very vertex.
    """
    parts, shape_of_part = shapely.get_parts(np.asarray(shapes_wgs84, object), return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    vertex, begin = _find_segments(xy, ring, vertices)
    touched = np.unique(shape_of_part[part_of_ring[ring[begin]]])
    along = np.hypot(*(vertices[vertex] - xy[begin]).T)
    order = np.lexsort((along, begin))
    at = begin[order] + 1
    longer = np.insert(xy, at, vertices[vertex[order]], axis=0)
    closed = np.asarray(shapely.linearrings(longer, indices=np.insert(ring, at, ring[begin[order]])), object)
    found: dict[int, shapely.MultiPolygon] = {}
    for shape in touched.tolist():
        own = [closed[part_of_ring == part] for part in np.flatnonzero(shape_of_part == shape)]
        found[shape] = shapely.MultiPolygon([shapely.Polygon(of_part[0], of_part[1:]) for of_part in own])
    return found


def _find_segments(xy: FloatArray, ring: IntArray, vertices: FloatArray) -> tuple[IntArray, IntArray]:
    """Each vertex with each ring that it lies on and is not in: its number, and where the segment begins in `xy`."""
    begin = np.flatnonzero(ring[1:] == ring[:-1])
    segments = np.asarray(shapely.linestrings(np.stack([xy[begin], xy[begin + 1]], axis=1)), object)
    points = np.asarray(shapely.points(vertices), object)
    vertex, hit = shapely.STRtree(segments).query(points, predicate="dwithin", distance=ON_BORDER_DEG)
    off = shapely.distance(points[vertex], segments[hit])
    begin = begin[hit]
    pair = vertex * (int(ring[-1]) + 1) + ring[begin]
    is_end = (vertices[vertex] == xy[begin]).all(axis=1) | (vertices[vertex] == xy[begin + 1]).all(axis=1)
    order = np.lexsort((off, pair))
    order = order[~np.isin(pair[order], pair[is_end])]
    nearest = order[np.unique(pair[order], return_index=True)[1]]
    return vertex[nearest], begin[nearest]


def find_changed_box(
    before_wgs84: shapely.Geometry, after_wgs84: shapely.Geometry
) -> tuple[float, float, float, float] | None:
    """The box around every segment that only one of two outlines has, and so around all ground they differ in."""
    old, new = (_collect_segments(shape) for shape in (before_wgs84, after_wgs84))
    ends = np.array([end for segment in old ^ new for end in segment])
    return None if len(ends) == 0 else (*ends.min(axis=0).tolist(), *ends.max(axis=0).tolist())


def _collect_segments(shape: shapely.Geometry) -> set[tuple[tuple[float, float], ...]]:
    """Segments of all rings whichever way they run."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    ends = list(map(tuple, xy.tolist()))
    same = (ring[1:] == ring[:-1]).tolist()
    return {tuple(sorted(pair)) for pair, whole in zip(pairwise(ends), same, strict=True) if whole}


def _as_complex(xy: FloatArray) -> npt.NDArray[np.complex128]:
    return np.unique(xy[:, 0] + 1j * xy[:, 1])
