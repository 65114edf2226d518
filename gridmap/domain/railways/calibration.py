"""Mileage against chainage: calibration points, and broken chains (断链) where counting jumps.

Chainage is metres along the line as it lies, without a break. Mileage is what the posts beside it say. Where a line
was rebuilt longer than before, its mileages occur twice (长链, a long chain); where it was rebuilt shorter, some are
missing (短链, a short chain).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.domain.crs import FloatArray
from gridmap.domain.railways.notation import format_mileage
from gridmap.errors import N_, InvalidInput

_MAX_STRETCH = 0.05
"""Posts a kilometre apart stand within a few metres of it; more than 5 % is a misread post or another line's."""

_POST_M = 10.0
"""How far one post may stand, or have been surveyed, from where its mileage lies; decides where posts are close."""

_SAME_PLACE_M = 1.0
_BEFORE_ZERO_M = -1000.0
_TOLERANCE_M = 0.5
"""A mileage that overshoots an end of the line or of a chain by rounding alone is still on it."""


@dataclass(frozen=True)
class CalibrationPoint:
    """A place whose mileage is known: the one that arrives there, `back_m`, and the one that leaves, `ahead_m`.

    They differ at a broken chain: ahead is less at a long chain, more at a short one.
    """

    chainage_m: float
    back_m: float
    ahead_m: float

    @property
    def is_break(self) -> bool:
        """Whether counting jumps here."""
        return self.back_m != self.ahead_m


@dataclass(frozen=True)
class Contradiction:
    """Why the calibration point at `position` cannot stand: a catalogue message and the values of its fields."""

    position: int
    message: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return self.message.format(**self.values)


@dataclass(frozen=True)
class Candidate:
    """A place that a mileage may mean.

    `note` is a catalogue message with `values` that tells it from the others of that mileage, "" where it is the only.
    """

    chainage_m: float
    note: str = ""
    values: dict[str, Any] = field(default_factory=dict)


