"""Where a place on a line lies, and where points lie seen from it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.domain.crs import GEOD
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.errors import InvalidInput

EASTWARD = MeasuredLine(shapely.LineString([(112.0, 37.0), (112.1, 37.0), (112.1, 37.05)]), start_m=12_000.0)


def test_left_and_right_are_meant_facing_increasing_mileage() -> None:
    lon, lat = EASTWARD.beside(12_500.0, side="left", offset_m=20.0)
    assert lat > 37.0
    seen = EASTWARD.locate(lon, lat)
    assert (seen.side, round(seen.offset_m), round(seen.mileage_m)) == ("left", 20, 12_500)
    assert EASTWARD.locate(*EASTWARD.beside(12_500.0, side="right", offset_m=20.0)).side == "right"


def test_beyond_the_ends_there_is_nothing() -> None:
    for metres in (11_900.0, EASTWARD.end_m + 100.0):
        with pytest.raises(InvalidInput, match="outside this line"):
            EASTWARD.point_at(metres)


def test_a_stretch_runs_as_it_was_asked_for() -> None:
    there, back = EASTWARD.stretch(12_100.0, 22_000.0), EASTWARD.stretch(22_000.0, 12_100.0)
    assert len(there.coords) == 3
    assert list(back.coords) == list(there.coords)[::-1]


def test_on_the_line_there_is_no_side() -> None:
    assert EASTWARD.locate(112.05, 37.0).side == ""


@pytest.mark.parametrize(("lon", "lat"), [(112.0, 37.0), (24.9, 60.2), (9.5, 47.2), (112.0, -37.0), (116.0, 1.0)])
@pytest.mark.parametrize("bearing", [0.0, 35.0, 90.0, 250.0])
def test_offsets_are_those_of_the_ellipsoid_up_to_a_kilometre(lon: float, lat: float, bearing: float) -> None:
    x, y, _ = GEOD.fwd(lon, lat, bearing, 8_000.0)
    line = MeasuredLine(shapely.LineString([(lon, lat), (x, y)]))
    for metres in (1.0, 100.0, 999.0):
        point = line.beside(4_321.0, side="right", offset_m=metres)
        seen = line.locate(*point)
        dense = np.array([line.point_at(at) for at in np.arange(4_300.0, 4_342.0, 0.05)])
        _, _, distance = GEOD.inv(dense[:, 0], dense[:, 1], *(np.full(len(dense), v) for v in point))
        assert seen.offset_m == pytest.approx(distance.min(), abs=0.001)
        assert seen.offset_m == pytest.approx(metres, abs=0.05)
        assert seen.mileage_m == pytest.approx(4_321.0, abs=0.05)


def test_many_points_are_seen_like_each_alone() -> None:
    rng = np.random.default_rng(7)
    lon, lat = 112.0 + rng.uniform(-0.02, 0.12, 200), 37.0 + rng.uniform(-0.02, 0.07, 200)
    many = EASTWARD.locate_all(lon, lat)
    for i in range(200):
        alone = EASTWARD.locate(float(lon[i]), float(lat[i]))
        assert (many.chainage_m[i], many.side[i], many.offset_m[i]) == (alone.mileage_m, alone.side, alone.offset_m)
    assert len(EASTWARD.locate_all(np.zeros(0), np.zeros(0)).side) == 0


def test_outside_a_sharp_bend_the_side_is_that_of_the_corner() -> None:
    hairpin = MeasuredLine(shapely.LineString([(112.0, 37.0), (112.01, 37.0), (112.0, 37.0005)]))
    beyond = hairpin.locate(112.0105, 37.0001)
    assert beyond.side == "right"
    assert beyond.mileage_m == pytest.approx(889.7, abs=2.0)
