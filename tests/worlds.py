"""Small made-up worlds for tests: a road grid with bends, one-way streets and footpaths, and a railway beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.crs import compute_lengths_m
from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.document import build_document
from gridmap.domain.patrol.document_parts import Document, Line
from gridmap.domain.patrol.evidence import AccessFact, HazardFact, SegmentFact, TeamFact, Truth
from gridmap.domain.patrol.ground import PatrolInput
from gridmap.domain.patrol.problem import AccessPoint, Break, Post, Task, TaskKind, Team, TeamKind
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solver import Effort, solve
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.roads.graph import RoadNetwork, build_network

LON, LAT = 112.5, 37.8
STEP_DEG = 0.004


def build_road_tables(seed: int, *, columns: int = 6, rows: int = 6) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """`road_node` and `road_edge` of a shaken grid: some edges missing, one-way, foot-only or split by a bend."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    lon = LON + STEP_DEG * (x.ravel() + rng.uniform(-0.3, 0.3, x.size))
    lat = LAT + STEP_DEG * (y.ravel() + rng.uniform(-0.3, 0.3, y.size))
    points = list(zip(lon.tolist(), lat.tolist(), strict=True))
    edges: list[dict[str, object]] = []

    def add(u: int, v: int, kind: int) -> None:
        one_way, foot_only = kind == 1, kind == 2
        edges.append(
            {
                "u": u + 100,
                "v": v + 100,
                "road_class": "path" if foot_only else ("track", "residential", "primary")[int(rng.integers(3))],
                "name": f"road {len(edges)}",
                "speed_kmh": float(rng.integers(15, 70)),
                "car_forward": not foot_only,
                "car_backward": not foot_only and not one_way,
                "foot": True,
                "geometry": shapely.LineString([points[u], points[v]]),
            }
        )

    for node in range(columns * rows):
        for other in ((node + 1) if (node + 1) % columns else -1, node + columns):
            if not 0 <= other < columns * rows or rng.random() < 0.12:
                continue
            kind = int(rng.choice([0, 1, 2, 3], p=[0.5, 0.15, 0.1, 0.25]))
            if kind == 3:
                a, b = points[node], points[other]
                points.append(((a[0] + b[0]) / 2 + 4e-4, (a[1] + b[1]) / 2 + 3e-4))
                bend = int(rng.integers(0, 2))
                add(node, len(points) - 1, bend)
                add(len(points) - 1, other, bend)
            else:
                add(node, other, kind)
    nodes = pd.DataFrame(
        {
            "id": np.arange(len(points)) + 100,
            "osm_id": np.arange(len(points)) + 9_000_000_000,
            "lon": [p[0] for p in points],
            "lat": [p[1] for p in points],
        }
    )
    frame = gpd.GeoDataFrame(edges, geometry="geometry", crs="EPSG:4326")
    frame["id"] = np.arange(len(frame)) + 1000
    frame["length_m"] = compute_lengths_m(frame.geometry.to_numpy())
    return nodes, frame


def build_world(seed: int, *, columns: int = 6, rows: int = 6) -> RoadNetwork:
    """The network of `build_road_tables`."""
    return build_network(*build_road_tables(seed, columns=columns, rows=rows))


# --- a railway beside the grid ----------------------------------------------------------------------------------

LINE_ID = 1
DAY_START_S, DAY_END_S = 8 * 3600, 17 * 3600


@dataclass(frozen=True)
class PatrolWorld:
    """A road grid with a railway south of it, what is due there, and the facts a checker needs."""

    network: RoadNetwork
    given: PatrolInput
    lines: dict[int, Line]
    truth: Truth


