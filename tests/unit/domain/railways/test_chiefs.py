"""Section chiefs along a line: which post answers, where one is vacant, and when a kilometre was inspected whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.railways.calibration import CalibrationPoint, MileageScale
from gridmap.domain.railways.chiefs import (
    PARTIES,
    Chief,
    Clash,
    Inspection,
    Vacancy,
    choose_posts,
    cut_kilometres,
    find_clashes,
    find_last_whole,
    find_post,
    find_vacancies,
    list_kilometres,
)

NOW = datetime(2026, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def name_post(from_m: float, to_m: float, office: str = "A", *, party: Any = "local", **more: Any) -> Chief:
    return Chief(line_id=1, from_m=from_m, to_m=to_m, party=party, office=office, **more)


def test_of_posts_over_one_another_the_newest_answers() -> None:
    old, new = name_post(0, 3_000, "old"), name_post(1_000, 2_000, "new", valid_from=date(2026, 1, 1))
    other = name_post(0, 3_000, "rail", party="railway")
    chosen = [(c.office, c.from_m, c.to_m) for c in choose_posts([new, old, other])]
    assert chosen == [("old", 0, 1_000), ("new", 1_000, 2_000), ("old", 2_000, 3_000), ("rail", 0, 3_000)]
    assert [c.office for c in choose_posts([name_post(0, 10, "first"), name_post(0, 10, "second")])] == ["second"]


@pytest.mark.parametrize(
    ("at", "office"), [(0, "A"), (999.9, "A"), (1_000, "B"), (2_000.5, "B"), (2_002, None), (-0.5, "A"), (-3, None)]
)
def test_a_place_has_one_post_and_rounding_makes_no_vacancy(at: float, office: str | None) -> None:
    posts = [name_post(0, 1_000, "A"), name_post(1_000, 2_000, "B")]
    found = find_post(posts, party="local", chainage_m=at)
    assert (found and found.office) == office
    assert find_post(posts, party="railway", chainage_m=at) is None


def test_vacancies_are_told_by_party_without_those_of_rounding() -> None:
    posts = [name_post(0, 999.5), name_post(1_000, 2_000), name_post(0, 500, party="railway")]
    assert find_vacancies(posts, spans=[(0, 1_500), (1_900, 2_300)]) == [
        Vacancy("local", 2_000, 2_300),
        Vacancy("railway", 500, 1_500),
        Vacancy("railway", 1_900, 2_300),
    ]


def test_two_offices_since_the_same_day_contradict_each_other() -> None:
    posts = [name_post(0, 1_000, "A", row=2), name_post(500, 800, "B", row=3), name_post(600, 900, "A")]
    successor = name_post(0, 1_000, "C", valid_from=date(2026, 1, 1))
    found = find_clashes([*posts, successor, name_post(999.5, 2_000, "D")])
    assert found == [
        Clash("local", 500, 800, ("A", "B"), (2, 3)),
        Clash("local", 600, 800, ("B", "A"), (3, 0)),
    ]


def test_a_kilometre_is_inspected_when_all_its_metres_are() -> None:
    newest = [Inspection(400, 1_200, NOW - DAY), Inspection(0, 401, NOW - 3 * DAY), Inspection(0, 1_000, NOW - 9 * DAY)]
    assert find_last_whole(newest, 0, 1_000) == NOW - 3 * DAY
    assert find_last_whole(newest[:1], 0, 1_000) is None
    assert find_last_whole([], 0, 1_000) is None


def test_a_kilometre_tells_both_posts_and_what_is_overdue() -> None:
    posts = [name_post(0, 600, "A", interval_days=30), name_post(600, 2_000, "B", interval_days=15)]
    posts += [name_post(0, 1_500, "R", party="railway")]
    inspections = [Inspection(0, 1_000, NOW - 16 * DAY), Inspection(1_000, 2_000, NOW - 14 * DAY)]
    scale = MileageScale(start_m=0, end_m=2_500)
    first, second, third = list_kilometres(posts, inspections, scale=scale, spans=[(0, 2_500)], at=NOW)
    assert [(c.office, c.from_m, c.to_m) for c in first.posts["local"]] == [("A", 0, 600), ("B", 600, 1_000)]
    assert (first.interval_days, first.due_at, first.overdue, first.is_staffed) == (15, NOW - DAY, True, True)
    assert (second.overdue, second.is_staffed, second.vacant_m) == (False, False, {"local": 0, "railway": 500})
    assert (third.posts, third.interval_days, third.overdue) == ({"local": (), "railway": ()}, None, False)


def test_kilometres_end_at_posts_and_where_counting_jumps() -> None:
    short = MileageScale([CalibrationPoint(1_500, 1_500, 1_900)], start_m=0, end_m=2_500)
    assert cut_kilometres(short, 0, 2_500) == [(0, 1_000), (1_000, 1_500), (1_500, 1_600), (1_600, 2_500)]
    even = MileageScale(start_m=0, end_m=5_000)
    assert cut_kilometres(even, 0.4, 2_000.3) == [(0.4, 1_000), (1_000, 2_000.3)]
    assert cut_kilometres(even, 1_200, 1_300) == [(1_200, 1_300)]


SPANS = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda at: (100.0 * at[0], 100.0 * (at[0] + at[1])))
POSTS = st.lists(
    st.builds(
        lambda span, party, office, day: name_post(*span, office, party=party, valid_from=day),
        SPANS,
        st.sampled_from(PARTIES),
        st.sampled_from("ABC"),
        st.sampled_from([None, date(2026, 1, 1), date(2026, 2, 1)]),
    ),
    max_size=8,
)


@given(posts=POSTS, span=SPANS)
def test_every_metre_has_one_post_of_each_party_or_is_vacant(posts: list[Chief], span: tuple[float, float]) -> None:
    scale = MileageScale(start_m=0, end_m=20_000)
    for kilometre in list_kilometres(posts, [], scale=scale, spans=[span], at=NOW):
        for party in PARTIES:
            held = sum(post.to_m - post.from_m for post in kilometre.posts[party])
            assert held + kilometre.vacant_m[party] == pytest.approx(kilometre.to_m - kilometre.from_m)
            for post in kilometre.posts[party]:
                middle = (post.from_m + post.to_m) / 2
                found = find_post(posts, party=party, chainage_m=middle)
                assert found is not None
                assert found.office == post.office
