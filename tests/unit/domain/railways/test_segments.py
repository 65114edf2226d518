"""Segments cover their line end to end, and know what lies on them and around."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.domain.railways.access_points import build_access_points
from gridmap.domain.railways.lines import build_lines
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.segments import build_segments
from tests.counties import (
    COLUMNS,
    EAST_TOWN,
    RAIL_LAT,
    STEP_DEG,
    WEST,
    WEST_TOWN,
    build_areas,
    build_features,
    build_roads,
    build_tracks,
)

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


def cut(areas: gpd.GeoDataFrame, features: pd.DataFrame) -> list[float]:
    """Where the line is cut, in columns of cells from the west."""
    found = build_segments(LINES, areas=areas, tracks=build_tracks(), features=features, max_length_m=90_000.0)
    line = MeasuredLine(LINES.geometry.iloc[0])
    return [round((line.point_at(at)[0] - WEST) / STEP_DEG, 6) for at in found["to_m"].iloc[:-1]]


def test_lines_are_cut_at_borders_stations_and_crossings() -> None:
    everything = build_features()
    assert cut(build_areas(), everything.iloc[:0]) == [3.0]
    stations = everything[everything["kind"] == "station"]
    assert cut(build_areas(), stations) == [1.5, 3.0, 4.5]
    assert cut(build_areas(), everything) == [1.5, 2.0, 3.0, 4.0, 4.5, 5.0]


def make_features(*rows: tuple[str, float]) -> pd.DataFrame:
    """(kind, place along the line in columns of cells)."""
    return pd.DataFrame(
        [(kind, "", "", None, WEST + at * STEP_DEG, RAIL_LAT) for kind, at in rows],
        columns=["kind", "name", "external_id", "length_m", "lon", "lat"],
    )


def test_of_cuts_within_300_m_the_border_stays_then_the_station() -> None:
    near = 290 / 880
    given = make_features(("station", 3 + near), ("level_crossing", 1.0), ("halt", 1 + near), ("level_crossing", 5.0))
    assert cut(build_areas(), given) == pytest.approx([1 + near, 3.0, 5.0], abs=1e-6)


def test_a_crossing_counts_only_on_the_line_itself() -> None:
    beside = make_features(("level_crossing", 1.0), ("station", 5.0)).assign(lat=RAIL_LAT + 100 / 111_000)
    assert cut(build_areas(), beside) == [3.0, 5.0]


def test_each_lies_in_one_village() -> None:
    areas = build_areas()
    found = build_segments(LINES, areas=areas, tracks=build_tracks(), features=build_features())
    assert set(found["area_code"]) == {f"{WEST_TOWN}001", f"{EAST_TOWN}001"}
    whole = dict(zip(areas["code"], shapely.buffer(areas.geometry.to_numpy(), 1e-9), strict=True))
    assert all(whole[row.area_code].covers(row.geometry) for row in found.itertuples())


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
    spurs = nodes.iloc[[0, 0]].assign(lon=112.515, lat=[37.815 - near, 37.815 + near])
    nodes = pd.concat([nodes, spurs], ignore_index=True)
    ends = [len(nodes) - 2, len(nodes) - 1]
    places = nodes[["lon", "lat"]].to_numpy()
    roads = edges.iloc[[0, 0]].assign(u=0, v=ends)
    lines = [shapely.LineString([places[0], places[end]]) for end in ends]
    roads = gpd.GeoDataFrame(roads.drop(columns="geometry"), geometry=lines, crs=edges.crs)
    edges = gpd.GeoDataFrame(pd.concat([edges, roads], ignore_index=True), crs=edges.crs)
    given = {"tracks": build_tracks(), "features": build_features(), "road_nodes": nodes, "road_edges": edges}
    reached = build_access_points(LINES, **given, distance_m=50.0)
    missed = build_access_points(LINES, **given, distance_m=20.0)
    # One on either side: neither stands for the other.
    assert (reached["kind"] == "way_end").sum() == 2
    assert (missed["kind"] == "way_end").sum() == 0
