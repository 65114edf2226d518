"""Laws of coordinates."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.crs import (
    compute_lengths_m,
    gcj02_to_wgs84,
    points_to_metric,
    to_wgs84,
    wgs84_to_gcj02,
    working_crs,
)

LONGITUDES = st.floats(74, 135)
LATITUDES = st.floats(4, 53)


@settings(max_examples=100)
@given(LONGITUDES, LATITUDES)
def test_undoing_the_shift_undoes_it(lon, lat):
    back = gcj02_to_wgs84(*wgs84_to_gcj02(np.array([lon]), np.array([lat])))
    assert abs(back[0][0] - lon) * 111_320 < 1e-6
    assert abs(back[1][0] - lat) * 111_320 < 1e-6


@settings(max_examples=50)
@given(st.floats(-179, 179), st.floats(-75, 75))
def test_the_working_plane_round_trips_and_keeps_short_lengths(lon, lat):
    crs = working_crs(lon, lat)
    x, y = points_to_metric(np.array([lon, lon + 0.001]), np.array([lat, lat]), crs)
    back = shapely.get_coordinates(to_wgs84(np.asarray(shapely.points(x, y), object), crs))
    assert np.abs(back - [[lon, lat], [lon + 0.001, lat]]).max() < 1e-8
    true_m = compute_lengths_m(np.array([shapely.LineString([(lon, lat), (lon + 0.001, lat)])], object))[0]
    assert abs(np.hypot(x[1] - x[0], y[1] - y[0]) / true_m - 1) < 0.0015


@settings(max_examples=50)
@given(st.lists(st.tuples(LONGITUDES, LATITUDES), min_size=2, max_size=6), st.integers(1, 5))
def test_a_line_is_as_long_as_its_parts(points, cut):
    cut = min(cut, len(points) - 1)
    whole = shapely.LineString(points)
    parts = [points[: cut + 1], points[cut:]]
    halves = shapely.MultiLineString([part for part in parts if len(part) > 1])
    lengths = compute_lengths_m(np.array([whole, halves], object))
    assert np.isclose(lengths[0], lengths[1])
