"""Runs of a track beside a line: what the model believes put together into stretches with side and confidence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.tracking.beside_model import BESIDE, BINS, CORRELATION_S, SLOW_KMH, TRAIN
from gridmap.domain.tracking.track import KMH_PER_MPS, STEP_S, WINDOW_S, BoolArray, IntArray, Steps

_SHORTEST_M, _SHORTEST_SIGMAS = 60.0, 4.0
"""A run shorter than both is a stay or a crossing: noise alone moves somebody who stands by so much."""

_SIDE_SHORTEST_M = 80.0
"""A change of side for less than this is noise, or a look at the other side."""

_SIDE_ERROR_M = 5.0
"""A change of side must last until the error of its mean offset is below this."""

_ALIKE_SIGMAS, _ALIKE_M = 2.0, 5.0
"""An offset is as before within so many standard deviations, and metres of somebody's own wandering."""

_IN_BED_M = 4.0
"""Whoever walks within this of the axis sees both sides."""

FOOT_KMH = 8.0
"""A run with a higher median speed was driven."""

_EDGE_S = 60.0
_SLOWEST_BRIDGE_MPS, _FASTEST_BRIDGE_MPS = 0.3, 2.2
"""A gap is bridged at 1 to 8 km/h: whoever was carried faster did not look."""

_PACE_S = 180.0
"""The pace into and out of a gap is taken over this time."""

_BRIDGED_CONFIDENCE = 0.5


@dataclass(frozen=True)
class Stretch:
    """Consecutive steps near one line, and what the model says of them; equally long arrays.

    `step` are positions in the track's steps, `along_m` the fitted mileage and `reached_m` the measured one where it
    can be believed, `offset_m` the measured signed offset, `is_on_road` whether the track follows a road, `posterior`
    the probability of each state.
    """

    line_id: int
    step: IntArray
    at: FloatArray
    along_m: FloatArray
    reached_m: FloatArray
    offset_m: FloatArray
    sigma_m: FloatArray
    speed_mps: FloatArray
    is_on_road: BoolArray
    posterior: FloatArray

    @property
    def beside(self) -> FloatArray:
        """Probability that a patrol is beside the line."""
        return np.asarray(self.posterior[:, :TRAIN][:, BESIDE].sum(axis=1))


@dataclass(frozen=True)
class Run:
    """Positions `first` to `last` of a stretch, both included, spent beside the line."""

    stretch: Stretch
    first: int
    last: int

    @property
    def span(self) -> slice:
        return slice(self.first, self.last + 1)

    @property
    def extent_m(self) -> float:
        return float(np.ptp(self.stretch.along_m[self.span]))

    @property
    def least_m(self) -> float:
        """The extent from which a run counts."""
        return max(_SHORTEST_M, _SHORTEST_SIGMAS * float(np.median(self.stretch.sigma_m[self.span])))

    @property
    def away_m(self) -> float:
        """Median distance from the line."""
        return float(np.median(np.abs(self.stretch.offset_m[self.span])))


@dataclass(frozen=True)
class Covered:
    """A stretch of a line that a track covers.

    Attributes
    ----------
    from_m, to_m
        Mileage, `from_m` the smaller.
    side
        left, right or both, facing increasing mileage.
    confidence
        Probability, 0 to 1, that this side was patrolled there.
    kind
        foot or vehicle.
    bridged
        There was no signal: somebody went in and came out as one who walks through does.
    since, until
        Seconds, as the track counts them.
    """

    line_id: int
    from_m: float
    to_m: float
    side: str
    confidence: float
    kind: str
    bridged: bool
    since: float
    until: float

    @property
    def length_m(self) -> float:
        return self.to_m - self.from_m


def find_runs(stretch: Stretch) -> list[Run]:
    """Every run of steps that are likelier spent beside the line than not, the shortest included.

    Motion being fitted over `WINDOW_S`, the model takes whoever will turn away within that time for somebody who turns
    already: a run goes on that far as long as the offset stays as it was.
    """
    likely = np.concatenate([[False], stretch.beside > 0.5, [False]])
    edges = np.flatnonzero(likely[1:] != likely[:-1]).reshape(-1, 2)
    return [Run(stretch, _prolong(stretch, a, -1), _prolong(stretch, b - 1, 1)) for a, b in edges.tolist()]


