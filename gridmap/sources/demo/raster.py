"""The county's raster: least-cost spreading over it, and labels turned into polygons with shared borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

WIDTH_M = 48_000.0
HEIGHT_M = 37_500.0
CELL_M = 75.0
COLUMNS = int(WIDTH_M / CELL_M)
ROWS = int(HEIGHT_M / CELL_M)
SHAPE = (ROWS, COLUMNS)

_STEPS = ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 2**0.5), (1, -1, 2**0.5))


def cell_x(column: npt.ArrayLike) -> FloatArray:
    """Metres east of the raster's corner, of cell centres."""
    return (np.asarray(column, np.float64) + 0.5) * CELL_M


def cell_y(row: npt.ArrayLike) -> FloatArray:
    """Metres north of the raster's corner; rows count from the south."""
    return (np.asarray(row, np.float64) + 0.5) * CELL_M


def to_cell(x: npt.ArrayLike, y: npt.ArrayLike) -> IntArray:
    """Flat cell numbers of points in metres, clipped to the raster."""
    column = np.clip((np.asarray(x) / CELL_M).astype(np.int64), 0, COLUMNS - 1)
    row = np.clip((np.asarray(y) / CELL_M).astype(np.int64), 0, ROWS - 1)
    return row * COLUMNS + column