class MileageScale:
    """Mileage as a function of chainage: linear between calibration points, metre by metre beyond the outer ones.

    Raises
    ------
    InvalidInput
        The points contradict each other; the first reason of `find_contradictions`.
    """

    def __init__(
        self, points: Sequence[CalibrationPoint] = (), *, start_m: float = -math.inf, end_m: float = math.inf
    ) -> None:
        contradictions = find_contradictions(points, start_m=start_m, end_m=end_m)
        if contradictions:
            first = contradictions[0]
            raise InvalidInput(first.message, hint=N_("Correct the calibration points."), **first.values)
        self.points = tuple(sorted(points, key=lambda point: point.chainage_m))
        self.start_m, self.end_m = start_m, end_m
        self._at = np.array([p.chainage_m for p in self.points], np.float64)
        self._back = np.array([p.back_m for p in self.points], np.float64)
        self._ahead = np.array([p.ahead_m for p in self.points], np.float64)

    def to_mileage(self, chainage_m: FloatArray | float, *, arriving: bool = False) -> FloatArray:
        """Mileage at each chainage; at a broken chain the one that leaves, or with `arriving` the one that arrives."""
        at = np.asarray(chainage_m, np.float64)
        if not self.points:
            return at
        after = np.searchsorted(self._at, at, side="left" if arriving else "right")
        here, following = np.maximum(after - 1, 0), np.minimum(after, len(self._at) - 1)
        # Beyond the outer points the first or last of them stands on both sides: nothing is stretched.
        length = self._at[following] - self._at[here]
        inner = (after > 0) & (after < len(self._at))
        slope = np.where(inner, (self._back[following] - self._ahead[here]) / np.where(inner, length, 1.0), 1.0)
        origin = np.where(after == 0, self._back[0], self._ahead[here])
        return np.asarray(origin + slope * (at - self._at[here]), np.float64)

    def to_chainages(self, mileage_m: float, *, prefix: str = "K") -> tuple[Candidate, ...]:
        """Every place with this mileage, in running order: none in a gap or beyond the ends, two at a long chain."""
        found: list[tuple[float, int]] = []
        for number, (low, high) in enumerate(self._list_chains()):
            first, last = float(self.to_mileage(low)), float(self.to_mileage(high, arriving=True))
            if high <= low or not first - _TOLERANCE_M <= mileage_m <= last + _TOLERANCE_M:
                continue
            chainage = self._invert(mileage_m, low, high)
            # Within rounding of a short chain both sides of the break answer, with one place.
            if not found or chainage - found[-1][0] > 2 * _TOLERANCE_M:
                found.append((chainage, number))
        breaks = [point for point in self.points if point.is_break]
        if len(found) < 2:
            return tuple(Candidate(chainage) for chainage, _ in found)
        return tuple(_tell_apart(at, number, breaks, last=found[-1][1], prefix=prefix) for at, number in found)

    def find_places(self, mileage_m: float, *, prefix: str = "K") -> tuple[Candidate, ...]:
        """As `to_chainages`, at least one.

        Raises
        ------
        InvalidInput
            Says that the mileage lies beyond the ends, or in the gap of which short chain.
        """
        found = self.to_chainages(mileage_m, prefix=prefix)
        if found:
            return found
        for point in self.points:
            if point.back_m < mileage_m < point.ahead_m:
                raise InvalidInput(
                    N_(
                        "{mileage} does not exist on this line: at the short chain after {back} counting goes on at "
                        "{ahead}."
                    ),
                    hint=N_("Check the mileage on the posts."),
                    mileage=format_mileage(mileage_m, prefix=prefix),
                    back=format_mileage(point.back_m, prefix=prefix),
                    ahead=format_mileage(point.ahead_m, prefix=prefix),
                )
        raise InvalidInput(
            N_("{mileage} lies outside this line, which runs from {start} to {end}."),
            hint=N_("Check the line and the mileage."),
            mileage=format_mileage(mileage_m, prefix=prefix),
            start=self.write(self.start_m, prefix=prefix),
            end=self.write(self.end_m, prefix=prefix, arriving=True),
        )

    def describe(self, chainage_m: float, *, prefix: str = "K") -> Candidate:
        """A place with the note by which it is told from others of its mileage."""
        same = self.to_chainages(float(self.to_mileage(chainage_m)), prefix=prefix)
        nearest = min(same, key=lambda candidate: abs(candidate.chainage_m - chainage_m), default=Candidate(chainage_m))
        return Candidate(chainage_m, nearest.note, nearest.values)

    def list_posts(self, from_m: float, to_m: float) -> list[tuple[float, int]]:
        """Chainage and number of each full kilometre written between two chainages; at a long chain one comes twice."""
        written = [*self.to_mileage(np.array([from_m, to_m])), *(m for p in self.points for m in (p.back_m, p.ahead_m))]
        first, last = math.floor(min(written) / 1000), math.ceil(max(written) / 1000)
        return sorted(
            (place.chainage_m, km)
            for km in range(first, last + 1)
            for place in self.to_chainages(1000.0 * km)
            if from_m <= place.chainage_m <= to_m
        )

    def write(self, chainage_m: float, *, prefix: str = "K", decimals: int = 0, arriving: bool = False) -> str:
        """The mileage of a place as it is written, `K123+456`."""
        return format_mileage(float(self.to_mileage(chainage_m, arriving=arriving)), prefix=prefix, decimals=decimals)

    def write_range(self, from_m: float, to_m: float, *, prefix: str = "K") -> str:
        """A stretch between two chainages, `K12+000–K13+450`; it ends with the mileage that arrives there."""
        return f"{self.write(from_m, prefix=prefix)}–{self.write(to_m, prefix=prefix, arriving=True)}"

    def _list_chains(self) -> list[tuple[float, float]]:
        """Stretches of chainage between one broken chain and the next: mileage grows steadily in each."""
        cuts = [self.start_m, *(point.chainage_m for point in self.points if point.is_break), self.end_m]
        return list(pairwise(cuts))

    def _invert(self, mileage_m: float, low: float, high: float) -> float:
        """Chainage of a mileage within one chain."""
        inside = (self._at >= low) & (self._at <= high)
        at = self._at[inside]
        marks = np.where(at == low, self._ahead[inside], self._back[inside])
        if len(at) == 0:
            return min(max(mileage_m, low), high)
        if mileage_m <= marks[0]:
            # The difference first: rounding must not carry a place across the break that it ends at.
            return max(float(at[0] + (mileage_m - marks[0])), low)
        if mileage_m >= marks[-1]:
            return min(float(at[-1] + (mileage_m - marks[-1])), high)
        return float(np.interp(mileage_m, marks, at))


def _tell_apart(
    chainage_m: float, number: int, breaks: Sequence[CalibrationPoint], *, last: int, prefix: str
) -> Candidate:
    """A candidate in chain `number`, told from the others by the broken chain that it ends or begins at."""
    if number < last:
        note, at = N_("Before the broken chain at {mileage}"), breaks[number]
    else:
        note, at = N_("After the broken chain at {mileage}"), breaks[number - 1]
    return Candidate(chainage_m, note, {"mileage": format_mileage(at.back_m, prefix=prefix)})


