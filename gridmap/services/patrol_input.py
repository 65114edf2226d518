"""What a plan is made from: tasks that are due, access points, posts and teams, as the request asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.hazards import ENDED, HazardState
from gridmap.domain.patrol.assembly import PatrolInput, snap_post
from gridmap.domain.patrol.document import Line
from gridmap.domain.patrol.posts import choose_posts
from gridmap.domain.patrol.problem import AccessPoint, Post, Task, TaskKind, Team, TeamKind, Windows
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.railways.freshness import compute_gaps
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import compute_times
from gridmap.domain.roads.snapping import snap
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, InvalidInput
from gridmap.store import basemap, hazards, rail, teams

LOCAL = timezone(timedelta(hours=8))
"""Beijing time; China keeps one zone without summer time."""

_DAY_S = 24 * 3600
_SUGGESTED_TEAMS = 4
_CREW = 2
_TASK_REACH_M = 5_000.0
_POST_PLACES = ("city", "town", "village", "suburb", "hamlet", "locality", "neighbourhood")
_NOT_INSPECTED = ENDED | {HazardState.CHECKED}


@dataclass(frozen=True, kw_only=True)
class PatrolRequest:
    """What a plan is asked for.

    Attributes
    ----------
    area_code
        Area whose tasks are planned, "" for all in the actor's scope.
    line_ids, team_ids
        Only these railway lines, only these teams; None means all.
    team_count
        At most this many teams; where fewer are on duty the rest are made up.
    shift_start, shift_end
        Local times; an end at or before the start lies on the next day.
    seconds, iterations, seed
        How long to search; with iterations the plan follows from the seed.
    horizon_days
        Also what falls due within so many days after the service date.
    service_date
        None means today.
    closures
        Road edges that are closed.
    slowed
        Road edges with the most that is driven there, km/h.
    """

    area_code: str = ""
    line_ids: tuple[int, ...] | None = None
    team_ids: tuple[int, ...] | None = None
    team_count: int | None = None
    shift_start: time = time(8)
    shift_end: time = time(17)
    seconds: float = 10.0
    iterations: int | None = None
    seed: int = 1
    include_hazards: bool = True
    horizon_days: int = 0
    service_date: date | None = None
    closures: tuple[int, ...] = ()
    slowed: tuple[tuple[int, float], ...] = ()
    rules: PatrolRules = field(default_factory=PatrolRules)

    def __post_init__(self) -> None:
        if self.team_count is not None and self.team_count < 1:
            raise InvalidInput(
                N_("A plan needs at least one team."), hint=N_("Ask for one team or more."), count=self.team_count
            )

    @property
    def shift_s(self) -> tuple[int, int]:
        """Start and end, seconds after local midnight."""
        start, end = (t.hour * 3600 + t.minute * 60 + t.second for t in (self.shift_start, self.shift_end))
        return start, end if end > start else end + _DAY_S


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
    posts, crew = _load_teams(connection, actor, scope=scope, request=request, notes=notes)
    posts, crew = _fit_teams(connection, posts, crew, request=request, tasks=tasks, network=network, notes=notes)
    access = _load_access(connection, network, {task.line_id for task in tasks})
    used = {task.line_id for task in tasks if task.line_id is not None}
    return Gathered(
        PatrolInput(tuple(tasks), shares, access, tuple(posts), tuple(crew)),
        {line_id: line for line_id, line in lines.items() if line_id in used},
        tuple(notes),
    )


def note(text: str, **values: Any) -> dict[str, Any]:
    """A message of a plan document."""
    return {"text": text, "values": values}


# --- tasks ------------------------------------------------------------------------------------------------------


def load_tasks(
    connection: sa.Connection, *, scope: str, request: PatrolRequest, day: date
) -> tuple[list[Task], dict[str, float]]:
    """Everything due, and the share of each segment that lies in tunnel."""
    segments = rail.load_segments(connection, scope=scope, line_ids=request.line_ids)
    tasks, shares = _segment_tasks(segments, request=request, day=day)
    if request.include_hazards:
        found = hazards.load_hazards(connection, scope=scope)
        if request.line_ids is not None:
            found = found[found["line_id"].isna() | found["line_id"].isin(request.line_ids)]
        tasks += [_hazard_task(row, request=request, day=day) for row in found.itertuples() if _is_open(row.state)]
    return tasks, shares


def _is_open(state: str) -> bool:
    return HazardState(state) not in _NOT_INSPECTED


def _segment_tasks(
    segments: gpd.GeoDataFrame, *, request: PatrolRequest, day: date
) -> tuple[list[Task], dict[str, float]]:
    """Segments whose interval has passed by the end of the day, those long overdue or never seen one up."""
    begin = pd.Timestamp(datetime.combine(day, time(), LOCAL))
    until = begin + pd.Timedelta(days=1 + request.horizon_days)
    last = pd.to_datetime(segments["last_patrol_at"], utc=True)
    due_at = last + compute_gaps(segments)
    late = (last.isna() | (due_at < begin)).to_numpy()
    due = (last.isna() | (due_at < until)).to_numpy()
    middle = shapely.line_interpolate_point(segments.geometry.to_numpy(), 0.5, normalized=True)
    tasks: list[Task] = []
    shares: dict[str, float] = {}
    for row, is_due, is_late, point in zip(segments.itertuples(), due, late, middle, strict=True):
        if not is_due:
            continue
        key = f"segment-{row.id}"
        shares[key] = float(row.tunnel_m) / max(float(row.length_m), 1.0)
        task = Task(
            key=key,
            kind=TaskKind.SEGMENT,
            id=int(row.id),
            code=row.code,
            name=row.line_name,
            priority=int(row.risk) + int(is_late),
            lon=float(point.x),
            lat=float(point.y),
            area_code=row.area_code,
            line_id=int(row.line_id),
            from_m=float(row.from_m),
            to_m=float(row.to_m),
            side=row.side,
        )
        tasks.append(task)
    return tasks, shares


def _hazard_task(row: Any, *, request: PatrolRequest, day: date) -> Task:
    begin = datetime.combine(day, time(), LOCAL)
    on_line = pd.notna(row.line_id) and pd.notna(row.mileage_m)
    mileage = float(row.mileage_m) if on_line else None
    return Task(
        key=f"hazard-{row.id}",
        kind=TaskKind.HAZARD,
        id=int(row.id),
        code=row.code,
        name=row.title,
        priority=int(row.severity) + int(row.due_at < begin),
        lon=float(row.lon),
        lat=float(row.lat),
        area_code=row.area_code,
        line_id=int(row.line_id) if on_line else None,
        from_m=mileage,
        to_m=mileage,
        side=row.side if on_line and row.side in {"left", "right", "both"} else None,
        offset_m=float(row.offset_m) if on_line and pd.notna(row.offset_m) else 0.0,
        severity=int(row.severity),
        windows_s=_windows(int(row.severity), (row.due_at - begin).total_seconds(), request),
    )


def _windows(severity: int, due_s: float, request: PatrolRequest) -> Windows:
    """Urgent hazards early in the shift; one that falls due during the shift before that, where an hour is left."""
    start, end = request.shift_s
    latest = end
    if severity >= request.rules.urgent_severity:
        latest = min(latest, start + request.rules.urgent_s)
    if start + 3600 <= due_s < end:
        latest = min(latest, int(due_s))
    return () if latest == end else ((start, latest),)


def load_measured_lines(connection: sa.Connection) -> dict[int, Line]:
    """Railway lines by id, with their mileage."""
    return {line_id: Line(line_id, *line) for line_id, line in rail.load_measured_lines(connection).items()}


def _load_access(connection: sa.Connection, network: RoadNetwork, lines: set[int | None]) -> tuple[AccessPoint, ...]:
    points = []
    for row in rail.load_access_points(connection).itertuples():
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
                )
            )
    return tuple(points)


# --- posts and teams --------------------------------------------------------------------------------------------


def _load_teams(
    connection: sa.Connection, actor: Actor, *, scope: str, request: PatrolRequest, notes: list[dict[str, Any]]
) -> tuple[list[Post], list[Team]]:
    """Stored posts, and the teams on duty whose shift meets the one asked for."""
    frame = teams.load_posts(connection, scope=actor.scope_code)
    posts = [Post(int(r.id), r.name, r.kind, float(r.lon), float(r.lat)) for r in frame.itertuples()]
    position = {post.id: i for i, post in enumerate(posts)}
    found = teams.load_teams(connection, scope=actor.scope_code)
    if request.team_ids is not None:
        found = found[found["id"].isin(request.team_ids)]
    else:
        found = found[found["on_duty"].astype(bool)]
        inside = found[found["area_code"].str.startswith(scope)] if scope else found
        # An area without teams of its own is patrolled by those around it.
        found = inside if len(inside) else found
    crew: list[Team] = []
    for row in found.itertuples():
        shift = _common_shift(int(row.shift_start_min) * 60, int(row.shift_end_min) * 60, request.shift_s)
        if int(row.post_id) not in position:
            continue
        if shift is None:
            notes.append(note(N_("{team} has no time in common with this shift and was left out."), team=row.name))
            continue
        post = position[int(row.post_id)]
        crew.append(Team(int(row.id), row.name, TeamKind(row.kind), int(row.members), post, *shift))
    return posts, crew


def _common_shift(start_s: int, end_s: int, asked: tuple[int, int]) -> tuple[int, int] | None:
    """The part of a team's own shift that lies in the one asked for; it may have begun the day before."""
    if end_s <= start_s:
        end_s += _DAY_S
    for shift in (0, -_DAY_S, _DAY_S):
        low, high = max(start_s + shift, asked[0]), min(end_s + shift, asked[1])
        if low < high:
            return low, high
    return None


