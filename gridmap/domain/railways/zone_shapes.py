"""Zones on the ground: the strip beside a stretch of a line, out to so many metres from its outer track."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import FloatArray, Geometries, points_to_metric, to_metric, to_wgs84, working_crs
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.zones import Side, Span, Structure, Zone, merge_spans

_CORRIDOR_M = 60.0
"""Tracks of a station further from its line than this are another line's, or a works'."""

_BESIDE_M = 15.0
"""A bridge or tunnel of a track further from the line than this is not the line's."""

_STEP_DEG = 0.003
"""Steps are cut to at most 335 m: a straight line in degrees leaves one in the plane by less than 5 mm."""

_ARC_SEGMENTS = 24
"""To a quarter of a circle: round a corner the edge of 25 m is right to 2 cm."""

_END_M = 0.5
"""Nearer to the end of the line than this is at it."""

_PAST_M = 1.0

_SAME_DEG = 1e-8
"""About a millimetre."""


class ZoneDrawer:
    """Draws the zones of one line.

    Parameters
    ----------
    tracks_wgs84
        The line's own tracks and those of no line, for their extent in stations.
    """

    def __init__(self, line: MeasuredLine, tracks_wgs84: Geometries) -> None:
        self._line = line
        self._tracks = np.asarray(tracks_wgs84, object)
        self._tree = shapely.STRtree(self._tracks)

    def draw(self, zone: Zone) -> shapely.Geometry:
        """The ground from the line to the zone's outer edge, degrees; empty in a tunnel.

        The edge lies `reach_m` from the outermost track on that side; what lies between the tracks and the origin is
        the railway's own and belongs to it. Ends are cut at right angles to the line, at a bend halfway between its two
        directions, so that strips that meet leave no gap and do not overlap. On the ellipsoid the edge is right to
        0.05 m: the working CRS is off by less than half a metre per kilometre, and nothing here is wider than 100 m.
        """
        if zone.width_m == 0.0:
            return shapely.Polygon()
        run = _Run(self._line, zone.side, (zone.from_m, zone.to_m), reach_m=zone.reach_m + _CORRIDOR_M + _PAST_M)
        area: shapely.Geometry = shapely.buffer(run.centre, zone.reach_m, cap_style="flat", quad_segs=_ARC_SEGMENTS)
        near = self._tree.query(run.centre_wgs84, "dwithin", _CORRIDOR_M / 40_000.0)
        if len(near):
            corridor = shapely.buffer(run.centre, _CORRIDOR_M, cap_style="flat")
            tracks = shapely.intersection(to_metric(self._tracks[near], run.crs), corridor)
            beside = shapely.buffer(tracks, zone.reach_m, quad_segs=_ARC_SEGMENTS)
            # Round at buffer stops, yet flat where the line ends.
            limit = shapely.buffer(run.centre, _CORRIDOR_M + zone.reach_m, cap_style="flat")
            area = shapely.intersection(shapely.union_all([area, *beside]), limit)
        return shapely.Polygon() if shapely.is_empty(area) else run.cut(area)


def draw_beside(line: MeasuredLine, *, side: Side, span: Span, reach_m: float) -> shapely.Geometry:
    """The ground on a side of a stretch out to `reach_m` from the line, cut as `ZoneDrawer.draw` cuts it; degrees."""
    run = _Run(line, side, span, reach_m=reach_m + _PAST_M)
    return run.cut(shapely.buffer(run.centre, reach_m, cap_style="flat", quad_segs=_ARC_SEGMENTS))


