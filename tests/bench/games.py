"""Security games on real roads: stretches walked from end to end, as beside a railway, posts and teams among them."""

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
    TimeArray,
    Way,
)
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.roads.components import find_main_edges
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import compute_times
from gridmap.domain.roads.snapping import spot_at_node
from gridmap.domain.roads.speeds import Mode

HOUR_S = 3600
START_S = 8 * HOUR_S
WALK_MS = 4.0 / 3.6
APART_M = (800.0, 2000.0)
DETOUR = 1.1


def build_game(
    network: RoadNetwork, *, seed: int, segments: int = 200, teams: int = 10, posts: int = 6, shift_s: int = 4 * HOUR_S
) -> Game:
    """Stretches of 0.9 to 2.2 km, walked either way round by crews of two in a car; losses from 2 to 10."""
    rng = np.random.default_rng(seed)
    main = find_main_edges(network.mode_graph(Mode.CAR))
    nodes = np.unique(network.u[main])
    ends = _draw_ends(network, nodes, rng, segments)
    spots = {int(n): spot_at_node(network, int(n), mode=Mode.CAR, among=main) for n in {*ends.ravel().tolist()}}
    chosen = rng.choice(nodes, posts, replace=False)
    post_spots = tuple(spot_at_node(network, int(n), mode=Mode.CAR, among=main) for n in chosen)
    places = [
        (spots[a], spots[b], metres) for (a, b), metres in zip(ends.tolist(), _measure(network, ends), strict=True)
    ]
    jobs = tuple(
        Job(
            (f"segment-{number}",),
            1,
            tuple(
                Way((Approach(start, stop, int(np.ceil(metres / WALK_MS)), metres),))
                for start, stop in ((a, b), (b, a))
            ),
        )
        for number, (a, b, metres) in enumerate(places)
    )
    both = [way for a, b, _ in places for way in ((a, b), (b, a))]
    leave, enter = [*post_spots, *(b for _, b in both)], [*post_spots, *(a for a, _ in both)]
    seconds, metres = compute_times(network, leave, enter, mode=Mode.CAR)
    problem = PatrolProblem(
        tasks=tuple(Task(f"segment-{i}", TaskKind.SEGMENT, i, f"S{i}", "", 1, 0.0, 0.0) for i in range(segments)),
        jobs=jobs,
        teams=tuple(Team(i, f"T{i}", TeamKind.CAR, 2, i % posts, START_S, START_S + shift_s) for i in range(teams)),
        posts=tuple(Post(i, f"P{i}", "police_post", 0.0, 0.0) for i in range(posts)),
        profiles=(Profile(Mode.CAR, drives_round=True),),
        post_spots=(post_spots,),
        seconds=(_whole(seconds),),
        metres=(_whole(metres),),
        unserved=(),
        rules=PatrolRules(),
    )
    return Game(problem, rng.integers(2, 11, segments).astype(float), np.zeros(segments))


def _place(network: RoadNetwork, nodes: np.ndarray) -> np.ndarray:
    """Metres east and north."""
    scale = 111_000 * np.array([np.cos(np.radians(network.lat.mean())), 1.0])
    return np.asarray(np.column_stack([network.lon[nodes], network.lat[nodes]]) * scale)


def _draw_ends(network: RoadNetwork, nodes: np.ndarray, rng: np.random.Generator, count: int) -> np.ndarray:
    """Pairs of nodes as far apart as segments are long, shape (count, 2)."""
    at = _place(network, nodes)
    ends: list[tuple[int, int]] = []
    while len(ends) < count:
        first = int(rng.integers(len(nodes)))
        off = np.linalg.norm(at - at[first], axis=1)
        near = np.flatnonzero((off > APART_M[0]) & (off < APART_M[1]))
        if len(near):
            ends.append((int(nodes[first]), int(nodes[near[rng.integers(len(near))]])))
    return np.array(ends)


def _measure(network: RoadNetwork, ends: np.ndarray) -> list[float]:
    """Metres walked from one end to the other."""
    off = _place(network, ends[:, 0]) - _place(network, ends[:, 1])
    return (DETOUR * np.linalg.norm(off, axis=1)).tolist()


def _whole(values: np.ndarray) -> TimeArray:
    reached = np.isfinite(values)
    return np.asarray(np.where(reached, np.ceil(np.where(reached, values, 0.0)), FORBIDDEN), np.int64)
