"""Positions over real HTTP into a real server: sustained, single, and beside writing each fix in its own transaction.

The server is a process of its own, the app as `python -m gridmap serve` runs it, and so is the sender. The peer writes
the same fixes as most trackers' servers do, a transaction for each.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from gridmap.domain.access import SYSTEM
from gridmap.services.context import Context, open_context
from gridmap.services.traffic import Traffic, prepare_units, send_traffic
from gridmap.settings import Settings
from gridmap.store import positions, tables
from tests.conftest import PostgresServer
from tests.integration.web.conftest import Server, serve

__all__ = ["serve"]

UNITS = 2000
BATCH = 100
LEAST_BATCHED_PER_S = {"sqlite": 5_000.0, "postgis": 10_000.0}
LEAST_SINGLE_PER_S = 1_500.0
SMALLEST_PEER_RATIO = 5.0
SUSTAINED_S, SINGLE_S = 60.0, 10.0
PEER_FIXES = 500
TOLERANCE = 0.99
"""A schedule of so many a second is met within a hundredth: the last answers come after its end."""


@dataclass(frozen=True)
class Served:
    """A server and the database behind it."""

    engine: str
    server: Server
    context: Context

    def send(self, **traffic: Any) -> Any:
        """Traffic of every team, and what came of it; everything that was acknowledged must be in the store."""
        units, gateway = prepare_units(self.context, SYSTEM, count=UNITS)
        with self.context.database.write_unjournalled() as connection:
            connection.execute(tables.track_point.delete())
            connection.execute(tables.position.delete())
        spent_s = self.read_cpu_s()
        report = send_traffic(Traffic(url=self.server.url, units=units, gateway_token=gateway, **traffic))
        cost_us = (self.read_cpu_s() - spent_s) / report.accepted * 1e6
        print(
            f"\n{self.engine}: {report.fixes_per_s:,.0f} fixes/s, {report.requests_per_s:,.0f} requests/s for ", end=""
        )
        print(f"{report.seconds:.0f} s, answered in {report.p50_ms:.0f} ms (95 %: {report.p95_ms:.0f} ms), ", end="")
        print(f"{cost_us:.0f} µs of the server's processor for each")
        with self.context.database.read() as connection:
            kept = connection.scalar(sa.select(sa.func.count()).select_from(tables.track_point))
        assert (report.accepted, report.failed, report.refused) == (kept, 0, 0), report
        return report

    def read_cpu_s(self) -> float:
        """Seconds of processor time the server has used: on a busy machine the figure that still says something."""
        fields = Path(f"/proc/{self.server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fill(context: Context) -> None:
    """As many teams as units, about a post each within a county."""
    rng = np.random.default_rng(1)
    places = rng.uniform((112.3, 37.6), (112.8, 38.1), (UNITS, 2)).tolist()
    with context.database.write(SYSTEM, kind="fill") as work:
        where = [{"lon": lon, "lat": lat, "area_code": "149901"} for lon, lat in places]
        posts = work.insert_many(
            tables.post, [{"name": f"P{n}", "kind": "police_post", **w} for n, w in enumerate(where)]
        )
        crew = {"kind": "car", "members": 2, "shift_start_min": 0, "shift_end_min": 1440, "on_duty": True}
        rows = [{**crew, "name": f"T{n}", "post_id": post, "area_code": "149901"} for n, post in enumerate(posts)]
        work.insert_many(tables.team, rows)
        work.touch("teams")


@pytest.fixture(scope="module", params=["sqlite", "postgis"])
def served(
    request: pytest.FixtureRequest, serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    if request.param == "postgis":
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        postgres.create("gridmap_ingest")
        url = postgres.url_of("gridmap_ingest")
    else:
        url = f"sqlite:///{Path(tmp_path_factory.mktemp('ingest')) / 'ingest.db'}"
    context = open_context(Settings(database_url=url))
    fill(context)
    yield Served(request.param, serve(url), context)
    context.close()


@pytest.mark.bench
def test_batches_are_taken_for_a_minute(served: Served) -> None:
    least = LEAST_BATCHED_PER_S[served.engine]
    report = served.send(hz=least / UNITS, seconds=SUSTAINED_S, batch=BATCH)
    assert report.fixes_per_s >= TOLERANCE * least


@pytest.mark.bench
def test_single_fixes_are_taken(served: Served) -> None:
    report = served.send(hz=LEAST_SINGLE_PER_S / UNITS, seconds=SINGLE_S, connections=64)
    assert report.requests_per_s >= TOLERANCE * LEAST_SINGLE_PER_S


@pytest.mark.bench
def test_a_group_is_written_faster_than_fix_by_fix(served: Served) -> None:
    """The store alone: a group of fixes of as many teams in one transaction, against one for each."""
    with served.context.database.read() as connection:
        teams = connection.scalars(sa.select(tables.team.c.id)).all()[:PEER_FIXES]
    spans: dict[str, list[float]] = {"group": [], "each": []}
    for turn in range(6):
        at = datetime.now(UTC) + timedelta(seconds=turn)
        fix = {"lon": 112.5, "lat": 37.8, "heading_deg": 0.0, "speed_kmh": 30.0, "simulated": True, "at": at}
        fixes = [{**fix, "team_id": team} for team in teams]
        groups = [fixes] if turn % 2 else [[one] for one in fixes]
        began = time.perf_counter()
        for group in groups:
            write(served.context, group)
        spans["group" if turn % 2 else "each"].append(time.perf_counter() - began)
    ours, peer = (statistics.median(spans[name]) for name in ("group", "each"))
    print(f"\n{served.engine}: {PEER_FIXES} fixes in one transaction {1000 * ours:.1f} ms", end="")
    print(f" ({PEER_FIXES / ours:,.0f}/s), a transaction each {1000 * peer:.0f} ms: {peer / ours:.0f} times as long")
    assert peer >= SMALLEST_PEER_RATIO * ours


def write(context: Context, fixes: list[dict[str, Any]]) -> None:
    with context.database.write_unjournalled() as connection:
        positions.save_track(connection, fixes)
        positions.save_positions(connection, fixes)
