"""What holds while a plan is mended: tasks that change their team and teams on the way are priced alike everywhere."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.patrol.checker import check_plan
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.replanning import Away, Disturbance
from gridmap.domain.patrol.rich.annealing import keep, price_plan
from gridmap.domain.patrol.rich.board import SCALE, SPARED, build_board
from gridmap.domain.patrol.rich.conversion import load_solution, read_solution
from gridmap.domain.patrol.rich.placing import choose_gap
from gridmap.domain.patrol.rich.rows import COST, FAR, LENGTH, ROUTE, build_plan, insert
from gridmap.domain.patrol.rich.slots import Slots
from gridmap.domain.patrol.solver import Effort, solve
from gridmap.domain.patrol.standing import Keep
from gridmap.domain.patrol.verdict import find_violations, price
from tests.replanned_worlds import mend
from tests.rich_worlds import build_rich_problem, draw_solution
from tests.worlds import build_patrol_world, build_rich_world, plan

SEEDS = st.integers(0, 100_000)
ROUNDING_S = 0.05


def build_held_problem(seed: int, *, change_s: int, jobs: int = 10) -> PatrolProblem:
    """A rich problem whose jobs have holders, some of its teams on the way."""
    rng = np.random.default_rng(seed)
    problem = build_rich_problem(seed, jobs=jobs)
    holders: list[int | None] = [*range(len(problem.teams)), None]
    held = tuple(replace(job, holder=holders[int(rng.integers(len(holders)))]) for job in problem.jobs)
    teams = tuple(replace(team, is_out=bool(rng.random() < 0.5)) for team in problem.teams)
    return replace(problem, jobs=held, teams=teams, rules=replace(problem.rules, change_s=change_s))


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from([0, 120, 3000]))
def test_what_changes_its_team_is_priced_as_the_verdict_does(seed: int, change_s: int) -> None:
    problem = build_held_problem(seed, change_s=change_s)
    board = build_board(problem)
    plan = build_plan(board)
    slots = Slots(board, seed=seed)
    slots.open(plan)
    load_solution(problem, board, plan, draw_solution(problem, seed))
    slots.redraw(plan)
    home_s = board.team[:, SPARED].sum() / SCALE
    for job in [-1, *np.flatnonzero(plan.where[:, ROUTE] < 0)[:3].tolist()]:
        for row in range(len(problem.teams) if job >= 0 else 0):
            plan.room[0, :2] = row, plan.row[row, LENGTH]
            before = int(plan.row[row, COST])
            cost, found, gap, place, k, split = choose_gap(board, plan, job, 1, 1, FAR)
            if found >= 0:
                assert insert(board, plan, row, gap, place, k, split)
                assert int(plan.row[row, COST]) - before == pytest.approx(cost, abs=2)
                break
        told = price(problem, read_solution(problem, board, keep(plan))).value
        assert price_plan(board, plan) / SCALE + home_s == pytest.approx(told, abs=ROUNDING_S)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.sampled_from([0, 300]))
def test_a_search_tells_what_its_plan_costs_with_what_changed(seed: int, change_s: int) -> None:
    problem = build_held_problem(seed, change_s=change_s)
    start = draw_solution(problem, seed)
    found = solve(problem, effort=Effort(iterations=150, seed=seed, workers=1), start=start)
    assert find_violations(problem, found) == ()
    assert found.cost == pytest.approx(math.ceil(price(problem, found).value - ROUNDING_S), abs=1)
    assert found.lower_bound <= found.cost
    assert price(problem, found).value <= price(problem, start).value + ROUNDING_S


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_what_is_dear_to_move_stays_with_its_team(seed: int) -> None:
    """Of a plan from which nothing has to move, nothing moves where that costs more than it can gain."""
    problem = build_rich_problem(seed, jobs=10, rich=False)
    start = draw_solution(problem, seed)
    of = {visit.job: route.team for route in start.routes for visit in route.visits}
    held = tuple(replace(job, holder=of.get(at)) for at, job in enumerate(problem.jobs))
    dear = replace(problem, jobs=held, rules=replace(problem.rules, change_s=86_400))
    found = solve(dear, effort=Effort(iterations=150, seed=seed, workers=1), start=start)
    kept = {visit.job: route.team for route in found.routes for visit in route.visits}
    assert {job: kept.get(job) for job in of} == of


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.booleans())
def test_a_mended_plan_keeps_what_is_done_and_uses_no_closed_road(seed: int, is_rich: bool) -> None:
    rng = np.random.default_rng(seed)
    world = (build_rich_world if is_rich else build_patrol_world)(seed % 50)
    document = plan(world, iterations=40)
    keys = [team["key"] for team in document["teams"]]
    at_s = int(rng.integers(28_000, 63_000))
    away = {key: Away(at_s + int(rng.integers(9000)), (112.51, 37.81)) for key in keys if rng.random() < 0.2}
    disturbance = Disturbance(
        at_s=at_s,
        dropped=frozenset(key for key in keys if key not in away and rng.random() < 0.2),
        away=away,
        keep=(Keep.WORK, Keep.NEXT)[int(rng.integers(2))],
        change_s=int(rng.choice([0, 600])),
    )
    used = [step[0] for route in document["routes"] for stop in route["stops"] for step in stop["leg"]["steps"]]
    closed = tuple(rng.choice(used, min(2, len(used)), replace=False).tolist()) if used else ()
    first = mend(world, document, disturbance, closed=closed, iterations=30)
    # And a second time, from the plan that was mended.
    later = Disturbance(at_s=at_s + int(rng.integers(60, 5000)))
    for repair, before, moment in (
        (first, document, disturbance),
        (mend(world, first.document, later, iterations=30), first.document, later),
    ):
        assert check_plan(repair.document, world.truth).violations == ()
        assert find_violations(repair.problem, repair.solution) == ()
        mended = {route["team"]: route for route in repair.document["routes"]}
        for route in before["routes"]:
            done = [stop["tasks"] for stop in route["stops"] if stop["leave_s"] <= moment.at_s]
            assert [stop["tasks"] for stop in mended.get(route["team"], {"stops": []})["stops"]][: len(done)] == done
        ahead = [
            leg
            for route in repair.document["routes"]
            for leg in (route["return"], *(stop["leg"] for stop in route["stops"][route["resumed"]["after"] :]))
        ]
        assert not set(closed) & {step[0] for leg in ahead for step in leg["steps"]}
