"""Taking a transaction back: its events inverted, last first, as a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gridmap.domain.journal import Event
from gridmap.errors import N_, Conflict, NotFound
from gridmap.store import tables
from gridmap.store.references import find_references, load_dependants
from gridmap.store.snapshots import Row, is_journalled, load_rows, parse_row

if TYPE_CHECKING:
    from gridmap.store.unit_of_work import UnitOfWork

CHANGED_MEANWHILE = N_("Somebody else changed this first; nothing was saved.")
RELOAD = N_("Reload the page, look at the new state and decide again.")


def load_events(connection: sa.Connection, txn_id: int) -> list[Event]:
    """Events of one transaction, in order."""
    table = tables.event
    rows = connection.execute(
        sa.select(table.c.table_name, table.c.row_key, table.c.before, table.c.after)
        .where(table.c.txn_id == txn_id)
        .order_by(table.c.seq)
    )
    return [Event(*row) for row in rows]


def apply_undo(work: UnitOfWork, txn_id: int) -> None:
    """Bring the rows of transaction `txn_id` back to what they were before it.

    Undoing an undo does the change again. A row counts as changed since when its content differs; its version number
    alone does not, so that changes can be taken back one after the other.

    Raises
    ------
    NotFound
        No such transaction.
    Conflict
        It was undone already, holds what the journal does not keep, or a row changed since.
    """
    events = load_events(work.connection, txn_id)
    _check_undoable(work.connection, txn_id, events)
    for table, action, run in _reverse_runs(events):
        _check_unchanged(work.connection, table, run)
        if action == "made":
            _remove(work, table, run)
        elif action == "deleted":
            work.insert_many(table, [parse_row(table, item.before or {}) for item in run])
        else:
            work.update_many(table, {int(item.row_key): parse_row(table, _find_changes(item)) for item in run})


def _check_undoable(connection: sa.Connection, txn_id: int, events: Sequence[Event]) -> None:
    txn = tables.txn
    if connection.scalar(sa.select(txn.c.id).where(txn.c.id == txn_id)) is None:
        raise NotFound(
            N_("There is no change number {txn}."), hint=N_("Look it up in the list of changes."), txn=txn_id
        )
    done = connection.scalar(sa.select(txn.c.id).where(txn.c.undoes == txn_id))
    if done is not None:
        raise Conflict(
            N_("Change {txn} was already undone by change {by}."),
            hint=N_("Undo change {by} instead."),
            txn=txn_id,
            by=done,
        )
    if any(item.is_bulk for item in events):
        raise Conflict(
            N_("Change {txn} was a bulk load and cannot be undone."), hint=N_("Restore a backup instead."), txn=txn_id
        )
    if any(item.is_redacted or _lost_hidden_values(item) for item in events):
        raise Conflict(
            N_("Change {txn} touched what the journal does not keep, such as a password or a photo."),
            hint=N_("Make the change by hand instead."),
            txn=txn_id,
        )


def _lost_hidden_values(item: Event) -> bool:
    """Whether a row was deleted that had values the journal does not hold."""
    columns = tables.metadata.tables[item.table_name].columns
    return item.after is None and not all(is_journalled(column) for column in columns)


def _reverse_runs(events: Sequence[Event]) -> Iterator[tuple[sa.Table, str, list[Event]]]:
    """Neighbouring events of one table and one action, last first, no row twice in a run."""

    def kind(item: Event) -> tuple[str, str]:
        action = "made" if item.before is None else "deleted" if item.after is None else "changed"
        return item.table_name, action

    for (name, action), items in groupby(reversed(events), key=kind):
        run: dict[str, Event] = {}
        for item in items:
            if item.row_key in run:
                yield tables.metadata.tables[name], action, list(run.values())
                run = {}
            run[item.row_key] = item
        yield tables.metadata.tables[name], action, list(run.values())


def _check_unchanged(connection: sa.Connection, table: sa.Table, run: Sequence[Event]) -> None:
    current = load_rows(connection, table, [int(item.row_key) for item in run])
    for item in run:
        if not _has_content(current.get(int(item.row_key)), item.after):
            raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)


def _remove(work: UnitOfWork, table: sa.Table, run: Sequence[Event]) -> None:
    row_ids = [int(item.row_key) for item in run]
    for child, column in find_references(table):
        if load_dependants(work.connection, child, column, row_ids):
            raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
    work.delete_many(table, row_ids)


def _has_content(current: Row | None, expected: Row | None) -> bool:
    if current is None or expected is None:
        return current is expected
    # Columns that a later schema added are not in old events, and are no reason to refuse.
    return all(current.get(name) == value for name, value in expected.items() if name != "version")


def _find_changes(item: Event) -> dict[str, Any]:
    before, after = item.before or {}, item.after or {}
    return {name: value for name, value in before.items() if name != "version" and value != after[name]}
