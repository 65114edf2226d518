"""What a new edition changes, place by place, and the ground it changes, simple enough for a screen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely

from gridmap.domain.crs import Geometries

MOST_DRAWN = 4_000
"""So many pieces of ground at most are drawn, the largest."""

MOST_CORNERS = 20_000
"""So many corners at most have all pieces together that are drawn at once; a quarter of a megabyte on the wire."""

_NEAR_CORNERS = 400
"""So many corners at most has a piece that is looked at from near by."""

_NEAR_DEG = 1e-5
"""A metre: nothing is drawn finer."""

_FAR_DEG = 0.2
"""Coarser than this nothing gets simpler."""


class PlaceChange(StrEnum):
    """What an edition may change of a place (拆分、合并、编码、名称、边界、户数、新增、撤销), in the order told."""

    SPLIT = "split"
    MERGED = "merged"
    RECODED = "recoded"
    RENAMED = "renamed"
    REDRAWN = "redrawn"
    RECOUNTED = "recounted"
    ADDED = "added"
    REMOVED = "removed"


class GroundKind(StrEnum):
    """What becomes of ground: it is a new area's, was one's that goes, changes hands, or is called otherwise."""

    ADDED = "added"
    REMOVED = "removed"
    GAINED = "gained"
    LOST = "lost"
    RENAMED = "renamed"


@dataclass(frozen=True)
class PlaceState:
    """What a place is called in one edition; households are None where nothing is said of them."""

    code: str
    name: str
    households: int | None


@dataclass(frozen=True)
class EditionPlace:
    """One place that an edition changes.

    Attributes
    ----------
    before, after
        What it is called; None where it is added or removed.
    changes
        All that differs.
    iou
        Ground in common with what it was, intersection over union; 0 where it is added or removed.
    gained_m2, lost_m2
        Square metres that changed borders give and take.
    split_into, merged_from
        Codes of what it is split into, and of what was merged into it.
    area_id
        Its id among the areas loaded; None where it is added.
    bounds_wgs84
        West, south, east, north of what it was and is, degrees.
    """

    before: PlaceState | None
    after: PlaceState | None
    changes: frozenset[PlaceChange]
    iou: float
    gained_m2: float
    lost_m2: float
    split_into: tuple[str, ...]
    merged_from: tuple[str, ...]
    area_id: int | None
    bounds_wgs84: tuple[float, float, float, float]

    @property
    def state(self) -> PlaceState:
        """What it is called by the edition; before it, where it is removed."""
        state = self.after or self.before
        assert state is not None
        return state


@dataclass(frozen=True)
class ChangedGround:
    """A piece of ground of the place at a position of the list; degrees, as seen from near by and from afar."""

    kind: GroundKind
    place: int
    near_wgs84: shapely.Geometry
    far_wgs84: shapely.Geometry


def simplify_ground(
    kinds: list[GroundKind], places: list[int], shapes_wgs84: Geometries
) -> tuple[tuple[ChangedGround, ...], int]:
    """The pieces to draw, the largest first and at most `MOST_DRAWN`, and how many are left out."""
    order = np.argsort(-shapely.area(shapes_wgs84), kind="stable")[:MOST_DRAWN]
    near = _simplify_each(shapes_wgs84[order])
    far = _simplify_all(near)
    rows = zip(order.tolist(), near, far, strict=True)
    drawn = tuple(ChangedGround(kinds[i], places[i], close, coarse) for i, close, coarse in rows)
    return drawn, len(kinds) - len(drawn)


def _simplify_each(shapes: Geometries) -> Geometries:
    """Every one with at most `_NEAR_CORNERS`, as far as its rings allow."""
    tolerance = _NEAR_DEG
    result = shapely.simplify(shapes, tolerance)
    while tolerance < _FAR_DEG and (many := shapely.get_num_coordinates(result) > _NEAR_CORNERS).any():
        tolerance *= 2
        result[many] = shapely.simplify(shapes[many], tolerance)
    return result


def _simplify_all(shapes: Geometries) -> Geometries:
    """All together with at most `MOST_CORNERS`: simplified alike, else boxes."""
    tolerance, result = _NEAR_DEG, shapes
    while shapely.get_num_coordinates(result).sum() > MOST_CORNERS:
        if tolerance > _FAR_DEG:
            return np.asarray(shapely.envelope(shapes))
        tolerance *= 2
        result = shapely.simplify(shapes, tolerance)
    return result
