"""A track matched to railway lines: what it covers, and why the rest of it does not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from gridmap.domain.crs import FloatArray
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.tracking.beside_model import (
    BESIDE,
    SLOW_KMH,
    TRAIN,
    Readings,
    compute_posterior,
)
from gridmap.domain.tracking.noise import estimate_sigma_m
from gridmap.domain.tracking.referencing import LinePieces, Seen, cut_pieces, see_from_lines
from gridmap.domain.tracking.road_matching import match_roads
from gridmap.domain.tracking.runs import Covered, Run, Stretch, bridge_gaps, find_runs, settle_rivals, split_by_side
from gridmap.domain.tracking.track import KMH_PER_MPS, WINDOW_S, Steps, Track, build_steps, fit_motion

_EXCURSION_S = 60.0
"""Who is out of sight of the line for longer begins a new stretch."""

_LONGEST_WAIT_S = 60.0
"""The most time that one step stands for."""

_UNTIMED_CONFIDENCE = 0.5
"""Without times a train's track looks like a walker's."""

_STANDING_KMH = 1.0
_ROAD_STEP_S = 10.0
"""Roads are matched at most this often."""

Words = npt.NDArray[np.object_]


class Reason(StrEnum):
    """Why metres of a track do not count."""

    AWAY = "away"
    TOO_FAR = "too_far"
    ON_ROAD = "on_road"
    TOO_FAST = "too_fast"
    PASSING = "passing"
    STANDING = "standing"
    NO_SIGNAL = "no_signal"
    JUMP = "jump"


@dataclass(frozen=True)
class TrackMatch:
    """What a track covers.

    Attributes
    ----------
    covered
        In order of time; stretches may overlap where somebody came twice.
    matched_m, reasons
        Metres of track that count, and of those that do not by reason; together the length of the track with its noise
        smoothed away (a receiver at rest makes a kilometre an hour by itself).
    sigma_m
        Error of the fixes on each axis, as the receiver says or as the track shows.
    is_timed
        Without times the speed is unknown, and every confidence at most a half.
    """

    covered: tuple[Covered, ...]
    matched_m: float
    reasons: dict[Reason, float]
    sigma_m: float
    is_timed: bool

    @property
    def rejected_m(self) -> float:
        return sum(self.reasons.values())


def match_track(track: Track, *, lines: Mapping[int, MeasuredLine], network: RoadNetwork | None = None) -> TrackMatch:
    """Find the metres of `lines` that a patrol's track covers.

    Parameters
    ----------
    track
        At least one fix.
    network
        Roads the track may follow instead; without it only distance, speed and direction decide.
    """
    steps = build_steps(track)
    box = (float(steps.x.min()), float(steps.y.min()), float(steps.x.max()), float(steps.y.max()))
    pieces = cut_pieces(lines, crs=steps.crs, box=box)
    seen = list(see_from_lines(pieces, steps.x, steps.y))
    sigma_m = estimate_sigma_m(steps, seen)
    roads = {} if network is None else _see_roads(network, steps, seen, pieces, sigma_m=float(np.median(sigma_m)))
    stretches = [part for own in seen for part in _build_stretches(steps, own, sigma_m, roads.get(own.line_id))]
    found = [run for stretch in stretches for run in find_runs(stretch)]
    runs = settle_rivals(found, len(steps))
    bridges = bridge_gaps(runs, steps)
    covered = sorted([*(part for run in runs for part in split_by_side(run)), *bridges], key=lambda part: part.since)
    if not track.is_timed:
        covered = [replace(part, confidence=_UNTIMED_CONFIDENCE * part.confidence) for part in covered]
    matched_m, reasons = _account(steps, stretches, runs, bridges)
    return TrackMatch(tuple(covered), matched_m, reasons, float(np.median(sigma_m)), track.is_timed)


def _see_roads(
    network: RoadNetwork, steps: Steps, seen: list[Seen], pieces: LinePieces, *, sigma_m: float
) -> dict[int, FloatArray]:
    """By line the offset of the road that the track follows at each step, not a number where it follows none."""
    if not seen:
        return {}
    near = np.unique(np.concatenate([own.point for own in seen]))
    _, first, span = np.unique(np.floor(steps.at[near] / _ROAD_STEP_S), return_index=True, return_inverse=True)
    chosen = near[first]
    on_road = match_roads(network, steps.x[chosen], steps.y[chosen], crs=steps.crs, sigma_m=sigma_m)
    known = np.flatnonzero(np.isfinite(on_road.x))
    found = {own.line_id: np.full(len(steps), np.nan) for own in seen}
    for own in see_from_lines(pieces, on_road.x[known], on_road.y[known]):
        offset = np.full(len(chosen), np.nan)
        offset[known[own.point]] = own.offset_m
        found.setdefault(own.line_id, np.full(len(steps), np.nan))[near] = offset[span]
    return found


def _build_stretches(steps: Steps, own: Seen, sigma_m: FloatArray, road_m: FloatArray | None) -> Iterator[Stretch]:
    """The stretches of a track near one line, each with what the model says of it."""
    at, piece = steps.at[own.point], steps.piece[own.point]
    apart = (np.diff(own.point) > 1) & (np.diff(at) > _EXCURSION_S)
    cuts = np.flatnonzero(apart | (np.diff(piece) > 0)) + 1
    for places in np.split(np.arange(len(own.point)), cuts):
        if len(places) < 2:
            continue
        step, here = own.point[places], np.zeros(len(places), np.int64)
        along_m, along_mps = fit_motion(steps.at[step], own.along_m[places], here)
        _, sideways_mps = fit_motion(steps.at[step], own.offset_m[places], here)
        pause = np.diff(steps.at[step])
        wait_s = (np.concatenate([pause[:1], pause]) + np.concatenate([pause, pause[-1:]])) / 2
        readings = Readings(
            offset_m=own.offset_m[places],
            speed_mps=steps.speed_mps[step],
            along_mps=along_mps,
            sideways_mps=sideways_mps,
            wait_s=wait_s.clip(max=_LONGEST_WAIT_S),
            road_m=np.full(len(step), np.nan) if road_m is None else road_m[step],
            sigma_m=sigma_m[step],
        )
        yield Stretch(
            line_id=own.line_id,
            step=step,
            at=steps.at[step],
            along_m=along_m,
            reached_m=_choose_reached(own.along_m[places], along_m, along_mps=along_mps, sigma_m=sigma_m[step]),
            offset_m=own.offset_m[places],
            sigma_m=sigma_m[step],
            speed_mps=steps.speed_mps[step],
            is_on_road=np.isfinite(readings.road_m),
            posterior=compute_posterior(readings),
        )


def _choose_reached(
    measured_m: FloatArray, fitted_m: FloatArray, *, along_mps: FloatArray, sigma_m: FloatArray
) -> FloatArray:
    """The better of two mileages of each step.

    Where somebody stops or turns away a line fitted over `WINDOW_S` to both sides lags by a quarter of the way made in
    it; as soon as that is more than the receiver's error the measured mileage is better, outliers left out.
    """
    lag_m = np.abs(along_mps) * WINDOW_S / 4
    believed = (lag_m > sigma_m) & (np.abs(measured_m - fitted_m) < 3 * sigma_m + 2 * lag_m)
    return np.where(believed, measured_m, fitted_m)


def _account(
    steps: Steps, stretches: list[Stretch], runs: list[Run], bridges: list[Covered]
) -> tuple[float, dict[Reason, float]]:
    """Metres of track that count, and of the others by reason."""
    hop_m = np.hypot(np.diff(steps.smooth_x), np.diff(steps.smooth_y))
    silent = np.diff(steps.piece) > 0
    half = np.where(silent, 0.0, hop_m / 2)
    way_m = np.concatenate([[0.0], half]) + np.concatenate([half, [0.0]])
    counts = np.zeros(len(steps), bool)
    for run in runs:
        counts[run.stretch.step[run.span]] = True
    verdict = _judge(steps, stretches)
    reasons = {reason: float(way_m[~counts & (verdict == reason.value)].sum()) for reason in Reason}
    bridged_m = sum(gap.length_m for gap in bridges)
    reasons[Reason.NO_SIGNAL] = max(0.0, float(hop_m[silent].sum()) - bridged_m)
    reasons[Reason.JUMP] = steps.jump_m
    return float(way_m[counts].sum()) + bridged_m, {reason: metres for reason, metres in reasons.items() if metres > 0}


def _judge(steps: Steps, stretches: list[Stretch]) -> Words:
    """Why each step would not count, seen from the line that is nearest to it."""
    verdict = np.full(len(steps), Reason.AWAY.value, object)
    nearest_m = np.full(len(steps), np.inf)
    fast = steps.speed_mps * KMH_PER_MPS > SLOW_KMH
    standing = steps.speed_mps * KMH_PER_MPS < _STANDING_KMH
    for stretch in stretches:
        likeliest = stretch.posterior.argmax(axis=1)
        off = likeliest < TRAIN
        far = off & ~BESIDE[np.where(off, likeliest, 0)]
        why = np.select(
            [far & stretch.is_on_road, far, fast[stretch.step] | (likeliest == TRAIN), standing[stretch.step]],
            [Reason.ON_ROAD.value, Reason.TOO_FAR.value, Reason.TOO_FAST.value, Reason.STANDING.value],
            Reason.PASSING.value,
        )
        closer = np.abs(stretch.offset_m) < nearest_m[stretch.step]
        verdict[stretch.step[closer]] = why[closer]
        nearest_m[stretch.step[closer]] = np.abs(stretch.offset_m[closer])
    return verdict
