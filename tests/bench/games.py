"""Security games on real streets: stretches walked from end to end, posts and teams among them."""

from __future__ import annotations

import numpy as np

from gridmap.domain.patrol.game.game import Game
from gridmap.domain.patrol.problem import (
    FORBIDDEN,
    Approach,
    Job,
    PatrolProblem,
    Post,
    Profile,
    Task,
    TaskKind,
    Team,
    TeamKind,
    Way,
)
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.roads.components import find_main_edges
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import compute_times
from gridmap.domain.roads.snapping import Spot, spot_at_node
from gridmap.domain.roads.speeds import Mode

WALK_KMH = 4.0


def build_game(
    network: RoadNetwork, *, seed: int, segments: int = 200, teams: int = 10, posts: int = 6, shift_s: int = 2 * 3600
) -> Game:
    """`segments` streets of 150 to 2,500 m anywhere, either way round, with losses from 2 to 10."""
    rng = np.random.default_rng(seed)
    graph = network.mode_graph(Mode.CAR)
    main = np.flatnonzero(find_main_edges(graph) & (network.length_m > 150) & (network.length_m < 2500))
    chosen = rng.choice(main, segments, replace=False)
    nodes = rng.choice(np.unique(network.u[main]), posts, replace=False)
    post_spots = tuple(spot_at_node(network, int(node), mode=Mode.CAR) for node in nodes)
    jobs, spots = [], []
    for number, edge in enumerate(chosen.tolist()):
        work_s = int(np.ceil(network.length_m[edge] * 3.6 / WALK_KMH))
        ends = Spot(edge, 0.0), Spot(edge, 1.0)
        ways = [Way((Approach(a, b, work_s, float(network.length_m[edge])),)) for a, b in (ends, ends[::-1])]
        spots += [ends, ends[::-1]]
        jobs.append(Job((f"segment-{number}",), 1, tuple(ways)))
    leave, enter = [*post_spots, *(b for _, b in spots)], [*post_spots, *(a for a, _ in spots)]
    seconds, metres = compute_times(network, leave, enter, mode=Mode.CAR)
    crew = tuple(Team(i, f"T{i}", TeamKind.CAR, 2, i % posts, 8 * 3600, 8 * 3600 + shift_s) for i in range(teams))
    problem = PatrolProblem(
        tasks=tuple(Task(f"segment-{i}", TaskKind.SEGMENT, i, f"S{i}", "", 1, 0.0, 0.0) for i in range(segments)),
        jobs=tuple(jobs),
        teams=crew,
        posts=tuple(Post(i, f"P{i}", "police_post", 0.0, 0.0) for i in range(posts)),
        profiles=(Profile(Mode.CAR, drives_round=True),),
        post_spots=(post_spots,),
        seconds=(_whole(seconds),),
        metres=(_whole(metres),),
        unserved=(),
        rules=PatrolRules(),
    )
    return Game(problem, rng.integers(2, 11, segments).astype(float), np.zeros(segments))


def _whole(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), np.ceil(np.where(np.isfinite(values), values, 0.0)), FORBIDDEN).astype(
        np.int64
    )
