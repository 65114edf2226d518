"""The search for good routes: anytime, seeded, stopped by time, by iterations, or when nothing gets better."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from gridmap.domain.patrol.efforts import check_effort
from gridmap.domain.patrol.mcgrp.annealing import Tuning, anneal, build_scratch
from gridmap.domain.patrol.mcgrp.bounds import LowerBound
from gridmap.domain.patrol.mcgrp.chance import build_chance
from gridmap.domain.patrol.mcgrp.instance import Instance, Routes
from gridmap.domain.patrol.mcgrp.plans import FAR, Board, build_board, build_plan, choose_directions, read_plan
from gridmap.domain.patrol.mcgrp.recombination import RoutePool
from gridmap.errors import N_, Cancelled, CannotPlan, InvalidInput


@dataclass(frozen=True)
class _Round:
    """One annealing.

    Attributes
    ----------
    fresh
        Whether it begins anew, else at the best choice of all routes seen.
    heat
        First temperature, in mean deadheading costs of a task.
    swinging
        Whether the price of overload follows at once, so that plans swing through overload and gain or lose whole
        routes on the way; else it moves slowly and routes stay.
    spare
        Empty routes beside those it begins with.
    removed, longest
        As in `Tuning`.
    """

    fresh: bool
    heat: float
    swinging: bool
    spare: int
    removed: float = 10.0
    longest: float = 10.0


_BOUND_SHARE = 0.03
"""Of the effort, before the search and again after each annealing."""
_BOUND_ROUNDS = 25
_STEPS = 100
"""A round is cut into about this many steps, each with one temperature and one price of overload."""
_LONGEST_STEP_S = 0.25
_LONGEST_STEP = 50_000
_PACE = 1_500
"""Iterations of an annealing for each task: longer ones gain less than another one does."""
_LAST = 1.6
"""The annealing that would leave less than this many times its length is the last, and takes what is left."""
_ROUNDS = (
    _Round(fresh=True, heat=0.3, swinging=True, spare=1),
    _Round(fresh=False, heat=0.2, swinging=False, spare=1, removed=6.0, longest=4.0),
    _Round(fresh=True, heat=0.5, swinging=False, spare=3),
    _Round(fresh=False, heat=0.1, swinging=True, spare=1),
    _Round(fresh=True, heat=1.0, swinging=True, spare=3, removed=6.0, longest=4.0),
    _Round(fresh=False, heat=0.1, swinging=False, spare=1),
)
"""One after the other, and again from the first, as long as there is time."""
_COLDEST = 0.003
_RECOMBINING_SHARE = 0.05
_FEASIBLE_SHARE = 0.4
_SETTLING, _SETTLED_SHARE = 0.6, 0.95
"""From here on an annealing aims at more plans without overload: what is best when it is cold can then be kept."""
_PENALTY_PACE = 0.1
_FIRST_PENALTY = 3.0


MOST_WORKERS = 64
"""Searches beyond the cores gain nothing, and hundreds of them are slow to begin."""


@dataclass(frozen=True)
class Effort:
    """How long to search.

    Attributes
    ----------
    iterations
        Where given, this many in all instead of `seconds`; a run is then reproducible by its seed.
    stall
        End after this many iterations of a worker without a better plan.
    fleet
        At most so many routes, None for as many as are best.
    workers
        Searches side by side, on a core each; `iterations` counts for each of them.
    """

    seconds: float = 10.0
    iterations: int | None = None
    stall: int | None = None
    seed: int = 1
    fleet: int | None = None
    workers: int = 1

    def __post_init__(self) -> None:
        check_effort(seconds=self.seconds, iterations=self.iterations)
        if any(value is not None and value < 1 for value in (self.stall, self.fleet, self.workers)):
            raise InvalidInput(
                N_("Routes, workers and iterations without a gain are counted from 1."), hint=N_("Give at least 1.")
            )
        if self.workers > MOST_WORKERS:
            raise InvalidInput(
                N_("At most {most} searches go side by side."),
                hint=N_("Give the number of processor cores."),
                most=MOST_WORKERS,
            )


@dataclass(frozen=True)
class Standing:
    """Where a search stands: share of the effort spent, best cost so far (None before any), and what bounds it."""

    share: float
    cost: int | None
    lower_bound: int


@dataclass(frozen=True)
class Outcome:
    """The best routes found, what they cost, and what no routes can cost less than."""

    routes: Routes
    cost: int
    lower_bound: int
    iterations: int
    seconds: float
    stopped_early: bool


Watch = Callable[[Standing], None]


def _unwatched(standing: Standing, /) -> None: ...


def search(
    instance: Instance,
    *,
    effort: Effort,
    watch: Watch = _unwatched,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Search for routes of the least traversal cost.

    `watch` is called some times a second, by the worker in the calling thread; when it raises `Cancelled` the search
    ends and the best so far is returned.

    Raises
    ------
    CannotPlan
        A task cannot be reached, or no plan with `effort.fleet` routes was found.
    """
    began = clock()
    board = build_board(instance)
    race = _Race(instance, effort, watch, clock, began)
    race.raise_bound()
    with ThreadPoolExecutor(max(effort.workers - 1, 1)) as threads:
        others = [threads.submit(_Worker(board, race, number).run) for number in range(1, effort.workers)]
        try:
            _Worker(board, race, 0).run()
        except Cancelled:
            race.is_cancelled = True
        for other in others:
            other.result()
    return race.finish(board)


