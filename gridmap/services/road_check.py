"""What is wrong with the roads for those who drive on them: what no post can reach, and why."""

from __future__ import annotations

from dataclasses import dataclass

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
from gridmap.services.road_network import get_open_network
from gridmap.services.teams import list_posts

EXPLANATIONS = {
    Obstacle.NO_WAY_IN: N_("One-way streets only lead out of it."),
    Obstacle.NO_WAY_OUT: N_("One-way streets only lead into it."),
    Obstacle.ISLAND: N_("It is not connected with the other roads."),
    Obstacle.NO_ACCESS: N_("It is closed to vehicles, by a sign or a gate."),
    Obstacle.ON_FOOT_ONLY: N_("It is a way for people on foot."),
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

    `off_m` is from the post to its road, not a number where no usable road is near.
    """

    post: str
    off_m: float
    stretches: int
    length_m: float
    faults: tuple[RoadFault, ...]


def check_roads(context: Context, actor: Actor, *, mode: Mode | str = Mode.CAR) -> tuple[Reachability, ...]:
    """The largest connected part of the network, then every post in scope by its name.

    Raises
    ------
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.VIEW)
    network, mode = get_open_network(context), Mode(mode)
    found = [_report(network, "", 0.0, diagnose(network, mode=mode))]
    for post in list_posts(context, actor).sort_values("name").itertuples():
        spot = snap(network, (float(post.lon), float(post.lat)), mode=mode)
        if spot is None:
            found.append(Reachability(str(post.name), float("nan"), 0, 0.0, ()))
        else:
            found.append(_report(network, str(post.name), spot.off_m, diagnose(network, mode=mode, spot=spot)))
    return tuple(found)


def _report(network: RoadNetwork, post: str, off_m: float, found: Diagnosis) -> Reachability:
    faults = [_describe(network, obstacle, edges) for obstacle, edges in found.out_of_reach.items()]
    length_m = float(network.length_m[found.reached].sum())
    return Reachability(post, off_m, len(found.reached), length_m, tuple(faults))


def _describe(network: RoadNetwork, obstacle: Obstacle, edges: IntArray) -> RoadFault:
    longest = edges[np.argsort(-network.length_m[edges], kind="stable")[:_EXAMPLES]]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(network.geometry[longest], 0.5, normalized=True))
    examples = [
        ExampleRoad(int(network.edge_id[edge]), str(network.name[edge]), str(network.road_class[edge]), lon, lat)
        for edge, (lon, lat) in zip(longest.tolist(), middle.tolist(), strict=True)
    ]
    return RoadFault(obstacle, len(edges), float(network.length_m[edges].sum()), tuple(examples))
