"""The search of the rich model beside PyVRP on the same problem and seconds, and plans repaired in two seconds.

Ours uses two cores; PyVRP knows one, so that two seeds of it, each with penalties of its own, run side by side and the
better one counts. Each side has the same seconds of the processor on each core, so that what else a machine does takes
nothing from either. What is done is kept in `build/rich_ours.json` and `build/rich_pyvrp.json`: a run that was broken
off goes on where it was, and without the first file ours alone is run again. All of it takes hours.
"""

from __future__ import annotations

import itertools
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.rich.effort import Effort
from gridmap.domain.patrol.rich.search import search
from gridmap.domain.patrol.rich.warming import compile_planner
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.verdict import find_violations, price
from gridmap.domain.progress import silent
from gridmap.domain.roads.graph import RoadNetwork
from tests.bench.figures import Board, Figure
from tests.bench.peer_rich import DEAREST_LATE, solve_with_pyvrp
from tests.bench.rich_instances import (
    DRAWS,
    Draw,
    build_instance,
    draw_closures,
    least_work_s,
    leave_out_last,
    read_network,
)
from tests.bench.rich_results import Kept, Key, Outcome, draw_table, match, mean

BUILD = Path(__file__).parents[2] / "build"
PLACES = ("liechtenstein", "county")
SEEDS = (1, 2, 3)
CORES = 2
LARGEST_RATIO = 0.98
REPLANS = (Draw(100, 510, 0.6), Draw(101, 510, 0.7))
NEW_HAZARDS, CLOSURES = 10, 5
REPLAN_S, COLD_S = 2.0, 60.0
LARGEST_REPLAN = 1.01


@cache
def read_roads(place: str, realdata: Path) -> RoadNetwork:
    """The roads of a place, read once."""
    return read_network(place, realdata)


def search_for(
    problem: PatrolProblem, *, seconds: float, seed: int, start: Solution | None = None, workers: int = CORES
) -> Solution:
    """Ours after so many seconds of the processor on each core."""

    def clock() -> float:
        return time.process_time() / workers

    effort = Effort(seconds=seconds, seed=seed, workers=workers)
    return search(problem, effort=effort, progress=silent, clock=clock, start=start)


def weigh(problem: PatrolProblem, solution: Solution) -> Outcome:
    """The objective without the work of what is served, and what is left out."""
    assert find_violations(problem, solution) == ()
    served = {visit.job for route in solution.routes for visit in route.visits}
    cost = price(problem, solution)
    value = cost.value - sum(least_work_s(problem.jobs[job]) for job in served)
    return Outcome(
        value=value,
        travel=value - cost.unserved_s,
        left_out=len(problem.jobs) - len(served),
        priority=sum(job.priority for number, job in enumerate(problem.jobs) if number not in served),
        gap=1 - solution.lower_bound / solution.cost if solution.cost else 0.0,
    )


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """A process for each run of PyVRP, started beforehand: importing takes none of its time."""
    with ProcessPoolExecutor(CORES, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.mark.bench
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seconds", [10.0, 60.0])
def test_better_than_two_seeds_of_pyvrp(realdata: Path, pool: ProcessPoolExecutor, seconds: float) -> None:
    compile_planner()
    ours, peers = Kept(BUILD / "rich_ours.json"), Kept(BUILD / "rich_pyvrp.json")
    for seed, draw, place in itertools.product(SEEDS, DRAWS, PLACES):
        key = Key(place, draw.name, seconds, seed)
        if key in ours.runs and key in peers.runs:
            continue
        problem = build_instance(read_roads(place, realdata), draw)
        if key not in peers.runs:
            runs = [
                pool.submit(solve_with_pyvrp, problem, seconds, CORES * seed + number, late)
                for number, late in enumerate(DEAREST_LATE)
            ]
            peers.add(key, [weigh(problem, run.result()) for run in runs])
        if key not in ours.runs:
            ours.add(key, [weigh(problem, search_for(problem, seconds=seconds, seed=seed))])
        (BUILD / "rich_bench.md").write_text(draw_table(match(ours, peers)), encoding="utf-8")
    duels = [duel for duel in match(ours, peers) if duel.key.seconds == seconds]
    print(f"\n{draw_table(duels)}")
    for place in PLACES:
        assert mean(duel.ratio for duel in duels if duel.key.place == place) <= LARGEST_RATIO


@pytest.mark.bench
@pytest.mark.timeout(0)
@pytest.mark.parametrize("place", PLACES)
def test_a_plan_is_repaired_in_two_seconds(realdata: Path, board: Board, place: str) -> None:
    """Roads close, a team drops out and new hazards come in: two seconds against a minute from nothing."""
    network = read_roads(place, realdata)
    compile_planner()
    figures = []
    for draw in REPLANS:
        before = leave_out_last(build_instance(network, draw), NEW_HAZARDS)
        closed = draw_closures(network, CLOSURES, draw.seed)
        after = build_instance(network, draw, closed=closed)
        after = replace(after, teams=after.teams[:-1])
        plan = search_for(before, seconds=COLD_S, seed=1)
        repaired = search_for(after, seconds=REPLAN_S, seed=1, start=plan)
        cold = search_for(after, seconds=COLD_S, seed=1)
        assert find_violations(after, repaired) == ()
        ratio = price(after, repaired).value / price(after, cold).value
        figures.append(Figure(f"{place} {draw.name}: repaired / cold", LARGEST_REPLAN, ratio, ""))
    board.check(*figures)
