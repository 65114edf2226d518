"""Section chiefs of lines, and the inspections they made together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import load_frame
from gridmap.store.unit_of_work import UnitOfWork

_chief, _inspection = tables.section_chief, tables.joint_inspection


def load_chiefs(
    connection: sa.Connection, *, line_ids: Sequence[int] | None = None, on: date | None = None
) -> pd.DataFrame:
    """Section chiefs along each line, of `line_ids` where given, and with `on` those who answer on that day.

    Columns: id, line_id, from_m, to_m, party, office, area_code, interval_days, valid_from; in the order they were
    kept.
    """
    c = _chief.c
    columns = (c.id, c.line_id, c.from_m, c.to_m, c.party, c.office, c.area_code, c.interval_days, c.valid_from)
    statement = sa.select(*columns).order_by(c.line_id, c.id)
    if line_ids is not None:
        statement = statement.where(c.line_id.in_(list(line_ids)))
    if on is not None:
        statement = statement.where(sa.or_(c.valid_from.is_(None), c.valid_from <= on))
    return load_frame(connection, statement)


def save_chiefs(work: UnitOfWork, *, rows: Sequence[dict[str, Any]], replaced: Sequence[int] = ()) -> None:
    """Add section chiefs, and remove those whose ids are `replaced`."""
    work.delete_many(_chief, replaced)
    work.insert_many(_chief, rows)
    work.touch("chiefs")


def load_inspections(connection: sa.Connection, *, line_ids: Sequence[int] | None = None) -> pd.DataFrame:
    """Joint inspections, of `line_ids` where given, the newest first: id, line_id, from_m, to_m, at, note."""
    c = _inspection.c
    statement = sa.select(c.id, c.line_id, c.from_m, c.to_m, c.at, c.note).order_by(c.at.desc(), c.id.desc())
    if line_ids is not None:
        statement = statement.where(c.line_id.in_(list(line_ids)))
    return load_frame(connection, statement)


def save_inspection(work: UnitOfWork, row: dict[str, Any]) -> int:
    """Add a joint inspection and return its id."""
    work.touch("chiefs")
    return work.insert(_inspection, row)
