"""How a stop goes from planned to its end, and what of a plan is told to which team."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gridmap.domain.days import BEIJING, begin_day
from gridmap.domain.orders import TRANSITIONS, StopState, check_stop_transition, cut_document, list_orders, parse_reason
from gridmap.errors import Conflict, InvalidInput

PLAN = {
    "service_date": "2026-03-04",
    "teams": [
        {"key": "T1", "id": 7, "post": "P1"},
        {"key": "T2", "id": None, "post": "P2"},
        {"key": "T3", "id": 9, "post": "P2"},
    ],
    "posts": [{"key": "P1"}, {"key": "P2"}],
    "tasks": [
        {"key": "a", "lon": 1.0, "lat": 2.0, "line_id": 1},
        {"key": "b", "lon": 3.0, "lat": 4.0, "line_id": 2},
        {"key": "c", "lon": 5.0, "lat": 6.0},
    ],
    "lines": [{"id": 1}, {"id": 2}],
    "routes": [
        {
            "team": "T1",
            "start_s": 28_800,
            "end_s": 90_000,  # a night shift ends on the next day
            "stops": [{"number": 1, "tasks": ["a", "c"], "arrive_s": 30_000, "leave_s": 31_800}],
        },
        {"team": "T2", "start_s": 0, "end_s": 1, "stops": [{"number": 1, "tasks": ["b"]}]},
    ],
}


def test_a_plan_is_an_order_for_each_team_that_exists() -> None:
    (order,) = list_orders(PLAN)
    midnight = datetime(2026, 3, 4, tzinfo=BEIJING)
    assert (order.team_id, order.starts_at) == (7, midnight + timedelta(hours=8))
    assert order.ends_at == midnight + timedelta(hours=25)
    (stop,) = order.stops
    assert (stop.number, stop.tasks, stop.lon, stop.lat) == (1, ("a", "c"), 1.0, 2.0)
    assert (stop.arrive_at, stop.leave_at) == tuple(midnight + timedelta(seconds=s) for s in (30_000, 31_800))


def test_a_team_is_told_its_own_part_alone() -> None:
    own = cut_document(PLAN, team_id=7)
    assert [task["key"] for task in own["tasks"]] == ["a", "c"]
    assert [team["key"] for team in own["teams"]] == ["T1"]
    assert own["posts"] == [{"key": "P1"}]
    assert own["lines"] == [{"id": 1}]
    assert cut_document(PLAN, team_id=9)["routes"] == []
    assert cut_document(PLAN, team_id=99)["teams"] == []


def test_every_step_but_the_allowed_ones_is_refused() -> None:
    assert set(TRANSITIONS) == set(StopState)
    for current in StopState:
        for target in StopState:
            if target in TRANSITIONS[current]:
                check_stop_transition(current, target)
            else:
                with pytest.raises(Conflict):
                    check_stop_transition(current, target)
    assert TRANSITIONS[StopState.DONE] == frozenset()


def test_a_reason_is_one_of_the_list() -> None:
    assert parse_reason("weather") == "weather"
    with pytest.raises(InvalidInput):
        parse_reason("tired")


def test_a_day_begins_in_beijing() -> None:
    late = datetime(2026, 3, 4, 23, 30, tzinfo=BEIJING)
    assert begin_day(late) == datetime(2026, 3, 4, tzinfo=BEIJING)
    assert begin_day(late + timedelta(hours=1)) == datetime(2026, 3, 5, tzinfo=BEIJING)
