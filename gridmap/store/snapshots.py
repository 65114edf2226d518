"""Rows as the journal keeps them: plain JSON values, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

import shapely
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.geometry import Geometry

Row = dict[str, Any]
T = TypeVar("T")

KEYS_PER_STATEMENT = 500
"""Keys per IN (…) list, below SQLite's limit on bound parameters."""


def load_rows(connection: sa.Connection, table: sa.Table, row_ids: Sequence[int]) -> dict[int, Row]:
    """Rows by id in plain form; ids without a row are left out, and so are columns the journal must not hold."""
    key = key_column(table)
    writers = _writers(table)
    columns = [table.c[name] for name in writers]
    found: dict[int, Row] = {}
    for chunk in chunked(row_ids):
        # All at once: the driver takes a call for each row otherwise.
        rows = connection.execute(sa.select(key.label("row_id_"), *columns).where(key.in_(chunk))).all()
        for row_id, *values in rows:
            found[int(row_id)] = {
                name: value if write is None or value is None else write(value)
                for (name, write), value in zip(writers.items(), values, strict=True)
            }
    return found


def parse_row(table: sa.Table, row: Mapping[str, Any]) -> Row:
    """Database values from plain ones, by the table's column types."""
    return {name: _parse(table.c[name], value) for name, value in row.items()}


def is_journalled(item: sa.Table | sa.Column[Any]) -> bool:
    """Whether the journal may hold the values of a table or column."""
    return bool(item.info.get("journalled", True))


def key_column(table: sa.Table) -> sa.Column[Any]:
    """The one column of the primary key."""
    (key,) = table.primary_key.columns
    return key


def chunked(ids: Sequence[T]) -> Iterable[Sequence[T]]:
    """`ids` in pieces that fit one statement."""
    return (ids[start : start + KEYS_PER_STATEMENT] for start in range(0, len(ids), KEYS_PER_STATEMENT))


@lru_cache(maxsize=64)
def _writers(table: sa.Table) -> dict[str, Callable[[Any], Any] | None]:
    return {column.name: _writer(column) for column in table.columns if is_journalled(column)}


def _writer(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    if isinstance(column.type, Geometry):
        return _write_geometry
    if isinstance(column.type, tables.UtcDateTime):
        return _write_datetime
    if isinstance(column.type, sa.Date):
        return date.isoformat
    return None


def _write_geometry(value: shapely.Geometry) -> str:
    return str(shapely.to_wkb(value, hex=True))


def _write_datetime(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def _parse(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Geometry):
        return shapely.from_wkb(value)
    if isinstance(column.type, tables.UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return value
