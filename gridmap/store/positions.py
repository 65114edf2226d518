"""Where teams are and were. Only while on duty, and only for as long as the settings say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gridmap.store import tables

_position, _track = tables.position, tables.track_point


def save_positions(connection: sa.Connection, fixes: Sequence[dict[str, Any]]) -> None:
    """Replace the latest fix of each team: team_id, lon, lat, heading_deg, speed_kmh, at, simulated."""
    if not fixes:
        return
    connection.execute(_position.delete().where(_position.c.team_id.in_([fix["team_id"] for fix in fixes])))
    connection.execute(_position.insert(), list(fixes))


def save_track(connection: sa.Connection, fixes: Sequence[dict[str, Any]]) -> None:
    """Add fixes to the history: team_id, at, lon, lat, simulated."""
    names = ("team_id", "at", "lon", "lat", "simulated")
    if fixes:
        connection.execute(_track.insert(), [{name: fix[name] for name in names} for fix in fixes])


def delete_track_before(connection: sa.Connection, at: datetime) -> int:
    """Delete history older than `at`; returns how many points went."""
    return int(connection.execute(_track.delete().where(_track.c.at < at)).rowcount)
