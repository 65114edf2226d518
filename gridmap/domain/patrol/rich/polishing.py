"""A route's directions, windows and breaks chosen anew, its order kept."""

from __future__ import annotations

from gridmap.domain.patrol.problem import FORBIDDEN
from gridmap.domain.patrol.rich.board import (
    BACK_COST,
    BACK_S,
    CLOSES,
    FROM,
    HOME,
    OPENS,
    PAUSE,
    PAUSE_END,
    POST,
    PROFILE,
    REST_CLOSES,
    REST_OPENS,
    REST_S,
    SCALE,
    THERE_S,
    UNTIL,
    WALK_COST,
    WAY,
    WAY_END,
    WINDOW,
    WINDOW_END,
    WORK,
    Board,
)
from gridmap.domain.patrol.rich.placing import choose_gap
from gridmap.domain.patrol.rich.rows import (
    AHEAD,
    COST,
    FAR,
    GRACE_PRICE,
    GRACE_S,
    LENGTH,
    OVER,
    PICK,
    PLACE,
    SLOT_CLOSES,
    SLOT_OPENS,
    Plan,
    refresh,
)
from gridmap.domain.roads.compiled import lean

_SWEEPS = 2
_REACH = 2


@lean
def polish(board: Board, plan: Plan, row: int) -> None:
    """Make a feasible row cheaper without moving a stop.

    Directions are chosen together, exactly where nothing but the shift bounds the row; then, where there are windows or
    breaks, each stop and each break for itself; and windows together, exactly, where a stop has several.
    """
    if plan.row[row, LENGTH] == 0:
        return
    breaks = board.team[row, PAUSE_END] - board.team[row, PAUSE]
    ways = windows = 1
    for p in range(1, plan.row[row, LENGTH] + 1):
        job = board.job_of[plan.at[row, p, PLACE]]
        ways = max(ways, board.job[job, WAY_END] - board.job[job, WAY])
        windows = max(windows, board.job[job, WINDOW_END] - board.job[job, WINDOW])
    if ways * windows == 1 and breaks == 0:
        return
    if ways > 1:
        _choose_directions(board, plan, row)
    for _ in range(_SWEEPS):
        before = plan.row[row, COST]
        _choose_options(board, plan, row)
        if windows > 1:
            _choose_windows(board, plan, row)
        for b in range(breaks):
            _move_break(board, plan, row, b, _REACH)
        if plan.row[row, COST] >= before:
            break


@lean
def mend(board: Board, plan: Plan, row: int) -> bool:
    """Move the breaks of an infeasible row until it is feasible; whether that was found."""
    for b in range(board.team[row, PAUSE_END] - board.team[row, PAUSE]):
        if _move_break(board, plan, row, b, plan.row[row, LENGTH]):
            return True
    return False


@lean
def _choose_directions(board: Board, plan: Plan, row: int) -> None:
    """The cheapest ways of all stops together, by the least cost to the end of each stop in each of its ways.

    What a window adds is not seen: the ways are kept only where the row is cheaper with them.
    """
    arcs, site, room = board.arcs, board.site, plan.room
    f, last = board.team[row, PROFILE], plan.row[row, LENGTH] + 1
    half = room.shape[1] // 2
    before, before_count = board.team[row, POST], 1
    room[0, 0] = 0
    for p in range(1, last + 1):
        first, count = board.team[row, HOME], 1
        if p < last:
            job = board.job_of[plan.at[row, p, PLACE]]
            first, count = board.job[job, WAY], board.job[job, WAY_END] - board.job[job, WAY]
        for w in range(count):
            place = first + w
            best, come = FAR, 0
            if p == last or board.fits[row, place]:
                for v in range(before_count):
                    travel = int(arcs[f, place, before + v, BACK_S])
                    if travel < FORBIDDEN and room[p - 1, v] < FAR:
                        cost = room[p - 1, v] + SCALE * travel + arcs[f, place, before + v, BACK_COST]
                        if cost < best:
                            best, come = cost, v
                if best < FAR and p < last:
                    best += SCALE * site[f, place, WORK] + site[f, place, WALK_COST]
            room[p, w], room[p, half + w] = best, come
        before, before_count = first, count
    if room[last, 0] < FAR:
        _take_directions(board, plan, row)


@lean
def _take_directions(board: Board, plan: Plan, row: int) -> None:
    """Turn stops as the labels say, and back where the row is then not cheaper."""
    at, room = plan.at, plan.room
    cost, last, half = plan.row[row, COST], plan.row[row, LENGTH] + 1, plan.room.shape[1] // 2
    w = room[last, half]
    turned = False
    for p in range(last - 1, 0, -1):
        room[p, 0] = at[row, p, PLACE]
        at[row, p, PLACE] = board.job[board.job_of[at[row, p, PLACE]], WAY] + w
        turned = turned or room[p, 0] != at[row, p, PLACE]
        w = room[p, half + w]
    if turned and (not refresh(board, plan, row) or plan.row[row, COST] >= cost):
        for p in range(1, last):
            at[row, p, PLACE] = room[p, 0]
        refresh(board, plan, row)


