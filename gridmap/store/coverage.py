"""What tracks cover of railway lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import load_frame
from gridmap.store.unit_of_work import UnitOfWork

_coverage = tables.coverage


def load_coverage(
    connection: sa.Connection, *, line_ids: Sequence[int] | None = None, since: datetime | None = None
) -> pd.DataFrame:
    """Covered stretches (of `line_ids`, and seen at `since` or later, where given), by line, then by time.

    Columns: id, line_id, from_m, to_m (mileage, as in `rail_segment`), side (left, right or both), at, kind (foot,
    vehicle or report), team_id (None where unknown), confidence (0 to 1), source.
    """
    c = _coverage.c
    statement = sa.select(
        c.id, c.line_id, c.from_m, c.to_m, c.side, c.at, c.kind, c.team_id, c.confidence, c.source
    ).order_by(c.line_id, c.at, c.id)
    if line_ids is not None:
        statement = statement.where(c.line_id.in_(list(line_ids)))
    if since is not None:
        statement = statement.where(c.at >= since)
    return load_frame(connection, statement)


def find_by_source(connection: sa.Connection, *, source: str) -> list[int]:
    """Ids of the stretches that came from a source."""
    statement = sa.select(_coverage.c.id).where(_coverage.c.source == source).order_by(_coverage.c.id)
    return [int(found) for found in connection.scalars(statement)]


def save_coverage(work: UnitOfWork, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Add covered stretches and return their ids; the keys are those of the table but `id`."""
    ids = work.insert_many(_coverage, rows)
    work.touch("coverage")
    return ids


def replace_coverage(work: UnitOfWork, rows: Sequence[dict[str, Any]], *, source: str) -> list[int]:
    """Put stretches in the place of all that came from `source`, and return their ids."""
    work.delete_many(_coverage, find_by_source(work.connection, source=source))
    return save_coverage(work, rows)
