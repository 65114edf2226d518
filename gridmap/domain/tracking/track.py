"""A patrol's track: fixes in order of time, thinned into steps, with the motion that noise leaves of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from gridmap.domain.crs import FloatArray, points_to_metric, working_crs
from gridmap.domain.fixes import FASTEST_KMH

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

KMH_PER_MPS = 3.6

STEP_S = 5.0
"""Fixes within one such span become a step: noise of a second's fixes is nearly the same, and a day stays small."""

WINDOW_S = 30.0
"""Motion is fitted to what lies this long before and after a step; single differences of noisy fixes say nothing."""

_GAP_S = 90.0
_GAP_STEPS = 3.5
"""Silence longer than both, the second in usual spacings of the track, is a gap."""

_PACE_MPS = 1.25
"""A person's usual pace (4.5 km/h, `domain.roads.speeds.FOOT_KMH`), assumed where a track has no times."""

_SPIKE_M = 150.0
_SPIKE_KMH = 150.0
"""A fix that lies this far out of the way, there and back faster than this, is a jump of the receiver."""


@dataclass(frozen=True)
class Track:
    """Fixes in order of time, equally long arrays.

    Attributes
    ----------
    lon, lat
        WGS-84 degrees.
    at
        Unix seconds, strictly increasing; not a number throughout where the track has no times.
    speed_kmh, accuracy_m
        As the receiver says (accuracy: the radius that holds 68 % of fixes), not a number where it does not.
    """

    lon: FloatArray
    lat: FloatArray
    at: FloatArray
    speed_kmh: FloatArray
    accuracy_m: FloatArray

    def __post_init__(self) -> None:
        sizes = {len(values) for values in (self.lon, self.lat, self.at, self.speed_kmh, self.accuracy_m)}
        if len(sizes) != 1:
            raise ValueError("the arrays of a track differ in length")
        if self.is_timed and not (np.diff(self.at) > 0).all():
            raise ValueError("the instants of a track do not increase")

    def __len__(self) -> int:
        return len(self.lon)

    @property
    def is_timed(self) -> bool:
        """Whether the fixes say when they were taken."""
        return bool(np.isfinite(self.at).all())


@dataclass(frozen=True)
class Steps:
    """A track thinned to at most a step each `STEP_S`, in the plane `crs`; equally long arrays.

    Attributes
    ----------
    x, y
        Mean of the fixes of each step, metres.
    at
        Seconds, those of `Track.at` or made up from the usual pace where `is_timed` is False.
    piece
        Counts up at each gap in the signal.
    smooth_x, smooth_y, speed_mps
        Place and speed by a straight line fitted to the fixes within `WINDOW_S` (`fit_motion`); the receiver's own
        speed where it has one.
    accuracy_m
        Mean of the receiver's, not a number where unknown.
    jump_m
        Metres of the fixes that were left out as jumps, there and back.
    """

    crs: CRS
    x: FloatArray
    y: FloatArray
    at: FloatArray
    piece: IntArray
    smooth_x: FloatArray
    smooth_y: FloatArray
    speed_mps: FloatArray
    accuracy_m: FloatArray
    is_timed: bool
    jump_m: float

    def __len__(self) -> int:
        return len(self.x)


def build_steps(track: Track) -> Steps:
    """Thin a track of at least one fix, leave out jumps, and fit its motion."""
    crs = working_crs(float(np.mean(track.lon)), float(np.mean(track.lat)))
    x, y = points_to_metric(track.lon, track.lat, crs)
    at = track.at if track.is_timed else _invent_times(x, y)
    jump, jump_m = _find_jumps(x, y, at) if track.is_timed else (np.zeros(len(x), bool), 0.0)
    kept = ~jump
    columns = (x, y, at, track.speed_kmh / KMH_PER_MPS, track.accuracy_m)
    x, y, at, told_mps, accuracy_m = _average(np.column_stack(columns)[kept])
    piece = _number_pieces(at)
    smooth_x, speed_x = fit_motion(at, x, piece)
    smooth_y, speed_y = fit_motion(at, y, piece)
    speed = np.where(np.isfinite(told_mps), told_mps, np.hypot(speed_x, speed_y))
    return Steps(crs, x, y, at, piece, smooth_x, smooth_y, speed, accuracy_m, track.is_timed, jump_m)


