"""The most prize a route could collect, as a bound from above: ng-routes, with few of them kept at a place and time.

A route may come back to a job only after it was far enough away to have forgotten it: each job remembers only the jobs
of its neighbourhood (Baldacci, Mingozzi and Roberti, "New route relaxation and pricing strategies for the vehicle
routing problem", Operations Research 59, 2011). Where more partial routes meet at a place in one span of time than are
kept, those that collected least become one that is as early, as rich and as forgetful as any of them: that only allows
more than the truth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.domain.roads.compiled import compiled

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
SmallArray = npt.NDArray[np.int8]

_NONE = -1
_FRONT = 16


class Ground(NamedTuple):
    """What one crew meets, in seconds since its shift began; rows are ways of jobs that it can do.

    Attributes
    ----------
    job
        Job of each row.
    first
        When its work can begin at the earliest, coming from the post; beyond `last` where it cannot at all.
    last
        When its work must begin at the latest to be back in time.
    arc
        From the start of the work at one row to the arrival at another, shape (rows, rows), 1 at least.
    bit
        At which place of the memory held at one row the job of another stands, -1 where it is not remembered there.
    heir
        To which place of the memory at the second row each place of the memory at the first goes, -1 where it is
        forgotten, shape (rows, rows, remembered); place 0 is the row's own job.
    """

    job: IntArray
    first: IntArray
    last: IntArray
    arc: IntArray
    bit: SmallArray
    heir: SmallArray


class Labels(NamedTuple):
    """Partial routes by span of time and row, in slots: what they collected, when their last work begins, what they
    remember, and the slot they come from; `filled` says how many slots are taken. Slot 0 is for those put together."""

    value: FloatArray
    at: IntArray
    mask: IntArray
    before: IntArray
    filled: IntArray


@compiled
def inherit(heir: SmallArray, mask: int) -> int:
    """What of a memory is remembered one row on, that row's job (place 0) with it."""
    kept = 1
    for i in range(len(heir)):
        if mask >> i & 1 and heir[i] >= 0:
            kept |= 1 << heir[i]
    return kept


@compiled
def keep(labels: Labels, cell: int, value: float, at: int, mask: int, before: int) -> None:
    """Put a partial route into a cell, unless another is as rich, as early and as forgetful."""
    slots = labels.value.shape[1]
    count = labels.filled[cell]
    least = _NONE
    for s in range(count):
        other = labels.value[cell, s]
        if other >= value and labels.at[cell, s] <= at and labels.mask[cell, s] & ~mask == 0:
            return
        if s and (least == _NONE or other < labels.value[cell, least]):
            least = s
    for s in range(1, count):
        if labels.value[cell, s] <= value and labels.at[cell, s] >= at and mask & ~labels.mask[cell, s] == 0:
            labels.value[cell, s], labels.at[cell, s] = value, at
            labels.mask[cell, s], labels.before[cell, s] = mask, before
            return
    if count == 0:
        labels.value[cell, 0] = -1.0
        labels.filled[cell] = count = 1
    if count < slots:
        labels.value[cell, count], labels.at[cell, count] = value, at
        labels.mask[cell, count], labels.before[cell, count] = mask, before
        labels.filled[cell] += 1
        return
    if labels.value[cell, least] < value:
        value, labels.value[cell, least] = labels.value[cell, least], value
        at, labels.at[cell, least] = labels.at[cell, least], at
        mask, labels.mask[cell, least] = labels.mask[cell, least], mask
        before, labels.before[cell, least] = labels.before[cell, least], before
    if labels.value[cell, 0] < 0:
        labels.value[cell, 0], labels.at[cell, 0] = value, at
        labels.mask[cell, 0], labels.before[cell, 0] = mask, before
        return
    labels.mask[cell, 0] &= mask
    labels.at[cell, 0] = min(at, labels.at[cell, 0])
    if value > labels.value[cell, 0]:
        labels.value[cell, 0], labels.before[cell, 0] = value, before


@compiled
def is_beaten(front: FloatArray, row: int, held: int, value: float, at: int, mask: int) -> bool:
    """Whether an earlier route at the same row is as rich and as forgetful."""
    for i in range(held):
        if front[row, i, 0] >= value and front[row, i, 1] <= at and int(front[row, i, 2]) & ~mask == 0:
            return True
    return False


