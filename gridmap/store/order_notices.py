"""What units and authors are told of change orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.closed_units import known_units
from gridmap.store.frames import in_scope, keep_none, load_frame
from gridmap.store.unit_of_work import UnitOfWork

_notice, _order = tables.order_notice, tables.change_order


def save_notices(work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write notices in the transaction that gives rise to them."""
    if rows:
        empty = {"unit_id": None, "account": "", "at": work.at}
        work.connection.execute(_notice.insert(), [{**empty, **row} for row in rows])


def load_notices(
    connection: sa.Connection, *, scope: str, account: str, only_new: bool, limit: int = 100
) -> pd.DataFrame:
    """Notices of units in scope and those told to `account`, the newest first.

    Columns: id, order_id, number, unit_name (None: told to the account), message, facts, at, seen_by, seen_at.
    """
    c, unit = _notice.c, known_units()
    statement = (
        sa.select(
            c.id,
            c.order_id,
            _order.c.number,
            unit.c.name.label("unit_name"),
            c.message,
            c.facts,
            c.at,
            c.seen_by,
            c.seen_at,
        )
        .select_from(_notice.join(_order, _order.c.id == c.order_id).outerjoin(unit, unit.c.id == c.unit_id))
        .where(_concerns(scope, account))
        .order_by(c.id.desc())
        .limit(limit)
    )
    found = load_frame(connection, statement.where(c.seen_at.is_(None)) if only_new else statement)
    return keep_none(found, "unit_name")


def _concerns(scope: str, account: str) -> sa.ColumnElement[bool]:
    unit = known_units()
    units = sa.select(unit.c.id).where(in_scope(unit.c.area_code, scope))
    return sa.or_(_notice.c.unit_id.in_(units), _notice.c.account == account)


def save_seen(connection: sa.Connection, notice_ids: Sequence[int], *, scope: str, account: str, at: datetime) -> int:
    """Mark those of the notices that concern the account as seen; how many were not before."""
    new = sa.and_(_notice.c.id.in_(list(notice_ids)), _notice.c.seen_at.is_(None), _concerns(scope, account))
    return connection.execute(_notice.update().where(new).values(seen_by=account, seen_at=at)).rowcount