@lean
def _choose_options(board: Board, plan: Plan, row: int) -> None:
    """Every stop in turn in its best way and window, the others as they are."""
    for p in range(1, plan.row[row, LENGTH] + 1):
        job = board.job_of[plan.at[row, p, PLACE]]
        ways = board.job[job, WAY_END] - board.job[job, WAY]
        if ways * (board.job[job, WINDOW_END] - board.job[job, WINDOW]) == 1:
            continue
        plan.room[0, 0], plan.room[0, 1] = row, p - 1
        _, found, _, place, k, _ = choose_gap(board, plan, job, 1, 2, 0)
        if found >= 0:
            plan.at[row, p, PLACE], plan.at[row, p, PICK] = place, k
            refresh(board, plan, row)


@lean
def _choose_windows(board: Board, plan: Plan, row: int) -> None:
    """The windows of all stops together with which the row takes least time.

    A team that sets out at a given time does best to begin everything as soon as it can. The best time to set out is
    one from which something is reached without waiting just as it opens or closes.
    """
    at, last = plan.at, plan.row[row, LENGTH] + 1
    f, first = board.team[row, PROFILE], board.team[row, PAUSE]
    best = plan.at[row, last, AHEAD] + plan.grace[GRACE_PRICE] * plan.row[row, OVER] // SCALE
    better, driven, b = False, 0, first
    for p in range(last):
        if p > 0:
            place = at[row, p, PLACE]
            job = board.job_of[place]
            driven += board.arcs[f, at[row, p - 1, PLACE], place, THERE_S]
            for k in range(board.job[job, WINDOW], board.job[job, WINDOW_END]):
                for start in (board.window[k, OPENS] - driven, board.window[k, CLOSES] - driven):
                    took = _follow(board, plan, row, start)
                    if took < best:
                        best, better = took, True
                        for q in range(1, last):
                            plan.room[q, 0] = plan.room[q, 1]
            driven += board.site[f, place, WORK]
        while b < board.team[row, PAUSE_END] and plan.pause[row, b - first] <= p:
            for start in (board.rest[b, REST_OPENS] - driven, board.rest[b, REST_CLOSES] - driven):
                took = _follow(board, plan, row, start)
                if took < best:
                    best, better = took, True
                    for q in range(1, last):
                        plan.room[q, 0] = plan.room[q, 1]
            driven += board.rest[b, REST_S]
            b += 1
    if better:
        for p in range(1, last):
            at[row, p, PICK] = plan.room[p, 0]
        refresh(board, plan, row)


@lean
def _follow(board: Board, plan: Plan, row: int, start: int) -> int:
    """Seconds of a row from a start, FAR where too late; each stop in the first window still open, put into `room`."""
    f, first, b = board.team[row, PROFILE], board.team[row, PAUSE], board.team[row, PAUSE]
    start = max(start, board.team[row, FROM])
    now, last = start, plan.row[row, LENGTH] + 1
    for p in range(last):
        if p > 0:
            place = plan.at[row, p, PLACE]
            job, work = board.job_of[place], board.site[f, place, WORK]
            now += board.arcs[f, plan.at[row, p - 1, PLACE], place, THERE_S]
            k, end = board.job[job, WINDOW], board.job[job, WINDOW_END]
            now = max(now, plan.where[job, SLOT_OPENS])
            while k < end and now > board.window[k, CLOSES]:
                k += 1
            if k == end:
                return FAR
            now = max(now, board.window[k, OPENS]) + work
            if now > plan.where[job, SLOT_CLOSES]:
                return FAR
            plan.room[p, 1] = k
        while b < board.team[row, PAUSE_END] and plan.pause[row, b - first] <= p:
            now = max(now, board.rest[b, REST_OPENS])
            if now > board.rest[b, REST_CLOSES]:
                return FAR
            now += board.rest[b, REST_S]
            b += 1
    now += board.arcs[f, plan.at[row, last - 1, PLACE], plan.at[row, last, PLACE], THERE_S]
    over = max(now - board.team[row, UNTIL], 0)
    return int(now - start + plan.grace[GRACE_PRICE] * over // SCALE) if over <= plan.grace[GRACE_S] else FAR


@lean
def _move_break(board: Board, plan: Plan, row: int, b: int, reach: int) -> bool:
    """One break at the best place, at most `reach` stops from where it is; whether the row is feasible then."""
    count = board.team[row, PAUSE_END] - board.team[row, PAUSE]
    here = plan.pause[row, b]
    low = max(here - reach, plan.pause[row, b - 1] if b > 0 else 0)
    high = min(here + reach, plan.pause[row, b + 1] if b + 1 < count else plan.row[row, LENGTH])
    best, best_at = FAR, here
    for at in range(low, high + 1):
        plan.pause[row, b] = at
        if refresh(board, plan, row) and plan.row[row, COST] < best:
            best, best_at = plan.row[row, COST], at
    plan.pause[row, b] = best_at
    return refresh(board, plan, row)
