"""Shifts that may be overrun by a little while a search goes on, at a price that swings.

Where not all fits, routes are full, and what is left out comes in only where minutes are gained on several of them at
once. With a price on each second after the end of a shift it is put in too early and the seconds are taken back step by
step (the penalties of Cordeau, Laporte and Mercier, "A unified tabu search heuristic for vehicle routing problems with
time windows", 2001): the price rises while a shift is overrun and falls while none is. Only plans in which none is are
ever kept.
"""

from __future__ import annotations

from gridmap.domain.patrol.rich.annealing import Scratch, set_grace
from gridmap.domain.patrol.rich.board import SCALE, Board
from gridmap.domain.patrol.rich.rows import OVER, Plan

_FIRST, _LEAST, _MOST = 60.0, 1.0, 1e5
"""Price of a second after the end of a shift, in seconds of the objective."""
_UP, _DOWN = 1.2, 1.1
_LAST = 0.9
"""From this share of an annealing on the price rises faster, and no shift is overrun again once none is."""


class Grace:
    """The price of one annealing, from a plan in which no shift is overrun."""

    def __init__(self, board: Board, plan: Plan, scratch: Scratch, *, seconds: int) -> None:
        self._board, self._plan, self._scratch = board, plan, scratch
        self._seconds = seconds if scratch.missing[0] > 0 else 0
        self._price = _FIRST
        self._set()

    def _set(self) -> None:
        set_grace(self._board, self._plan, self._scratch, self._seconds, int(self._price * SCALE))

    def swing(self, share: float) -> None:
        """Another price after a part of the annealing; `share` of it is done."""
        if self._seconds == 0:
            return
        is_overrun, is_last = bool(self._plan.row[:, OVER].any()), share > _LAST
        if is_overrun:
            self._price = min(self._price * (_UP**3 if is_last else _UP), _MOST)
        else:
            self._price = max(self._price / _DOWN, _LEAST)
            if is_last or self._scratch.missing[0] == 0:
                self._seconds = 0
        self._set()
