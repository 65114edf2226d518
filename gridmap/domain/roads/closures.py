"""Closures and temporary speeds as people draw them, resolved to the edges of the network they are about.

A point is about the road nearest to it, at most `POINT_REACH_M` away. A line is about the roads it runs along, which is
to say those of which at least half lies within `ALONG_M` of it, and about those it crosses further than `ALONG_M` from
both of their ends: a side road that only begins at the line stays open. Where a line is about no road by either rule it
is about those it touches. An area is about the roads inside it and those that cross its border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.domain.crs import to_metric
from gridmap.domain.roads.chains import IntArray
from gridmap.domain.roads.graph import RoadNetwork

POINT_REACH_M = 50.0
ALONG_M = 10.0

_TOUCH_M = 0.5
"""So near the ends of roads at a junction are one place: a point there is about all of them."""

_ALONG_SHARE = 0.5


@dataclass(frozen=True)
class DrawnChange:
    """A place where roads are closed, or slowed to `speed_kmh`; `geometry_wgs84` is a point, line, area or several."""

    name: str
    geometry_wgs84: BaseGeometry
    speed_kmh: float | None = None


@dataclass(frozen=True)
class RoadChanges:
    """What the changes are about, by ids of edges.

    Attributes
    ----------
    closed
        Ascending, each once.
    slowed
        Edges with the most that is driven there, km/h; of several the least. A closed edge is not among them.
    unmatched
        Names of the changes near which there is no road.
    """

    closed: tuple[int, ...]
    slowed: tuple[tuple[int, float], ...]
    unmatched: tuple[str, ...]

    def join(self, other: RoadChanges) -> RoadChanges:
        """Both together."""
        closed = {*self.closed, *other.closed}
        slowed: dict[int, float] = {}
        for edge, kmh in (*self.slowed, *other.slowed):
            if edge not in closed:
                slowed[edge] = min(kmh, slowed.get(edge, np.inf))
        return RoadChanges(tuple(sorted(closed)), tuple(sorted(slowed.items())), self.unmatched + other.unmatched)

    def lift(self, ended: RoadChanges) -> RoadChanges:
        """These without what changes that are over were about: what was closed is open again, what was slow is not."""
        opened, quick = set(ended.closed), {edge for edge, _ in ended.slowed}
        return RoadChanges(
            tuple(edge for edge in self.closed if edge not in opened),
            tuple((edge, kmh) for edge, kmh in self.slowed if edge not in quick),
            self.unmatched,
        )


def resolve_changes(network: RoadNetwork, changes: Sequence[DrawnChange]) -> RoadChanges:
    """Find the edges that each change is about."""
    closed: set[int] = set()
    slowed: dict[int, float] = {}
    unmatched: list[str] = []
    for change in changes:
        (drawn,) = to_metric(np.array([change.geometry_wgs84], object), network.plane.crs)
        found = [_find_edges(network, part) for part in _list_parts(drawn)]
        ids = network.edge_id[np.unique(np.concatenate([*found, np.zeros(0, np.int64)]))].tolist()
        if not ids:
            unmatched.append(change.name)
        elif change.speed_kmh is None:
            closed.update(ids)
        else:
            slowed.update({edge: min(change.speed_kmh, slowed.get(edge, np.inf)) for edge in ids})
    open_ = sorted((edge, kmh) for edge, kmh in slowed.items() if edge not in closed)
    return RoadChanges(tuple(sorted(closed)), tuple(open_), tuple(unmatched))


def _list_parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Points, lines and areas, out of collections of collections."""
    parts = [geometry]
    while any(part.geom_type.startswith(("Multi", "Geometry")) for part in parts):
        parts = shapely.get_parts(parts).tolist()
    return [part for part in parts if not part.is_empty]


def _find_edges(network: RoadNetwork, part: BaseGeometry) -> IntArray:
    if part.geom_type == "Point":
        return _find_nearest(network, part)
    if part.geom_type == "Polygon":
        return np.sort(network.plane.tree.query(part, predicate="intersects"))
    return _find_along(network, part)


def _find_nearest(network: RoadNetwork, point: BaseGeometry) -> IntArray:
    near = network.plane.tree.query(point, predicate="dwithin", distance=POINT_REACH_M)
    if not len(near):
        return near
    off_m = shapely.distance(network.plane.lines[near], point)
    return np.sort(near[off_m <= off_m.min() + _TOUCH_M])


def _find_along(network: RoadNetwork, line: BaseGeometry) -> IntArray:
    strip = shapely.buffer(line, ALONG_M, cap_style="flat")
    near = network.plane.tree.query(strip, predicate="intersects")
    lines = network.plane.lines[near]
    length_m = shapely.length(lines)
    is_along = shapely.length(shapely.intersection(lines, strip)) >= _ALONG_SHARE * length_m
    touches = shapely.dwithin(lines, line, _TOUCH_M)
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    # What is left of an edge when both ends are taken away; of a short one its middle.
    inner = shapely.difference(lines, shapely.buffer(shapely.boundary(lines), ALONG_M))
    inner = np.where(shapely.is_empty(inner), middle, inner)
    is_about = is_along | shapely.intersects(inner, line)
    return np.sort(near[is_about if is_about.any() else touches])
