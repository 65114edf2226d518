"""Fragments become lines: joined where a train runs on, left out where it does not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.domain.crs import compute_lengths_m
from gridmap.domain.railways.lines import build_lines
from gridmap.sources.dataset import WGS84

X = [112.50 + 0.01 * n for n in range(8)]


def tracks(*rows: tuple[list[tuple[float, float]], dict[str, object]]) -> gpd.GeoDataFrame:
    lines = np.array([shapely.LineString(line) for line, _ in rows], object)
    usual = {"name": "", "ref": "", "usage": "main", "service": "", "gauge_mm": 1435, "electrified": "contact_line"}
    usual |= {"high_speed": False, "max_speed_kmh": None, "bridge": False, "tunnel": False}
    table = [{**usual, "way_id": n, **own} for n, (_, own) in enumerate(rows)]
    return gpd.GeoDataFrame(table, geometry=lines, crs=WGS84).assign(length_m=compute_lengths_m(lines))


def test_fragments_of_a_line_become_one() -> None:
    found = build_lines(
        tracks(
            ([(X[2], 37.0), (X[1], 37.0)], {"name": "North Line"}),
            ([(X[0], 37.0), (X[1], 37.0)], {"name": "North Line"}),
            ([(X[2], 37.0), (X[3], 37.0)], {"name": "North Line"}),
        )
    )
    assert found.lines["name"].tolist() == ["North Line"]
    assert found.track_line.tolist() == [0, 0, 0]
    assert found.lines["length_m"].iloc[0] == pytest.approx(2_670, rel=0.01)


def test_a_second_track_beside_the_first_is_no_second_line() -> None:
    beside = 37.0 + 5 / 111_000
    found = build_lines(
        tracks(([(X[0], 37.0), (X[4], 37.0)], {}), ([(X[0], beside), (X[3], beside), (X[4], beside)], {}))
    )
    assert len(found.lines) == 1
    assert found.track_line.tolist() == [0, 0]


def test_a_parallel_railway_80_m_away_is_a_line_of_its_own() -> None:
    beside = 37.0 + 80 / 111_000
    assert (
        len(build_lines(tracks(([(X[0], 37.0), (X[4], 37.0)], {}), ([(X[0], beside), (X[4], beside)], {}))).lines) == 2
    )


def test_yards_and_sidings_make_no_line() -> None:
    found = build_lines(
        tracks(
            ([(X[0], 37.0), (X[4], 37.0)], {}),
            ([(X[1], 37.0), (X[2], 37.002)], {"service": "siding"}),
            ([(X[5], 37.1), (X[6], 37.1)], {"service": "yard"}),
        )
    )
    assert len(found.lines) == 1
    assert found.track_line.tolist()[2] == -1


def test_a_sharp_turn_is_a_branch() -> None:
    found = build_lines(tracks(([(X[0], 37.0), (X[2], 37.0)], {}), ([(X[2], 37.0), (X[1], 37.01)], {})))
    assert len(found.lines) == 2


def test_without_tracks_there_are_no_lines() -> None:
    found = build_lines(tracks(([(X[0], 37.0), (X[1], 37.0)], {})).iloc[:0])
    assert found.lines.empty
    assert "name" in found.lines.columns
