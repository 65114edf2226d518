"""The search of the rich model beside PyVRP on the same problem and seconds, and plans repaired in two seconds.

Ours uses both cores; PyVRP knows one, so that two seeds of it run side by side and the better one counts. What is done
is kept in `build/rich_bench.json`; a run that was broken off goes on where it was. All of it takes hours.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.rich.warming import compile_planner
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.solver import Effort, solve
from gridmap.domain.patrol.verdict import find_violations, price
from gridmap.domain.roads.graph import RoadNetwork
from tests.bench.figures import Board, Figure
from tests.bench.peer_rich import solve_with_pyvrp
from tests.bench.rich_instances import (
    DRAWS,
    Draw,
    build_instance,
    draw_closures,
    least_work_s,
    leave_out_last,
    read_network,
)
from tests.bench.rich_results import Duel, Duels

KEPT = Path(__file__).parents[2] / "build" / "rich_bench.json"
PLACES = ("liechtenstein", "county")
SEEDS = (1, 2, 3)
LARGEST_RATIO = 0.98
REPLANS = (Draw(100, 510, 0.6), Draw(101, 510, 0.7))
NEW_HAZARDS, CLOSURES = 10, 5
REPLAN_S, COLD_S = 2.0, 60.0
LARGEST_REPLAN = 1.01


@pytest.fixture(scope="module")
def duels() -> Iterator[Duels]:
    """Duels of this and of earlier runs; the table is printed, and written beside them."""
    kept = Duels(KEPT)
    compile_planner()
    yield kept
    table = kept.draw_table()
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.with_suffix(".md").write_text(table, encoding="utf-8")
    print(f"\n{table}")


@pytest.fixture(scope="module", params=PLACES)
def roads(request: pytest.FixtureRequest, realdata: Path) -> tuple[str, RoadNetwork]:
    """A place and its roads."""
    return request.param, read_network(request.param, realdata)


def weigh(problem: PatrolProblem, solution: Solution) -> tuple[float, int]:
    """Objective without the work of what is served, each job's on its cheapest way; and how many jobs are left out."""
    assert find_violations(problem, solution) == ()
    served = {visit.job for route in solution.routes for visit in route.visits}
    work_s = sum(least_work_s(problem.jobs[job]) for job in served)
    return price(problem, solution).value - work_s, len(problem.jobs) - len(served)


def solve_peers(problem: PatrolProblem, seconds: float, seed: int) -> list[Solution]:
    """Two seeds of PyVRP side by side."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        # Started beforehand, so that importing takes none of their time.
        list(pool.map(int, (1, 2)))
        runs = [pool.submit(solve_with_pyvrp, problem, seconds, 2 * seed + number) for number in (0, 1)]
        return [run.result() for run in runs]


@pytest.mark.bench
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seconds", [10.0, 60.0])
def test_better_than_two_seeds_of_pyvrp(roads: tuple[str, RoadNetwork], duels: Duels, seconds: float) -> None:
    place, network = roads
    for seed in SEEDS:
        for draw in DRAWS:
            if (place, draw.name, seconds, seed) in duels:
                continue
            problem = build_instance(network, draw)
            found = solve(problem, effort=Effort(seconds=seconds, seed=seed))
            ours, left_out = weigh(problem, found)
            peers = [weigh(problem, peer) for peer in solve_peers(problem, seconds, seed)]
            values, missing = zip(*peers, strict=True)
            gap = 1 - found.lower_bound / found.cost
            duels.add(Duel(place, draw.name, seconds, seed, ours, values, left_out, missing, gap))
    assert np.mean(duels.ratios(place, seconds)) <= LARGEST_RATIO


@pytest.mark.bench
@pytest.mark.timeout(0)
def test_a_plan_is_repaired_in_two_seconds(roads: tuple[str, RoadNetwork], board: Board) -> None:
    """Roads close, a team drops out and new hazards come in: two seconds against a minute from nothing."""
    place, network = roads
    compile_planner()
    figures = []
    for draw in REPLANS:
        before = leave_out_last(build_instance(network, draw), NEW_HAZARDS)
        closed = draw_closures(network, CLOSURES, draw.seed)
        after = build_instance(network, draw, closed=closed)
        after = replace(after, teams=after.teams[:-1])
        plan = solve(before, effort=Effort(seconds=COLD_S, seed=1))
        repaired = solve(after, effort=Effort(seconds=REPLAN_S, seed=1), start=plan)
        cold = solve(after, effort=Effort(seconds=COLD_S, seed=1))
        assert find_violations(after, repaired) == ()
        ratio = price(after, repaired).value / price(after, cold).value
        figures.append(Figure(f"{place} {draw.name}: repaired / cold", LARGEST_REPLAN, ratio, ""))
    board.check(*figures)
