"""Which fixes cannot be so: by themselves, and after the latest one."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from gridmap.domain.crs import GEOD
from gridmap.domain.fixes import Fix, Refusal, Seen, check_fix, compute_distance_m, is_teleport

NOW = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
M_PER_DEG_LAT = 111_195.0


def check(lon: float = 112.55, lat: float = 37.87, **age: float) -> Refusal | None:
    return check_fix(Fix(lon, lat, NOW - timedelta(**age)), now=NOW, backlog=WEEK)


def test_a_plain_fix_is_fine() -> None:
    assert check() is None
    assert check(9.52, 47.14) is None  # elsewhere in the world


@pytest.mark.parametrize(
    ("lon", "lat", "refusal"),
    [
        (math.nan, 37.87, Refusal.NOT_A_NUMBER),
        (112.55, math.inf, Refusal.NOT_A_NUMBER),
        (37.87, 112.55, Refusal.SWAPPED),
        (30.0, 80.0, Refusal.SWAPPED),
        (200.0, 37.87, Refusal.OUT_OF_RANGE),
        (112.55, -91.0, Refusal.OUT_OF_RANGE),
        (0.0, 0.0, Refusal.OUT_OF_RANGE),
    ],
)
def test_places_that_cannot_be(lon: float, lat: float, refusal: Refusal) -> None:
    assert check(lon, lat) is refusal


@pytest.mark.parametrize(
    ("age", "refusal"),
    [
        ({"seconds": -120}, None),
        ({"seconds": -121}, Refusal.FUTURE),
        ({"days": 7}, None),
        ({"days": 7, "seconds": 1}, Refusal.TOO_OLD),
        ({"days": 365}, Refusal.TOO_OLD),
    ],
)
def test_times_that_cannot_be(age: dict[str, float], refusal: Refusal | None) -> None:
    assert check(**age) is refusal


def jump(metres: float, *, seconds: float, accuracy_m: float | None = None) -> bool:
    fix = Fix(112.55, 37.87 + metres / M_PER_DEG_LAT, NOW + timedelta(seconds=seconds), accuracy_m=accuracy_m)
    return is_teleport(fix, Seen(112.55, 37.87, NOW))


def test_a_jump_is_told_from_a_ride_and_from_noise() -> None:
    assert not jump(290, seconds=0)
    assert jump(320, seconds=0)
    assert not jump(900, seconds=0, accuracy_m=950)
    assert jump(1100, seconds=0, accuracy_m=50_000)
    assert not jump(300 + 110 * 60, seconds=60)  # 396 km/h: a high-speed train
    assert jump(300 + 113 * 60, seconds=60)


def test_a_fix_that_comes_late_is_judged_backwards() -> None:
    assert not jump(20_000, seconds=-300)
    assert jump(20_000, seconds=-60)


def test_a_team_frees_itself_from_a_wrong_latest_fix() -> None:
    hundred_km = 100_000.0
    assert jump(hundred_km, seconds=14 * 60)
    assert not jump(hundred_km, seconds=15 * 60)


@pytest.mark.parametrize("end", [(112.56, 37.87), (113.9, 39.2), (104.0, 30.0)])
def test_distances_are_those_of_the_ellipsoid_nearly(end: tuple[float, float]) -> None:
    start = (112.55, 37.87)
    assert compute_distance_m(start, end) == pytest.approx(GEOD.inv(*start, *end)[2], rel=0.005)