# --- whether points agree ---------------------------------------------------------------------------------------


def find_contradictions(
    points: Sequence[CalibrationPoint], *, start_m: float, end_m: float
) -> tuple[Contradiction, ...]:
    """Points that cannot stand, by position, each with one reason; the most points that agree are left standing.

    A point must lie on the line, once, and between it and the next counting must go forward by what the ground says,
    give or take 5 %. A jump has to be declared as a broken chain.
    """
    found = {i: reason for i, point in enumerate(points) if (reason := _check_alone(i, point, start_m, end_m))}
    order = sorted((i for i in range(len(points)) if i not in found), key=lambda i: points[i].chainage_m)
    kept = _choose_agreeing([points[i] for i in order])
    for rank, i in enumerate(order):
        if rank not in kept:
            beside = [*(k for k in kept if k < rank)][-1:] + [*(k for k in kept if k > rank)][:1]
            found[i] = _explain(i, points[i], [points[order[k]] for k in beside])
    found |= _check_zero([order[k] for k in kept], points, start_m)
    return tuple(found[i] for i in sorted(found))


def _check_alone(position: int, point: CalibrationPoint, start_m: float, end_m: float) -> Contradiction | None:
    if not all(map(math.isfinite, (point.chainage_m, point.back_m, point.ahead_m))):
        return Contradiction(position, N_("A number is missing."), {})
    if not start_m - _TOLERANCE_M <= point.chainage_m <= end_m + _TOLERANCE_M:
        message = N_("It lies outside the line, whose chainage runs from {start} to {end} m.")
        return Contradiction(position, message, {"start": round(start_m), "end": round(end_m)})
    if min(point.back_m, point.ahead_m) <= _BEFORE_ZERO_M:
        return Contradiction(position, N_("Its mileage lies more than a kilometre before the line's zero."), {})
    return None


def _check_zero(kept: Sequence[int], points: Sequence[CalibrationPoint], start_m: float) -> dict[int, Contradiction]:
    """All points, where they put the line's beginning far before the zero of its mileage."""
    if not kept or not math.isfinite(start_m):
        return {}
    first = points[kept[0]]
    if first.back_m - (first.chainage_m - start_m) > _BEFORE_ZERO_M:
        return {}
    reason = N_("It puts the line's beginning more than a kilometre before the zero of its mileage.")
    return {i: Contradiction(i, reason, {}) for i in kept}


def _allows(length_m: FloatArray | float, counted_m: FloatArray | float) -> npt.NDArray[np.bool_]:
    """Whether so many metres of mileage fit on so many metres of ground, elementwise."""
    length, counted = np.asarray(length_m, np.float64), np.asarray(counted_m, np.float64)
    within = np.abs(counted - length) <= np.maximum(_MAX_STRETCH * length, _POST_M)
    return np.asarray(within & (counted > 0) & (length >= _SAME_PLACE_M), np.bool_)


def _choose_agreeing(points: Sequence[CalibrationPoint]) -> list[int]:
    """Positions of the longest run of points, in the order of the line, of which each agrees with the one before."""
    if not points:
        return []
    at = np.array([p.chainage_m for p in points])
    back, ahead = np.array([p.back_m for p in points]), np.array([p.ahead_m for p in points])
    best, before = np.ones(len(points), np.int64), np.full(len(points), -1)
    for i in range(1, len(points)):
        fits = np.flatnonzero(_allows(at[i] - at[:i], back[i] - ahead[:i]))
        if len(fits):
            before[i] = fits[int(np.argmax(best[fits]))]
            best[i] = best[before[i]] + 1
    run = [int(np.argmax(best))]
    while before[run[-1]] >= 0:
        run.append(int(before[run[-1]]))
    return run[::-1]


def _explain(position: int, point: CalibrationPoint, beside: Sequence[CalibrationPoint]) -> Contradiction:
    """Why a point does not agree with those that stand before and after it."""
    for other in beside:
        first, second = sorted((point, other), key=lambda p: p.chainage_m)
        length, counted = second.chainage_m - first.chainage_m, second.back_m - first.ahead_m
        if not _allows(length, counted):
            break
    values = {"other": format_mileage(other.back_m), "length": round(length), "counted": round(counted)}
    if length < _SAME_PLACE_M:
        return Contradiction(position, N_("This place is calibrated twice, as {other} too."), values)
    if counted <= 0:
        message = N_("Mileage runs backwards between it and {other}, and no long chain says so.")
        return Contradiction(position, message, values)
    message = N_("Between it and {other} lie {length} m of line and {counted} m of mileage, and no break says so.")
    return Contradiction(position, message, values)