def _prolong(stretch: Stretch, edge: int, way: int) -> int:
    """How far a run goes on before (`way` -1) or after (1) its step `edge`, for `WINDOW_S` or a single step."""
    away_s = (stretch.at - stretch.at[edge]) * way
    level = np.median(stretch.offset_m[(away_s <= 0) & (away_s >= -WINDOW_S)])
    alike = np.abs(stretch.offset_m - level) <= _ALIKE_SIGMAS * stretch.sigma_m + _ALIKE_M
    alike &= stretch.speed_mps * KMH_PER_MPS <= SLOW_KMH
    last = edge
    while 0 <= last + way < len(alike) and alike[last + way]:
        if away_s[last + way] > WINDOW_S and last != edge:
            break
        last += way
    return last


def settle_rivals(runs: list[Run], steps: int) -> list[Run]:
    """Of runs at the same time beside different lines the nearer one, and what is left of others where long enough."""
    taken = np.zeros(steps, bool)
    kept = []
    for run in sorted(runs, key=lambda run: run.away_m):
        free = ~taken[run.stretch.step[run.span]]
        left = _find_longest(free)
        if left is None:
            continue
        rest = replace(run, first=run.first + left[0], last=run.first + left[1])
        if rest.extent_m >= rest.least_m:
            taken[rest.stretch.step[rest.span]] = True
            kept.append(rest)
    return sorted(kept, key=lambda run: float(run.stretch.at[run.first]))


