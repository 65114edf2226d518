"""Where a team stands at every kind of moment, by the timetable, by what it reported, and after a first repair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gridmap.domain.orders import StopState
from gridmap.domain.patrol.document_parts import Document
from gridmap.domain.patrol.legs import cut_leg, find_place, read_spot
from gridmap.domain.patrol.standing import Keep, Report, Standing, find_standing
from gridmap.errors import Conflict
from tests.worlds import PatrolWorld, build_rich_world, plan

Route = Mapping[str, Any]


@pytest.fixture(scope="module")
def day() -> tuple[PatrolWorld, Document, Route]:
    """A plan, and a route of it with a break after some of its stops and a way to drive before others."""
    world = build_rich_world(2)
    document = plan(world, iterations=100)
    route = next(r for r in document["routes"] if r.get("breaks") and len(r["stops"]) > 2)
    return world, document, route


def stand(day: tuple[PatrolWorld, Document, Route], at_s: int, **given: Any) -> Standing:
    world, _, route = day
    return find_standing(route, network=world.network, at_s=at_s, **given)


def list_ways(route: Route) -> list[tuple[int, int, int]]:
    """(stops behind, when it sets out, when it arrives) of every way that takes a while, breaks counted."""
    ways, now = [], route["start_s"]
    for at, leg in enumerate([*(stop["leg"] for stop in route["stops"]), route["return"]]):
        rests = [rest["end_s"] for rest in route.get("breaks", ()) if rest["after"] == at]
        now = max([now, *rests])
        if leg["seconds"] > 2:
            ways.append((at, now, now + leg["seconds"]))
        now = route["stops"][at]["leave_s"] if at < len(route["stops"]) else now
    return ways


def test_before_it_sets_out_a_team_is_at_its_post(day: tuple[PatrolWorld, Document, Route]) -> None:
    at_s = day[2]["start_s"] - 1
    assert stand(day, at_s) == Standing((), tuple(day[2]["stops"]), (), at_s)


def test_while_driving_it_is_on_its_way_in_the_share_of_the_time(day: tuple[PatrolWorld, Document, Route]) -> None:
    for begun, leaves_s, arrives_s in list_ways(day[2]):
        middle_s = (leaves_s + arrives_s) // 2
        standing = stand(day, middle_s)
        assert (len(standing.behind), standing.free_s, standing.is_driving) == (begun, middle_s, True)
        (driven,) = standing.driven
        assert driven["seconds"] == middle_s - leaves_s
        leg = [*(stop["leg"] for stop in day[2]["stops"]), day[2]["return"]][begun]
        assert 0 < driven["metres"] < leg["metres"]
        assert standing.spot is not None
        assert find_place(day[0].network, standing.spot) == pytest.approx(driven["coordinates"][-1], abs=1e-6)


def test_at_work_the_stop_is_finished_first(day: tuple[PatrolWorld, Document, Route]) -> None:
    for number, stop in enumerate(day[2]["stops"], start=1):
        standing = stand(day, stop["start_s"] + 1)
        assert standing.behind[-1] == stop
        assert (len(standing.behind), standing.free_s) == (number, stop["leave_s"])
        assert standing.spot == read_spot(day[0].network, stop["work"]["exit"])


def test_who_is_called_away_leaves_its_work(day: tuple[PatrolWorld, Document, Route]) -> None:
    for number, stop in enumerate(day[2]["stops"], start=1):
        standing = stand(day, stop["start_s"] + 1, keep=Keep.NOTHING)
        assert (len(standing.behind), standing.free_s) == (number - 1, stop["start_s"] + 1)


def test_a_break_is_ended_first_and_stays_owed_before_it(day: tuple[PatrolWorld, Document, Route]) -> None:
    rest = day[2]["breaks"][0]
    standing = stand(day, rest["start_s"] + 1)
    assert (len(standing.behind), standing.free_s) == (rest["after"], rest["end_s"])
    assert standing.rests == (rest,)
    before = day[2]["stops"][rest["after"] - 1]
    assert stand(day, min(before["leave_s"], rest["start_s"] - 1)).rests == ()


def test_after_the_end_it_is_home_with_all_of_it_behind(day: tuple[PatrolWorld, Document, Route]) -> None:
    standing = stand(day, day[2]["end_s"] + 5)
    assert standing.is_home
    assert standing.behind == tuple(day[2]["stops"])
    assert standing.ahead == ()


def test_the_stop_driven_to_is_kept_where_it_is_asked_for(day: tuple[PatrolWorld, Document, Route]) -> None:
    begun, leaves_s, _ = next(way for way in list_ways(day[2]) if way[0] < len(day[2]["stops"]))
    stop = day[2]["stops"][begun]
    kept = stand(day, leaves_s + 1, keep=Keep.NEXT)
    assert kept.behind[-1] == stop
    assert kept.free_s == stop["leave_s"]
    closed = {int(step[0]) for step in stop["leg"]["steps"]}
    assert len(stand(day, leaves_s + 1, keep=Keep.NEXT, closed=closed).behind) == begun


def test_a_team_that_reports_is_believed(day: tuple[PatrolWorld, Document, Route]) -> None:
    first, second = day[2]["stops"][:2]
    late_s = second["leave_s"] + 900
    reports = {1: Report(StopState.DONE, first["arrive_s"] + 60, late_s - 60), 2: Report(StopState.PLANNED)}
    standing = stand(day, late_s, reports=reports)
    (told,) = standing.behind
    assert (told["arrive_s"], told["leave_s"]) == (first["arrive_s"] + 60, late_s - 60)
    assert standing.ahead[0] == second
    swapped = {1: Report(StopState.PLANNED), 2: Report(StopState.DONE, None, late_s)}
    told = stand(day, late_s + 1, reports=swapped)
    assert [stop["tasks"] for stop in told.behind] == [second["tasks"]]
    assert told.ahead[0]["tasks"] == first["tasks"]
    busy = stand(day, late_s, reports={1: Report(StopState.ARRIVED, late_s - 10)})
    assert busy.free_s >= late_s
    assert [stop["tasks"] for stop in busy.behind] == [first["tasks"]]
    assert stand(day, late_s, reports={1: Report(StopState.ARRIVED, late_s - 10)}, keep=Keep.NOTHING).behind == ()


def test_a_way_is_cut_where_the_time_ends(day: tuple[PatrolWorld, Document, Route]) -> None:
    network = day[0].network
    leg = max((stop["leg"] for stop in day[2]["stops"]), key=lambda leg: leg["seconds"])
    at = read_spot(network, day[2]["origin"])
    _, whole = cut_leg(network, leg, after_s=10 * leg["seconds"] + 10, at=at)
    assert whole["metres"] == pytest.approx(leg["metres"], abs=0.1)
    parts = [cut_leg(network, leg, after_s=leg["seconds"] * share, at=at)[1]["metres"] for share in (0.0, 0.3, 0.6)]
    assert parts == sorted(parts)
    lost = {**leg, "steps": [[987_654, 0.0, 1.0]]}
    with pytest.raises(Conflict, match="roads"):
        cut_leg(network, lost, after_s=10, at=at)
