"""Announced protection zones: where one is in force, its width and origin count in place of what the statute sets.

On the ground a zone in force takes in what lies beside its stretch of the line: on its side, nearest to a place of the
line between its ends. A shape that lies beside several stretches is cut at their ends, and each part is measured for
itself: from the tracks of the line where a zone was announced, from every track as the statute has it elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import FloatArray, Geometries, compute_areas_m2, compute_lengths_m, to_wgs84
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.zone_shapes import draw_beside
from gridmap.domain.railways.zones import HeldZone, Side, Span, Zone, hold_widest
from gridmap.domain.statutes.plane import (
    MERCATOR,
    IntArray,
    Shapes,
    build_shapes,
    compute_scale,
    cut_into_steps,
    find_binding,
)
from gridmap.domain.statutes.scene import Scene

REACH_M = 300.0
"""No zone reaches further from its line: 200 m of width, and half a station. Beyond it the statute's width is told."""

_CORRIDOR_M = 60.0
"""A track of a station no further from the line than this belongs to it."""

_DENSE_DEG = 0.0005
"""Shapes are looked at every 50 m: where between two corners they lie beside the line is not seen otherwise."""

_MARGIN_M = 1.0
_BEYOND_M = 50.0
_SLIVER_M = 0.01

_SIDES: tuple[Side, Side] = ("left", "right")
_OTHER: dict[Side, Side] = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class AnnouncedLine:
    """A line with the announced zones in force on it; `high_speed` by Article 107."""

    line_id: int
    measured: MeasuredLine
    high_speed: bool
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class Nearness:
    """How shapes lie to announced zones: an entry for each part of a shape beside a zone in force.

    Attributes
    ----------
    zones, shapes
        What was asked about.
    shape
        Position of the shape.
    line
        Position of the line in `AnnouncedZones.lines`.
    held
        The `HeldZone` there.
    distance_m
        To the nearest track of the line, metres.
    rest
        (shape, line) → what of the shape lies beside no zone of that line, in the plane; None where nothing does.
    """

    zones: AnnouncedZones
    shapes: Shapes
    shape: IntArray
    line: IntArray
    held: npt.NDArray[np.object_]
    distance_m: FloatArray
    rest: dict[tuple[int, int], shapely.Geometry | None]


@dataclass
class _Parts:
    """Parts of shapes beside zones of one line: those that are a whole shape, by its row, and those cut out of one."""

    whole: IntArray
    whole_held: list[HeldZone]
    cut: list[int] = field(default_factory=list)
    cut_held: list[HeldZone] = field(default_factory=list)
    ground: list[shapely.Geometry] = field(default_factory=list)
    rest: dict[int, shapely.Geometry | None] = field(default_factory=dict)

    def list_rest(self) -> list[tuple[int, shapely.Geometry | None]]:
        """What is left of each shape, by its row, in the plane."""
        plane = build_shapes(np.array(list(self.rest.values()), object)).plane
        return list(zip(self.rest, plane, strict=True))


class AnnouncedZones:
    """The announced zones in force, over the tracks of a scene.

    Attributes
    ----------
    scene, lines
        What they lie over, and the lines that have any.
    owner
        Of each step of the scene's tracks the position of its line in `lines`, -1 where it has none.
    """

    def __init__(self, scene: Scene, lines: Sequence[AnnouncedLine]) -> None:
        self.scene = scene
        self.lines = [_Line(line) for line in lines]
        axes = np.array([line.measured.geometry for line in lines], object)
        steps, of = cut_into_steps(axes) if len(axes) else (axes, np.zeros(0, np.int64))
        self._axis_line: IntArray = of
        self._axes = shapely.STRtree(steps)
        self.owner = self._find_owners(scene)
        for position, line in enumerate(self.lines):
            own = [scene.tracks.steps[self.owner == position], steps[self._axis_line == position]]
            line.origins = shapely.STRtree(np.concatenate(own))

    def _find_owners(self, scene: Scene) -> IntArray:
        tracks = scene.tracks
        owner = np.full(len(tracks.steps), -1)
        if not self.lines:
            return owner
        for position, line in enumerate(self.lines):
            owner[tracks.line == line.given.line_id] = position
        sidings = np.flatnonzero(tracks.of_station)
        if len(sidings):
            middle = shapely.line_interpolate_point(tracks.steps[sidings], 0.5, normalized=True)
            scale = compute_scale(shapely.get_y(to_wgs84(middle, MERCATOR)))
            (row, near), apart = self._axes.query_nearest(
                tracks.steps[sidings],
                max_distance=_CORRIDOR_M * float(scale.max()),
                all_matches=False,
                return_distance=True,
            )
            beside = apart <= _CORRIDOR_M * scale[row]
            owner[sidings[row[beside]]] = self._axis_line[near[beside]]
        return owner

    def find_near(self, geometries_wgs84: Geometries, shapes: Shapes) -> Nearness:
        """How shapes, given in degrees and in the plane, lie to the zones."""
        shape, step = self._axes.query(shapes.plane, predicate="dwithin", distance=REACH_M * shapes.scale)
        pairs = np.unique(np.column_stack([self._axis_line[step], shape]), axis=0).reshape(-1, 2)
        found: list[tuple[IntArray, IntArray, npt.NDArray[np.object_], FloatArray]] = []
        rest: dict[tuple[int, int], shapely.Geometry | None] = {}
        for position in np.unique(pairs[:, 0]).tolist():
            near = pairs[pairs[:, 0] == position, 1]
            line, own = self.lines[position], shapes.take(near)
            parts = line.cut(np.asarray(geometries_wgs84, object)[near])
            rest |= {(int(near[row]), position): left for row, left in parts.list_rest()}
            whole = own.take(parts.whole)
            for rows, held, ground in (
                (parts.whole, parts.whole_held, whole),
                (np.array(parts.cut, np.int64), parts.cut_held, build_shapes(np.array(parts.ground, object))),
            ):
                if len(rows):
                    _, metres = find_binding(ground, line.origins, reach_m=np.zeros(len(line.origins)))
                    found.append((near[rows], np.full(len(rows), position), _to_objects(held), metres))
        nothing = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, object), np.zeros(0))
        shape, position, held, metres = (np.concatenate(column) for column in zip(nothing, *found, strict=True))
        return Nearness(self, shapes, shape, position, held, metres, rest)


