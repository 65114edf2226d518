"""The lie of the land: a valley between ridges, the river in it and the streams that feed it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter, gaussian_filter1d, label
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from gridmap.sources.demo.raster import (
    CELL_M,
    COLUMNS,
    HEIGHT_M,
    ROWS,
    SHAPE,
    WIDTH_M,
    BoolArray,
    FloatArray,
    IntArray,
    build_fractal,
    build_patches,
    cell_points,
    cell_x,
    cell_y,
    smooth_line,
    to_cell,
)

_STREAM_CELLS = 900
"""A stream begins where this many cells drain."""

_BRANCH_CELLS = 3_500


@dataclass(frozen=True)
class Terrain:
    """Relief and water, in metres.

    Attributes
    ----------
    height
        Metres above the valley's lower end, one value a cell.
    slope
        Rise over run.
    inside
        Cells of the county.
    axis_y
        The valley floor's middle at each column.
    river, river_area
        Middle line, flowing east, and water surface.
    streams
        Lines that flow into the river, each with its size 0 to 1.
    lake
        A reservoir in the hills.
    """

    height: FloatArray
    slope: FloatArray
    inside: BoolArray
    axis_y: FloatArray
    river: shapely.LineString
    river_area: BaseGeometry
    streams: list[tuple[shapely.LineString, float]]
    lake: shapely.Polygon


def build_terrain(rng: np.random.Generator) -> Terrain:
    """Relief first, then the water that follows from it."""
    axis_y = _build_axis(rng)
    height = _build_height(rng, axis_y)
    river = _build_river(rng, axis_y)
    widths = np.linspace(34.0, 85.0, 40)
    river_area = _widen(river, widths)
    drained = _carve(height, river)
    gradient = np.gradient(gaussian_filter(height, 1.5), CELL_M)
    slope = np.hypot(gradient[0], gradient[1])
    inside = _build_county(rng)
    streams = _build_streams(drained, river, inside)
    lake = _build_lake(height, streams, inside)
    return Terrain(height, slope, inside, axis_y, river, river_area, streams, lake)


def _build_axis(rng: np.random.Generator) -> FloatArray:
    """The valley's middle: a slow swing from west to east."""
    x = cell_x(np.arange(COLUMNS))
    phase = rng.uniform(0, 2 * np.pi, 3)
    swing = 3_600 * np.sin(x / 9_500 + phase[0]) + 1_500 * np.sin(x / 4_300 + phase[1])
    return np.asarray(HEIGHT_M * 0.47 + swing + 0.035 * (x - WIDTH_M / 2) + 500 * np.sin(x / 2_300 + phase[2]))