def _fit_teams(
    connection: sa.Connection,
    posts: list[Post],
    crew: list[Team],
    *,
    request: PatrolRequest,
    tasks: Sequence[Task],
    network: RoadNetwork,
    notes: list[dict[str, Any]],
) -> tuple[list[Post], list[Team]]:
    """No more teams than asked for, those at the posts nearest to the tasks; missing ones made up."""
    wanted = request.team_count if request.team_count is not None else (len(crew) or _SUGGESTED_TEAMS)
    if request.team_ids is not None and request.team_count is None:
        wanted = len(crew)
    if len(crew) > wanted:
        notes.append(note(N_("Of {all} teams on duty {count} were used, as asked."), all=len(crew), count=wanted))
        return _drop_unused(posts, _pick_teams(posts, crew, wanted, tasks, network))
    if len(crew) < wanted:
        posts, made = _suggest_teams(connection, posts, wanted - len(crew), request, tasks, network, notes)
        if made:
            notes.append(
                note(N_("{count} teams of two with a car were assumed; no more are on duty."), count=len(made))
            )
        crew = [*crew, *made]
    return _drop_unused(posts, crew)


def _drop_unused(posts: list[Post], crew: list[Team]) -> tuple[list[Post], list[Team]]:
    used = sorted({team.post for team in crew})
    position = {old: new for new, old in enumerate(used)}
    moved = [Team(t.id, t.name, t.kind, t.members, position[t.post], t.shift_start_s, t.shift_end_s) for t in crew]
    return [posts[i] for i in used], moved


