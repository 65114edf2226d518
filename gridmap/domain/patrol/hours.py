"""Hours of a day as windows: night and daylight, the hours of a kind of hazard, breaks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from gridmap.errors import N_, InvalidInput

DAY_S = 24 * 3600

Windows = tuple[tuple[int, int], ...]
"""First and last moment of each window, seconds after local midnight; none at all: at any time."""

_SEPARATORS = re.compile(r"[;,、，；\s]+")
_RANGE = re.compile(r"(\d{1,2})[:：](\d{2})\s*(?:-|–|—|~|至|到)\s*(\d{1,2})[:：](\d{2})")
_BREAK = re.compile(rf"{_RANGE.pattern}\s*[/／]\s*(\d{{1,3}})\s*(?:min|m|分钟|分)?")
_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")


def parse_clock(text: str) -> int:
    """Seconds after midnight of `07:30`, or of `24:00`.

    Raises
    ------
    InvalidInput
        It is no such time.
    """
    found = _CLOCK.fullmatch(text.strip())
    seconds = _count(found[1], found[2]) if found else None
    if seconds is None:
        raise InvalidInput(N_("“{text}” is no time of day."), hint=N_("Write it like 07:30."), text=text)
    return seconds


def parse_hours(text: str) -> Windows:
    """Windows out of `08:00-11:00; 14:00-17:00`, in order; one that ends before it begins ends on the next day.

    Raises
    ------
    InvalidInput
        It is not written so, or two of them lie over one another.
    """
    windows = []
    for part in _split(text):
        found = _RANGE.fullmatch(part)
        ends = (_count(found[1], found[2]), _count(found[3], found[4])) if found else (None, None)
        if ends[0] is None or ends[1] is None:
            raise InvalidInput(
                N_("“{text}” are no hours."), hint=N_("Write them like 08:00-11:00; 14:00-17:00."), text=part
            )
        windows.append((ends[0], ends[1] if ends[1] > ends[0] else ends[1] + DAY_S))
    windows.sort()
    if any(later[0] <= earlier[1] for earlier, later in pairwise(windows)):
        raise InvalidInput(
            N_("The hours “{text}” lie over one another."), hint=N_("Put them together, or part them."), text=text
        )
    return tuple(windows)


def parse_breaks(text: str) -> tuple[tuple[int, int, int], ...]:
    """Breaks out of `12:00-13:00/30`: begun within the hour, 30 minutes long, as (earliest, latest, seconds).

    Raises
    ------
    InvalidInput
        It is not written so.
    """
    breaks = []
    for part in _split(text):
        found = _BREAK.fullmatch(part)
        first, last = (_count(found[1], found[2]), _count(found[3], found[4])) if found else (None, None)
        if found is None or first is None or last is None or not int(found[5]):
            raise InvalidInput(
                N_("“{text}” is no break."),
                hint=N_("Write it like 12:00-13:00/30: begun then, 30 minutes long."),
                text=part,
            )
        breaks.append((first, last if last >= first else last + DAY_S, 60 * int(found[5])))
    return tuple(sorted(breaks))


def write_breaks(breaks: Iterable[tuple[int, int, int]]) -> str:
    """Breaks (earliest, latest, seconds) as `parse_breaks` reads them."""
    return "; ".join(f"{_write(first)}-{_write(last)}/{seconds // 60}" for first, last, seconds in breaks)


def write_hours(windows: Windows) -> str:
    """`20:00–06:00, 12:00–13:00`, each once."""
    told = [f"{_write(first)}–{_write(last)}" for first, last in windows]
    return ", ".join(dict.fromkeys(told))


def repeat_daily(hours: Windows, *, within: tuple[int, int]) -> Windows:
    """The same hours each day, as far as they meet `within`; those of the day itself where none does."""
    ends = [(first, last if last > first else last + DAY_S) for first, last in hours]
    daily = sorted((first + day, last + day) for day in (-DAY_S, 0, DAY_S) for first, last in ends)
    return tuple(window for window in daily if window[0] < within[1] and window[1] > within[0]) or tuple(sorted(ends))


def intersect_windows(one: Windows, other: Windows) -> Windows:
    """When both hold; where that is never, `other` alone."""
    if not one or not other:
        return one or other
    both = [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) <= min(b, d)]
    return tuple(sorted(both)) or other


def _split(text: str) -> list[str]:
    """Parts between separators; spaces about a dash or a slash, or before the word for minutes, part nothing."""
    tight = re.sub(r"\s*([-–—~至到/／:：])\s*|(?<=\d)\s+(?=min|m\b|分)", lambda found: found[1] or "", text.strip())
    return [part for part in _SEPARATORS.split(tight) if part]


def _count(hours: str, minutes: str) -> int | None:
    """Seconds, None where a clock does not show that."""
    total = int(hours) * 3600 + int(minutes) * 60
    return total if int(minutes) < 60 and total <= DAY_S else None


def _write(seconds: int) -> str:
    minutes = seconds // 60 % (24 * 60)
    return "24:00" if seconds == DAY_S else f"{minutes // 60:02d}:{minutes % 60:02d}"
