"""Cells grown together: into villages, towns, counties and cities, each in one piece and rather ending at a river."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from gridmap.sources.demo.province.mosaic import Mosaic, build_graph
from gridmap.sources.demo.province.relief import FloatArray, IntArray, Relief
from gridmap.sources.demo.province.sites import CITY_SEAT, COUNTY_SEAT, Towns
from gridmap.sources.demo.province.size import ProvinceSize
from gridmap.sources.demo.province.water import RIVER_KM2, STREAM_KM2, Rivers

_STREAM_COST, _RIVER_COST = 1.5, 4.0
"""Crossing water counts as so many times the way."""

_CLIMB = 14.0
"""Metres of way that one metre up or down counts as."""


@dataclass(frozen=True)
class Hierarchy:
    """Who belongs to whom: the parent of each cell, village, town and county, and the seat of each area.

    `seats` are cells; `town_rank` tells seats of cities and counties. Villages, towns, counties and cities are
    numbered from 0 in no particular order.
    """

    village_of_cell: IntArray
    town_of_village: IntArray
    county_of_town: IntArray
    city_of_county: IntArray
    village_seat: IntArray
    town_seat: IntArray
    town_rank: IntArray

    def town_of_cell(self) -> IntArray:
        """The town each cell lies in."""
        return self.town_of_village[self.village_of_cell]


def build_hierarchy(
    rng: np.random.Generator, relief: Relief, mosaic: Mosaic, rivers: Rivers, towns: Towns, size: ProvinceSize
) -> Hierarchy:
    """Grow each level over the one below from the seats it needs."""
    borders = mosaic.pairs()
    pairs = np.column_stack([mosaic.left[borders], mosaic.right[borders]])
    burden = compute_burden(relief, mosaic, rivers, borders)
    town_cell, rank = _seat_towns(mosaic, towns)
    village_seat = _choose_villages(rng, pairs, town_cell, mosaic.count, size.villages)
    village = _grow(mosaic.count, pairs, burden, village_seat)
    xy = mosaic.seeds[village_seat]
    inner, cost = _lift(village, pairs, burden, mosaic.seeds, xy)
    town = _grow(len(village_seat), inner, cost, np.arange(len(town_cell)))
    inner, cost = _lift(town, inner, cost, xy, xy[: len(town_cell)])
    county_seats = np.flatnonzero(rank <= COUNTY_SEAT)
    county = _grow(len(town_cell), inner, cost, county_seats)
    inner, cost = _lift(county, inner, cost, xy, xy[county_seats])
    city = _grow(len(county_seats), inner, cost, np.flatnonzero(rank[county_seats] == CITY_SEAT))
    return Hierarchy(village, town, county, city, village_seat, town_cell, rank)


def compute_burden(relief: Relief, mosaic: Mosaic, rivers: Rivers, borders: IntArray) -> FloatArray:
    """What it costs to go from the one cell to the other across each border: metres, climbs and water."""
    a, b = mosaic.seeds[mosaic.left[borders]], mosaic.seeds[mosaic.right[borders]]
    away = np.hypot(*(a - b).T)
    middle = (mosaic.vertices[mosaic.tail[borders]] + mosaic.vertices[mosaic.head[borders]]) / 2
    height = [relief.sample(relief.height, at) for at in (a, middle, b)]
    climb = np.abs(height[1] - height[0]) + np.abs(height[2] - height[1])
    flow = rivers.flow_km2[borders]
    water = np.where(flow >= RIVER_KM2, _RIVER_COST, np.where(flow >= STREAM_KM2, _STREAM_COST, 0.0))
    return np.asarray(away * (1 + water) + _CLIMB * climb + 1.0)


def _seat_towns(mosaic: Mosaic, towns: Towns) -> tuple[IntArray, IntArray]:
    """The cell that each town lies in, no cell twice, and the towns' ranks in that order."""
    order = np.argsort(towns.rank, kind="stable")
    near = np.asarray(cKDTree(mosaic.seeds[: mosaic.count]).query(towns.xy[order], k=6)[1])
    taken: dict[int, None] = {}
    for candidates in near.tolist():
        taken.setdefault(next(cell for cell in candidates if cell not in taken))
    return np.array(list(taken), np.int64), towns.rank[order]


def _choose_villages(rng: np.random.Generator, pairs: IntArray, towns: IntArray, cells: int, count: int) -> IntArray:
    """Seats of villages, towns first: cells drawn at random that are no neighbours, as long as there are such."""
    beside = build_graph(cells, pairs, np.ones(len(pairs)))
    start, neighbour = beside.indptr.tolist(), beside.indices.tolist()
    blocked = bytearray(cells)
    chosen: list[int] = []
    left: list[int] = []
    for cell in [*towns.tolist(), *rng.permutation(np.setdiff1d(np.arange(cells), towns)).tolist()]:
        if blocked[cell] and len(chosen) >= len(towns):
            left.append(cell)
            continue
        chosen.append(cell)
        for other in neighbour[start[cell] : start[cell + 1]]:
            blocked[other] = 1
    return np.array((chosen + left)[:count], np.int64)


def _grow(count: int, pairs: IntArray, cost: FloatArray, seats: IntArray) -> IntArray:
    """The seat, by its position, that reaches each node most cheaply; so every seat's nodes hang together."""
    graph = build_graph(count, pairs, cost)
    _, _, source = dijkstra(graph, indices=seats, min_only=True, return_predecessors=True)
    number = np.full(count, -1, np.int64)
    number[seats] = np.arange(len(seats))
    return number[source]


def _lift(
    owner: IntArray, pairs: IntArray, cost: FloatArray, xy: FloatArray, owner_xy: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Pairs of neighbouring owners, and what it costs from seat to seat: the way, as hard as the border between."""
    ends = owner[pairs]
    apart = ends[:, 0] != ends[:, 1]
    step = np.maximum(np.hypot(*(xy[pairs[apart, 0]] - xy[pairs[apart, 1]]).T), 1.0)
    way = np.hypot(*(owner_xy[ends[apart, 0]] - owner_xy[ends[apart, 1]]).T)
    return ends[apart], way * cost[apart] / step + 1.0
