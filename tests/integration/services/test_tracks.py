"""Tracks of a past hour from both engines: in scope, thinned, and nothing beyond the hour."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from gridmap.domain.access import Actor
from gridmap.errors import InvalidInput
from gridmap.services import teams
from gridmap.services.context import Context
from gridmap.services.tracks import load_tracks
from gridmap.store import positions
from tests.columns import read_rows
from tests.conftest import StoppedClock
from tests.counties import EAST_SUPERVISOR, WEST_SUPERVISOR, fill_county

STEP_DEG = 1e-5


def drive(context: Context, team_id: int, *, since: datetime, every_s: float, count: int, lon: float = 112.5) -> None:
    """A fix every `every_s` seconds, each a metre or so further east."""
    with context.database.write_unjournalled() as connection:
        positions.save_track(
            connection,
            [
                {
                    "team_id": team_id,
                    "at": since + timedelta(seconds=every_s * n),
                    "lon": lon + 2 * STEP_DEG * n,
                    "lat": 37.8,
                    "simulated": True,
                }
                for n in range(count)
            ],
        )


def read(context: Context, actor: Actor, since: datetime, *, minutes: float = 60) -> list[dict[str, Any]]:
    found = load_tracks(context, actor, since=since, until=since + timedelta(minutes=minutes))
    return read_rows(gzip.decompress(found.data))


def test_an_hour_is_read_back_as_it_was_driven(context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(context)
    first, second, *_ = teams.list_teams(context, commander)["id"].tolist()
    since = clock.now.replace(microsecond=0) - timedelta(hours=1)
    drive(context, second, since=since, every_s=15, count=4, lon=112.6)
    drive(context, first, since=since + timedelta(seconds=5), every_s=15, count=3)
    rows = read(context, commander, since)
    assert [row["team_id"] for row in rows] == [first] * 3 + [second] * 4
    assert [row["at"] for row in rows] == [5, 20, 35, 0, 15, 30, 45]
    assert all(row["simulated"] for row in rows)
    own = [row for row in rows if row["team_id"] == second]
    assert np.cumsum([row["east"] for row in own]) * STEP_DEG == pytest.approx(112.6 + 2e-5 * np.arange(4))
    assert np.cumsum([row["north"] for row in own]) * STEP_DEG == pytest.approx([37.8] * 4)


def test_fixes_that_come_every_second_are_thinned(
    sqlite_context: Context, commander: Actor, clock: StoppedClock
) -> None:
    fill_county(sqlite_context)
    team = int(teams.list_teams(sqlite_context, commander)["id"].iloc[0])
    since = clock.now.replace(microsecond=0) - timedelta(minutes=10)
    drive(sqlite_context, team, since=since, every_s=1, count=60)
    assert [row["at"] for row in read(sqlite_context, commander, since, minutes=5)] == [0, 10, 20, 30, 40, 50]


def test_tracks_are_confined_to_an_area_and_an_hour(context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(context)
    since = clock.now - timedelta(hours=2)
    for team in teams.list_teams(context, commander)["id"].tolist():
        drive(context, int(team), since=since, every_s=600, count=12)
    west, east = (
        {row["team_id"] for row in read(context, actor, since)} for actor in (WEST_SUPERVISOR, EAST_SUPERVISOR)
    )
    assert (len(west), len(east)) == (2, 2)
    assert not west & east
    # The end does not belong to the span.
    assert len(read(context, commander, since)) == 4 * 6
    assert read(context, commander, since - timedelta(hours=1)) == []


@pytest.mark.parametrize("minutes", [0, -5, 60.1])
def test_a_span_is_at_most_an_hour(sqlite_context: Context, commander: Actor, minutes: float) -> None:
    with pytest.raises(InvalidInput):
        read(sqlite_context, commander, sqlite_context.clock(), minutes=minutes)
