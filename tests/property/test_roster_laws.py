"""What holds for every roster: days are not overfull, gaps are kept or named, the seed decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.patrol.rosters import Stop, measure_variation, solve_roster
from gridmap.errors import InvalidInput

HOUR_S = 3600.0


@st.composite
def stop_lists(draw: st.DrawFn) -> list[Stop]:
    found = []
    for _ in range(draw(st.integers(1, 8))):
        loads = tuple(draw(st.sampled_from([None, 0.5 * HOUR_S, HOUR_S, 3 * HOUR_S])) for _ in range(2))
        gap = draw(st.sampled_from([None, 1, 2, 3, 7]))
        due = draw(st.sampled_from([None, 0, 1, 3, 9]))
        if due is not None and gap is not None:
            due = min(due, gap - 1)
        found.append(Stop(loads, draw(st.integers(1, 5)), due, gap, draw(st.sampled_from([None, -1, -3]))))
    return found


@settings(max_examples=30, deadline=None)
@given(stop_lists(), st.integers(1, 9), st.integers(0, 99))
def test_rosters_keep_their_word(stops: list[Stop], days: int, seed: int) -> None:
    capacity = np.full((days, 2), 4 * HOUR_S)
    roster = solve_roster(stops, capacity, seconds=5, seed=seed)
    assert (roster.load_s <= capacity + 1e-6).all()
    assert len({(i, day) for i, day, _ in roster.visits}) == len(roster.visits)
    assert all(stops[i].loads_s[post] is not None for i, _, post in roster.visits)
    for i, stop in enumerate(stops):
        own = sorted(day for visited, day, _ in roster.visits if visited == i)
        named = {missing.day for missing in roster.missing if missing.stop == i}
        if stop.due is None or stop.due >= days:
            assert not own
            continue
        assert (own and own[0] <= stop.due) or stop.due in named
        if stop.gap_days is not None and own:
            ends = [*own[1:], days]
            for earlier, later in zip(own, ends, strict=True):
                assert later - earlier <= stop.gap_days or any(earlier < day < later for day in named)
    assert solve_roster(stops, capacity, seconds=5, seed=seed).visits == roster.visits


def test_what_has_no_room_is_named_by_priority() -> None:
    stops = [Stop((3 * HOUR_S,), priority, 0, None) for priority in (1, 4)]
    roster = solve_roster(stops, np.array([[4 * HOUR_S]]))
    assert [visit[0] for visit in roster.visits] == [1]
    assert [(missing.stop, missing.day) for missing in roster.missing] == [(0, 0)]


def test_weekdays_vary() -> None:
    stops = [Stop((HOUR_S,), 1, 6, 7, -7) for _ in range(12)]
    roster = solve_roster(stops, np.full((14, 1), 4 * HOUR_S), seed=3)
    assert not roster.missing
    assert roster.variation is not None
    assert roster.variation > 0.6
    assert len({day for _, day, _ in roster.visits}) >= 6
    assert measure_variation(stops[:1], [(0, 0, 0)]) == 0.0
    assert measure_variation(stops[:1], []) is None


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Stop((HOUR_S,), 1, 3, 2)
    with pytest.raises(InvalidInput):
        Stop((HOUR_S,), 1, -1, None)
    with pytest.raises(InvalidInput):
        solve_roster([], np.zeros((30, 1)))
