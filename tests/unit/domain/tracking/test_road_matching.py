"""Which road a track follows: on a grid of roads, through noise, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.domain.crs import points_to_metric
from gridmap.domain.tracking.road_matching import match_roads
from tests.counties import RAIL_LAT, SOUTH, STEP_DEG, WEST
from tests.made_tracks import Place, build_place, make_noise


@pytest.fixture(scope="module")
def place() -> Place:
    return build_place()


def drive(place: Place, corners: list[tuple[float, float]], *, every_m: float = 60.0) -> np.ndarray:
    """Points of the plane along straight ways between (lon, lat) corners."""
    lon, lat = np.array(corners).T
    way = shapely.LineString(np.column_stack(points_to_metric(lon, lat, place.crs)))
    return shapely.get_coordinates(shapely.line_interpolate_point(way, np.arange(0, way.length, every_m)))


def test_a_turn_is_followed_through_noise(place: Place) -> None:
    corner = (WEST + 2 * STEP_DEG, SOUTH + STEP_DEG)
    truth = drive(place, [(WEST + STEP_DEG, SOUTH + STEP_DEG), corner, (WEST + 2 * STEP_DEG, SOUTH + 2 * STEP_DEG)])
    noisy = truth + make_noise(np.random.default_rng(5), len(truth), sigma_m=10.0)
    found = match_roads(place.network, noisy[:, 0], noisy[:, 1], crs=place.crs, sigma_m=10.0)
    matched = np.column_stack([found.x, found.y])
    roads = shapely.union_all(place.network.plane.lines)
    assert np.isfinite(matched).all()
    assert shapely.distance(shapely.points(matched), roads).max() < 0.01
    assert np.median(np.hypot(*(matched - truth).T)) < 20.0


def test_a_path_across_fields_follows_no_road(place: Place) -> None:
    middle = drive(place, [(WEST + 0.3 * STEP_DEG, RAIL_LAT), (WEST + 0.7 * STEP_DEG, RAIL_LAT)])
    found = match_roads(place.network, middle[:, 0], middle[:, 1], crs=place.crs, sigma_m=10.0)
    assert np.isnan(found.x).all()


def test_the_far_side_of_a_block_is_not_jumped_to(place: Place) -> None:
    truth = drive(place, [(WEST + STEP_DEG, SOUTH + STEP_DEG), (WEST + 3 * STEP_DEG, SOUTH + STEP_DEG)])
    wrong = truth.copy()
    wrong[10] += (0.0, 1_100.0)
    found = match_roads(place.network, wrong[:, 0], wrong[:, 1], crs=place.crs, sigma_m=10.0)
    others = np.arange(len(truth)) != 10
    assert np.hypot(found.x - truth[:, 0], found.y - truth[:, 1])[others].max() < 1.0


def test_a_single_point_follows_nothing(place: Place) -> None:
    found = match_roads(place.network, np.zeros(1), np.zeros(1), crs=place.crs, sigma_m=10.0)
    assert np.isnan(found.x).all()
