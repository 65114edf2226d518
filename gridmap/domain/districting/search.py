"""Annealings one after the other: anytime, seeded, stopped by time or by tries, the best of all kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gridmap.domain.districting.adjacency import IntArray
from gridmap.domain.districting.annealing import CUT, NEVER, SHAPE, Ground, Rules, anneal, build_holding, refresh
from gridmap.domain.patrol.efforts import check_effort
from gridmap.domain.patrol.mcgrp.chance import build_chance
from gridmap.domain.progress import Fact, Progress, Told, silent
from gridmap.errors import N_, Cancelled

_STEPS = 60
"""Temperatures of an annealing."""
_DEARER, _CHEAPER = 1.3, 0.8
_LEAST_EXCESS, _MOST_EXCESS = 0.05, 500.0
_RANGE = 20.0
"""How far the price of lost shape goes from what it is at first."""
_FIRST_PACE = 400_000.0
"""Tries a second, until it was measured."""
_LONGEST_CALL = 200_000
"""Tries between two looks at the clock."""
_TELL_EVERY_S = 0.5
"""How often the best so far is measured for whoever waits."""


@dataclass(frozen=True)
class Effort:
    """How long to search: `seconds`, or `iterations` tries instead, and then reproducible by its seed."""

    seconds: float = 10.0
    iterations: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        check_effort(seconds=self.seconds, iterations=self.iterations)


@dataclass(frozen=True)
class Cooling:
    """From `hot` to `cold`, in units of cost; a share `inside` of its later plans is to be inside all windows."""

    hot: float
    cold: float
    inside: float = 0.3


@dataclass(frozen=True)
class Words:
    """How the best so far is told: of a plan inside all windows, and of the least bad one until there is any.

    The fields are aim, moved (cells that change hands), cut (neighbours in different units), deviation (the largest
    from a fair share, as a share of it) and compactness (mean Polsby-Popper measure).
    """

    best: str
    nearest: str


MOVES = Words(
    N_("{aim}, best so far: {moved} cells move, largest deviation {deviation:.1%}, compactness {compactness:.2f}"),
    N_(
        "{aim}, not within the tolerance yet, nearest so far: {moved} cells move, largest deviation {deviation:.1%}, "
        "compactness {compactness:.2f}"
    ),
)
BORDERS = Words(
    N_("{aim}, best so far: {cut} neighbours parted, largest deviation {deviation:.1%}, compactness {compactness:.2f}"),
    N_(
        "{aim}, not within the tolerance yet, nearest so far: {cut} neighbours parted, largest deviation "
        "{deviation:.1%}, compactness {compactness:.2f}"
    ),
)
EDGES = Words(
    N_("best so far: {cut} cut edges"),
    N_("not within the bounds yet, nearest so far: {cut} cut edges"),
)


class Search:
    """What the annealings of one search share: the time, the random numbers, and the best plan.

    Attributes
    ----------
    cost, owner
        Of the best plan inside every window; `owner` is the least bad one while `cost` is `NEVER`, None before any.
    excess
        Of the least bad plan, in multiples of the rules' scale.
    """

    def __init__(
        self,
        ground: Ground,
        effort: Effort,
        *,
        words: Words,
        progress: Progress = silent,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cost, self.excess = NEVER, NEVER
        self.owner: IntArray | None = None
        self.tries = 0
        self.is_cancelled = False
        self._ground, self._effort, self._progress, self._clock = ground, effort, progress, clock
        self._chance = build_chance(effort.seed)
        self._changes = np.zeros((2, 5))
        self._began = clock()
        self._words, self._aim = words, ""
        self._told: str = N_("searching for better districts")
        self._is_told, self._tell_next_s = False, 0.0

    @property
    def seconds(self) -> float:
        return self._clock() - self._began

    def forget(self, aim: str) -> None:
        """Begin anew with other rules: no plan is best any more. `aim` is what those rules are called."""
        self.cost, self.excess, self.owner = NEVER, NEVER, None
        self._aim = aim

    def count_left(self, share: float = 1.0) -> int:
        """Tries that are left until `share` of the effort is spent."""
        if self.is_cancelled:
            return 0
        if self._effort.iterations is not None:
            return max(int(self._effort.iterations * share) - self.tries, 0)
        spent = self.seconds
        pace = self.tries / spent if self.tries and spent > 0 else _FIRST_PACE
        return max(int((self._effort.seconds * share - spent) * pace), 0)

    def run(self, rules: Rules, start: IntArray, *, cooling: Cooling, tries: int, share: float = 1.0) -> None:
        """One annealing of about `tries` tries from `start`, ended where `share` of the effort is spent."""
        holding = build_holding(self._ground, rules, start)
        each = max(tries // _STEPS, 1)
        price = rules.excess
        least, most = rules.shape / _RANGE, rules.shape * _RANGE
        for step in range(_STEPS):
            if self.count_left(share) == 0:
                break
            temperature = cooling.hot * (cooling.cold / cooling.hot) ** (step / (_STEPS - 1))
            rules = rules._replace(excess=price)
            refresh(self._ground, rules, holding)
            # What was best at other prices is still best: inside all windows nothing is paid for excess or lost shape.
            done, inside = 0, 0
            while done < each and self.count_left(share) > 0:
                count = min(each - done, _LONGEST_CALL)
                inside += anneal(self._ground, rules, holding, self._changes, self._chance, count, temperature)
                done += count
                self.tries += count
                self.offer(float(holding.best[0]), float(holding.best[1]), holding.best_owner)
                self._report(rules)
            wanted = cooling.inside * min(1.0, 2.0 * step / _STEPS)
            price *= _DEARER if inside < wanted * done else _CHEAPER
            price = min(max(price, _LEAST_EXCESS), _MOST_EXCESS)
            if rules.shape > 0:
                short = holding.sums[SHAPE] < rules.shape_floor
                rules = rules._replace(shape=min(max(rules.shape * (_DEARER if short else _CHEAPER), least), most))
        self.offer(float(holding.best[0]), float(holding.best[1]), holding.best_owner)

    def offer(self, cost: float, excess: float, owner: IntArray) -> None:
        """Keep a plan where it is the best so far."""
        if self.owner is None or cost < self.cost or (self.cost >= NEVER and excess < self.excess):
            self.cost, self.excess, self.owner = cost, min(excess, self.excess), owner.copy()
            self._is_told = False

    def _report(self, rules: Rules) -> None:
        total = self._effort.iterations
        spent = self.tries / total if total is not None else self.seconds / self._effort.seconds
        if not self._is_told and self.seconds >= self._tell_next_s and self.owner is not None:
            words = self._words.nearest if self.cost >= NEVER else self._words.best
            self._told = Told(words, self._measure(rules, self.owner))
            self._is_told, self._tell_next_s = True, self.seconds + _TELL_EVERY_S
        try:
            self._progress(min(spent, 1.0), self._told)
        except Cancelled:
            self.is_cancelled = True

    def _measure(self, rules: Rules, owner: IntArray) -> dict[str, Fact]:
        """Figures of a plan, as `Words` names them."""
        holding = build_holding(self._ground, rules, owner)
        fair = (rules.low + rules.high) / 2
        there = holding.cells > 0
        share = there & (fair > 0)
        return {
            "aim": self._aim,
            "moved": int((owner != self._ground.home).sum()),
            "cut": round(float(holding.sums[CUT])),
            "deviation": float(np.abs(holding.load[share] / fair[share] - 1).max(initial=0.0)),
            "compactness": float(holding.sums[SHAPE]) / max(int(there.sum()), 1),
        }
