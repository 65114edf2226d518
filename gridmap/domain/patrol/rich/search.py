"""The search of a patrol plan: annealings one after the other, on every core one, and the best of all."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from gridmap.domain.patrol.mcgrp.chance import build_chance
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.rich.annealing import (
    Focus,
    Kept,
    Tuning,
    anneal,
    build_scratch,
    construct,
    keep,
    price_plan,
    take,
)
from gridmap.domain.patrol.rich.board import LOAD, SCALE, Board, build_board
from gridmap.domain.patrol.rich.bound import LowerBound
from gridmap.domain.patrol.rich.conversion import load_solution, read_solution
from gridmap.domain.patrol.rich.effort import Effort
from gridmap.domain.patrol.rich.grace import Grace
from gridmap.domain.patrol.rich.rows import COST, LENGTH, ROUTE, build_plan
from gridmap.domain.patrol.rich.slots import Slots
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.verdict import find_violations, price
from gridmap.domain.progress import Progress
from gridmap.errors import N_, Cancelled

_ANYWHERE = Focus()


@dataclass(frozen=True)
class _Round:
    """One annealing: whether it begins at the best plan, its first temperature, and strings as in `Tuning`.

    Temperatures are in mean costs of a job beside its work. Where something is left out, shifts may be overrun by
    `grace_s` seconds in the meantime.
    """

    goes_on: bool
    heat: float
    removed: float = 10.0
    longest: float = 10.0
    focus: Focus = _ANYWHERE
    grace_s: int = 0


_ROUNDS = (
    _Round(goes_on=False, heat=1.0),
    _Round(goes_on=True, heat=0.15),
)
"""One after the other, and again from the first, as long as there is time."""
_WARM = _Round(
    goes_on=True, heat=0.3, removed=5.0, longest=5.0, focus=Focus(tried=6, ends=0.5, lost=0.1, over=0.1), grace_s=300
)
"""From a plan that is good already: steps of which a second is good for twice as many."""
_COLDEST = 0.003
_PACE = 3_000
"""Steps of an annealing for each job, but for the worker that cools once over all of the time."""
_LAST = 1.6
"""The annealing that would leave less than this many times its length is the last, and takes what is left."""
_PARTS = 100
_LONGEST_PART_S = 0.1
_LONGEST_PART = 50_000
_REACH = 25
_BLINK = 0.01
_BOUND_SHARE = 0.03
_MOST_BOUNDS = 12
_ROUNDING_S = 1e-3


def search(
    problem: PatrolProblem,
    *,
    effort: Effort,
    progress: Progress,
    clock: Callable[[], float],
    start: Solution | None = None,
) -> Solution:
    """The best plan found, at least as good as what of `start` is feasible; needs a job and a team."""
    race = _Race(problem, effort, progress, clock)
    workers = [_Worker(race, number, start) for number in range(effort.workers)]
    with ThreadPoolExecutor(max(effort.workers - 1, 1)) as threads:
        others = [threads.submit(worker.run) for worker in workers[1:]]
        try:
            workers[0].run()
        except Cancelled:
            race.is_cancelled = True
        for other in others:
            other.result()
    best = min(workers, key=lambda worker: worker.best_cost)
    race.raise_bound(is_short=best.leaves_out)
    found = read_solution(problem, race.board, best.best)
    assert not find_violations(problem, found)
    return Solution(
        found.routes,
        iterations=sum(worker.done for worker in workers),
        stopped_early=race.is_cancelled,
        cost=math.ceil(price(problem, found).value - _ROUNDING_S),
        lower_bound=race.bound.value,
    )


class _Race:
    """What the workers of one search share."""

    def __init__(self, problem: PatrolProblem, effort: Effort, progress: Progress, clock: Callable[[], float]) -> None:
        self.problem, self.effort, self.progress, self.clock = problem, effort, progress, clock
        self._began = clock()
        self.board = build_board(problem)
        before = clock()
        self.bound = LowerBound(self.board)
        self._bound_s = clock() - before
        self.is_cancelled = False

    @property
    def _reserve_s(self) -> float:
        """Time kept for the bound after the search."""
        return min(_BOUND_SHARE * self.effort.seconds, _MOST_BOUNDS * self._bound_s)

    def spent(self, iterations: int) -> float:
        """Share of the effort that is spent."""
        if self.effort.iterations is not None:
            return iterations / self.effort.iterations
        return (self.clock() - self._began) / max(self.effort.seconds - self._reserve_s, 1e-3)

    def raise_bound(self, *, is_short: bool) -> None:
        """Where not all fits a price of time raises the bound."""
        for _ in range(_MOST_BOUNDS):
            late = self.effort.iterations is None and (
                self.clock() - self._began + 1.5 * self._bound_s > self.effort.seconds
            )
            if not is_short or late or self.is_cancelled or self.bound.is_done:
                return
            self.bound.improve()


class _Worker:
    """One annealing after the other."""

    def __init__(self, race: _Race, number: int, start: Solution | None) -> None:
        self._race, self._number = race, number
        board, seed = race.board, race.effort.seed * 1000 + number
        self._board = board
        self._chance = build_chance(seed)
        self._slots = Slots(board, seed=seed)
        self._tuning = Tuning(10.0, 10.0, _reach(board), _BLINK)
        self._plan = build_plan(board)
        self._is_warm = start is not None
        # Which is better, one long annealing or several, is another thing with each problem.
        self._cools_once = number == 1 and start is None and race.effort.stall is None
        self.done = 0
        self._last_gain = 0
        self._slots.open(self._plan)
        if start is not None:
            load_solution(race.problem, board, self._plan, start)
            self._slots.redraw(self._plan)
        self._scratch = build_scratch(board, self._plan)
        self.best: Kept = keep(self._plan)
        self.best_cost = int(self._scratch.total[1])
        self._construct()
        self._start = keep(self._plan)
        self._note()
        served = self._plan.where[:, ROUTE] >= 0
        travel = self._plan.row[:, COST].sum() - SCALE * board.job[served, LOAD].sum()
        self._unit = max(float(travel) / max(int(served.sum()), 1), float(SCALE))
        self._pace = float(race.effort.iterations or 0) or self._measure_pace()

    @property
    def leaves_out(self) -> bool:
        return int(self.best.row[:, LENGTH].sum()) < len(self._board.job)

    def _construct(self) -> None:
        """Put in whatever fits, job by job."""
        construct(self._board, self._plan, self._scratch, self._tuning, self._chance)

    def _measure_pace(self) -> float:
        """Steps that the whole effort is good for."""
        before = self._race.clock()
        anneal(self._board, self._plan, self._scratch, self._tuning, self._chance, 200, 1.0)
        self.done += 200
        self._note()
        return 200 * self._race.effort.seconds / max(self._race.clock() - before, 1e-6)

    def _note(self) -> None:
        if self._scratch.total[1] < self.best_cost:
            self.best_cost = int(self._scratch.total[1])
            self.best = Kept(*(part.copy() for part in self._scratch.best))
            self._last_gain = self.done

    def run(self) -> None:
        for part in itertools.chain([_WARM] if self._is_warm else [], itertools.cycle(_ROUNDS)):
            self._plan.grace[:] = 0
            take(self._board, self._plan, self.best if part.goes_on else self._start)
            self._scratch = build_scratch(self._board, self._plan)
            self._tuning = self._tuning._replace(removed=part.removed, longest=part.longest, focus=part.focus)
            self._anneal(self._plan_end(), part.heat * self._unit, grace_s=part.grace_s)
            if self._is_over():
                break

    def _plan_end(self) -> float:
        """At which share of the effort the next annealing ends."""
        spent = self._race.spent(self.done)
        if self._cools_once:
            return 1.0
        share = _PACE * len(self._board.job) / self._pace
        return 1.0 if 1 - spent < _LAST * share else spent + share

    def _is_over(self) -> bool:
        stall = self._race.effort.stall
        stalled = stall is not None and self.done - self._last_gain >= stall
        return stalled or self._race.is_cancelled or self._race.spent(self.done) >= 1

    def _anneal(self, end: float, hot: float, *, grace_s: int) -> None:
        effort, clock = self._race.effort, self._race.clock
        start, first = self._race.spent(self.done), self.done
        cold = _COLDEST * self._unit
        grace = Grace(self._board, self._plan, self._scratch, seconds=grace_s)
        step = 50 if effort.iterations is None else max(20, int(effort.iterations * (end - start) / _PARTS))
        while not self._is_over() and (spent := self._race.spent(self.done)) < end:
            heat = hot * (cold / hot) ** ((spent - start) / (end - start))
            began = clock()
            count = step if effort.iterations is None else min(step, effort.iterations - self.done)
            anneal(self._board, self._plan, self._scratch, self._tuning, self._chance, count, heat)
            self.done += count
            self._note()
            if self._slots.are_needed:
                self._slots.redraw(self._plan)
                self._scratch.total[0] = price_plan(self._board, self._plan)
            grace.swing((spent - start) / (end - start))
            if effort.iterations is None:
                wanted = min(effort.seconds * (end - start) / _PARTS, _LONGEST_PART_S)
                pace = wanted / max(clock() - began, 1e-5)
                step = min(int(step * np.clip(pace, 0.2, 5.0)) + 10, _LONGEST_PART)
            if self._number == 0:
                self._race.progress(min(self._race.spent(self.done), 1.0), N_("Improving the routes"))
        self._pace = max(self.done - first, 1) / max(self._race.spent(self.done) - start, 1e-9)


def _reach(board: Board) -> int:
    n = len(board.job)
    return _REACH if n > 2 * _REACH else n
