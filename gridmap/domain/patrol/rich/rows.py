"""Routes being worked on, and what a change of one costs without following it stop by stop.

Every stretch of a route is three numbers: its least duration, and the earliest and latest start that has it. Two such
stretches join in a few additions (Vidal, Crainic, Gendreau and Prins, "A unified solution framework for multi-attribute
vehicle routing problems", 2014), so that with those up to every stop and from every stop on an insertion is priced in
the same time whatever the length. Routes are always feasible, so that nothing is ever late within them, but for their
end while shifts may be overrun.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gridmap.domain.patrol.problem import FORBIDDEN
from gridmap.domain.patrol.rich.board import (
    CLOSES,
    FROM,
    HOME,
    MOST_MM,
    OPENS,
    PAUSE,
    PAUSE_END,
    POST,
    PROFILE,
    REST_CLOSES,
    REST_OPENS,
    REST_S,
    SCALE,
    SPARED,
    THERE_COST,
    THERE_S,
    UNTIL,
    WALK_COST,
    WALK_MM,
    WAY,
    WAY_END,
    WORK,
    Board,
    IntArray,
)
from gridmap.domain.roads.compiled import lean, woven

FAR = 1 << 60
"""More than any cost."""

PLACE, PICK, LEG = range(3)
BARE, AHEAD, BACK = 3, 6, 9
"""Of `at`: place, window, and metre costs to the next; then the stretches from the post to the end of the stop, the
same with the breaks after it, and from the stop to the end of the route: duration, earliest and latest start."""
LENGTH, METRE, WALKED, COST, BUSY, OVER = range(6)
"""Of `row`: stops, metre costs (with those of tasks that left their team), way off the road, all it costs, seconds but
for waiting, and seconds after the end of its shift; an empty row costs nothing, and one that is on the way is counted
beside its way straight home."""
GRACE_S, GRACE_PRICE = range(2)
"""Of `grace`."""
ROUTE, POSITION, SLOT_OPENS, SLOT_CLOSES = range(4)
"""Of `where`: row (-1 for none) and position of a job, and between which times its work begins and ends, by which the
visits of a family are kept apart."""


class Plan(NamedTuple):
    """Row r is the route of team r: its post, L stops, its home.

    Attributes
    ----------
    at
        One for each place of a route, shape (teams, jobs + 2, 12).
    row, where
        One for each team and for each job.
    pause
        For each break of a team how many stops come before it; shape (teams, most breaks).
    grace
        Seconds by which shifts may be overrun for now, and what one of them costs.
    room
        To work in, shape (places of all routes, 2 and most ways).
    """

    at: IntArray
    row: IntArray
    where: IntArray
    pause: IntArray
    grace: IntArray
    room: IntArray


def build_plan(board: Board) -> Plan:
    """A plan in which every team stays at home."""
    teams, jobs = len(board.team), len(board.job)
    breaks = int((board.team[:, PAUSE_END] - board.team[:, PAUSE]).max(initial=1))
    ways = int((board.job[:, WAY_END] - board.job[:, WAY]).max())
    plan = Plan(
        at=np.zeros((teams, jobs + 2, 12), np.int64),
        row=np.zeros((teams, 6), np.int64),
        where=np.tile(np.array([-1, 0, -(1 << 40), 1 << 41], np.int64), (jobs, 1)),
        pause=np.zeros((teams, breaks), np.int64),
        grace=np.zeros(2, np.int64),
        room=np.zeros((3 * (jobs + 2) + 3 * teams, 2 * max(ways, 2)), np.int64),
    )
    for row in range(teams):
        refresh(board, plan, row)
    return plan


@woven
def join(
    took: int, soon: int, late: int, travel: int, took2: int, soon2: int, late2: int
) -> tuple[int, int, int, bool]:
    """Two stretches with a way between them as one, and whether the second is reached in time."""
    at = took + travel
    wait = max(soon2 - late - at, 0)
    return at + took2 + wait, max(soon2 - at, soon) - wait, min(late2 - at, late), soon + at <= late2


@lean
def find_breaks(board: Board, plan: Plan, row: int, place: int) -> tuple[int, int]:
    """First and behind the last of the breaks after so many stops."""
    first, last = board.team[row, PAUSE], board.team[row, PAUSE_END]
    low = first
    while low < last and plan.pause[row, low - first] < place:
        low += 1
    high = low
    while high < last and plan.pause[row, high - first] == place:
        high += 1
    return low, high


@lean
def refresh(board: Board, plan: Plan, row: int) -> bool:
    """Bring everything about a row up to date with its stops, windows and breaks; whether it is feasible."""
    at, rest = plan.at, board.rest
    f, low, high = board.team[row, PROFILE], board.team[row, FROM], board.team[row, UNTIL] + plan.grace[GRACE_S]
    first, end = board.team[row, PAUSE], board.team[row, PAUSE_END]
    last = plan.row[row, LENGTH] + 1
    at[row, 0, PLACE], at[row, last, PLACE], at[row, 0, LEG] = board.team[row, POST], board.team[row, HOME], 0
    plan.row[row, COST] = plan.row[row, WALKED] = plan.row[row, BUSY] = plan.row[row, OVER] = 0
    plan.row[row, METRE] = -board.team[row, SPARED]
    for part in (BARE, AHEAD):
        at[row, 0, part], at[row, 0, part + 1], at[row, 0, part + 2] = 0, low, high
    at[row, last, BACK], at[row, last, BACK + 1], at[row, last, BACK + 2] = 0, low, high
    if last == 1:
        for b in range(end - first):
            plan.pause[row, b] = 0
        return True
    b, before, metre, walked, ok = first, board.team[row, POST], plan.row[row, METRE], 0, True
    took, soon, late, busy = 0, low, high, 0
    for p in range(last + 1):
        if p > 0:
            place = at[row, p, PLACE]
            travel = int(board.arcs[f, before, place, THERE_S])
            leg = int(board.arcs[f, before, place, THERE_COST])
            at[row, p - 1, LEG] = leg
            metre += leg
            ok = ok and travel < FORBIDDEN
            before = place
            work, opens, closes = 0, low, high
            if p < last:
                job, k, work = board.job_of[place], at[row, p, PICK], board.site[f, place, WORK]
                plan.where[job, ROUTE], plan.where[job, POSITION] = row, p
                opens = max(board.window[k, OPENS], plan.where[job, SLOT_OPENS])
                closes = min(board.window[k, CLOSES], plan.where[job, SLOT_CLOSES] - work)
                metre += board.site[f, place, WALK_COST] + board.moved[row, place]
                walked += board.site[f, place, WALK_MM]
            busy += travel + work
            took, soon, late, fine = join(took, soon, late, travel, work, opens, closes)
            ok = ok and fine and opens <= closes
        at[row, p, BARE], at[row, p, BARE + 1], at[row, p, BARE + 2] = took, soon, late
        if p < last:
            while b < end and plan.pause[row, b - first] <= p:
                took, soon, late, fine = join(
                    took, soon, late, 0, rest[b, REST_S], rest[b, REST_OPENS], rest[b, REST_CLOSES]
                )
                ok = ok and fine
                busy += rest[b, REST_S]
                b += 1
        at[row, p, AHEAD], at[row, p, AHEAD + 1], at[row, p, AHEAD + 2] = took, soon, late
    plan.row[row, METRE], plan.row[row, WALKED], plan.row[row, BUSY] = metre, walked, busy
    plan.row[row, OVER] = over = max(soon + took - board.team[row, UNTIL], 0)
    plan.row[row, COST] = metre + SCALE * took + int(board.balance * took * took) + plan.grace[GRACE_PRICE] * over
    _sweep_back(board, plan, row)
    return ok and b == end and walked <= board.team[row, MOST_MM]


@lean
def _sweep_back(board: Board, plan: Plan, row: int) -> None:
    at, rest = plan.at, board.rest
    f, last = board.team[row, PROFILE], plan.row[row, LENGTH] + 1
    took, soon, late = 0, board.team[row, FROM], board.team[row, UNTIL] + plan.grace[GRACE_S]
    first, b = board.team[row, PAUSE], board.team[row, PAUSE_END] - 1
    for p in range(last - 1, 0, -1):
        place = at[row, p, PLACE]
        travel = int(board.arcs[f, place, at[row, p + 1, PLACE], THERE_S])
        while b >= first and plan.pause[row, b - first] >= p:
            took, soon, late, _ = join(
                rest[b, REST_S], rest[b, REST_OPENS], rest[b, REST_CLOSES], travel, took, soon, late
            )
            travel = 0
            b -= 1
        job, k, work = board.job_of[place], at[row, p, PICK], board.site[f, place, WORK]
        opens = max(board.window[k, OPENS], plan.where[job, SLOT_OPENS])
        closes = min(board.window[k, CLOSES], plan.where[job, SLOT_CLOSES] - work)
        took, soon, late, _ = join(work, opens, closes, travel, took, soon, late)
        at[row, p, BACK], at[row, p, BACK + 1], at[row, p, BACK + 2] = took, soon, late


@lean
def insert(board: Board, plan: Plan, row: int, gap: int, place: int, k: int, split: int) -> bool:
    """Put a stop between positions `gap` and the next, the first `split` of the breaks there staying before it."""
    at = plan.at
    for p in range(plan.row[row, LENGTH], gap, -1):
        at[row, p + 1, PLACE], at[row, p + 1, PICK] = at[row, p, PLACE], at[row, p, PICK]
    at[row, gap + 1, PLACE], at[row, gap + 1, PICK] = place, k
    plan.row[row, LENGTH] += 1
    for b in range(board.team[row, PAUSE_END] - board.team[row, PAUSE]):
        if plan.pause[row, b] > gap or (plan.pause[row, b] == gap and split <= 0):
            plan.pause[row, b] += 1
        elif plan.pause[row, b] == gap:
            split -= 1
    return refresh(board, plan, row)


@lean
def price_without(board: Board, plan: Plan, row: int, place: int) -> int:
    """What a row costs without the stop at a position, the breaks after it taken after the one before."""
    at, rest, length = plan.at, board.rest, plan.row[row, LENGTH]
    if length == 1:
        return 0
    f, before, after = board.team[row, PROFILE], at[row, place - 1, PLACE], at[row, place + 1, PLACE]
    travel = int(board.arcs[f, before, after, THERE_S])
    low, _ = find_breaks(board, plan, row, place - 1)
    _, high = find_breaks(board, plan, row, place)
    took, soon, late = at[row, place - 1, BARE], at[row, place - 1, BARE + 1], at[row, place - 1, BARE + 2]
    ok = travel < FORBIDDEN
    for b in range(low, high):
        took, soon, late, fine = join(took, soon, late, 0, rest[b, REST_S], rest[b, REST_OPENS], rest[b, REST_CLOSES])
        ok = ok and fine
    then, opens, closes = at[row, place + 1, BACK], at[row, place + 1, BACK + 1], at[row, place + 1, BACK + 2]
    took, soon, late, fine = join(took, soon, late, travel, then, opens, closes)
    metre = (
        plan.row[row, METRE] - at[row, place - 1, LEG] - at[row, place, LEG] + board.arcs[f, before, after, THERE_COST]
    )
    left = at[row, place, PLACE]
    metre -= board.site[f, left, WALK_COST] + board.moved[row, left]
    metre += plan.grace[GRACE_PRICE] * max(soon + took - board.team[row, UNTIL], 0)
    return int(metre + SCALE * took + int(board.balance * took * took)) if ok and fine else FAR


@lean
def remove(board: Board, plan: Plan, row: int, place: int) -> bool:
    """Take the stop at a position out, the breaks after it taken after the one before."""
    at, length = plan.at, plan.row[row, LENGTH]
    plan.where[board.job_of[at[row, place, PLACE]], ROUTE] = -1
    for p in range(place, length):
        at[row, p, PLACE], at[row, p, PICK] = at[row, p + 1, PLACE], at[row, p + 1, PICK]
    for b in range(board.team[row, PAUSE_END] - board.team[row, PAUSE]):
        if plan.pause[row, b] >= place:
            plan.pause[row, b] -= 1
    plan.row[row, LENGTH] = length - 1
    return refresh(board, plan, row)


@lean
def empty(board: Board, plan: Plan, row: int) -> None:
    """Leave a team at home."""
    for p in range(1, plan.row[row, LENGTH] + 1):
        plan.where[board.job_of[plan.at[row, p, PLACE]], ROUTE] = -1
    plan.row[row, LENGTH] = 0
    refresh(board, plan, row)
