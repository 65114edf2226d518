"""Data of the schema before devices: its tracks are divided by day, and its backups are read."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gridmap.domain.access import SYSTEM
from gridmap.jobs import JobRunner
from gridmap.services.backup import backup, restore
from gridmap.services.context import Context
from gridmap.settings import Settings
from gridmap.store import archive, schema, tables
from gridmap.store.database import Database, begin_writing, build_engine, open_database
from gridmap.store.journal import load_head
from gridmap.store.positions import save_track

INSTANTS = {
    datetime(2026, 3, 3, 15, 59, 59, 999_999, tzinfo=UTC): 20260303,
    datetime(2026, 3, 3, 16, tzinfo=UTC): 20260304,
    datetime(2026, 12, 31, 16, tzinfo=UTC): 20270101,
}
"""Midnight in Beijing, before and after, and at the turn of a year."""

BEFORE = "0002"


def fill(url: str) -> None:
    """A team with a track, at the schema before."""
    engine = build_engine(url)
    plain = sa.table(
        "track_point",
        *(sa.column(name) for name in ("team_id", "lon", "lat", "simulated")),
        sa.column("at", tables.UtcDateTime()),
    )
    with begin_writing(engine) as connection:
        schema.upgrade(connection, to=BEFORE)
        post = {"id": 1, "name": "Post", "kind": "police_post", "lon": 112.0, "lat": 37.0, "area_code": "14"}
        connection.execute(tables.post.insert().values(post))
        team = {"id": 7, "name": "Team", "kind": "car", "post_id": 1, "members": 2, "on_duty": True, "area_code": "14"}
        connection.execute(tables.team.insert().values({**team, "shift_start_min": 0, "shift_end_min": 60}))
        fix = {"team_id": 7, "lon": 112.5, "lat": 37.5, "simulated": False}
        connection.execute(plain.insert(), [{**fix, "at": at} for at in INSTANTS])
    engine.dispose()


def load_days(database: Database) -> dict[datetime, int]:
    c = tables.track_point.c
    with database.read() as connection:
        return dict(connection.execute(sa.select(c.at, c.day)).all())


def test_tracks_are_divided_by_day_go_on_and_end_with_their_team(empty_url: str) -> None:
    fill(empty_url)
    database = open_database(empty_url)
    assert load_days(database) == INSTANTS
    at = datetime(2027, 1, 1, 1, tzinfo=UTC)
    with database.write_unjournalled() as connection:
        fix = {"team_id": 7, "lon": 1.0, "lat": 2.0, "simulated": True}
        save_track(connection, [{**fix, "at": when} for when in (at, *INSTANTS)])
    assert load_days(database) == {**INSTANTS, at: 20270101}
    with database.read() as connection:
        kept = connection.execute(sa.select(tables.track_point.c.lon).where(tables.track_point.c.at != at))
        assert set(kept.scalars()) == {112.5}
    with database.write(SYSTEM, kind="dissolve") as work:
        work.delete_many(tables.team, [7])
    assert load_days(database) == {}
    database.dispose()


def test_a_backup_of_the_schema_before_is_read_by_the_other_engine(
    empty_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fill(empty_url)
    old = tmp_path / "old.zip"
    write_archive_of_before(empty_url, old)
    other = "postgis_url" if empty_url.startswith("sqlite") else "sqlite_url"
    target = str(request.getfixturevalue(other))
    restore(Settings(database_url=target), archive=old, replace=True)
    database = open_database(target)
    assert load_days(database) == INSTANTS
    again = tmp_path / "again.zip"
    context = Context(Settings(database_url=target), database, JobRunner())
    backup(context, SYSTEM, target=again)
    restore(Settings(database_url=target), archive=again, replace=True)
    assert load_days(database) == INSTANTS
    context.close()


def write_archive_of_before(url: str, path: Path) -> None:
    """What the version before would have written: of a database at its schema, the tables it knew."""
    engine = build_engine(url)
    known = sa.MetaData()
    inspector = sa.inspect(engine)
    there = set(inspector.get_table_names())
    for table in tables.metadata.sorted_tables:
        if table.name in there:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", sa.exc.SAWarning)  # it does not know what a geometry is
                names = {column["name"] for column in inspector.get_columns(table.name)}
            sa.Table(table.name, known, *(_copy(column) for column in table.columns if column.name in names))
    with engine.connect() as connection, pytest.MonkeyPatch.context() as patched:
        patched.setattr(archive.tables, "metadata", known)
        archive.write_archive(
            connection,
            path,
            schema=BEFORE,
            version="0.1.0",
            at=datetime(2026, 3, 4, tzinfo=UTC),
            journal=(load_head(connection), None),
            progress=lambda *_: None,
        )
    engine.dispose()


def _copy(column: sa.Column[Any]) -> sa.Column[Any]:
    links = [sa.ForeignKey(link.target_fullname) for link in column.foreign_keys]
    return sa.Column(column.name, column.type, *links, primary_key=column.primary_key)
