"""Polygons put together from ways: parity of the outline decides what is inside, holes and enclaves included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.domain.crs import Geometries
from gridmap.errors import N_
from gridmap.sources.osm_reader import FloatArray, WayTable

_MISSING_WAYS = N_("Ways of its outline are not in the file.")
_MISSING_NODES = N_("Nodes of its outline are not in the file.")
_OPEN = N_("Its outline does not close.")
_HOLLOW = N_("Its outline encloses nothing.")


@dataclass(frozen=True)
class Assembly:
    """A multipolygon, or the reason there is none.

    `area_change` is set where the outline crossed itself and was mended: the change of area as a share of what the
    crossing rings enclose on paper.
    """

    geometry: shapely.MultiPolygon | None
    reason: str = ""
    area_change: float | None = None

    @property
    def is_repaired(self) -> bool:
        return self.area_change is not None


class WayIndex:
    """Ways of an extract by id."""

    def __init__(self, ways: WayTable) -> None:
        self._ways = ways
        self._row = {int(way_id): row for row, way_id in enumerate(ways.way_id)}

    def __contains__(self, way_id: int) -> bool:
        return way_id in self._row

    def coordinates(self, way_id: int) -> FloatArray:
        """Coordinates of a way's nodes, shape (n, 2), NaN where the file does not hold one."""
        at = self._ways.vertices(self._row[way_id])
        return np.column_stack([self._ways.lon[at], self._ways.lat[at]])


def assemble(way_ids: Sequence[int], index: WayIndex) -> Assembly:
    """Make the polygon whose outline the ways are; roles are not trusted, geometry decides.

    A stretch that two rings share separates nothing and falls out. The outline closes where an even number of the
    remaining stretches meets at every node. What lies inside an odd number of rings is covered, so holes, enclaves and
    rings that touch come out right whatever the order and the roles of the ways.
    """
    if not way_ids or any(way not in index for way in way_ids):
        return Assembly(None, _MISSING_WAYS)
    lines = [index.coordinates(way) for way in dict.fromkeys(way_ids)]
    if any(np.isnan(line).any() for line in lines):
        return Assembly(None, _MISSING_NODES)
    segments = _drop_even(np.concatenate([np.hstack([line[:-1], line[1:]]) for line in lines]))
    if len(segments) == 0:
        return Assembly(None, _HOLLOW)
    ends = segments.reshape(-1, 2).copy().view(np.complex128).ravel()
    if (np.unique(ends, return_counts=True)[1] % 2).any():
        return Assembly(None, _OPEN)
    chains = np.asarray(
        shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments.reshape(-1, 2, 2)))), object
    )
    noded = np.asarray(shapely.get_parts(shapely.node(shapely.multilinestrings(list(chains)))), object)
    # Where lines meet only at nodes they share, noding has nothing to cut.
    crossing = int((shapely.get_num_coordinates(noded) - 1).sum()) != len(segments)
    faces = _odd_faces(noded if crossing else chains, segments)
    if len(faces) == 0:
        return Assembly(None, _HOLLOW)
    polygon = shapely.MultiPolygon(list(faces))
    if not polygon.is_valid:
        polygon = to_multipolygon(shapely.make_valid(polygon))
    return Assembly(polygon, area_change=_compute_change(chains, polygon) if crossing else None)


def _drop_even(segments: FloatArray) -> FloatArray:
    """Segments (x0, y0, x1, y1) that occur an odd number of times, once each, none of length zero."""
    forward = (segments[:, 0] < segments[:, 2]) | (
        (segments[:, 0] == segments[:, 2]) & (segments[:, 1] < segments[:, 3])
    )
    ordered = np.where(forward[:, None], segments, segments[:, [2, 3, 0, 1]])
    ordered = ordered[(ordered[:, :2] != ordered[:, 2:]).any(axis=1)]
    unique, count = np.unique(ordered, axis=0, return_counts=True)
    return np.asarray(unique[count % 2 == 1], np.float64)


def _odd_faces(chains: Geometries, segments: FloatArray) -> Geometries:
    """Faces of the linework that lie inside an odd number of rings."""
    faces = np.asarray(shapely.get_parts(shapely.polygonize(chains)), object)
    points = shapely.get_coordinates(shapely.point_on_surface(faces))
    x0, y0, x1, y1 = segments.T
    odd = np.zeros(len(faces), bool)
    for i, (x, y) in enumerate(points.tolist()):
        cut = (y0 > y) != (y1 > y)
        reach = x0[cut] + (y - y0[cut]) / (y1[cut] - y0[cut]) * (x1[cut] - x0[cut])
        odd[i] = (reach > x).sum() % 2 == 1
    return faces[odd]


def _compute_change(chains: Geometries, mended: shapely.MultiPolygon) -> float:
    rings = [shapely.LinearRing(chain.coords) for chain in chains if chain.is_closed]
    drawn = float(shapely.area(shapely.polygons(rings)).sum()) if rings else 0.0
    return mended.area / drawn - 1.0 if drawn > 0 else 0.0


def to_multipolygon(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """The polygons of a geometry; lines and points that a repair left over are dropped."""
    return shapely.MultiPolygon([part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"])
