"""Where teams were is forgotten by the day, on any database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.services.context import Context
from gridmap.services.retention import forget_old
from gridmap.store import positions, tables
from gridmap.store.devices import save_refusals
from tests.conftest import StoppedClock
from tests.counties import fill_county
from tests.reports import list_team_ids, load_latest, load_track

KEEP = 30


@pytest.fixture
def team(context: Context, administrator: Actor) -> int:
    fill_county(context)
    return list_team_ids(context, administrator)[0]


def save(context: Context, team: int, *ages: timedelta) -> None:
    fix = {"team_id": team, "lon": 112.5, "lat": 37.8, "heading_deg": None, "speed_kmh": None, "simulated": False}
    with context.database.write_unjournalled() as connection:
        positions.save_track(connection, [{**fix, "at": context.clock() - age} for age in ages])


def test_days_past_their_time_go_whole_and_later_ones_stay(context: Context, team: int, clock: StoppedClock) -> None:
    # At 09:00 in Beijing: nine hours of the oldest day that is kept are past their time too.
    ages = [timedelta(0), timedelta(days=KEEP), timedelta(days=KEEP, hours=8), timedelta(days=KEEP, hours=10)]
    save(context, team, *ages, timedelta(days=300))
    assert forget_old(context) == 2
    assert [clock.now - at for at, _, _ in load_track(context, team)] == sorted(ages[:3], reverse=True)
    assert forget_old(context) == 0


def test_a_latest_fix_is_no_older_than_the_history(context: Context, team: int, clock: StoppedClock) -> None:
    clock.advance(days=KEEP - 1)
    forget_old(context)
    assert load_latest(context, team) is not None
    clock.advance(days=1)
    forget_old(context)
    assert load_latest(context, team) is None


def test_a_day_that_went_may_come_again(context: Context, team: int) -> None:
    old = timedelta(days=40)
    save(context, team, old)
    assert forget_old(context) == 1
    save(context, team, old)
    assert len(load_track(context, team)) == 1


def test_counts_are_forgotten_too(context: Context, clock: StoppedClock) -> None:
    row = {"reason": "future", "device_key": "", "count": 1, "last_at": clock.now}
    with context.database.write_unjournalled() as connection:
        save_refusals(connection, [{**row, "day": day} for day in (20260101, 20260301)])
    forget_old(context)
    with context.database.read() as connection:
        assert connection.scalars(sa.select(tables.ingest_refusal.c.day)).all() == [20260301]
