"""Level lines close, keep what lies below at their left, and measure what they enclose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from gridmap.domain.roads.contours import trace_level

Ring = npt.NDArray[np.float64]


def measure(ring: Ring) -> float:
    """Signed area: positive against the clock."""
    x, y = ring.T
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2


def test_a_disc_with_a_hole_has_its_two_rims() -> None:
    row, column = np.mgrid[0:101, 0:121].astype(float)
    from_middle = np.hypot(column - 60, row - 50)
    rings = trace_level(np.abs(from_middle - 30), 10.0)
    assert all((ring[0] == ring[-1]).all() for ring in rings)
    areas = sorted(measure(ring) for ring in rings)
    assert areas == [pytest.approx(-np.pi * 20**2, rel=2e-3), pytest.approx(np.pi * 40**2, rel=2e-3)]


@pytest.mark.parametrize(("between", "rings"), [(1.5, 1), (9.0, 2)])
def test_points_that_touch_at_a_corner_are_one_where_their_middle_lies_below(between: float, rings: int) -> None:
    values = np.full((4, 4), 9.0)
    values[1, 1] = values[2, 2] = 0.0
    values[1, 2] = values[2, 1] = between
    for turned in (values, values[:, ::-1].copy()):
        found = trace_level(turned, 1.0)
        assert len(found) == rings
        assert all(measure(ring) > 0 for ring in found)


def test_nothing_below_the_level_has_no_rim() -> None:
    assert trace_level(np.ones((4, 4)), 0.5) == []
