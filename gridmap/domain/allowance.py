"""How often somebody may ask: a bucket of tokens that fills again with time."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_s` a second for as long as one likes."""

    per_s: float
    burst: float


class Allowances:
    """A bucket for each key, full at first; keys are few and known, so none is ever forgotten."""

    def __init__(self) -> None:
        self._left: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable, rate: Rate, *, now_s: float) -> float:
        """Take one; 0 where there was one, else the seconds until there is."""
        left, at = self._left.get(key, (rate.burst, now_s))
        left = min(rate.burst, left + max(0.0, now_s - at) * rate.per_s)
        if left >= 1.0:
            self._left[key] = (left - 1.0, now_s)
            return 0.0
        self._left[key] = (left, now_s)
        return (1.0 - left) / rate.per_s
