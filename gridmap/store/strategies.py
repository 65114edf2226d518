"""Mixed patrol strategies in the store."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import in_scope
from gridmap.store.unit_of_work import UnitOfWork

_strategy = tables.patrol_strategy


def save_strategy(work: UnitOfWork, *, area_code: str, document: dict[str, Any]) -> int:
    """Insert a strategy and return its id."""
    row = {"area_code": area_code, "made_at": work.at, "made_by": work.actor.name, "document": document}
    work.touch("plans")
    return work.insert(_strategy, row)


def load_newest(connection: sa.Connection, *, area_code: str) -> tuple[int, dict[str, Any]] | None:
    """Id and document of the newest strategy of exactly this area, None where there is none."""
    c = _strategy.c
    statement = sa.select(c.id, c.document).where(c.area_code == area_code).order_by(c.made_at.desc(), c.id.desc())
    row = connection.execute(statement.limit(1)).first()
    return None if row is None else (int(row.id), row.document)


def load_document(connection: sa.Connection, strategy_id: int, *, scope: str) -> dict[str, Any] | None:
    """Document of a strategy in scope, None where there is none."""
    c = _strategy.c
    document: dict[str, Any] | None = connection.scalar(
        sa.select(c.document).where(c.id == strategy_id, in_scope(c.area_code, scope))
    )
    return document
