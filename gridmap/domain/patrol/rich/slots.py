"""Visits of one family kept apart: each has a slot of the day, and slots lie the spacing from one another.

While a search goes on slots are fixed, so that routes do not depend on one another. Between its steps borders are drawn
anew at random wherever the visits as they are leave room, so that no plan at hand becomes infeasible by it.
"""

from __future__ import annotations

import numpy as np

from gridmap.domain.patrol.rich.board import (
    CLOSES,
    EARLY,
    FAMILY,
    FROM,
    LATE,
    LOAD,
    OPENS,
    PAUSE,
    PAUSE_END,
    PROFILE,
    REST_OPENS,
    REST_S,
    SPACING,
    THERE_S,
    UNTIL,
    WAY,
    WAY_END,
    WINDOW,
    WINDOW_END,
    WORK,
    Board,
    IntArray,
)
from gridmap.domain.patrol.rich.rows import (
    AHEAD,
    GRACE_S,
    LENGTH,
    PICK,
    PLACE,
    ROUTE,
    SLOT_CLOSES,
    SLOT_OPENS,
    Plan,
    refresh,
)
from gridmap.domain.roads.compiled import lean


@lean
def time_row(board: Board, plan: Plan, row: int, begin: IntArray, end: IntArray) -> int:
    """When the work of each job of a row begins and ends if the team sets out as early as costs nothing: then."""
    f, last = board.team[row, PROFILE], plan.row[row, LENGTH] + 1
    start: int = plan.at[row, last, AHEAD + 1]
    now = start
    first, b = board.team[row, PAUSE], 0
    breaks = board.team[row, PAUSE_END] - first
    for p in range(last):
        if p > 0:
            place, k = plan.at[row, p, PLACE], plan.at[row, p, PICK]
            job = board.job_of[place]
            now += board.arcs[f, plan.at[row, p - 1, PLACE], place, THERE_S]
            now = max(now, board.window[k, OPENS], plan.where[job, SLOT_OPENS])
            begin[job] = now
            now += board.site[f, place, WORK]
            end[job] = now
        while b < breaks and plan.pause[row, b] <= p:
            now = max(now, board.rest[first + b, REST_OPENS]) + board.rest[first + b, REST_S]
            b += 1
    return start


class Slots:
    """The families of a problem, and how their slots are drawn."""

    def __init__(self, board: Board, *, seed: int) -> None:
        self._board = board
        self._chance = np.random.default_rng(seed)
        family = board.job[:, FAMILY]
        self._members = np.flatnonzero(family >= 0)
        self._families = [np.flatnonzero(family == number) for number in np.unique(family[self._members])]
        self._begin, self._end = np.zeros(len(family), np.int64), np.zeros(len(family), np.int64)

    @property
    def are_needed(self) -> bool:
        return bool(self._families)

    def open(self, plan: Plan) -> None:
        """Slots of families none of which is in a plan, evenly over the day."""
        for jobs in self._families:
            first, last = self._horizon(plan, jobs)
            self._fill(plan, jobs, first - self._spacing(jobs), last + self._spacing(jobs), even=True)
            plan.where[jobs[0], SLOT_OPENS], plan.where[jobs[-1], SLOT_CLOSES] = EARLY, LATE

    def redraw(self, plan: Plan) -> None:
        """Draw all borders anew about the visits of a plan; rows stay feasible, and may become cheaper."""
        placed = plan.where[self._members, ROUTE]
        rows = np.unique(placed[placed >= 0])
        for row in rows:
            time_row(self._board, plan, int(row), self._begin, self._end)
        for jobs in self._families:
            self._draw(plan, jobs)
        for row in rows:
            assert refresh(self._board, plan, int(row))

    def _spacing(self, jobs: IntArray) -> int:
        return int(self._board.job[jobs, SPACING].max())

    def _horizon(self, plan: Plan, jobs: IntArray) -> tuple[int, int]:
        """First start and last end that any of the jobs may have."""
        board = self._board
        windows = np.concatenate([np.arange(board.job[j, WINDOW], board.job[j, WINDOW_END]) for j in jobs])
        places = np.concatenate([np.arange(board.job[j, WAY], board.job[j, WAY_END]) for j in jobs])
        first = max(int(board.window[windows, OPENS].min()), int(board.team[:, FROM].min()))
        last = int(board.window[windows, CLOSES].max()) + int(board.site[:, places, WORK].max())
        return first, min(last, int(board.team[:, UNTIL].max() + plan.grace[GRACE_S]))

    def _draw(self, plan: Plan, jobs: IntArray) -> None:
        """Between visits that are in the plan, a slot for each of those that are not, where there is room."""
        placed = jobs[plan.where[jobs, ROUTE] >= 0]
        placed = placed[np.argsort(self._begin[placed], kind="stable")]
        spacing = self._spacing(jobs)
        first, last = self._horizon(plan, jobs)
        ends = [first - spacing, *self._end[placed].tolist()]
        starts = [*self._begin[placed].tolist(), last + spacing]
        between: list[list[int]] = [[] for _ in starts]
        for job in self._chance.permutation(jobs[plan.where[jobs, ROUTE] < 0]).tolist():
            gaps = zip(starts, ends, between, strict=True)
            room = np.array([max(start - end - (len(there) + 2) * spacing, 0) for start, end, there in gaps], float)
            room += 1e-9
            between[int(self._chance.choice(len(room), p=room / room.sum()))].append(job)
        for gap, (end, start, there) in enumerate(zip(ends, starts, between, strict=True)):
            before = [int(placed[gap - 1])] if gap > 0 else []
            after = [int(placed[gap])] if gap < len(placed) else []
            self._fill(plan, np.array(there, np.int64), end, start, before=before, after=after)
            if not before:
                plan.where[[*there, *after][0], SLOT_OPENS] = EARLY
            if not after:
                plan.where[[*before, *there][-1], SLOT_CLOSES] = LATE

    def _fill(
        self,
        plan: Plan,
        jobs: IntArray,
        end: int,
        start: int,
        *,
        before: list[int] | None = None,
        after: list[int] | None = None,
        even: bool = False,
    ) -> None:
        """Slots of `jobs`, in order, between the end of one visit and the start of another, and these two's borders."""
        everyone = [*jobs.tolist(), *(before or []), *(after or [])]
        spacing = self._spacing(np.array(everyone, np.int64)) if everyone else 0
        work = self._board.job[jobs, LOAD]
        while len(work) and start - end - (len(work) + 1) * spacing - work.sum() < 0:
            work = work[:-1]
        # What there is no room for waits for another draw.
        plan.where[jobs[len(work) :], SLOT_OPENS], plan.where[jobs[len(work) :], SLOT_CLOSES] = LATE, EARLY
        count = len(work)
        slack = start - end - (count + 1) * spacing - int(work.sum())
        shares = np.arange(count + 1) / max(count, 1) if even else np.sort(self._chance.random(count + 1))
        closes = end + np.arange(count + 1) * spacing + np.concatenate([[0], np.cumsum(work)]) + shares * slack
        borders = closes.astype(np.int64)
        plan.where[jobs[:count], SLOT_OPENS] = borders[:-1] + spacing
        plan.where[jobs[:count], SLOT_CLOSES] = borders[1:]
        if before:
            plan.where[before[0], SLOT_CLOSES] = borders[0]
        if after:
            plan.where[after[0], SLOT_OPENS] = borders[-1] + spacing
