"""What holds for every patrol search: prices are exact, plans are feasible, bounds are below, runs repeat."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.patrol.fitting import keep_feasible
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.rich.annealing import build_scratch, set_grace
from gridmap.domain.patrol.rich.board import SCALE, WINDOW, WINDOW_END, build_board
from gridmap.domain.patrol.rich.bound import LowerBound
from gridmap.domain.patrol.rich.conversion import load_solution
from gridmap.domain.patrol.rich.placing import choose_gap
from gridmap.domain.patrol.rich.polishing import polish
from gridmap.domain.patrol.rich.rows import (
    COST,
    FAR,
    GRACE_PRICE,
    LENGTH,
    OVER,
    PICK,
    PLACE,
    ROUTE,
    SLOT_CLOSES,
    SLOT_OPENS,
    Plan,
    build_plan,
    insert,
    price_without,
    remove,
)
from gridmap.domain.patrol.rich.slots import Slots
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.patrol.solver import Effort, solve
from gridmap.domain.patrol.timetable import time_route
from gridmap.domain.patrol.verdict import find_violations, mean_shift_s, price
from gridmap.errors import Cancelled
from tests.rich_worlds import build_rich_problem, draw_solution

SEEDS = st.integers(0, 100_000)
ROUNDING_S = 0.02
NEVER_WAITING_S = 10_000_000


def price_route(problem: PatrolProblem, route: TeamRoute) -> float:
    """Least cost of a route over every start, infinite where none is feasible; the spacing of visits is not looked at.

    The end is the largest of straight lines in the start, so that the best start is the first of the shift or one from
    which a window or a break is reached the moment it opens or closes.
    """
    team = problem.teams[route.team]
    late = time_route(problem, replace(route, start_s=NEVER_WAITING_S))
    starts = {team.shift_start_s}
    for visit, stop in zip(route.visits, late.stops, strict=True):
        times = itertools.chain(*problem.jobs[visit.job].windows_s)
        starts |= {time - stop.start_s + NEVER_WAITING_S for time in times}
    for pause, rest in zip(team.breaks, late.rests, strict=False):
        starts |= {time - rest.start_s + NEVER_WAITING_S for time in (pause.earliest_s, pause.latest_s)}
    lone = replace(problem, jobs=tuple(replace(job, priority=0, family=None) for job in problem.jobs))
    trials = [Solution((replace(route, start_s=max(start, team.shift_start_s)),)) for start in starts]
    return min((price(lone, trial).value for trial in trials if not find_violations(lone, trial)), default=math.inf)


def hold_windows(problem: PatrolProblem, plan: Plan, row: int, picks: dict[tuple[int, int], int]) -> PatrolProblem:
    """The problem with the one window in which each job is done, cut to its slot as for the work of a row's team."""
    board = build_board(problem)
    profile = problem.profile_of(problem.teams[row])
    jobs = list(problem.jobs)
    for (number, way), k in picks.items():
        approach = jobs[number].ways[way].approaches[profile]
        opens = max(int(board.window[k, 0]), int(plan.where[number, SLOT_OPENS]))
        closes = min(
            int(board.window[k, 1]), int(plan.where[number, SLOT_CLOSES]) - (approach.work_s if approach else 0)
        )
        jobs[number] = replace(jobs[number], windows_s=((opens, closes),) if opens <= closes else ((-1, -1),))
    return replace(problem, jobs=tuple(jobs))


def load(problem: PatrolProblem, seed: int) -> Plan:
    """A random feasible plan as rows."""
    board = build_board(problem)
    plan = build_plan(board)
    slots = Slots(board, seed=seed)
    slots.open(plan)
    load_solution(problem, board, plan, draw_solution(problem, seed))
    slots.redraw(plan)
    return plan


def read_row(problem: PatrolProblem, plan: Plan, row: int) -> tuple[list[Visit], list[int], dict[tuple[int, int], int]]:
    """Visits of a row, its breaks, and the window that each job is done in."""
    places, posts = problem.places(), len(problem.posts)
    stops = plan.at[row, 1 : plan.row[row, LENGTH] + 1]
    visits = [Visit(*places[place - posts]) for place in stops[:, PLACE]]
    breaks = plan.pause[row, : len(problem.teams[row].breaks)].tolist()
    return visits, breaks, {(v.job, v.way): int(k) for v, k in zip(visits, stops[:, PICK], strict=True)}


