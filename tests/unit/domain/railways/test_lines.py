"""Fragments become lines: joined where a train runs on, left out where it does not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
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


def along(y_m: float, *stops: float) -> list[tuple[float, float]]:
    return [(x, 37.0 + y_m / 111_000) for x in stops]


def test_each_track_of_a_double_line_keeps_its_side() -> None:
    found = build_lines(
        tracks(
            (along(0, X[0], X[2]), {}),
            (along(0, X[2], X[5]), {}),
            (along(4, X[1], X[3]), {}),
            (along(4, X[3], X[5]), {}),
            (along(-4, X[3], X[4]), {"service": "siding"}),
        )
    )
    # Half of the first piece has a track on its left, all of the second; a siding on the right makes no middle track.
    assert found.track_line.tolist() == [0, 0, 0, 0, 0]
    assert found.track_side.tolist() == ["right", "right", "left", "left", "right"]


def test_a_single_track_and_the_middle_one_of_three_are_no_side() -> None:
    found = build_lines(
        tracks(
            (along(0, X[0], X[3]), {}),
            (along(0, X[3], X[7]), {}),
            (along(4, X[3], X[6]), {}),
            (along(-4, X[3], X[6]), {}),
        )
    )
    assert found.track_side.tolist() == ["", "", "left", "right"]


def test_sides_are_meant_facing_increasing_mileage() -> None:
    found = build_lines(tracks((along(0, X[6], X[0]), {}), (along(4, X[5], X[1]), {})))
    assert found.track_side.tolist() == ["left", "right"]


GAP = [(along(0, X[0], X[2]), {"name": "North"}), (along(0, X[2] + 0.001, X[4]), {"name": "North"})]


def test_a_gap_is_told_and_left_open() -> None:
    found = build_lines(tracks(*GAP))
    assert len(found.lines) == 2
    (gap,) = found.gaps
    assert set(gap.lines) == {0, 1}
    assert gap.distance_m == pytest.approx(89, abs=1)
    assert not gap.bridged


def test_a_gap_is_bridged_when_asked_for_and_told_all_the_same() -> None:
    assert len(build_lines(tracks(*GAP), bridge_gaps_m=50.0).lines) == 2
    found = build_lines(tracks(*GAP), bridge_gaps_m=100.0)
    assert found.track_line.tolist() == [0, 0]
    assert found.lines["length_m"].iloc[0] == pytest.approx(3_560, rel=0.01)
    assert [(g.lines, g.bridged) for g in found.gaps] == [((0, 0), True)]


@pytest.mark.parametrize(
    "other",
    [
        (along(0, X[2] + 0.004, X[4]), {"name": "North"}),
        (along(0, X[2] + 0.001, X[4]), {"name": "South"}),
        ([(X[2] + 0.001, 37.0), (X[2] + 0.001, 37.02)], {"name": "North"}),
    ],
    ids=["too far", "another line", "across"],
)
def test_ends_that_do_not_face_each_other_are_no_gap(
    other: tuple[list[tuple[float, float]], dict[str, object]],
) -> None:
    found = build_lines(tracks(GAP[0], other), bridge_gaps_m=300.0)
    assert len(found.lines) == 2
    assert found.gaps == ()


def milestones(*posts: tuple[float, float]) -> pd.DataFrame:
    rows = [(f"node/{n}", metres, lon, 37.0) for n, (lon, metres) in enumerate(posts)]
    return pd.DataFrame(rows, columns=["external_id", "mileage_m", "lon", "lat"])


def test_milestones_turn_a_line_round_and_calibrate_it() -> None:
    line = tracks((along(0, X[0], X[5]), {}))
    posts = milestones((X[1], 52_000.0), (X[2], 51_110.0), (X[3], 50_220.0))
    found = build_lines(line, milestones=posts)
    assert found.posts.falling == (0,)
    assert found.lines.geometry.iloc[0].coords[0][0] == X[5]
    points = found.posts.calibration[0]
    assert [point.ahead_m for point in points] == [50_220.0, 51_110.0, 52_000.0]
    assert np.diff([point.chainage_m for point in points]) == pytest.approx([890, 890], abs=2)


def test_a_milestone_that_contradicts_or_stands_alone_is_told_and_not_used() -> None:
    line = tracks((along(0, X[0], X[5]), {}))
    posts = milestones((X[1], 50_000.0), (X[2], 50_890.0), (X[3], 90_000.0), (X[4], 52_670.0))
    found = build_lines(line, milestones=posts)
    assert len(found.posts.calibration[0]) == 3
    assert found.posts.unused == (2,)
    alone = build_lines(line, milestones=milestones((X[1], 50_000.0)))
    assert (alone.posts.calibration, alone.posts.unused) == ({}, (0,))


def test_posts_of_both_tracks_are_one() -> None:
    line = tracks((along(0, X[0], X[5]), {}))
    posts = milestones((X[1], 50_000.0), (X[1] + 0.0001, 50_000.0), (X[2], 50_890.0))
    found = build_lines(line, milestones=posts)
    assert len(found.posts.calibration[0]) == 2
    assert found.posts.unused == ()
