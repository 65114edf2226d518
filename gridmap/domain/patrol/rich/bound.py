"""What no plan costs less than: the cheapest way to give every job a predecessor.

In any plan each served job, and each team that goes out, follows exactly one other; a job left out follows itself for
its prize, a team at home itself for nothing. The cheapest such assignment, each step at what it costs the best team in
the best ways, is no dearer than any plan (Toth and Vigo, "The Vehicle Routing Problem", 2002, ch. 2). Where not all
fits, the shift of every team that goes out is put into the objective at a price of time (Lagrangian relaxation).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment

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
        self._value = self._assign(0.0)
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
        """Try another price of time: the bound is concave in it, so that its top lies in ever narrower limits."""
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
            self._known[key] = self._assign(math.expm1(point))
        return self._known[key]

    def _assign(self, price: float) -> float:
        """Cost of the cheapest assignment where a second of a route costs `price` more, and a shift gives it back."""
        n, m = self._jobs, self._teams
        cost = np.full((n + m, n + m), _NEVER * SCALE)
        for f in np.unique(self._board.team[:, PROFILE]):
            np.minimum(cost[:n, :n], self._price_steps(int(f), price), out=cost[:n, :n])
        for t in range(m):
            cost[n + t, :n], cost[:n, n + t] = self._price_ends(t, price)
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
