"""Segments cover their line end to end, and know what lies on them and around."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.domain.railways.access_points import build_access_points
from gridmap.domain.railways.lines import build_lines
from gridmap.domain.railways.segments import build_segments
from tests.counties import COLUMNS, build_areas, build_features, build_roads, build_tracks

LINES = build_lines(build_tracks()).lines


@pytest.mark.parametrize("max_length_m", [400.0, 1_500.0, 90_000.0])
def test_segments_cover_the_line_without_gap_or_overlap(max_length_m: float) -> None:
    found = build_segments(
        LINES, areas=build_areas(), tracks=build_tracks(), features=build_features(), max_length_m=max_length_m
    )
    assert found["from_m"].iloc[0] == 0.0
    assert found["to_m"].iloc[-1] == pytest.approx(LINES["length_m"].iloc[0], abs=0.01)
    assert np.allclose(found["to_m"].to_numpy()[:-1], found["from_m"].to_numpy()[1:])
    assert found["length_m"].max() <= max_length_m + 0.01
    assert found["code"].is_unique


def test_lines_are_cut_at_stations() -> None:
    found = build_segments(
        LINES, areas=build_areas(), tracks=build_tracks(), features=build_features(), max_length_m=90_000.0
    )
    assert len(found) == 3


def test_each_lies_in_the_cell_at_its_middle() -> None:
    found = build_segments(LINES, areas=build_areas(), tracks=build_tracks(), features=build_features())
    assert (found["area_code"].str.len() == 15).all()
    assert found["area_code"].str[:9].nunique() == 2


def test_bridges_count_by_their_length() -> None:
    tracks = build_tracks().assign(bridge=[True, False])
    found = build_segments(LINES, areas=build_areas(), tracks=tracks, features=build_features())
    half = tracks["length_m"].iloc[0]
    assert found["bridge_m"].sum() == pytest.approx(half, rel=0.02)
    assert found["tunnel_m"].sum() == 0.0


def access(distance_m: float = 50.0):
    nodes, edges = build_roads()
    return build_access_points(
        LINES,
        tracks=build_tracks(),
        features=build_features(),
        road_nodes=nodes,
        road_edges=edges,
        distance_m=distance_m,
    )


def test_crossings_bridges_and_stations_give_access() -> None:
    found = access()
    kinds = found["kind"].value_counts()
    assert kinds["level_crossing"] == COLUMNS
    assert kinds["bridge"] == 1
    assert (found["walk_m"] >= 0).all()
    assert found["mileage_m"].between(0, LINES["length_m"].iloc[0]).all()


def test_ends_of_ways_count_only_within_the_distance_set() -> None:
    nodes, edges = build_roads()
    near = 30 / 111_000
    spur = nodes.iloc[[0]].assign(lon=112.515, lat=37.815 - near)
    nodes = pd.concat([nodes, spur], ignore_index=True)
    road = edges.iloc[[0]].assign(u=0, v=len(nodes) - 1)
    line = shapely.LineString(
        [nodes.loc[0, ["lon", "lat"]].tolist(), nodes.loc[len(nodes) - 1, ["lon", "lat"]].tolist()]
    )
    road = gpd.GeoDataFrame(road.drop(columns="geometry"), geometry=[line], crs=edges.crs)
    edges = gpd.GeoDataFrame(pd.concat([edges, road], ignore_index=True), crs=edges.crs)
    given = {"tracks": build_tracks(), "features": build_features(), "road_nodes": nodes, "road_edges": edges}
    reached = build_access_points(LINES, **given, distance_m=50.0)
    missed = build_access_points(LINES, **given, distance_m=20.0)
    assert (reached["kind"] == "way_end").sum() == 1
    assert (missed["kind"] == "way_end").sum() == 0
