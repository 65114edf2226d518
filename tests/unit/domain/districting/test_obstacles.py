"""Borders along a line or water that nothing crosses are found, with their length."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.domain.crs import compute_lengths_m
from gridmap.domain.districting.adjacency import build_adjacency
from gridmap.domain.districting.obstacles import draw_common_borders, find_obstructed

X, Y, STEP_DEG = 112.5, 37.8, 0.01
SOUTH = shapely.box(X, Y, X + STEP_DEG, Y + STEP_DEG)
NORTH = shapely.box(X, Y + STEP_DEG, X + STEP_DEG, Y + 2 * STEP_DEG)
CELLS = np.array([SOUTH, NORTH], object)
RAILWAY = shapely.LineString([(X - 0.01, Y + STEP_DEG + 1e-4), (X + 2 * STEP_DEG, Y + STEP_DEG + 1e-4)])
LAKE = shapely.box(X + 1e-4, Y + STEP_DEG - 1e-3, X + STEP_DEG, Y + STEP_DEG + 1e-3)
ROAD = shapely.LineString([(X + 0.005, Y + 0.002), (X + 0.005, Y + 0.018)])
BESIDE = shapely.LineString([(X, Y + STEP_DEG - 2e-4), (X + STEP_DEG, Y + STEP_DEG - 2e-4)])
"""Runs along the border without meeting the railway."""


def find(obstacles: list[shapely.Geometry], ways: list[shapely.Geometry]):
    return find_obstructed(
        CELLS,
        build_adjacency(CELLS),
        obstacles_wgs84=np.array(obstacles, object),
        ways_wgs84=np.array(ways, object),
    )


@pytest.mark.parametrize("obstacle", [RAILWAY, LAKE])
def test_a_border_that_nothing_crosses_is_found(obstacle: shapely.Geometry) -> None:
    found = find([obstacle], [shapely.LineString([(X, Y), (X + STEP_DEG, Y)])])
    assert found.pairs.tolist() == [[0, 1]]
    metres = compute_lengths_m(np.array([shapely.LineString([(X, Y + STEP_DEG), (X + STEP_DEG, Y + STEP_DEG)])]))
    assert found.border_m == pytest.approx(metres, rel=5e-3)
    assert found.along_m == pytest.approx(metres, rel=2e-2)


def test_a_road_along_the_border_is_no_crossing_and_one_across_it_is() -> None:
    assert len(find([RAILWAY], [BESIDE]).pairs) == 1
    assert len(find([RAILWAY], [BESIDE, ROAD]).pairs) == 0
    assert len(find([LAKE], [ROAD]).pairs) == 0


def test_what_is_far_or_short_is_no_obstacle() -> None:
    across = shapely.LineString([(X + 0.005, Y), (X + 0.005, Y + 0.02)])
    half = shapely.LineString([(X, Y + STEP_DEG), (X + 0.006, Y + STEP_DEG)])
    for obstacle in (across, half, shapely.LineString([(X, Y + 0.004), (X + STEP_DEG, Y + 0.004)])):
        assert len(find([obstacle], []).pairs) == 0
    assert len(find([], []).pairs) == 0


def test_common_borders_are_drawn_in_degrees() -> None:
    (line,) = draw_common_borders(CELLS, np.array([[0, 1]]))
    assert line.bounds == pytest.approx((X, Y + STEP_DEG, X + STEP_DEG, Y + STEP_DEG), abs=1e-5)
    assert len(draw_common_borders(CELLS, np.zeros((0, 2), np.int64))) == 0
