"""How instants, numbers, lengths and durations are written for a person, the same way on every page and paper."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

from gridmap.i18n.catalogue import Translate

BEIJING = timezone(timedelta(hours=8), "UTC+8")
"""China keeps one zone without summer time, so a fixed offset needs no zone database."""

_DASH = "—"
_YEAR_S = 365.25 * 86_400
_HECTARE_M2 = 10_000


def format_datetime(at: datetime | None) -> str:
    """Beijing date and time to the minute, `2026-03-01 14:05`."""
    return _DASH if at is None or at != at else at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def format_day_time(at: datetime | None) -> str:
    """Beijing month, day and time, `03-01 14:05`, where the year goes without saying."""
    return _DASH if at is None or at != at else at.astimezone(BEIJING).strftime("%m-%d %H:%M")


def format_date(day: date | datetime | None) -> str:
    """A date, in Beijing where it comes from an instant."""
    if day is None or day != day:
        return _DASH
    return (day.astimezone(BEIJING) if isinstance(day, datetime) else day).strftime("%Y-%m-%d")


def format_clock(minutes: float) -> str:
    """Minutes after midnight as `08:30`; beyond a day the hours go on (`25:10`)."""
    whole = round(minutes)
    return f"{whole // 60:02d}:{whole % 60:02d}"


def join_names(names: Iterable[str], translate: Translate, *, most: int | None = None) -> str:
    """Names or codes in one line, by the comma of the language; beyond `most` an ellipsis stands for the rest."""
    told = list(names)
    return translate(", ").join(told[:most]) + ("…" if most is not None and len(told) > most else "")


def format_number(value: float | None, *, digits: int = 0) -> str:
    """Thousands separated by commas."""
    return _DASH if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def format_share(share: float | None) -> str:
    """A share 0 to 1 as a whole percentage."""
    return _DASH if share is None or not math.isfinite(share) else f"{share:.0%}"


def format_distance(metres: float | None, translate: Translate) -> str:
    """Metres under a kilometre, kilometres with one digit from there."""
    if metres is None or not math.isfinite(metres):
        return _DASH
    if round(metres) < 1000:
        return translate("{number} m").format(number=round(metres))
    return translate("{number} km").format(number=format_number(metres / 1000, digits=1))


def format_area(square_metres: float | None, translate: Translate) -> str:
    """Square kilometres, with two digits while they say something; square metres below a hectare."""
    if square_metres is None or not math.isfinite(square_metres):
        return _DASH
    if 0 < square_metres < _HECTARE_M2:
        return translate("{number} m²").format(number=format_number(square_metres))
    km2 = square_metres / 1e6
    return translate("{number} km²").format(number=format_number(km2, digits=2 if km2 < 10 else 0))


def format_duration(seconds: float | None, translate: Translate) -> str:
    """Hours and minutes; seconds only below a minute."""
    if seconds is None or not math.isfinite(seconds):
        return _DASH
    if seconds < 59.5:
        return translate("{number} s").format(number=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return translate("{number} min").format(number=minutes)
    hours, rest = divmod(minutes, 60)
    if not rest:
        return translate("{hours} h").format(hours=hours)
    return translate("{hours} h {minutes} min").format(hours=hours, minutes=rest)


def format_age(age_s: float | None, translate: Translate) -> str:
    """How long ago something was, in its largest unit."""
    if age_s is None or not math.isfinite(age_s):
        return _DASH
    if age_s < 60:
        return translate("just now")
    if age_s < 3600:
        return translate("{number} min ago").format(number=int(age_s // 60))
    if age_s < 86400:
        return translate("{number} h ago").format(number=int(age_s // 3600))
    if age_s < 2 * _YEAR_S:
        return translate("{days} ago").format(days=format_days(age_s // 86400, translate))
    return translate("{number} years ago").format(number=int(age_s // _YEAR_S))


def format_span(span_s: float, translate: Translate) -> str:
    """How long something has been so, in its largest unit only."""
    if span_s < 3600:
        return translate("{number} min").format(number=max(1, int(span_s // 60)))
    if span_s < 86400:
        return translate("{hours} h").format(hours=int(span_s // 3600))
    return format_days(span_s // 86400, translate)


def format_days(days: float, translate: Translate) -> str:
    """A whole number of days."""
    if math.ceil(days) == 1:
        return translate("1 day")
    return translate("{number} days").format(number=math.ceil(days))


def age_s(at: datetime | None, now: datetime) -> float | None:
    """Seconds from `at` to `now`."""
    return None if at is None or at != at else (now - at.astimezone(UTC)).total_seconds()
