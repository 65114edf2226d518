"""The contract of a `Dataset`, checked once where it enters the store: columns, ranges and references."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.codes import code_level
from gridmap.sources.dataset import (
    AREA_COLUMNS,
    MILESTONE_COLUMNS,
    PLACE_COLUMNS,
    RAIL_FEATURE_COLUMNS,
    ROAD_EDGE_COLUMNS,
    ROAD_NODE_COLUMNS,
    SHAPE_COLUMNS,
    TRACK_COLUMNS,
    TURN_COLUMNS,
    Dataset,
)

_TABLES: dict[str, tuple[str, ...]] = {
    "areas": AREA_COLUMNS,
    "road_nodes": ROAD_NODE_COLUMNS,
    "road_edges": ROAD_EDGE_COLUMNS,
    "tracks": TRACK_COLUMNS,
    "rail_features": RAIL_FEATURE_COLUMNS,
    "shapes": SHAPE_COLUMNS,
    "places": PLACE_COLUMNS,
    "milestones": MILESTONE_COLUMNS,
    "turns": TURN_COLUMNS,
}


def find_faults(dataset: Dataset) -> list[str]:
    """Everything in which a dataset breaks its contract, for whoever wrote the source; empty when it is sound.

    A fault is an error of a program, not of a person's file: readers reject or repair what files get wrong.
    """
    faults: list[str] = []
    for name, columns in _TABLES.items():
        table: pd.DataFrame = getattr(dataset, name)
        missing = [column for column in columns if column not in table.columns]
        if missing:
            faults.append(f"{name} lacks {', '.join(missing)}")
        if isinstance(table, gpd.GeoDataFrame):
            faults += _find_bad_geometries(name, table)
        elif "lon" in columns and not missing and not table[["lon", "lat"]].notna().to_numpy().all():
            faults.append(f"{name} has rows without a place")
    return faults or [*_find_bad_areas(dataset.areas), *_find_bad_edges(dataset)]


def _find_bad_geometries(name: str, table: gpd.GeoDataFrame) -> list[str]:
    geometry = table.geometry.to_numpy()
    if len(geometry) == 0:
        return []
    if shapely.is_missing(geometry).any() or shapely.is_empty(geometry).any():
        return [f"{name} has rows without a geometry"]
    faults = [] if shapely.is_valid(geometry).all() else [f"{name} has invalid geometries"]
    west, south, east, north = shapely.total_bounds(geometry)
    if west < -180 or east > 180 or south < -90 or north > 90:
        faults.append(f"{name} is not in degrees")
    return faults


def _find_bad_areas(areas: gpd.GeoDataFrame) -> list[str]:
    faults = []
    if areas["code"].duplicated().any():
        faults.append("areas share a code")
    if any(int(code_level(code)) != level for code, level in zip(areas["code"], areas["level"], strict=True)):
        faults.append("the level of an area is not that of its code")
    return faults


def _find_bad_edges(dataset: Dataset) -> list[str]:
    edges = dataset.road_edges
    if len(edges) == 0:
        return []
    ends = edges[["u", "v"]].to_numpy(np.int64)
    if ends.min() < 0 or ends.max() >= len(dataset.road_nodes):
        return ["road_edges name nodes that are not there"]
    if not (edges["length_m"].to_numpy(float) > 0).all():
        return ["road_edges have no length"]
    return []
