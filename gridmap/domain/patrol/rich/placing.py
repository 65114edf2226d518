"""Where a job is put: the row, the gap, the way, the window and the breaks about it that cost least."""

from __future__ import annotations

import numpy as np

from gridmap.domain.patrol.mcgrp.chance import ChanceArray, draw
from gridmap.domain.patrol.problem import FORBIDDEN
from gridmap.domain.patrol.rich.board import (
    BACK_COST,
    BACK_S,
    CLOSES,
    FROM,
    LOAD,
    MOST_MM,
    OPENS,
    PAUSE,
    PAUSE_END,
    PROFILE,
    REST_CLOSES,
    REST_OPENS,
    REST_S,
    SCALE,
    THERE_COST,
    THERE_S,
    TWIN,
    UNTIL,
    WALK_COST,
    WALK_MM,
    WAY,
    WAY_END,
    WINDOW,
    WINDOW_END,
    WORK,
    Board,
)
from gridmap.domain.patrol.rich.rows import (
    AHEAD,
    BACK,
    BARE,
    BUSY,
    COST,
    FAR,
    GRACE_PRICE,
    GRACE_S,
    LEG,
    LENGTH,
    METRE,
    PLACE,
    POSITION,
    ROUTE,
    SLOT_CLOSES,
    SLOT_OPENS,
    WALKED,
    Plan,
    find_breaks,
    join,
)
from gridmap.domain.roads.compiled import lean


@lean
def find_place(
    board: Board, plan: Plan, job: int, limit: int, reach: int, blink: float, shut: int, ends: bool, chance: ChanceArray
) -> tuple[int, int, int, int, int]:
    """Row, gap, place, window and breaks before it; row -1 where that costs `limit` or more.

    Beside its `reach` neighbours the job is tried with a team of every kind that is at home and, where `ends` says so,
    at both ends of every route, but not where the shift has not as much time left; `blink` of the gaps, and all of row
    `shut`, are passed over.
    """
    count = _list_gaps(board, plan, job, reach, blink, shut, ends, chance)
    _, row, gap, place, k, split = choose_gap(board, plan, job, count, 1, limit)
    return row, gap, place, k, split


@lean
def _list_gaps(
    board: Board, plan: Plan, job: int, reach: int, blink: float, shut: int, ends: bool, chance: ChanceArray
) -> int:
    """Fill `room` with rows and gaps to be tried, near ones first; returns how many there are."""
    where, room, rows, team = plan.where, plan.room, plan.row, board.team
    n, teams, load = len(board.job), len(board.team), board.job[job, LOAD]
    grace = plan.grace[GRACE_S]
    skip = _draw_skip(blink, chance)
    count = 0
    wide = reach >= n - 1
    ends = ends or wide
    if not wide:
        for i in range(reach):
            other = board.near[job, i]
            row = where[other, ROUTE]
            if row < 0 or row == shut or rows[row, BUSY] + load > team[row, UNTIL] + grace - team[row, FROM]:
                continue
            skip -= 1
            if skip < 0:
                skip = _draw_skip(blink, chance)
                continue
            room[count, 0] = room[count + 1, 0] = row
            room[count, 1], room[count + 1, 1] = where[other, POSITION] - 1, where[other, POSITION]
            count += 2
    for row in range(teams):
        length = rows[row, LENGTH]
        if row == shut or (length > 0 and not ends) or (length == 0 and not _is_first_empty(board, plan, row)):
            continue
        if not wide and rows[row, BUSY] + load > team[row, UNTIL] + grace - team[row, FROM]:
            continue
        for gap in range(0, length + 1, 1 if wide or length == 0 else length):
            skip -= 1
            if skip < 0:
                skip = _draw_skip(blink, chance)
                continue
            room[count, 0], room[count, 1] = row, gap
            count += 1
    return count


@lean
def _draw_skip(blink: float, chance: ChanceArray) -> int:
    """How many gaps are tried before one is passed over."""
    return int(np.log(1.0 - draw(chance)) / np.log(1.0 - blink)) if blink > 0 else 1 << 40


@lean
def _is_first_empty(board: Board, plan: Plan, row: int) -> bool:
    """Whether no team like this one before it is at home too."""
    twin = board.team[row, TWIN]
    other = twin
    while other < row and not (board.team[other, TWIN] == twin and plan.row[other, LENGTH] == 0):
        other += 1
    return bool(other == row)


