"""Hidden Markov model of somebody near a railway line: beside it, away from it, on a train, or merely passing.

Hidden is the true offset from the line, in bins of `BIN_M`, or one of two states without an offset. Up to `REACH_M`
the offset is a patrol's, beyond it that of other ground beside the line. What is measured is the offset, the speed and
how fast the offset changes. Errors of satellite receivers last for half a minute, so that a reading counts for the
time it stands for: n readings whose errors have the correlation time τ hold as much as n·dt/2τ independent ones
(Bartlett, On the theoretical specification of sampling properties of autocorrelated time series, 1946). Summed over a
window this weighs a road 80 m away against the line side even where a single fix errs by 40 m.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.compiled import compiled
from gridmap.domain.tracking.track import KMH_PER_MPS, WINDOW_S, IntArray

CORRELATION_S = 30.0
"""Correlation time of a receiver's error."""

REACH_M = 60.0
"""Whoever is further from the line does not inspect it."""

BIN_M = 10.0
_WIDEST_M = 160.0
BINS = np.arange(-_WIDEST_M, _WIDEST_M + BIN_M / 2, BIN_M)
BESIDE = np.abs(BINS) < REACH_M
TRAIN, PASSING = len(BINS), len(BINS) + 1
STATES = len(BINS) + 2

SLOW_KMH = 40.0
"""A patrol goes no faster, on foot or in a vehicle on the line-side road."""

_TRACK_BED_M = 6.0
_TRAIN_SLOW_LOG = -3.0
"""How much less often a train is as slow as a patrol than faster, as a logarithm."""

_PARALLEL_SLOPE, _PASSING_SLOPE = 0.25, 1.0
"""Metres sideways for each metre of way: of who goes along the line, and of who goes anywhere."""

_DRIFT_M_PER_M, _DRIFT_M_PER_S = 0.6, 0.25
"""Standard deviation of the offset's drift over one metre of way and one second, growing by the square root."""

_STAY_S = {"beside": 400.0, "train": 900.0, "passing": 150.0}
"""Mean time in a kind of state before it is changed."""

_ROAD_LOG = 1.0
"""How much likelier, as a logarithm, an offset beyond `REACH_M` is where the track also follows a road there."""

_FLOOR = 0.02
"""Share of readings that say nothing: reflections off houses and cuttings."""

_LEVELS_M = np.array([1.0, 2.0, 4.0, 6.0, 9.0, 13.0, 20.0, 30.0, 45.0, 70.0])


@dataclass(frozen=True)
class Readings:
    """What is measured of consecutive steps near a line; equally long arrays.

    Attributes
    ----------
    offset_m
        Signed distance from the line.
    speed_mps
        Of the whole movement; not a number where it is not known.
    along_mps, sideways_mps
        Change of mileage and of offset.
    wait_s
        Time a step stands for.
    road_m
        Offset of the road that the track follows there, not a number where it follows none.
    sigma_m
        Standard deviation of the error on each axis.
    """

    offset_m: FloatArray
    speed_mps: FloatArray
    along_mps: FloatArray
    sideways_mps: FloatArray
    wait_s: FloatArray
    road_m: FloatArray
    sigma_m: FloatArray


def compute_posterior(readings: Readings) -> FloatArray:
    """Probability of each state at each step, shape (steps, STATES), given all steps (forward-backward algorithm).

    Rabiner, A tutorial on hidden Markov models, Proc. IEEE 77 (1989).
    """
    emission = _compute_emission(readings)
    emission -= emission.max(axis=1, keepdims=True)
    way_m = np.hypot(readings.along_mps, readings.sideways_mps) * readings.wait_s
    drift_m = np.sqrt(_DRIFT_M_PER_M**2 * way_m + _DRIFT_M_PER_S**2 * readings.wait_s)
    level = np.abs(np.log(_LEVELS_M)[None, :] - np.log(drift_m.clip(_LEVELS_M[0]))[:, None]).argmin(axis=1)
    change = 1 - np.exp(-readings.wait_s[:, None] / np.array(list(_STAY_S.values())))
    return _smooth(np.exp(emission), level.astype(np.int64), _build_drifts(), change, _PRIOR)


def _build_prior() -> FloatArray:
    """Of the offsets of somebody who is near a line, and of the two states beside them."""
    offset = np.where(np.abs(BINS) <= 30.0, 1.0, np.where(BESIDE, 0.5, 0.35))
    return np.concatenate([0.7 * offset / offset.sum(), [0.1, 0.2]])


_PRIOR = _build_prior()


