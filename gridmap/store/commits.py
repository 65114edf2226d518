"""Word that something was committed, by whichever process: PostgreSQL sends it, SQLite is asked for it."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Protocol

import psycopg
import sqlalchemy as sa

from gridmap.store.database import Database
from gridmap.store.failures import translate_failures
from gridmap.store.unit_of_work import COMMITTED

_LOOK_EVERY_S = 0.1
"""How long a commit of another process may stay unseen on SQLite."""


class CommitBell(Protocol):
    """Waits for commits, from one thread at a time; may be closed from another while that one waits."""

    def wait(self, timeout_s: float) -> bool:
        """Return as soon as something may have been committed since the last call; False where time ran out.

        Raises
        ------
        StoreFailure
            The database is out of reach.
        """

    def close(self) -> None:
        """Stop listening."""


def open_bell(database: Database) -> CommitBell:
    """A bell for the commits of `database` from now on."""
    with translate_failures():
        return _SqliteBell(database) if database.is_sqlite else _PostgresBell(database.engine)


class _SqliteBell:
    """Commits of this process ring at once; those of others are seen by the number that each commit raises."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = threading.Event()
        self._guard = threading.Lock()
        self._closed = False
        self._connection = sqlite3.connect(str(database.path), check_same_thread=False)
        self._seen = self._ask()
        database.on_commit.append(self._rung.set)

    def wait(self, timeout_s: float) -> bool:
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            if self._rung.wait(min(left, _LOOK_EVERY_S)):
                self._rung.clear()
                return True
            with translate_failures():
                if (number := self._ask()) != self._seen:
                    self._seen = number
                    return True
        return False

    def _ask(self) -> int:
        with self._guard:
            if self._closed:
                return self._seen
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self._database.on_commit.remove(self._rung.set)
        with self._guard:  # the library does not survive a connection that is closed while it is used
            self._closed = True
            self._connection.close()


class _PostgresBell:
    """Listens for the notice that every journalled transaction sends with its commit."""

    def __init__(self, engine: sa.Engine) -> None:
        self._pooled = engine.raw_connection()
        driver = self._pooled.driver_connection
        assert isinstance(driver, psycopg.Connection)
        self._driver = driver
        self._guard = threading.Lock()
        self._driver.autocommit = True
        self._driver.execute(f"LISTEN {COMMITTED}")

    def wait(self, timeout_s: float) -> bool:
        with self._guard, translate_failures():
            if self._driver.closed:
                return False
            return any(True for _ in self._driver.notifies(timeout=timeout_s, stop_after=1))

    def close(self) -> None:
        with self._guard:
            # A connection that listens must not serve anybody else.
            self._pooled.invalidate()
