"""Rows of a table of teams, in Chinese and English, and what is wrong with those that cannot be."""

from __future__ import annotations

import pytest

from gridmap.domain.patrol.crews import place_breaks, read_crew_row
from gridmap.domain.patrol.problem import Break, TeamKind
from gridmap.errors import InvalidInput

H = 3600
PLAIN = {"name": "一队", "kind": "汽车", "post": "东站", "start": "08:00", "end": "17:00"}
FULL = {
    "members": "3",
    "end_post": "西站",
    "breaks": "12:00-13:00/30",
    "latest_return": "16:30",
    "skills": "登高；潜水",
    "max_walk": "6000",
}


def test_a_plain_row_is_a_crew_of_two() -> None:
    crew = read_crew_row(PLAIN, row=3)
    assert (crew.row, crew.kind, crew.members, crew.post, crew.place) == (3, TeamKind.CAR, 2, "东站", None)
    assert (crew.start_s, crew.end_s, crew.breaks, crew.skills) == (8 * H, 17 * H, (), frozenset())


def test_a_full_row_says_everything() -> None:
    crew = read_crew_row(PLAIN | FULL, row=3)
    assert (crew.members, crew.end_post, crew.latest_return_s) == (3, "西站", 16 * H + 1800)
    assert (crew.breaks, crew.max_walk_m) == ((Break(12 * H, 13 * H, 1800),), 6000.0)
    assert crew.skills == {"登高", "潜水"}


def test_a_night_shift_ends_and_rests_on_the_next_day() -> None:
    night = PLAIN | {"start": "20:00", "end": "06:00", "breaks": "01:00-02:00/30", "latest_return": "05:30"}
    crew = read_crew_row(night, row=2)
    assert (crew.start_s, crew.end_s, crew.latest_return_s) == (20 * H, 30 * H, 29 * H + 1800)
    assert crew.breaks == (Break(25 * H, 26 * H, 1800),)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"name": " "}, "no name"),
        ({"kind": "boat"}, "boat"),
        ({"start": "8"}, "time of day"),
        ({"end": "08:00"}, "same time"),
        ({"members": "many"}, "no number"),
        ({"members": "0"}, "outside"),
        ({"post": ""}, "no post"),
        ({"post": "", "lon": "37.5", "lat": "112.5"}, "latitude"),
        ({"lon": "112.5", "lat": ""}, "no number"),
        ({"breaks": "18:00-19:00/30"}, "does not fit"),
        ({"breaks": "12:00-12:10/30; 12:05-12:10/30"}, "cannot all"),
        ({"latest_return": "18:00"}, "outside the shift"),
        ({"max_walk": "-5"}, "outside"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(cells: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_crew_row(PLAIN | cells, row=4)
    assert said in str(refused.value)
    assert refused.value.hint_text


def test_a_break_that_would_end_after_the_shift_has_to_begin_sooner() -> None:
    assert place_breaks("16:00-17:00/30", start_s=8 * H, end_s=17 * H) == (Break(16 * H, 16 * H + 1800, 1800),)
