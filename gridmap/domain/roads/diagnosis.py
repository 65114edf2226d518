"""Which roads a place cannot reach or be reached from, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gridmap.domain.roads.chains import BoolArray, IntArray, ModeGraph
from gridmap.domain.roads.components import find_components
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.landmarks import reach_within
from gridmap.domain.roads.shortest import Ends
from gridmap.domain.roads.snapping import Spot, enter, leave
from gridmap.domain.roads.speeds import FOOT_CLASSES, Mode


class Obstacle(StrEnum):
    """Why a road is out of reach."""

    NO_WAY_IN = "no_way_in"
    NO_WAY_OUT = "no_way_out"
    ISLAND = "island"
    NO_ACCESS = "no_access"
    ON_FOOT_ONLY = "on_foot_only"
    NO_WALKING = "no_walking"
    CLOSED = "closed"
    CUT_OFF = "cut_off"


@dataclass(frozen=True)
class Diagnosis:
    """How the roads of a network lie to a place, by positions of edges.

    Attributes
    ----------
    reached
        Edges that can be gone to and come back from.
    out_of_reach
        The others by what is in the way: one can only come from there (`NO_WAY_IN`) or only go there (`NO_WAY_OUT`),
        neither (`ISLAND`), the mode is not allowed on a road made for vehicles (`NO_ACCESS`), nobody may walk there
        (`NO_WALKING`), or it is a way for people on foot. What closures are to blame for is `CLOSED` itself or
        `CUT_OFF` by them. What is in the way of none is left out.
    """

    reached: IntArray
    out_of_reach: dict[Obstacle, IntArray]


def diagnose(network: RoadNetwork, *, mode: Mode, spot: Spot | None = None) -> Diagnosis:
    """Hold every edge against a place, or against the largest part of the network that hangs together."""
    graph = network.mode_graph(mode)
    goes, comes = _compare(graph, spot)
    usable = graph.usable
    shut, cut_off = _blame_closures(network, usable & goes & comes, mode=mode, spot=spot)
    left, for_walkers = usable & ~cut_off, np.isin(network.road_class, list(FOOT_CLASSES))
    forbidden = ~usable & ~shut
    kinds = {
        Obstacle.CLOSED: shut,
        Obstacle.CUT_OFF: cut_off,
        Obstacle.NO_WAY_IN: left & ~goes & comes,
        Obstacle.NO_WAY_OUT: left & goes & ~comes,
        Obstacle.ISLAND: left & ~goes & ~comes,
    }
    if mode is Mode.FOOT:
        kinds[Obstacle.NO_WALKING] = forbidden
    else:
        kinds |= {Obstacle.NO_ACCESS: forbidden & ~for_walkers, Obstacle.ON_FOOT_ONLY: forbidden & for_walkers}
    found = {kind: np.flatnonzero(chosen) for kind, chosen in kinds.items()}
    reached = np.flatnonzero(usable & goes & comes)
    return Diagnosis(reached, {kind: edges for kind, edges in found.items() if len(edges)})


def _blame_closures(
    network: RoadNetwork, reached: BoolArray, *, mode: Mode, spot: Spot | None
) -> tuple[BoolArray, BoolArray]:
    """Which edges are closed that would be open else, and which could be gone to and come back from but for those."""
    graph, nothing = network.mode_graph(mode), np.zeros(network.edge_count, np.bool_)
    if network.base is None:
        return nothing, nothing
    before = network.base.mode_graph(mode)
    shut = before.usable & ~graph.usable
    if not shut.any():
        return nothing, nothing
    goes, comes = _compare(before, spot)
    return shut, graph.usable & goes & comes & ~reached


def _compare(graph: ModeGraph, spot: Spot | None) -> tuple[BoolArray, BoolArray]:
    """Which edges can be gone to from a place, or from the largest part, and which can be come from."""
    if spot is None:
        main = np.flatnonzero(find_components(graph) == 0)
        away = back = Ends(main, np.zeros(len(main)), np.zeros(len(main)), np.zeros(len(main), np.bool_))
    else:
        away, back = leave(graph, spot), enter(graph, spot)
    can_go = np.isfinite(reach_within(graph.arcs, away.state, away.seconds, limit_s=np.inf))
    can_come = np.isfinite(reach_within(graph.reverse, back.state, back.seconds, limit_s=np.inf))
    goes, comes = _compare_edges(graph, can_go, can_come)
    if spot is not None:
        # Of the place's own stretch between two junctions one is always somewhere.
        own = graph.edge_chain == graph.edge_chain[spot.edge]
        goes |= own
        comes |= own
    return goes, comes


def _compare_edges(graph: ModeGraph, can_go: BoolArray, can_come: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Which edges can be gone to from the junctions that can be gone to, and which come from."""
    chains = graph.chains
    count = np.diff(chains.first)
    low, high = np.repeat(chains.first[:-1], count), np.repeat(chains.first[1:], count)
    behind_s, behind_e = graph.least_before(np.where(can_go, 0, 1))
    from_start, from_end = np.repeat(behind_s == 0, count), np.repeat(behind_e == 0, count)
    to_end, to_start = np.repeat(can_come[graph.arrive_ahead], count), np.repeat(can_come[graph.arrive_back], count)
    own, ahead, back = np.arange(len(chains.edge)), chains.shut_ahead, chains.shut_back
    goes, comes = np.zeros(len(graph.edge_chain), np.bool_), np.zeros(len(graph.edge_chain), np.bool_)
    goes[chains.edge] = (from_start & (ahead[low] == ahead[own + 1])) | (from_end & (back[own] == back[high]))
    comes[chains.edge] = (to_end & (ahead[own] == ahead[high])) | (to_start & (back[low] == back[own + 1]))
    return goes, comes
