"""The most prize a route could collect, as a bound from above: ng-routes, with few of them kept at a place and time.

A route may come back to a job only after it was far enough away to have forgotten it: each job remembers only the jobs
of its neighbourhood (Baldacci, Mingozzi and Roberti, "New route relaxation and pricing strategies for the vehicle
routing problem", Operations Research 59, 2011). Where more partial routes meet at a place in one span of time than are
kept, those that collected least become one that is as early, as rich and as forgetful as any of them: that only allows
more than the truth.

Routes are followed from both ends to the middle of the shift and joined there, as Righini and Salani do ("Symmetry
helps: bounded bi-directional dynamic programming", Discrete Optimization 3, 2006): half a day has far fewer partial
routes than a whole one, and fewer of them have to be put together.
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


class Tails(NamedTuple):
    """Partial routes from a row to the end of the shift: those of a row stand from `since[row]` to `since[row + 1]`.

    Attributes
    ----------
    value
        What they collect, the row's own prize with it; in each row the most first.
    late
        When the work at the row must begin at the latest.
    mask
        What they remember, by the memory held at the row.
    slot
        Where they stand in the labels of the way back.
    most
        By span of time and row the most that a tail collects which can begin in it or later, below 0 for none.
    """

    since: IntArray
    value: FloatArray
    late: IntArray
    mask: IntArray
    slot: IntArray
    most: FloatArray


class Rest(NamedTuple):
    """What is collected at most after a row whose work begins within a span or later, shape (spans, rows).

    `most` in all, `job` the one it begins with, `other` the most that begins with another.
    """

    most: FloatArray
    job: IntArray
    other: FloatArray


class Found(NamedTuple):
    """The most by the row where a route ends or its tail begins: its prize, its slot in the labels, its tail."""

    most: FloatArray
    slot: IntArray
    tail: IntArray


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
def bound_rest(ground: Ground, worth: FloatArray, span_s: int, spans: int, tails: Tails, known_from: int) -> Rest:
    """What can follow a row without turning straight back; from the span `known_from` on only tails do."""
    rows = len(worth)
    most, job, other = np.zeros((spans, rows)), np.full((spans, rows), _NONE), np.zeros((spans, rows))
    for t in range(known_from - 1, -1, -1):
        for row in range(rows):
            first, begins, second = 0.0, _NONE, 0.0
            for to in range(rows):
                arrival = max(t * span_s + ground.arc[row, to], ground.first[to])
                if arrival > ground.last[to] or ground.job[to] == ground.job[row]:
                    continue
                u = arrival // span_s
                if u >= known_from:
                    gain = tails.most[u, to]
                elif job[u, to] == ground.job[row]:
                    gain = worth[to] + other[u, to]
                else:
                    gain = worth[to] + most[u, to]
                if gain > first:
                    if begins != ground.job[to]:
                        second = first
                    first, begins = gain, ground.job[to]
                elif gain > second and ground.job[to] != begins:
                    second = gain
            most[t, row], job[t, row], other[t, row] = first, begins, second
    return Rest(most, job, other)


@compiled
def no_tails(rows: int) -> Tails:
    """Where nothing is known of what comes later."""
    nothing = np.zeros(0, np.int64)
    return Tails(np.zeros(rows + 1, np.int64), np.zeros(0), nothing, nothing, nothing, np.zeros((0, rows)))


@compiled
def list_tails(labels: Labels, rows: int, span_s: int, spans: int, shift_s: int) -> Tails:
    """The partial routes of a mirrored shift as tails of this one."""
    slots = labels.value.shape[1]
    since = np.zeros(rows + 1, np.int64)
    slot = np.zeros(labels.filled.sum(), np.int64)
    count = 0
    for row in range(rows):
        for cell in range(row, len(labels.filled), rows):
            for s in range(labels.filled[cell]):
                if labels.value[cell, s] >= 0:
                    slot[count] = cell * slots + s
                    count += 1
        since[row + 1] = count
    value, at, mask = labels.value.ravel(), labels.at.ravel(), labels.mask.ravel()
    most = np.full((spans, rows), -1.0)
    for row in range(rows):
        own = slot[since[row] : since[row + 1]]
        own[:] = own[np.argsort(-value[own])]
        for k in own:
            u = (shift_s - at[k]) // span_s
            most[u, row] = max(most[u, row], value[k])
    for u in range(spans - 2, -1, -1):
        most[u] = np.maximum(most[u], most[u + 1])
    slot = slot[:count]
    return Tails(since, value[slot], shift_s - at[slot], mask[slot], slot, most)


@compiled
def join(tails: Tails, to: int, value: float, arrival: int, remembered: int, least: float) -> int:
    """The tail at a row that collects most of those that can follow, if it makes more than `least` in all."""
    for k in range(tails.since[to], tails.since[to + 1]):
        if value + tails.value[k] <= least:
            return _NONE
        if tails.late[k] >= arrival and tails.mask[k] & remembered == 0:
            return k
    return _NONE


@compiled
def find_routes(
    ground: Ground, worth: FloatArray, span_s: int, until: int, slots: int, known: float, rest: Rest, tails: Tails
) -> tuple[Found, Labels]:
    """Partial routes whose last work begins by `until`, and what is the most with the tails that follow them.

    Parameters
    ----------
    worth
        Prize of each row, above 0.
    span_s
        Length of a span of time, no longer than the shortest of `ground.arc`.
    until
        Whatever comes later is left to the tails.
    slots
        How many partial routes are kept of a row and span.
    known
        A route is known that collects so much: what cannot become better is not followed.
    """
    rows = len(worth)
    cells = (until // span_s + 1) * rows
    labels = Labels(
        np.zeros((cells, slots)),
        np.zeros((cells, slots), np.int64),
        np.zeros((cells, slots), np.int64),
        np.zeros((cells, slots), np.int64),
        np.zeros(cells, np.int64),
    )
    front = np.zeros((rows, _FRONT, 3))
    held = np.zeros(rows, np.int64)
    found = Found(np.full(rows, known), np.full(rows, _NONE, np.int64), np.full(rows, _NONE, np.int64))
    for row in range(rows):
        at = ground.first[row]
        if at > ground.last[row]:
            continue
        if at > until:
            tail = join(tails, row, 0.0, at, 0, found.most[row])
            if tail != _NONE:
                found.most[row], found.tail[row] = tails.value[tail], tail
        elif worth[row] + rest.most[at // span_s, row] > known:
            keep(labels, at // span_s * rows + row, worth[row], at, 1, _NONE)
    for cell in range(cells):
        row = cell % rows
        for s in range(labels.filled[cell]):
            value, at, mask = labels.value[cell, s], labels.at[cell, s], labels.mask[cell, s]
            if value < 0:
                continue
            if value > found.most[row]:
                found.most[row], found.slot[row], found.tail[row] = value, cell * slots + s, _NONE
            if is_beaten(front, row, held[row], value, at, mask):
                continue
            place = held[row] if held[row] < _FRONT else np.argmin(front[row, :, 0])
            front[row, place, 0], front[row, place, 1], front[row, place, 2] = value, at, mask
            held[row] = min(_FRONT, held[row] + 1)
            for to in range(rows):
                arrival = max(at + ground.arc[row, to], ground.first[to])
                if arrival > ground.last[to]:
                    continue
                bit = ground.bit[row, to]
                if bit >= 0 and mask >> bit & 1:
                    continue
                u = arrival // span_s
                if arrival > until:
                    if len(tails.most) == 0 or value + tails.most[u, to] <= found.most[to]:
                        continue
                    remembered = inherit(ground.heir[row, to], mask) & ~1
                    tail = join(tails, to, value, arrival, remembered, found.most[to])
                    if tail != _NONE:
                        found.most[to] = value + tails.value[tail]
                        found.slot[to], found.tail[to] = cell * slots + s, tail
                    continue
                reached = value + worth[to]
                more = rest.other[u, to] if rest.job[u, to] == ground.job[row] else rest.most[u, to]
                if reached + more > known:
                    keep(labels, u * rows + to, reached, arrival, inherit(ground.heir[row, to], mask), cell * slots + s)
    return found, labels


@compiled
def trace(labels: Labels, end: int, rows: int) -> IntArray:
    """The rows of a partial route in their order, from the slot it ends in."""
    slots = labels.value.shape[1]
    found = np.zeros(0, np.int64)
    while end != _NONE:
        cell = end // slots
        found = np.append(found, cell % rows)
        end = labels.before[cell, end % slots]
    return found[::-1]


@compiled
def mirror(ground: Ground, shift_s: int) -> Ground:
    """The shift run backwards: from the last work to the post."""
    arc = np.ascontiguousarray(ground.arc.T)
    return Ground(ground.job, shift_s - ground.last, shift_s - ground.first, arc, ground.bit, ground.heir)


@compiled
def find_best(
    ground: Ground, worth: FloatArray, span_s: int, shift_s: int, slots: int, known: float
) -> tuple[Found, Labels, Labels, Tails]:
    """The most that relaxed routes collect, the labels on the way there and back, and how they are joined."""
    rows, spans, half_s = len(worth), shift_s // span_s + 1, shift_s // 2
    nothing = no_tails(rows)
    turned = mirror(ground, shift_s)
    rest = bound_rest(turned, worth, span_s, spans, nothing, spans)
    _, back = find_routes(turned, worth, span_s, shift_s - half_s - 1, slots, known, rest, nothing)
    tails = list_tails(back, rows, span_s, spans, shift_s)
    rest = bound_rest(ground, worth, span_s, spans, tails, half_s // span_s + 1)
    found, labels = find_routes(ground, worth, span_s, half_s, slots, known, rest, tails)
    return found, labels, back, tails
