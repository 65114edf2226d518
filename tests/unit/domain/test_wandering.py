"""Simulated units move as teams can."""

from __future__ import annotations

import numpy as np

from gridmap.domain.crs import compute_step_lengths_m
from gridmap.domain.wandering import FASTEST_KMH, SLOWEST_KMH, Wanderers

HOMES = np.tile([[112.55, 37.87]], (50, 1))


def walk(seed: int, *, steps: int = 600) -> tuple[np.ndarray, np.ndarray]:
    units = Wanderers(HOMES, seed=seed)
    lon, lat = [units.lon.copy()], [units.lat.copy()]
    for _ in range(steps):
        units.move(slice(0, len(HOMES)), 10.0)
        lon.append(units.lon.copy())
        lat.append(units.lat.copy())
    return np.array(lon), np.array(lat)


def test_they_keep_to_their_speed_and_near_home() -> None:
    lon, lat = walk(seed=1)
    for unit in range(len(HOMES)):
        speed_kmh = compute_step_lengths_m(lon[:, unit], lat[:, unit]) / 10 * 3.6
        assert (speed_kmh > 0.98 * SLOWEST_KMH).all()
        assert (speed_kmh < 1.02 * FASTEST_KMH).all()
    away_m = np.hypot((lon - 112.55) * 111_320 * np.cos(np.radians(37.87)), (lat - 37.87) * 111_320)
    assert 1000 < away_m.max() < 5_500


def test_one_seed_is_one_set_of_tracks() -> None:
    assert np.array_equal(walk(seed=3, steps=5), walk(seed=3, steps=5))
    assert not np.array_equal(walk(seed=3, steps=5), walk(seed=4, steps=5))
