"""Many rows at once, without a journal event each; whoever loads in bulk notes it in the journal as a whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import sqlalchemy as sa

from gridmap.store.unit_of_work import UnitOfWork

_ROWS_PER_STATEMENT = 20_000


def insert_bulk(work: UnitOfWork, table: sa.Table, rows: Iterable[dict[str, Any]]) -> int:
    """Insert many rows without a journal event each; returns how many."""
    written = 0
    for chunk in _chunks(rows):
        work.connection.execute(table.insert(), chunk)
        written += len(chunk)
    return written


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _ROWS_PER_STATEMENT:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def insert_numbered(work: UnitOfWork, table: sa.Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows and return their ids in order; a row that brings an `id` keeps it.

    New ids follow every id the table ever held, so that the journal never confuses two rows. The transaction holds the
    write lock, so nobody else takes the same numbers.
    """
    following = itertools.count(_highest_id(work.connection, table) + 1)
    ids = [int(row["id"]) if row.get("id") is not None else next(following) for row in rows]
    insert_bulk(work, table, ({**row, "id": i} for i, row in zip(ids, rows, strict=True)))
    if work.connection.dialect.name == "postgresql" and ids:
        # Rows inserted with an id do not move the sequence; SQLite's moves by itself.
        highest = max(*ids, next(following) - 1)
        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
        work.connection.execute(sa.select(sa.func.setval(sequence, highest)))
    return ids


def _highest_id(connection: sa.Connection, table: sa.Table) -> int:
    """The highest id that rows of the table, gone ones included, ever had."""
    present = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
    if connection.dialect.name == "postgresql":
        sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, "id")))
        given = connection.scalar(sa.text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"))
    else:
        given = connection.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    return max(int(present), int(given or 0))


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain Python values, missing ones as None, a geometry with its bounding box."""
    columns = {name: _plain_values(frame[name]) for name in frame.columns if name != "geometry"}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    if isinstance(frame, gpd.GeoDataFrame):
        bounds = frame.geometry.bounds.to_numpy().tolist()
        for row, geometry, (x_min, y_min, x_max, y_max) in zip(rows, frame.geometry.to_numpy(), bounds, strict=True):
            row.update(geom=geometry, x_min=x_min, y_min=y_min, x_max=x_max, y_max=y_max)
    return rows


def _plain_values(column: pd.Series) -> list[Any]:
    values = column.astype(object).where(column.notna(), None)
    return [value.item() if isinstance(value, np.generic) else value for value in values]