def fit_motion(at: FloatArray, value: FloatArray, piece: IntArray) -> tuple[FloatArray, FloatArray]:
    """Value and rate at each instant, by least squares over the neighbours within `WINDOW_S` of the same piece.

    The fit is never over fewer than one neighbour on each side, however far apart they are; the rate of a lone step
    is 0.
    """
    first = np.searchsorted(piece, piece, "left")
    last = np.searchsorted(piece, piece, "right")
    place = np.arange(len(at))
    low = np.maximum(np.minimum(np.searchsorted(at, at - WINDOW_S, "left"), place - 1), first)
    high = np.minimum(np.maximum(np.searchsorted(at, at + WINDOW_S, "right"), place + 2), last)
    # Sums over windows as differences of running sums, centred so that squares of unix seconds keep their digits.
    t, v = at - at.mean(), value - value.mean()
    sums = [np.concatenate([[0.0], np.cumsum(a)]) for a in (np.ones_like(t), t, v, t * t, t * v)]
    n, st, sv, stt, stv = (total[high] - total[low] for total in sums)
    spread = stt - st * st / n
    rate = np.where(spread > 1e-6, (stv - st * sv / n) / np.where(spread > 1e-6, spread, 1.0), 0.0)
    return value.mean() + sv / n + rate * (t - st / n), rate


def _invent_times(x: FloatArray, y: FloatArray) -> FloatArray:
    step_m = np.hypot(np.diff(x), np.diff(y))
    return np.concatenate([[0.0], np.cumsum(np.maximum(step_m / _PACE_MPS, 1.0))])


def _find_jumps(x: FloatArray, y: FloatArray, at: FloatArray) -> tuple[BoolArray, float]:
    """Which fixes are jumps, and the metres to them and back.

    A jump lies far out of the way between its neighbours and would need a vehicle's speed in both directions, or more
    than any train's in one of them.
    """
    jump = np.zeros(len(x), bool)
    if len(x) < 3:
        return jump, 0.0
    step_m, step_s = np.hypot(np.diff(x), np.diff(y)), np.diff(at)
    pace_kmh = step_m / step_s * KMH_PER_MPS
    there, back = step_m[:-1], step_m[1:]
    detour_m = there + back - np.hypot(x[2:] - x[:-2], y[2:] - y[:-2])
    slower, faster = np.minimum(pace_kmh[:-1], pace_kmh[1:]), np.maximum(pace_kmh[:-1], pace_kmh[1:])
    jump[1:-1] = (detour_m > _SPIKE_M) & ((slower > _SPIKE_KMH) | (faster > FASTEST_KMH))
    # Of neighbouring jumps the way between them is counted once too often at most; it is only reported.
    return jump, float((there + back)[jump[1:-1]].sum())


def _average(columns: FloatArray) -> list[FloatArray]:
    """Columns (the third being time) averaged over spans of `STEP_S`, leaving out what is not a number."""
    at = columns[:, 2]
    _, span = np.unique(np.floor((at - at[0]) / STEP_S), return_inverse=True)
    known = np.isfinite(columns)
    number = [np.bincount(span, weights=column) for column in known.T]
    total = [np.bincount(span, weights=column) for column in np.where(known, columns, 0.0).T]
    return [np.where(n > 0, t / np.maximum(n, 1), np.nan) for n, t in zip(number, total, strict=True)]


def _number_pieces(at: FloatArray) -> IntArray:
    pause = np.diff(at)
    longest = max(_GAP_S, _GAP_STEPS * float(np.median(pause))) if len(pause) else _GAP_S
    return np.concatenate([[0], np.cumsum(pause > longest)]).astype(np.int64)
