"""A whole layer against the distance rules: 100,000 places and all tracks of a province, beside geopandas."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest

from gridmap.domain.access import TERMINAL
from gridmap.services import hazards, statutes
from gridmap.services.context import Context
from gridmap.store import basemap
from tests.bench.figures import Board, Figure

SAMPLE = 2_000
WITHIN_M = 1_000.0


@pytest.mark.bench
def test_a_layer_of_a_province_is_checked_in_seconds(province_context: Context, board: Board) -> None:
    places = hazards.list_hazards(province_context, TERMINAL)[["geometry"]]
    kinds = list(statutes.load_statutes(province_context).kinds)
    objects = places.assign(kind=np.resize(kinds, len(places)))
    began = time.perf_counter()
    statutes.load_scene(province_context)
    built_s = time.perf_counter() - began
    began = time.perf_counter()
    found = statutes.check_layer(province_context, TERMINAL, objects=objects)
    checked_s = time.perf_counter() - began
    assert found["object"].nunique() == len(objects)
    assert 0 < found["applies"].sum() < len(found)
    with province_context.database.read() as connection:
        tracks = basemap.load_tracks(connection)
    km = gpd.GeoSeries(tracks.geometry).to_crs("EPSG:32649").length.sum() / 1000
    peer_s = measure_peer(objects, tracks) * len(objects) / SAMPLE
    print(f"\n{len(objects):,} objects, {km:,.0f} km of track, {len(found):,} findings")
    print(f"built in {built_s:.1f} s, checked in {checked_s:.1f} s")
    limit_s = 20.0
    board.check(
        Figure("distance rules over a layer, 100,000 objects", limit_s, built_s + checked_s, "s", {"geopandas": peer_s})
    )


def measure_peer(objects: gpd.GeoDataFrame, tracks: gpd.GeoDataFrame) -> float:
    """Seconds for a sample as a script would do it: nearest track in a UTM plane, and a buffer joined to tracks."""
    sample = objects.sample(SAMPLE, random_state=1).to_crs("EPSG:32649")
    plane = gpd.GeoDataFrame(tracks).to_crs("EPSG:32649")[["high_speed", "geometry"]]
    began = time.perf_counter()
    nearest = sample.sjoin_nearest(plane, distance_col="distance_m")
    within = sample.set_geometry(sample.buffer(WITHIN_M)).sjoin(plane)
    seconds = time.perf_counter() - began
    assert len(nearest) >= SAMPLE
    assert len(within) > 0
    return seconds