class _Race:
    """What the workers of one search share."""

    def __init__(
        self,
        instance: Instance,
        effort: Effort,
        watch: Watch,
        clock: Callable[[], float],
        began: float,
    ) -> None:
        self.instance, self.effort, self._watch, self._clock = instance, effort, watch, clock
        self._bound = LowerBound(instance)
        self.service = int(instance.costs.service.sum())
        self.is_cancelled = False
        self.best: tuple[int, list[list[int]]] = (FAR, [])
        self.iterations = 0
        self._began = began

    def spent(self, iterations: int) -> float:
        """Share of the effort that is spent, the time before the search included."""
        if self.effort.iterations is not None:
            return iterations / self.effort.iterations
        return (self._clock() - self._began) / self.effort.seconds

    def now(self) -> float:
        return self._clock()

    @property
    def bound(self) -> int:
        return self._bound.value

    def raise_bound(self) -> None:
        """Spend some of the effort on the bound: a plan that meets it ends the search."""
        seconds = _BOUND_SHARE * self.effort.seconds if self.effort.iterations is None else np.inf
        goal = self.best[0] + self.service
        self._bound.improve(rounds=_BOUND_ROUNDS, seconds=seconds, goal=goal, clock=self._clock)

    @property
    def is_proven(self) -> bool:
        return self.best[0] + self.service <= self.bound

    def offer(self, cost: int, routes: list[list[int]]) -> None:
        if cost < self.best[0]:
            self.best = (cost, routes)

    def tell(self, share: float) -> None:
        cost = None if self.best[0] >= FAR else self.best[0] + self.service
        self._watch(Standing(min(share, 1.0), cost, self.bound))

    def finish(self, board: Board) -> Outcome:
        if self.best[0] >= FAR:
            raise CannotPlan(
                N_("No plan with {count} routes was found."),
                hint=N_("Allow more routes, or more time."),
                count=self.effort.fleet,
            )
        cost, routes = self.best
        return Outcome(
            routes=choose_directions(self.instance, board, routes),
            cost=cost + self.service,
            lower_bound=self.bound,
            iterations=self.iterations,
            seconds=self.now() - self._began,
            stopped_early=self.is_cancelled,
        )


