"""A line with its mileage (里程): where a place on it lies, and where a point lies seen from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import GEOD, FloatArray, compute_step_lengths_m
from gridmap.domain.railways.calibration import CalibrationPoint, MileageScale
from gridmap.domain.railways.notation import (
    LinePlace,
    Mileage,
    format_mileage,
    format_place,
    is_mileage,
    is_place,
    parse_mileage,
    parse_place,
)
from gridmap.errors import N_, InvalidInput

# One import for whoever works with mileages, written or measured.
__all__ = [
    "LinePlace",
    "LinePosition",
    "LinePositions",
    "MeasuredLine",
    "Mileage",
    "format_mileage",
    "format_place",
    "is_mileage",
    "is_place",
    "parse_mileage",
    "parse_place",
]

_LONGEST_STEP_M = 500.0
"""Steps are cut to this length: over a longer one, a straight line in degrees bends away from any plane by more than a
centimetre."""

_NEAR_TIE = 1e-3
"""Mercator's scale changes by less than this share over three kilometres up to 60° of latitude: of steps so nearly at
one distance in that plane, any may be the nearest on the ground."""

_ON_LINE_M = 0.01

_WGS84_E2 = 0.00669437999014
"""Square of the first eccentricity of the ellipsoid (NIMA TR8350.2, table 3.3)."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LinePosition:
    """A point seen from a line.

    `mileage_m` is the chainage of the nearest place on it, `offset_m` the distance from there, `side` left or right
    facing increasing chainage, "" on the line.
    """

    mileage_m: float
    side: str
    offset_m: float


@dataclass(frozen=True)
class LinePositions:
    """Many points seen from a line, an entry each; see `LinePosition`."""

    chainage_m: FloatArray
    side: npt.NDArray[np.str_]
    offset_m: FloatArray