def _find_longest(wanted: BoolArray) -> tuple[int, int] | None:
    """First and last position of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]])))
    if not len(edges):
        return None
    pairs = edges.reshape(-1, 2)
    a, b = pairs[np.argmax(pairs[:, 1] - pairs[:, 0])]
    return int(a), int(b) - 1


def split_by_side(run: Run) -> Iterator[Covered]:
    """The run as stretches of one side each."""
    stretch = run.stretch
    belief = stretch.posterior[run.span, :TRAIN] * BESIDE
    leaning = belief @ BINS / belief.sum(axis=1)
    shortest_s = 2 * CORRELATION_S * (float(np.median(stretch.sigma_m[run.span])) / _SIDE_ERROR_M) ** 2
    way_s, way_m = stretch.at[run.span], stretch.along_m[run.span]
    if np.median(np.abs(leaning)) < _IN_BED_M:
        # Between the rails there is no side to change.
        leaning = np.ones(len(leaning))
    for first, last in _cut_at_changes(leaning > 0, way_s, way_m, shortest_s=shortest_s):
        part = Run(stretch, run.first + first, run.first + last)
        side, sure = _judge_side(part)
        low, high = _find_ends(part, run)
        speed = float(np.median(stretch.speed_mps[part.span]))
        yield Covered(
            line_id=stretch.line_id,
            from_m=low,
            to_m=high,
            side=side,
            confidence=float(stretch.beside[part.span].mean()) * sure,
            kind="vehicle" if speed * KMH_PER_MPS > FOOT_KMH else "foot",
            bridged=False,
            since=float(stretch.at[part.first]),
            until=float(stretch.at[part.last]),
        )


def _cut_at_changes(
    left: BoolArray, at: FloatArray, along_m: FloatArray, *, shortest_s: float
) -> list[tuple[int, int]]:
    """Positions of parts of one side; a part too short goes to the one before it, the first to the next."""

    def is_short(first: int, last: int) -> bool:
        way_m, time_s = np.ptp(along_m[first : last + 1]), at[last] - at[first]
        return bool(way_m < _SIDE_SHORTEST_M or time_s < shortest_s)

    cuts = [0, *(np.flatnonzero(left[1:] != left[:-1]) + 1).tolist(), len(left)]
    parts: list[tuple[int, int, bool]] = []
    for a, b in pairwise(cuts):
        own = bool(left[a])
        if parts and (own == parts[-1][2] or is_short(a, b - 1)):
            parts[-1] = (parts[-1][0], b - 1, parts[-1][2])
        elif parts and is_short(*parts[-1][:2]):
            parts[-1] = (parts[-1][0], b - 1, own)
        else:
            parts.append((a, b - 1, own))
    return [(a, b) for a, b, _ in parts]


def _judge_side(part: Run) -> tuple[str, float]:
    """The side by the mean offset, and the probability that it is right: the longer, the surer."""
    offset, stretch = part.stretch.offset_m[part.span], part.stretch
    mean = float(np.mean(offset))
    time_s = float(stretch.at[part.last] - stretch.at[part.first])
    independent = max(1.0, time_s / (2 * CORRELATION_S))
    error = float(np.median(stretch.sigma_m[part.span])) / math.sqrt(independent)
    if abs(mean) + error < _IN_BED_M:
        return "both", 1.0
    return ("left" if mean > 0 else "right"), 0.5 * (1 + math.erf(abs(mean) / (error * math.sqrt(2))))


def _find_ends(part: Run, run: Run) -> tuple[float, float]:
    """Lowest and highest mileage of a part of a run; each part begins where the one before it ended.

    Between two steps far apart the run ends half-way to the first that is out.
    """
    at, reached = part.stretch.at, part.stretch.reached_m
    own = reached[max(part.first - 1, run.first) : part.last + 1]
    low, high = float(own.min()), float(own.max())
    for inner, outer in ((run.first, run.first - 1), (run.last, run.last + 1)):
        if inner in (part.first, part.last) and 0 <= outer < len(at) and abs(at[outer] - at[inner]) > 2 * STEP_S:
            middle = float(reached[inner] + reached[outer]) / 2
            low, high = min(low, middle), max(high, middle)
    return low, high


def bridge_gaps(runs: list[Run], steps: Steps) -> list[Covered]:
    """Stretches without signal between two runs along one line, where somebody walked in and came out as expected."""
    if not steps.is_timed:
        return []
    found = [_bridge(before, after, steps) for before, after in pairwise(runs)]
    return [gap for gap in found if gap is not None]


def _bridge(before: Run, after: Run, steps: Steps) -> Covered | None:
    leaves, enters = int(before.stretch.step[before.last]), int(after.stretch.step[after.first])
    piece, at = steps.piece, steps.at
    gap = int(np.searchsorted(piece, piece[enters], "left"))
    if before.stretch.line_id != after.stretch.line_id or piece[enters] != piece[leaves] + 1:
        return None
    if at[gap - 1] - at[leaves] > _EDGE_S or at[enters] - at[gap] > _EDGE_S:
        return None
    start, end = float(before.stretch.along_m[before.last]), float(after.stretch.along_m[after.first])
    pace = (end - start) / float(at[enters] - at[leaves])
    paces = (pace, _measure_pace(before, last=True), _measure_pace(after, last=False))
    if not all(abs(mps) > _SLOWEST_BRIDGE_MPS / 2 and mps * pace > 0 for mps in paces):
        return None
    if not _SLOWEST_BRIDGE_MPS <= abs(pace) <= _FASTEST_BRIDGE_MPS:
        return None
    *_, entered = split_by_side(before)
    left, *_ = split_by_side(after)
    return Covered(
        line_id=entered.line_id,
        from_m=min(start, end),
        to_m=max(start, end),
        side=entered.side if entered.side == left.side else "both",
        confidence=_BRIDGED_CONFIDENCE * min(entered.confidence, left.confidence),
        kind="foot",
        bridged=True,
        since=float(at[leaves]),
        until=float(at[enters]),
    )


def _measure_pace(run: Run, *, last: bool) -> float:
    """Metres of mileage per second over the minutes at a run's end or beginning."""
    at, along_m = run.stretch.at[run.span], run.stretch.along_m[run.span]
    near = at >= at[-1] - _PACE_S if last else at <= at[0] + _PACE_S
    time_s = float(np.ptp(at[near]))
    return float(along_m[near][-1] - along_m[near][0]) / time_s if time_s > 0 else 0.0
