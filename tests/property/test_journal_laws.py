"""Laws of the journal: what is undone is as if it had never been, and the chain holds whatever happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.domain.access import TERMINAL
from gridmap.store import tables
from gridmap.store.database import Database, open_database
from gridmap.store.journal import find_broken
from gridmap.store.unit_of_work import UnitOfWork

WATCHED = (tables.post, tables.team)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
NUMBERS = st.floats(-180, 180)

# Steps name rows by position, which is taken modulo what is there; a step that finds no row does nothing.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add post"), NAMES, NUMBERS),
        st.tuples(st.just("add team"), st.integers(0, 9), NUMBERS),
        st.tuples(st.just("change post"), st.integers(0, 9), NAMES),
        st.tuples(st.just("change team"), st.integers(0, 9), st.integers(1, 99)),
        st.tuples(st.just("delete post"), st.integers(0, 9), st.none()),
        st.tuples(st.just("delete team"), st.integers(0, 9), st.none()),
    ),
    min_size=1,
    max_size=8,
)


def load_state(database: Database) -> list[list[dict[str, Any]]]:
    with database.read() as connection:
        return [
            [{k: v for k, v in row.items() if k != "version"} for row in connection.execute(statement).mappings()]
            for statement in (sa.select(table).order_by(table.c.id) for table in WATCHED)
        ]


def apply(work: UnitOfWork, steps: list[tuple[str, Any, Any]]) -> None:
    for number, (action, first, second) in enumerate(steps):
        table = tables.team if action.endswith("team") else tables.post
        if action == "add post":
            work.insert(table, {"name": first, "kind": "rail_post", "lon": second, "lat": 0.1, "area_code": "14"})
            continue
        wanted = tables.post if action == "add team" else table
        ids = work.connection.scalars(sa.select(wanted.c.id).order_by(wanted.c.id)).all()
        if not ids:
            continue
        row_id = ids[first % len(ids)]
        if action == "add team":
            name = f"{second}-{number}-{work.at.timestamp()}"
            shift = {"members": 2, "shift_start_min": 0, "shift_end_min": 60, "on_duty": True, "area_code": "14"}
            work.insert(table, {"name": name, "kind": "car", "post_id": row_id, **shift})
        elif action.startswith("delete"):
            work.delete_many(table, [row_id])
        else:
            work.update(table, row_id, {"name": second} if table is tables.post else {"members": second})


@pytest.fixture
def ledger(sqlite_url: str, tmp_path: Path) -> Iterator[Database]:
    database = open_database(sqlite_url)
    yield database
    database.dispose()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, STEPS)
def test_undo_restores_and_redo_repeats(
    ledger: Database, earlier: list[tuple[str, Any, Any]], steps: list[tuple[str, Any, Any]]
) -> None:
    with ledger.write(TERMINAL, kind="earlier") as work:
        apply(work, earlier)
    before = load_state(ledger)
    with ledger.write(TERMINAL, kind="change") as work:
        apply(work, steps)
    after = load_state(ledger)
    if work.txn_id is not None:
        with ledger.write(TERMINAL, kind="undo") as undoing:
            undoing.undo(work.txn_id)
        assert load_state(ledger) == before
        with ledger.write(TERMINAL, kind="undo") as redoing:
            redoing.undo(undoing.txn_id or 0)
    assert load_state(ledger) == after
    with ledger.read() as connection:
        assert find_broken(connection) is None
