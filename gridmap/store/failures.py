"""What a database driver says went wrong, in our own errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gridmap.errors import N_, Conflict, DiskFull, GridmapError, InvalidInput, StoreFailure

DAMAGED = N_("The file is not a gridmap database, or it is damaged.")

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PG_DISK_FULL = "53100"
_PG_LOCKED = {"55P03", "40001", "40P01"}  # lock not available, serialization failure, deadlock
_PG_UNIQUE = "23505"
_PG_TOO_LONG = "22001"
_PG_DENIED = {"42501", "25006"}  # insufficient privilege, read-only transaction

_SQLITE_UNIQUE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_OUTSIDE_CAUSES = (OperationalError, InternalError, InterfaceError, NotSupportedError)
"""Kinds of failure whose cause lies in the server, the network or the disk, not in the program."""

_SQLITE_PRIMARY = 0xFF
"""Mask that leaves the primary result code of an extended one."""


@contextmanager
def translate_failures() -> Iterator[None]:
    """Turn the driver's failures into ours, cause kept; what points to a mistake in the program passes unchanged."""
    try:
        yield
    except PoolTimeoutError as error:
        raise _build_busy() from error
    except DatabaseError as error:
        translated = _translate(error)
        if translated is None:
            raise
        raise translated from error
    except sqlite3.DatabaseError as error:  # from the driver directly, while a connection is being prepared
        raise _translate_sqlite(error.sqlite_errorcode, _reason(error)) or _build_unusable(error) from error
    except psycopg.OperationalError as error:  # likewise, while a connection waits for notices
        raise _build_unusable(error) from error


def _translate(error: DatabaseError) -> GridmapError | None:
    cause = error.orig
    sqlstate = getattr(cause, "sqlstate", None) or ""
    known = _translate_sqlite(getattr(cause, "sqlite_errorcode", 0), _reason(cause or error))
    if known is not None:
        return known
    if sqlstate == _PG_DISK_FULL:
        return _build_full()
    if sqlstate in _PG_LOCKED:
        return _build_busy()
    if sqlstate == _PG_TOO_LONG:
        return InvalidInput(N_("A text is too long to be stored."), hint=N_("Shorten names and codes, and try again."))
    if isinstance(error, IntegrityError):
        extended = getattr(cause, "sqlite_errorcode", 0)
        return _build_conflict(unique=extended in _SQLITE_UNIQUE or sqlstate == _PG_UNIQUE)
    if isinstance(error, _OUTSIDE_CAUSES) or sqlstate in _PG_DENIED:
        return _build_unusable(cause or error)
    return None


def _translate_sqlite(code: int, reason: str) -> GridmapError | None:
    match code & _SQLITE_PRIMARY:
        case sqlite3.SQLITE_FULL:
            return _build_full()
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _build_busy()
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return StoreFailure(
                DAMAGED,
                hint=N_("Restore a backup with “python -m gridmap restore”."),
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreFailure(
                N_("The database file cannot be opened for writing: {reason}."),
                hint=N_("Check the rights on the file and on its folder, or choose another with --db."),
                reason=reason,
            )
    return None


def _build_full() -> GridmapError:
    return DiskFull(N_("The disk is full; nothing was changed."), hint=N_("Free some space and try again."))


def _build_busy() -> GridmapError:
    return StoreFailure(N_("The database is busy with another change."), hint=N_("Try again in a moment."))


def _build_conflict(*, unique: bool) -> GridmapError:
    if unique:
        return Conflict(
            N_("Something with this name or number exists already."), hint=N_("Choose another name or number.")
        )
    return Conflict(
        N_("This no longer fits what is stored; nothing was changed."),
        hint=N_("Reload the page, look at the new state and decide again."),
    )


def _build_unusable(cause: BaseException) -> GridmapError:
    return StoreFailure(
        N_("The database cannot be used: {reason}."),
        hint=N_("Check the address, the rights and that the server runs."),
        reason=_reason(cause),
    )


def _reason(cause: BaseException) -> str:
    lines = str(cause).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(cause).__name__
