"""One engine per process, and the two ways in: `read()` for a snapshot, `write()` for a journalled transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from gridmap.domain.access import Actor
from gridmap.errors import N_, GridmapError, InvalidInput, StoreFailure
from gridmap.store import schema
from gridmap.store.failures import translate_failures
from gridmap.store.unit_of_work import UnitOfWork

Clock = Callable[[], datetime]

LOCK_TIMEOUT_S = 20
"""How long a writer waits for its turn before it is told that the database is busy."""

_WRITER_LOCK = 4_242
"""PostgreSQL advisory lock that lets writers take turns, as SQLite does by itself; the hash chain needs it."""


def utc_now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


class Database:
    """A migrated database, SQLite or PostgreSQL with PostGIS, behind one code path."""

    def __init__(self, engine: sa.Engine, *, clock: Clock = utc_now) -> None:
        self.engine = engine
        self.clock = clock
        self.on_commit: list[Callable[[], object]] = []
        """Called after each journalled commit of this process, in the thread that made it."""

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """File of a SQLite database; None on a server or in memory."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one consistent snapshot and never writes."""
        with translate_failures(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self, actor: Actor, /, *, kind: str, reason: str = "") -> Iterator[UnitOfWork]:
        """One transaction, journalled under `kind` with who, when and why; an exception leaves nothing behind."""
        with translate_failures(), begin_writing(self.engine) as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITER_LOCK)))
            work = UnitOfWork(connection, actor=actor, kind=kind, reason=reason, at=self.clock())
            yield work
            work.finish()
        for call in tuple(self.on_commit):
            call()

    @contextmanager
    def write_unjournalled(self) -> Iterator[sa.Connection]:
        """One transaction for what is no decision of a person: sessions, positions, track retention."""
        with translate_failures(), begin_writing(self.engine) as connection:
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


@contextmanager
def begin_writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that may write, and that gives up waiting for a lock after `LOCK_TIMEOUT_S`."""
    with engine.connect() as connection:
        connection = connection.execution_options(gridmap_write=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
            yield connection


def open_database(url: str, *, clock: Clock = utc_now) -> Database:
    """Open the database at `url`, making and migrating it where needed.

    Raises
    ------
    InvalidInput
        The URL is not one of a known database.
    DatabaseTooNew
        A newer version of the program wrote it.
    StoreFailure
        It cannot be reached, or holds something other than our tables.
    """
    engine = build_engine(url)
    try:
        with translate_failures():
            schema.migrate(engine)
    except GridmapError:
        engine.dispose()
        raise
    return Database(engine, clock=clock)


def build_engine(url: str) -> sa.Engine:
    """An engine for `url`, its folder made where it is a file; nothing is connected yet."""
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            # SQLite itself would take “~” for the name of a folder.
            path = Path(parsed.database).expanduser().absolute()
            path.parent.mkdir(parents=True, exist_ok=True)
            _create_private(path)
            parsed = parsed.set(database=str(path))
        return _create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise InvalidInput(
            N_("“{url}” is not the address of a database."),
            hint=N_("Use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."),
            url=url,
        ) from error
    except OSError as error:
        raise StoreFailure(
            N_("The folder of the database cannot be made: {reason}."),
            hint=N_("Choose another place with --db or GRIDMAP_DB."),
            reason=error.strerror or str(error),
        ) from error


def _create_private(path: Path) -> None:
    """Keep the file from other accounts of the machine: it holds password hashes. SQLite takes an empty one for new."""
    if not path.exists():
        with suppress(OSError):  # SQLite says the same more clearly when it opens the file
            path.touch(mode=0o600)


def _create_engine(url: sa.URL) -> sa.Engine:
    # Streamlit and the web server answer from some forty threads each; a connection idles cheaply.
    pool = {"pool_size": 10, "max_overflow": 50}
    if url.get_backend_name() == "postgresql":
        return sa.create_engine(url, pool_pre_ping=True, **pool)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise ArgumentError("neither PostgreSQL nor a SQLite file")
    engine = sa.create_engine(url, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    # The driver would store a numpy integer as four or eight raw bytes, which no query ever finds again.
    for kind in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.bool_):
        sqlite3.register_adapter(kind, _to_int)
    return engine


def _to_int(number: Any) -> int:
    return int(number)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would otherwise open transactions by its own rules and skip BEGIN for reads.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={LOCK_TIMEOUT_S * 1000}",  # first: switching to WAL needs a lock that another start may hold
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("gridmap_write", False)
    # Taking the write lock at once avoids the upgrade deadlock of two readers that both turn writer.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
