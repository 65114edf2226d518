"""Which rows point to which, so that nothing is deleted along with another row without a journal event of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.snapshots import chunked, is_journalled, key_column


def find_references(table: sa.Table) -> list[tuple[sa.Table, sa.Column[Any]]]:
    """Journalled tables, with the column through which each points to `table`."""
    return [
        (child, key.parent)
        for child in tables.metadata.sorted_tables
        if is_journalled(child)
        for key in sorted(child.foreign_keys, key=lambda k: k.parent.name)
        if key.column.table is table
    ]


def cascades(column: sa.Column[Any]) -> bool:
    """Whether rows that point through `column` go when what they point to goes; else they lose the pointer."""
    (key,) = column.foreign_keys
    return key.ondelete == "CASCADE"


def load_dependants(
    connection: sa.Connection, child: sa.Table, column: sa.Column[Any], row_ids: Sequence[int]
) -> list[int]:
    """Keys of the rows of `child` whose `column` points to one of `row_ids`."""
    key = key_column(child)
    found: list[int] = []
    for chunk in chunked(row_ids):
        found += connection.scalars(sa.select(key).where(column.in_(chunk)).order_by(key))
    return found
