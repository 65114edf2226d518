"""How much a strong wind threatens a line with what lies loose beside it (大风天气，轻质物体侵限).

The measure is our own: it orders, it predicts nothing. Its parts multiply, each from 0 to 1, so that a person sees why
one hazard stands before another:

- distance: 1 at the outer track, falling evenly to 0.1 at 500 m (the reach of Article 53's rules on what flies);
- wind: strength times direction, 1 where nothing is said of the wind. Strength grows with the pressure, which goes with
  the square of the speed (GB 50009, basic wind pressure), from 0.2 in a calm to 1 at force 8 (17.2 m/s). Direction is
  1 for a wind that blows from the hazard to the line and 0.2 away from it; a light wind turns, and then counts less;
- severity: 0.4 for a minor hazard to 1 for a critical one;
- line: 0.4, and 0.2 each for a contact wire, for high speed, and for a track on a bridge or embankment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import GEOD, FloatArray, Geometries, to_wgs84
from gridmap.domain.statutes.plane import MERCATOR, build_shapes
from gridmap.errors import N_, InvalidInput

REACH_M = 500.0

BEAUFORT_MS = (0.0, 0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7)
"""Where each force of the wind scale begins, m/s (GB/T 28591-2012, table 1); the last one is open above."""

_FULL_MS = BEAUFORT_MS[8]
_FASTEST_MS = 100.0
_CALM, _AWAY, _FAR = 0.2, 0.2, 0.1

PARTS = ("distance", "wind", "severity_part", "line_part")

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Wind:
    """What is known of the wind: its mean speed, m/s, and where it comes from, degrees from north; None = unknown."""

    speed_ms: float | None = None
    from_deg: float | None = None

    def __post_init__(self) -> None:
        if self.speed_ms is not None and not 0 <= self.speed_ms <= _FASTEST_MS:
            raise InvalidInput(
                N_("{speed} m/s is no speed of a wind."),
                hint=N_("Give from 0 to {limit} m/s."),
                speed=self.speed_ms,
                limit=round(_FASTEST_MS),
            )
        if self.from_deg is not None and not 0 <= self.from_deg <= 360:
            raise InvalidInput(
                N_("{degrees} is no direction of a wind."),
                hint=N_("Give where it comes from, 0 to 360 degrees from north."),
                degrees=self.from_deg,
            )


def read_force(force: int) -> float:
    """The speed in the middle of a force of the wind scale, m/s; of force 12 where it begins.

    Raises
    ------
    InvalidInput
        No force from 0 to 12.
    """
    if not 0 <= force < len(BEAUFORT_MS):
        raise InvalidInput(
            N_("{force} is no force of the wind scale."), hint=N_("Give a force from 0 to 12."), force=force
        )
    above = BEAUFORT_MS[min(force + 1, len(BEAUFORT_MS) - 1)]
    return (BEAUFORT_MS[force] + above) / 2


def find_nearest_tracks(
    tracks_wgs84: Geometries, lon: FloatArray, lat: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """The track nearest to each place: its position, the geodesic metres to it, and the bearing to it, degrees.

    The nearest track is the outer one on the place's side. Good to a centimetre within a kilometre.
    """
    if len(tracks_wgs84) == 0 or len(lon) == 0:
        nowhere = np.full(len(lon), np.nan)
        return np.full(len(lon), -1, np.int64), nowhere, nowhere
    points = build_shapes(np.asarray(shapely.points(lon, lat), object)).plane
    lines = build_shapes(tracks_wgs84).plane
    track = shapely.STRtree(lines).query_nearest(points, all_matches=False)[1]
    ways = to_wgs84(np.asarray(shapely.shortest_line(points, lines[track]), object), MERCATOR)
    ends = shapely.get_coordinates(ways).reshape(-1, 4)
    bearing, _, metres = GEOD.inv(*ends.T)
    return np.asarray(track, np.int64), np.asarray(metres, np.float64), np.asarray(bearing % 360.0, np.float64)


def rate_exposure(found: pd.DataFrame, wind: Wind) -> pd.DataFrame:
    """How exposed a line is to each hazard.

    Parameters
    ----------
    found
        distance_m (to the outer track), bearing_deg (from the hazard to it), severity (1 to 4), electrified,
        high_speed, raised (on a bridge or embankment).

    Returns
    -------
    pandas.DataFrame
        `PARTS`, each 0 to 1, and `exposure`, their product as a percentage; rows as in `found`.
    """
    metres = found["distance_m"].to_numpy(float)
    parts = pd.DataFrame(
        {
            "distance": 1 - (1 - _FAR) * np.clip(metres / REACH_M, 0.0, 1.0),
            "wind": _rate_wind(found["bearing_deg"].to_numpy(float), wind),
            "severity_part": (1 + found["severity"].to_numpy(float)) / 5,
            "line_part": 0.4 + 0.2 * found[["electrified", "high_speed", "raised"]].to_numpy(float).sum(axis=1),
        },
        index=found.index,
    )
    return parts.assign(exposure=100 * parts[list(PARTS)].prod(axis=1))


def _rate_wind(bearing_deg: FloatArray, wind: Wind) -> FloatArray:
    pressure = 1.0 if wind.speed_ms is None else min(1.0, (wind.speed_ms / _FULL_MS) ** 2)
    strength = _CALM + (1 - _CALM) * pressure
    if wind.from_deg is None:
        return np.full(len(bearing_deg), strength)
    off = np.radians(wind.from_deg + 180.0 - bearing_deg)
    away = (1 - np.cos(off)) / 2
    return np.asarray(strength * (1 - (1 - _AWAY) * pressure * away), np.float64)
