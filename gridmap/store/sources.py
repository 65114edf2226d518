"""What was loaded, from where, and how many rows of it are there."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables

_COLUMNS = ("id", "kind", "name", "attribution", "licence", "crs", "synthetic", "imported_at", "data_as_of")


def load_sources(connection: sa.Connection) -> pd.DataFrame:
    """Every source, the oldest first, with its rows in all tables; the columns of `services.status.list_sources`."""
    source = tables.source
    statement = sa.select(*(source.c[name] for name in _COLUMNS)).order_by(source.c.id)
    rows = [tuple(row) for row in connection.execute(statement)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)
    counts = count_rows(connection)
    frame["rows"] = [counts.get(number, 0) for number in frame["id"]]
    for name in ("imported_at", "data_as_of"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype({"id": "int64", "synthetic": bool, "rows": "int64"})


def count_rows(connection: sa.Connection) -> dict[int, int]:
    """Rows in all tables by source."""
    totals: dict[int, int] = {}
    for table in tables.metadata.sorted_tables:
        if "source_id" not in table.c:
            continue
        counted = sa.select(table.c.source_id, sa.func.count()).group_by(table.c.source_id)
        for source_id, count in connection.execute(counted.where(table.c.source_id.is_not(None))):
            totals[source_id] = totals.get(source_id, 0) + count
    return totals


def load_newest(connection: sa.Connection) -> datetime | None:
    """As of when the newest data are; where no source says so, when the last one was imported."""
    c = tables.source.c
    newest: datetime | None = connection.scalar(sa.select(sa.func.max(c.data_as_of, type_=tables.UtcDateTime())))
    if newest is None:
        newest = connection.scalar(sa.select(sa.func.max(c.imported_at, type_=tables.UtcDateTime())))
    return newest
