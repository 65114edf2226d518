"""The contract between sources and store."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from gridmap.sources import dataset as shape
from gridmap.sources.dataset import Dataset, empty_layer, empty_table
from gridmap.sources.schemas import find_faults


@pytest.fixture
def nothing() -> Dataset:
    return Dataset(
        areas=empty_layer(shape.AREA_COLUMNS),
        road_nodes=empty_table(shape.ROAD_NODE_COLUMNS),
        road_edges=empty_layer(shape.ROAD_EDGE_COLUMNS),
        tracks=empty_layer(shape.TRACK_COLUMNS),
        rail_features=empty_table(shape.RAIL_FEATURE_COLUMNS),
        shapes=empty_layer(shape.SHAPE_COLUMNS),
        places=empty_table(shape.PLACE_COLUMNS),
    )


def _areas(geometry=None, **columns) -> gpd.GeoDataFrame:
    row = {"code": "140105", "name": "a", "level": 3, "kind": "official", "households": None, "external_id": None}
    values = {name: [value] for name, value in {**row, **columns}.items()}
    return gpd.GeoDataFrame(
        values, geometry=[shapely.box(112, 37, 113, 38) if geometry is None else geometry], crs=4326
    )


def _edges(length_m: float = 1.0, v: int = 1) -> gpd.GeoDataFrame:
    row = dict.fromkeys(shape.ROAD_EDGE_COLUMNS, 0) | {"v": v, "length_m": length_m}
    return gpd.GeoDataFrame({k: [x] for k, x in row.items()}, geometry=[shapely.LineString([(0, 0), (0, 1)])], crs=4326)


def test_nothing_and_a_sound_area_have_no_faults(nothing):
    assert find_faults(nothing) == []
    assert find_faults(replace(nothing, areas=_areas())) == []


@pytest.mark.parametrize(
    ("areas", "fault"),
    [
        (_areas().drop(columns="level"), "areas lacks level"),
        (_areas(shapely.Polygon()), "without a geometry"),
        (_areas(shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])), "invalid geometries"),
        (_areas(shapely.box(500_000, 0, 500_010, 10)), "not in degrees"),
        (_areas(level=4), "not that of its code"),
    ],
)
def test_faults_of_areas_are_named(nothing, areas, fault):
    assert fault in find_faults(replace(nothing, areas=areas))[0]


def test_faults_of_edges_are_named(nothing):
    nodes = empty_table(shape.ROAD_NODE_COLUMNS)
    assert find_faults(replace(nothing, road_nodes=nodes, road_edges=_edges())) == [
        "road_edges name nodes that are not there"
    ]
    nodes.loc[0], nodes.loc[1] = [1, 0.0, 0.0], [2, 0.0, 1.0]
    assert find_faults(replace(nothing, road_nodes=nodes, road_edges=_edges(length_m=0.0))) == [
        "road_edges have no length"
    ]
