"""Devices and what they report, for the tests of both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.fix_formats import Reading
from gridmap.domain.fixes import Fix, Refusal
from gridmap.services import devices, teams
from gridmap.services.context import Context
from gridmap.services.ingest import Ingest
from gridmap.store import tables
from tests.loops import run


def list_team_ids(context: Context, actor: Actor) -> list[int]:
    """Numbers of the teams on the map."""
    return [int(team_id) for team_id in teams.list_teams(context, actor)["id"]]


def issue(context: Context, actor: Actor, **keys: int) -> dict[str, str]:
    """A token for each key, for the team of that number."""
    return devices.issue_device_tokens(context, actor, teams=keys)


def report(ingest: Ingest, token: str, *fixes: Fix | Refusal | Reading) -> list[Refusal | None]:
    """One request, and what came of its fixes."""
    readings = [fix if isinstance(fix, Reading) else Reading("", fix) for fix in fixes]
    return run(ingest.accept(token, readings))


def report_at_once(ingest: Ingest, *requests: tuple[str, Sequence[Reading]]) -> list[list[Refusal | None]]:
    """Several requests that arrive together."""

    async def send() -> list[list[Refusal | None]]:
        return list(await asyncio.gather(*(ingest.accept(token, readings) for token, readings in requests)))

    return run(send())


def load_latest(context: Context, team_id: int) -> tuple[float, float, datetime] | None:
    """Where a team was seen last, None where it never was."""
    c = tables.position.c
    with context.database.read() as connection:
        row = connection.execute(sa.select(c.lon, c.lat, c.at).where(c.team_id == team_id)).one_or_none()
    return None if row is None else (row.lon, row.lat, row.at)


def load_track(context: Context, team_id: int) -> list[Any]:
    """The history of a team as (at, lon, lat), oldest first."""
    c = tables.track_point.c
    with context.database.read() as connection:
        rows = connection.execute(sa.select(c.at, c.lon, c.lat).where(c.team_id == team_id).order_by(c.at))
        return [tuple(row) for row in rows]
