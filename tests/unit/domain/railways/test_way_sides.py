"""On which side of its line a way ends, which is the only side it gives access to."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.domain.railways.access_points import find_way_sides


def test_ways_end_left_or_right_of_increasing_mileage() -> None:
    east = shapely.LineString([(112.0, 37.0), (112.01, 37.0), (112.02, 37.01)])
    beside = np.array([[112.0, 37.0], [112.005, 37.0], [112.005, 37.0], [112.02, 37.01]])
    ends = beside + np.array([[0.0, 1e-4], [0.0, -1e-4], [0.0, 1e-6], [1e-4, -1e-4]])
    lines = np.array([east] * 4, object)
    assert find_way_sides(lines, beside=beside, ends=ends).tolist() == ["left", "right", "", "right"]
    back = np.array([shapely.reverse(east)] * 4, object)
    assert find_way_sides(back, beside=beside, ends=ends).tolist() == ["right", "left", "", "left"]
    assert find_way_sides(lines[:0], beside=beside[:0], ends=ends[:0]).tolist() == []
