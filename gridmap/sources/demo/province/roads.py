"""Roads: ways from village to village over the cells, the busier the higher the places they join."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.sources.demo.province.hierarchy import Hierarchy
from gridmap.sources.demo.province.links import link_places
from gridmap.sources.demo.province.mosaic import Mosaic, build_graph
from gridmap.sources.demo.province.relief import BoolArray, FloatArray, IntArray
from gridmap.sources.demo.province.sites import CITY_SEAT, COUNTY_SEAT
from gridmap.sources.demo.province.size import ProvinceSize
from gridmap.sources.demo.province.water import STREAM_KM2, Rivers

CLASSES = ("unclassified", "tertiary", "secondary", "trunk")
"""Of ways that join villages, towns, counties and cities."""

_SMOOTHING = 2
_NUMBERED = {"tertiary": "X", "secondary": "S", "trunk": "G"}


@dataclass(frozen=True)
class Road:
    """An edge of the road graph: vertices (n, 2) in metres from node to node."""

    xy: FloatArray
    road_class: str
    name: str
    bridge: bool

    def xy_line(self) -> shapely.LineString:
        """The road as a line in metres."""
        return shapely.LineString(self.xy)


@dataclass(frozen=True)
class RoadGraph:
    """Junctions (n, 2) in metres, and roads with the rows of their two ends."""

    nodes: FloatArray
    ends: IntArray
    roads: list[Road]


def build_roads(
    mosaic: Mosaic, rivers: Rivers, hierarchy: Hierarchy, burden: FloatArray, borders: IntArray, size: ProvinceSize
) -> RoadGraph:
    """Least-cost ways over the cells; ways of higher classes follow those of lower ones."""
    pairs = np.column_stack([mosaic.left[borders], mosaic.right[borders]])
    rank = hierarchy.town_rank
    others = hierarchy.village_seat[len(rank) : size.road_places]
    places = [
        np.concatenate([hierarchy.town_seat, others]),
        hierarchy.town_seat,
        hierarchy.town_seat[rank <= COUNTY_SEAT],
        hierarchy.town_seat[rank == CITY_SEAT],
    ]
    level = np.full(len(pairs), -1, np.int64)
    for number, seats in enumerate(places):
        held = np.flatnonzero(level >= number - 1) if number else np.arange(len(pairs))
        links = link_places(mosaic.count, pairs[held], burden[held], seats)
        level[held[_find_pairs(mosaic.count, pairs[held], links.paths)]] = number
    used = np.flatnonzero(level >= 0)
    wet = rivers.flow_km2[borders[used]] >= STREAM_KM2
    return _contract(mosaic, pairs[used], level[used], wet)


def _find_pairs(count: int, pairs: IntArray, paths: list[list[int]]) -> IntArray:
    """Rows of `pairs` that the paths step over."""
    number = build_graph(count, pairs, np.arange(1.0, len(pairs) + 1))
    steps = np.vstack([np.column_stack([path[:-1], path[1:]]) for path in paths])
    return np.unique(np.asarray(number[steps[:, 0], steps[:, 1]]).ravel().astype(np.int64)) - 1


def _contract(mosaic: Mosaic, pairs: IntArray, level: IntArray, wet: BoolArray) -> RoadGraph:
    """Chains of cells between junctions as one road each; changes of class and both ends of a bridge are junctions."""
    beside: dict[int, list[int]] = {}
    for row, (a, b) in enumerate(pairs.tolist()):
        beside.setdefault(a, []).append(row)
        beside.setdefault(b, []).append(row)
    at_water = set(pairs[wet].ravel().tolist())
    is_node = {
        cell: len(rows) != 2 or cell in at_water or level[rows[0]] != level[rows[1]] for cell, rows in beside.items()
    }
    for row, (a, _) in enumerate(pairs.tolist()):  # a ring without a junction gets one
        is_node[a] = is_node[a] or _is_lone_ring(pairs, beside, is_node, row)
    numbers = {cell: i for i, cell in enumerate(sorted(c for c, node in is_node.items() if node))}
    walked: npt.NDArray[np.bool_] = np.zeros(len(pairs), bool)
    roads: list[Road] = []
    ends: list[tuple[int, int]] = []
    for cell in numbers:
        for first in beside[cell]:
            if walked[first]:
                continue
            chain, row = [cell], first
            while True:
                walked[row] = True
                a, b = pairs[row].tolist()
                chain.append(b if chain[-1] == a else a)
                if is_node[chain[-1]]:
                    break
                row = next(r for r in beside[chain[-1]] if r != row)
            roads.append(_draw(mosaic, chain, CLASSES[level[first]], number=len(roads), bridge=bool(wet[first])))
            ends.append((numbers[chain[0]], numbers[chain[-1]]))
    return RoadGraph(mosaic.seeds[np.array(list(numbers), np.int64)], np.array(ends, np.int64), roads)


def _is_lone_ring(pairs: IntArray, beside: dict[int, list[int]], is_node: dict[int, bool], row: int) -> bool:
    start, cell = pairs[row].tolist()
    while not is_node[cell]:
        if cell == start:
            return True
        row = next(r for r in beside[cell] if r != row)
        a, b = pairs[row].tolist()
        cell = b if cell == a else a
    return False


def _draw(mosaic: Mosaic, chain: list[int], road_class: str, *, number: int, bridge: bool) -> Road:
    """A line over the chain's cells with its corners cut (Chaikin 1974), both ends kept."""
    xy = mosaic.seeds[chain]
    for _ in range(_SMOOTHING if len(chain) > 2 else 0):
        cut = np.empty((2 * len(xy) - 2, 2))
        cut[::2], cut[1::2] = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
        xy = np.vstack([xy[:1], cut[1:-1], xy[-1:]])
    prefix = _NUMBERED.get(road_class)
    return Road(xy, road_class, f"{prefix}{100 + number % 900}" if prefix else "", bridge)
