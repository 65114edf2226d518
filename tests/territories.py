"""Made territories like real ones: Voronoi cells of random points with uneven households, and units grown over them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.districting.adjacency import Adjacency
from gridmap.domain.districting.contiguity import NOBODY
from gridmap.domain.districting.growing import grow_units
from gridmap.domain.districting.territory import Territory, build_territory

SIDE_M = 100.0
"""Of a square as large as the mean cell."""


def draw_cells(count: int, *, seed: int) -> npt.NDArray[np.object_]:
    """`count` Voronoi cells that fill a square, metres."""
    rng = np.random.default_rng(seed)
    side = SIDE_M * count**0.5
    points = rng.random((count, 2)) * side
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=shapely.box(0, 0, side, side))
    )
    return np.asarray(shapely.intersection(cells, shapely.box(0, 0, side, side)), object)


def build_cells(count: int, *, seed: int) -> Territory:
    """Voronoi cells whose load is their households: log-normal, a few of them ten times the mean."""
    cells = draw_cells(count, seed=seed)
    households = np.ceil(np.random.default_rng(seed + 1).lognormal(5.0, 0.6, count)).astype(np.int64)
    return build_territory(
        match_borders(cells),
        load=households.astype(np.float64),
        households=households,
        area_m2=shapely.area(cells),
        perimeter_m=shapely.length(cells),
    )


def match_borders(cells: npt.NDArray[np.object_]) -> Adjacency:
    """Neighbours of cells drawn from the same vertices, in plane metres."""
    xy, owner = shapely.get_coordinates(shapely.get_exterior_ring(cells), return_index=True)
    same = owner[1:] == owner[:-1]
    ends = np.round(np.stack([xy[:-1][same], xy[1:][same]], axis=1), 3)
    key = np.sort(ends[..., 0] + 1j * ends[..., 1], axis=1)
    order = np.lexsort((key[:, 1], key[:, 0]))
    key, cell = key[order], owner[1:][same][order]
    twin = np.flatnonzero((key[1:] == key[:-1]).all(axis=1) & (cell[1:] != cell[:-1]))
    pairs = np.sort(np.column_stack([cell[twin], cell[twin + 1]]), axis=1).astype(np.int64)
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    length = np.bincount(inverse.ravel(), weights=np.abs(key[twin, 0] - key[twin, 1]))
    return Adjacency(unique, length)


def grow_plan(territory: Territory, units: int, *, seed: int) -> npt.NDArray[np.int64]:
    """Connected units of roughly even load, grown from random cells."""
    rng = np.random.default_rng(seed)
    owner = np.full(territory.cells, NOBODY)
    owner[rng.choice(territory.cells, units, replace=False)] = np.arange(units)
    fair = np.full(units, territory.load.sum() / units)
    return grow_units(territory, owner, fair=fair, takes=np.zeros(units, np.int64), rng=rng)


def disturb(territory: Territory, units: int, *, seed: int) -> npt.NDArray[np.int64]:
    """Connected units whose loads have drifted apart by a third or so: grown to shares that differ."""
    rng = np.random.default_rng(seed + 7)
    owner = np.full(territory.cells, NOBODY)
    owner[rng.choice(territory.cells, units, replace=False)] = np.arange(units)
    fair = territory.load.sum() / units * rng.lognormal(0.0, 0.25, units)
    return grow_units(territory, owner, fair=fair, takes=np.zeros(units, np.int64), rng=rng)
