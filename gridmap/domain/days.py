"""Days as history is divided into them: in Beijing, as one number."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
"""China keeps one zone without summer time."""


def number_day(at: datetime) -> int:
    """The day of an instant in Beijing, 20260304 for 4 March 2026."""
    local = at.astimezone(BEIJING)
    return local.year * 10_000 + local.month * 100 + local.day


def local_day(at: datetime) -> date:
    """The day of an instant in Beijing."""
    return at.astimezone(BEIJING).date()


def begin_day(at: datetime) -> datetime:
    """When the day of an instant began in Beijing."""
    return at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
