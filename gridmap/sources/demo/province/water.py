"""Rivers: water runs down along the borders of cells, so that borders follow rivers and nobody lives in one."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.domain.crs import Geometries
from gridmap.sources.demo.province.mosaic import Mosaic
from gridmap.sources.demo.province.relief import BoolArray, FloatArray, IntArray, Relief, draw_noise

STREAM_KM2, RIVER_KM2, WIDE_KM2 = 90.0, 450.0, 3_500.0
"""Land that drains into a stream, into a river and into one that is drawn with both banks."""

_RIM_M = 250.0
"""The edge of the raster stands so much higher, that water gathers before it leaves."""


@dataclass(frozen=True)
class Rivers:
    """Watercourses as LineStrings in metres, from the spring down, and the land each drains at its mouth, km².

    `flow_km2` is the land drained through each border of the mosaic, 0 where no watercourse runs along it.
    """

    lines: Geometries
    size_km2: FloatArray
    flow_km2: FloatArray


def build_rivers(rng: np.random.Generator, relief: Relief, mosaic: Mosaic) -> Rivers:
    """Let the rain run off along borders, and keep what is large enough to draw."""
    corners = mosaic.vertices[: mosaic.corners]
    rough = draw_noise(rng, corners[:, 0], corners[:, 1], wavelength_m=5_000, octaves=2)
    height = relief.sample(relief.height, corners) + 6 * rough
    into, via, order = _drain(mosaic, height)
    flow = np.where(_are_inside(mosaic), _accumulate(mosaic, into, order), 0.0)
    drained = np.zeros(len(mosaic.tail))
    wet = (via >= 0) & (flow >= STREAM_KM2)
    drained[via[wet]] = flow[wet]
    lines, size = _trace(mosaic, into, via, flow)
    return Rivers(lines, size, drained)


def _drain(mosaic: Mosaic, height: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """The corner each corner drains into and the border it takes, -1 at outlets; corners from the outlets up.

    Priority flood (Barnes, Lehman and Mulla 2014) over the graph of borders.
    """
    tail, head = mosaic.tail.tolist(), mosaic.head.tolist()
    beside: list[list[tuple[int, int]]] = [[] for _ in range(mosaic.corners)]
    for border, (a, b) in enumerate(zip(tail, head, strict=True)):
        beside[a].append((b, border))
        beside[b].append((a, border))
    level = height.tolist()
    into, via, order = [-1] * len(level), [-1] * len(level), []
    # Borders that run out to infinity are left out of the mosaic: their corners are its rim.
    heap = [(level[i] + _RIM_M, i) for i, around in enumerate(beside) if len(around) < 3]
    taken = bytearray(len(level))
    for _, corner in heap:
        taken[corner] = 1
    heapq.heapify(heap)
    while heap:
        stand, corner = heapq.heappop(heap)
        order.append(corner)
        for other, border in beside[corner]:
            if not taken[other]:
                taken[other] = 1
                into[other], via[other] = corner, border
                heapq.heappush(heap, (max(stand + 0.01, level[other]), other))
    return np.array(into, np.int64), np.array(via, np.int64), np.array(order, np.int64)


def _accumulate(mosaic: Mosaic, into: IntArray, order: IntArray) -> FloatArray:
    """Land that drains through each corner, km²."""
    way = mosaic.vertices[mosaic.head] - mosaic.vertices[mosaic.tail]
    squared = (way**2).sum(axis=1) / 1e6
    # A corner of a hexagon of side s has 0.87 s² to itself: a third of three hexagons of 2.6 s².
    own = 0.87 * np.bincount(
        np.concatenate([mosaic.tail, mosaic.head]), np.concatenate([squared, squared]) / 3, mosaic.corners
    )
    flow, target = own.tolist(), into.tolist()
    for corner in order[::-1].tolist():
        if target[corner] >= 0:
            flow[target[corner]] += flow[corner]
    return np.array(flow)


def _are_inside(mosaic: Mosaic) -> BoolArray:
    """Which corners touch a cell of the province; beyond its outline no watercourse is followed."""
    inside = np.zeros(mosaic.corners, bool)
    ours = np.minimum(mosaic.left, mosaic.right) < mosaic.count
    inside[mosaic.tail[ours]] = inside[mosaic.head[ours]] = True
    return inside


def _trace(mosaic: Mosaic, into: IntArray, via: IntArray, flow: FloatArray) -> tuple[Geometries, FloatArray]:
    """Lines from each spring to the sea or to the larger river that it joins, largest first."""
    is_wet = flow >= STREAM_KM2
    into = np.where(is_wet[into], into, -1)
    feeders = np.bincount(into[is_wet & (into >= 0)], minlength=len(into))
    springs = np.flatnonzero(is_wet & (feeders == 0))
    mouths: list[tuple[float, list[int]]] = []
    taken = np.zeros(len(into), bool)
    main = _find_main_feeders(into, flow, is_wet)
    for corner in np.flatnonzero(is_wet & ((into < 0) | (main[into] != np.arange(len(into))))).tolist():
        course = [corner]
        while main[course[-1]] >= 0:
            course.append(int(main[course[-1]]))
        taken[course] = True
        down = course[::-1]
        if into[corner] >= 0:
            down.append(int(into[corner]))
        if len(down) > 3:
            mouths.append((float(flow[corner]), down))
    if not taken[springs].all():
        raise ValueError("a spring has no course")
    mouths.sort(key=lambda mouth: (-mouth[0], mouth[1][0]))
    lines = [_draw(mosaic, np.array(down), via) for _, down in mouths]
    return np.array(lines, object), np.array([size for size, _ in mouths])


def _find_main_feeders(into: IntArray, flow: FloatArray, is_wet: BoolArray) -> IntArray:
    """The corner from which most water comes to each corner, -1 at springs."""
    feeding = np.flatnonzero(is_wet & (into >= 0))
    ordered = feeding[np.argsort(flow[feeding], kind="stable")]
    main = np.full(len(into), -1, np.int64)
    main[into[ordered]] = ordered
    return main


def _draw(mosaic: Mosaic, down: IntArray, via: IntArray) -> shapely.LineString:
    borders = via[down[:-1]]
    rows, _ = mosaic.expand(borders, mosaic.head[borders] == down[:-1])
    return shapely.LineString(mosaic.vertices[np.append(rows, down[-1])])
