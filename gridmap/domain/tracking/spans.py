"""Stretches of one line as pairs of mileages: put together, taken from one another, held against what was planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[float, float]
"""From and to in metres, the smaller first."""

_LEAST_MISSED_M = 1.0
"""What is left between two stretches and shorter than this comes of rounding."""


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """The same ground without overlaps, in order."""
    merged: list[Span] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def find_missed(planned: Span, covered: Iterable[Span]) -> list[Span]:
    """What of `planned` no span covers, in order."""
    missed, at = [], planned[0]
    for low, high in [*merge_spans(covered), (planned[1], planned[1])]:
        if min(low, planned[1]) - at > _LEAST_MISSED_M:
            missed.append((at, min(low, planned[1])))
        at = max(at, high)
    return missed


@dataclass(frozen=True)
class Target:
    """A stretch that was planned: `side` left, right, or both, where either will do."""

    line_id: int
    from_m: float
    to_m: float
    side: str


@dataclass(frozen=True)
class Compared:
    """A target and the parts of it that were missed."""

    target: Target
    missed: tuple[Span, ...]

    @property
    def missed_m(self) -> float:
        return sum(high - low for low, high in self.missed)


def compare_with_plan(
    targets: Sequence[Target], covered: Iterable[tuple[int, float, float, str]]
) -> tuple[Compared, ...]:
    """Hold what was covered (line, from, to, side) against what was planned.

    A plan's walk along a segment serves it from whichever side, so that a target of both sides is met by either; a
    stretch covered on both sides meets every target.
    """
    found = list(covered)
    compared = []
    for target in targets:
        sides = {"left", "right", "both"} if target.side == "both" else {target.side, "both"}
        own = [(low, high) for line_id, low, high, side in found if line_id == target.line_id and side in sides]
        low, high = sorted((target.from_m, target.to_m))
        compared.append(Compared(target, tuple(find_missed((low, high), own))))
    return tuple(compared)
