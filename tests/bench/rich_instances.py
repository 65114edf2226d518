"""Patrol days to measure by, drawn from a seed on a real network or on that of the demo county.

Twenty teams of three kinds from several posts, with other homes, shifts of their own, windows, skills and prizes: all
that PyVRP can express, and nothing that it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gridmap.domain.patrol.problem import (
    FORBIDDEN,
    Approach,
    Job,
    PatrolProblem,
    Post,
    Profile,
    Team,
    TeamKind,
    TimeArray,
    Way,
    Windows,
)
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.roads.components import find_main_edges
from gridmap.domain.roads.graph import RoadNetwork, build_network
from gridmap.domain.roads.routes import compute_times
from gridmap.domain.roads.snapping import Spot, spot_at_node
from gridmap.domain.roads.speeds import Mode
from gridmap.sources.demo.county import build_county
from gridmap.sources.osm import read_osm

HOUR_S = 3600
TEAMS = 20
POSTS = 4
WALK_MS = 4.0 / 3.6
SHIFTS_H = ((8, 16), (8, 16), (6, 14), (10, 18), (8, 13))
KINDS = (TeamKind.CAR, TeamKind.CAR, TeamKind.CAR, TeamKind.MOTORCYCLE, TeamKind.FOOT)
SKILLS = ("climbing", "electric")


@dataclass(frozen=True)
class Draw:
    """One instance: so many jobs, whose work fills `load` of all shifts."""

    seed: int
    jobs: int
    load: float

    @property
    def name(self) -> str:
        return f"{self.jobs}-{self.load:g}-{self.seed}"


DRAWS = tuple(
    Draw(seed, 200 + 75 * (seed % 5), (0.45, 0.55, 0.65, 0.75, 0.85)[(3 * seed + seed // 5) % 5]) for seed in range(10)
)


def read_network(place: str, realdata: Path) -> RoadNetwork:
    """The roads of Liechtenstein or of the demo county."""
    if place == "liechtenstein":
        dataset = read_osm(realdata / "osm" / "liechtenstein.osm.pbf").dataset
    else:
        dataset = build_county(1).dataset
    nodes, edges = dataset.road_nodes.copy(), dataset.road_edges.copy()
    if "id" not in nodes:
        nodes["id"] = np.arange(len(nodes))
    if "id" not in edges:
        edges["id"] = np.arange(len(edges))
    return build_network(nodes, edges)


def build_instance(network: RoadNetwork, draw: Draw, *, closed: frozenset[int] = frozenset()) -> PatrolProblem:
    """The problem of a draw, the ways in it measured without the roads that are `closed`."""
    rng = np.random.default_rng(draw.seed)
    main = find_main_edges(network.mode_graph(Mode.CAR))
    nodes = np.unique(np.concatenate([network.u[main], network.v[main]]))
    post_nodes = rng.choice(nodes, POSTS, replace=False)
    crew = tuple(_draw_team(rng, number) for number in range(TEAMS))
    profiles = tuple(dict.fromkeys(team.profile for team in crew))
    ends = _draw_ends(network, nodes, rng, draw.jobs)
    spare = sum(team.shift_end_s - team.shift_start_s for team in crew)
    jobs = _fill([_draw_job(network, a, b, profiles, main, rng) for a, b in ends], draw.load * spare)
    spots = [[spot_at_node(network, int(n), mode=p.mode, among=_usable(p, main)) for n in post_nodes] for p in profiles]
    ways = network.close_edges(closed) if closed else network
    measured = [_measure(ways, jobs, spots[f], profile, f) for f, profile in enumerate(profiles)]
    return PatrolProblem(
        tasks=(),
        jobs=tuple(jobs),
        teams=crew,
        posts=tuple(
            Post(i, f"post {i}", "police_post", float(network.lon[n]), float(network.lat[n]))
            for i, n in enumerate(post_nodes)
        ),
        profiles=profiles,
        post_spots=tuple(tuple(row) for row in spots),
        seconds=tuple(seconds for seconds, _ in measured),
        metres=tuple(metres for _, metres in measured),
        unserved=(),
        rules=PatrolRules(),
    )


def leave_out_last(problem: PatrolProblem, count: int) -> PatrolProblem:
    """The problem before its last `count` jobs came up."""
    jobs = problem.jobs[: len(problem.jobs) - count]
    places = len(problem.posts) + sum(len(job.ways) for job in jobs)
    return replace(
        problem,
        jobs=jobs,
        seconds=tuple(matrix[:places, :places] for matrix in problem.seconds),
        metres=tuple(matrix[:places, :places] for matrix in problem.metres),
    )


def draw_closures(network: RoadNetwork, count: int, seed: int) -> frozenset[int]:
    """Ids of so many roads."""
    main = np.flatnonzero(find_main_edges(network.mode_graph(Mode.CAR)))
    return frozenset(network.edge_id[np.random.default_rng(seed).choice(main, count, replace=False)].tolist())


def _usable(profile: Profile, main: np.ndarray) -> np.ndarray | None:
    return None if profile.mode is Mode.FOOT else main


def _draw_team(rng: np.random.Generator, number: int) -> Team:
    kind = KINDS[number % len(KINDS)]
    start, end = SHIFTS_H[int(rng.integers(len(SHIFTS_H)))]
    post = int(rng.integers(POSTS))
    return Team(
        number,
        f"team {number}",
        kind,
        1 if kind is TeamKind.MOTORCYCLE else 2,
        post,
        start * HOUR_S,
        end * HOUR_S,
        end_post=int(rng.integers(POSTS)) if kind is not TeamKind.FOOT and rng.random() < 0.25 else None,
        skills=frozenset(skill for skill in SKILLS if rng.random() < 0.5),
    )


def _draw_ends(network: RoadNetwork, nodes: np.ndarray, rng: np.random.Generator, count: int) -> list[tuple[int, int]]:
    """Two nodes for a segment, 300 to 2,000 m apart, or the same twice for a hazard."""
    scale = 111_000 * np.array([np.cos(np.radians(network.lat[nodes].mean())), 1.0])
    xy = np.column_stack([network.lon[nodes], network.lat[nodes]]) * scale
    ends: list[tuple[int, int]] = []
    while len(ends) < count:
        a = int(rng.integers(len(nodes)))
        b = a
        if rng.random() < 0.5:
            off = np.linalg.norm(xy - xy[a], axis=1)
            near = np.flatnonzero((off > 300) & (off < 2000))
            if not len(near):
                continue
            b = int(near[rng.integers(len(near))])
        ends.append((int(nodes[a]), int(nodes[b])))
    return ends


def _draw_job(
    network: RoadNetwork,
    a: int,
    b: int,
    profiles: tuple[Profile, ...],
    main: np.ndarray,
    rng: np.random.Generator,
) -> Job:
    scale = 111_000 * np.array([np.cos(np.radians(float(network.lat[a]))), 1.0])
    far = 1.1 * float(np.hypot(*((network.lon[b] - network.lon[a], network.lat[b] - network.lat[a]) * scale)))
    on_spot = float(rng.choice([600, 900, 1200])) if a == b else 0.0
    ways = tuple(
        Way(tuple(_approach(network, start, end, far, on_spot, profile, main) for profile in profiles))
        for start, end in dict.fromkeys([(a, b), (b, a)])
    )
    windows: Windows = ()
    if rng.random() < 0.3:
        first = int(rng.integers(6, 14)) * HOUR_S
        windows = ((first, first + int(rng.integers(2, 5)) * HOUR_S),)
    skills = frozenset([SKILLS[int(rng.integers(2))]]) if rng.random() < 0.12 else frozenset[str]()
    return Job(("hazard-1",), int(rng.choice([1, 1, 2, 3])), ways, windows, skills)


def _approach(
    network: RoadNetwork,
    start: int,
    end: int,
    far: float,
    on_spot_s: float,
    profile: Profile,
    main: np.ndarray,
) -> Approach | None:
    """A crew of two drives round meanwhile, one walks back to the vehicle, on foot the way goes on at the other end."""
    among = _usable(profile, main)
    entry = spot_at_node(network, start, mode=profile.mode, among=among)
    leave = spot_at_node(network, end, mode=profile.mode, among=among)
    if entry is None or leave is None:
        return None
    walk_m = far
    if profile.mode is not Mode.FOOT and not profile.drives_round and start != end:
        leave, walk_m = entry, 2 * far
    return Approach(entry, leave, int(on_spot_s + walk_m / WALK_MS), walk_m, drives_round=profile.drives_round)


def _fill(jobs: list[Job], work_s: float) -> list[Job]:
    """The jobs with their work made longer or shorter in one proportion."""
    share = work_s / sum(least_work_s(job) for job in jobs)

    def scale(approach: Approach | None) -> Approach | None:
        if approach is None:
            return None
        return replace(approach, work_s=int(approach.work_s * share), walk_m=approach.walk_m * share)

    return [replace(job, ways=tuple(Way(tuple(map(scale, way.approaches))) for way in job.ways)) for job in jobs]


def least_work_s(job: Job) -> int:
    """Work of a job on its cheapest way."""
    return min(approach.work_s for way in job.ways for approach in way.approaches if approach is not None)


def _measure(
    network: RoadNetwork, jobs: list[Job], posts: list[Spot | None], profile: Profile, f: int
) -> tuple[TimeArray, TimeArray]:
    approaches = [way.approaches[f] for job in jobs for way in job.ways]
    leave = [*posts, *(None if a is None else a.exit for a in approaches)]
    enter = [*posts, *(None if a is None else a.entry for a in approaches)]
    seconds, metres = compute_times(network, leave, enter, mode=profile.mode)
    return _whole(seconds), _whole(metres)


def _whole(values: np.ndarray) -> TimeArray:
    known = np.isfinite(values)
    return np.where(known, np.ceil(np.where(known, values, 0.0)), FORBIDDEN).astype(np.int64)
