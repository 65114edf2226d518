"""The security game: the value of joint plans against its bound after 60 s, 200 segments and 10 teams, ten seeds.

Seconds are those of the processor, so that other work on the machine does not count; compiling does not either. What
is done is kept in `build/game_bench.json`; a run that was broken off goes on where it was.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pytest

from gridmap.domain.patrol.game.crews import Watch
from gridmap.domain.patrol.game.game import Game
from gridmap.domain.patrol.game.knapsack import bound_by_time
from gridmap.domain.patrol.game.search import GameEffort, solve_game
from gridmap.domain.patrol.solution import Visit
from gridmap.domain.roads.graph import RoadNetwork
from tests.bench.figures import Board, Figure
from tests.bench.games import build_game
from tests.bench.rich_instances import read_network

KEPT = Path(__file__).parents[2] / "build" / "game_bench.json"
SEEDS = range(1, 11)
SECONDS = 60.0
LARGEST_GAP, LARGEST_SHARE = 0.05, 20.0
RANDOM_PLANS, STROLLED = 100, 60


@dataclass(frozen=True)
class Played:
    """One seed: our value and bound, and those of somebody who draws routes at random or counts working time only."""

    seed: int
    seconds: float
    value: float
    bound: float
    gap: float
    plans: int
    stops_a_route: float
    seen_on_average: float
    random_value: float
    time_bound: float


@pytest.fixture(scope="module")
def roads(realdata: Path) -> RoadNetwork:
    network = read_network("liechtenstein", realdata)
    solve_game(build_game(network, seed=0, segments=12, teams=2, posts=2), effort=GameEffort(rounds=1))  # compiles
    return network


def read_played() -> dict[int, Played]:
    rows = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else []
    return {row["seed"]: Played(**row) for row in rows}


def keep_played(played: dict[int, Played]) -> None:
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    fresh = KEPT.with_suffix(".new")
    fresh.write_text(json.dumps([asdict(row) for row in played.values()], indent=0), encoding="utf-8")
    fresh.replace(KEPT)


def play(network: RoadNetwork, seed: int) -> Played:
    game = build_game(network, seed=seed)
    before = time.process_time()
    found = solve_game(game, effort=GameEffort(seconds=SECONDS, seed=seed), clock=time.process_time)
    return Played(
        seed=seed,
        seconds=time.process_time() - before,
        value=found.value,
        bound=found.bound,
        gap=found.gap,
        plans=len(found.plans),
        stops_a_route=float(np.mean([len(route.visits) for plan in found.plans for route in plan.routes])),
        seen_on_average=float(found.coverage.mean()),
        random_value=value_at_random(game, seed=seed),
        time_bound=bound_by_time(game, np.arange(len(game.loss))).value,
    )


def value_at_random(game: Game, *, seed: int) -> float:
    """What is lost where every team strolls: places in a random order, as long as there is time."""
    rng, watch, problem = np.random.default_rng(seed), Watch(game.problem), game.problem
    seen: np.ndarray = np.zeros(len(game.loss))
    for _ in range(RANDOM_PLANS):
        jobs: set[int] = set()
        for team in range(len(problem.teams)):
            row: list[Visit] = []
            for job, way in rng.permutation(problem.places())[:STROLLED].tolist():
                visit = Visit(job, way)
                if visit.job not in jobs and watch.fits(team, [*row, visit]):
                    row.append(visit)
                    jobs.add(visit.job)
        seen[list(jobs)] += 1 / RANDOM_PLANS
    return float((game.loss * (1 - seen)).max())


@pytest.mark.bench
@pytest.mark.parametrize("seed", SEEDS)
def test_a_game_is_played(roads: RoadNetwork, seed: int) -> None:
    played = read_played()
    if seed not in played:
        played[seed] = play(roads, seed)
        keep_played(played)
    row = played[seed]
    print(f"\n{row}")
    assert row.bound <= row.value
    assert row.time_bound <= row.value <= row.random_value


@pytest.mark.bench
def test_values_lie_near_their_bounds(board: Board) -> None:
    played = read_played()
    far = float(np.mean([row.gap > LARGEST_GAP for row in played.values()]))
    board.check(Figure(f"of {len(played)} games, further than 5 % from the bound", LARGEST_SHARE, 100 * far, "%"))
