"""How far a receiver errs, told from the track itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.tracking.beside_model import CORRELATION_S
from gridmap.domain.tracking.referencing import Seen
from gridmap.domain.tracking.track import Steps

USUAL_SIGMA_M = 8.0
"""Error on each axis of a telephone in the open, where a track is too short to show its own."""

_LEAST_M, _MOST_M = 3.0, 30.0
_LAG_S = 30.0
_USUAL_WEIGHT = 3.0
"""Independent differences that `USUAL_SIGMA_M` is worth."""

_RADIUS_SIGMAS = math.sqrt(-2 * math.log(1 - 0.68))
"""The radius that holds 68 % of a two-dimensional normal error (Rayleigh distribution): 1.51 standard deviations."""

_NORMAL_MAD = 0.6745
"""Median absolute value of a normal error of standard deviation 1."""


def estimate_sigma_m(steps: Steps, seen: Sequence[Seen]) -> FloatArray:
    """Standard deviation on each axis of every step's error, metres.

    Where the receiver says its accuracy that is believed. Else it follows from second differences of the distance to
    the lines, over lags of about `_LAG_S`: whoever moves along a line keeps that distance, however the line bends, so
    that their median size (robust against those who leave it) is the error's alone. For an error of correlation
    ρ(s) = exp(-s/τ) the middle less the mean of its neighbours has the variance σ² (3/2 - 2 ρ(lag) + ρ(2 lag)/2).
    """
    own = _estimate_from_offsets(steps, seen)
    told = np.where(np.isfinite(steps.accuracy_m), steps.accuracy_m / _RADIUS_SIGMAS, own)
    return np.asarray(told.clip(_LEAST_M, _MOST_M), np.float64)


def _estimate_from_offsets(steps: Steps, seen: Sequence[Seen]) -> float:
    found = np.concatenate([np.zeros(0), *(_compute_ratios(steps, line) for line in seen)])
    if not len(found):
        return USUAL_SIGMA_M
    near_s = sum(min(float(np.ptp(steps.at[line.point])), _LAG_S * len(line.point)) for line in seen)
    independent = near_s / _LAG_S
    sigma = float(np.median(found)) / _NORMAL_MAD
    weighed = independent * sigma**2 + _USUAL_WEIGHT * USUAL_SIGMA_M**2
    return math.sqrt(weighed / (independent + _USUAL_WEIGHT))


def _compute_ratios(steps: Steps, line: Seen) -> FloatArray:
    """Absolute second differences of the offset over the standard deviation they have for an error of 1 m.

    Lags that are uneven weigh the two neighbours so that a steady drift still cancels.
    """
    at, offset = steps.at[line.point], line.offset_m
    middle = np.arange(len(at))
    low = np.minimum(np.searchsorted(at, at - _LAG_S, "left"), middle - 1)
    high = np.maximum(np.searchsorted(at, at + _LAG_S, "right") - 1, middle + 1)
    usable = (low >= 0) & (high < len(at))
    low, middle, high = low[usable], middle[usable], high[usable]
    before_s, after_s = at[middle] - at[low], at[high] - at[middle]
    both_s = before_s + after_s
    alike = (np.maximum(before_s, after_s) < 2 * np.minimum(before_s, after_s)) & (both_s < 6 * _LAG_S)
    a, b = after_s / both_s, before_s / both_s
    rho_a, rho_b, rho_ab = (np.exp(-lag / CORRELATION_S) for lag in (before_s, after_s, both_s))
    variance = 1 + a**2 + b**2 - 2 * a * rho_a - 2 * b * rho_b + 2 * a * b * rho_ab
    difference = offset[middle] - a * offset[low] - b * offset[high]
    return np.asarray((np.abs(difference) / np.sqrt(variance))[alike])
