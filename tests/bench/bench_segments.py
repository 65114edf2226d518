"""All railway lines of a province cut at the borders of its villages, beside geopandas."""

from __future__ import annotations

import time

import geopandas as gpd
import pytest

from gridmap.domain.codes import Level
from gridmap.domain.railways.area_runs import find_area_runs
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.segments import build_segments
from gridmap.services.context import Context
from gridmap.store import areas, basemap, rail
from tests.bench.figures import Board, Figure

LIMIT_S = 10.0


@pytest.mark.bench
def test_lines_of_a_province_are_cut_in_seconds(province_context: Context, board: Board) -> None:
    with province_context.database.read() as connection:
        lines, grounds = rail.load_lines(connection), areas.load_area_shapes(connection)
        features = rail.load_rail_features(connection)
        tracks, shapes = basemap.load_tracks(connection), basemap.load_shapes(connection)
    measured = [MeasuredLine(line.geometry, start_m=line.start_m) for line in lines.itertuples()]
    began = time.perf_counter()
    runs = find_area_runs(measured, grounds)
    runs_s = time.perf_counter() - began
    began = time.perf_counter()
    found = build_segments(
        lines, areas=grounds, tracks=gpd.GeoDataFrame(tracks), features=features, land_use=gpd.GeoDataFrame(shapes)
    )
    whole_s = time.perf_counter() - began
    assert {len(run.area_code) for line in runs for run in line} == {12}
    assert len(found) > sum(map(len, runs)) * 0.9
    villages = grounds[grounds["level"] == int(Level.VILLAGE)]
    began = time.perf_counter()
    pieces = gpd.overlay(lines[["id", "geometry"]], villages[["code", "geometry"]], how="intersection")
    peer_s = time.perf_counter() - began
    assert len(pieces) > 0
    km, track_km = (
        lines["length_m"].sum() / 1000,
        gpd.GeoSeries(tracks.geometry).to_crs("EPSG:32649").length.sum() / 1000,
    )
    print(f"\n{len(lines)} lines of {km:,.0f} km, {track_km:,.0f} km of track, {len(grounds):,} areas")
    print(f"{sum(map(len, runs)):,} runs in {runs_s:.1f} s, {len(found):,} segments in {whole_s:.1f} s with the runs")
    board.check(Figure("railway lines of a province cut at borders", LIMIT_S, runs_s, "s", {"geopandas": peer_s}))
