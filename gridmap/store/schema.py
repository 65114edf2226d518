"""Migrations: bring a database to this version's schema, or refuse one that a newer version wrote."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from gridmap.errors import N_, DatabaseTooNew, StoreFailure
from gridmap.store.tables import metadata

_MIGRATIONS = Path(__file__).parent / "migrations"

_MIGRATION_LOCK = 4_243
"""PostgreSQL advisory lock, so that of several processes started at once only one migrates."""


def migrate(engine: sa.Engine) -> None:
    """Apply every outstanding migration in one transaction; safe when several processes start at once.

    Raises
    ------
    DatabaseTooNew
        The database names a revision this version does not know.
    StoreFailure
        The database holds tables of something else.
    """
    with engine.connect() as connection:
        current = current_schema(connection)
    if current == head_schema():
        return
    with engine.connect() as connection:
        writing = connection.execution_options(gridmap_write=True)
        with writing.begin():
            if engine.dialect.name == "postgresql":
                writing.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            upgrade(writing)


def upgrade(connection: sa.Connection, *, to: str = "head") -> None:
    """Apply migrations up to `to` inside the transaction of `connection`; see `migrate`."""
    current = current_schema(connection)
    if current is None:
        _check_vacant(connection)
    else:
        check_known(current)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def drop(connection: sa.Connection) -> None:
    """Remove every table of ours, whatever revision it is of, inside the transaction of `connection`."""
    check_known(current_schema(connection) or head_schema())
    metadata.drop_all(connection)
    connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))


def current_schema(connection: sa.Connection) -> str | None:
    """Revision the database is at, None before its first migration."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def head_schema() -> str:
    """Revision this version of the program works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def check_known(schema: str) -> None:
    """Raise DatabaseTooNew unless `schema` is a revision of this version or an older one."""
    if schema not in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}:
        raise DatabaseTooNew(
            N_("This database was written by a newer version of gridmap (schema {schema})."),
            hint=N_("Install that version, or open another database with --db."),
            schema=schema,
        )


def _check_vacant(connection: sa.Connection) -> None:
    """Keep our tables out of a database that belongs to something else."""
    present = set(sa.inspect(connection).get_table_names())
    # PostGIS brings tables of its own, so on a server only a clash of names tells.
    foreign = present if connection.dialect.name == "sqlite" else present & set(metadata.tables)
    if foreign:
        raise StoreFailure(
            N_("The database holds tables of another program, such as “{table}”."),
            hint=N_("Choose an empty database with --db."),
            table=min(foreign),
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
