"""Incidents and the teams sent to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.incidents import OPEN, DispatchState
from gridmap.store import tables
from gridmap.store.frames import in_scope, keep_none, load_frame

_incident, _dispatch = tables.incident, tables.dispatch


def load_incidents(
    connection: sa.Connection, *, scope: str, incident_id: int | None = None, open_only: bool = True
) -> pd.DataFrame:
    """Incidents in scope, the oldest first.

    Columns: id, title, kind, severity, lon, lat, area_code, area_name, reported_at, closed_at, version.
    """
    c = _incident.c
    statement = (
        sa.select(
            c.id,
            c.title,
            c.kind,
            c.severity,
            c.lon,
            c.lat,
            c.area_code,
            tables.area.c.name.label("area_name"),
            c.reported_at,
            c.closed_at,
            c.version,
        )
        .outerjoin(tables.area, tables.area.c.code == c.area_code)
        .where(in_scope(c.area_code, scope))
        .order_by(c.reported_at, c.id)
    )
    if incident_id is not None:
        statement = statement.where(c.id == incident_id)
    if open_only:
        statement = statement.where(c.closed_at.is_(None))
    return keep_none(load_frame(connection, statement), "area_name")


def load_dispatches(
    connection: sa.Connection,
    *,
    scope: str,
    dispatch_id: int | None = None,
    team_id: int | None = None,
    open_only: bool = True,
) -> pd.DataFrame:
    """Teams sent to incidents in scope, in the order they were sent.

    Columns: id, incident_id, team_id, team_name, team_kind, state, sent_at, sent_by, changed_at, seconds, metres, note,
    reason, version.
    """
    c = _dispatch.c
    statement = _select_dispatches(scope)
    if dispatch_id is not None:
        statement = statement.where(c.id == dispatch_id)
    if team_id is not None:
        statement = statement.where(c.team_id == team_id)
    if open_only:
        statement = statement.where(c.state.in_([state.value for state in OPEN]))
    return load_frame(connection, statement)


def load_declined(connection: sa.Connection, *, scope: str) -> pd.DataFrame:
    """Tasks of open incidents in scope that their teams declined; columns of `load_dispatches`."""
    is_declined = _dispatch.c.state == DispatchState.DECLINED.value
    statement = _select_dispatches(scope).where(is_declined, _incident.c.closed_at.is_(None))
    return load_frame(connection, statement)


def _select_dispatches(scope: str) -> sa.Select[Any]:
    c, team = _dispatch.c, tables.team.c
    return (
        sa.select(
            c.id,
            c.incident_id,
            c.team_id,
            team.name.label("team_name"),
            team.kind.label("team_kind"),
            c.state,
            c.sent_at,
            c.sent_by,
            c.changed_at,
            c.seconds,
            c.metres,
            c.note,
            c.reason,
            c.version,
        )
        .select_from(_dispatch.join(_incident, _incident.c.id == c.incident_id).join(tables.team, team.id == c.team_id))
        .where(in_scope(_incident.c.area_code, scope))
        .order_by(c.sent_at, c.id)
    )


def load_sent_places(connection: sa.Connection, team_ids: Collection[int]) -> dict[int, tuple[float, float]]:
    """Where each of these teams was sent to that is bound by an open task (lon, lat); of several the newest."""
    c, place = _dispatch.c, _incident.c
    statement = (
        sa.select(c.team_id, place.lon, place.lat)
        .select_from(_dispatch.join(_incident, place.id == c.incident_id))
        .where(c.state.in_([state.value for state in OPEN]), c.team_id.in_(team_ids))
        .order_by(c.sent_at, c.id)
    )
    return {int(row.team_id): (float(row.lon), float(row.lat)) for row in connection.execute(statement)}


def load_busy_teams(connection: sa.Connection) -> set[int]:
    """Ids of the teams that are bound by an open task, wherever it is."""
    c = _dispatch.c
    return set(connection.scalars(sa.select(c.team_id).where(c.state.in_([state.value for state in OPEN]))))
