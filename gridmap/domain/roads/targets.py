"""Many places that are measured to again and again, from one start after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import IntArray
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import Place
from gridmap.domain.roads.shortest import compute_rows
from gridmap.domain.roads.snapping import Spot, along_chain, enter, join_ends, leave, snap, snap_all
from gridmap.domain.roads.speeds import Mode


@dataclass(frozen=True)
class Targets:
    """Places with the ways into them laid side by side, so that a start costs one search and no loop over places.

    Attributes
    ----------
    spots
        Where each place meets the network, None where no usable road is near.
    states
        From which some place is come to, each once.
    at, seconds, place
        Of each way into a place: its number among `states`, the seconds from there, and the place.
    chain
        On which each place lies, -1 off the network.
    """

    network: RoadNetwork
    mode: Mode
    spots: tuple[Spot | None, ...]
    states: IntArray
    at: IntArray
    seconds: FloatArray
    place: IntArray
    chain: IntArray


def pack_targets(network: RoadNetwork, places: Sequence[Place], *, mode: Mode = Mode.CAR) -> Targets:
    """Find the ways into (lon, lat) places, once."""
    graph = network.mode_graph(mode)
    spots = tuple(snap_all(network, places, mode=mode))
    ends = [(number, enter(graph, spot)) for number, spot in enumerate(spots) if spot is not None]
    whole = join_ends([end for _, end in ends])
    states, at = np.unique(whole.state.astype(np.int64), return_inverse=True)
    count = np.array([len(end.state) for _, end in ends], np.int64)
    return Targets(
        network=network,
        mode=mode,
        spots=spots,
        states=states,
        at=at,
        seconds=whole.seconds,
        place=np.repeat(np.array([number for number, _ in ends], np.int64), count),
        chain=np.array([-1 if spot is None else graph.edge_chain[spot.edge] for spot in spots], np.int64),
    )


def measure_times(targets: Targets, start: Place) -> FloatArray:
    """Seconds of the fastest way from a (lon, lat) start to each place, infinite where none leads."""
    graph = targets.network.mode_graph(targets.mode)
    found = np.full(len(targets.spots), np.inf)
    spot = snap(targets.network, start, mode=targets.mode)
    if spot is None:
        return found
    if len(targets.states) and graph.state_count:
        row = compute_rows(graph.arcs, [leave(graph, spot)], targets.states)[0][0]
        np.minimum.at(found, targets.place, row[targets.at] + targets.seconds)
    for number in np.flatnonzero(targets.chain == graph.edge_chain[spot.edge]).tolist():
        goal = targets.spots[number]
        if goal is not None:
            found[number] = min(found[number], along_chain(graph, spot, goal)[0])
    return found
