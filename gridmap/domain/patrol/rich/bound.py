"""What no plan costs less than: the cheapest way to give every job a predecessor.

In any plan each served job, and each team that goes out, follows exactly one other; a job left out follows itself for
its prize, a team at home itself for nothing. The cheapest such assignment, each step at what it costs the best team in
the best ways, is no dearer than any plan (Toth and Vigo, "The Vehicle Routing Problem", 2002, ch. 2).

Where not all fits, the shifts of the teams are put into the objective, each profile's at a price of time (Lagrangian
relaxation). What profile's time is worth how much follows from a smaller problem: every job goes to a profile that has
the time for it, or is left out, and half of the shortest ways to it and from it is all that is driven for it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog

from gridmap.domain.patrol.problem import FORBIDDEN
from gridmap.domain.patrol.rich.board import (
    CLOSES,
    FROM,
    HOME,
    OPENS,
    PAUSE,
    PAUSE_END,
    POST,
    PRIZE,
    PROFILE,
    REST_S,
    SCALE,
    THERE_COST,
    THERE_S,
    UNTIL,
    WALK_COST,
    WAY,
    WINDOW,
    WINDOW_END,
    WORK,
    Board,
    FloatArray,
    IntArray,
)

_NEVER = 1e11
_DEAREST_TIME = 500.0
_GOLDEN = (math.sqrt(5) - 1) / 2
_LIKE = 0.02


class LowerBound:
    """A value, in seconds, that no plan goes below; it only ever rises."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._jobs, self._teams = len(board.job), len(board.team)
        self._inside = slice(int(board.job[0, WAY]), len(board.job_of))
        self._starts = board.job[:, WAY] - board.job[0, WAY]
        self._opens = board.window[board.job[:, WINDOW], OPENS]
        self._closes = board.window[board.job[:, WINDOW_END] - 1, CLOSES]
        rests = np.concatenate([[0], np.cumsum(board.rest[:, REST_S])])
        self._pause_s: IntArray = rests[board.team[:, PAUSE_END]] - rests[board.team[:, PAUSE]]
        self._profiles = np.unique(board.team[:, PROFILE])
        # One for each profile of the board, used or not.
        self._worth = np.zeros(len(board.site))
        self._value = self._assign(self._worth)
        self._low, self._high = 0.0, math.log1p(_DEAREST_TIME)
        self._known: dict[float, float] = {}

    @property
    def value(self) -> int:
        """Whole seconds."""
        return math.floor(self._value / SCALE + 1e-6)

    @property
    def is_done(self) -> bool:
        """Whether the best price of time is known closely enough."""
        return self._high - self._low < _LIKE

    def improve(self) -> None:
        """Try other prices of time, in the same proportions: the bound is concave, its top in ever narrower limits."""
        if not self._worth.any():
            self._find_worth()
        width = _GOLDEN * (self._high - self._low)
        left, right = self._high - width, self._low + width
        at_left, at_right = self._try(left), self._try(right)
        if at_left >= at_right:
            self._high = right
        else:
            self._low = left
        self._value = max(self._value, at_left, at_right)

    def _try(self, point: float) -> float:
        key = round(point, 9)
        if key not in self._known:
            self._known[key] = self._assign(math.expm1(point) * self._worth)
        return self._known[key]

    def _find_worth(self) -> None:
        """What a second of each profile is worth beside the others, the dearest's 1; and a first better bound."""
        spare = np.maximum(self._board.team[:, UNTIL] - self._board.team[:, FROM] - self._pause_s, 0)
        capacity = np.array([spare[self._board.team[:, PROFILE] == f].sum() for f in self._profiles], float)
        seconds, cost = (np.array(part) for part in zip(*(self._halve(int(f)) for f in self._profiles), strict=True))
        prize = self._board.job[:, PRIZE].astype(float)
        price = _price_capacity(seconds, cost / SCALE, prize / SCALE, capacity)
        # Any prices of at least 0 give a bound: what the solver rounds does no harm.
        least = np.minimum(prize, (cost + SCALE * price[:, None] * seconds).min(axis=0))
        self._value = max(self._value, float(least.sum() - SCALE * price @ capacity))
        self._worth[self._profiles] = price / price.max() if price.max() > 0 else 1.0

    def _halve(self, f: int) -> tuple[FloatArray, FloatArray]:
        """Least seconds and cost of each job with a profile, of the ways to it and from it half; `_NEVER` without any.

        Half of a way counts for the stop where it begins and half for that where it ends, so that no route is shorter.
        """
        board, inside = self._board, self._inside
        teams = board.team[:, PROFILE] == f
        job, work = board.job_of[inside], board.site[f, inside, WORK]
        usable = board.fits[teams].any(axis=0)[inside]
        posts, homes = np.unique(board.team[teams, POST]), np.unique(board.team[teams, HOME])
        seconds = board.arcs[f, :, :, THERE_S].astype(float)
        seconds[seconds >= FORBIDDEN] = _NEVER
        between = seconds[inside, inside]
        opens = np.maximum(self._opens, board.team[teams, FROM].min())[job]
        late = opens[:, None] + between + work[:, None] > self._closes[job][None, :]
        between[late | (job[:, None] == job[None, :]) | ~usable[:, None] | ~usable[None, :]] = _NEVER
        dear = SCALE * seconds + board.arcs[f, :, :, THERE_COST]
        dear_between = np.where(between < _NEVER, dear[inside, inside], _NEVER * SCALE)
        come = np.minimum(between.min(axis=0), seconds[posts, inside].min(axis=0))
        go = np.minimum(between.min(axis=1), seconds[inside, homes].min(axis=1))
        dear_come = np.minimum(dear_between.min(axis=0), dear[posts, inside].min(axis=0))
        dear_go = np.minimum(dear_between.min(axis=1), dear[inside, homes].min(axis=1))
        took = np.where(usable, work + (come + go) / 2, _NEVER)
        cost = np.where(
            usable, SCALE * work + board.site[f, inside, WALK_COST] + (dear_come + dear_go) / 2, _NEVER * SCALE
        )
        return np.minimum.reduceat(took, self._starts), np.minimum.reduceat(cost, self._starts)

    def _assign(self, price: FloatArray) -> float:
        """Cost of the cheapest assignment where a second of a route costs its profile's price more, and a shift
        gives it back."""
        n, m = self._jobs, self._teams
        cost = np.full((n + m, n + m), _NEVER * SCALE)
        for f in self._profiles.tolist():
            np.minimum(cost[:n, :n], self._price_steps(f, price[f]), out=cost[:n, :n])
        for t in range(m):
            cost[n + t, :n], cost[:n, n + t] = self._price_ends(t, price[self._board.team[t, PROFILE]])
        np.fill_diagonal(cost, [*self._board.job[:, PRIZE].tolist(), *[0] * m])
        rows, columns = linear_sum_assignment(cost)
        return float(cost[rows, columns].sum())

    def _price_steps(self, f: int, price: float) -> FloatArray:
        """From each job to each with a profile, shape (jobs, jobs)."""
        board, inside = self._board, self._inside
        teams = board.team[:, PROFILE] == f
        usable = board.fits[teams].any(axis=0)[inside]
        seconds = board.arcs[f, inside, inside, THERE_S].astype(np.int64)
        took = seconds + board.site[f, inside, WORK][:, None]
        job = board.job_of[inside]
        opens = np.maximum(self._opens, board.team[teams, FROM].min())[job]
        wait = self._opens[job][None, :] - self._closes[job][:, None] - took - int(self._pause_s[teams].max())
        late = opens[:, None] + took > self._closes[job][None, :]
        spent = took + np.maximum(wait, 0)
        other = board.arcs[f, inside, inside, THERE_COST] + board.site[f, inside, WALK_COST][:, None]
        cost = (1 + price) * SCALE * spent + other
        cost[late | (seconds >= FORBIDDEN) | ~usable[:, None] | ~usable[None, :]] = _NEVER * SCALE
        return self._over_ways(cost)

    def _over_ways(self, cost: FloatArray) -> FloatArray:
        least: FloatArray = np.minimum.reduceat(np.minimum.reduceat(cost, self._starts, axis=0), self._starts, axis=1)
        return least

    def _price_ends(self, t: int, price: float) -> tuple[FloatArray, FloatArray]:
        """From a team's post to each job, what it has of its shift given back, and from each job to its home."""
        board, inside = self._board, self._inside
        f, low, high, post, end = board.team[t, [PROFILE, FROM, UNTIL, POST, HOME]]
        job = board.job_of[inside]
        there = board.arcs[f, post, inside, THERE_S].astype(np.int64)
        out = (1 + price) * SCALE * (there + self._pause_s[t]) - price * SCALE * (high - low)
        out += board.arcs[f, post, inside, THERE_COST]
        never = ~board.fits[t, inside]
        out[never | (there >= FORBIDDEN) | (low + there > self._closes[job])] = _NEVER * SCALE
        back = board.arcs[f, inside, end, THERE_S] + board.site[f, inside, WORK]
        home = (1 + price) * SCALE * back + board.arcs[f, inside, end, THERE_COST] + board.site[f, inside, WALK_COST]
        begun = np.maximum(low, self._opens[job])
        home[never | (back >= FORBIDDEN) | (begun + back > high)] = _NEVER * SCALE
        return np.minimum.reduceat(out, self._starts), np.minimum.reduceat(home, self._starts)


def _price_capacity(seconds: FloatArray, cost: FloatArray, prize: FloatArray, capacity: FloatArray) -> FloatArray:
    """What a second more of each profile would save, where jobs go to profiles, in parts, or stay out for their prize.

    `seconds` and `cost` have a row for each profile and a column for each job.
    """
    profiles, jobs = seconds.shape
    f, j = np.nonzero(cost < prize[None, :])
    if not len(j):
        return np.zeros(profiles)
    matrix = np.zeros((profiles + jobs, len(j)))
    matrix[f, np.arange(len(j))], matrix[profiles + j, np.arange(len(j))] = seconds[f, j], 1.0
    limits = np.concatenate([capacity, np.ones(jobs)])
    found = linprog((cost - prize)[f, j], A_ub=matrix, b_ub=limits, method="highs")
    price: FloatArray = np.maximum(-found.ineqlin.marginals[:profiles], 0.0)
    return price
