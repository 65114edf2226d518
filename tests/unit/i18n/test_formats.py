"""How numbers and instants read."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gridmap.i18n import formats, translator

CHINESE, ENGLISH = translator("zh-CN"), translator("en")
NAN = float("nan")


def test_instants_are_beijing_time() -> None:
    at = datetime(2026, 2, 28, 18, 30, tzinfo=UTC)
    assert formats.format_datetime(at) == "2026-03-01 02:30"
    assert formats.format_day_time(at) == "03-01 02:30"
    assert formats.format_date(at) == "2026-03-01"
    assert formats.format_date(date(2026, 3, 1)) == "2026-03-01"


@pytest.mark.parametrize(
    ("metres", "english", "chinese"),
    [
        (0, "0 m", "0 米"),
        (999.4, "999 m", "999 米"),
        (999.6, "1.0 km", "1.0 公里"),
        (12345, "12.3 km", "12.3 公里"),
        (NAN, "—", "—"),
    ],
)
def test_distances_are_metres_under_a_kilometre(metres: float, english: str, chinese: str) -> None:
    assert formats.format_distance(metres, ENGLISH) == english
    assert formats.format_distance(metres, CHINESE) == chinese


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (30, "30 s", "30 秒"),
        (59.7, "1 min", "1 分钟"),
        (3599, "1 h", "1 小时"),
        (5400, "1 h 30 min", "1 小时 30 分"),
        (float("inf"), "—", "—"),
    ],
)
def test_durations(seconds: float, english: str, chinese: str) -> None:
    assert formats.format_duration(seconds, ENGLISH) == english
    assert formats.format_duration(seconds, CHINESE) == chinese


@pytest.mark.parametrize(("minutes", "text"), [(0, "00:00"), (510, "08:30"), (1510, "25:10")])
def test_clock_goes_on_past_midnight(minutes: float, text: str) -> None:
    assert formats.format_clock(minutes) == text


@pytest.mark.parametrize(
    ("age", "text"), [(5, "刚刚"), (61, "1 分钟前"), (7300, "2 小时前"), (200000, "2 天前"), (None, "—")]
)
def test_ages_are_told_in_their_largest_unit(age: float | None, text: str) -> None:
    assert formats.format_age(age, CHINESE) == text


def test_figures() -> None:
    assert formats.format_number(1234567.4) == "1,234,567"
    assert formats.format_number(None) == "—"
    assert formats.format_share(0.816) == "82%"
    assert formats.format_area(2.5e6, ENGLISH) == "2.50 km²"
    assert formats.format_area(1234.4, CHINESE) == "1,234 平方米"
    assert formats.format_area(1.25e9, CHINESE) == "1,250 平方公里"
    assert formats.format_days(2.1, CHINESE) == "3 天"


@pytest.mark.parametrize(("translate", "text"), [(ENGLISH, "A, B…"), (CHINESE, "A、B…")])
def test_names_are_listed_with_the_comma_of_the_language(translate, text: str) -> None:
    assert formats.join_names("ABC", translate, most=2) == text
    assert formats.join_names("AB", translate, most=2) == text.rstrip("…")
