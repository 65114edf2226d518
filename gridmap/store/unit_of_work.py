"""One transaction with its journal entry: every row changed through it leaves a before/after event."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.journal import BULK_PREFIX, GENESIS, REDACTED, Event, Header, compute_hash
from gridmap.errors import N_, Conflict, NotFound
from gridmap.store import tables
from gridmap.store.references import cascades, find_references, load_dependants
from gridmap.store.snapshots import Row, chunked, is_journalled, key_column, load_rows
from gridmap.store.tiles import discard_touched
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD, apply_undo

T = TypeVar("T")

COMMITTED = "gridmap_committed"
"""Channel on which PostgreSQL tells every process of a journalled commit."""

_ROWS_PER_STATEMENT = 1000


class UnitOfWork:
    """Collects the events of one transaction; made by `Database.write`, never by hand.

    `connection` is for reading and for bulk loads; bulk loads say what they did with `note`. Writers take turns, on
    both engines: what is read through `connection` stays true until the commit.
    """

    def __init__(self, connection: sa.Connection, *, actor: Actor, kind: str, reason: str, at: datetime) -> None:
        self.connection = connection
        self.actor = actor
        self.kind = kind
        self.reason = reason
        self.at = at
        self.txn_id: int | None = None
        self._number: int | None = None
        self._undoes: int | None = None
        self._events: list[Event] = []
        self._topics: set[str] = set()

    # --- changes -------------------------------------------------------------------------------------------------

    def insert(self, table: sa.Table, row: Mapping[str, Any]) -> int:
        """Insert one row and return its id."""
        return self.insert_many(table, [row])[0]

    def insert_many(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows, one event each, and return their ids in order."""
        key = key_column(table)
        ids = [0] * len(rows)
        # One statement serves rows that name the same columns; a column left out takes its default.
        for _, positions in _group_by_columns(dict(enumerate(rows))):
            for chunk in _chunks(positions):
                made = self.connection.scalars(
                    table.insert().returning(key, sort_by_parameter_order=True), [dict(rows[i]) for i in chunk]
                )
                for position, row_id in zip(chunk, made, strict=True):
                    ids[position] = int(row_id)
        after = load_rows(self.connection, table, ids)
        self._events += [Event(table.name, str(i), None, after[i]) for i in ids]
        return ids

    def update(
        self, table: sa.Table, row_id: int, changes: Mapping[str, Any], *, expected_version: int | None = None
    ) -> None:
        """Change one row; see `update_many`."""
        expected = None if expected_version is None else {row_id: expected_version}
        self.update_many(table, {row_id: changes}, expected_versions=expected)

    def update_many(
        self,
        table: sa.Table,
        changes: Mapping[int, Mapping[str, Any]],
        *,
        expected_versions: Mapping[int, int] | None = None,
    ) -> None:
        """Change rows by id, raising their version.

        Raises
        ------
        NotFound
            An id has no row.
        Conflict
            A row's version is not the one expected: somebody changed it first.
        """
        before = load_rows(self.connection, table, list(changes))
        for row_id in changes:
            if row_id not in before:
                raise NotFound(
                    N_("A record that should be changed no longer exists."), hint=N_("Reload the page and look again.")
                )
            expected = (expected_versions or {}).get(row_id)
            if expected is not None and before[row_id].get("version") != expected:
                raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
        for names, ids in _group_by_columns(changes):
            if len(ids) > 1 and all(changes[i] == changes[ids[0]] for i in ids):
                self._update_alike(table, ids, changes[ids[0]])
                continue
            self.connection.execute(
                _build_update(table, names),
                [{"row_id_": i, **{f"{name}_": changes[i][name] for name in names}} for i in ids],
            )
        after = load_rows(self.connection, table, list(changes))
        hidden = {column.name for column in table.columns if not is_journalled(column)}
        for row_id, values in changes.items():
            redacted = dict.fromkeys(hidden.intersection(values), REDACTED)
            self._events.append(Event(table.name, str(row_id), before[row_id], after[row_id] | redacted))

    def _update_alike(self, table: sa.Table, row_ids: Sequence[int], values: Mapping[str, Any]) -> None:
        """Give rows the same values, many with each statement."""
        counted = {"version": table.c.version + 1} if "version" in table.c else {}
        for chunk in chunked(row_ids):
            self.connection.execute(table.update().where(key_column(table).in_(chunk)).values({**values, **counted}))

    def delete_many(self, table: sa.Table, row_ids: Sequence[int]) -> None:
        """Delete rows by id, and with an event each also the rows that cannot be without them."""
        for child, column in find_references(table):
            dependants = load_dependants(self.connection, child, column, row_ids)
            if not dependants:
                continue
            if cascades(column):
                self.delete_many(child, dependants)
            else:
                self.update_many(child, {i: {column.name: None} for i in dependants})
        before = load_rows(self.connection, table, row_ids)
        key = key_column(table)
        for chunk in chunked(row_ids):
            self.connection.execute(table.delete().where(key.in_(chunk)))
        self._events += [Event(table.name, str(i), before[i], None) for i in row_ids if i in before]

    def note(self, subject: str, summary: Mapping[str, Any]) -> None:
        """Record a bulk change by its summary instead of row by row; such a transaction cannot be undone."""
        # Through JSON and back, because the hash must be computed over exactly what is read again later.
        plain: Row = json.loads(json.dumps(dict(summary), default=_plain, allow_nan=False))
        self._events.append(Event(f"{BULK_PREFIX}{subject}", "", None, plain))

    def touch(self, *topics: str) -> None:
        """Raise the revision of `topics` when this transaction commits."""
        self._topics.update(topics)

    def reserve_number(self) -> int:
        """The number that this transaction will have in the journal, for rows that name it."""
        if self._number is None:
            self._number = find_next_id(self.connection, tables.txn)
        return self._number

    def undo(self, txn_id: int) -> None:
        """Apply the inverse of an earlier transaction; see `gridmap.store.undo.apply_undo`."""
        apply_undo(self, txn_id)
        self._undoes = txn_id

    # --- the end of the transaction ------------------------------------------------------------------------------

    def finish(self) -> None:
        """Write revisions and the journal entry; called by `Database.write` just before the commit."""
        for topic in sorted(self._topics):
            raise_revision(self.connection, topic)
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(sa.select(sa.func.pg_notify(COMMITTED, "")))
        discard_touched(self.connection, self._topics, self._events)
        if not self._events:
            return
        newest = sa.select(tables.txn.c.hash).order_by(tables.txn.c.id.desc()).limit(1)
        previous = self.connection.scalar(newest) or GENESIS
        header = Header(self.kind, self.actor.name, self.reason, self.at, self._undoes)
        self.txn_id = self.connection.execute(
            tables.txn.insert()
            .values(
                kind=header.kind,
                actor=header.actor,
                reason=header.reason,
                at=header.at,
                undoes=header.undoes,
                **({} if self._number is None else {"id": self._number}),
                event_count=len(self._events),
                previous_hash=previous,
                hash=compute_hash(previous, header, self._events),
            )
            .returning(tables.txn.c.id)
        ).scalar_one()
        rows = [
            {
                "txn_id": self.txn_id,
                "seq": seq,
                "table_name": item.table_name,
                "row_key": item.row_key,
                "before": item.before,
                "after": item.after,
            }
            for seq, item in enumerate(self._events)
        ]
        for chunk in _chunks(rows):
            self.connection.execute(tables.event.insert(), chunk)


