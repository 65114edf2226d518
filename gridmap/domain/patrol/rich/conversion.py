"""Solutions as rows to work on, and rows as solutions."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.rich.annealing import Kept, take
from gridmap.domain.patrol.rich.board import CLOSES, FAMILY, OPENS, PAUSE, PAUSE_END, WAY, WINDOW, WINDOW_END, Board
from gridmap.domain.patrol.rich.placing import choose_gap
from gridmap.domain.patrol.rich.rows import (
    FAR,
    LENGTH,
    PICK,
    PLACE,
    SLOT_CLOSES,
    SLOT_OPENS,
    Plan,
    build_plan,
    empty,
    insert,
    refresh,
)
from gridmap.domain.patrol.rich.slots import time_row
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.patrol.timetable import StopTime, time_route


def read_solution(problem: PatrolProblem, board: Board, kept: Kept) -> Solution:
    """Routes of rows that were kept, each setting out as early as costs nothing."""
    plan = build_plan(board)
    take(board, plan, kept)
    begin, end = np.zeros(len(board.job), np.int64), np.zeros(len(board.job), np.int64)
    places, posts = problem.places(), len(problem.posts)
    routes = []
    for row in np.flatnonzero(plan.row[:, LENGTH]).tolist():
        start_s = time_row(board, plan, row, begin, end)
        last = int(plan.row[row, LENGTH]) + 1
        visits = []
        for p in range(1, last):
            job, way = places[int(plan.at[row, p, PLACE]) - posts]
            # Only visits of a family have to be kept from beginning as soon as they can.
            visits.append(Visit(job, way, int(begin[job]) if board.job[job, FAMILY] >= 0 else 0))
        pauses = plan.pause[row, : board.team[row, PAUSE_END] - board.team[row, PAUSE]]
        routes.append(TeamRoute(row, start_s, tuple(visits), tuple(pauses.tolist())))
    return Solution(tuple(routes))


def load_solution(problem: PatrolProblem, board: Board, plan: Plan, solution: Solution) -> None:
    """Make an empty plan what a solution says, without what does not fit: it may be one of another day or fleet.

    Visits of a family are held at their times; `Slots.redraw` lets them go.
    """
    routes = {route.team: route for route in reversed(solution.routes) if 0 <= route.team < len(problem.teams)}
    timed = {team: _time_visits(problem, board, route) for team, route in sorted(routes.items())}
    dropped = _find_dropped(problem, timed)
    for team, visits in timed.items():
        kept = [(visit, stop) for visit, stop in visits if (team, visit.job) not in dropped]
        for visit, stop in kept:
            if board.job[visit.job, FAMILY] >= 0:
                plan.where[visit.job, SLOT_OPENS], plan.where[visit.job, SLOT_CLOSES] = stop.start_s, stop.leave_s
        _load_row(board, plan, team, kept, routes[team].breaks)


def _time_visits(problem: PatrolProblem, board: Board, route: TeamRoute) -> list[tuple[Visit, StopTime]]:
    """The visits that the team can do at all, as they are timed without the others."""
    known = [
        visit
        for visit in route.visits
        if 0 <= visit.job < len(problem.jobs)
        and 0 <= visit.way < len(problem.jobs[visit.job].ways)
        and board.fits[route.team, board.job[visit.job, WAY] + visit.way]
    ]
    table = time_route(problem, TeamRoute(route.team, route.start_s, tuple(known), route.breaks))
    return list(zip(known, table.stops, strict=True))


def _find_dropped(problem: PatrolProblem, timed: dict[int, list[tuple[Visit, StopTime]]]) -> set[tuple[int, int]]:
    """(team, job) of visits to a job that another team sees too, or too close after another of the family."""
    dropped: set[tuple[int, int]] = set()
    seen: set[int] = set()
    families: dict[int, list[tuple[StopTime, int, int]]] = defaultdict(list)
    for team, visits in timed.items():
        for visit, stop in visits:
            family = problem.jobs[visit.job].family
            if visit.job in seen:
                dropped.add((team, visit.job))
            elif family is not None:
                families[family].append((stop, team, visit.job))
            seen.add(visit.job)
    for members in families.values():
        free_from: int | None = None
        for stop, team, job in sorted(members, key=lambda member: member[0].start_s):
            if free_from is not None and stop.start_s < free_from:
                dropped.add((team, job))
                continue
            free_from = stop.leave_s + max(problem.jobs[other].spacing_s for _, _, other in members)
    return dropped


def _load_row(
    board: Board, plan: Plan, row: int, visits: list[tuple[Visit, StopTime]], breaks: tuple[int, ...]
) -> None:
    """A row as it was, or where that is not feasible all of its stops in order that fit one after the other."""
    count = int(board.team[row, PAUSE_END] - board.team[row, PAUSE])
    for p, (visit, stop) in enumerate(visits, start=1):
        plan.at[row, p, PLACE] = board.job[visit.job, WAY] + visit.way
        plan.at[row, p, PICK] = _find_window(board, visit.job, stop.start_s)
    plan.row[row, LENGTH] = len(visits)
    pauses = [min(at, len(visits)) for at in breaks[:count]]
    plan.pause[row, :count] = sorted([*pauses, *[len(visits)] * (count - len(pauses))])
    if refresh(board, plan, row):
        return
    empty(board, plan, row)
    for visit, _ in visits:
        plan.room[0, :2] = row, plan.row[row, LENGTH]
        _, found, gap, place, k, split = choose_gap(board, plan, visit.job, 1, 1, FAR)
        if found >= 0:
            insert(board, plan, row, gap, place, k, split)


def _find_window(board: Board, job: int, at_s: int) -> int:
    """The window that a start lies in, else the first."""
    first, end = int(board.job[job, WINDOW]), int(board.job[job, WINDOW_END])
    inside = (board.window[first:end, OPENS] <= at_s) & (at_s <= board.window[first:end, CLOSES])
    return first + int(np.argmax(inside))
