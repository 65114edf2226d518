"""What devices and their gateways send, read into fixes.

Formats: the OsmAnd protocol as OsmAnd and the older Traccar Client speak it (parameters) and the newer Traccar Client
does (JSON); what a Traccar server forwards; and our own batch. https://www.traccar.org/osmand/,
https://www.traccar.org/forward/.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gridmap.domain.devices import LONGEST_KEY
from gridmap.domain.fixes import Fix, Refusal

KMH_PER_KNOT = 1.852
KMH_PER_MPS = 3.6
MOST_PER_BATCH = 100

_LATEST_SECONDS = 1e11
"""Numbers above it are milliseconds since 1970: as seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one fix: the key of the device it names ("" where it names none), and the fix or why not."""

    key: str
    fix: Fix | Refusal


def read_osmand(parameters: Mapping[str, str], *, now: datetime) -> Reading:
    """A fix from the parameters of the OsmAnd protocol; speed is in knots, without a timestamp it is `now`."""
    key = _read_key(parameters.get("id") or parameters.get("deviceid"))
    if parameters.get("valid", "true").lower() in {"false", "0"}:
        return Reading(key, Refusal.NOT_VALID)
    lat, lon = parameters.get("lat"), parameters.get("lon")
    if "location" in parameters:
        lat, _, lon = parameters["location"].partition(",")
    return Reading(
        key,
        _build_fix(
            (lon, lat),
            at=parameters.get("timestamp") or now,
            speed=(parameters.get("speed"), KMH_PER_KNOT),
            heading=parameters.get("bearing") or parameters.get("heading"),
            accuracy=parameters.get("accuracy"),
        ),
    )


def read_osmand_json(document: object) -> Reading:
    """A fix from the JSON of the newer Traccar Client; speed is in metres per second, negative where unknown."""
    if not isinstance(document, dict):
        return Reading("", Refusal.UNREADABLE)
    key = _read_key(document.get("device_id"))
    location = document.get("location")
    coords = location.get("coords") if isinstance(location, dict) else None
    if not isinstance(location, dict) or not isinstance(coords, dict):
        return Reading(key, Refusal.UNREADABLE)
    return Reading(
        key,
        _build_fix(
            (coords.get("longitude"), coords.get("latitude")),
            at=location.get("timestamp"),
            speed=(coords.get("speed"), KMH_PER_MPS),
            heading=coords.get("heading"),
            accuracy=coords.get("accuracy"),
        ),
    )


def read_traccar(document: object) -> Reading:
    """A fix from what a Traccar server forwards (`forward.type` json): speed is in knots."""
    if not isinstance(document, dict):
        return Reading("", Refusal.UNREADABLE)
    device, position = document.get("device"), document.get("position")
    key = _read_key(device.get("uniqueId")) if isinstance(device, dict) else ""
    if not key or not isinstance(position, dict):
        return Reading(key, Refusal.UNREADABLE)
    if position.get("valid") is False:
        return Reading(key, Refusal.NOT_VALID)
    return Reading(
        key,
        _build_fix(
            (position.get("longitude"), position.get("latitude")),
            at=position.get("fixTime"),
            speed=(position.get("speed"), KMH_PER_KNOT),
            heading=position.get("course"),
            accuracy=position.get("accuracy") or None,  # 0 is Traccar's way to say that nobody knows
        ),
    )


def read_batch_item(document: object) -> Reading:
    """A fix of our own batch: device, lon, lat, at, and where known speed_kmh, heading_deg, accuracy_m."""
    if not isinstance(document, dict):
        return Reading("", Refusal.UNREADABLE)
    return Reading(
        _read_key(document.get("device")),
        _build_fix(
            (document.get("lon"), document.get("lat")),
            at=document.get("at"),
            speed=(document.get("speed_kmh"), 1.0),
            heading=document.get("heading_deg"),
            accuracy=document.get("accuracy_m"),
        ),
    )


def _read_key(given: object) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int):
        return ""
    # One more than any key of ours has, so that no longer one is taken for it.
    return str(given).strip()[: LONGEST_KEY + 1]


def _build_fix(
    place: tuple[object, object], *, at: object, speed: tuple[object, float], heading: object, accuracy: object
) -> Fix | Refusal:
    lon, lat = (_read_number(value) for value in place)
    when = _read_instant(at)
    if lon is None or lat is None or when is None:
        return Refusal.UNREADABLE
    speed_kmh, heading_deg = _read_amount(speed[0]), _read_amount(heading)
    return Fix(
        lon,
        lat,
        when,
        None if speed_kmh is None else speed_kmh * speed[1],
        None if heading_deg is None else heading_deg % 360,
        _read_amount(accuracy),
    )


def _read_number(value: object) -> float | None:
    """A number, also one that is none (NaN); None where it cannot be read as one at all."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _read_amount(value: object) -> float | None:
    """What may be missing: None too for what devices send where they do not know (-1, NaN, words)."""
    number = _read_number(value)
    return number if number is not None and math.isfinite(number) and number >= 0 else None


def _read_instant(value: Any) -> datetime | None:
    """Seconds or milliseconds since 1970, or ISO 8601; UTC where it names no zone."""
    if isinstance(value, datetime):
        return value
    number = _read_number(value)
    try:
        if number is not None:
            return datetime.fromtimestamp(number / 1000 if abs(number) > _LATEST_SECONDS else number, UTC)
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    if parsed is None:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
