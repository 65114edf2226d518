"""Teams, their posts and where they are now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import in_scope, keep_none, load_frame
from gridmap.store.unit_of_work import UnitOfWork

_team, _post, _position = tables.team, tables.post, tables.position
_duty, _end = tables.team_duty, _post.alias("end_post")

FIX = np.dtype(
    [
        ("team_id", "i8"),
        ("lon", "f8"),
        ("lat", "f8"),
        ("heading_deg", "f8"),
        ("speed_kmh", "f8"),
        ("at", "f8"),
        ("simulated", "?"),
    ]
)
"""A fix: degrees WGS-84, unix seconds; not a number where heading or speed is unknown."""

_UNKNOWN = -1.0
_JULIAN_1970, _DAY_S = 2_440_587.5, 86_400.0


def load_teams(
    connection: sa.Connection, *, scope: str, team_id: int | None = None, with_retired: bool = False
) -> pd.DataFrame:
    """Teams in use in scope, with post and latest fix; with `with_retired` all, with `team_id` the one, in use or not.

    Columns: id, name, kind, post_id, post_name, post_lon, post_lat, members, shift_start_min, shift_end_min, on_duty,
    area_code, retired_at, version, end_post_id and end_post_name (None = where it set out), breaks
    (`12:00-13:00/30`), latest_return_min, skills (parted by semicolons), max_walk_m, lon, lat, heading_deg, speed_kmh,
    at, simulated; the last six are None before a first fix.
    """
    c = _team.c
    statement = (
        sa.select(
            c.id,
            c.name,
            c.kind,
            c.post_id,
            _post.c.name.label("post_name"),
            _post.c.lon.label("post_lon"),
            _post.c.lat.label("post_lat"),
            c.members,
            c.shift_start_min,
            c.shift_end_min,
            c.on_duty,
            c.area_code,
            c.retired_at,
            c.version,
            _duty.c.end_post_id,
            _end.c.name.label("end_post_name"),
            sa.func.coalesce(_duty.c.breaks, "").label("breaks"),
            _duty.c.latest_return_min,
            sa.func.coalesce(_duty.c.skills, "").label("skills"),
            _duty.c.max_walk_m,
            _position.c.lon,
            _position.c.lat,
            _position.c.heading_deg,
            _position.c.speed_kmh,
            _position.c.at,
            _position.c.simulated,
        )
        .select_from(
            _team.join(_post, _post.c.id == c.post_id)
            .outerjoin(_duty, _duty.c.team_id == c.id)
            .outerjoin(_end, _end.c.id == _duty.c.end_post_id)
            .outerjoin(_position, _position.c.team_id == c.id)
        )
        .where(in_scope(c.area_code, scope))
        .order_by(c.id)
    )
    if team_id is not None:
        statement = statement.where(c.id == team_id)
    elif not with_retired:
        statement = statement.where(c.retired_at.is_(None))
    return keep_none(load_frame(connection, statement), "end_post_name")


def save_on_duty(work: UnitOfWork, team_id: int, *, on_duty: bool) -> None:
    """Set a team on or off duty."""
    work.update(_team, team_id, {"on_duty": on_duty})
    work.touch("teams")


def load_fixes(connection: sa.Connection) -> npt.NDArray[np.void]:
    """The latest fix of every team that ever sent one, by team, as `FIX` records; read each second, so no DataFrame."""
    c = _position.c
    unknown = [sa.func.coalesce(column, _UNKNOWN) for column in (c.heading_deg, c.speed_kmh)]
    columns = (c.team_id, c.lon, c.lat, *unknown, _to_unix_s(connection, c.at), c.simulated)
    cursor = connection.execute(sa.select(*columns).order_by(c.team_id)).cursor
    assert cursor is not None  # it is a SELECT
    # Plain tuples of the driver, twice as fast as rows: nothing in them needs converting.
    found = np.array(cursor.fetchall(), FIX)
    for name in ("heading_deg", "speed_kmh"):
        found[name][found[name] == _UNKNOWN] = np.nan
    return found


def _to_unix_s(connection: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    """Seconds since 1970 computed by the database: parsing the instants here would take most of the time."""
    if connection.dialect.name == "sqlite":
        return (sa.func.julianday(sa.type_coerce(column, sa.String), type_=sa.Float) - _JULIAN_1970) * _DAY_S
    return sa.cast(sa.extract("epoch", column), sa.Double)


def load_posts(connection: sa.Connection, *, scope: str) -> pd.DataFrame:
    """Posts in scope: id, name, kind, lon, lat, area_code."""
    c = _post.c
    statement = sa.select(c.id, c.name, c.kind, c.lon, c.lat, c.area_code)
    return load_frame(connection, statement.where(in_scope(c.area_code, scope)).order_by(c.id))


def add_post(work: UnitOfWork, values: Mapping[str, Any]) -> int:
    """Insert a post (columns of the table) and return its id."""
    return work.insert(_post, values)


def add_team(work: UnitOfWork, values: Mapping[str, Any]) -> int:
    """Insert a team (columns of the table) and return its id."""
    return work.insert(_team, values)


def change_team(work: UnitOfWork, team_id: int, values: Mapping[str, Any]) -> None:
    """Change columns of a team."""
    work.update(_team, team_id, values)


def save_duty(work: UnitOfWork, team_id: int, values: Mapping[str, Any]) -> None:
    """Say what a team may be asked to do: columns of `team_duty` but the team."""
    known = work.connection.scalar(sa.select(_duty.c.id).where(_duty.c.team_id == team_id))
    if known is None:
        work.insert(_duty, {"team_id": team_id, **values})
    else:
        work.update(_duty, int(known), values)
