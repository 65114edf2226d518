"""The hierarchy: cells in villages in towns in the county, with borders that follow rivers and ridges."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.ndimage import gaussian_filter
from shapely.geometry.base import BaseGeometry

from gridmap.domain.codes import Level, child_code
from gridmap.sources.demo.names import COUNTY
from gridmap.sources.demo.raster import (
    SHAPE,
    FloatArray,
    IntArray,
    build_coverage,
    build_fractal,
    build_grid_graph,
    cell_points,
    spread,
    to_cell,
)
from gridmap.sources.demo.settlements import Settlement
from gridmap.sources.demo.terrain import Terrain

COUNTY_CODE = "149901"
"""No county of Shanxi (14) has this code; 1499 is not in use."""

_TOLERANCE_M = 95.0
_CELL_HOUSEHOLDS = 63
"""Households a rural cell takes; urban cells hold three times as many."""


@dataclass(frozen=True)
class Areas:
    """All areas with `dataset.AREA_COLUMNS`, geometry in metres; `cell_settlement` is the settlement of each cell."""

    table: gpd.GeoDataFrame
    cell_settlement: dict[str, int]


def build_areas(rng: np.random.Generator, terrain: Terrain, settlements: list[Settlement]) -> Areas:
    """Spread villages over the land against its grain, cells over each village, and number them."""
    cost = _build_cost(rng, terrain)
    village = _spread_villages(terrain, settlements, cost)
    cells, owner = _spread_cells(rng, village, settlements, cost)
    polygons = build_coverage(cells, tolerance_m=_TOLERANCE_M)
    return _number(polygons, owner, settlements, rng)


def _build_cost(rng: np.random.Generator, terrain: Terrain) -> FloatArray:
    """What it costs a border to be crossed: steep ground and the river are dear, so borders come to lie there."""
    xy = cell_points(np.arange(terrain.height.size))
    band = shapely.buffer(terrain.river_area, 30)
    shapely.prepare(band)
    river = shapely.contains_xy(band, xy[:, 0], xy[:, 1]).reshape(SHAPE)
    ridge = np.clip(gaussian_filter(terrain.height, 2) - gaussian_filter(terrain.height, 14), 0, None)
    rough = np.exp(0.8 * build_fractal(rng, roughness=0.9, smallest_m=280))
    return np.asarray((1 + 18 * terrain.slope + 0.09 * ridge) * rough + 60 * river)


def _spread_villages(terrain: Terrain, settlements: list[Settlement], cost: FloatArray) -> IntArray:
    graph = build_grid_graph(cost, allowed=terrain.inside)
    starts = to_cell([s.x for s in settlements], [s.y for s in settlements])
    reached = spread(graph, starts)
    number = {int(cell): i for i, cell in enumerate(starts)}
    label = np.array([number.get(int(source), -1) for source in reached.source])
    return np.where(terrain.inside.ravel(), label, -1).reshape(SHAPE)


def _spread_cells(
    rng: np.random.Generator, village: IntArray, settlements: list[Settlement], cost: FloatArray
) -> tuple[IntArray, list[int]]:
    """Cell of each raster cell, and the settlement of each cell."""
    starts: list[int] = []
    owner: list[int] = []
    flat = village.ravel()
    for i, place in enumerate(settlements):
        members = np.flatnonzero(flat == i)
        if len(members) == 0:
            continue
        per_cell = 3.6 * _CELL_HOUSEHOLDS if place.rank < 2 else _CELL_HOUSEHOLDS
        count = int(np.clip(round(place.households / per_cell), 2, 60))
        xy = cell_points(members)
        away = np.hypot(xy[:, 0] - place.x, xy[:, 1] - place.y)
        weight = np.exp(-((away / (1.6 * place.radius_m)) ** 2)) + 0.02
        chosen = _pick_apart(rng, xy, weight, count)
        starts += members[chosen].tolist()
        owner += [i] * len(chosen)
    graph = build_grid_graph(np.sqrt(cost), region=village)
    reached = spread(graph, np.array(starts))
    number = {cell: i for i, cell in enumerate(starts)}
    label = np.array([number.get(int(source), -1) for source in reached.source])
    return np.where(flat >= 0, label, -1).reshape(SHAPE), owner


def _pick_apart(rng: np.random.Generator, xy: FloatArray, weight: FloatArray, count: int) -> list[int]:
    """Draw `count` places by weight, each the best of several candidates in keeping away from the others."""
    chosen = [int(rng.choice(len(xy), p=weight / weight.sum()))]
    spacing = 1 / np.sqrt(weight)
    while len(chosen) < min(count, len(xy)):
        candidates = rng.choice(len(xy), size=14, p=weight / weight.sum())
        gaps = [np.hypot(*(xy[chosen] - xy[c]).T).min() / spacing[c] for c in candidates]
        best = int(candidates[int(np.argmax(gaps))])
        if best in chosen:
            break
        chosen.append(best)
    return chosen


def _number(
    polygons: dict[int, BaseGeometry], owner: list[int], settlements: list[Settlement], rng: np.random.Generator
) -> Areas:
    rows: list[dict[str, object]] = []
    cell_settlement: dict[str, int] = {}
    of_village: dict[int, list[int]] = {}
    for cell in polygons:
        of_village.setdefault(owner[cell], []).append(cell)
    village_shape = {v: shapely.coverage_union_all([polygons[c] for c in cells]) for v, cells in of_village.items()}
    of_town: dict[int, list[int]] = {}
    for v in of_village:
        of_town.setdefault(settlements[v].town, []).append(v)
    town_shape = {t: shapely.coverage_union_all([village_shape[v] for v in members]) for t, members in of_town.items()}
    county = shapely.coverage_union_all(list(town_shape.values()))
    rows.append(_row(COUNTY_CODE, COUNTY, Level.COUNTY, county, None))
    for t_number, town in enumerate(_sort_by_place(list(town_shape), town_shape), start=1):
        town_code = child_code(COUNTY_CODE, t_number)
        seat = next(s for s in settlements if s.rank < 2 and s.town == town)
        rows.append(_row(town_code, seat.name, Level.TOWN, town_shape[town], None))
        for v_number, v in enumerate(_sort_by_place(of_town[town], village_shape), start=1):
            village_code = child_code(town_code, v_number)
            place = settlements[v]
            ending = "社区" if place.rank < 2 else "村"
            base = place.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
            rows.append(_row(village_code, base + ending, Level.VILLAGE, village_shape[v], None))
            cells = _sort_by_place(of_village[v], polygons)
            shares = rng.dirichlet(np.full(len(cells), 9.0))
            for c_number, cell in enumerate(cells, start=1):
                code = child_code(village_code, c_number)
                households = max(8, round(place.households * float(shares[c_number - 1])))
                rows.append(_row(code, f"{base}{c_number:02d}网格", Level.CELL, polygons[cell], households))
                cell_settlement[code] = v
    table = gpd.GeoDataFrame(rows, geometry="geometry")
    return Areas(table, cell_settlement)


def _row(code: str, name: str, level: Level, shape: BaseGeometry, households: int | None) -> dict[str, object]:
    polygon = shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape
    kind = "base" if level is Level.CELL else "official"
    return {
        "code": code,
        "name": name,
        "level": int(level),
        "kind": kind,
        "households": households,
        "external_id": None,
        "geometry": polygon,
    }


def _sort_by_place(ids: list[int], shapes: dict[int, BaseGeometry]) -> list[int]:
    """North to south in bands of two kilometres, west to east within."""

    def key(i: int) -> tuple[int, float]:
        point = shapes[i].centroid
        return (-round(point.y / 2_000), point.x)

    return sorted(ids, key=key)
