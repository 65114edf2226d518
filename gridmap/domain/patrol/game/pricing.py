"""A bound on what any route of one crew could be worth, and the relaxed routes that reach it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.domain.patrol.game.crews import Crew, measure_time
from gridmap.domain.patrol.game.kernel import FloatArray, Ground, IntArray, find_best, trace
from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem
from gridmap.domain.patrol.solution import Visit

_SPANS = 240
"""Into how many spans a shift is cut, in each of which only so many partial routes are kept of a place."""

_SLOTS = 8
_REMEMBERED = 10
_LEAST = 1e-9
_NEVER = 10**9


@dataclass(frozen=True)
class Offer:
    """What pricing found for a crew: `most` bounds the worth of every route from above; `routes` may repeat a job."""

    most: float
    routes: tuple[tuple[Visit, ...], ...]


class Pricing:
    """One crew's view of a problem, measured once."""

    def __init__(self, problem: PatrolProblem, crew: Crew) -> None:
        team = problem.teams[crew.teams[0]]
        profile = problem.profile_of(team)
        able = [
            (place, Visit(job, way), approach)
            for place, (job, way) in enumerate(problem.places(), start=len(problem.posts))
            if (approach := problem.jobs[job].ways[way].approaches[profile]) is not None
            and problem.jobs[job].skills <= team.skills
        ]
        rows = np.array([place for place, _, _ in able], np.int64)
        work = np.array([approach.work_s for _, _, approach in able], np.int64)
        seconds = problem.seconds[profile]
        shift_s, rested_s = measure_time(team), team.back_by_s - team.shift_start_s
        begins, ends = _find_windows(problem, [visit.job for _, visit, _ in able], team.shift_start_s, rested_s)
        # Time runs without the rests here: whatever comes after them all is so much earlier than it will be.
        begins = np.maximum(begins - (rested_s - shift_s), 0)
        reach, back = seconds[team.post, rows], work + seconds[rows, team.home]
        first = np.maximum(np.where(reach >= FORBIDDEN, _NEVER, reach), begins)
        last = np.minimum(np.where(back >= FORBIDDEN, -1, shift_s - back), ends)
        usable = first <= last
        rows, work = rows[usable], work[usable]
        between = work[:, None] + seconds[np.ix_(rows, rows)]
        self._visits = [visit for (_, visit, _), use in zip(able, usable, strict=True) if use]
        self._job = np.array([visit.job for visit in self._visits], np.int64)
        self._first, self._last = first[usable], last[usable]
        self._arc = np.where(between >= FORBIDDEN, _NEVER, between)
        self._span_s = int(max(1, min(shift_s // _SPANS, self._arc.min(initial=_NEVER))))
        self._shift_s = shift_s
        self._rise = 0.0

    def offer(self, worth: FloatArray, *, known: float = 0.0, count: int = 10, slots: int = _SLOTS) -> Offer:
        """Routes for the worth of each job, where a route worth `known` is known; jobs worth nothing are passed by."""
        value = worth[self._job] if len(self._job) else np.zeros(0)
        rows = np.flatnonzero(value > _LEAST)
        if not len(rows):
            return Offer(known, ())
        bit, heir = _build_memory(self._job[rows], self._arc[np.ix_(rows, rows)])
        ground = Ground(
            job=self._job[rows],
            first=self._first[rows],
            last=self._last[rows],
            arc=self._arc[np.ix_(rows, rows)],
            bit=bit,
            heir=heir,
        )
        # Where pricing found so much more than what was known it will again: with less to follow it ends sooner.
        above = known * (1 + self._rise / 2)
        found, there, back, tails = find_best(ground, value[rows], self._span_s, self._shift_s, slots, above)
        if above > known and found.most.max() <= above:
            found, there, back, tails = find_best(ground, value[rows], self._span_s, self._shift_s, slots, known)
        self._rise = float(found.most.max()) / known - 1 if known > 0 else 0.0
        best = [row for row in np.argsort(-found.most)[:count].tolist() if found.most[row] > known]
        routes = []
        for row in best:
            tail = int(found.tail[row])
            after = trace(back, tails.slot[tail], len(rows))[::-1] if tail >= 0 else ()
            routes.append([*trace(there, found.slot[row], len(rows)), *after])
        visits = tuple(tuple(self._visits[rows[row]] for row in route) for route in routes)
        return Offer(max(known, float(found.most.max())), visits)


def _find_windows(problem: PatrolProblem, jobs: list[int], begin_s: int, shift_s: int) -> tuple[IntArray, IntArray]:
    """From the opening of the first window to the end of the last; what is between is left open, as a bound may."""
    windows = [problem.jobs[job].windows_s or ((begin_s, begin_s + shift_s),) for job in jobs]
    begins = np.array([own[0][0] for own in windows], np.int64) - begin_s
    ends = np.array([own[-1][1] for own in windows], np.int64) - begin_s
    return begins, ends


def _build_memory(job: IntArray, arc: IntArray) -> tuple[np.ndarray, np.ndarray]:
    """Which jobs are remembered where, as `Ground` has it: the nearest ones in time, there or back."""
    jobs, number = np.unique(job, return_inverse=True)
    apart = np.full((len(jobs), len(jobs)), _NEVER, np.int64)
    np.minimum.at(apart, (number[:, None], number[None, :]), np.minimum(arc, arc.T))
    np.fill_diagonal(apart, -1)
    near = np.argsort(apart, axis=1, kind="stable")[:, :_REMEMBERED]
    place = np.full((len(jobs), len(jobs)), -1, np.int8)
    np.put_along_axis(place, near, np.arange(near.shape[1], dtype=np.int8)[None, :], axis=1)
    heir = place[:, near].transpose(1, 0, 2)
    return np.ascontiguousarray(place[np.ix_(number, number)]), np.ascontiguousarray(heir[np.ix_(number, number)])
