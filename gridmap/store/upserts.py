"""Many rows that may be there already, in one statement on either engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]
Insert = sqlite.Insert | postgresql.Insert


def insert_missing(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is not there yet; all name every column."""
    if rows:
        _execute(connection, _begin(table, connection.dialect.name).on_conflict_do_nothing(), table, rows)


def insert_newer(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], *, newer: str) -> None:
    """Insert rows, or replace those there whose column `newer` is smaller; no key comes twice in `rows`."""
    if not rows:
        return
    statement = _begin(table, connection.dialect.name)
    given = statement.excluded
    changed = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={c.name: given[c.name] for c in table.columns if not c.primary_key},
        where=given[newer] > table.c[newer],
    )
    _execute(connection, changed, table, rows)


def insert_adding(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], *, added: str, newest: str) -> None:
    """Insert rows, or add to the column `added` of those there and raise `newest`; no key comes twice in `rows`."""
    if not rows:
        return
    statement = _begin(table, connection.dialect.name)
    given = statement.excluded
    later = sa.case((given[newest] > table.c[newest], given[newest]), else_=table.c[newest])
    changed = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={added: table.c[added] + given[added], newest: later},
    )
    _execute(connection, changed, table, rows)


@lru_cache(maxsize=16)
def _begin(table: sa.Table, dialect: str) -> Insert:
    if dialect == "sqlite":
        return sqlite.insert(table)
    # The driver would send a statement for each row; one that unfolds arrays costs a tenth.
    names = [column.name for column in table.columns]
    arrays = [sa.bindparam(c.name, type_=postgresql.ARRAY(c.type)) for c in table.columns]
    unfolded = sa.func.unnest(*arrays).table_valued(*names).render_derived()
    return postgresql.insert(table).from_select(names, sa.select(*(unfolded.c[name] for name in names)))


def _execute(connection: sa.Connection, statement: Insert, table: sa.Table, rows: Sequence[Row]) -> None:
    names = [column.name for column in table.columns]
    if connection.dialect.name == "sqlite":
        connection.execute(statement, [{name: row[name] for name in names} for row in rows])
    else:
        connection.execute(statement, {name: [row[name] for row in rows] for name in names})