def try_insertions(problem: PatrolProblem, plan: Plan, row: int, gap: int, job: int) -> Iterator[float]:
    """Cost of the row with a job in a gap, for every way, window and choice of which breaks there come before it."""
    board = build_board(problem)
    visits, breaks, picks = read_row(problem, plan, row)
    profile, team = problem.profile_of(problem.teams[row]), problem.teams[row]
    there = [b for b, at in enumerate(breaks) if at == gap]
    windows = range(int(board.job[job, WINDOW]), int(board.job[job, WINDOW_END]))
    for way, k, split in itertools.product(range(len(problem.jobs[job].ways)), windows, range(len(there) + 1)):
        if problem.jobs[job].ways[way].approaches[profile] is None or not problem.jobs[job].skills <= team.skills:
            continue
        moved = tuple(at + 1 if at > gap or b in there[split:] else at for b, at in enumerate(breaks))
        route = TeamRoute(row, 0, (*visits[:gap], Visit(job, way), *visits[gap:]), moved)
        held = hold_windows(problem, plan, row, {**picks, (job, way): k})
        yield price_route(held, route)


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_an_insertion_is_priced_as_following_the_route_does(seed: int) -> None:
    problem = build_rich_problem(seed)
    plan, board = load(problem, seed), build_board(problem)
    for job in np.flatnonzero(plan.where[:, ROUTE] < 0)[:2].tolist():
        for row in range(len(problem.teams)):
            for gap in range(int(plan.row[row, LENGTH]) + 1):
                plan.room[0, :2] = row, gap
                cost, found, *_ = choose_gap(board, plan, job, 1, 1, FAR)
                expected = min(try_insertions(problem, plan, row, gap, job), default=math.inf)
                if math.isinf(expected):
                    assert found == -1
                else:
                    assert (cost + plan.row[row, COST]) / SCALE == pytest.approx(expected, abs=ROUNDING_S)


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_a_row_costs_what_its_route_does_before_and_after_polishing(seed: int) -> None:
    problem = build_rich_problem(seed)
    plan, board = load(problem, seed), build_board(problem)
    for row in np.flatnonzero(plan.row[:, LENGTH]).tolist():
        before = int(plan.row[row, COST])
        for _ in range(2):
            visits, breaks, picks = read_row(problem, plan, row)
            route = TeamRoute(row, 0, tuple(visits), tuple(breaks))
            expected = price_route(hold_windows(problem, plan, row, picks), route)
            assert plan.row[row, COST] / SCALE == pytest.approx(expected, abs=ROUNDING_S)
            polish(board, plan, row)
        assert plan.row[row, COST] <= before


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_a_stop_less_is_priced_as_taking_it_out_does(seed: int) -> None:
    problem = build_rich_problem(seed)
    board, held = build_board(problem), load(problem, seed)
    for row in np.flatnonzero(held.row[:, LENGTH]).tolist():
        for place in range(1, int(held.row[row, LENGTH]) + 1):
            plan = Plan(*(part.copy() for part in held))
            cost = price_without(board, plan, row, place)
            assert remove(board, plan, row, place) == (cost < FAR)
            if cost < FAR:
                assert plan.row[row, COST] == cost


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_a_shift_overrun_costs_its_price_and_is_as_long_as_its_route_says(seed: int) -> None:
    problem = build_rich_problem(seed, jobs=16)
    board, held = build_board(problem), load(problem, seed)
    bare = held.row[:, COST].copy()
    set_grace(board, held, build_scratch(board, held), 3600, 7 * SCALE)
    assert held.row[:, COST].tolist() == bare.tolist()
    for job in np.flatnonzero(held.where[:, ROUTE] < 0).tolist():
        for row, crew in enumerate(problem.teams):
            plan = Plan(*(part.copy() for part in held))
            length = int(plan.row[row, LENGTH])
            plan.room[: length + 1, 0], plan.room[: length + 1, 1] = row, range(length + 1)
            cost, found, gap, place, k, split = choose_gap(board, plan, job, length + 1, 1, FAR)
            if found < 0:
                continue
            assert insert(board, plan, row, gap, place, k, split)
            assert plan.row[row, COST] == held.row[row, COST] + cost
            visits, breaks, picks = read_row(problem, plan, row)
            longer = replace(crew, shift_end_s=crew.shift_end_s + 3600, latest_return_s=crew.back_by_s + 3600)
            held_to = hold_windows(problem, plan, row, picks)
            table = time_route(held_to, TeamRoute(row, crew.shift_start_s, tuple(visits), tuple(breaks)))
            over_s = max(table.end_s - crew.back_by_s, 0)
            assert plan.row[row, OVER] == over_s
            teams = tuple(longer if number == row else other for number, other in enumerate(problem.teams))
            # What is fair is measured by shifts as they are.
            fair = problem.rules.balance * mean_shift_s(replace(held_to, teams=teams)) / mean_shift_s(problem)
            rules = replace(problem.rules, balance=fair)
            expected = price_route(
                replace(held_to, teams=teams, rules=rules), TeamRoute(row, 0, tuple(visits), tuple(breaks))
            )
            penalty = plan.grace[GRACE_PRICE] * over_s
            assert (plan.row[row, COST] - penalty) / SCALE == pytest.approx(expected, abs=ROUNDING_S)
            polish(board, plan, row)
            after = int(plan.row[row, COST])
            assert after <= held.row[row, COST] + cost
            without = price_without(board, plan, row, 1)
            assert remove(board, plan, row, 1) == (without < FAR)
            assert without in {FAR, plan.row[row, COST]}


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 14), st.booleans())
def test_what_is_found_breaks_nothing_and_costs_what_is_said(seed: int, jobs: int, rich: bool) -> None:
    problem = build_rich_problem(seed, jobs=jobs, rich=rich)
    found = solve(problem, effort=Effort(iterations=150, seed=seed, workers=1))
    assert find_violations(problem, found) == ()
    assert found.cost == pytest.approx(math.ceil(price(problem, found).value - ROUNDING_S), abs=1)
    assert found.lower_bound <= found.cost


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_bound_is_below_every_feasible_plan(seed: int) -> None:
    problem = build_rich_problem(seed, jobs=8 + 6 * (seed % 3), priority_s=(500, 3_000, 20_000)[seed % 3])
    bound = LowerBound(build_board(problem))
    for _ in range(4):
        bound.improve()
    for draw in range(5):
        assert bound.value <= price(problem, draw_solution(problem, draw)).value + ROUNDING_S


