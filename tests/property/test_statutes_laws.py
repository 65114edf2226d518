"""Laws of the distance engine: further out never comes nearer, and a larger shape is never further away."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.statutes.rules import Shape
from tests.statute_worlds import LAT, LON, RULES, build_track, build_world, check, walk

WORLD = build_world(build_track(fast=True))
BESIDE_LINES = [r for r in RULES.values() if r.shape is not Shape.ALONG_RIVER and "cable" not in r.origin]


@settings(deadline=None, max_examples=60)
@given(
    rule=st.sampled_from(BESIDE_LINES),
    side=st.sampled_from([90.0, 270.0]),
    metres=st.lists(st.floats(0, 3_000), min_size=2, max_size=8),
)
def test_moving_outward_never_brings_a_rule_in(rule, side, metres) -> None:
    found = check(WORLD, rule, *(walk((LON, LAT), side, far) for far in sorted(metres)))
    assert found["applies"].tolist() == sorted(found["applies"], reverse=True)
    assert found["distance_m"].diff().dropna().min() >= -1e-6


@settings(deadline=None, max_examples=60)
@given(
    rule=st.sampled_from(BESIDE_LINES),
    azimuth=st.floats(0, 360),
    metres=st.floats(0, 3_000),
    size=st.floats(1e-5, 1e-2),
)
def test_a_shape_is_no_further_than_a_place_in_it(rule, azimuth, metres, size) -> None:
    place = walk((LON, LAT), azimuth, metres)
    found = check(WORLD, rule, place, shapely.Point(place).buffer(size))["distance_m"]
    assert found[1] <= found[0] + 0.01


@settings(deadline=None, max_examples=60)
@given(azimuth=st.floats(0, 360), metres=st.floats(10, 5_000))
def test_the_distance_from_a_meridian_is_known(azimuth, metres) -> None:
    place = walk((LON, LAT), azimuth, metres)
    (found,) = check(WORLD, "cn-639/34", place).itertuples()
    # The foot of the perpendicular lies where walking due east or west from the meridian meets the place.
    away = _find_away(place)
    assert found.distance_m == pytest.approx(max(away - 4.3, 0.0), abs=0.05)


def _find_away(place: tuple[float, float]) -> float:
    """Metres from the meridian by ternary search over its latitudes."""
    from tests.statute_worlds import measure

    low, high = place[1] - 0.05, place[1] + 0.05
    for _ in range(100):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        if measure(place, (LON, a)) < measure(place, (LON, b)):
            high = b
        else:
            low = a
    return measure(place, (LON, low))
