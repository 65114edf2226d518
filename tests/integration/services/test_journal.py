"""Listing, undoing and verifying changes, by role and area, on both engines."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from shapely.geometry import box

from gridmap.domain.access import Actor, Role
from gridmap.errors import Conflict, NotAllowed, NotFound
from gridmap.services import journal
from gridmap.services.context import Context
from gridmap.store import tables
from gridmap.store.geometry import geometry_values

EAST, WEST = "149999001001", "149999002001"


@pytest.fixture
def cells(context: Context, administrator: Actor) -> dict[str, int]:
    """Cell 001 of an eastern and of a western village, both of unit 1; unit 2 has none."""
    with context.database.write(administrator, kind="load") as work:
        codes = [f"{EAST}001", f"{WEST}001"]
        areas = [
            {
                "code": code,
                "name": "Cell",
                "level": 6,
                "kind": "base",
                "area_m2": 1.0,
                **geometry_values(box(0, 0, 1, 1)),
                "valid_from": date(2026, 1, 1),
            }
            for code in codes
        ]
        ids = work.insert_many(tables.area, areas)
        units = [
            {"code": f"U{n}", "name": "Unit", "kind": "team", "area_code": "149999", "lon": 0.0, "lat": 0.0}
            for n in (1, 2)
        ]
        first, _ = work.insert_many(tables.grid_unit, units)
        work.insert_many(tables.assignment, [{"cell_id": i, "unit_id": first, "since": date(2026, 1, 1)} for i in ids])
    return dict(zip((EAST, WEST), ids, strict=True))


def reassign(context: Context, actor: Actor, *cell_ids: int, unit_id: int = 2) -> int:
    with context.database.write(actor, kind="reassign_cells", reason="balance") as work:
        work.update_many(tables.assignment, {i: {"unit_id": unit_id} for i in cell_ids})
    return work.txn_id or 0


def unit_of(context: Context, cell_id: int) -> int | None:
    with context.database.read() as connection:
        table = tables.assignment
        return connection.scalar(sa.select(table.c.unit_id).where(table.c.cell_id == cell_id))


def test_an_empty_journal_has_its_columns(context: Context, administrator: Actor) -> None:
    changes = journal.list_changes(context, administrator)
    assert list(changes.columns) == ["txn_id", "kind", "actor", "reason", "at", "events", "undone_by"]
    assert changes.empty
    assert journal.verify_journal(context, administrator) is None


def test_lists_the_newest_first_with_what_became_of_it(
    context: Context, administrator: Actor, cells: dict[str, int]
) -> None:
    made = reassign(context, administrator, *cells.values())
    undoing = journal.undo_change(context, administrator, txn_id=made, reason="mistake")
    changes = journal.list_changes(context, administrator, limit=2)
    assert changes["txn_id"].tolist() == [undoing, made]
    assert changes["kind"].tolist() == ["undo", "reassign_cells"]
    assert changes["events"].tolist() == [2, 2]
    assert changes["undone_by"].tolist() == [None, undoing]
    assert changes["at"].iloc[0].tzinfo is not None
    assert [unit_of(context, i) for i in cells.values()] == [1, 1]


def test_a_table_can_be_asked_for(context: Context, administrator: Actor, cells: dict[str, int]) -> None:
    with context.database.write(administrator, kind="rename") as work:
        work.update(tables.area, cells[EAST], {"name": "New"})
    made = reassign(context, administrator, cells[EAST])
    assert journal.list_changes(context, administrator, table_name="assignment")["txn_id"].tolist() == [made, 1]
    assert journal.list_changes(context, administrator, table_name="hazard").empty


def test_undoing_raises_the_revision(context: Context, administrator: Actor, cells: dict[str, int]) -> None:
    made = reassign(context, administrator, cells[EAST])
    before = context.revisions("units", "areas", "hazards")
    journal.undo_change(context, administrator, txn_id=made, reason="")
    after = context.revisions("units", "areas", "hazards")
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 0, 0]


def test_supervisors_undo_their_own_moves_in_their_area(
    context: Context, administrator: Actor, cells: dict[str, int]
) -> None:
    here = Actor("zhang", Role.SUPERVISOR, EAST[:9])
    own = reassign(context, here, cells[EAST])
    undone = journal.undo_change(context, here, txn_id=own, reason="mistake")
    assert unit_of(context, cells[EAST]) == 1
    assert journal.undo_change(context, here, txn_id=undone, reason="after all") > undone
    assert unit_of(context, cells[EAST]) == 2


def test_supervisors_undo_nothing_else(context: Context, administrator: Actor, cells: dict[str, int]) -> None:
    here = Actor("zhang", Role.SUPERVISOR, EAST[:9])
    colleague = Actor("wang", Role.SUPERVISOR, EAST[:9])
    theirs = reassign(context, colleague, cells[EAST])
    beyond = reassign(context, here, *cells.values())  # by the same name, before the area was made smaller
    with context.database.write(here, kind="mixed") as work:
        work.update(tables.assignment, cells[EAST], {"since": date(2026, 2, 1)})
        work.update(tables.area, cells[EAST], {"name": "New"})
    for txn_id in (1, theirs, beyond, work.txn_id or 0):
        with pytest.raises(NotAllowed):
            journal.undo_change(context, here, txn_id=txn_id, reason="")
    with pytest.raises(NotFound):
        journal.undo_change(context, here, txn_id=99, reason="")
    with pytest.raises(NotAllowed):
        journal.undo_change(context, Actor("zhang", Role.COMMANDER), txn_id=theirs, reason="")
    assert unit_of(context, cells[EAST]) == 2


def test_everybody_sees_what_concerns_them(context: Context, administrator: Actor, cells: dict[str, int]) -> None:
    here = Actor("zhang", Role.SUPERVISOR, EAST[:9])
    east = reassign(context, administrator, cells[EAST])
    west = reassign(context, administrator, cells[WEST])
    own = reassign(context, Actor("planner", Role.PLANNER), cells[WEST], unit_id=1)
    assert journal.list_changes(context, here)["txn_id"].tolist() == [east]
    assert journal.list_changes(context, Actor("planner", Role.PLANNER))["txn_id"].tolist() == [own]
    assert journal.list_changes(context, administrator)["txn_id"].tolist() == [own, west, east, 1]


def test_a_stale_undo_is_a_conflict(context: Context, administrator: Actor, cells: dict[str, int]) -> None:
    first = reassign(context, administrator, cells[EAST])
    reassign(context, administrator, cells[EAST], unit_id=1)
    with pytest.raises(Conflict):
        journal.undo_change(context, administrator, txn_id=first, reason="")
    assert journal.list_changes(context, administrator)["undone_by"].tolist() == [None, None, None]


def test_verifying_is_for_administrators_and_finds_forgery(
    context: Context, administrator: Actor, planner: Actor, cells: dict[str, int]
) -> None:
    made = reassign(context, administrator, cells[EAST])
    with pytest.raises(NotAllowed):
        journal.verify_journal(context, planner)
    with context.database.write_unjournalled() as connection:
        connection.execute(tables.txn.update().where(tables.txn.c.id == made).values(actor="someone else"))
    assert journal.verify_journal(context, administrator) == made