@compiled
def bound_rest(ground: Ground, worth: FloatArray, span_s: int, spans: int) -> tuple[FloatArray, IntArray, FloatArray]:
    """What is collected at most after a row whose work begins within a span or later, never turning straight back.

    Returns the most, the job it begins with, and the most that begins with another job, each of shape (spans, rows).
    """
    rows = len(worth)
    most, job, other = np.zeros((spans, rows)), np.full((spans, rows), _NONE), np.zeros((spans, rows))
    for t in range(spans - 1, -1, -1):
        for row in range(rows):
            first, begins, second = 0.0, _NONE, 0.0
            for to in range(rows):
                arrival = t * span_s + ground.arc[row, to]
                if arrival > ground.last[to] or ground.job[to] == ground.job[row]:
                    continue
                u = arrival // span_s
                gain = worth[to] + (other[u, to] if job[u, to] == ground.job[row] else most[u, to])
                if gain > first:
                    if begins != ground.job[to]:
                        second = first
                    first, begins = gain, ground.job[to]
                elif gain > second and ground.job[to] != begins:
                    second = gain
            most[t, row], job[t, row], other[t, row] = first, begins, second
    return most, job, other


@compiled
def find_routes(
    ground: Ground, worth: FloatArray, span_s: int, spans: int, slots: int, known: float
) -> tuple[FloatArray, IntArray, Labels]:
    """The most that a relaxed route ending at each row collects, the slot it stands in, and all partial routes.

    Parameters
    ----------
    worth
        Prize of each row, above 0.
    span_s, spans
        Length of a span of time, no longer than the shortest of `ground.arc`, and how many the shift has.
    slots
        How many partial routes are kept of a row and span.
    known
        A route is known that collects so much: what cannot become better is not followed.
    """
    rows = len(worth)
    cells = spans * rows
    labels = Labels(
        np.zeros((cells, slots)),
        np.zeros((cells, slots), np.int64),
        np.zeros((cells, slots), np.int64),
        np.zeros((cells, slots), np.int64),
        np.zeros(cells, np.int64),
    )
    most_rest, job_rest, other_rest = bound_rest(ground, worth, span_s, spans)
    front = np.zeros((rows, _FRONT, 3))
    held = np.zeros(rows, np.int64)
    most = np.zeros(rows)
    ends = np.full(rows, _NONE, np.int64)
    for row in range(rows):
        at = ground.first[row]
        if at <= ground.last[row] and worth[row] + most_rest[at // span_s, row] > known:
            keep(labels, at // span_s * rows + row, worth[row], at, 1, _NONE)
    for t in range(spans):
        for row in range(rows):
            cell = t * rows + row
            for s in range(labels.filled[cell]):
                value, at, mask = labels.value[cell, s], labels.at[cell, s], labels.mask[cell, s]
                if value < 0:
                    continue
                if value > most[row]:
                    most[row], ends[row] = value, cell * slots + s
                if is_beaten(front, row, held[row], value, at, mask):
                    continue
                place = held[row] if held[row] < _FRONT else np.argmin(front[row, :, 0])
                front[row, place, 0], front[row, place, 1], front[row, place, 2] = value, at, mask
                held[row] = min(_FRONT, held[row] + 1)
                for to in range(rows):
                    arrival = at + ground.arc[row, to]
                    if arrival > ground.last[to]:
                        continue
                    bit = ground.bit[row, to]
                    if bit >= 0 and mask >> bit & 1:
                        continue
                    reached = value + worth[to]
                    u = arrival // span_s
                    rest = other_rest[u, to] if job_rest[u, to] == ground.job[row] else most_rest[u, to]
                    if reached + rest <= known:
                        continue
                    remembered = inherit(ground.heir[row, to], mask)
                    keep(labels, u * rows + to, reached, arrival, remembered, cell * slots + s)
    return most, ends, labels


@compiled
def trace(labels: Labels, end: int, rows: int) -> IntArray:
    """The rows of a route in their order, from the slot it ends in."""
    slots = labels.value.shape[1]
    found = np.zeros(0, np.int64)
    while end != _NONE:
        cell = end // slots
        found = np.append(found, cell % rows)
        end = labels.before[cell, end % slots]
    return found[::-1]
