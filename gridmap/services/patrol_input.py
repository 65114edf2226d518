"""What a plan is made from: tasks that are due, access points, posts and teams, as the request asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.patrol.document_parts import Line
from gridmap.domain.patrol.ground import PatrolInput
from gridmap.domain.patrol.problem import AccessPoint
from gridmap.domain.railways.access_points import find_way_sides
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.errors import N_
from gridmap.services.patrol_crews import load_crew
from gridmap.services.patrol_request import PatrolRequest, note
from gridmap.services.patrol_tasks import load_tasks
from gridmap.services.patrol_teams import fit_crew
from gridmap.store import rail


@dataclass(frozen=True)
class Gathered:
    """Input of a plan with the lines it names and what people should know about it."""

    given: PatrolInput
    lines: dict[int, Line]
    notes: tuple[dict[str, Any], ...]


def gather(
    connection: sa.Connection, actor: Actor, *, request: PatrolRequest, day: date, network: RoadNetwork
) -> Gathered:
    """Read all of it; posts and teams that are missing are suggested, with a note."""
    scope = request.area_code or actor.scope_code
    tasks, shares = load_tasks(connection, scope=scope, request=request, day=day)
    lines = load_measured_lines(connection)
    notes: list[dict[str, Any]] = []
    if not tasks:
        notes.append(note(N_("Nothing is due in this area on this day.")))
    posts, crew = load_crew(connection, actor, scope=scope, request=request, network=network, notes=notes)
    posts, crew = fit_crew(connection, posts, crew, request=request, tasks=tasks, network=network, notes=notes)
    if network.speeds is not None:
        crew = [team.time_by(network.speeds) for team in crew]
    access = load_access(connection, network, {task.line_id for task in tasks})
    tracks = load_ground_tracks(connection)
    used = {task.line_id for task in tasks if task.line_id is not None}
    return Gathered(
        PatrolInput(tuple(tasks), shares, access, tuple(posts), tuple(crew), tracks),
        {line_id: line for line_id, line in lines.items() if line_id in used},
        tuple(notes),
    )


def load_measured_lines(connection: sa.Connection) -> dict[int, Line]:
    """Railway lines by id, with their mileage."""
    return {line_id: Line(line_id, *line) for line_id, line in rail.load_measured_lines(connection).items()}


def load_access(connection: sa.Connection, network: RoadNetwork, lines: set[int | None]) -> tuple[AccessPoint, ...]:
    """Access points of the lines that stand on a node of the network."""
    points = []
    for row in load_sided_access(connection, network).itertuples():
        node = network.node_position(int(row.node_id))
        if node is not None and int(row.line_id) in lines:
            points.append(
                AccessPoint(
                    id=int(row.id),
                    kind=row.kind,
                    name=row.name,
                    line_id=int(row.line_id),
                    mileage_m=float(row.mileage_m),
                    node=node,
                    walk_m=float(row.walk_m),
                    drivable=bool(row.drivable),
                    lon=float(row.lon),
                    lat=float(row.lat),
                    side=row.side,
                )
            )
    return tuple(points)


def load_sided_access(connection: sa.Connection, network: RoadNetwork) -> pd.DataFrame:
    """Access points as stored, with `side`: that on which a way ends, "" where the line may be crossed."""
    found, lines = rail.load_access_points(connection), rail.load_lines(connection)
    geometry = dict(zip(lines["id"].tolist(), lines.geometry, strict=True))
    node = [network.node_position(int(number)) for number in found["node_id"]]
    is_end = ((found["kind"] == "way_end") & np.array([at is not None for at in node], bool)).to_numpy(bool)
    at = np.array([at for at, is_one in zip(node, is_end, strict=True) if is_one], np.int64)
    side = np.full(len(found), "", object)
    side[is_end] = find_way_sides(
        np.array([geometry[line] for line in found["line_id"][is_end]], object),
        beside=found.loc[is_end, ["lon", "lat"]].to_numpy(float),
        ends=np.column_stack([network.lon[at], network.lat[at]]),
    )
    return found.assign(side=side)


def load_ground_tracks(connection: sa.Connection) -> tuple[shapely.LineString, ...]:
    """Tracks that are neither on a bridge nor in a tunnel, WGS-84."""
    tracks = rail.load_tracks(connection)
    return tuple(tracks.geometry[~tracks["bridge"].astype(bool) & ~tracks["tunnel"].astype(bool)])


def load_tunnel_shares(connection: sa.Connection) -> dict[str, float]:
    """The share of each segment that lies in tunnel, by the key of its task."""
    segments: pd.DataFrame = rail.load_segments(connection, scope="")
    shares = segments["tunnel_m"].astype(float) / segments["length_m"].astype(float).clip(lower=1.0)
    return {f"segment-{number}": float(share) for number, share in zip(segments["id"], shares, strict=True)}
