"""Where teams are and were. Only while on duty, and only for as long as the settings say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gridmap.domain.days import number_day
from gridmap.store import tables
from gridmap.store.snapshots import chunked
from gridmap.store.upserts import insert_missing, insert_newer

_position, _track, _team = tables.position, tables.track_point, tables.team

_DAYS_LOCK = 4_244
"""PostgreSQL advisory lock under which the partitions of days come and go."""


def save_positions(connection: sa.Connection, fixes: Sequence[dict[str, Any]]) -> None:
    """Replace the latest fix of each team by a newer one: team_id, lon, lat, heading_deg, speed_kmh, at, simulated."""
    newest: dict[int, dict[str, Any]] = {}
    for fix in sorted(fixes, key=lambda fix: fix["at"], reverse=True):
        newest.setdefault(fix["team_id"], fix)
    # Always in the same order, so that two processes that write the same teams never wait for each other.
    insert_newer(connection, _position, [newest[team_id] for team_id in sorted(newest)], newer="at")


def save_track(connection: sa.Connection, fixes: Sequence[dict[str, Any]]) -> None:
    """Add fixes to the history, those that are in it left as they are: team_id, at, lon, lat, simulated."""
    rows = [{**fix, "day": number_day(fix["at"])} for fix in fixes]
    make_days(connection, {row["day"] for row in rows})
    insert_missing(connection, _track, rows)


def make_days(connection: sa.Connection, days: Collection[int]) -> None:
    """See that the history has room for `days`; comes before anything else is written into it.

    Any number of processes may ask for the same day at once.
    """
    if connection.dialect.name != "postgresql" or not set(days).difference(_list_days(connection)):
        return
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_DAYS_LOCK)))
    for day in sorted(days):
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {_name_day(day)} PARTITION OF track_point FOR VALUES IN ({day})"
        )


def delete_days_before(connection: sa.Connection, day: int) -> int:
    """Delete the history of the days before `day`; returns how many days went."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_DAYS_LOCK)))
        gone = [found for found in _list_days(connection) if found < day]
        for found in gone:
            connection.exec_driver_sql(f"DROP TABLE {_name_day(found)}")
        return len(gone)
    old = _track.c.day < day
    count = int(connection.scalar(sa.select(sa.func.count(_track.c.day.distinct())).where(old)) or 0)
    if count:
        connection.execute(_track.delete().where(old))
    return count


def delete_positions_before(connection: sa.Connection, at: datetime) -> None:
    """Delete the latest fixes older than `at`."""
    connection.execute(_position.delete().where(_position.c.at < at))


def delete_latest(connection: sa.Connection, team_id: int) -> None:
    """Delete the latest fix of a team."""
    connection.execute(_position.delete().where(_position.c.team_id == team_id))


def load_latest(connection: sa.Connection, team_ids: Sequence[int]) -> dict[int, sa.Row[*tuple[Any, ...]]]:
    """By team, of those that exist: id, on_duty, lon, lat, at, simulated; the last four None before a first fix."""
    latest = (_position.c.lon, _position.c.lat, _position.c.at, _position.c.simulated)
    statement = sa.select(_team.c.id, _team.c.on_duty, *latest)
    joined = statement.select_from(_team.outerjoin(_position))
    found: dict[int, sa.Row[*tuple[Any, ...]]] = {}
    for chunk in chunked(team_ids):
        found.update((row.id, row) for row in connection.execute(joined.where(_team.c.id.in_(chunk))))
    return found


def load_reporting(connection: sa.Connection, *, since: datetime) -> set[int]:
    """Ids of the teams that themselves sent a fix since then, so that nobody has to make one up."""
    c = _position.c
    return set(connection.scalars(sa.select(c.team_id).where(~c.simulated, c.at >= since)))


def delete_simulated(connection: sa.Connection, team_ids: Sequence[int]) -> None:
    """Delete the latest fixes of teams that were made up: what a team sends itself may be a moment older."""
    for chunk in chunked(team_ids):
        connection.execute(_position.delete().where(_position.c.simulated, _position.c.team_id.in_(chunk)))


def _list_days(connection: sa.Connection) -> list[int]:
    """Days that have a partition."""
    names = connection.exec_driver_sql(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = to_regclass('track_point')"
    )
    return sorted(int(name.removeprefix(_PREFIX)) for name in names.scalars())


_PREFIX = f"{_track.name}_"


def _name_day(day: int) -> str:
    return f"{_PREFIX}{day:d}"


def is_day_name(name: str) -> bool:
    """Whether a table of that name holds a day of the history."""
    return name.startswith(_PREFIX) and name.removeprefix(_PREFIX).isdigit()