def _build_drifts() -> FloatArray:
    """How the offset passes from bin to bin, for each of `_LEVELS_M`."""
    away = (BINS[None, :] - BINS[:, None])[None]
    weight = np.exp(-0.5 * (away / np.maximum(_LEVELS_M, 0.45 * BIN_M)[:, None, None]) ** 2) + 1e-6
    # A drift less than half a bin would never leave it: the chance of the next bin keeps the variance right.
    small = _LEVELS_M[:, None, None] < 0.45 * BIN_M
    neighbour = (_LEVELS_M[:, None, None] / BIN_M) ** 2 / 2 * (np.abs(away) == BIN_M) + 1.0 * (away == 0) + 1e-6
    weight = np.where(small, neighbour, weight)
    return np.asarray(weight / weight.sum(axis=2, keepdims=True), np.float64)


def _compute_emission(readings: Readings) -> FloatArray:
    """Logarithm of how well each state explains each step."""
    sigma = readings.sigma_m[:, None]
    noise_mps = 2.0 * sigma[:, 0] / (2 * WINDOW_S)
    slow = _compute_slow(readings.speed_mps, noise_mps)
    spread = np.sqrt(sigma**2 + BIN_M**2 / 12)
    offset = readings.offset_m[:, None]
    log = np.empty((len(offset), STATES))
    log[:, : len(BINS)] = _log_robust(offset - BINS[None, :], spread)
    log[:, :TRAIN][:, BESIDE] += slow[:, None]
    follows = np.abs(readings.road_m[:, None] - BINS[None, :]) <= BIN_M
    log[:, :TRAIN] += _ROAD_LOG * (follows & ~BESIDE)
    log[:, TRAIN] = _log_robust(offset, np.sqrt(sigma**2 + _TRACK_BED_M**2))[:, 0]
    log[:, TRAIN] += np.where(readings.speed_mps * KMH_PER_MPS > SLOW_KMH, 0.0, _TRAIN_SLOW_LOG)
    log[:, PASSING] = -np.log(2 * _WIDEST_M)
    along = _log_normal(readings.sideways_mps, np.hypot(_PARALLEL_SLOPE * readings.along_mps, noise_mps))
    anywhere = _log_normal(readings.sideways_mps, np.hypot(_PASSING_SLOPE * readings.speed_mps, noise_mps))
    log[:, :PASSING] += along[:, None]
    log[:, PASSING] += anywhere
    share = np.minimum(readings.wait_s / (2 * CORRELATION_S), 1.0)
    return log * share[:, None]


def _compute_slow(speed_mps: FloatArray, noise_mps: FloatArray) -> FloatArray:
    excess = np.maximum(speed_mps - SLOW_KMH / KMH_PER_MPS, 0.0) / (noise_mps + 1.0)
    return np.asarray(np.maximum(-0.5 * excess**2, -40.0))


def _log_robust(error: FloatArray, spread: FloatArray) -> FloatArray:
    density = np.exp(-0.5 * (error / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
    return np.asarray(np.log((1 - _FLOOR) * density + _FLOOR / (2 * _WIDEST_M)))


def _log_normal(value: FloatArray, spread: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(-0.5 * (value / spread) ** 2, -20.0) - np.log(spread))


@compiled
def _smooth(
    emission: FloatArray, level: IntArray, drift: FloatArray, change: FloatArray, prior: FloatArray
) -> FloatArray:
    """Forward-backward over steps; `drift` (levels, bins, bins) moves offsets, `change` (steps, 3) leaves a kind."""
    steps, states = emission.shape
    ahead = np.empty((steps, states))
    scale = np.empty(steps)
    transition = np.zeros((states, states))
    for t in range(steps):
        if t == 0:
            row = prior.copy()
        else:
            _fill(transition, drift[level[t]], change[t], prior)
            row = ahead[t - 1] @ transition
        row = row * emission[t]
        scale[t] = row.sum()
        ahead[t] = row / scale[t]
    back = np.ones(states)
    for t in range(steps - 1, -1, -1):
        if t < steps - 1:
            _fill(transition, drift[level[t + 1]], change[t + 1], prior)
            back = transition @ (emission[t + 1] * back)
            back = back / back.max()
        both = ahead[t] * back
        ahead[t] = both / both.sum()
    return ahead


@compiled
def _fill(transition: FloatArray, drift: FloatArray, change: FloatArray, prior: FloatArray) -> None:
    """Transition of one step: within a kind as it drifts, and to whatever is usual when the kind is left."""
    bins = drift.shape[0]
    for i in range(bins + 2):
        kind = 0 if i < bins else i - bins + 1
        leave = change[kind]
        for j in range(bins + 2):
            transition[i, j] = leave * prior[j]
        if i < bins:
            for j in range(bins):
                transition[i, j] += (1 - leave) * drift[i, j]
        else:
            transition[i, i] += 1 - leave
