"""Hours as people write them, and as windows of the day that is planned."""

from __future__ import annotations

import pytest

from gridmap.domain.patrol.hours import (
    intersect_windows,
    parse_breaks,
    parse_clock,
    parse_hours,
    repeat_daily,
    write_hours,
)
from gridmap.errors import InvalidInput

H = 3600


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", ()),
        ("08:00-11:00", ((8 * H, 11 * H),)),
        ("14:00-17:00; 8:00 – 11:00", ((8 * H, 11 * H), (14 * H, 17 * H))),
        ("08：00至11：00", ((8 * H, 11 * H),)),
        ("22:00-06:00", ((22 * H, 30 * H),)),
        ("20:00-24:00、06:00-08:00", ((6 * H, 8 * H), (20 * H, 24 * H))),
    ],
)
def test_hours_are_read(text: str, windows: object) -> None:
    assert parse_hours(text) == windows


@pytest.mark.parametrize(
    "text", ["08:00", "8-11", "08:60-09:00", "25:00-26:00", "08:00-12:00; 11:00-13:00", "any time"]
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_hours(text)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("", ()),
        ("12:00-13:00/30", ((12 * H, 13 * H, 1800),)),
        ("12:00 - 13:00 / 30 min", ((12 * H, 13 * H, 1800),)),
        ("18:00-19:00/45分钟；12:00-12:00/20", ((12 * H, 12 * H, 1200), (18 * H, 19 * H, 2700))),
        ("23:30-00:30/30", ((23 * H + 1800, 24 * H + 1800, 1800),)),
    ],
)
def test_breaks_are_read(text: str, breaks: object) -> None:
    assert parse_breaks(text) == breaks


@pytest.mark.parametrize("text", ["12:00-13:00", "12:00/30", "12:00-13:00/0", "noon"])
def test_what_is_no_break_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_breaks(text)


def test_a_clock_goes_to_midnight() -> None:
    assert (parse_clock("00:00"), parse_clock(" 7:05 "), parse_clock("24:00")) == (0, 7 * H + 300, 24 * H)
    for text in ("24:01", "7", "", "-1:00"):
        with pytest.raises(InvalidInput):
            parse_clock(text)


def test_the_night_before_and_the_night_after_meet_a_long_day() -> None:
    night = ((20 * H, 6 * H),)
    assert repeat_daily(night, within=(5 * H, 21 * H)) == ((-4 * H, 6 * H), (20 * H, 30 * H))
    assert repeat_daily(night, within=(22 * H, 46 * H)) == ((20 * H, 30 * H), (44 * H, 54 * H))


def test_hours_outside_the_shift_are_still_named() -> None:
    assert repeat_daily(((20 * H, 6 * H),), within=(8 * H, 17 * H)) == ((20 * H, 30 * H),)
    assert repeat_daily((), within=(8 * H, 17 * H)) == ()


def test_windows_meet_where_both_hold() -> None:
    assert intersect_windows(((8 * H, 12 * H),), ((7 * H, 9 * H), (11 * H, 15 * H))) == (
        (8 * H, 9 * H),
        (11 * H, 12 * H),
    )
    assert intersect_windows((), ((1, 2),)) == intersect_windows(((1, 2),), ()) == ((1, 2),)
    assert intersect_windows(((1, 2),), ((5, 6),)) == ((5, 6),)


def test_hours_are_written_as_clocks_show_them() -> None:
    assert write_hours(((-4 * H, 6 * H), (20 * H, 30 * H))) == "20:00–06:00"
    assert write_hours(((8 * H, 11 * H), (14 * H, 24 * H))) == "08:00–11:00, 14:00–24:00"
