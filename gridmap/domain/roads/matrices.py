"""Times between many places that stay at hand while roads are closed: only what a closure changes is searched anew.

For every place the tree of fastest ways is kept: 12 bytes for each place and junction, 135 MB for 500 places on 22,500
junctions. Where an arc is closed or slowed, only the junctions behind it in a tree lose their ways; they are joined
again to the rest of the tree by Dijkstra's search from its rim (Ramalingam and Reps, On the computational complexity of
dynamic graph problems, 1996). What did not change is shared with the matrix before; see `trees` and
`mending`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import IntArray, ModeGraph
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.mending import Change, Patch, begin_patch, mend_rows
from gridmap.domain.roads.routes import Place
from gridmap.domain.roads.shortest import Ends
from gridmap.domain.roads.snapping import (
    NO_ENDS,
    OnChain,
    Spot,
    enter,
    join_ends,
    leave,
    locate_on_chain,
    snap,
    snap_all,
)
from gridmap.domain.roads.speeds import Mode
from gridmap.domain.roads.trees import Doors, Trees, Ways, grow_rows, pack_ways, time_ways

_PARTS = 16
"""Rows are handed out in so many parts, so that no core waits long for another."""

_NOWHERE = OnChain(-1, -1, 0.0, 0.0, 0.0, -1)

T = TypeVar("T")


@dataclass(frozen=True)
class TravelMatrix:
    """Fastest times between places by one mode, from row to column.

    Attributes
    ----------
    spots
        Where each (lon, lat) place meets the network, None where no usable road is near.
    seconds, metres
        Infinite where no way leads, and for places off the network.
    """

    network: RoadNetwork
    mode: Mode
    places: tuple[Place, ...]
    spots: tuple[Spot | None, ...]
    seconds: FloatArray
    metres: FloatArray
    _searched: _Searched

    def close_edges(self, edge_ids: Iterable[int]) -> TravelMatrix:
        """The matrix with edges closed to everybody, as `build_matrix` would make it on such a network."""
        return self.follow(self.network.close_edges(edge_ids))

    def follow(self, network: RoadNetwork) -> TravelMatrix:
        """The matrix on another state of the same network: closures and slow roads, each of them more than before.

        Where an edge became quicker or was opened everything is measured anew.
        """
        before, now = self.network.mode_graph(self.mode), network.mode_graph(self.mode)
        if (self.network.base or self.network) is not (network.base or network) or (
            (now.edge_forward_s < before.edge_forward_s) | (now.edge_backward_s < before.edge_backward_s)
        ).any():
            return build_matrix(network, self.places, mode=self.mode)
        # Only a place at a closed road looks for another.
        spots = tuple(
            spot if spot is None or now.usable[spot.edge] else snap(network, place, mode=self.mode)
            for spot, place in zip(self.spots, self.places, strict=True)
        )
        return _mend(self, network, spots)


@dataclass(frozen=True)
class _Door:
    """How one place meets the graph."""

    start: Ends
    goal: Ends
    at: OnChain | None


@dataclass(frozen=True)
class _Searched:
    """What a matrix was read from; `trees` with a patch for each part of the rows are the ways."""

    graph: ModeGraph
    ways: Ways
    door: tuple[_Door, ...]
    doors: Doors
    trees: Trees
    patches: tuple[Patch, ...]


def build_matrix(network: RoadNetwork, places: Sequence[Place], *, mode: Mode = Mode.CAR) -> TravelMatrix:
    """Measure every way between (lon, lat) places, on all cores."""
    graph = network.mode_graph(mode)
    spots = tuple(snap_all(network, places, mode=mode))
    ways, door = pack_ways(graph), tuple(_open_door(graph, spot) for spot in spots)
    doors = _pack_doors(door)
    count = len(spots)
    trees = Trees(np.empty((count, graph.state_count)), np.empty((count, graph.state_count), np.int32))
    seconds, metres = np.empty((count, count)), np.empty((count, count))
    _spread(lambda _, low, high: grow_rows(ways, doors, low, high, trees, seconds, metres), count)
    patches = tuple(begin_patch(high - low) for low, high in pairwise(_divide(count)))
    searched = _Searched(graph, ways, door, doors, trees, patches)
    return TravelMatrix(network, mode, tuple(places), spots, seconds, metres, searched)


def _mend(old: TravelMatrix, network: RoadNetwork, spots: tuple[Spot | None, ...]) -> TravelMatrix:
    before, graph = old._searched, network.mode_graph(old.mode)
    ways = time_ways(before.ways, graph)
    touched = _find_touched_chains(before.graph, graph)
    door = tuple(
        known if spot is was and (known.at is None or known.at.chain not in touched) else _open_door(graph, spot)
        for spot, was, known in zip(spots, old.spots, before.door, strict=True)
    )
    moved = [place for place, (a, b) in enumerate(zip(door, before.door, strict=True)) if a is not b]
    doors = _pack_doors(door) if moved else before.doors
    change = _find_change(before, ways, door, moved)
    seconds, metres = old.seconds.copy(), old.metres.copy()
    patches = _spread(
        lambda part, low, high: mend_rows(
            ways, doors, low, high, before.trees, before.patches[part], change, seconds, metres
        ),
        len(spots),
    )
    searched = _Searched(graph, ways, door, doors, before.trees, tuple(patches))
    return replace(old, network=network, spots=spots, seconds=seconds, metres=metres, _searched=searched)


def _find_touched_chains(before: ModeGraph, now: ModeGraph) -> set[int]:
    """Chains on which some edge takes another time."""
    differs = (now.edge_forward_s != before.edge_forward_s) | (now.edge_backward_s != before.edge_backward_s)
    return set(now.edge_chain[differs].tolist())


def _find_change(before: _Searched, ways: Ways, door: Sequence[_Door], moved: Iterable[int]) -> Change:
    is_slower = ways.seconds > before.ways.seconds
    is_new_row, is_new_target = np.zeros(len(door), np.bool_), np.zeros(len(door), np.bool_)
    for place in moved:
        is_new_row[place] = not _are_alike(door[place].start, before.door[place].start)
        is_new_target[place] = not _are_alike(door[place].goal, before.door[place].goal)
    slower = np.flatnonzero(is_slower).astype(np.int32)
    return Change(slower, is_slower, is_new_row, is_new_target, bool(is_new_target.any()))


def _are_alike(a: Ends, b: Ends) -> bool:
    return np.array_equal(a.state, b.state) and np.array_equal(a.seconds, b.seconds)


def _spread(work: Callable[[int, int, int], T], count: int) -> list[T]:
    """Work on all rows in parts, on all cores: the compiled searches let the interpreter's lock go.

    `work` takes the number of a part, its first row and the one behind its last.
    """
    marks = _divide(count)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, range(len(marks) - 1), marks[:-1], marks[1:]))


def _divide(count: int) -> list[int]:
    """Where the parts of so many rows begin, with a last mark behind them."""
    marks: list[int] = np.unique(np.linspace(0, count, _PARTS + 1).astype(np.int64)).tolist()
    return marks


def _open_door(graph: ModeGraph, spot: Spot | None) -> _Door:
    if spot is None:
        return _Door(NO_ENDS, NO_ENDS, None)
    return _Door(leave(graph, spot), enter(graph, spot), locate_on_chain(graph, spot))


def _pack_doors(door: Sequence[_Door]) -> Doors:
    at = [place.at or _NOWHERE for place in door]
    group, chain_first, by_chain = _group([place.chain for place in at])
    return Doors(
        *_pack_ends([place.start for place in door]),
        *_pack_ends([place.goal for place in door]),
        group,
        chain_first,
        by_chain,
        np.array([place.item for place in at], np.int64),
        np.array([place.along_s for place in at], np.float64),
        np.array([place.against_s for place in at], np.float64),
        np.array([place.along_m for place in at], np.float64),
    )


def _pack_ends(ends: Sequence[Ends]) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    sizes, whole = [len(end.state) for end in ends], join_ends([*ends, NO_ENDS])
    order = np.lexsort((whole.seconds, np.repeat(np.arange(len(ends)), sizes)))
    return _begin(sizes), whole.state[order], whole.seconds[order], whole.metres[order]


def _group(chains: Sequence[int]) -> tuple[IntArray, IntArray, IntArray]:
    """Number of each place's chain among those with places, -1 where it has none, and the places of each by rows."""
    chain = np.array(chains, np.int64)
    on_one = np.flatnonzero(chain >= 0)
    _, number = np.unique(chain[on_one], return_inverse=True)
    group = np.full(len(chain), -1, np.int64)
    group[on_one] = number
    return group, _begin(np.bincount(number).tolist()), on_one[np.argsort(number, kind="stable")]


def _begin(sizes: Sequence[int]) -> IntArray:
    """Where each of so many parts begins, with a last mark behind them."""
    return np.concatenate([[0], np.cumsum(np.array(sizes, np.int64))]).astype(np.int64)
