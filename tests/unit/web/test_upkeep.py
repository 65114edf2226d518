"""The server's clockwork: old tracks go and counts are put away without anybody asking."""

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


def test_old_tracks_go_and_counts_are_put_away(services: Services) -> None:
    context = services.context
    assert count(context, tables.track_point) == 1

    def is_done() -> bool:
        return count(context, tables.track_point) == 0 and count(context, tables.ingest_refusal) == 1

    run(run_until(services, is_done))
    assert is_done()
    services.ingest.close()
