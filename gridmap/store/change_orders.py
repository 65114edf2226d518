"""Change orders of cells: what was ordered, what waits, what came later; and which cells are locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.change_orders import WAITING, OrderKind, OrderState, number_order
from gridmap.store import tables
from gridmap.store.closed_units import known_units
from gridmap.store.frames import in_scope, keep_none, load_frame
from gridmap.store.snapshots import chunked
from gridmap.store.unit_of_work import UnitOfWork

_order, _cell, _lock = tables.change_order, tables.change_order_cell, tables.cell_lock
_area = tables.area


@dataclass(frozen=True)
class KeptOrder:
    """One row of `change_order`."""

    id: int
    number: str
    kind: str
    state: str
    reason: str
    area_code: str
    cells: int
    effective_on: date
    ordered_by: str
    ordered_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    in_effect_at: datetime | None
    sequence: int | None
    undoes: int | None
    version: int


# --- one order ----------------------------------------------------------------------------------------------------


def save_order(
    work: UnitOfWork, row: Mapping[str, Any], *, moves: Mapping[int, tuple[int | None, int | None]], year: int
) -> int:
    """Write an order with its cells (unit before and after, by cell) under the next number; its id."""
    order_id = work.insert(_order, {**row, "number": _number_next(work.connection, year), "cells": len(moves)})
    work.connection.execute(
        _cell.insert(),
        [
            {"order_id": order_id, "cell_id": cell, "from_unit_id": before, "to_unit_id": after}
            for cell, (before, after) in moves.items()
        ],
    )
    return order_id


def _number_next(connection: sa.Connection, year: int) -> str:
    number = _order.c.number
    longest_first = sa.select(number).order_by(sa.func.length(number).desc(), number.desc()).limit(1)
    return number_order(year, connection.scalar(longest_first.where(number.startswith(f"{year}-"))))


def load_order(connection: sa.Connection, order_id: int) -> KeptOrder | None:
    """The order of that id, None where there is none."""
    row = connection.execute(sa.select(_order).where(_order.c.id == order_id)).one_or_none()
    return None if row is None else KeptOrder(**row._mapping)


def find_order(connection: sa.Connection, number: str) -> int | None:
    """Id of the order of that number."""
    found: int | None = connection.scalar(sa.select(_order.c.id).where(_order.c.number == number))
    return found


def find_order_of_txn(connection: sa.Connection, txn_id: int) -> str | None:
    """Number of an order that journal entry `txn_id` placed, decided or carried out."""
    e = tables.event.c
    same = _order.c.id == sa.cast(e.row_key, sa.Integer)
    statement = sa.select(_order.c.number).join(tables.event, same)
    found: str | None = connection.scalar(
        statement.where(e.txn_id == txn_id, e.table_name == _order.name).order_by(_order.c.id.desc()).limit(1)
    )
    return found


def load_moves(connection: sa.Connection, order_id: int) -> dict[int, tuple[int | None, int | None]]:
    """Unit before and after of each cell of an order."""
    c = _cell.c
    rows = connection.execute(sa.select(c.cell_id, c.from_unit_id, c.to_unit_id).where(c.order_id == order_id)).all()
    return {cell: (before, after) for cell, before, after in rows}


def load_order_cells(connection: sa.Connection, order_id: int) -> pd.DataFrame:
    """Cells of an order by code: id, code, name, from_unit, to_unit (names; None for nobody), to_unit_id.

    A cell that a later edition lacks has neither code nor name.
    """
    c, before, after = _cell.c, known_units("before"), known_units("after")
    joined = (
        _cell.outerjoin(_area, _area.c.id == c.cell_id)
        .outerjoin(before, before.c.id == c.from_unit_id)
        .outerjoin(after, after.c.id == c.to_unit_id)
    )
    names = (before.c.name.label("from_unit"), after.c.name.label("to_unit"))
    statement = sa.select(c.cell_id.label("id"), _area.c.code, _area.c.name, *names, c.to_unit_id).select_from(joined)
    found = load_frame(connection, statement.where(c.order_id == order_id).order_by(_area.c.code))
    return keep_none(found, "code", "name", "from_unit", "to_unit")


# --- many orders --------------------------------------------------------------------------------------------------


def load_orders(
    connection: sa.Connection,
    *,
    scope: str,
    states: Collection[str] | None = None,
    cell_id: int | None = None,
    limit: int = 100,
) -> pd.DataFrame:
    """Orders that lie in scope with all their cells (of one cell, where given), the newest first.

    Columns: those of `KeptOrder`, and `undoes_number`.
    """
    undone = _order.alias("undone")
    statement = (
        sa.select(*_order.c, undone.c.number.label("undoes_number"))
        .select_from(_order.outerjoin(undone, undone.c.id == _order.c.undoes))
        .where(in_scope(_order.c.area_code, scope))
        .order_by(_order.c.id.desc())
        .limit(limit)
    )
    if states is not None:
        statement = statement.where(_order.c.state.in_(states))
    if cell_id is not None:
        statement = statement.where(_order.c.id.in_(sa.select(_cell.c.order_id).where(_cell.c.cell_id == cell_id)))
    return load_frame(connection, statement)


@dataclass(frozen=True)
class WaitingMove:
    """What an order that waits says of one cell."""

    order_id: int
    number: str
    state: str
    ordered_by: str
    effective_on: date
    cell_id: int
    from_unit_id: int | None
    to_unit_id: int | None


def load_waiting(connection: sa.Connection, cell_ids: Collection[int]) -> list[WaitingMove]:
    """What orders that wait for approval or their day say of the cells, in the order they would take effect."""
    o, c = _order.c, _cell.c
    statement = (
        sa.select(o.id, o.number, o.state, o.ordered_by, o.effective_on, c.cell_id, c.from_unit_id, c.to_unit_id).join(
            _cell, c.order_id == o.id
        )
    ).where(o.state.in_(WAITING))
    rows = connection.execute(statement.order_by(o.effective_on, o.id)).all()
    wanted = set(cell_ids)
    return [WaitingMove(*row) for row in rows if row.cell_id in wanted]


def is_waited_for(connection: sa.Connection, unit_id: int) -> bool:
    """Whether an order that waits gives a unit cells, or takes some from it."""
    o, c = _order.c, _cell.c
    named = sa.or_(c.from_unit_id == unit_id, c.to_unit_id == unit_id)
    statement = sa.select(o.id).join(_cell, c.order_id == o.id).where(o.state.in_(WAITING), named)
    return connection.scalar(statement.limit(1)) is not None


def find_due(connection: sa.Connection, day: date) -> list[tuple[date, int]]:
    """Day and id of approved orders whose day has come, in their order."""
    o = _order.c
    due = sa.select(o.effective_on, o.id).where(o.state == OrderState.APPROVED.value, o.effective_on <= day)
    return [(on, order_id) for on, order_id in connection.execute(due.order_by(o.effective_on, o.id))]


def find_undoing(connection: sa.Connection, order_id: int, states: Collection[str]) -> KeptOrder | None:
    """The newest order in one of `states` that takes `order_id` back."""
    found = sa.select(_order).where(_order.c.undoes == order_id, _order.c.state.in_(states))
    row = connection.execute(found.order_by(_order.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else KeptOrder(**row._mapping)


def load_next_sequence(connection: sa.Connection) -> int:
    """The place of the order that takes effect next."""
    return int(connection.scalar(sa.select(sa.func.max(_order.c.sequence))) or 0) + 1


def load_later(connection: sa.Connection, cell_ids: Sequence[int], *, after: int) -> list[tuple[str, str, int]]:
    """Orders in effect whose place is later than `after` and that moved some of the cells: number, who, how many.

    Orders that only took another back are left out: what they did is said by that other being undone.
    """
    o, c = _order.c, _cell.c
    found: dict[tuple[str, str], int] = {}
    statement = (
        sa.select(o.number, o.ordered_by, sa.func.count())
        .join(_cell, c.order_id == o.id)
        .where(o.sequence > after, o.state == OrderState.IN_EFFECT.value, o.kind != OrderKind.UNDO.value)
        .group_by(o.number, o.ordered_by, o.sequence)
        .order_by(o.sequence)
    )
    for chunk in chunked(cell_ids):
        for number, who, count in connection.execute(statement.where(c.cell_id.in_(chunk))):
            found[number, who] = found.get((number, who), 0) + int(count)
    return [(number, who, count) for (number, who), count in found.items()]


def find_last(connection: sa.Connection, cell_ids: Sequence[int]) -> KeptOrder | None:
    """The order that was the last to move one of the cells, None where none did."""
    last = sa.select(_order).join(_cell, _cell.c.order_id == _order.c.id).where(_order.c.sequence.is_not(None))
    rows = [
        connection.execute(last.where(_cell.c.cell_id.in_(chunk)).order_by(_order.c.sequence.desc()).limit(1)).first()
        for chunk in chunked(cell_ids)
    ]
    return max((KeptOrder(**row._mapping) for row in rows if row), key=lambda o: o.sequence or 0, default=None)


# --- locks --------------------------------------------------------------------------------------------------------


def find_locked(connection: sa.Connection, cell_ids: Collection[int]) -> list[int]:
    """Those of the cells that are locked, of which there are few."""
    return sorted(set(cell_ids).intersection(connection.scalars(sa.select(_lock.c.cell_id)).all()))


def load_locks(connection: sa.Connection, *, scope: str) -> pd.DataFrame:
    """Locked cells in scope by code: id, code, name, reason, locked_by, locked_at."""
    c = _lock.c
    statement = sa.select(_area.c.id, _area.c.code, _area.c.name, c.reason, c.locked_by, c.locked_at)
    joined = statement.join(_lock, c.cell_id == _area.c.id)
    return load_frame(connection, joined.where(in_scope(_area.c.code, scope)).order_by(_area.c.code))
