"""Devices that report positions, and the count of what they reported in vain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.devices import Device, DeviceKind
from gridmap.store import tables
from gridmap.store.frames import in_scope, keep_none, load_frame
from gridmap.store.unit_of_work import UnitOfWork
from gridmap.store.upserts import insert_adding

TOPIC = "devices"
"""Raised by every change of a device."""

_device, _team, _position, _refusal = tables.device, tables.team, tables.position, tables.ingest_refusal


def load_devices(connection: sa.Connection) -> list[tuple[Device, str]]:
    """Every device with the hash of its token."""
    c = _device.c
    area = sa.func.coalesce(_team.c.area_code, c.scope_code).label("area_code")
    columns = (c.id, c.key, c.kind, c.team_id, area, c.simulated, c.revoked_at, c.token_hash)
    rows = connection.execute(sa.select(*columns).select_from(_device.outerjoin(_team)))
    return [(Device(row.id, row.key, DeviceKind(row.kind), *row[3:7]), row.token_hash) for row in rows]


def load_device_table(connection: sa.Connection, *, scope: str) -> pd.DataFrame:
    """Devices in scope by key.

    Columns: key, kind, team_name (None: no team), area_code, simulated, created_at, revoked_at, fix_at (when the team's
    latest fix was).
    """
    c = _device.c
    area = sa.func.coalesce(_team.c.area_code, c.scope_code)
    statement = (
        sa.select(
            c.key,
            c.kind,
            _team.c.name.label("team_name"),
            area.label("area_code"),
            c.simulated,
            c.created_at,
            c.revoked_at,
            _position.c.at.label("fix_at"),
        )
        .select_from(_device.outerjoin(_team).outerjoin(_position, _position.c.team_id == _team.c.id))
        .where(in_scope(area, scope))
        .order_by(c.key)
    )
    return keep_none(load_frame(connection, statement), "team_name")


def load_ids(connection: sa.Connection, keys: Sequence[str]) -> dict[str, int]:
    """Row numbers by key, of the keys that are there."""
    wanted = set(keys)
    found = connection.execute(sa.select(_device.c.key, _device.c.id))
    return {key: int(row_id) for key, row_id in found if key in wanted}


def load_team_areas(connection: sa.Connection, team_ids: Sequence[int]) -> dict[int, str]:
    """Area codes of the teams that exist."""
    wanted = set(team_ids)
    found = connection.execute(sa.select(_team.c.id, _team.c.area_code))
    return {int(team_id): code for team_id, code in found if team_id in wanted}


def load_device(connection: sa.Connection, key: str) -> sa.Row[*tuple[Any, ...]] | None:
    """The device called `key`: id, area_code, revoked_at."""
    area = sa.func.coalesce(_team.c.area_code, _device.c.scope_code).label("area_code")
    statement = sa.select(_device.c.id, area, _device.c.revoked_at).select_from(_device.outerjoin(_team))
    return connection.execute(statement.where(_device.c.key == key)).one_or_none()


def save_devices(work: UnitOfWork, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Add devices by key, or give those that are there the values of `rows`, a revoked one included."""
    known = load_ids(work.connection, list(rows))
    work.update_many(_device, {row_id: rows[key] for key, row_id in known.items()})
    work.insert_many(_device, [{"key": key, **row} for key, row in rows.items() if key not in known])
    work.touch(TOPIC)


def save_revoked(work: UnitOfWork, device_id: int, at: datetime) -> None:
    """Take a device's right to report."""
    work.update(_device, device_id, {"revoked_at": at})
    work.touch(TOPIC)


def save_refusals(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add to the counts: day, reason, device_key, count, last_at."""
    insert_adding(connection, _refusal, rows, added="count", newest="last_at")


def load_refusals(connection: sa.Connection, *, since: int, scope: str) -> pd.DataFrame:
    """Counts from the day `since` on, most first: reason, device_key ("" = none of ours), count, last_at.

    Confined to the devices in scope; what no device of ours sent belongs to no area and is seen by all.
    """
    c = _refusal.c
    area = sa.func.coalesce(_team.c.area_code, _device.c.scope_code)
    total = sa.func.sum(c.count)
    statement = (
        sa.select(c.reason, c.device_key, total.label("count"), sa.func.max(c.last_at).label("last_at"))
        .select_from(_refusal.outerjoin(_device, _device.c.key == c.device_key).outerjoin(_team))
        .where(c.day >= since, sa.or_(c.device_key == "", in_scope(area, scope)))
        .group_by(c.reason, c.device_key)
        .order_by(total.desc(), c.reason, c.device_key)
    )
    return load_frame(connection, statement)


def delete_refusals_before(connection: sa.Connection, day: int) -> None:
    """Delete the counts of the days before `day`."""
    connection.execute(_refusal.delete().where(_refusal.c.day < day))
