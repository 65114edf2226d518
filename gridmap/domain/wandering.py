"""Units that wander about their homes as teams do, for traffic that looks like theirs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SLOWEST_KMH, FASTEST_KMH = 5.0, 60.0
_REACH_M = 5_000.0
_TURN_DEG = 12.0
"""Standard deviation of a second's change of heading."""

_M_PER_DEG = 111_320.0


class Wanderers:
    """Positions in WGS-84 degrees, headings and speeds of many units, moved on in place; one seed, one set of tracks.

    Each keeps its speed and drifts in its heading; one that is further than 5 km from home turns back.
    """

    def __init__(self, homes: FloatArray, *, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._homes = homes
        self.lon, self.lat = homes[:, 0].copy(), homes[:, 1].copy()
        self.heading_deg = self._rng.uniform(0, 360, len(homes))
        self.speed_kmh = self._rng.uniform(SLOWEST_KMH, FASTEST_KMH, len(homes))

    def move(self, units: slice, seconds: float) -> None:
        """Move some of the units on by `seconds`."""
        lon, lat, home = self.lon[units], self.lat[units], self._homes[units]
        east = _M_PER_DEG * np.cos(np.radians(home[:, 1]))
        x, y = (lon - home[:, 0]) * east, (lat - home[:, 1]) * _M_PER_DEG
        drift = self._rng.normal(0.0, _TURN_DEG * np.sqrt(seconds), len(lon))
        homewards = np.degrees(np.arctan2(-x, -y))
        heading = np.where(np.hypot(x, y) > _REACH_M, homewards, self.heading_deg[units] + drift) % 360
        metres = self.speed_kmh[units] / 3.6 * seconds
        self.heading_deg[units] = heading
        self.lon[units] = lon + metres * np.sin(np.radians(heading)) / east
        self.lat[units] = lat + metres * np.cos(np.radians(heading)) / _M_PER_DEG
