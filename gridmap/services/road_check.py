"""What is wrong with the roads for those who drive on them: what no post can reach, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.roads.chains import IntArray
from gridmap.domain.roads.diagnosis import Diagnosis, Obstacle, diagnose
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.snapping import snap
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_
from gridmap.services.context import Context
from gridmap.services.road_network import get_network, get_open_network
from gridmap.services.teams import list_posts

EXPLANATIONS = {
    Obstacle.NO_WAY_IN: N_("One-way streets only lead out of it."),
    Obstacle.NO_WAY_OUT: N_("One-way streets only lead into it."),
    Obstacle.ISLAND: N_("It is not connected with the other roads."),
    Obstacle.NO_ACCESS: N_("It is closed to vehicles, by a sign or a gate."),
    Obstacle.ON_FOOT_ONLY: N_("It is a way for people on foot."),
    Obstacle.NO_WALKING: N_("Nobody may walk there."),
    Obstacle.CLOSED: N_("It is closed at that time."),
    Obstacle.CUT_OFF: N_("Closed roads cut it off."),
}
_EXAMPLES = 5


@dataclass(frozen=True)
class ExampleRoad:
    """One stretch of road that is out of reach, and the (lon, lat) of its middle."""

    edge_id: int
    name: str
    road_class: str
    lon: float
    lat: float


@dataclass(frozen=True)
class RoadFault:
    """Stretches out of reach for one reason, and the longest of them."""

    obstacle: Obstacle
    stretches: int
    length_m: float
    examples: tuple[ExampleRoad, ...]


@dataclass(frozen=True)
class Reachability:
    """What can be gone to and come back from, and what cannot; `post` is "" for the largest connected part itself.

    `off_m` is from the post to its road, not a number where no usable road is near; `mode` is of who sets out.
    """

    post: str
    off_m: float
    stretches: int
    length_m: float
    faults: tuple[RoadFault, ...]
    mode: Mode = Mode.CAR


@dataclass(frozen=True)
class Start:
    """A place, WGS-84, from which teams of one kind set out."""

    post: str
    lon: float
    lat: float
    mode: Mode


def check_roads(
    context: Context, actor: Actor, *, mode: Mode | str = Mode.CAR, closures: tuple[int, ...] = ()
) -> tuple[Reachability, ...]:
    """The largest connected part of the network as it is now, then every post in scope by its name.

    `closures` are ids of roads that are closed besides.

    Raises
    ------
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.VIEW)
    network, mode = get_open_network(context).close_edges(closures), Mode(mode)
    whole = _report(network, Start("", 0.0, 0.0, mode), 0.0, diagnose(network, mode=mode))
    posts = list_posts(context, actor).sort_values("name")
    starts = [Start(str(post.name), float(post.lon), float(post.lat), mode) for post in posts.itertuples()]
    return (whole, *(_check_start(network, start) for start in starts))


def check_starts(
    context: Context, actor: Actor, *, starts: tuple[Start, ...], closures: tuple[int, ...]
) -> tuple[Reachability, ...]:
    """What each of the starts of a plan reaches where no roads but those of the plan are closed.

    Raises
    ------
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.VIEW)
    network = get_network(context).close_edges(closures)
    return tuple(_check_start(network, start) for start in starts)


def list_starts(document: Mapping[str, Any]) -> tuple[Start, ...]:
    """From where teams of which kind set out in a plan document, each once."""
    posts = {post["key"]: post for post in document["posts"]}
    pairs = dict.fromkeys((team["post"], team["kind"]) for team in document["teams"])
    return tuple(
        Start(posts[key]["name"], posts[key]["lon"], posts[key]["lat"], Mode(kind)) for key, kind in sorted(pairs)
    )


def _check_start(network: RoadNetwork, start: Start) -> Reachability:
    spot = snap(network, (start.lon, start.lat), mode=start.mode)
    if spot is None:
        return Reachability(start.post, float("nan"), 0, 0.0, (), start.mode)
    return _report(network, start, spot.off_m, diagnose(network, mode=start.mode, spot=spot))


def _report(network: RoadNetwork, start: Start, off_m: float, found: Diagnosis) -> Reachability:
    faults = [_describe(network, obstacle, edges) for obstacle, edges in found.out_of_reach.items()]
    length_m = float(network.length_m[found.reached].sum())
    return Reachability(start.post, off_m, len(found.reached), length_m, tuple(faults), start.mode)


def _describe(network: RoadNetwork, obstacle: Obstacle, edges: IntArray) -> RoadFault:
    longest = edges[np.argsort(-network.length_m[edges], kind="stable")[:_EXAMPLES]]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(network.geometry[longest], 0.5, normalized=True))
    examples = [
        ExampleRoad(int(network.edge_id[edge]), str(network.name[edge]), str(network.road_class[edge]), lon, lat)
        for edge, (lon, lat) in zip(longest.tolist(), middle.tolist(), strict=True)
    ]
    return RoadFault(obstacle, len(edges), float(network.length_m[edges].sum()), tuple(examples))