def build_patrol_world(
    seed: int, *, hazards: int = 5, kinds: Sequence[str] = ("car", "motorcycle", "foot"), members: int = 2
) -> PatrolWorld:
    """Segments of about 500 m, access points where a road node of the southern row comes near, a team of each kind."""
    rng = np.random.default_rng(seed)
    network = build_world(seed)
    line = Line(LINE_ID, "Test line", "K", MeasuredLine(_build_railway(), start_m=1000.0))
    access = _build_access(network, line, rng)
    tasks = [*_build_segments(line, rng), *_build_hazards(network, line, rng, hazards)]
    nodes = rng.choice(network.node_count, 2, replace=False)
    posts = tuple(
        Post(i + 1, f"post {i + 1}", "police_post", float(network.lon[n]), float(network.lat[n]))
        for i, n in enumerate(nodes)
    )
    teams = tuple(
        Team(i + 1, f"team {i + 1}", TeamKind(kind), members, i % 2, DAY_START_S, DAY_END_S)
        for i, kind in enumerate(kinds)
    )
    given = PatrolInput(tuple(tasks), {}, access, posts, teams)
    return PatrolWorld(network, given, {LINE_ID: line}, build_truth(network, given, line))


SKILL = "climbing"
SPACING_S = 2 * 3600


def build_rich_world(seed: int) -> PatrolWorld:
    """A world in which teams have duties of their own and tasks their hours, skills and several visits."""
    plain = build_patrol_world(seed)
    morning, evening = (DAY_START_S, DAY_START_S + 3 * 3600), (DAY_END_S - 3 * 3600, DAY_END_S)
    tasks = []
    for number, task in enumerate(plain.given.tasks):
        if task.kind is TaskKind.SEGMENT and number < 2:
            task = replace(task, visits=3, spacing_s=SPACING_S)
        elif task.kind is TaskKind.HAZARD and number % 2:
            task = replace(task, skill=SKILL, inspect_s=420)
        elif task.kind is TaskKind.HAZARD:
            task = replace(task, windows_s=(morning, evening))
        tasks.append(task)
    noon = Break(12 * 3600, 13 * 3600, 1800)
    teams = (
        replace(plain.given.teams[0], end_post=1, breaks=(noon,), skills=frozenset([SKILL])),
        replace(plain.given.teams[1], latest_return_s=DAY_END_S - 3600, breaks=(noon, Break(53_000, 56_000, 600))),
        replace(plain.given.teams[2], max_walk_m=5_000.0),
    )
    given = replace(plain.given, tasks=tuple(tasks), teams=teams)
    return PatrolWorld(plain.network, given, plain.lines, build_truth(plain.network, given, plain.lines[LINE_ID]))


def give_sides(world: PatrolWorld) -> PatrolWorld:
    """The world with access points on one side of the line or at crossings, and segments to be walked on the left."""
    access = tuple(
        replace(point, side=("left", "right", "right", "")[at % 4]) for at, point in enumerate(world.given.access)
    )
    tasks = tuple(
        replace(task, side="left") if task.kind is TaskKind.SEGMENT and task.id % 2 else task
        for task in world.given.tasks
    )
    given = replace(world.given, access=access, tasks=tasks)
    return PatrolWorld(world.network, given, world.lines, build_truth(world.network, given, world.lines[LINE_ID]))


def build_truth(network: RoadNetwork, given: PatrolInput, line: Line) -> Truth:
    """The facts as a database would hold them."""
    return Truth(
        network=network,
        access={a.id: AccessFact(a.line_id, a.mileage_m, a.walk_m, a.node, a.drivable, a.side) for a in given.access},
        segments={
            t.id: SegmentFact(LINE_ID, t.from_m or 0.0, t.to_m or 0.0, t.spacing_s, t.side or "both")
            for t in given.tasks
            if t.kind == "segment"
        },
        hazards={
            t.id: HazardFact(
                t.lon, t.lat, t.severity or 1, t.line_id, t.from_m, t.offset_m, t.skill, t.inspect_s, t.side
            )
            for t in given.tasks
            if t.kind == "hazard"
        },
        posts={p.id: (p.lon, p.lat) for p in given.posts if p.id is not None},
        teams={t.id: _build_team_fact(t, given.posts) for t in given.teams if t.id is not None},
        lines={line.id: line.measured.geometry},
        tracks=given.tracks,
    )


def _build_team_fact(team: Team, posts: Sequence[Post]) -> TeamFact:
    return TeamFact(
        team.kind.value,
        posts[team.post].id or 0,
        team.members,
        8 * 60,
        17 * 60,
        end_post_id=None if team.end_post is None else posts[team.end_post].id,
        breaks=tuple((item.earliest_s, item.latest_s, item.seconds) for item in team.breaks),
        latest_return_min=None if team.latest_return_s is None else team.latest_return_s // 60,
        skills=team.skills,
        max_walk_m=team.max_walk_m,
    )


