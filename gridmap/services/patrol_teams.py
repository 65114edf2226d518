"""As many teams as a plan asks for, at the posts nearest to its tasks; what is missing is suggested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.patrol.ground import snap_post
from gridmap.domain.patrol.posts import choose_posts
from gridmap.domain.patrol.problem import Post, Task, Team, TeamKind
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import compute_times
from gridmap.domain.roads.snapping import snap
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_
from gridmap.services.patrol_request import PatrolRequest, note
from gridmap.store import basemap, rail

_SUGGESTED_TEAMS = 4
_CREW = 2
_TASK_REACH_M = 5_000.0
_POST_PLACES = ("city", "town", "village", "suburb", "hamlet", "locality", "neighbourhood")


def fit_crew(
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
    used = sorted({post for team in crew for post in (team.post, team.home)})
    position = {old: new for new, old in enumerate(used)}
    moved = [replace(team, post=position[team.post], end_post=position[team.home]) for team in crew]
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
