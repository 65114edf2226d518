"""Exposure orders by distance, wind, severity and line, and every part says why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.domain.crs import GEOD
from gridmap.domain.railways.exposure import BEAUFORT_MS, PARTS, Wind, find_nearest_tracks, rate_exposure, read_force
from gridmap.errors import InvalidInput

USUAL = {"distance_m": 100.0, "bearing_deg": 90.0, "severity": 2, "electrified": True}


def rate(wind: Wind | None = None, **values: object) -> pd.Series:
    table = pd.DataFrame([{**USUAL, "high_speed": False, "raised": False, **values}])
    return rate_exposure(table, wind or Wind()).iloc[0]


def test_the_worst_there_is_has_a_hundred() -> None:
    worst = {"distance_m": 0.0, "severity": 4, "high_speed": True, "raised": True}
    assert rate(Wind(speed_ms=20.0, from_deg=270.0), **worst)["exposure"] == pytest.approx(100)
    assert rate(**worst)["exposure"] == pytest.approx(100)


def test_the_parts_multiply() -> None:
    row = rate()
    assert row[list(PARTS)].tolist() == pytest.approx([0.82, 1.0, 0.6, 0.6])
    assert row["exposure"] == pytest.approx(100 * 0.82 * 0.6 * 0.6)


@pytest.mark.parametrize(
    ("nearer", "further"),
    [
        ({"distance_m": 20.0}, {"distance_m": 200.0}),
        ({"severity": 3}, {"severity": 2}),
        ({"electrified": True}, {"electrified": False}),
        ({"high_speed": True}, {"high_speed": False}),
        ({"raised": True}, {"raised": False}),
    ],
)
def test_each_part_counts(nearer: dict[str, object], further: dict[str, object]) -> None:
    assert rate(**nearer)["exposure"] > rate(**further)["exposure"]


def test_a_wind_to_the_line_counts_more_than_one_away_from_it() -> None:
    strong = [rate(Wind(speed_ms=18.0, from_deg=deg))["wind"] for deg in (270.0, 0.0, 180.0, 90.0)]
    assert strong == pytest.approx([1.0, 0.6, 0.6, 0.2])
    light = [rate(Wind(speed_ms=2.0, from_deg=deg))["wind"] for deg in (270.0, 90.0)]
    assert light[0] - light[1] < 0.01
    assert rate(Wind(from_deg=90.0))["wind"] == pytest.approx(0.2)


def test_the_stronger_the_wind_the_more() -> None:
    winds = [rate(Wind(speed_ms=speed))["wind"] for speed in (0.0, 8.6, 17.2, 30.0)]
    assert winds == pytest.approx([0.2, 0.4, 1.0, 1.0])


@pytest.mark.parametrize("wind", [{"speed_ms": -1.0}, {"speed_ms": 101.0}, {"from_deg": -1.0}, {"from_deg": 361.0}])
def test_a_wind_that_cannot_be_is_refused(wind: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        Wind(**wind)


def test_a_force_is_a_speed_within_it() -> None:
    for force in range(12):
        assert BEAUFORT_MS[force] < read_force(force) < BEAUFORT_MS[force + 1]
    assert read_force(12) == 32.7
    with pytest.raises(InvalidInput, match="no force"):
        read_force(13)


@pytest.mark.parametrize("azimuth", [0.0, 37.0, 90.0, 180.0, 275.0])
def test_the_nearest_track_is_the_outer_one_at_its_true_distance(azimuth: float) -> None:
    lon, lat = 112.5, 37.8
    ends = [GEOD.fwd(lon, lat, azimuth + turn, 400.0)[:2] for turn in (-90.0, 90.0)]
    outer = shapely.LineString(ends)
    inner = shapely.LineString([GEOD.fwd(*end, azimuth + 180.0, 5.0)[:2] for end in ends])
    x, y, _ = GEOD.fwd(lon, lat, azimuth, 480.0)
    track, metres, bearing = find_nearest_tracks(np.array([inner, outer], object), np.array([x]), np.array([y]))
    assert track.tolist() == [1]
    assert metres[0] == pytest.approx(480.0, abs=0.02)
    assert (bearing[0] - azimuth) % 360 == pytest.approx(180.0, abs=0.05)


def test_without_tracks_nothing_is_near() -> None:
    track, metres, bearing = find_nearest_tracks(np.zeros(0, object), np.array([112.0]), np.array([37.0]))
    assert track.tolist() == [-1]
    assert np.isnan([*metres, *bearing]).all()