class _Run:
    """A stretch of a line in the plane, drawn out beyond both ends as far as strips can reach."""

    def __init__(self, line: MeasuredLine, side: Side, span: Span, *, reach_m: float) -> None:
        low, high = max(span[0], line.start_m), min(span[1], line.end_m)
        self._side, self._reach_m = side, reach_m
        self._is_open = (low > line.start_m + _END_M, high < line.end_m - _END_M)
        cuts = [low, high]
        if self._is_open[0]:
            cuts.insert(0, max(low - reach_m, line.start_m))
        if self._is_open[1]:
            cuts.append(min(high + reach_m, line.end_m))
        parts = [_walk(line, a, b) for a, b in pairwise(cuts)]
        lonlat = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
        first = len(parts[0]) - 1 if self._is_open[0] else 0
        last = first + len(parts[1 if self._is_open[0] else 0]) - 1
        self.centre_wgs84 = shapely.LineString(lonlat)
        middle = lonlat[(first + last) // 2]
        self.crs = working_crs(float(middle[0]), float(middle[1]))
        self._xy: FloatArray = np.column_stack(points_to_metric(lonlat[:, 0], lonlat[:, 1], self.crs))
        self.centre = shapely.LineString(self._xy)
        at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(self._xy, axis=0).T))])
        self._ends, self._span = (first, last), (float(at[first]), float(at[last]))

    def cut(self, area: shapely.Geometry) -> shapely.Geometry:
        """The part of `area`, in the plane, on the zone's side between its two ends; degrees."""
        knives = [self._draw_out(), *(self._draw_normal(end) for end in self._list_cut_ends())]
        lines = shapely.union_all([shapely.boundary(area), *knives])
        pieces = shapely.get_parts(shapely.polygonize([lines]))
        inside = shapely.point_on_surface(pieces)
        kept = pieces[self._contain(inside) & shapely.intersects(area, inside)]
        own = [
            shapely.Polygon(shapely.get_exterior_ring(part))
            for part in shapely.get_parts(shapely.union_all(kept))
            # Beyond a gap in which nothing of the railway lies, a track is not the line's.
            if shapely.dwithin(part, self.centre, _PAST_M)
        ]
        joined: Geometries = np.array([shapely.union_all(own)], object)
        (ground,) = to_wgs84(joined, self.crs).tolist()
        assert isinstance(ground, shapely.Geometry)
        return ground

    def _list_cut_ends(self) -> Iterable[int]:
        return [end for end, is_open in zip(self._ends, self._is_open, strict=True) if is_open]

    def _draw_out(self) -> shapely.Geometry:
        """The line, long enough to part what lies left and right of it."""
        first, last = self._xy[0] - self._xy[1], self._xy[-1] - self._xy[-2]
        before = self._xy[0] + _PAST_M * first / np.hypot(*first)
        after = self._xy[-1] + _PAST_M * last / np.hypot(*last)
        return shapely.LineString(np.vstack([before, self._xy, after]))

    def _draw_normal(self, vertex: int) -> shapely.Geometry:
        """From a vertex outwards on the zone's side."""
        steps = np.diff(self._xy[max(vertex - 1, 0) : vertex + 2], axis=0)
        along = (steps / np.hypot(steps[:, 0], steps[:, 1])[:, None]).sum(axis=0)
        across = np.array([-along[1], along[0]]) / np.hypot(*along)
        out = across if self._side == "left" else -across
        return shapely.LineString([self._xy[vertex], self._xy[vertex] + self._reach_m * out])

    def _contain(self, points: Geometries) -> npt.NDArray[np.bool_]:
        """Which points lie on the zone's side, their nearest place on the line between its two ends."""
        at = shapely.line_locate_point(self.centre, points)
        back, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(self.centre, np.maximum(at + off, 0.0)))
            for off in (-0.5, 0.5)
        )
        along, to_point = ahead - back, shapely.get_coordinates(points) - back
        left = along[:, 0] * to_point[:, 1] - along[:, 1] * to_point[:, 0] > 0
        within = (at >= self._span[0] - 1e-6) & (at <= self._span[1] + 1e-6)
        return np.asarray(within & (left if self._side == "left" else ~left), np.bool_)


def _walk(line: MeasuredLine, from_m: float, to_m: float) -> FloatArray:
    """Vertices of a stretch, degrees, none so near to its ends that the step between them has no direction."""
    xy = shapely.get_coordinates(line.stretch(from_m, to_m))
    apart = [np.abs(xy[1:-1] - end).max(axis=1) > _SAME_DEG for end in (xy[0], xy[-1])]
    kept = np.concatenate([[True], apart[0] & apart[1], [True]])
    return np.asarray(shapely.get_coordinates(shapely.segmentize(shapely.LineString(xy[kept]), _STEP_DEG)))


def find_structures(line: MeasuredLine, tracks: pd.DataFrame) -> list[Structure]:
    """Bridges and tunnels along a line; `tracks` are its own, with `bridge`, `tunnel` and WGS-84 geometries."""
    found = []
    kinds: tuple[Literal["bridge", "tunnel"], ...] = ("bridge", "tunnel")
    for kind in kinds:
        shapes = tracks["geometry"].to_numpy()[tracks[kind].to_numpy(bool)]
        if len(shapes) == 0:
            continue
        places = [shapely.line_interpolate_point(shapes, share, normalized=True) for share in (0.0, 0.5, 1.0)]
        xy = shapely.get_coordinates(np.concatenate(places))
        seen = line.locate_all(xy[:, 0], xy[:, 1])
        at, offset = seen.chainage_m.reshape(3, -1), seen.offset_m.reshape(3, -1)[1]
        spans = [(float(min(a)), float(max(a))) for a, off in zip(at.T, offset, strict=True) if off <= _BESIDE_M]
        found += [Structure(kind, low, high) for low, high in merge_spans(spans, touching_m=_END_M)]
    return found
