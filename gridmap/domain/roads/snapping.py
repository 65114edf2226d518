"""Places on the network: the nearest point of a road that a mode may use, and the ways on from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gridmap.domain.crs import points_to_metric
from gridmap.domain.roads.chains import BoolArray, IntArray, ModeGraph, list_tails
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.shortest import Ends
from gridmap.domain.roads.speeds import Mode

REACH_M = 2_000.0
"""A place further than this from every usable road is not on the network."""

_FIRST_RADIUS_M = 100.0
NO_ENDS = Ends(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0, np.bool_))


@dataclass(frozen=True)
class Spot:
    """A place on an edge: `share` of the way from u to v, `off_m` beside it."""

    edge: int
    share: float
    off_m: float = 0.0


def snap(
    network: RoadNetwork,
    place: tuple[float, float],
    *,
    mode: Mode,
    reach_m: float = REACH_M,
    among: BoolArray | None = None,
) -> Spot | None:
    """The nearest point to a (lon, lat) place on an edge `mode` may use, at most `reach_m` away.

    Of equals the first edge; `among` leaves out edges where it is False.
    """
    plane, usable = network.plane, network.mode_graph(mode).usable
    if among is not None:
        usable = usable & among
    lon, lat = place
    x, y = points_to_metric(np.array([lon]), np.array([lat]), plane.crs)
    point = shapely.Point(float(x[0]), float(y[0]))
    radius = min(_FIRST_RADIUS_M, reach_m)
    while True:
        near = plane.tree.query(point, predicate="dwithin", distance=radius)
        near = near[usable[near]]
        if len(near):
            distance = shapely.distance(plane.lines[near], point)
            best = int(np.lexsort((near, distance))[0])
            edge = int(near[best])
            share = float(shapely.line_locate_point(plane.lines[edge], point, normalized=True))
            return Spot(edge, min(max(share, 0.0), 1.0), float(distance[best]))
        if radius >= reach_m:
            return None
        radius = min(3 * radius, reach_m)


def snap_all(
    network: RoadNetwork,
    places: Sequence[tuple[float, float]],
    *,
    mode: Mode,
    reach_m: float = REACH_M,
    among: BoolArray | None = None,
) -> list[Spot | None]:
    """`snap` for many (lon, lat) places in one go: thousands take as long as a few dozen one by one."""
    found: list[Spot | None] = [None] * len(places)
    edges, tree = network.usable_lines(mode)
    if not places or not len(edges):
        return found
    lon, lat = np.asarray(places, np.float64).T
    points = np.asarray(shapely.points(*points_to_metric(lon, lat, network.plane.crs)), object)
    (place, line), off_m = tree.query_nearest(points, max_distance=reach_m, return_distance=True)
    # Of equally near edges the first.
    order = np.lexsort((line, place))
    _, first = np.unique(place[order], return_index=True)
    chosen = order[first]
    place, edge, off_m = place[chosen], edges[line[chosen]], off_m[chosen]
    share = np.asarray(shapely.line_locate_point(network.plane.lines[edge], points[place], normalized=True))
    usable = network.mode_graph(mode).usable
    taken = (usable if among is None else usable & among)[edge].tolist()
    for i, e, at, off, is_taken in zip(
        place.tolist(), edge.tolist(), share.clip(0.0, 1.0).tolist(), off_m.tolist(), taken, strict=True
    ):
        # The index also holds roads that are closed now or left out: the few places at one look for another.
        found[i] = Spot(e, at, off) if is_taken else snap(network, places[i], mode=mode, reach_m=reach_m, among=among)
    return found


def spot_at_node(network: RoadNetwork, node: int, *, mode: Mode, among: BoolArray | None = None) -> Spot | None:
    """A network node as a place for `mode`, None where the mode cannot come there by an edge of `among`."""
    edges = network.mode_graph(mode).edges_at(node)
    if among is not None:
        edges = edges[among[edges]]
    if not len(edges):
        return None
    edge = int(edges[0])
    return Spot(edge, 0.0 if network.u[edge] == node else 1.0)


@dataclass(frozen=True)
class OnChain:
    """A place seen from its chain: seconds and metres from the chain's start along it, seconds from its end back."""

    chain: int
    item: int
    along_s: float
    against_s: float
    along_m: float
    junction: int


