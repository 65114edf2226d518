"""The lie of the land for a patrol: where posts meet the roads, what can be driven to, where lines are come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.domain.patrol.problem import AccessPoint, Post, Profile, Task, Team
from gridmap.domain.patrol.sides import list_crossings
from gridmap.domain.patrol.stretches import Landing
from gridmap.domain.roads.chains import BoolArray
from gridmap.domain.roads.components import find_components, find_edge_components
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import compute_times
from gridmap.domain.roads.snapping import Spot, snap, spot_at_node
from gridmap.domain.roads.speeds import Mode

_SUBSTANTIAL_JUNCTIONS = 50
"""A part of the network with fewer junctions than this is a fragment that no post is placed on."""


@dataclass(frozen=True)
class PatrolInput:
    """What is due and who is there; `teams[i].post` is a position in `posts`.

    `tracks` are those on the ground, WGS-84 lines: nobody walks over them from a road to a hazard.
    """

    tasks: tuple[Task, ...]
    tunnel_share: dict[str, float]
    access: tuple[AccessPoint, ...]
    posts: tuple[Post, ...]
    teams: tuple[Team, ...]
    tracks: tuple[shapely.LineString, ...] = ()


@dataclass(frozen=True)
class Ground:
    """One profile on the network: where posts stand, and which edges can be gone to from one of them and left again."""

    profile: Profile
    posts: tuple[Spot | None, ...]
    connected: BoolArray
    landings: dict[int, Landing]


def snap_post(network: RoadNetwork, post: Post, *, mode: Mode) -> Spot | None:
    """Where a post meets the roads of a mode; fragments of the network are passed over.

    A place that is known to be on a road stays there unless that road is closed by now.
    """
    graph = network.mode_graph(mode)
    if post.spot is not None and graph.usable[post.spot.edge]:
        return post.spot
    size = np.bincount(find_components(graph), minlength=1)
    component = find_edge_components(graph)
    substantial = (component == 0) | ((component > 0) & (size[component] >= _SUBSTANTIAL_JUNCTIONS))
    return snap(network, (post.lon, post.lat), mode=mode, among=substantial)


def survey(network: RoadNetwork, given: PatrolInput, profile: Profile) -> Ground:
    """The ground of one profile."""
    mode, network = profile.mode, network.drive_during(profile.hours)
    crew = [team for team in given.teams if team.profile == profile]
    manned = {post for team in crew for post in (team.post, team.home)}
    posts = tuple(
        snap_post(network, post, mode=mode) if position in manned else None for position, post in enumerate(given.posts)
    )
    component = find_edge_components(network.mode_graph(mode))
    starts = [posts[team.post] for team in crew]
    begun = np.unique([component[spot.edge] for spot in starts if spot is not None])
    connected = np.isin(component, begun[begun >= 0])
    landings = {
        line_id: _build_landing(network, points, connected, profile)
        for line_id, points in _by_line(given.access).items()
    }
    return Ground(profile, posts, connected, landings)


def _by_line(access: Sequence[AccessPoint]) -> dict[int, list[AccessPoint]]:
    lines: dict[int, list[AccessPoint]] = defaultdict(list)
    for point in sorted(access, key=lambda point: (point.line_id, point.mileage_m, point.id)):
        lines[point.line_id].append(point)
    return dict(lines)


def _build_landing(
    network: RoadNetwork, points: Sequence[AccessPoint], connected: BoolArray, profile: Profile
) -> Landing:
    kept: list[AccessPoint] = []
    spots: list[Spot] = []
    for point in points:
        spot = spot_at_node(network, point.node, mode=profile.mode, among=connected)
        if spot is not None and (point.drivable or profile.mode is Mode.FOOT):
            kept.append(point)
            spots.append(spot)
    drive_s = np.zeros((len(kept), len(kept)))
    if profile.drives_round:
        drive_s, _ = compute_times(network, spots, spots, mode=profile.mode)
    return Landing(tuple(kept), tuple(spots), drive_s, list_crossings(points))
