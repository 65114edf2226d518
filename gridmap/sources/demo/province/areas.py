"""Areas of all levels as a table: codes by place, names, households and polygons that fit each other exactly."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.codes import DIGITS, Level
from gridmap.sources.dataset import AREA_COLUMNS, WGS84
from gridmap.sources.demo.province.frame import place_points
from gridmap.sources.demo.province.hierarchy import Hierarchy
from gridmap.sources.demo.province.mosaic import Mosaic, build_faces
from gridmap.sources.demo.province.naming import draw_names
from gridmap.sources.demo.province.relief import FloatArray, IntArray
from gridmap.sources.demo.province.sites import CITY_SEAT, COUNTY_SEAT, SPREAD_M

PROVINCE_CODE = "19"
"""GB/T 2260 gives this number to no province."""

PROVINCE_NAME = "汾原省"
"""Fictional, as every name below it."""

_BAND_M = {Level.CITY: 90_000.0, Level.COUNTY: 30_000.0, Level.TOWN: 9_000.0, Level.VILLAGE: 2_500.0, Level.CELL: 500.0}
"""Areas are numbered from north to south in bands of this height, from west to east within."""

Texts = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Areas:
    """The table (`AREA_COLUMNS` and geometry in WGS-84), and names of seats for whoever labels and serves them.

    `town_name`, `county_name` and `city_name` are without official endings, in the order of the hierarchy;
    `is_urban` tells cells in and about towns from the open country, and each has `cell_households`.
    """

    table: gpd.GeoDataFrame
    city_name: list[str]
    county_name: list[str]
    town_name: list[str]
    village_name: list[str]
    is_urban: npt.NDArray[np.bool_]
    cell_households: IntArray


def build_areas(rng: np.random.Generator, mosaic: Mosaic, hierarchy: Hierarchy) -> Areas:
    """Number, name and draw the areas of every level."""
    h = hierarchy
    parents = {
        Level.CITY: np.zeros(int(h.city_of_county.max()) + 1, np.int64),
        Level.COUNTY: h.city_of_county,
        Level.TOWN: h.county_of_town,
        Level.VILLAGE: h.town_of_village,
        Level.CELL: h.village_of_cell,
    }
    labels = _label_cells(mosaic, parents)
    middle = {level: _average(mosaic.seeds[: mosaic.count], label) for level, label in labels.items()}
    codes: dict[Level, Texts] = {Level.PROVINCE: np.array([PROVINCE_CODE])}
    for level, parent in parents.items():
        codes[level] = _number(codes[Level(level - 1)], parent, middle[level], level)
    names = {level: draw_names(rng, level.name.lower(), parents[level]) for level in list(parents)[:-1]}
    urban = _find_urban(mosaic, h)
    full = _add_endings(rng, names, h, urban)
    full[Level.PROVINCE] = [PROVINCE_NAME]
    number = np.char.zfill(_rank_within(codes[Level.CELL], h.village_of_cell).astype(str), 2)
    full[Level.CELL] = [
        f"{names[Level.VILLAGE][v]}{n}网格" for v, n in zip(h.village_of_cell.tolist(), number.tolist(), strict=True)
    ]
    households = np.clip(rng.lognormal(np.log(np.where(urban, 330.0, 95.0)), 0.4), 8, 2_000).round().astype(int)
    vertices = place_points(mosaic.vertices)
    tables = []
    for level, label in labels.items():
        order = np.argsort(codes[level])
        _, shapes = build_faces(mosaic, label, vertices)
        columns = {
            "code": codes[level][order],
            "name": np.array(full[level], object)[order],
            "level": int(level),
            "kind": "base" if level is Level.CELL else "official",
            "households": households[order] if level is Level.CELL else None,
            "external_id": None,
        }
        tables.append(gpd.GeoDataFrame(columns, geometry=_as_multi(shapes[order]), crs=WGS84))
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=WGS84)
    table["code"] = table["code"].astype(object)
    table["households"] = table["households"].astype(object).where(table["households"].notna(), None)
    return Areas(
        table[[*AREA_COLUMNS, "geometry"]],
        names[Level.CITY],
        names[Level.COUNTY],
        names[Level.TOWN],
        names[Level.VILLAGE],
        urban,
        households,
    )


def _label_cells(mosaic: Mosaic, parents: dict[Level, IntArray]) -> dict[Level, IntArray]:
    """Number of the area of each level that each cell lies in, the province first."""
    labels = {Level.CELL: np.arange(mosaic.count)}
    for level in (Level.CELL, Level.VILLAGE, Level.TOWN, Level.COUNTY, Level.CITY):
        labels[Level(level - 1)] = parents[level][labels[level]]
    return dict(sorted(labels.items()))


def _average(xy: FloatArray, label: IntArray) -> FloatArray:
    size = np.bincount(label)
    return np.column_stack([np.bincount(label, xy[:, i]) / size for i in (0, 1)])


def _number(parent_code: Texts, parent: IntArray, middle: FloatArray, level: Level) -> Texts:
    """Codes of a level, numbered within each parent."""
    band = -np.round(middle[:, 1] / _BAND_M[level])
    order = np.lexsort((middle[:, 0], band, parent))
    first = np.searchsorted(parent[order], parent[order])
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order)) - first + 1
    width = DIGITS[level] - DIGITS[Level(level - 1)]
    if number.max() >= 10**width:
        raise ValueError(f"a parent has more children of level {level} than codes")
    return np.char.add(parent_code[parent], np.char.zfill(number.astype(str), width))


def _rank_within(codes: Texts, parent: IntArray) -> IntArray:
    order = np.lexsort((codes, parent))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(parent[order], parent[order]) + 1
    return rank


def _find_urban(mosaic: Mosaic, h: Hierarchy) -> npt.NDArray[np.bool_]:
    """Cells near the seat of their town: near enough for a town of its rank."""
    town = h.town_of_cell()
    away = np.hypot(*(mosaic.seeds[: mosaic.count] - mosaic.seeds[h.town_seat[town]]).T)
    return np.asarray(away < 1.3 * SPREAD_M[h.town_rank[town]])


def _add_endings(
    rng: np.random.Generator, names: dict[Level, list[str]], h: Hierarchy, urban: npt.NDArray[np.bool_]
) -> dict[Level, list[str]]:
    """Official names: 市; 区 around a city's seat, else 县; 街道 at seats, else 镇 or 乡; 社区 in towns, else 村."""
    rank_of_county = np.full(len(names[Level.COUNTY]), COUNTY_SEAT)
    rank_of_county[h.county_of_town[h.town_rank == CITY_SEAT]] = CITY_SEAT
    town_ending = np.where(h.town_rank <= COUNTY_SEAT, "街道", np.where(rng.random(len(h.town_rank)) < 0.6, "镇", "乡"))
    endings = {
        Level.CITY: ["市"] * len(names[Level.CITY]),
        Level.COUNTY: np.where(rank_of_county == CITY_SEAT, "区", "县").tolist(),
        Level.TOWN: town_ending.tolist(),
        Level.VILLAGE: np.where(urban[h.village_seat], "社区", "村").tolist(),
    }
    return {level: [a + b for a, b in zip(names[level], endings[level], strict=True)] for level in endings}


def _as_multi(polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.multipolygons(polygons, indices=np.arange(len(polygons))), object)
