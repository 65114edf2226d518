"""What a wall shows, from both engines: alerts and counts in scope, the areas it goes round, an area by its code."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmap.domain.access import Actor
from gridmap.errors import NotFound
from gridmap.services import hazards, watch
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from tests.conftest import StoppedClock
from tests.counties import (
    ADMIN,
    COUNTY,
    EAST_TOWN,
    STEP_DEG,
    WEST,
    WEST_SUPERVISOR,
    WEST_TOWN,
    cell_code,
    fill_county,
    place_in,
    set_patrols,
)


def report(context: Context, *, column: int, severity: int) -> None:
    lon, lat = place_in(column, 0)
    new = NewHazard(kind="burning", severity=severity, title=f"Column {column}", lon=lon, lat=lat)
    hazards.add_hazard(context, ADMIN, new=new)


def test_a_wall_shows_the_gravest_and_how_much_is_open(context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(context)
    set_patrols(context, at=clock.now - timedelta(days=400))
    report(context, column=0, severity=4)
    report(context, column=5, severity=1)
    found = watch.load_watch(context, commander)
    assert found.open_hazards == {4: 1, 1: 1}
    assert set(found.counts) == {"overdue_segment"}
    assert 0 < len(found.alerts) <= watch.MOST_ALERTS
    clock.now += timedelta(days=365)
    later = watch.load_watch(context, commander)
    assert (later.counts["overdue_hazard"], later.counts["silent_team"]) == (2, 4)
    assert [alert.severity for alert in later.alerts] == sorted((a.severity for a in later.alerts), reverse=True)


def test_a_wall_is_confined_to_its_area(context: Context, clock: StoppedClock) -> None:
    fill_county(context)
    report(context, column=0, severity=2)
    report(context, column=5, severity=2)
    clock.now += timedelta(days=365)
    found = watch.load_watch(context, WEST_SUPERVISOR)
    assert found.open_hazards == {2: 1}
    assert found.counts["silent_team"] == 2
    border = WEST + 3 * STEP_DEG
    assert all(alert.lon < border for alert in found.alerts)


def test_a_change_is_seen_at_once_and_time_within_seconds(
    sqlite_context: Context, commander: Actor, clock: StoppedClock
) -> None:
    fill_county(sqlite_context)
    first = watch.load_watch(sqlite_context, commander)
    assert watch.load_watch(sqlite_context, commander) is first
    report(sqlite_context, column=0, severity=3)
    assert watch.load_watch(sqlite_context, commander).open_hazards == {3: 1}
    clock.now += timedelta(seconds=watch._FRESH_S)
    assert watch.load_watch(sqlite_context, commander) is not first


def test_a_wall_goes_round_the_areas_below_the_uppermost(context: Context, commander: Actor) -> None:
    fill_county(context)
    assert [ground.code for ground in watch.list_grounds(context, commander)] == [WEST_TOWN, EAST_TOWN]
    own = watch.list_grounds(context, WEST_SUPERVISOR)
    assert [ground.code for ground in own] == [f"{WEST_TOWN}001"]
    west, _, east, _ = own[0].bounds_wgs84
    assert (west, east) == pytest.approx((WEST, WEST + 3 * STEP_DEG))


def test_nothing_loaded_is_nothing_to_go_round(context: Context, commander: Actor) -> None:
    assert watch.list_grounds(context, commander) == []


@pytest.mark.parametrize("code", [WEST_TOWN, f"{WEST_TOWN}001", cell_code(0, 0)])
def test_an_area_is_found_by_its_code(sqlite_context: Context, code: str) -> None:
    fill_county(sqlite_context)
    assert watch.load_ground(sqlite_context, WEST_SUPERVISOR, code=code).code == code


@pytest.mark.parametrize("code", [COUNTY, EAST_TOWN, "149901001999", ""])
def test_an_area_elsewhere_is_none(sqlite_context: Context, code: str) -> None:
    fill_county(sqlite_context)
    with pytest.raises(NotFound):
        watch.load_ground(sqlite_context, WEST_SUPERVISOR, code=code)
