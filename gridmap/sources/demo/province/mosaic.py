"""Cells as a mosaic: every border bent once and used by both sides, so that areas of all levels fit exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi

from gridmap.domain.crs import Geometries
from gridmap.sources.demo.province.relief import BoolArray, FloatArray, IntArray
from gridmap.sources.demo.province.sites import Seeds

_BENDS = ((90.0, 0), (350.0, 1), (1_300.0, 3), (np.inf, 7))
"""Border shorter than so many metres, and how many vertices it gets between its ends."""

_WITHIN = 0.8
"""Share of the room beside a border that a bend may use."""

_STEEPEST = 0.9
"""A border leaves its ends at no more than this rise over run."""


@dataclass(frozen=True)
class Mosaic:
    """Cells and the borders between them.

    Attributes
    ----------
    seeds
        A place inside each cell (n, 2), metres; the first `count` cells are of the province, the rest surround it.
    vertices
        Points of all borders, metres.
    tail, head
        Corners a border runs between, rows of `vertices`; `corners` comes before every bend.
    left, right
        Cells on either side, facing from tail to head.
    first_bend, bends
        The border's own vertices between its ends: the first row of `vertices` and how many follow.
    """

    seeds: FloatArray
    count: int
    vertices: FloatArray
    corners: int
    tail: IntArray
    head: IntArray
    left: IntArray
    right: IntArray
    first_bend: IntArray
    bends: IntArray

    def pairs(self) -> IntArray:
        """Borders between two cells of the province, by their row."""
        return np.flatnonzero((self.left < self.count) & (self.right < self.count))

    def expand(self, borders: IntArray, backward: BoolArray) -> tuple[IntArray, IntArray]:
        """Vertex rows of borders one after the other, each without its last, and where each begins."""
        counts = self.bends[borders] + 1
        start = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        step = np.arange(int(counts.sum())) - np.repeat(start, counts)
        back = np.repeat(backward, counts)
        own = np.repeat(borders, counts)
        inner = self.first_bend[own] + np.where(back, self.bends[own] - step, step - 1)
        corner = np.where(back, self.head[own], self.tail[own])
        return np.where(step == 0, corner, inner), start


def build_mosaic(rng: np.random.Generator, seeds: Seeds) -> Mosaic:
    """The Voronoi mosaic of the seeds with bent borders.

    A border may bend within the kite of its two ends and the two seeds beside it. The kites of a Voronoi diagram do
    not overlap, so that no two borders ever cross.
    """
    reach = 6 * np.abs(seeds.xy).max()
    frame = reach * np.array([[-1.0, 0], [1, 0], [0, -1], [0, 1], [-1, -1], [1, 1], [-1, 1], [1, -1]])
    diagram = Voronoi(np.vstack([seeds.xy, frame]))
    side, ends = np.asarray(diagram.ridge_points, np.int64), np.asarray(diagram.ridge_vertices, np.int64)
    seed, count = _keep_together(seeds, side)
    whole = (side < len(seeds.xy)).all(axis=1) & (ends >= 0).all(axis=1)
    side = seed[side[whole]]
    used, ends = np.unique(ends[whole], return_inverse=True)
    ends = ends.reshape(-1, 2)
    order = np.lexsort((side.max(axis=1), side.min(axis=1)))
    side, ends = side[order], ends[order]
    xy = np.empty_like(seeds.xy)
    xy[seed[: len(xy)]] = seeds.xy
    corners = np.asarray(diagram.vertices, np.float64)[used]
    way = corners[ends[:, 1]] - corners[ends[:, 0]]
    toward = xy[side[:, 0]] - corners[ends[:, 0]]
    is_left = way[:, 0] * toward[:, 1] - way[:, 1] * toward[:, 0] > 0
    side = np.where(is_left[:, None], side, side[:, ::-1])
    bends, between = _bend(rng, corners[ends[:, 0]], way, xy[side[:, 0]])
    vertices = np.vstack([corners, between])
    first = len(corners) + np.concatenate([[0], np.cumsum(bends)[:-1]]).astype(np.int64)
    return Mosaic(xy, count, vertices, len(corners), ends[:, 0], ends[:, 1], side[:, 0], side[:, 1], first, bends)


def _keep_together(seeds: Seeds, side: IntArray) -> tuple[IntArray, int]:
    """New number of each seed, and how many are inside: those of the largest patch; a hole is filled by what it is."""
    total = int(side.max()) + 1
    inside = np.arange(total) < seeds.inside_count
    alike = side[inside[side[:, 0]] == inside[side[:, 1]]]
    graph = coo_array((np.ones(len(alike)), (alike[:, 0], alike[:, 1])), shape=(total, total))
    _, patch = connected_components(graph, directed=False)
    mainland, ocean = np.bincount(patch[inside]).argmax(), patch[-1]
    # A patch of outer cells that the province surrounds is no part of the world outside: it belongs to the province.
    kept = (patch == mainland) | (~inside & (patch != ocean))
    kept[len(seeds.xy) :] = False
    number = np.empty(total, np.int64)
    number[np.argsort(~kept, kind="stable")] = np.arange(total)
    number[len(seeds.xy) :] = -1
    return number, int(kept.sum())


def _bend(
    rng: np.random.Generator, start: FloatArray, way: FloatArray, seed: FloatArray
) -> tuple[IntArray, FloatArray]:
    """How many vertices each border gets between its ends, and those vertices one border after the other.

    Midpoint displacement (Fournier, Fussell and Carpenter 1982) of seven points across the border, of which short
    borders use fewer.
    """
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)
    bends = np.array([count for _, count in _BENDS])[np.searchsorted([limit for limit, _ in _BENDS], length)]
    aside = np.zeros((len(way), 9))
    for reach, size in ((4, 0.22), (2, 0.11), (1, 0.055)):
        for at in range(reach, 8, 2 * reach):
            middle = (aside[:, at - reach] + aside[:, at + reach]) / 2
            aside[:, at] = middle + size * rng.standard_normal(len(way))
    # Both seeds look at the border from the same distance, so one of them tells how much room there is.
    toward = seed - start
    along = (toward * way).sum(axis=1) / length
    off = np.maximum(np.abs(way[:, 0] * toward[:, 1] - way[:, 1] * toward[:, 0]) / length, 1e-9)
    rise = np.minimum(_STEEPEST, _WITHIN * off / np.maximum(along, 1e-9))
    fall = np.minimum(_STEEPEST, _WITHIN * off / np.maximum(length - along, 1e-9))
    share = np.arange(9) / 8
    room = np.minimum(share * rise[:, None], (1 - share) * fall[:, None])
    aside = np.clip(aside, -room, room)
    stride = 8 // (bends + 1)
    border = np.repeat(np.arange(len(way)), bends)
    first = np.repeat(np.concatenate([[0], np.cumsum(bends)[:-1]]).astype(np.int64), bends)
    slot = (np.arange(len(border)) - first + 1) * stride[border]
    normal = np.column_stack([-way[:, 1], way[:, 0]])
    between = start[border] + way[border] * share[slot][:, None] + normal[border] * aside[border, slot][:, None]
    return bends, between


def build_faces(mosaic: Mosaic, label: IntArray, vertices: FloatArray) -> tuple[IntArray, Geometries]:
    """Polygons of the cells of each label, which must hang together; a label below 0 is left out.

    Parameters
    ----------
    label
        Of each cell of the province.
    vertices
        Those of the mosaic, or the same places in degrees: the polygons are in their units.

    Returns
    -------
    tuple
        The labels in ascending order, and the polygon of each. Neighbours share their vertices one by one.
    """
    of_cell = np.full(len(mosaic.seeds), -1, np.int64)
    of_cell[: len(label)] = label
    left, right = of_cell[mosaic.left], of_cell[mosaic.right]
    border = np.flatnonzero(left != right)
    border, backward = np.tile(border, 2), np.repeat([False, True], len(border))
    region = np.where(backward, right[border], left[border])
    held = region >= 0
    border, backward, region = border[held], backward[held], region[held]
    ring, first = _trace_rings(mosaic, border, backward, region)
    rows, begin = mosaic.expand(border[ring], backward[ring])
    of_ring = region[ring[first]]
    ring_start = begin[first]
    ring_of_row = np.repeat(np.arange(len(first)), np.diff(np.append(ring_start, len(rows))))
    xy = vertices[rows]
    is_hole = _is_clockwise(xy, ring_start, ring_of_row)
    loops = np.asarray(shapely.linearrings(xy, indices=ring_of_row), object)
    order = np.lexsort((is_hole, of_ring))
    labels, position = np.unique(of_ring, return_inverse=True)
    if np.bincount(position[~is_hole], minlength=len(labels)).max(initial=1) > 1:
        raise ValueError("the cells of a label do not hang together")
    return labels, np.asarray(shapely.polygons(loops[order], indices=position[order]), object)


def _trace_rings(mosaic: Mosaic, border: IntArray, backward: BoolArray, region: IntArray) -> tuple[IntArray, IntArray]:
    """Borders in the order they follow each other around their regions, and where each ring begins in it.

    At a corner three borders meet, so that exactly one goes on around a region.
    """
    start = np.where(backward, mosaic.head[border], mosaic.tail[border])
    end = np.where(backward, mosaic.tail[border], mosaic.head[border])
    key = region * mosaic.corners + start
    order = np.argsort(key, kind="stable")
    following = order[np.searchsorted(key[order], region * mosaic.corners + end)].tolist()
    seen = bytearray(len(following))
    ring: list[int] = []
    first: list[int] = []
    for half in range(len(following)):
        if not seen[half]:
            first.append(len(ring))
        while not seen[half]:
            seen[half] = 1
            ring.append(half)
            half = following[half]
    return np.array(ring, np.int64), np.array(first, np.int64)


def _is_clockwise(xy: FloatArray, ring_start: IntArray, ring: IntArray) -> BoolArray:
    """Whether each ring runs clockwise, by its signed area about its first vertex."""
    local = xy - xy[ring_start][ring]
    last = np.append(ring_start[1:], len(xy)) - 1
    ahead = np.roll(local, -1, axis=0)
    ahead[last] = 0.0
    twice = local[:, 0] * ahead[:, 1] - local[:, 1] * ahead[:, 0]
    return np.asarray(np.add.reduceat(twice, ring_start) < 0)


def build_graph(count: int, pairs: IntArray, weight: FloatArray) -> csr_array:
    """An undirected graph over `count` nodes; of several weights of a pair the least."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    order = np.lexsort((weight, high, low))
    low, high, weight = low[order], high[order], weight[order]
    first = np.ones(len(low), bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    low, high, weight = low[first], high[first], weight[first]
    both = (np.concatenate([weight, weight]), (np.concatenate([low, high]), np.concatenate([high, low])))
    return csr_array(coo_array(both, shape=(count, count)))
