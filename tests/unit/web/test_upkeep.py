"""The server's clockwork, without anybody asking: old tracks go, counts are put away, what is slow is done ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gridmap.bootstrap import Services
from gridmap.domain.fixes import Refusal
from gridmap.services.context import Context
from gridmap.store import positions, tables
from gridmap.web import live
from tests.counties import fill_county
from tests.loops import run


@pytest.fixture
def services(sqlite_context: Context) -> Services:
    """The small county with a track that is past its time."""
    fill_county(sqlite_context)
    fix = {"team_id": 1, "lon": 112.5, "lat": 37.8, "simulated": False}
    with sqlite_context.database.write_unjournalled() as connection:
        at = sqlite_context.clock() - timedelta(days=40)
        positions.save_track(connection, [{**fix, "at": at}])
    return Services(sqlite_context)


def count(context: Context, table: sa.Table) -> int:
    with context.database.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def run_until(services: Services, holds: Callable[[], bool]) -> None:
    """Keep the server's own background tasks going until a condition holds."""
    async with live.run_tasks(services):
        await services.ingest.refuse(Refusal.TOO_LARGE, token="")
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(holds):
                await asyncio.sleep(0.05)


def test_old_tracks_go_counts_are_put_away_and_stations_know_their_ways(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = services.context
    warmed: list[Context] = []
    monkeypatch.setattr(live, "get_station_times", warmed.append)
    assert count(context, tables.track_point) == 1

    def is_done() -> bool:
        return count(context, tables.track_point) == 0 and count(context, tables.ingest_refusal) == 1 and bool(warmed)

    run(run_until(services, is_done))
    assert is_done()
    services.ingest.close()
