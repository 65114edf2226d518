"""What a photograph's own data (EXIF) say of where and when it was taken. Photographs are of places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from gridmap.domain.crs import GEOD
from gridmap.domain.days import BEIJING
from gridmap.errors import N_

# CIPA DC-008-2023 (Exif 3.0), tables 8 and 15.
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
_TIME, _STATUS, _DIRECTION, _DATUM, _DATE, _ERROR = 7, 9, 17, 18, 29, 31
_TAKEN, _CHANGED = 0x9003, 0x0132
_TAKEN_OFFSET, _CHANGED_OFFSET = 0x9011, 0x9010

_WGS84_NAMES = frozenset({"", "WGS84", "CGCS2000"})
_GCJ02_NAMES = frozenset({"GCJ02"})

NO_POSITION = N_("The photo holds no position.")
_HALF_POSITION = N_("The position in the photo is incomplete: it does not say north or south, east or west.")
_NO_FIX = N_("The camera had no position when it took the photo.")
_OTHER_DATUM = N_("The position in the photo is in a coordinate system that is not known here.")

APART_M = 100.0
"""Photos of one hazard are taken nearer to each other than this."""


@dataclass(frozen=True)
class PhotoFacts:
    """What is known of a photo; None where it does not say.

    Attributes
    ----------
    lon, lat
        Where the camera stood, degrees, WGS-84 unless `is_gcj02`.
    accuracy_m
        How far the position may be wrong.
    bearing_deg
        Where the camera looked, degrees from north: true or magnetic, as the camera has it.
    fault
        Why there is no position, a catalogue message; "" where there is one.
    """

    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    bearing_deg: float | None = None
    taken_at: datetime | None = None
    is_gcj02: bool = False
    fault: str = NO_POSITION


def read_facts(main: Mapping[int, Any], detail: Mapping[int, Any], gps: Mapping[int, Any]) -> PhotoFacts:
    """The facts in a photo's directories of tags (the main one, Exif, GPS).

    Rationals may be anything that `float` reads; such with a zero below count as missing. A time without a zone is one
    of Beijing.
    """
    taken_at = _read_gps_time(gps) or _read_time(detail, _TAKEN, detail, _TAKEN_OFFSET)
    taken_at = taken_at or _read_time(main, _CHANGED, detail, _CHANGED_OFFSET)
    bearing = _read_number(gps.get(_DIRECTION))
    bearing = bearing % 360 if bearing is not None and 0 <= bearing <= 360 else None
    datum = _read_text(gps.get(_DATUM)).upper().replace("-", "").replace(" ", "").replace("_", "")
    lon, lat = _read_angle(gps, _LON, _LON_REF, "EW", 180.0), _read_angle(gps, _LAT, _LAT_REF, "NS", 90.0)
    fault = _find_fault(gps, lon, lat, datum)
    if fault:
        return PhotoFacts(bearing_deg=bearing, taken_at=taken_at, fault=fault)
    accuracy = _read_number(gps.get(_ERROR))
    return PhotoFacts(
        lon=lon,
        lat=lat,
        accuracy_m=accuracy if accuracy is not None and accuracy > 0 else None,
        bearing_deg=bearing,
        taken_at=taken_at,
        is_gcj02=datum in _GCJ02_NAMES,
        fault="",
    )


def _find_fault(gps: Mapping[int, Any], lon: float | None, lat: float | None, datum: str) -> str:
    if _LAT not in gps or _LON not in gps:
        return NO_POSITION
    if _read_text(gps.get(_STATUS)).upper() == "V":
        return _NO_FIX
    if not (_read_text(gps.get(_LAT_REF)) and _read_text(gps.get(_LON_REF))):
        return _HALF_POSITION
    # Cameras without a fix write zeros.
    if lon is None or lat is None or (lon == 0 and lat == 0):
        return _NO_FIX
    return "" if datum in _WGS84_NAMES | _GCJ02_NAMES else _OTHER_DATUM


def _read_angle(gps: Mapping[int, Any], tag: int, ref_tag: int, letters: str, limit: float) -> float | None:
    """Degrees, minutes and seconds with their hemisphere as degrees."""
    values = gps.get(tag)
    numbers = [_read_number(value) for value in values] if isinstance(values, Sequence) else []
    ref = _read_text(gps.get(ref_tag)).upper()[:1]
    if not numbers or len(numbers) > 3 or None in numbers or ref not in set(letters):
        return None
    degrees = math.fsum((number or 0.0) / 60**place for place, number in enumerate(numbers))
    if not 0 <= degrees <= limit:
        return None
    return -degrees if ref in "SW" else degrees


def _read_number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _read_text(value: Any) -> str:
    text = value.decode("ascii", "ignore") if isinstance(value, bytes) else str(value or "")
    return text.strip("\0 ")


def _read_gps_time(gps: Mapping[int, Any]) -> datetime | None:
    """The instant by the satellites' clock, UTC."""
    clock = gps.get(_TIME)
    numbers = [_read_number(value) for value in clock] if isinstance(clock, Sequence) else []
    try:
        day = datetime.strptime(_read_text(gps.get(_DATE)), "%Y:%m:%d").replace(tzinfo=UTC)
        hours, minutes, seconds = (int(number or 0) for number in numbers)
        return day.replace(hour=hours, minute=minutes, second=min(seconds, 59))
    except ValueError:
        return None


def _read_time(tags: Mapping[int, Any], tag: int, offsets: Mapping[int, Any], offset_tag: int) -> datetime | None:
    zone = _read_offset(_read_text(offsets.get(offset_tag)))
    try:
        return datetime.strptime(_read_text(tags.get(tag)), "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        return None


def _read_offset(text: str) -> timezone:
    try:
        offset = datetime.strptime(text, "%z").utcoffset()
    except ValueError:
        return BEIJING
    return timezone(offset or timedelta())


def choose_best(facts: Sequence[PhotoFacts]) -> int | None:
    """Position of the photo whose place is best known, the first of several; None where none has one."""
    placed = [i for i, one in enumerate(facts) if not one.fault]
    return min(placed, key=lambda i: facts[i].accuracy_m or math.inf, default=None)


def compute_spread_m(places: Sequence[tuple[float, float]]) -> float:
    """The greatest distance, metres, between any two places (lon, lat)."""
    return max(
        (GEOD.inv(*a, *b)[2] for i, a in enumerate(places) for b in places[i + 1 :]),
        default=0.0,
    )
