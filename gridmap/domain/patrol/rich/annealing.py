"""Slack induction by string removals (Christiaens and Vanden Berghe, 2020) where jobs may stay out for their prize.

Strings of neighbouring stops are taken out of a few routes that lie close together; they, and jobs nearby that no route
has, are put back one by one where they cost least, or left out where that costs less. Simulated annealing decides what
is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.mcgrp.chance import ChanceArray, draw, draw_below
from gridmap.domain.patrol.rich.board import (
    CLOSES,
    DISTANT,
    EARLY,
    LATE,
    LOAD,
    OPENS,
    PAUSE,
    PAUSE_END,
    PRIZE,
    WINDOW,
    WINDOW_END,
    Board,
    IntArray,
)
from gridmap.domain.patrol.rich.placing import find_place
from gridmap.domain.patrol.rich.polishing import mend, polish
from gridmap.domain.patrol.rich.rows import (
    COST,
    FAR,
    GRACE_PRICE,
    GRACE_S,
    LENGTH,
    OVER,
    PICK,
    PLACE,
    POSITION,
    ROUTE,
    SLOT_CLOSES,
    SLOT_OPENS,
    Plan,
    empty,
    insert,
    price_without,
    refresh,
    remove,
)
from gridmap.domain.roads.compiled import lean

_SPLIT = 0.5
_GROW = 0.99
_EAGER = 0.1
_SHUT = 0.3


class Focus(NamedTuple):
    """What steps are about, and how far they look.

    At most `tried` jobs that no route has are tried in a step; in a share `ends` of the steps both ends of every route
    are. A share `lost` is about a job that no route has, `over` about a stop of a shift that is overrun.
    """

    tried: int = 12
    ends: float = 1.0
    lost: float = 0.0
    over: float = 0.0


class Tuning(NamedTuple):
    """`removed` stops on average in strings of at most `longest`; `reach` neighbours are looked at for a place.

    In a step `blink` of the places are passed over.
    """

    removed: float
    longest: float
    reach: int
    blink: float
    focus: Focus = Focus()


class Kept(NamedTuple):
    """Rows put aside: places and windows of the stops, breaks, lengths and costs, and slots of the jobs."""

    stop: IntArray
    pause: IntArray
    row: IntArray
    slot: IntArray


class Scratch(NamedTuple):
    """Room that one search works in: rows before a step, who was touched, which jobs are at stake.

    Attributes
    ----------
    at_stake, is_at_stake, order
        Jobs taken out in a step, then those tried that were out before; and all in the order they are put back.
    out, missing
        Jobs that no route has, `missing[0]` of them.
    total
        Cost of the plan at hand with what is left out, then of the best.
    """

    saved: Kept
    best: Kept
    touched: npt.NDArray[np.bool_]
    rows: IntArray
    at_stake: IntArray
    is_at_stake: npt.NDArray[np.bool_]
    key: npt.NDArray[np.float64]
    sorted_key: npt.NDArray[np.float64]
    order: IntArray
    out: IntArray
    missing: IntArray
    total: IntArray


def build_scratch(board: Board, plan: Plan) -> Scratch:
    """Scratch whose best is the plan at hand."""
    jobs, rows = len(board.job), len(plan.row)
    out = np.flatnonzero(plan.where[:, ROUTE] < 0)
    total = price_plan(board, plan)
    scratch = Scratch(
        saved=keep(plan),
        best=keep(plan),
        touched=np.zeros(rows, np.bool_),
        rows=np.zeros(rows, np.int64),
        at_stake=np.zeros(jobs, np.int64),
        is_at_stake=np.zeros(jobs, np.bool_),
        key=np.zeros(jobs),
        sorted_key=np.zeros(jobs),
        order=np.zeros(jobs, np.int64),
        out=np.zeros(jobs, np.int64),
        missing=np.array([len(out)], np.int64),
        total=np.array([total, total], np.int64),
    )
    scratch.out[: len(out)] = out
    return scratch


def price_plan(board: Board, plan: Plan) -> int:
    """Cost of all rows and of what is left out."""
    return int(plan.row[:, COST].sum() + board.job[plan.where[:, ROUTE] < 0, PRIZE].sum())


def keep(plan: Plan) -> Kept:
    """A copy of what decides a plan."""
    slot = plan.where[:, SLOT_OPENS : SLOT_CLOSES + 1]
    return Kept(plan.at[:, :, : PICK + 1].copy(), plan.pause.copy(), plan.row.copy(), slot.copy())


def take(board: Board, plan: Plan, kept: Kept) -> None:
    """Make a plan what was kept."""
    plan.where[:, ROUTE] = -1
    plan.where[:, SLOT_OPENS : SLOT_CLOSES + 1] = kept.slot
    plan.at[:, :, : PICK + 1] = kept.stop
    plan.pause[:] = kept.pause
    plan.row[:] = kept.row
    for row in range(len(plan.row)):
        refresh(board, plan, row)


@lean
def _copy_row(plan: Plan, kept: Kept, row: int) -> None:
    kept.row[row, LENGTH], kept.row[row, COST] = plan.row[row, LENGTH], plan.row[row, COST]
    for p in range(1, plan.row[row, LENGTH] + 1):
        kept.stop[row, p, PLACE], kept.stop[row, p, PICK] = plan.at[row, p, PLACE], plan.at[row, p, PICK]
    for b in range(plan.pause.shape[1]):
        kept.pause[row, b] = plan.pause[row, b]


@lean
def _touch(plan: Plan, scratch: Scratch, row: int, count: int) -> int:
    """Save a row before its first change; returns how many rows are saved now."""
    if scratch.touched[row]:
        return count
    scratch.touched[row] = True
    scratch.rows[count] = row
    _copy_row(plan, scratch.saved, row)
    return count + 1


@lean
def _restore(board: Board, plan: Plan, scratch: Scratch, count: int, stakes: int) -> None:
    for i in range(stakes):
        plan.where[scratch.at_stake[i], ROUTE] = -1
    saved = scratch.saved
    for i in range(count):
        row = scratch.rows[i]
        scratch.touched[row] = False
        plan.row[row, LENGTH] = saved.row[row, LENGTH]
        for p in range(1, saved.row[row, LENGTH] + 1):
            plan.at[row, p, PLACE], plan.at[row, p, PICK] = saved.stop[row, p, PLACE], saved.stop[row, p, PICK]
        for b in range(plan.pause.shape[1]):
            plan.pause[row, b] = saved.pause[row, b]
        refresh(board, plan, row)


@lean
def _draw_seed(board: Board, plan: Plan, scratch: Scratch, focus: Focus, chance: ChanceArray) -> int:
    """The job about which a step takes strings out: any, one that is left out, or a stop of a shift overrun."""
    if focus.lost + focus.over > 0.0:
        which = draw(chance)
        if which < focus.lost and scratch.missing[0] > 0:
            return int(scratch.out[draw_below(chance, scratch.missing[0])])
        if which > 1.0 - focus.over:
            first = draw_below(chance, len(plan.row))
            for i in range(len(plan.row)):
                row = (first + i) % len(plan.row)
                if plan.row[row, OVER] > 0:
                    place = 1 + draw_below(chance, plan.row[row, LENGTH])
                    return int(board.job_of[plan.at[row, place, PLACE]])
    return draw_below(chance, len(board.job))


@lean
def _ruin(board: Board, plan: Plan, scratch: Scratch, tuning: Tuning, chance: ChanceArray) -> tuple[int, int, int]:
    """Take strings out of routes about a random job; returns jobs out, rows touched, and the job."""
    n = len(board.job)
    used = served = 0
    for row in range(len(plan.row)):
        if plan.row[row, LENGTH] > 0:
            used += 1
            served += plan.row[row, LENGTH]
    longest = min(tuning.longest, served / max(used, 1))
    strings = int(draw(chance) * (4.0 * tuning.removed / (1.0 + longest) - 1.0) + 1.0)
    seed = _draw_seed(board, plan, scratch, tuning.focus, chance)
    out = rows = 0
    for i in range(-1, n - 1):
        if rows >= strings:
            break
        job = seed if i < 0 else int(board.near[seed, i])
        row = plan.where[job, ROUTE]
        if row < 0 or scratch.touched[row]:
            continue
        length = plan.row[row, LENGTH]
        taken = min(int(draw(chance) * min(float(length), longest) + 1.0), length)
        kept = 0
        if 1 < taken < length and draw(chance) < _SPLIT:
            kept = 1
            while taken + kept < length and draw(chance) < _GROW:
                kept += 1
        rows = _touch(plan, scratch, row, rows)
        out = _cut(board, plan, scratch, row, plan.where[job, POSITION], taken, kept, out, chance)
        if not refresh(board, plan, row) and not mend(board, plan, row):
            for p in range(1, plan.row[row, LENGTH] + 1):
                out = _put_at_stake(scratch, board.job_of[plan.at[row, p, PLACE]], out)
            empty(board, plan, row)
    return out, rows, seed


@lean
def _put_at_stake(scratch: Scratch, job: int, count: int) -> int:
    scratch.at_stake[count] = job
    scratch.is_at_stake[job] = True
    return count + 1


@lean
def _cut(
    board: Board,
    plan: Plan,
    scratch: Scratch,
    row: int,
    place: int,
    taken: int,
    kept: int,
    out: int,
    chance: ChanceArray,
) -> int:
    """Take `taken` stops about position `place` out of a row, a block of `kept` among them staying."""
    length, span = plan.row[row, LENGTH], taken + kept
    low, high = max(1, place - span + 1), min(place, length - span + 1)
    start = low + draw_below(chance, high - low + 1)
    stay = start + (draw_below(chance, taken + 1) if kept > 0 else span)
    write = 1
    breaks = board.team[row, PAUSE_END] - board.team[row, PAUSE]
    b = 0
    for p in range(1, length + 1):
        while b < breaks and plan.pause[row, b] < p:
            plan.pause[row, b] = write - 1
            b += 1
        if start <= p < start + span and not stay <= p < stay + kept:
            job = board.job_of[plan.at[row, p, PLACE]]
            plan.where[job, ROUTE] = -1
            out = _put_at_stake(scratch, job, out)
        else:
            plan.at[row, write, PLACE], plan.at[row, write, PICK] = plan.at[row, p, PLACE], plan.at[row, p, PICK]
            write += 1
    while b < breaks:
        plan.pause[row, b] = write - 1
        b += 1
    plan.row[row, LENGTH] = write - 1
    return out


@lean
def _choose_tried(
    board: Board, plan: Plan, scratch: Scratch, tried: int, seed: int, out: int, chance: ChanceArray
) -> int:
    """Put some of the jobs that no route has at stake, near ones and a few from anywhere; returns how many are then."""
    missing = scratch.missing[0]
    if missing == 0:
        return out
    most = out + min(tried, missing)
    if plan.where[seed, ROUTE] < 0 and not scratch.is_at_stake[seed]:
        out = _put_at_stake(scratch, seed, out)
    for _ in range(tried // 3):
        job = int(scratch.out[draw_below(chance, missing)])
        if out < most and not scratch.is_at_stake[job]:
            out = _put_at_stake(scratch, job, out)
    for i in range(min(len(board.job) - 1, 60)):
        job = int(board.near[seed, i])
        if out < most and plan.where[job, ROUTE] < 0 and not scratch.is_at_stake[job]:
            out = _put_at_stake(scratch, job, out)
    return out


@lean
def _order(board: Board, scratch: Scratch, count: int, is_short: bool, chance: ChanceArray) -> None:
    """Set the order in which jobs are put back: random, most work, far, near, narrow or early window, or prize."""
    rule = draw_below(chance, 19 if is_short else 15)
    for i in range(count):
        job = scratch.at_stake[i]
        opens, closes = (
            board.window[board.job[job, WINDOW], OPENS],
            board.window[board.job[job, WINDOW_END] - 1, CLOSES],
        )
        if rule < 4:
            scratch.key[i] = draw(chance)
        elif rule < 8:
            scratch.key[i] = -board.job[job, LOAD] + 0.001 * draw(chance)
        elif rule < 10:
            scratch.key[i] = -board.job[job, DISTANT]
        elif rule < 11:
            scratch.key[i] = board.job[job, DISTANT]
        elif rule < 13:
            scratch.key[i] = min(closes - opens, LATE) + draw(chance)
        elif rule < 15:
            scratch.key[i] = max(opens, EARLY) + draw(chance)
        else:
            scratch.key[i] = -board.job[job, PRIZE] * (0.5 + draw(chance))
    for i in range(count):
        job, key, at = scratch.at_stake[i], scratch.key[i], i
        while at > 0 and scratch.sorted_key[at - 1] > key:
            scratch.order[at], scratch.sorted_key[at] = scratch.order[at - 1], scratch.sorted_key[at - 1]
            at -= 1
        scratch.order[at], scratch.sorted_key[at] = job, key


@lean
def _recreate(
    board: Board,
    plan: Plan,
    scratch: Scratch,
    stakes: int,
    rows: int,
    tuning: Tuning,
    chance: ChanceArray,
) -> int:
    """Put jobs back where that is cheaper than leaving them out; returns how many rows are touched."""
    # Jobs that are worth their way together only have to come in one by one at a loss.
    is_eager = draw(chance) < _EAGER
    # Jobs that another team should have come back to the one they are cheapest with.
    often = min(_SHUT, 1.0 / len(plan.row)) if len(plan.row) > 1 else 0.0
    shut = draw_below(chance, len(plan.row)) if draw(chance) < often else -1
    _order(board, scratch, stakes, scratch.missing[0] > 0, chance)
    ends = tuning.focus.ends >= 1.0 or draw(chance) < tuning.focus.ends
    for i in range(stakes):
        job = scratch.order[i]
        limit = FAR if is_eager else board.job[job, PRIZE]
        row, gap, place, k, split = find_place(board, plan, job, limit, tuning.reach, tuning.blink, shut, ends, chance)
        if row >= 0:
            rows = _touch(plan, scratch, row, rows)
            insert(board, plan, row, gap, place, k, split)
    for i in range(rows):
        if is_eager:
            _drop_losses(board, plan, scratch, scratch.rows[i])
        polish(board, plan, scratch.rows[i])
    return rows


@lean
def _drop_losses(board: Board, plan: Plan, scratch: Scratch, row: int) -> None:
    """Take jobs at stake out of a row that are cheaper left out, one by one, the dearest first."""
    while True:
        most, worst = 0, 0
        for p in range(1, plan.row[row, LENGTH] + 1):
            job = board.job_of[plan.at[row, p, PLACE]]
            # No job costs more than all of its row.
            if scratch.is_at_stake[job] and board.job[job, PRIZE] < plan.row[row, COST]:
                loss = plan.row[row, COST] - price_without(board, plan, row, p) - board.job[job, PRIZE]
                if loss > most:
                    most, worst = loss, p
        if worst == 0:
            return
        remove(board, plan, row, worst)


@lean
def _weigh(board: Board, plan: Plan, scratch: Scratch, out: int, stakes: int, rows: int) -> int:
    """What a step costs more than was before."""
    more = 0
    for i in range(rows):
        row = scratch.rows[i]
        more += plan.row[row, COST] - scratch.saved.row[row, COST]
    for i in range(stakes):
        job = scratch.at_stake[i]
        if i < out and plan.where[job, ROUTE] < 0:
            more += board.job[job, PRIZE]
        elif i >= out and plan.where[job, ROUTE] >= 0:
            more -= board.job[job, PRIZE]
    return more


@lean
def _list_missing(plan: Plan, scratch: Scratch) -> None:
    count = 0
    for job in range(len(plan.where)):
        if plan.where[job, ROUTE] < 0:
            scratch.out[count] = job
            count += 1
    scratch.missing[0] = count


@lean
def anneal(
    board: Board, plan: Plan, scratch: Scratch, tuning: Tuning, chance: ChanceArray, iterations: int, heat: float
) -> None:
    """So many steps at one temperature."""
    for _ in range(iterations):
        out, rows, seed = _ruin(board, plan, scratch, tuning, chance)
        stakes = _choose_tried(board, plan, scratch, tuning.focus.tried, seed, out, chance)
        rows = _recreate(board, plan, scratch, stakes, rows, tuning, chance)
        more = _weigh(board, plan, scratch, out, stakes, rows)
        for i in range(stakes):
            scratch.is_at_stake[scratch.at_stake[i]] = False
        if more < -heat * np.log(1.0 - draw(chance)):
            scratch.total[0] += more
            _settle(plan, scratch, rows)
        else:
            _restore(board, plan, scratch, rows, stakes)


@lean
def construct(board: Board, plan: Plan, scratch: Scratch, tuning: Tuning, chance: ChanceArray) -> None:
    """Put in every job that no route has and that is worth it, job by job."""
    stakes = 0
    for i in range(scratch.missing[0]):
        stakes = _put_at_stake(scratch, int(scratch.out[i]), stakes)
    rows = _recreate(board, plan, scratch, stakes, 0, tuning, chance)
    scratch.total[0] += _weigh(board, plan, scratch, 0, stakes, rows)
    for i in range(stakes):
        scratch.is_at_stake[scratch.at_stake[i]] = False
    _settle(plan, scratch, rows)


@lean
def _is_in_time(plan: Plan) -> bool:
    late = 0
    for row in range(len(plan.row)):
        late += plan.row[row, OVER]
    return bool(late == 0)


@lean
def set_grace(board: Board, plan: Plan, scratch: Scratch, seconds: int, price: int) -> None:
    """Let shifts be overrun by so many seconds at a price for each; the plan at hand may not be longer."""
    plan.grace[GRACE_S], plan.grace[GRACE_PRICE] = seconds, price
    total = 0
    for row in range(len(plan.row)):
        refresh(board, plan, row)
        total += plan.row[row, COST]
    for job in range(len(plan.where)):
        if plan.where[job, ROUTE] < 0:
            total += board.job[job, PRIZE]
    scratch.total[0] = total


@lean
def _settle(plan: Plan, scratch: Scratch, rows: int) -> None:
    """Go on from the plan at hand, and keep it where it is the best."""
    for i in range(rows):
        scratch.touched[scratch.rows[i]] = False
    _list_missing(plan, scratch)
    if scratch.total[0] < scratch.total[1] and _is_in_time(plan):
        scratch.total[1] = scratch.total[0]
        for row in range(len(plan.row)):
            _copy_row(plan, scratch.best, row)
        for job in range(len(plan.where)):
            scratch.best.slot[job, 0] = plan.where[job, SLOT_OPENS]
            scratch.best.slot[job, 1] = plan.where[job, SLOT_CLOSES]
