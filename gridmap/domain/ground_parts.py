"""The ground of an area cut into parts: by a line from border to border, or by shapes that cover it.

Cuts are made in degrees, so that every vertex of the old border keeps its coordinates to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.ops import split

from gridmap.domain.crs import Geometries
from gridmap.errors import N_, InvalidInput

_LOOSE = 0.01
"""Shapes that leave or share more than this part of the ground are no parts of it."""

ON_ONE_SIDE = 0.9
"""What lies with so much of its ground in one part belongs to it; the line was drawn along its border."""


def cut_by_line(ground_wgs84: shapely.Geometry, line_wgs84: shapely.LineString) -> list[shapely.MultiPolygon]:
    """The two sides of a line that crosses the ground once, the western one first.

    A piece of the ground that lies apart goes with the nearer side.

    Raises
    ------
    InvalidInput
        The line does not cross from border to border, or cuts off more than two pieces.
    """
    pieces: list[shapely.Polygon] = []
    apart: list[shapely.Polygon] = []
    for part in shapely.get_parts(ground_wgs84):
        cut = list(shapely.get_parts(split(part, line_wgs84)))
        (pieces if len(cut) > 1 else apart).extend(cut)
    if not pieces:
        raise InvalidInput(
            N_("The line does not cross the area."), hint=N_("Draw it from outside to outside, across the area.")
        )
    if len(pieces) != 2:
        raise InvalidInput(
            N_("The line cuts the area into {count} pieces."),
            hint=N_("Draw a line that crosses the area once; cut the pieces one after the other."),
            count=len(pieces),
        )
    sides = [[piece] for piece in pieces]
    for part in apart:
        sides[int(np.argmin([shapely.distance(part, piece) for piece in pieces]))].append(part)
    return sort_from_west([shapely.MultiPolygon(side) for side in sides])


def fit_parts(ground_wgs84: shapely.Geometry, shapes_wgs84: Sequence[shapely.Geometry]) -> list[shapely.MultiPolygon]:
    """Parts that cover the ground exactly, from shapes that do so nearly; in the order given.

    What two shapes claim goes to the first, what none claims to the one it borders on longest.

    Raises
    ------
    InvalidInput
        Fewer than two shapes, or they leave or share too much.
    """
    if len(shapes_wgs84) < 2:
        raise InvalidInput(N_("An area is split into two parts or more."), hint=N_("Give a shape for each part."))
    parts: list[shapely.Geometry] = []
    left = ground_wgs84
    shared = 0.0
    for shape in shapes_wgs84:
        own = shapely.intersection(shape, left)
        shared += float(shapely.area(shapely.intersection(shape, ground_wgs84)) - shapely.area(own))
        left = shapely.difference(left, own)
        parts.append(own)
    whole = float(shapely.area(ground_wgs84))
    if max(shared, float(shapely.area(left))) > _LOOSE * whole or any(shapely.area(part) == 0 for part in parts):
        raise InvalidInput(
            N_("The shapes are no parts of the area: they leave {left} % of it and share {shared} %."),
            hint=N_("Draw them so that together they cover the area, and none covers another."),
            left=round(100 * float(shapely.area(left)) / whole, 1),
            shared=round(100 * shared / whole, 1),
        )
    for crumb in _polygons(left):
        borders = [float(shapely.length(shapely.intersection(crumb, part))) for part in parts]
        at = int(np.argmax(borders))
        parts[at] = shapely.union(parts[at], crumb)
    return [shapely.MultiPolygon(_polygons(part)) for part in parts]


def place_below(
    parts_wgs84: Sequence[shapely.Geometry], below_wgs84: Geometries
) -> tuple[list[int], list[int], list[shapely.MultiPolygon]]:
    """In which part each area below lies, which of them lie on both sides, and the parts drawn along their borders."""
    if len(below_wgs84) == 0:
        return [], [], [shapely.MultiPolygon(_polygons(part)) for part in parts_wgs84]
    inside = np.stack([shapely.area(shapely.intersection(below_wgs84, part)) for part in parts_wgs84])
    owner = np.argmax(inside, axis=0)
    share = inside.max(axis=0) / shapely.area(below_wgs84)
    drawn = []
    for at, part in enumerate(parts_wgs84):
        own, others = below_wgs84[owner == at], below_wgs84[owner != at]
        outline = shapely.union_all([shapely.difference(part, shapely.union_all(others)), *own])
        drawn.append(shapely.MultiPolygon(_polygons(outline)))
    return owner.tolist(), np.flatnonzero(share < ON_ONE_SIDE).tolist(), drawn


def join_parts(parts_wgs84: Sequence[shapely.Geometry]) -> shapely.MultiPolygon:
    """The ground of several areas as one."""
    return shapely.MultiPolygon(_polygons(shapely.union_all(list(parts_wgs84))))


def are_neighbours(parts_wgs84: Sequence[shapely.Geometry], *, near_deg: float) -> bool:
    """Whether one comes from each to each other across borders, not corners; borders may be `near_deg` apart."""
    shapes = np.asarray(parts_wgs84, object)
    wide = shapely.buffer(shapes, near_deg)
    reached, waiting = {0}, [0]
    while waiting:
        at = waiting.pop()
        for other in range(len(shapes)):
            if other not in reached and _share_border(wide[at], shapes[other], near_deg):
                reached.add(other)
                waiting.append(other)
    return len(reached) == len(shapes)


def _share_border(wide: shapely.Geometry, other: shapely.Geometry, near_deg: float) -> bool:
    # Two that meet in a corner share about one square of `near_deg`.
    return float(shapely.area(shapely.intersection(wide, other))) > 20 * near_deg**2


def sort_from_west(parts_wgs84: Sequence[shapely.MultiPolygon]) -> list[shapely.MultiPolygon]:
    """From west to east by their middles."""
    return sorted(parts_wgs84, key=lambda part: (part.centroid.x, part.centroid.y))


def _polygons(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """The polygons of a geometry; lines and points that a cut left over are dropped."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