class _Worker:
    """One annealing after the other, from the best plan of its own, with a recombination of routes between them."""

    def __init__(self, board: Board, race: _Race, number: int) -> None:
        instance, effort = race.instance, race.effort
        self._board, self._race, self._number = board, race, number
        self._chance = build_chance(effort.seed * 1000 + number)
        n = instance.task_count
        self._tuning = Tuning(removed=10.0, longest=10.0, rare=0.03, share=1.0)
        self._pool = RoutePool(instance.costs.service)
        self._done = 0
        self._last_gain = 0
        self._best: tuple[int, list[list[int]]] = (FAR, [])
        self._start = self._construct()
        self._take(self._start, n + 1)
        self._unit = max(self._scratch.cost[0] / n, 0.5)
        self._least_penalty = self._penalty = 0.0
        self._pace = self._measure_pace()

    def _construct(self) -> list[list[int]]:
        """Cheapest insertion into routes that keep to the capacity, or into the fleet whatever it holds."""
        n, effort = self._race.instance.task_count, self._race.effort
        rows = n + 1 if effort.fleet is None else min(n, effort.fleet)
        spread = [[task] for task in range(n)] if effort.fleet is None else _deal(n, rows)
        plan = build_plan(self._board, spread, rows=rows)
        scratch = build_scratch(self._board, plan)
        unit = max(plan.cost.sum() / n, 0.5)
        strict = float(FAR) if effort.fleet is None else 10 * unit
        anneal(self._board, plan, scratch, self._tuning, self._chance, 300, unit * 0.1, unit * 0.01, strict)
        return read_plan(plan)

    def _measure_pace(self) -> float:
        """Iterations that the whole effort is good for."""
        effort, before = self._race.effort, self._race.now()
        if effort.iterations is not None:
            return float(effort.iterations)
        anneal(self._board, self._plan, self._scratch, self._tuning, self._chance, 500, 0.1, 0.1, float(FAR))
        return 500 * effort.seconds / max(self._race.now() - before, 1e-6)

    def _take(self, routes: list[list[int]], rows: int) -> None:
        """Work on these routes from now on, in at most so many rows: what is too much is put on top of the others."""
        rows = min(rows, self._race.effort.fleet or len(self._board.demand) + 1)
        kept = sorted(routes, key=len, reverse=True)
        spare = [task for route in kept[rows:] for task in route]
        kept = kept[:rows]
        for i, task in enumerate(spare):
            kept[i % rows] = [*kept[i % rows], task]
        self._plan = build_plan(self._board, kept, rows=rows)
        self._scratch = build_scratch(self._board, self._plan)
        self._note()

    def _note(self) -> None:
        """Keep what is better than before, and the routes at hand for recombination."""
        plan, scratch = self._plan, self._scratch
        if scratch.cost[1] < self._best[0]:
            kept = zip(scratch.best_stops, scratch.best_length, strict=True)
            self._best = (int(scratch.cost[1]), [row[1 : size + 1].tolist() for row, size in kept if size])
            self._last_gain = self._done
            self._race.offer(*self._best)
            self._pool.add_all(self._best[1], self._board)
        self._pool.add_plan(plan, self._board.capacity)

    def run(self) -> None:
        for part in itertools.cycle(_ROUNDS):
            self._begin(part)
            self._anneal(self._plan_end(), part)
            if self._is_over():
                break
            if self._number == 0:
                self._race.raise_bound()
        self._race.iterations += self._done

    def _begin(self, part: _Round) -> None:
        """The routes an annealing starts from, and its way of working."""
        effort = self._race.effort
        routes = self._best[1] or self._start
        if part.fresh:
            routes = self._start
        elif self._best[1]:
            share = _RECOMBINING_SHARE * (1 - self._spent())
            seconds = None if effort.iterations is not None else share * effort.seconds
            routes = self._pool.choose(routes, fleet=effort.fleet, seconds=seconds) or routes
        self._take(routes, max(len(routes), self._race.instance.least_routes) + part.spare)
        self._tuning = self._tuning._replace(removed=part.removed, longest=part.longest)

    def _plan_end(self) -> float:
        """At which share of the effort the next annealing ends."""
        spent = self._spent()
        share = _PACE * self._race.instance.task_count / self._pace
        return 1.0 if 1 - spent < _LAST * share else spent + share

    def _is_over(self) -> bool:
        stall = self._race.effort.stall
        stalled = stall is not None and self._done - self._last_gain >= stall
        return stalled or self._race.is_cancelled or self._race.is_proven or self._spent() >= 1

    def _spent(self) -> float:
        return self._race.spent(self._done)

    def _anneal(self, end: float, part: _Round) -> None:
        hot, cold = part.heat * self._unit, _COLDEST * self._unit
        effort, start, first = self._race.effort, self._spent(), self._done
        step = 100 if effort.iterations is None else max(20, int(effort.iterations * (end - start) / _STEPS))
        self._least_penalty = 0.0
        self._penalty = _FIRST_PENALTY * self._unit / max(float(self._board.demand.mean()), 1e-9)
        while not self._is_over() and (spent := self._spent()) < end:
            temperature = hot * (cold / hot) ** ((spent - start) / (end - start))
            began = self._race.now()
            count = step if effort.iterations is None else min(step, effort.iterations - self._done)
            args = (self._board, self._plan, self._scratch, self._tuning, self._chance)
            feasible = anneal(*args, count, temperature, temperature, self._penalty)
            self._done += count
            wanted = _want_feasible((spent - start) / (end - start))
            self._adapt(feasible / count, wanted=wanted, swinging=part.swinging)
            self._note()
            if effort.iterations is None:
                length_s = min(effort.seconds * (end - start) / _STEPS, _LONGEST_STEP_S)
                pace = length_s / max(self._race.now() - began, 1e-5)
                step = min(int(step * np.clip(pace, 0.2, 5.0)) + 10, _LONGEST_STEP)
            if self._number == 0:
                self._race.tell(self._spent())
        self._pace = max(self._done - first, 1) / max(self._spent() - start, 1e-9)

    def _adapt(self, feasible: float, *, wanted: float, swinging: bool) -> None:
        """Make overload dearer or cheaper after a step: no route was overloaded in `feasible` of it, not in `wanted`.

        A price that is too low lets a whole route go, and the way back is long: it does not fall as low again soon.
        """
        if swinging:
            self._penalty *= 1.1 if feasible < wanted else 0.92
            return
        if feasible == 0:
            self._least_penalty = 1.5 * self._penalty
        self._least_penalty *= 0.995
        pace = np.exp(_PENALTY_PACE * (wanted - feasible))
        self._penalty = max(float(self._penalty * pace), self._least_penalty)


def _want_feasible(progress: float) -> float:
    """Share of plans without overload to aim at when an annealing is so far."""
    late = max(0.0, progress - _SETTLING) / (1 - _SETTLING)
    return _FEASIBLE_SHARE + late * (_SETTLED_SHARE - _FEASIBLE_SHARE)


def _deal(count: int, hands: int) -> list[list[int]]:
    return [list(range(hand, count, hands)) for hand in range(hands)]