class MeasuredLine:
    """A line with its chainage: WGS-84 vertices, geodesic metres from `start_m` at the first of them.

    Every method speaks of chainage; `scale` turns it into the mileage that is written on the posts and back.

    Parameters
    ----------
    calibration
        Places whose mileage is known, see `MileageScale`; without any, mileage is chainage.
    """

    def __init__(
        self, line_wgs84: shapely.LineString, *, start_m: float = 0.0, calibration: Sequence[CalibrationPoint] = ()
    ) -> None:
        self.geometry = line_wgs84
        given = shapely.get_coordinates(line_wgs84)
        self._xy, self._is_given = _cut_steps(given)
        steps = compute_step_lengths_m(self._xy[:, 0], self._xy[:, 1])
        self._at: FloatArray = start_m + np.concatenate([[0.0], np.cumsum(steps)])
        self.scale = MileageScale(calibration, start_m=self.start_m, end_m=self.end_m)

    @property
    def start_m(self) -> float:
        return float(self._at[0])

    @property
    def end_m(self) -> float:
        return float(self._at[-1])

    @property
    def vertices(self) -> tuple[FloatArray, FloatArray]:
        """(lon, lat) of the vertices, with those put between far ones, and the chainage of each."""
        return self._xy, self._at

    def point_at(self, mileage_m: float) -> tuple[float, float]:
        """(lon, lat) at a chainage.

        Raises
        ------
        InvalidInput
            The chainage lies beyond the line.
        """
        if not self.start_m - 0.5 <= mileage_m <= self.end_m + 0.5:
            raise InvalidInput(
                N_("{mileage} lies outside this line, which runs from {start} to {end}."),
                hint=N_("Check the line and the mileage."),
                mileage=self.scale.write(mileage_m),
                start=self.scale.write(self.start_m),
                end=self.scale.write(self.end_m, arriving=True),
            )
        return (
            float(np.interp(mileage_m, self._at, self._xy[:, 0])),
            float(np.interp(mileage_m, self._at, self._xy[:, 1])),
        )

    def beside(self, mileage_m: float, *, side: str, offset_m: float) -> tuple[float, float]:
        """(lon, lat) `offset_m` to the left or right of a chainage, facing increasing chainage; "" side = on the line.

        At a vertex the direction halves the angle between the steps that meet there.
        """
        lon, lat = self.point_at(mileage_m)
        if not side or offset_m == 0:
            return lon, lat
        step = int(np.clip(np.searchsorted(self._at, mileage_m, side="right") - 1, 0, len(self._at) - 2))
        share = (mileage_m - self._at[step]) / max(self._at[step + 1] - self._at[step], 1e-9)
        azimuth = self._compute_azimuths(np.array([step]), np.array([np.clip(share, 0.0, 1.0)]), np.array([lat]))
        turned = float(azimuth[0]) + (-90.0 if side == "left" else 90.0)
        x, y, _ = GEOD.fwd(lon, lat, turned, offset_m)
        return float(x), float(y)

    def stretch(self, from_m: float, to_m: float) -> shapely.LineString:
        """The part of the line between two chainages, in the order given."""
        low, high = sorted((max(from_m, self.start_m), min(to_m, self.end_m)))
        inside = (self._at > low) & (self._at < high) & self._is_given
        xy = np.vstack([self.point_at(low), self._xy[inside], self.point_at(high)])
        return shapely.LineString(xy if from_m <= to_m else xy[::-1])

    def locate(self, lon: float, lat: float) -> LinePosition:
        """Where a point, degrees, lies seen from the line; see `locate_all`."""
        found = self.locate_all(np.array([lon]), np.array([lat]))
        return LinePosition(float(found.chainage_m[0]), str(found.side[0]), float(found.offset_m[0]))

    def locate_all(self, lon: FloatArray, lat: FloatArray) -> LinePositions:
        """Where points, degrees, lie seen from the line; offsets are geodesic.

        Good to 0.05 m up to a kilometre from the line. Offsets stay geodesic further away, but a place on the line that
        is nearer by less than a thousandth may be missed.
        """
        lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        if len(lon) == 0:
            return LinePositions(np.zeros(0), np.zeros(0, "U5"), np.zeros(0))
        point, step = self._find_near_steps(lon, lat)
        share, azimuth, distance, bearing = self._find_feet(step, lon[point], lat[point])
        order = np.lexsort((step, distance, point))
        best = order[np.unique(point[order], return_index=True)[1]]
        step, share, offset = step[best], share[best], distance[best]
        left = np.sin(np.radians(bearing[best] - azimuth[best])) < 0
        side = np.where(offset < _ON_LINE_M, "", np.where(left, "left", "right"))
        chainage = self._at[step] + share * (self._at[step + 1] - self._at[step])
        return LinePositions(chainage, side, offset)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        """An index over the steps in Mercator's plane, where distances in every direction keep their proportion."""
        plane = _to_mercator(self._xy[:, 0], self._xy[:, 1])
        steps = shapely.linestrings(np.stack([plane[:-1], plane[1:]], axis=1))
        return shapely.STRtree(np.asarray(steps, object))

    def _find_near_steps(self, lon: FloatArray, lat: FloatArray) -> tuple[IntArray, IntArray]:
        """Pairs (point, step) of every step that may be the nearest of its point."""
        points = shapely.points(_to_mercator(lon, lat))
        (point, _), distance = self._tree.query_nearest(points, all_matches=False, return_distance=True)
        reach = np.zeros(len(lon))
        reach[point] = distance * (1.0 + _NEAR_TIE) + 1e-9
        pairs = self._tree.query(points, predicate="dwithin", distance=reach)
        return pairs[0], pairs[1]

    def _find_feet(
        self, step: IntArray, lon: FloatArray, lat: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """The nearest place of each step to its point: share of the step, line's azimuth, distance, bearing to it."""
        start, end = self._xy[step], self._xy[step + 1]
        length = np.maximum(self._at[step + 1] - self._at[step], 1e-9)
        share = np.zeros(len(step))
        # From the step's beginning to the foot of the perpendicular; what the curvature of the earth leaves over, a few
        # decimetres at a kilometre, goes in the rounds that follow.
        for _ in range(3):
            foot = start + share[:, None] * (end - start)
            bearing, _back, distance = GEOD.inv(foot[:, 0], foot[:, 1], lon, lat)
            tangent = _compute_tangent(start, end, foot[:, 1])
            share = np.clip(share + distance * np.cos(np.radians(bearing - tangent)) / length, 0.0, 1.0)
        foot = start + share[:, None] * (end - start)
        bearing, _back, distance = GEOD.inv(foot[:, 0], foot[:, 1], lon, lat)
        return share, self._compute_azimuths(step, share, foot[:, 1]), np.asarray(distance), np.asarray(bearing)

    def _compute_azimuths(self, step: IntArray, share: FloatArray, lat: FloatArray) -> FloatArray:
        """Direction of the line, degrees from north; at a vertex halfway between the steps that meet there."""
        own = _compute_tangent(self._xy[step], self._xy[step + 1], lat)
        other = np.where(share >= 1.0, step + 1, np.where(share <= 0.0, step - 1, step))
        other = np.clip(other, 0, len(self._at) - 2)
        beyond = _compute_tangent(self._xy[other], self._xy[other + 1], lat)
        turn = (beyond - own + 180.0) % 360.0 - 180.0
        return np.asarray(own + turn / 2.0, np.float64)


def _cut_steps(xy: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Vertices with others put between those that lie far apart, and which of them were given; doubles go."""
    xy = xy[np.concatenate([[True], np.any(np.diff(xy, axis=0) != 0, axis=1)])]
    count = np.ceil(compute_step_lengths_m(xy[:, 0], xy[:, 1]) / _LONGEST_STEP_M).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(count)])
    along = np.arange(first[-1] + 1)
    return np.column_stack([np.interp(along, first, xy[:, i]) for i in (0, 1)]), np.isin(along, first)


def _to_mercator(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Mercator's plane of the ellipsoid, radians (Snyder, Map Projections: A Working Manual, 1987, eq. 7-7)."""
    sine = np.sin(np.radians(np.clip(lat, -89.0, 89.0)))
    e = np.sqrt(_WGS84_E2)
    return np.column_stack([np.radians(lon), np.arctanh(sine) - e * np.arctanh(e * sine)])


def _compute_tangent(start: FloatArray, end: FloatArray, lat: FloatArray) -> FloatArray:
    """Azimuth, degrees, at latitude `lat` of steps that are straight in degrees."""
    d_lon, d_lat = (end - start).T
    sine = np.sin(np.radians(lat))
    # Radii of curvature of the ellipsoid (Snyder 1987, eq. 4-18 to 4-20), without the factor that both share.
    meridian, parallel = (1.0 - _WGS84_E2) / (1.0 - _WGS84_E2 * sine**2), np.cos(np.radians(lat))
    return np.asarray(np.degrees(np.arctan2(d_lon * parallel, d_lat * meridian)), np.float64)
