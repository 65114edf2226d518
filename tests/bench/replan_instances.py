"""Days under way to measure repairs by: 500 places on a real network, twenty teams, and what happens to them.

Places of hazards only, as people give them: every step from tables to a checked document is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmap.domain.patrol.ground import PatrolInput
from gridmap.domain.patrol.problem import Post, Task, TaskKind, Team, TeamKind
from gridmap.domain.patrol.replanning import Away, Disturbance
from gridmap.domain.roads.components import find_main_edges
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.speeds import Mode
from tests.bench.rich_instances import HOUR_S, KINDS, POSTS, SHIFTS_H, TEAMS

TASKS, NEW_TASKS, CLOSURES = 500, 10, 5


@dataclass(frozen=True)
class Scene:
    """A day with the disturbance that comes into it; `new` are tasks that come up, `closed` edges by id."""

    name: str
    given: PatrolInput
    new: tuple[Task, ...]
    closed: tuple[int, ...]
    disturbance: Disturbance


def draw_scene(network: RoadNetwork, seed: int, *, load: float = 0.7) -> Scene:
    """One of three kinds in turn: roads close and hazards come up; a team drops out; one is sent to an incident."""
    rng = np.random.default_rng(seed)
    main = find_main_edges(network.mode_graph(Mode.CAR))
    nodes = np.unique(np.concatenate([network.u[main], network.v[main]]))
    posts = tuple(_draw_post(network, int(n), i) for i, n in enumerate(rng.choice(nodes, POSTS, replace=False)))
    teams = tuple(_draw_team(rng, number) for number in range(TEAMS))
    spare_s = sum(team.shift_end_s - team.shift_start_s for team in teams)
    places = rng.choice(nodes, TASKS + NEW_TASKS, replace=False)
    tasks = [_draw_task(rng, network, int(n), i, load * spare_s / TASKS) for i, n in enumerate(places, start=1)]
    given = PatrolInput(tuple(tasks[:TASKS]), {}, (), posts, teams)
    at_s = int(rng.integers(9 * HOUR_S, 12 * HOUR_S))
    closed = tuple(network.edge_id[rng.choice(np.flatnonzero(main), CLOSURES, replace=False)].tolist())
    name = ("roads and hazards", "a team drops out", "a team is sent away")[seed % 3]
    dropped = frozenset({f"T{int(rng.integers(TEAMS)) + 1}"}) if seed % 3 == 1 else frozenset[str]()
    away = {f"T{int(rng.integers(TEAMS)) + 1}": Away(at_s + HOUR_S)} if seed % 3 == 2 else {}
    return Scene(
        f"{name}, {seed}", given, tuple(tasks[TASKS:]), closed, Disturbance(at_s=at_s, dropped=dropped, away=away)
    )


def _draw_post(network: RoadNetwork, node: int, number: int) -> Post:
    return Post(number, f"post {number}", "police_post", float(network.lon[node]), float(network.lat[node]))


def _draw_team(rng: np.random.Generator, number: int) -> Team:
    kind = KINDS[number % len(KINDS)]
    start, end = SHIFTS_H[int(rng.integers(len(SHIFTS_H)))]
    members = 1 if kind is TeamKind.MOTORCYCLE else 2
    return Team(number, f"team {number}", kind, members, int(rng.integers(POSTS)), start * HOUR_S, end * HOUR_S)


def _draw_task(rng: np.random.Generator, network: RoadNetwork, node: int, number: int, work_s: float) -> Task:
    severity = int(rng.choice([1, 1, 2, 3]))
    plain = Task(
        key=f"hazard-{number}",
        kind=TaskKind.HAZARD,
        id=number,
        code=f"H{number}",
        name=f"hazard {number}",
        priority=severity,
        lon=float(network.lon[node]),
        lat=float(network.lat[node]),
        severity=severity,
        inspect_s=int(work_s * rng.uniform(0.6, 1.4)),
    )
    if rng.random() < 0.3:
        first = int(rng.integers(6, 14)) * HOUR_S
        return replace(plain, windows_s=((first, first + int(rng.integers(2, 5)) * HOUR_S),))
    return plain