def plan(world: PatrolWorld, *, iterations: int = 200, seed: int = 1, rules: PatrolRules | None = None) -> Document:
    """The plan document for a world, by every step a plan takes."""
    rules = rules or PatrolRules()
    problem = build_problem(world.network, world.given, rules=rules)
    solution = solve(problem, effort=Effort(iterations=iterations, seed=seed))
    return build_document(problem, solution, network=world.network, lines=world.lines, header=HEADER)


HEADER: dict[str, Any] = {
    "area_code": "14",
    "area_name": "Test area",
    "service_date": "2026-03-04",
    "shift": {"start_s": DAY_START_S, "end_s": DAY_END_S},
    "created_at": "2026-03-04T09:00:00+08:00",
    "created_by": "planner",
    "effort": {"seed": 1, "seconds": None, "iterations": 200, "iterations_run": 200, "stopped_early": False},
    "notes": [{"text": "A note about {thing}.", "values": {"thing": "roads"}}],
    "closures": [],
    "roads_revision": 1,
}


def _build_railway() -> shapely.LineString:
    x = LON + STEP_DEG * np.linspace(-1.0, 6.0, 15)
    return shapely.LineString(np.column_stack([x, LAT - STEP_DEG + 0.0004 * np.sin(np.arange(15))]))


def _build_access(network: RoadNetwork, line: Line, rng: np.random.Generator) -> tuple[AccessPoint, ...]:
    points = []
    for node in range(6):
        if rng.random() < 0.2:
            continue
        place = line.measured.locate(float(network.lon[node]), float(network.lat[node]))
        lon, lat = line.measured.point_at(place.mileage_m)
        points.append(
            AccessPoint(
                id=10 + node,
                kind="way_end",
                name="",
                line_id=LINE_ID,
                mileage_m=place.mileage_m,
                node=node,
                walk_m=place.offset_m,
                drivable=bool(rng.random() < 0.8),
                lon=lon,
                lat=lat,
            )
        )
    return tuple(points)


def _build_segments(line: Line, rng: np.random.Generator) -> list[Task]:
    marks = np.linspace(line.measured.start_m, line.measured.end_m, 6)
    tasks = []
    for i in range(5):
        lon, lat = line.measured.point_at(float((marks[i] + marks[i + 1]) / 2))
        tasks.append(
            Task(
                key=f"segment-{i + 1}",
                kind=TaskKind.SEGMENT,
                id=i + 1,
                code=f"S{i + 1}",
                name=line.name,
                priority=int(rng.integers(1, 5)),
                lon=lon,
                lat=lat,
                line_id=line.id,
                from_m=float(marks[i]),
                to_m=float(marks[i + 1]),
                side="both",
            )
        )
    return tasks


def _build_hazards(network: RoadNetwork, line: Line, rng: np.random.Generator, count: int) -> list[Task]:
    tasks = []
    for i in range(count):
        severity = int(rng.integers(1, 5))
        windows = ((DAY_START_S, DAY_START_S + 4 * 3600),) if severity == 4 else ()
        shared: dict[str, Any] = {
            "key": f"hazard-{i + 1}",
            "kind": TaskKind.HAZARD,
            "id": i + 1,
            "code": f"H{i + 1}",
            "name": f"hazard {i + 1}",
            "priority": severity,
            "severity": severity,
            "windows_s": windows,
        }
        if i % 2:
            mileage = float(rng.uniform(line.measured.start_m, line.measured.end_m))
            lon, lat = line.measured.point_at(mileage)
            tasks.append(Task(**shared, lon=lon, lat=lat, line_id=line.id, from_m=mileage, to_m=mileage, offset_m=12.0))
        else:
            node = int(rng.integers(network.node_count))
            tasks.append(Task(**shared, lon=float(network.lon[node]) + 3e-4, lat=float(network.lat[node]) + 2e-4))
    return tasks
