"""Where people live: a county seat, towns along the valley and its side valleys, villages between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.ndimage import distance_transform_edt, gaussian_filter

from gridmap.sources.demo.names import Names
from gridmap.sources.demo.raster import (
    CELL_M,
    COLUMNS,
    SHAPE,
    BoolArray,
    FloatArray,
    cell_points,
    to_cell,
)
from gridmap.sources.demo.terrain import Terrain

_TOWNS = 9
_VILLAGES = 112
_RIVER_CLEAR_M = 260.0


@dataclass(frozen=True)
class Settlement:
    """A place by its middle, metres; `households` decide its size. `rank` 0 seat, 1 town, 2 village."""

    name: str
    x: float
    y: float
    rank: int
    households: int
    town: int

    @property
    def radius_m(self) -> float:
        """How far its streets reach."""
        if self.rank == 2:
            return float(np.clip(13.5 * np.sqrt(self.households), 170, 420))
        return float(np.clip(8.5 * np.sqrt(self.households), 400, 1_500))


def build_settlements(rng: np.random.Generator, terrain: Terrain, names: Names) -> list[Settlement]:
    """The seat, the towns, then villages, each on good ground away from its neighbours."""
    ground = _rate_ground(terrain)
    towns = _place(rng, ground**2, count=_TOWNS, gap_m=lambda _: 6_500.0, taken=[])
    centre = np.array([SHAPE[1] * CELL_M * 0.52, SHAPE[0] * CELL_M * 0.47])
    towns.sort(key=lambda p: float(np.hypot(*(np.array(p) - centre))))
    villages = _place(
        rng,
        ground,
        count=_VILLAGES,
        gap_m=lambda good: 1_250.0 + 1_500.0 * (1 - good),
        taken=[(t, 1_500.0) for t in towns],
    )
    found = []
    for number, (x, y) in enumerate(towns):
        kind = "街道" if number == 0 else ("镇" if number < 7 else "乡")
        households = 21_000 if number == 0 else int(rng.integers(2_200, 5_200))
        name = "城关街道" if number == 0 else names.town(kind)
        found.append(Settlement(name, x, y, 0 if number == 0 else 1, households, number))
    for x, y in villages:
        nearest = int(np.argmin([np.hypot(t[0] - x, t[1] - y) for t in towns]))
        good = ground.ravel()[to_cell(x, y)]
        households = int(rng.lognormal(5.35, 0.45) * (0.55 + 0.8 * good))
        found.append(Settlement(names.village(), x, y, 2, max(60, households), nearest))
    return found


def _rate_ground(terrain: Terrain) -> FloatArray:
    """0 to 1: flat, near water but not in it, inside the county and not at its very edge."""
    water = np.zeros(SHAPE, bool)
    for line, _ in [*terrain.streams, (terrain.river, 1.0)]:
        xy = np.array([line.interpolate(d).coords[0] for d in np.arange(0, line.length, CELL_M)])
        water.ravel()[to_cell(xy[:, 0], xy[:, 1])] = True
    to_water = distance_transform_edt(~water) * CELL_M
    to_edge = distance_transform_edt(terrain.inside) * CELL_M
    on_river = _near_river(terrain)
    flat = np.exp(-((gaussian_filter(terrain.slope, 2) / 0.055) ** 2))
    near = 1 / (1 + (to_water / 1_600) ** 2)
    rating = flat * (0.25 + 0.75 * near) * np.clip((to_edge - 700) / 900, 0, 1) * ~on_river
    return np.asarray(rating / rating.max())


def _near_river(terrain: Terrain) -> BoolArray:
    near = np.zeros(SHAPE, bool)
    band = shapely.buffer(terrain.river_area, _RIVER_CLEAR_M)
    shapely.prepare(band)
    xy = cell_points(np.arange(near.size))
    near.ravel()[:] = shapely.contains_xy(band, xy[:, 0], xy[:, 1])
    return near


def _place(
    rng: np.random.Generator,
    ground: FloatArray,
    *,
    count: int,
    gap_m: Callable[[float], float],
    taken: list[tuple[tuple[float, float], float]],
) -> list[tuple[float, float]]:
    """Draw places by how good the ground is, keeping the gap that the ground asks for."""
    weight = ground.ravel().copy()
    placed: list[tuple[float, float]] = []
    held = np.array([point for point, _ in taken]).reshape(-1, 2)
    held_gap = np.array([gap for _, gap in taken])
    candidates = rng.choice(weight.size, size=count * 60, replace=False, p=weight / weight.sum())
    for cell in candidates.tolist():
        x, y = ((cell % COLUMNS) + rng.random()) * CELL_M, ((cell // COLUMNS) + rng.random()) * CELL_M
        if len(held) and (np.hypot(held[:, 0] - x, held[:, 1] - y) < held_gap).any():
            continue
        gap = float(gap_m(float(ground.ravel()[cell])))
        if placed and min(np.hypot(px - x, py - y) for px, py in placed) < gap:
            continue
        placed.append((float(x), float(y)))
        if len(placed) == count:
            break
    return placed