def find_optimum(problem: PatrolProblem) -> float:
    """Least cost of all plans without families, by trying all of them."""
    count = len(problem.jobs)
    best: list[dict[frozenset[int], float]] = []
    for team, crew in enumerate(problem.teams):
        costs: dict[frozenset[int], float] = {frozenset(): 0.0}
        for size in range(1, count + 1):
            for order in itertools.permutations(range(count), size):
                ways = itertools.product(*(range(len(problem.jobs[job].ways)) for job in order))
                pauses = list(itertools.combinations_with_replacement(range(size + 1), len(crew.breaks)))
                for flips, breaks in itertools.product(ways, pauses):
                    visits = tuple(Visit(job, way) for job, way in zip(order, flips, strict=True))
                    cost = price_route(problem, TeamRoute(team, 0, visits, breaks))
                    key = frozenset(order)
                    costs[key] = min(costs.get(key, math.inf), cost)
        best.append(costs)
    prizes = [job.priority * problem.rules.priority_s for job in problem.jobs]
    totals = []
    for one, other in itertools.product(best[0], best[1]):
        if not one & other:
            left = sum(prizes[job] for job in range(count) if job not in one | other)
            totals.append(best[0][one] + best[1][other] + left)
    return min(totals)


@pytest.mark.parametrize(
    ("rich", "seeds", "hard"),
    [
        # What is found for this one is 0.6 % dearer than it could be, with ten times the steps too.
        (False, range(25), {7}),
        # The last ones want two jobs put in at a loss, or three moved to another team, or two windows chosen together.
        (True, [*range(25), 36, 43, 139, 250], set()),
    ],
)
def test_small_problems_are_solved_to_the_optimum(rich: bool, seeds: Iterable[int], hard: set[int]) -> None:
    missed = set()
    for seed in seeds:
        problem = build_rich_problem(seed, jobs=3, teams=2, rich=rich, priority_s=3_000)
        found = solve(problem, effort=Effort(iterations=300, seed=seed, workers=1))
        optimum = find_optimum(problem)
        assert optimum - ROUNDING_S <= price(problem, found).value
        assert found.lower_bound <= optimum + ROUNDING_S
        if price(problem, found).value > optimum + ROUNDING_S:
            missed.add(seed)
    assert missed <= hard


