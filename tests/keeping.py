"""What a database holds, kept in memory and put into another one: quicker than to make the same again by services."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from gridmap.services.context import Context
from gridmap.store import tables
from gridmap.store.tables import metadata

_KEPT: dict[tuple[str, str, datetime], sqlite3.Connection | dict[str, bytes]] = {}
"""By what was filled in, the engine and the instant at which it was."""


def fill_once(context: Context, name: str, fill: Callable[[Context], None]) -> None:
    """Fill a new database as `fill` does: by itself the first time, afterwards with what is kept of that."""
    engine = context.database.engine
    key = (name, engine.dialect.name, context.clock())
    with engine.connect() as connection:
        is_new = connection.execute(sa.select(tables.txn.c.id).limit(1)).first() is None
    if is_new and key in _KEPT:
        _put(engine, _KEPT[key])
        return
    fill(context)
    if is_new:
        _KEPT[key] = _take(engine)


def _take(engine: sa.Engine) -> sqlite3.Connection | dict[str, bytes]:
    borrowed = engine.raw_connection()
    try:
        plain = borrowed.driver_connection
        if isinstance(plain, sqlite3.Connection):
            kept = sqlite3.connect(":memory:")
            plain.backup(kept)
            return kept
        rows = {}
        with plain.cursor() as cursor:
            for name in (table.name for table in metadata.sorted_tables):
                with cursor.copy(f'COPY (SELECT * FROM "{name}") TO STDOUT') as copy:
                    rows[name] = b"".join(bytes(part) for part in copy)
        return {name: content for name, content in rows.items() if content}
    finally:
        borrowed.close()


def _put(engine: sa.Engine, kept: sqlite3.Connection | dict[str, bytes]) -> None:
    borrowed = engine.raw_connection()
    try:
        plain = borrowed.driver_connection
        if isinstance(kept, sqlite3.Connection):
            kept.backup(plain)
            return
        with plain.cursor() as cursor:
            cursor.execute("DELETE FROM hazard_kind")  # a new database has a list of its own
            for name, content in kept.items():
                with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                    copy.write(content)
                if "id" in metadata.tables[name].c:
                    cursor.execute(
                        f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), max(id)) FROM \"{name}\""
                    )
        borrowed.commit()
    finally:
        borrowed.close()