def _pick_teams(
    posts: list[Post], crew: list[Team], count: int, tasks: Sequence[Task], network: RoadNetwork
) -> list[Team]:
    """Teams post by post in turn, the posts nearest to the tasks first."""
    order = choose_posts(_measure_posts(posts, tasks, network), at_most=len(posts))
    rank = {post: place for place, post in enumerate([*order, *(i for i in range(len(posts)) if i not in order)])}
    turn: dict[int, int] = {}
    keyed: list[tuple[int, int, int, Team]] = []
    for number, team in enumerate(crew):
        turn[team.post] = turn.get(team.post, 0) + 1
        keyed.append((turn[team.post], rank[team.post], number, team))
    keyed.sort(key=lambda item: item[:3])
    return [item[3] for item in sorted(keyed[:count], key=lambda item: item[2])]


def _suggest_teams(
    connection: sa.Connection,
    posts: list[Post],
    count: int,
    request: PatrolRequest,
    tasks: Sequence[Task],
    network: RoadNetwork,
    notes: list[dict[str, Any]],
) -> tuple[list[Post], list[Team]]:
    candidates = [(i, post) for i, post in enumerate(posts)]
    if not candidates:
        posts = _suggest_posts(connection, network)
        candidates = list(enumerate(posts))
    chosen = choose_posts(_measure_posts(posts, tasks, network), at_most=count)
    if not chosen:
        return posts, []
    if posts[chosen[0]].id is None:
        names = ", ".join(posts[i].name for i in chosen)
        notes.append(note(N_("No posts are known here; teams set out from {places}."), places=names))
    start, end = request.shift_s
    made = [
        Team(None, f"T{number + 1}", TeamKind.CAR, _CREW, chosen[number % len(chosen)], start, end)
        for number in range(count)
    ]
    return posts, made


def _suggest_posts(connection: sa.Connection, network: RoadNetwork) -> list[Post]:
    """Stations that a road leads to, else settlements, the larger kinds first, else the middle of the network."""
    features = rail.load_rail_features(connection)
    stations = features[features["kind"].isin(["station", "halt"])]
    found = _posts_from(stations, network)
    places = basemap.load_places(connection)
    for kind in _POST_PLACES:
        if found:
            break
        found = _posts_from(places[places["kind"] == kind], network)
    if not found:
        lon, lat = float(np.median(network.lon)), float(np.median(network.lat))
        found = [Post(None, "P1", "suggested", lon, lat)]
    return found


def _posts_from(frame: pd.DataFrame, network: RoadNetwork) -> list[Post]:
    found = [
        Post(None, row.name_ or f"P{number + 1}", "suggested", float(row.lon), float(row.lat))
        for number, row in enumerate(frame.rename(columns={"name": "name_"}).itertuples())
    ]
    return [post for post in found if snap_post(network, post, mode=Mode.CAR) is not None]


def _measure_posts(posts: Sequence[Post], tasks: Sequence[Task], network: RoadNetwork) -> Any:
    """Driving time from each post to each task."""
    origins = [snap_post(network, post, mode=Mode.CAR) for post in posts]
    targets = [snap(network, (task.lon, task.lat), mode=Mode.CAR, reach_m=_TASK_REACH_M) for task in tasks]
    return compute_times(network, origins, targets, mode=Mode.CAR)[0]


def describe_tasks(tasks: Sequence[Task], lines: Mapping[int, Line]) -> pd.DataFrame:
    """Tasks as a table: key, kind, id, code, name, priority, lon, lat, area_code, line_name, prefix, from_m, to_m."""
    columns = ["key", "kind", "id", "code", "name", "priority", "lon", "lat", "area_code", "from_m", "to_m"]
    frame = pd.DataFrame([[getattr(task, name) for name in columns] for task in tasks], columns=columns)
    line = [lines.get(task.line_id) if task.line_id is not None else None for task in tasks]
    frame["line_name"] = [item.name if item else "" for item in line]
    frame["prefix"] = [item.prefix if item else "" for item in line]
    return frame