@settings(max_examples=6, deadline=None)
@given(SEEDS)
def test_the_same_seed_gives_the_same_plan(seed: int) -> None:
    problem = build_rich_problem(seed, jobs=12)
    effort = Effort(iterations=200, seed=seed, workers=2)
    assert solve(problem, effort=effort) == solve(problem, effort=effort)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from([(1, 12), (400, 12), (400, 40)]))
def test_a_warm_start_is_never_made_worse(seed: int, size: tuple[int, int]) -> None:
    iterations, jobs = size
    problem = build_rich_problem(seed, jobs=jobs)
    start = draw_solution(problem, seed)
    found = solve(problem, effort=Effort(iterations=iterations, seed=seed, workers=1), start=start)
    assert find_violations(problem, found) == ()
    assert price(problem, found).value <= price(problem, start).value + ROUNDING_S


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_one_more_team_is_never_worse_after_a_warm_start(seed: int) -> None:
    problem = build_rich_problem(seed, jobs=10, teams=4, rich=False)
    fewer = replace(problem, teams=problem.teams[:3])
    effort = Effort(iterations=60, seed=seed, workers=1)
    before = solve(fewer, effort=effort)
    after = solve(problem, effort=effort, start=before)
    assert price(problem, after).value <= price(fewer, before).value + ROUNDING_S


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_a_start_of_another_day_is_taken_as_far_as_it_is_feasible(seed: int) -> None:
    other = build_rich_problem(seed + 1, jobs=14, teams=5)
    problem = build_rich_problem(seed, jobs=10)
    found = solve(problem, effort=Effort(iterations=5, seed=1, workers=1), start=draw_solution(other, seed))
    assert find_violations(problem, found) == ()


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_of_a_plan_that_is_feasible_everything_is_kept(seed: int) -> None:
    problem = build_rich_problem(seed, jobs=12)
    start = draw_solution(problem, seed)
    assert keep_feasible(problem, start) == start


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.integers(1, 4))
def test_a_cancelled_search_keeps_the_best(seed: int, calls: int) -> None:
    problem = build_rich_problem(seed, jobs=12)
    count = itertools.count(1)

    def cancel(share: float, step: str) -> None:
        if next(count) == calls:
            raise Cancelled("")

    found = solve(problem, effort=Effort(iterations=2000, seed=1, workers=2), progress=cancel)
    assert found.stopped_early
    assert find_violations(problem, found) == ()
    staying = price(problem, Solution(())).value
    assert price(problem, found).value <= staying


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_slots_drawn_anew_leave_every_row_feasible_and_no_dearer(seed: int) -> None:
    problem = build_rich_problem(seed)
    board, plan = build_board(problem), load(problem, seed)
    slots = Slots(board, seed=seed)
    for _ in range(5):
        before = plan.row[:, COST].copy()
        # It raises where a row becomes infeasible.
        slots.redraw(plan)
        assert (plan.row[:, COST] <= before).all()


def test_a_search_tells_how_far_it_is() -> None:
    shares: list[float] = []
    solve(
        build_rich_problem(5),
        effort=Effort(iterations=300, workers=1),
        progress=lambda share, step: shares.append(share),
    )
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