@lean
def choose_gap(
    board: Board, plan: Plan, job: int, count: int, width: int, limit: int
) -> tuple[int, int, int, int, int, int]:
    """Where a job costs least of the first `count` in `room`: cost, row, gap, place, window, and breaks before it.

    It comes between the positions `gap` and `gap + width`; what stands between them, if `width` is 2, is replaced.
    The row is -1 where it costs `limit` or more.
    """
    # Everything of this is in one function, and each array is named once: it is what a search does all the time.
    arcs, site, fits, window, team, rest = board.arcs, board.site, board.fits, board.window, board.team, board.rest
    moved = board.moved
    at, rows, room = plan.at, plan.row, plan.room
    first_way, end_way = board.job[job, WAY], board.job[job, WAY_END]
    first_window, end_window = board.job[job, WINDOW], board.job[job, WINDOW_END]
    slot_opens, slot_closes = plan.where[job, SLOT_OPENS], plan.where[job, SLOT_CLOSES]
    balance, grace, grace_price = board.balance, plan.grace[GRACE_S], plan.grace[GRACE_PRICE]
    best = limit
    best_row, best_gap, best_place, best_window, best_split = -1, 0, 0, 0, 0
    for i in range(count):
        row, gap = room[i, 0], room[i, 1]
        after = gap + width
        f = team[row, PROFILE]
        p, q = at[row, gap, PLACE], at[row, after, PLACE]
        metre, walked = rows[row, METRE] - at[row, gap, LEG], rows[row, WALKED]
        if width == 2:
            old = at[row, gap + 1, PLACE]
            metre -= at[row, gap + 1, LEG] + site[f, old, WALK_COST] + moved[row, old]
            walked -= site[f, old, WALK_MM]
        low = high = stay = 0
        if team[row, PAUSE_END] > team[row, PAUSE]:
            low, high = find_breaks(board, plan, row, gap)
            stay = high
            if width == 2:
                # The breaks after what is replaced stay after what comes.
                _, high = find_breaks(board, plan, row, gap + 1)
        base, until = rows[row, COST], team[row, UNTIL]
        span = until + grace - team[row, FROM]
        for place in range(first_way, end_way):
            there, back = int(arcs[f, place, p, BACK_S]), int(arcs[f, place, q, THERE_S])
            if not fits[row, place] or walked + site[f, place, WALK_MM] > team[row, MOST_MM]:
                continue
            if there >= FORBIDDEN or back >= FORBIDDEN:
                continue
            work = site[f, place, WORK]
            cost_m = metre + arcs[f, place, p, BACK_COST] + arcs[f, place, q, THERE_COST] + site[f, place, WALK_COST]
            cost_m += moved[row, place]
            least = at[row, gap, BARE] + there + work + back + at[row, after, BACK]
            if least > span:
                continue
            if SCALE * least + cost_m + grace_price * max(least + grace - span, 0) - base >= best:
                continue
            for k in range(first_window, end_window):
                opens, closes = max(window[k, OPENS], slot_opens), min(window[k, CLOSES], slot_closes - work)
                if opens > closes:
                    continue
                for split in range(low if width == 1 else stay, (stay if width == 2 else high) + 1):
                    part = AHEAD if low == high else BARE
                    took, soon, late = at[row, gap, part], at[row, gap, part + 1], at[row, gap, part + 2]
                    ok = True
                    for b in range(low, split):
                        took, soon, late, fine = join(
                            took, soon, late, 0, rest[b, REST_S], rest[b, REST_OPENS], rest[b, REST_CLOSES]
                        )
                        ok = ok and fine
                    took, soon, late, fine = join(took, soon, late, there, work, opens, closes)
                    ok = ok and fine
                    for b in range(split, high):
                        took, soon, late, fine = join(
                            took, soon, late, 0, rest[b, REST_S], rest[b, REST_OPENS], rest[b, REST_CLOSES]
                        )
                        ok = ok and fine
                    took, soon, late, fine = join(
                        took, soon, late, back, at[row, after, BACK], at[row, after, BACK + 1], at[row, after, BACK + 2]
                    )
                    if not (ok and fine):
                        continue
                    cost = cost_m + SCALE * took + int(balance * took * took) - base
                    cost += grace_price * max(soon + took - until, 0)
                    if cost < best:
                        best, best_row, best_gap = cost, row, gap
                        best_place, best_window, best_split = place, k, split - low
    return (best if best_row >= 0 else FAR), best_row, best_gap, best_place, best_window, best_split
