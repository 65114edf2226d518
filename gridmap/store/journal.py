"""Reading the journal: the newest changes, the areas they lie in, and whether the chain is whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gridmap.domain.journal import GENESIS, Event, Header, compute_hash
from gridmap.store import tables
from gridmap.store.snapshots import chunked

_TXNS_PER_FETCH = 200
_OF_ORDERS = (tables.assignment.name, tables.change_order.name, tables.hazard_step.name)


@dataclass(frozen=True)
class ChangedRow:
    """A row that a transaction made, changed or deleted.

    `columns` are those whose values differ, `area_codes` those of the areas it lay and lies in.
    """

    txn_id: int
    table_name: str
    row_key: str
    columns: frozenset[str]
    area_codes: frozenset[str]


def load_txns(
    connection: sa.Connection, *, table_name: str | None = None, txn_id: int | None = None, limit: int = 100
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Newest transactions first: id, kind, actor, reason, at, event_count, undone_by.

    `table_name` keeps those that changed rows of that table.
    """
    txn, later, event = tables.txn, tables.txn.alias("later"), tables.event
    statement = (
        sa.select(
            txn.c.id,
            txn.c.kind,
            txn.c.actor,
            txn.c.reason,
            txn.c.at,
            txn.c.event_count,
            later.c.id.label("undone_by"),
        )
        .select_from(txn.outerjoin(later, later.c.undoes == txn.c.id))
        .order_by(txn.c.id.desc())
        .limit(limit)
    )
    if table_name is not None:
        statement = statement.where(
            sa.exists().where(event.c.txn_id == txn.c.id).where(event.c.table_name == table_name)
        )
    if txn_id is not None:
        statement = statement.where(txn.c.id == txn_id)
    return connection.execute(statement).all()


def load_reassigned_codes(connection: sa.Connection, txn_ids: Sequence[int]) -> dict[int, list[str] | None]:
    """Codes of the cells each transaction reassigned; None for one that changed anything else as well.

    What goes along with a change order, such as the steps of its hazards, counts as a part of it. A cell that no
    longer exists counts as anything else: nobody can tell any more where it lay.
    """
    event, area = tables.event, tables.area
    # Joined on the number, not on its text, so that the index of the areas serves.
    same = area.c.id == sa.cast(event.c.row_key, sa.Integer)
    found: dict[int, list[str] | None] = {}
    for chunk in chunked(txn_ids):
        mixed = sa.select(event.c.txn_id).where(event.c.table_name.not_in(_OF_ORDERS))
        found |= dict.fromkeys(connection.scalars(mixed.where(event.c.txn_id.in_(chunk)).distinct()))
        pure = [txn_id for txn_id in chunk if txn_id not in found]
        moved = sa.select(event.c.txn_id, area.c.code).select_from(event.outerjoin(area, same))
        moved = moved.where(event.c.table_name == tables.assignment.name)
        for txn_id, code in connection.execute(moved.where(event.c.txn_id.in_(pure))):
            codes = found.setdefault(txn_id, [])
            if code is None:
                found[txn_id] = None
            elif codes is not None:
                codes.append(code)
    return found


def find_broken(connection: sa.Connection) -> int | None:
    """The first transaction whose hash does not follow from its content and its predecessor; None when all do."""
    previous, last = GENESIS, 0
    txn = tables.txn
    while True:
        newer = sa.select(txn).where(txn.c.id > last).order_by(txn.c.id).limit(_TXNS_PER_FETCH)
        rows = connection.execute(newer).all()
        if not rows:
            return None
        events = _load_events_between(connection, last, rows[-1].id)
        for row in rows:
            own = events.pop(row.id, [])
            header = Header(row.kind, row.actor, row.reason, row.at, row.undoes)
            expected = compute_hash(previous, header, own)
            if (row.previous_hash, row.hash, row.event_count) != (previous, expected, len(own)):
                return int(row.id)
            previous = row.hash
        if events:  # of a transaction that is no longer there
            return min(events)
        last = rows[-1].id


def load_newest(connection: sa.Connection) -> int:
    """Number of the newest transaction, 0 before the first one."""
    return int(connection.scalar(sa.select(sa.func.max(tables.txn.c.id))) or 0)


def load_changed_rows(connection: sa.Connection, *, after: int, limit: int) -> list[ChangedRow] | None:
    """What the transactions later than `after` did, in order; None where that is more than `limit` rows."""
    txn, event = tables.txn.c, tables.event.c
    if (connection.scalar(sa.select(sa.func.sum(txn.event_count)).where(txn.id > after)) or 0) > limit:
        return None
    columns = (event.txn_id, event.table_name, event.row_key, event.before, event.after)
    rows = connection.execute(sa.select(*columns).where(event.txn_id > after).order_by(event.txn_id, event.seq))
    return [_read_row(txn_id, Event(*event)) for txn_id, *event in rows]


def _read_row(txn_id: int, event: Event) -> ChangedRow:
    codes = _read_codes(event.before, event.after)
    return ChangedRow(txn_id, event.table_name, event.row_key, event.columns, codes)


def _read_codes(*states: dict[str, Any] | None) -> frozenset[str]:
    return frozenset(state["area_code"] for state in states if state and "area_code" in state)


def load_head(connection: sa.Connection) -> str:
    """Hash of the newest transaction, which stands for the whole journal."""
    return connection.scalar(sa.select(tables.txn.c.hash).order_by(tables.txn.c.id.desc()).limit(1)) or GENESIS


def _load_events_between(connection: sa.Connection, after: int, to: int) -> dict[int, list[Event]]:
    table = tables.event
    found: dict[int, list[Event]] = {}
    for txn_id, *rest in connection.execute(
        sa.select(table.c.txn_id, table.c.table_name, table.c.row_key, table.c.before, table.c.after)
        .where(table.c.txn_id > after, table.c.txn_id <= to)
        .order_by(table.c.txn_id, table.c.seq)
    ):
        found.setdefault(txn_id, []).append(Event(*rest))
    return found