def _build_height(rng: np.random.Generator, axis_y: FloatArray) -> FloatArray:
    y = cell_y(np.arange(ROWS))[:, None]
    away = np.abs(y - axis_y[None, :])
    floor = 1_500 + 900 * np.clip(build_fractal(rng, roughness=1.2, smallest_m=3_000)[ROWS // 2], -1, 1.5)
    rise = np.clip((away - floor[None, :]) / 9_000, 0, 1.2)
    coarse = build_fractal(rng, roughness=1.75, smallest_m=1_400)
    fine = build_fractal(rng, roughness=1.3, smallest_m=450)
    fall = 160 * (1 - cell_x(np.arange(COLUMNS)) / WIDTH_M)
    toward_river = 0.006 * np.minimum(away, floor[None, :])
    relief = toward_river + 520 * rise**0.9 + np.clip(rise * 2.2, 0.02, 1) * (150 * coarse + 42 * fine)
    return np.asarray(fall[None, :] + relief)


def _build_river(rng: np.random.Generator, axis_y: FloatArray) -> shapely.LineString:
    """Meanders around the axis; their size and wavelength wander."""
    x = np.arange(-1_500.0, WIDTH_M + 1_500.0, 40.0)
    base = np.interp(x, cell_x(np.arange(COLUMNS)), axis_y)
    wander = np.cumsum(gaussian_noise(rng, len(x), 90)) * 0.004
    size = 430 + 230 * gaussian_noise(rng, len(x), 160)
    phase = x / 620 + wander * 6
    xy = np.column_stack([x + 150 * np.cos(phase) * np.sign(size), base + size * np.sin(phase)])
    return shapely.LineString(smooth_line(xy, sigma=5.0))


def gaussian_noise(rng: np.random.Generator, count: int, sigma: float) -> FloatArray:
    """Smooth one-dimensional noise with deviation 1."""
    noise = gaussian_filter1d(rng.standard_normal(count), sigma, mode="wrap")
    return np.asarray(noise / noise.std())


def _widen(line: shapely.LineString, widths: FloatArray) -> BaseGeometry:
    """A band along a line whose half-width goes through `widths`."""
    cuts = np.linspace(0, line.length, len(widths) + 1)
    discs = [
        shapely.buffer(substring(line, max(0, a - 30), min(line.length, b + 30)), width, quad_segs=4)
        for a, b, width in zip(cuts[:-1], cuts[1:], widths, strict=True)
    ]
    band = shapely.union_all(discs)
    return shapely.simplify(shapely.buffer(shapely.buffer(band, 25), -25), 3.0)


def _carve(height: FloatArray, river: shapely.LineString) -> FloatArray:
    """Relief with the river as its lowest line, so that everything drains into it."""
    carved = height.copy()
    along = np.arange(0, river.length, CELL_M / 3)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(river, along))
    cells = to_cell(xy[:, 0], xy[:, 1])
    carved.ravel()[cells] = -200.0 - 60.0 * along / river.length
    return carved


def _drain(height: FloatArray) -> IntArray:
    """The cell each cell drains into, -1 at outlets: priority flood (Barnes, Lehman and Mulla 2014)."""
    width = COLUMNS + 2
    # A border of taken cells stands in for bounds checks in the loop below.
    levels = np.pad(height, 1).ravel().tolist()
    taken = np.pad(np.zeros(SHAPE, bool), 1, constant_values=True).ravel().tolist()
    into = [-1] * len(levels)
    heap: list[tuple[float, int]] = []
    edge = np.zeros(SHAPE, bool)
    edge[[0, -1], :] = True
    edge[:, [0, -1]] = True
    for cell in np.flatnonzero(np.pad(edge, 1)).tolist():
        taken[cell] = True
        # The rim stands higher than it is, so that water leaves by the river.
        heap.append((levels[cell] + (0 if levels[cell] < -100 else 400), cell))
    heapq.heapify(heap)
    steps = [row * width + column for row in (-1, 0, 1) for column in (-1, 0, 1)]
    while heap:
        level, cell = heapq.heappop(heap)
        level += 1e-4
        for step in steps:
            other = cell + step
            if not taken[other]:
                taken[other] = True
                into[other] = cell
                heapq.heappush(heap, (max(level, levels[other]), other))
    framed = np.array(into, np.int64).reshape(ROWS + 2, width)[1:-1, 1:-1].ravel()
    return np.where(framed < 0, -1, (framed // width - 1) * COLUMNS + framed % width - 1)


def _build_streams(
    height: FloatArray, river: shapely.LineString, inside: BoolArray
) -> list[tuple[shapely.LineString, float]]:
    into = _drain(height)
    flow = _accumulate(into)
    on_river = height.ravel() < -100
    is_stream = (flow >= _STREAM_CELLS) & ~on_river
    feeders = np.bincount(into[is_stream & (into >= 0)], minlength=len(into))
    heads = np.flatnonzero(is_stream & (feeders == 0))
    taken = np.zeros(len(into), bool)
    streams = []
    for head in heads[np.argsort(-flow[heads], kind="stable")].tolist():
        cells, cell = [head], int(into[head])
        while cell >= 0 and not taken[cell] and not on_river[cell]:
            cells.append(cell)
            taken[cell] = True
            cell = int(into[cell])
        if cell >= 0:
            cells.append(cell)
        middle = cells[len(cells) // 2]
        if len(cells) < 14 or not inside.ravel()[middle]:
            continue
        xy = smooth_line(cell_points(np.array(cells)), sigma=2.2)
        size = float(min(1.0, flow[cells[-2]] / 20_000))
        streams.append((shapely.simplify(shapely.LineString(xy), 6.0), size))
    return [_reach_river(line, size, river) for line, size in streams]


def _reach_river(line: shapely.LineString, size: float, river: shapely.LineString) -> tuple[shapely.LineString, float]:
    """A stream that ends in a river cell flows on to the river's middle."""
    end = shapely.Point(line.coords[-1])
    if end.distance(river) < 2 * CELL_M:
        mouth = river.interpolate(river.project(end))
        line = shapely.LineString([*line.coords, (mouth.x, mouth.y)])
    return line, size


def _accumulate(into: IntArray) -> IntArray:
    """Cells draining through each cell, counted from the springs down."""
    flow = np.ones(len(into), np.int64)
    waiting = np.bincount(into[into >= 0], minlength=len(into))
    ready = np.flatnonzero(waiting == 0).tolist()
    while ready:
        cell = ready.pop()
        target = int(into[cell])
        if target < 0:
            continue
        flow[target] += flow[cell]
        waiting[target] -= 1
        if waiting[target] == 0:
            ready.append(target)
    return flow


def _build_county(rng: np.random.Generator) -> BoolArray:
    """An irregular outline: an ellipse whose radius wanders at every scale."""
    x, y = np.meshgrid(cell_x(np.arange(COLUMNS)), cell_y(np.arange(ROWS)))
    dx, dy = (x - WIDTH_M / 2) / (0.445 * WIDTH_M), (y - HEIGHT_M / 2) / (0.43 * HEIGHT_M)
    angle = np.arctan2(dy, dx)
    radius = np.ones_like(angle)
    for k in range(2, 46):
        radius += rng.normal(0, 0.2) / k**0.98 * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
    inside = np.hypot(dx, dy) < np.clip(radius, 0.6, 1.08)
    parts, _ = label(inside)
    return np.asarray(parts == np.bincount(parts.ravel())[1:].argmax() + 1)


def _build_lake(
    height: FloatArray, streams: list[tuple[shapely.LineString, float]], inside: BoolArray
) -> shapely.Polygon:
    """Water behind a dam on a stream of middling size: what lies upstream of it and not much higher."""
    best: shapely.Polygon | None = None
    smooth = gaussian_filter(height, 2)
    for line, size in sorted(streams, key=lambda s: -s[0].length):
        if not 0.08 < size < 0.9:
            continue
        dam = line.interpolate(line.length * 0.72)
        cell = int(to_cell(dam.x, dam.y))
        if not inside.ravel()[cell]:
            continue
        flooded = smooth < smooth.ravel()[cell] + 16
        upstream = shapely.buffer(substring(line, line.length * 0.35, line.length * 0.72), 480)
        xy = cell_points(np.flatnonzero(flooded))
        near = np.zeros(SHAPE, bool)
        near.ravel()[np.flatnonzero(flooded)[shapely.contains_xy(upstream, xy[:, 0], xy[:, 1])]] = True
        patches = build_patches(near, smallest_m2=150_000, smooth_m=45)
        biggest = max(patches, key=lambda patch: patch.area, default=None)
        if biggest is not None and 300_000 < biggest.area < 3_000_000 and (best is None or biggest.area > best.area):
            best = biggest
            break
    return best if best is not None else shapely.Polygon()
