"""Plans of 500 places and 20 teams mended in the middle of their day, against a minute from nothing.

All of a repair counts: where the teams are, the ways measured anew with what is closed, the search, the written plan
and its check. Seconds are those of the processor's work, so that it does not matter what else a machine does meanwhile:
a search of two workers has half of what both take, as on two cores that are idle else; all the rest counts as if it
had one, though the ways are measured on both. The plan from nothing has a minute of one core.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.checker import check_plan
from gridmap.domain.patrol.document import build_document
from gridmap.domain.patrol.evidence import HazardFact, TeamFact, Truth
from gridmap.domain.patrol.ground import PatrolInput
from gridmap.domain.patrol.mending import Mended, count_stayed, merge_plan
from gridmap.domain.patrol.problem import PatrolProblem, Task
from gridmap.domain.patrol.replanning import cut_plan, hold_tasks, list_remaining
from gridmap.domain.patrol.rich.effort import Effort
from gridmap.domain.patrol.rich.search import search
from gridmap.domain.patrol.rich.warming import compile_planner
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.verdict import find_violations, price
from gridmap.domain.progress import silent
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.services.replanning import LEAST_SEARCH_S, WRITING
from tests.bench.figures import Board, Figure
from tests.bench.replan_instances import Scene, draw_scene
from tests.bench.rich_instances import read_network
from tests.worlds import HEADER

SEEDS = (0, 1, 2)
REPAIR_S, COLD_S, BEFORE_S = 2.0, 60.0, 30.0
CORES = 2
LARGEST_RATIO = 1.01
CHANGE_S = 300


@pytest.mark.bench
@pytest.mark.timeout(0)
@pytest.mark.parametrize("place", ["liechtenstein", "county"])
def test_a_day_is_mended_in_two_seconds(place: str, realdata: Path, board: Board) -> None:
    network = read_network(place, realdata)
    compile_planner()
    figures: list[Figure] = []
    for seed in SEEDS:
        scene = draw_scene(network, seed)
        problem = build_problem(network, scene.given, rules=PatrolRules())
        plan = run(problem, BEFORE_S)
        document = build_document(problem, plan, network=network, lines={}, header=HEADER)
        truth = find_truth(network, scene)
        for change_s in (0, CHANGE_S):
            spent_s, remaining, found, mended = repair(network, scene, document, truth, change_s=change_s)
            visits = count_stayed(document, mended, since_s=scene.disturbance.at_s)
            share = visits["stayed"] / max(sum(visits.values()), 1)
            name = f"{place}, {scene.name}, change_s {change_s}"
            print(f"\n{name}: {spent_s:.2f} s, {len(remaining.jobs)} jobs left, {share:.1%} stay with their team")
            figures.append(Figure(f"{name}: seconds", REPAIR_S, spent_s, "s"))
            if not change_s:
                cold = run(remaining, COLD_S)
                ratio = price(remaining, found).value / price(remaining, cold).value
                figures.append(Figure(f"{name}: repaired / cold", LARGEST_RATIO, ratio, ""))
                print(f"{name}: repaired / cold {ratio:.4f}")
    board.check(*figures)


def run(problem: PatrolProblem, seconds: float, start: Solution | None = None, *, cores: int = 1) -> Solution:
    """A search on so many cores, its seconds those that each of them works."""

    def clock() -> float:
        return time.process_time() / cores

    return search(problem, effort=Effort(seconds=seconds, workers=cores), progress=silent, clock=clock, start=start)


def repair(
    network: RoadNetwork, scene: Scene, document: Mapping[str, Any], truth: Truth, *, change_s: int
) -> tuple[float, PatrolProblem, Solution, dict[str, Any]]:
    """Seconds that all of it took, what was left to plan, how, and the mended plan."""
    began = time.process_time()
    now = network.close_edges(scene.closed)
    disturbance = replace(scene.disturbance, change_s=change_s)
    remainder = cut_plan(document, disturbance, before=network, now=now)
    tasks: tuple[Task, ...] = (*scene.given.tasks, *scene.new)
    given = PatrolInput(list_remaining(tasks, remainder), {}, (), remainder.posts, remainder.teams)
    measured = time.process_time()
    problem, start = hold_tasks(build_problem(now, given, rules=PatrolRules(change_s=change_s)), remainder)
    left_s = REPAIR_S - (time.process_time() - began) - WRITING * (time.process_time() - measured)
    searched = time.process_time()
    found = run(problem, max(left_s, LEAST_SEARCH_S), start.solution, cores=CORES)
    spared_s = (time.process_time() - searched) * (1 - 1 / CORES)
    header = {
        **HEADER,
        "closures": sorted(scene.closed),
        "repair": {
            "plan_id": None,
            "at_s": disturbance.at_s,
            "keep": "work",
            "change_s": change_s,
            "dropped": sorted(disturbance.dropped),
            "away": [],
            "new_tasks": [task.key for task in scene.new],
        },
    }
    mended = merge_plan(
        Mended(
            document=document,
            disturbance=disturbance,
            remainder=remainder,
            problem=problem,
            solution=found,
            rest=build_document(problem, found, network=now, lines={}, header=HEADER),
            tasks=tasks,
            lines={},
            now=now,
            header=header,
        )
    )
    assert check_plan(mended, truth).violations == ()
    assert find_violations(problem, found) == ()
    return time.process_time() - began - spared_s, problem, found, mended


def find_truth(network: RoadNetwork, scene: Scene) -> Truth:
    """The facts as a database would hold them."""
    tasks, posts = (*scene.given.tasks, *scene.new), scene.given.posts
    return Truth(
        network,
        {},
        {},
        {t.id: HazardFact(t.lon, t.lat, t.severity or 1, None, None, 0.0, "", t.inspect_s) for t in tasks},
        {post.id: (post.lon, post.lat) for post in posts if post.id is not None},
        {
            team.id: TeamFact(
                team.kind.value,
                posts[team.post].id or 0,
                team.members,
                team.shift_start_s // 60,
                team.shift_end_s // 60,
            )
            for team in scene.given.teams
            if team.id is not None
        },
        {},
    )