def locate_on_chain(graph: ModeGraph, spot: Spot) -> OnChain | None:
    """Where a place lies on its chain, None where the mode may not use the edge; `junction` is -1 between the ends."""
    chain = int(graph.edge_chain[spot.edge])
    if chain < 0 or not graph.usable[spot.edge]:
        return None
    chains, item = graph.chains, int(graph.edge_item[spot.edge])
    share = spot.share if chains.ahead[item] else 1.0 - spot.share
    along, against = graph.edge_forward_s[spot.edge], graph.edge_backward_s[spot.edge]
    if not chains.ahead[item]:
        along, against = against, along
    junction = -1
    if share == 0.0 and item == chains.first[chain]:
        junction = int(chains.start[chain])
    elif share == 1.0 and item == chains.first[chain + 1] - 1:
        junction = int(chains.end[chain])
    return OnChain(
        chain,
        item,
        float(chains.before_s[item] + _part(along, share)),
        float(chains.after_s[item] + _part(against, 1.0 - share)),
        float(chains.before_m[item] + graph.edge_length_m[spot.edge] * share),
        junction,
    )


def leave(graph: ModeGraph, spot: Spot) -> Ends:
    """The states come to first when setting out from `spot`."""
    at = locate_on_chain(graph, spot)
    if at is None:
        return NO_ENDS
    if at.junction >= 0:
        return _stand_at(np.array([at.junction]))
    arrive = graph.arrive_back[at.chain : at.chain + 1], graph.arrive_ahead[at.chain : at.chain + 1]
    return join_ends([_pass_end(graph, at, arrive[end], leaving=True, end=end) for end in (False, True)])


def enter(graph: ModeGraph, spot: Spot) -> Ends:
    """The states from which `spot` is come to last."""
    at = locate_on_chain(graph, spot)
    if at is None:
        return NO_ENDS
    if at.junction >= 0:
        return _stand_at(graph.states_at(at.junction))
    chain = at.chain
    if not graph.minds_turns:
        before = graph.chains.start[chain : chain + 1], graph.chains.end[chain : chain + 1]
        return join_ends([_pass_end(graph, at, before[end], leaving=False, end=end) for end in (False, True)])
    return join_ends([_turn_in(graph, at, end=end) for end in (False, True)])


def _turn_in(graph: ModeGraph, at: OnChain, *, end: bool) -> Ends:
    """Ways to a place over one end of its chain, one from each state from which one may turn in there."""
    turns = graph.turns_into(at.chain, ahead=not end)
    ends = _pass_end(graph, at, list_tails(graph.arcs)[turns], leaving=False, end=end)
    return replace(ends, seconds=ends.seconds + graph.arcs.turn_s[turns]) if len(ends.state) else ends


def along_chain(graph: ModeGraph, start: Spot, end: Spot) -> tuple[float, float]:
    """Seconds and metres from `start` to `end` without leaving their common chain, infinite where impossible."""
    a, b = locate_on_chain(graph, start), locate_on_chain(graph, end)
    if a is None or b is None or a.chain != b.chain:
        return float(np.inf), float(np.inf)
    metres = abs(b.along_m - a.along_m)
    if metres == 0.0:
        return 0.0, 0.0
    ahead = b.along_m > a.along_m
    if not graph.chains.is_open(min(a.item, b.item), max(a.item, b.item), ahead=ahead):
        return float(np.inf), float(np.inf)
    return (b.along_s - a.along_s if ahead else b.against_s - a.against_s), metres


def rest_seconds(graph: ModeGraph, at: OnChain, *, leaving: bool, end: bool) -> float:
    """Seconds between a place and one end of its chain, in the direction asked for; infinite where forbidden."""
    chains, ahead = graph.chains, leaving == end
    first, last = int(chains.first[at.chain]), int(chains.first[at.chain + 1]) - 1
    if not chains.is_open(at.item if end else first, last if end else at.item, ahead=ahead):
        return float(np.inf)
    so_far_s = at.along_s if ahead else at.against_s
    whole_s = chains.ahead_s if ahead else chains.back_s
    return max(0.0, float(whole_s[at.chain]) - so_far_s) if leaving else so_far_s


def _pass_end(graph: ModeGraph, at: OnChain, states: IntArray, *, leaving: bool, end: bool) -> Ends:
    """The way between a place and one end of its chain, told of each of the states there; none where it is closed."""
    seconds = rest_seconds(graph, at, leaving=leaving, end=end)
    if not np.isfinite(seconds):
        return NO_ENDS
    metres = graph.chains.length_m[at.chain] - at.along_m if end else at.along_m
    count = len(states)
    return Ends(states, np.full(count, seconds), np.full(count, float(metres)), np.full(count, end))


def _stand_at(states: IntArray) -> Ends:
    count = len(states)
    return Ends(states, np.zeros(count), np.zeros(count), np.zeros(count, np.bool_))


def join_ends(parts: Sequence[Ends]) -> Ends:
    """The ways of several places, or over several ends, as those of one."""
    return Ends(
        *(np.concatenate([vars(part)[name] for part in parts]) for name in ("state", "seconds", "metres", "by_end"))
    )


def _part(whole_s: float, share: float) -> float:
    """Seconds over a share of an edge; a forbidden direction counts nothing here, its chain says so as a whole."""
    return float(whole_s) * share if np.isfinite(whole_s) else 0.0
