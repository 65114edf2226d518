"""Who answers for a cell, and on which days: `assignment` says it of today, `tenure` of every day; both change here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.districting.tenure import Tenure, hand_over
from gridmap.store import tables
from gridmap.store.closed_units import known_units
from gridmap.store.frames import in_scope, keep_none, load_frame
from gridmap.store.snapshots import chunked
from gridmap.store.unit_of_work import UnitOfWork

_tenure, _assignment = tables.tenure, tables.assignment

_Rows = list[dict[str, Any]]


def save_owners(
    work: UnitOfWork, *, moves: Mapping[int, tuple[int | None, int | None]], day: date, order_id: int
) -> None:
    """Give each cell from the unit it is with to another from `day` on, None for nobody, as `hand_over` says.

    Raises
    ------
    Conflict
        A cell that had a unit before `day` would have none.
    """
    owners = {cell: after for cell, (_, after) in moves.items()}
    since = _save_tenures(work.connection, owners, day=day, order_id=order_id)
    held = {cell for cell, (before, _) in moves.items() if before is not None}
    rows = {cell: {"unit_id": unit, "since": since[cell]} for cell, unit in owners.items() if unit is not None}
    work.update_many(_assignment, {cell: row for cell, row in rows.items() if cell in held})
    work.insert_many(_assignment, [{"cell_id": cell, **row} for cell, row in rows.items() if cell not in held])
    work.delete_many(_assignment, [cell for cell in owners if cell not in rows and cell in held])


def _save_tenures(
    connection: sa.Connection, owners: Mapping[int, int | None], *, day: date, order_id: int
) -> dict[int, date]:
    """Since when each cell is its unit's without a break."""
    before = load_tenures(connection, list(owners))
    gone: list[int] = []
    ended: dict[date | None, list[int]] = defaultdict(list)
    new: _Rows = []
    since: dict[int, date] = {}
    for cell, unit in owners.items():
        old = before.get(cell, ())
        now = hand_over(old, day=day, unit=unit)
        days = {item.row: item.valid_to for item in now}
        for item in old:
            if item.row not in days:
                gone.append(item.row or 0)
            elif days[item.row] != item.valid_to:
                ended[days[item.row]].append(item.row or 0)
        new += [
            {"cell_id": cell, "unit_id": item.unit, "valid_from": item.valid_from, "order_id": order_id}
            for item in now
            if item.row is None
        ]
        if now:
            since[cell] = now[-1].valid_from
    for chunk in chunked(gone):
        connection.execute(_tenure.delete().where(_tenure.c.id.in_(chunk)))
    for end, rows in ended.items():
        for chunk in chunked(rows):
            connection.execute(_tenure.update().where(_tenure.c.id.in_(chunk)).values(valid_to=end))
    if new:
        connection.execute(_tenure.insert(), new)
    return since


def load_tenures(connection: sa.Connection, cell_ids: Sequence[int]) -> dict[int, tuple[Tenure, ...]]:
    """Tenures of each cell that ever had one, in order of days."""
    c = _tenure.c
    found: dict[int, list[Tenure]] = defaultdict(list)
    for chunk in chunked(cell_ids):
        statement = sa.select(c.cell_id, c.valid_from, c.valid_to, c.unit_id, c.id).where(c.cell_id.in_(chunk))
        for cell, begins, ends, unit, row in connection.execute(statement.order_by(c.valid_from)).all():
            found[cell].append(Tenure(begins, ends, unit, row))
    return {cell: tuple(items) for cell, items in found.items()}


def load_owners_on(connection: sa.Connection, day: date, *, cells: Sequence[int] | None = None) -> dict[int, int]:
    """Unit of each cell (of `cells`, where given) that had one on a day, as far as it is known today."""
    c = _tenure.c
    on_day = sa.and_(c.valid_from <= day, sa.or_(c.valid_to.is_(None), c.valid_to > day))
    statement = sa.select(c.cell_id, c.unit_id).where(on_day)
    found: dict[int, int] = {}
    for part in _narrow(statement, c.cell_id, cells):
        found |= dict(connection.execute(part).all())
    return found


def _narrow(
    statement: sa.Select[Any], column: sa.ColumnElement[int], ids: Sequence[int] | None
) -> Iterator[sa.Select[Any]]:
    yield from [statement] if ids is None else (statement.where(column.in_(chunk)) for chunk in chunked(ids))


def load_cell_tenures(connection: sa.Connection, cell_id: int) -> pd.DataFrame:
    """Days of one cell, the newest first.

    Columns: unit_name, valid_from, valid_to, number (of the order that began it, None: it came with the data),
    ordered_by, reason.
    """
    c, o, unit = _tenure.c, tables.change_order.c, known_units()
    joined = _tenure.outerjoin(tables.change_order, o.id == c.order_id).outerjoin(unit, unit.c.id == c.unit_id)
    statement = sa.select(unit.c.name.label("unit_name"), c.valid_from, c.valid_to, o.number, o.ordered_by, o.reason)
    found = load_frame(
        connection, statement.select_from(joined).where(c.cell_id == cell_id).order_by(c.valid_from.desc())
    )
    return keep_none(found, "unit_name", "number", "ordered_by", "reason")


def reopen_tenures(work: UnitOfWork, *, day: date) -> None:
    """Let those go on that ended on `day` and whose cell is their unit's again, as if nothing had been."""
    t, a, now = _tenure.c, _assignment.c, _tenure.alias("now")
    same = sa.exists().where(a.cell_id == t.cell_id, a.unit_id == t.unit_id)
    open_ = sa.exists().where(now.c.cell_id == t.cell_id, now.c.valid_to.is_(None))
    work.connection.execute(_tenure.update().where(t.valid_to == day, same, ~open_).values(valid_to=None))


def follow_assignments(work: UnitOfWork, *, day: date) -> None:
    """Make the tenures agree from `day` on with assignments that were written without an order: by an import.

    A cell that never had a unit begins on the day its assignment names.
    """
    t, a = _tenure.c, _assignment.c
    open_ = t.valid_to.is_(None)
    same = sa.exists().where(a.cell_id == t.cell_id, a.unit_id == t.unit_id)
    execute = work.connection.execute
    execute(_tenure.delete().where(open_, ~same, t.valid_from >= day))
    execute(_tenure.update().where(open_, ~same).values(valid_to=day))
    later, now = _tenure.alias("later"), _tenure.alias("now")
    begins = sa.case((sa.exists().where(later.c.cell_id == a.cell_id), sa.literal(day, sa.Date)), else_=a.since)
    missing = ~sa.exists().where(now.c.cell_id == a.cell_id, now.c.valid_to.is_(None))
    rows = sa.select(a.cell_id, a.unit_id, begins).where(missing)
    execute(_tenure.insert().from_select(["cell_id", "unit_id", "valid_from"], rows))


def load_changes(connection: sa.Connection, *, scope: str, after: date, until: date) -> pd.DataFrame:
    """Cells in scope that began to be a unit's after one day and up to another, by day and order.

    Columns: day, cell_id, unit_id, order_id (None: from an import), number, kind, ordered_by, reason.
    """
    c, o, a = _tenure.c, tables.change_order.c, tables.area.c
    statement = (
        sa.select(c.valid_from.label("day"), c.cell_id, c.unit_id, c.order_id, o.number, o.kind, o.ordered_by, o.reason)
        .join(tables.area, a.id == c.cell_id)
        .outerjoin(tables.change_order, o.id == c.order_id)
        .where(c.valid_from > after, c.valid_from <= until, in_scope(a.code, scope))
    )
    return load_frame(connection, statement.order_by(c.valid_from, c.order_id, c.cell_id))
