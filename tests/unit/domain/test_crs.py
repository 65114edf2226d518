"""Working planes, lengths, areas, and the shift of Chinese maps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from pyproj.transformer import TransformerFromCRS

from gridmap.domain.crs import (
    compute_areas_m2,
    compute_lengths_m,
    compute_step_lengths_m,
    gcj02_to_wgs84,
    looks_like_gcj02,
    points_to_metric,
    to_metric,
    to_wgs84,
    wgs84_to_gcj02,
    working_crs,
)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (112.55, 37.87, 4526),  # Taiyuan: zone 38, central meridian 114
        (112.4999, 37.0, 4525),
        (112.5001, 37.0, 4526),
        (73.6, 39.5, 4513),
        (134.9, 48.4, 4533),
        (9.52, 47.14, 32632),  # Vaduz
        (-58.4, -34.6, 32721),
        (180.0, 0.0, 32660),
    ],
)
def test_the_working_plane_of_a_place(lon, lat, epsg):
    assert working_crs(lon, lat).to_epsg() == epsg


def test_gauss_kruger_eastings_carry_the_zone():
    x, y = points_to_metric(np.array([111.0]), np.array([37.0]), working_crs(111.0, 37.0))
    assert x[0] == pytest.approx(37_500_000)
    assert 4_095_000 < y[0] < 4_098_000


def test_geometries_go_to_metres_and_back():
    line = np.array([shapely.LineString([(112.5, 37.8), (112.6, 37.9)])], object)
    crs = working_crs(112.55, 37.85)
    back = to_wgs84(to_metric(line, crs), crs)
    assert shapely.get_coordinates(back) == pytest.approx(shapely.get_coordinates(line), abs=1e-10)


@pytest.mark.parametrize("epsg", [4513, 4526, 32632, 32721, 3395])
def test_the_way_into_a_plane_is_the_one_its_system_asks_for(epsg):
    crs, lon, lat = CRS.from_epsg(epsg), np.array([112.5, 9.5, -58.4]), np.array([37.8, 47.1, -34.6])
    asked = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    np.testing.assert_array_equal(points_to_metric(lon, lat, crs), asked)


def test_a_new_thread_does_not_search_the_way_again(monkeypatch):
    crs = working_crs(112.5, 37.8)
    points_to_metric(np.array([112.5]), np.array([37.8]), crs)

    def fail(*_: object) -> None:
        raise AssertionError("searched again")

    monkeypatch.setattr(TransformerFromCRS, "__call__", fail)
    with ThreadPoolExecutor(1) as other:
        x, _ = other.submit(points_to_metric, np.array([112.5]), np.array([37.8]), crs).result()
    assert x[0] > 0


def test_lengths_follow_the_ellipsoid():
    # The arc of a meridian is the integral of its radius of curvature; WGS-84's axis and eccentricity.
    axis_m, square = 6_378_137.0, 0.00669437999014
    for south in (0, 37, 60):
        phi = np.radians(np.linspace(south, south + 1, 2001))
        radius = axis_m * (1 - square) / (1 - square * np.sin(phi) ** 2) ** 1.5
        line = np.array([shapely.LineString([(0, south), (0, south + 1)])], object)
        assert compute_lengths_m(line)[0] == pytest.approx(np.trapezoid(radius, phi), abs=0.001)


def test_the_gap_of_a_multiline_has_no_length():
    parts = [[(0, 0), (0, 1)], [(0, 5), (0, 6)]]
    lines = np.array(
        [shapely.MultiLineString(parts), shapely.LineString(), shapely.LineString([(0, 0), (0, 1)])], object
    )
    both, none, one = compute_lengths_m(lines)
    assert both == pytest.approx(one + compute_lengths_m(np.array([shapely.LineString(parts[1])], object))[0])
    assert none == 0


def test_too_few_points_have_no_steps():
    assert compute_step_lengths_m(np.array([1.0]), np.array([1.0])).size == 0
    assert compute_lengths_m(np.zeros(0, object)).size == 0


def test_areas_leave_holes_out_whatever_the_winding():
    shell, hole = shapely.box(10, 47, 10.1, 47.1), shapely.box(10.02, 47.02, 10.04, 47.04)
    holed = shell.difference(hole)
    turned = shapely.Polygon(list(holed.exterior.coords)[::-1], [list(holed.interiors[0].coords)[::-1]])
    a, b, c, d = compute_areas_m2(np.array([shell, hole, holed, turned], object))
    assert c == pytest.approx(a - b)
    assert d == pytest.approx(c)
    assert a == pytest.approx(84.5e6, rel=0.01)


def test_the_shift_moves_some_hundred_metres_in_china_and_nothing_elsewhere():
    lon, lat = wgs84_to_gcj02(np.array([112.55, 9.5]), np.array([37.87, 47.1]))
    assert 300 < abs(lon[0] - 112.55) * 88_000 < 800
    assert (lon[1], lat[1]) == (9.5, 47.1)
    # A published pair: Tian'anmen, as coordtransform and eviltransform compute it.
    assert wgs84_to_gcj02(np.array([116.404]), np.array([39.915])) == (
        pytest.approx([116.41024449916938], abs=1e-9),
        pytest.approx([39.91640428150164], abs=1e-9),
    )


def test_a_shift_is_suspected_from_known_boundaries_only(realdata):
    shanxi = realdata / "shanxi"
    counties, shifted, cities = (
        gpd.read_file(shanxi / name).geometry.to_numpy()
        for name in ("counties_wgs84.geojson", "counties_gcj02.geojson", "cities_wgs84.geojson")
    )
    assert looks_like_gcj02(shifted, cities)
    assert looks_like_gcj02(shifted, counties)
    assert not looks_like_gcj02(counties, cities)
    assert not looks_like_gcj02(counties, counties)
    assert not looks_like_gcj02(shifted, np.zeros(0, object))


def test_no_shift_is_suspected_outside_china():
    areas = np.array([shapely.box(9.5, 47.1, 9.6, 47.2)], object)
    assert not looks_like_gcj02(areas, np.array([shapely.box(9.505, 47.1, 9.605, 47.2)], object))


def test_the_round_trip_is_exact_to_a_micrometre():
    lon, lat = np.meshgrid(np.linspace(74, 135, 60), np.linspace(4, 53, 60))
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lon.ravel(), lat.ravel()))
    assert np.abs(back[0] - lon.ravel()).max() * 111_320 < 1e-6
    assert np.abs(back[1] - lat.ravel()).max() * 111_320 < 1e-6
