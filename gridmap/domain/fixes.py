"""What a device says about where its team is, and when that cannot be so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CHINA_BOX = (73.0, 18.0, 135.0, 54.0)
"""West, south, east, north, degrees: as far as a swap of longitude and latitude can be told."""

LARGEST_CLOCK_LEAD = timedelta(seconds=120)
"""A device's clock may be this far ahead of ours."""

FASTEST_KMH = 400.0
"""Faster than any train a team could ride on; what implies more is a wrong position."""

NOISE_M, MOST_NOISE_M = 300.0, 1000.0
"""A receiver between houses or in a cutting jumps this far, or as far as it says of itself up to the second."""

_EARTH_RADIUS_M = 6_371_008.8


class Refusal(StrEnum):
    """Why a fix was not kept."""

    UNREADABLE = "unreadable"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    SWAPPED = "swapped"
    NOT_VALID = "not_valid"
    FUTURE = "future"
    TOO_OLD = "too_old"
    TELEPORT = "teleport"
    OFF_DUTY = "off_duty"
    UNKNOWN_DEVICE = "unknown_device"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Fix:
    """One position of a device: WGS-84 degrees, and when it was there.

    `speed_kmh`, `heading_deg` (0 = north, clockwise, below 360) and `accuracy_m` are None where the device does not
    know them.
    """

    lon: float
    lat: float
    at: datetime
    speed_kmh: float | None = None
    heading_deg: float | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest fix of a team that is kept: WGS-84 degrees."""

    lon: float
    lat: float
    at: datetime


def check_place(lon: float, lat: float) -> Refusal | None:
    """What is wrong with a place as such, None where nothing is.

    (0, 0) is what receivers send that have no position; it lies in the Gulf of Guinea.
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return Refusal.NOT_A_NUMBER
    if not _is_in_china(lon, lat) and _is_in_china(lat, lon):
        return Refusal.SWAPPED
    if abs(lon) > 180 or abs(lat) > 90 or (lon == 0 and lat == 0):
        return Refusal.OUT_OF_RANGE
    return None


def check_fix(fix: Fix, *, now: datetime, backlog: timedelta) -> Refusal | None:
    """What is wrong with a fix by itself at the moment `now`, None where nothing is.

    Older than `backlog` is too old.
    """
    wrong = check_place(fix.lon, fix.lat)
    if wrong is not None:
        return wrong
    if fix.at > now + LARGEST_CLOCK_LEAD:
        return Refusal.FUTURE
    return Refusal.TOO_OLD if fix.at < now - backlog else None


def is_teleport(fix: Fix, latest: Seen) -> bool:
    """Whether going between the latest fix kept and this one would take more than `FASTEST_KMH`, noise allowed for.

    The speed is taken over the time between the two, so that a team whose latest fix was the wrong one frees itself:
    what seemed a jump of 100 km is accepted from a quarter of an hour after the latest fix on. The same holds for a
    fix that comes late, with the time counted backwards.
    """
    metres = compute_distance_m((latest.lon, latest.lat), (fix.lon, fix.lat))
    noise_m = min(max(NOISE_M, fix.accuracy_m or 0.0), MOST_NOISE_M)
    return metres > noise_m + FASTEST_KMH / 3.6 * abs((fix.at - latest.at).total_seconds())


def compute_distance_m(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Great-circle distance between two (lon, lat) in degrees, by the haversine formula on a sphere: good to 0.5 %.

    One fix at a time and thousands a second; the ellipsoid (`domain.crs.GEOD`) costs ten times as much.
    """
    (lon1, lat1), (lon2, lat2) = (map(math.radians, point) for point in (start, end))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def _is_in_china(lon: float, lat: float) -> bool:
    west, south, east, north = CHINA_BOX
    return west <= lon <= east and south <= lat <= north