class _Line:
    """A line with its zones cut so that in each piece one holds."""

    origins: shapely.STRtree

    def __init__(self, given: AnnouncedLine) -> None:
        self.given = given
        self._pieces = {side: _Pieces([zone for zone in given.zones if zone.side == side]) for side in _SIDES}

    def cut(self, geometries_wgs84: Geometries) -> _Parts:
        """The parts of shapes beside zones; a place on the line itself lies on both sides."""
        is_point = shapely.get_type_id(geometries_wgs84) == shapely.GeometryType.POINT
        dense = np.where(is_point, geometries_wgs84, shapely.segmentize(geometries_wgs84, _DENSE_DEG))
        xy, of = shapely.get_coordinates(dense, return_index=True)
        seen, count = self.given.measured.locate_all(xy[:, 0], xy[:, 1]), len(dense)
        low, high, far = np.full(count, np.inf), np.full(count, -np.inf), np.zeros(count)
        np.minimum.at(low, of, seen.chainage_m)
        np.maximum.at(high, of, seen.chainage_m)
        np.maximum.at(far, of, seen.offset_m)
        beyond = {side: np.bincount(of, seen.side == _OTHER[side], minlength=count) > 0 for side in _SIDES}
        parts = _Parts(np.zeros(0, np.int64), [])
        for side in _SIDES:
            piece = self._pieces[side].find_covering(low, high)
            rows = np.flatnonzero((piece >= 0) & ~beyond[side])
            parts.whole = np.concatenate([parts.whole, rows])
            parts.whole_held += [self._pieces[side].held[i] for i in piece[rows]]
        parts.rest = dict.fromkeys(parts.whole.tolist())
        for row in np.flatnonzero(~is_point & ~np.isin(np.arange(count), parts.whole)).tolist():
            sides = [side for side in _SIDES if not beyond[side][row] or beyond[_OTHER[side]][row]]
            span, reach_m = (float(low[row]), float(high[row])), min(float(far[row]) + _MARGIN_M, REACH_M)
            self._cut_shape(parts, row, geometries_wgs84[row], sides=sides, span=span, reach_m=reach_m)
        return parts

    def _cut_shape(
        self, parts: _Parts, row: int, ground: shapely.Geometry, *, sides: Sequence[Side], span: Span, reach_m: float
    ) -> None:
        """What of a shape lies beside each piece, and what beside none."""
        low, high = span[0] - _MARGIN_M, span[1] + _MARGIN_M
        rest: shapely.Geometry | None = ground
        for side in sides:
            for held in self._pieces[side].list_meeting(low, high):
                stretch = (max(held.zone.from_m, low - _BEYOND_M), min(held.zone.to_m, high + _BEYOND_M))
                beside = draw_beside(self.given.measured, side=side, span=stretch, reach_m=reach_m)
                part = _drop_slivers(shapely.intersection(ground, beside))
                if part is not None:
                    parts.cut.append(row)
                    parts.cut_held.append(held)
                    parts.ground.append(part)
                    rest = None if rest is None else _drop_slivers(shapely.difference(rest, beside))
                    parts.rest[row] = rest


class _Pieces:
    """Pieces of the zones of one side in order, none over another."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self.held = hold_widest(zones)
        self._from_m = np.array([piece.zone.from_m for piece in self.held])
        self._to_m = np.array([piece.zone.to_m for piece in self.held])

    def find_covering(self, low_m: FloatArray, high_m: FloatArray) -> IntArray:
        """Position of the piece that holds from `low_m` to `high_m`, -1 where none does; entry by entry."""
        if not self.held:
            return np.full(len(low_m), -1)
        # Where two meet the first one holds as well as the second.
        at = np.minimum(np.searchsorted(self._to_m, low_m), len(self.held) - 1)
        covers = (self._from_m[at] <= low_m) & (high_m <= self._to_m[at])
        return np.where(covers, at, -1)

    def list_meeting(self, low_m: float, high_m: float) -> list[HeldZone]:
        """Those that meet a stretch."""
        first, last = np.searchsorted(self._to_m, low_m), np.searchsorted(self._from_m, high_m, side="right")
        return self.held[first:last]


def _drop_slivers(ground: shapely.Geometry) -> shapely.Geometry | None:
    """`ground`, degrees, without what two cuts along the same line leave between them; None where nothing is left."""
    pieces = shapely.get_parts(ground)
    if len(pieces) == 0:
        return None
    dimension = shapely.get_dimensions(pieces)
    pieces = pieces[dimension == dimension.max()]
    if dimension.max() == 2:
        around = np.maximum(compute_lengths_m(shapely.boundary(pieces)), _SLIVER_M)
        pieces = pieces[compute_areas_m2(pieces) > _SLIVER_M * around / 2]
    elif dimension.max() == 1:
        pieces = pieces[compute_lengths_m(pieces) > _SLIVER_M]
    if len(pieces) == 0:
        return None
    kept: shapely.Geometry = pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)
    return kept


def _to_objects(held: Sequence[HeldZone]) -> npt.NDArray[np.object_]:
    column = np.empty(len(held), object)
    column[:] = held
    return column