def raise_revision(connection: sa.Connection, topic: str) -> None:
    """Count one more change of `topic`."""
    table = tables.revision
    raised = connection.execute(
        table.update().where(table.c.topic == topic).values(number=table.c.number + 1),
    )
    if raised.rowcount == 0:
        connection.execute(table.insert().values(topic=topic, number=1))


def find_next_id(connection: sa.Connection, table: sa.Table) -> int:
    """The id of the next row of a table, taken from its sequence where there is one."""
    if connection.dialect.name == "postgresql":
        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
        return int(connection.execute(sa.select(sa.func.nextval(sequence))).scalar_one())
    given = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return int(connection.scalar(given, {"name": table.name}) or 0) + 1


def _build_update(table: sa.Table, names: Sequence[str]) -> sa.Update:
    values: dict[str, Any] = {name: sa.bindparam(f"{name}_", type_=table.c[name].type) for name in names}
    if "version" in table.c:
        values["version"] = table.c.version + 1
    return table.update().where(key_column(table) == sa.bindparam("row_id_")).values(values)


def _group_by_columns(rows: Mapping[int, Mapping[str, Any]]) -> Iterable[tuple[tuple[str, ...], list[int]]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for row_id, values in rows.items():
        groups.setdefault(tuple(sorted(values)), []).append(row_id)
    return groups.items()


def _chunks(rows: Sequence[T]) -> Iterable[Sequence[T]]:
    return (rows[start : start + _ROWS_PER_STATEMENT] for start in range(0, len(rows), _ROWS_PER_STATEMENT))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy
        return value.tolist()
    return str(value)