def cell_points(cells: IntArray) -> FloatArray:
    """Centres of flat cell numbers, shape (n, 2), metres."""
    return np.column_stack([cell_x(cells % COLUMNS), cell_y(cells // COLUMNS)])


def build_fractal(rng: np.random.Generator, *, roughness: float, smallest_m: float) -> FloatArray:
    """Smooth random relief with mean 0 and deviation 1: a power-law spectrum, cut off below `smallest_m`."""
    spectrum = np.fft.rfft2(rng.standard_normal(SHAPE))
    fy = np.fft.fftfreq(ROWS, CELL_M)[:, None]
    fx = np.fft.rfftfreq(COLUMNS, CELL_M)[None, :]
    frequency = np.hypot(fx, fy)
    frequency[0, 0] = np.inf
    weight = frequency**-roughness * np.exp(-((frequency * smallest_m) ** 2))
    field = np.fft.irfft2(spectrum * weight, s=SHAPE)
    return np.asarray((field - field.mean()) / field.std())


@dataclass(frozen=True)
class Spread:
    """Least-cost spreading from sources: `cost`, the `source` each cell is nearest to, and the cell before."""

    cost: FloatArray
    source: IntArray
    before: IntArray

    def path_to(self, cell: int) -> IntArray:
        """Cells from the source to `cell`."""
        cells = [cell]
        while self.before[cells[-1]] >= 0:
            cells.append(int(self.before[cells[-1]]))
        return np.array(cells[::-1], np.int64)


def build_grid_graph(
    cost: FloatArray, *, allowed: BoolArray | None = None, region: IntArray | None = None
) -> csr_array:
    """Eight-neighbour graph over the raster, every step in both directions.

    A step costs the mean of its cells times its length. Steps out of `allowed` or between two values of `region`
    are left out.
    """
    number = np.arange(ROWS * COLUMNS).reshape(SHAPE)
    rows, columns, weights = [], [], []
    for dy, dx, length in _STEPS:
        a = number[: ROWS - dy, max(0, -dx) : COLUMNS - max(0, dx)].ravel()
        b = number[dy:, max(0, dx) : COLUMNS - max(0, -dx)].ravel()
        keep = np.ones(len(a), bool)
        if allowed is not None:
            keep &= allowed.ravel()[a] & allowed.ravel()[b]
        if region is not None:
            keep &= region.ravel()[a] == region.ravel()[b]
        a, b = a[keep], b[keep]
        rows.append(a)
        columns.append(b)
        weights.append((cost.ravel()[a] + cost.ravel()[b]) / 2 * length * CELL_M)
    shape = (ROWS * COLUMNS, ROWS * COLUMNS)
    tail, head = np.concatenate(rows + columns), np.concatenate(columns + rows)
    return csr_array(coo_array((np.concatenate(weights + weights), (tail, head)), shape=shape))


def spread(graph: csr_array, sources: IntArray) -> Spread:
    """Spread from `sources` (flat cells) over a grid graph."""
    cost, before, source = dijkstra(
        graph, directed=True, indices=np.unique(sources), min_only=True, return_predecessors=True
    )
    return Spread(cost, source.astype(np.int64), np.maximum(before, -1).astype(np.int64))


def find_path(graph: csr_array, starts: IntArray, goal: int, *, margin_m: float) -> IntArray:
    """Cells of the least-cost path from any of `starts` to `goal`.

    It stays in the rectangle around the goal and the start nearest to it, `margin_m` wider on every side.
    """
    margin = int(margin_m / CELL_M)
    row, column = starts // COLUMNS, starts % COLUMNS
    nearest = starts[np.argmin(np.hypot(row - goal // COLUMNS, column - goal % COLUMNS))]
    ends = np.array([nearest, goal])
    row, column = ends // COLUMNS, ends % COLUMNS
    rows = np.arange(max(0, row.min() - margin), min(ROWS, row.max() + margin + 1))
    columns = np.arange(max(0, column.min() - margin), min(COLUMNS, column.max() + margin + 1))
    cells = (rows[:, None] * COLUMNS + columns[None, :]).ravel()
    window = csr_array(graph[cells][:, cells])
    reached = spread(window, np.flatnonzero(np.isin(cells, starts)))
    return np.asarray(cells[reached.path_to(int(np.searchsorted(cells, goal)))], np.int64)


def build_coverage(labels: IntArray, *, tolerance_m: float) -> dict[int, BaseGeometry]:
    """Polygons of equal labels (0 and above), in metres; borders are straightened together and stay shared."""
    faces, of = _polygonize(labels)
    keep = of >= 0
    faces, of = faces[keep], of[keep]
    merged = {int(label): shapely.coverage_union_all(faces[of == label]) for label in np.unique(of)}
    smooth = shapely.coverage_simplify(np.array(list(merged.values()), object), tolerance_m)
    return dict(zip(merged, smooth, strict=True))


def _polygonize(labels: IntArray) -> tuple[npt.NDArray[np.object_], IntArray]:
    padded = np.full((ROWS + 2, COLUMNS + 2), -1, np.int64)
    padded[1:-1, 1:-1] = labels
    row, column = np.nonzero(padded[1:, :] != padded[:-1, :])
    flat = np.stack([np.column_stack([column - 1, row]), np.column_stack([column, row])], axis=1)
    row, column = np.nonzero(padded[:, 1:] != padded[:, :-1])
    upright = np.stack([np.column_stack([column, row - 1]), np.column_stack([column, row])], axis=1)
    edges = np.asarray(shapely.linestrings(np.concatenate([flat, upright]).astype(float) * CELL_M), object)
    merged = shapely.line_merge(shapely.multilinestrings(edges))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(merged)))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    return faces, labels.ravel()[to_cell(inside[:, 0], inside[:, 1])]


def build_patches(mask: BoolArray, *, smallest_m2: float, smooth_m: float) -> list[shapely.Polygon]:
    """Patches where `mask` holds, with rounded outlines, metres."""
    faces, of = _polygonize(mask.astype(np.int64) - 1)
    patches = shapely.get_parts(shapely.union_all(faces[of == 0]))
    rounded = patches
    for distance in (-smooth_m, 2 * smooth_m, -smooth_m):
        rounded = shapely.buffer(rounded, distance, quad_segs=3)
    parts = shapely.get_parts(shapely.simplify(rounded, smooth_m / 8))
    return [part for part in parts if part.area >= smallest_m2]


def smooth_line(xy: FloatArray, *, sigma: float) -> FloatArray:
    """Vertices averaged along the line, both ends kept."""
    if len(xy) < 3:
        return xy
    padded = np.vstack([2 * xy[0] - xy[1:4][::-1], xy, 2 * xy[-1] - xy[-4:-1][::-1]])
    smooth = gaussian_filter1d(padded, sigma, axis=0, mode="nearest")
    start = len(xy[1:4])
    result = smooth[start : start + len(xy)]
    result[0], result[-1] = xy[0], xy[-1]
    return np.asarray(result)
