"""Changes through a unit of work, what the journal keeps of them, and taking them back, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from shapely.geometry import box

from gridmap.domain.access import Actor
from gridmap.errors import Conflict, DiskFull, NotFound
from gridmap.store import tables
from gridmap.store.database import Database, open_database
from gridmap.store.geometry import geometry_values
from gridmap.store.journal import find_broken, load_txns
from gridmap.store.undo import load_events
from gridmap.store.unit_of_work import UnitOfWork


def build_area(number: int) -> dict[str, Any]:
    return {
        "code": f"149999001001{number:03d}" if number < 1000 else f"14{number:013d}",
        "name": f"Cell {number}",
        "level": 6,
        "kind": "base",
        "area_m2": 1.0 + number / 3,
        **geometry_values(box(112 + number / 1e4, 37, 112.0001 + number / 1e4, 37.0001)),
        "valid_from": date(2026, 1, 1),
    }


def build_unit(number: int, **changes: Any) -> dict[str, Any]:
    unit = {"code": f"U{number}", "name": f"Unit {number}", "kind": "grid_station", "area_code": "149999001"}
    return {**unit, "lon": 112.5, "lat": 37.9, **changes}


def build_hazard(**changes: Any) -> dict[str, Any]:
    moment = datetime(2026, 3, 1, 8, 30, 15, 250_000, tzinfo=UTC)
    return {
        "code": "H1",
        "kind": "dumping",
        "severity": 2,
        "title": "堆放垃圾",
        "lon": 112.5,
        "lat": 37.9,
        "area_code": "149999001",
        "state": "reported",
        "reported_at": moment,
        "due_at": moment,
        **changes,
    }


def load_table(database: Database, table: sa.Table) -> list[dict[str, Any]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]


def without_version(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "version"} for row in rows]


@pytest.fixture
def cells(database: Database, administrator: Actor) -> list[int]:
    with database.write(administrator, kind="make cells") as work:
        ids = work.insert_many(tables.area, [build_area(n) for n in range(6)])
        first, second = work.insert_many(tables.grid_unit, [build_unit(1), build_unit(2)])
        work.insert_many(
            tables.assignment,
            [
                {"cell_id": i, "unit_id": first if n < 3 else second, "since": date(2026, 1, 1)}
                for n, i in enumerate(ids)
            ],
        )
    return ids


class TestChanges:
    def test_ids_come_in_the_order_of_the_rows(self, database: Database, administrator: Actor) -> None:
        rows = [build_area(n) for n in (5, 3, 9, 1)]
        rows[1]["households"] = 12  # a row that names more columns than its neighbours
        with database.write(administrator, kind="test") as work:
            ids = work.insert_many(tables.area, rows)
        stored = {row["id"]: row for row in load_table(database, tables.area)}
        assert [stored[i]["code"] for i in ids] == [row["code"] for row in rows]
        assert [stored[i]["households"] for i in ids] == [None, 12, None, None]

    def test_no_rows_leave_no_entry(self, database: Database, administrator: Actor) -> None:
        with database.write(administrator, kind="test") as work:
            assert work.insert_many(tables.area, []) == []
        assert work.txn_id is None
        assert load_table(database, tables.txn) == []

    def test_geometry_is_the_same_on_the_way_back(self, database: Database, cells: list[int]) -> None:
        stored = load_table(database, tables.area)[0]["geom"]
        assert stored.equals(build_area(0)["geom"])

    def test_numpy_numbers_find_their_rows(self, database: Database, administrator: Actor, cells: list[int]) -> None:
        with database.write(administrator, kind="test") as work:
            work.update(tables.area, cells[0], {"households": np.int64(40)})
        with database.read() as connection:
            found = connection.scalar(sa.select(tables.area.c.households).where(tables.area.c.id == np.int32(cells[0])))
        assert found == 40

    def test_a_stale_version_is_refused(self, database: Database, administrator: Actor, cells: list[int]) -> None:
        with database.write(administrator, kind="test") as work:
            work.update(tables.area, cells[0], {"name": "A"}, expected_version=1)
        with pytest.raises(Conflict), database.write(administrator, kind="test") as work:
            work.update(tables.area, cells[0], {"name": "B"}, expected_version=1)
        assert load_table(database, tables.area)[0]["name"] == "A"

    def test_a_missing_row_is_not_found(self, database: Database, administrator: Actor) -> None:
        with pytest.raises(NotFound), database.write(administrator, kind="test") as work:
            work.update(tables.area, 77, {"name": "B"})
        assert load_table(database, tables.txn) == []

    def test_the_same_code_twice_is_a_conflict(self, database: Database, administrator: Actor) -> None:
        with pytest.raises(Conflict), database.write(administrator, kind="test") as work:
            work.insert_many(tables.area, [build_area(1), build_area(1)])
        assert load_table(database, tables.area) == []

    def test_a_failure_leaves_nothing(self, database: Database, administrator: Actor, cells: list[int]) -> None:
        with pytest.raises(ZeroDivisionError), database.write(administrator, kind="test") as work:
            self._delete_and_fail(work, cells)
        assert len(load_table(database, tables.area)) == 6
        assert load_table(database, tables.revision) == []

    def _delete_and_fail(self, work: UnitOfWork, cells: list[int]) -> None:
        work.delete_many(tables.area, cells)
        work.touch("areas")
        raise ZeroDivisionError

    def test_deleting_journals_what_goes_along(
        self, database: Database, administrator: Actor, cells: list[int]
    ) -> None:
        with database.write(administrator, kind="test") as work:
            work.delete_many(tables.area, cells[:2])
        with database.read() as connection:
            names = [item.table_name for item in load_events(connection, work.txn_id or 0)]
        assert names == ["assignment", "assignment", "area", "area"]

    def test_the_number_of_a_deleted_row_is_not_given_again(self, database: Database, administrator: Actor) -> None:
        with database.write(administrator, kind="test") as work:
            gone = work.insert(tables.grid_unit, build_unit(1))
            work.delete_many(tables.grid_unit, [gone])
            assert work.insert(tables.grid_unit, build_unit(1)) > gone

    def test_revisions_count_commits(self, database: Database, administrator: Actor) -> None:
        for _ in range(3):
            with database.write(administrator, kind="test") as work:
                work.touch("areas", "units", "areas")
        rows = {row["topic"]: row["number"] for row in load_table(database, tables.revision)}
        assert rows == {"areas": 3, "units": 3}

    def test_a_reader_cannot_write_on_a_server_and_sees_one_moment(
        self, database: Database, administrator: Actor, cells: list[int]
    ) -> None:
        count = sa.select(sa.func.count()).select_from(tables.area)
        with database.read() as connection:
            assert connection.scalar(count) == 6
            with database.write(administrator, kind="test") as work:
                work.delete_many(tables.area, cells[:1])
            assert connection.scalar(count) == 6

    def test_codes_sort_byte_by_byte(self, database: Database, administrator: Actor) -> None:
        codes = ["a-1", "B-1", "a1", "A-1", "_x"]
        with database.write(administrator, kind="test") as work:
            work.insert_many(tables.grid_unit, [build_unit(n, code=code) for n, code in enumerate(codes)])
        with database.read() as connection:
            stored = connection.scalars(sa.select(tables.grid_unit.c.code).order_by(tables.grid_unit.c.code)).all()
        assert list(stored) == sorted(codes)


class TestJournal:
    def test_an_absent_side_is_null_in_the_database(self, database: Database, cells: list[int]) -> None:
        with database.read() as connection:
            kept = connection.scalar(sa.text("SELECT count(*) FROM event WHERE before IS NULL AND after IS NOT NULL"))
        assert kept == 6 + 2 + 6

    def test_the_chain_verifies_with_every_type(self, database: Database, administrator: Actor) -> None:
        with database.write(administrator, kind="test", reason="中文 “reason” \\ é\n") as work:
            hazard = work.insert(tables.hazard, build_hazard(mileage_m=0.1 + 0.2, description="é\u2028"))
            summary: dict[Any, Any] = {"rows": np.int64(3), 10: "b", 9: 1.0, "at": date(2026, 1, 1), "big": 10**15}
            work.note("load", summary)
        with database.write(administrator, kind="test") as work:
            work.update(tables.hazard, hazard, {"closed_at": work.at, "line_id": None})
        with database.read() as connection:
            assert find_broken(connection) is None

    @pytest.mark.parametrize(
        "statement",
        [
            'UPDATE event SET after = \'{"name":"forged"}\' WHERE txn_id = 2 AND seq = 0',
            "UPDATE txn SET reason = 'forged' WHERE id = 2",
            "UPDATE txn SET at = '2020-01-01 00:00:00.000000' WHERE id = 2",
            "DELETE FROM event WHERE txn_id = 2 AND seq = 1",
        ],
    )
    def test_a_forged_entry_is_found(
        self, database: Database, administrator: Actor, cells: list[int], statement: str
    ) -> None:
        for name in ("A", "B"):
            with database.write(administrator, kind="test") as work:
                work.update_many(tables.area, {i: {"name": name} for i in cells})
        with database.write_unjournalled() as connection:
            connection.exec_driver_sql(statement)
        with database.read() as connection:
            assert find_broken(connection) == 2

    def test_a_removed_entry_is_found(self, database: Database, administrator: Actor, cells: list[int]) -> None:
        for name in ("A", "B"):
            with database.write(administrator, kind="test") as work:
                work.update(tables.area, cells[0], {"name": name})
        with database.write_unjournalled() as connection:
            connection.exec_driver_sql("DELETE FROM event WHERE txn_id = 2")
            connection.exec_driver_sql("DELETE FROM txn WHERE id = 2")
        with database.read() as connection:
            assert find_broken(connection) == 3

    def test_secrets_never_enter_the_journal(self, database: Database, administrator: Actor) -> None:
        account = {"name": "a", "password_hash": "$argon2id$old", "role": "planner", "scope_code": ""}
        with database.write(administrator, kind="test") as work:
            made = work.insert(tables.account, {**account, "demo": False, "disabled": False, "failures": 0})
        with database.write(administrator, kind="test") as work:
            work.update(tables.account, made, {"password_hash": "$argon2id$new"})
        with database.read() as connection:
            text = " ".join(str(row) for row in connection.execute(sa.select(tables.event)))
            assert find_broken(connection) is None
        assert "argon2id" not in text
        with pytest.raises(Conflict, match="password"), database.write(administrator, kind="undo") as work:
            work.undo(2)


class TestUndo:
    def test_brings_back_several_tables_in_order(
        self, database: Database, administrator: Actor, cells: list[int]
    ) -> None:
        watched = (tables.area, tables.grid_unit, tables.assignment, tables.hazard, tables.hazard_step)
        before = [load_table(database, table) for table in watched]
        with database.write(administrator, kind="test") as work:
            self._change_much(work, cells)
        after = [load_table(database, table) for table in watched]
        assert after != before
        with database.write(administrator, kind="undo") as undoing:
            undoing.undo(work.txn_id or 0)
        restored = [load_table(database, table) for table in watched]
        assert [without_version(rows) for rows in restored] == [without_version(rows) for rows in before]
        with database.write(administrator, kind="redo") as redoing:
            redoing.undo(undoing.txn_id or 0)
        again = [load_table(database, table) for table in watched]
        assert [without_version(rows) for rows in again] == [without_version(rows) for rows in after]
        with database.read() as connection:
            assert find_broken(connection) is None
            assert [row.undone_by for row in load_txns(connection, limit=3)] == [None, redoing.txn_id, undoing.txn_id]

    def _change_much(self, work: UnitOfWork, cells: list[int]) -> None:
        unit = work.insert(tables.grid_unit, build_unit(9))
        work.update_many(tables.assignment, {i: {"unit_id": unit} for i in cells[:4]})
        work.update_many(tables.assignment, {i: {"since": date(2026, 2, 2)} for i in cells[:2]})
        hazard = work.insert(tables.hazard, build_hazard())
        work.update(tables.hazard, hazard, {"state": "accepted"})
        step = {"from_state": "reported", "to_state": "accepted", "at": work.at, "actor": "a"}
        work.insert(tables.hazard_step, {"hazard_id": hazard, **step})
        work.delete_many(tables.area, [cells[5]])

    def test_changes_can_be_taken_back_one_after_the_other(
        self, database: Database, administrator: Actor, cells: list[int]
    ) -> None:
        made = []
        for name in ("A", "B"):
            with database.write(administrator, kind="test") as work:
                work.update(tables.area, cells[0], {"name": name})
            made.append(work.txn_id or 0)
        for txn_id in reversed(made):
            with database.write(administrator, kind="undo") as work:
                work.undo(txn_id)
        assert load_table(database, tables.area)[0]["name"] == "Cell 0"

    def test_refuses_what_changed_since(self, database: Database, administrator: Actor, cells: list[int]) -> None:
        for name in ("A", "B"):
            with database.write(administrator, kind="test") as work:
                work.update(tables.area, cells[0], {"name": name})
        with pytest.raises(Conflict), database.write(administrator, kind="undo") as work:
            work.undo(2)
        assert load_table(database, tables.area)[0]["name"] == "B"

    def test_refuses_to_remove_what_others_built_upon(self, database: Database, administrator: Actor) -> None:
        with database.write(administrator, kind="test") as work:
            hazard = work.insert(tables.hazard, build_hazard())
        step = {"from_state": "reported", "to_state": "accepted", "at": work.at, "actor": "a"}
        with database.write(administrator, kind="test") as later:
            later.insert(tables.hazard_step, {"hazard_id": hazard, **step})
        with pytest.raises(Conflict), database.write(administrator, kind="undo") as undoing:
            undoing.undo(work.txn_id or 0)
        assert len(load_table(database, tables.hazard_step)) == 1

    def test_refuses_a_second_time_a_bulk_load_and_the_unknown(
        self, database: Database, administrator: Actor, cells: list[int]
    ) -> None:
        with database.write(administrator, kind="test") as work:
            work.update(tables.area, cells[0], {"name": "A"})
        with database.write(administrator, kind="undo") as undoing:
            undoing.undo(work.txn_id or 0)
        with database.write(administrator, kind="load") as loading:
            loading.note("areas", {"rows": 3})
        for txn_id, error in ((work.txn_id, Conflict), (loading.txn_id, Conflict), (99, NotFound)):
            with pytest.raises(error), database.write(administrator, kind="undo") as refused:
                refused.undo(txn_id or 0)
        assert len(load_table(database, tables.txn)) == 4


class TestFullDisk:
    def test_nothing_is_changed(self, sqlite_url: str, administrator: Actor) -> None:
        database = open_database(sqlite_url)
        with database.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        sa.event.listen(
            database.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages + 20}").close()
        )
        database.engine.dispose()
        with pytest.raises(DiskFull), database.write(administrator, kind="test") as work:
            work.insert_many(tables.area, [build_area(n) for n in range(2000)])
        assert load_table(database, tables.area) == []
        assert load_table(database, tables.txn) == []
        database.dispose()


def test_two_thousand_rows_are_quick(database: Database, administrator: Actor) -> None:
    """Generous against noise on shared cores; 0.1 to 0.2 s each is usual."""
    started = perf_counter()
    with database.write(administrator, kind="test") as work:
        ids = work.insert_many(tables.area, [build_area(n) for n in range(2000)])
    inserted = perf_counter()
    with database.write(administrator, kind="test") as work:
        work.update_many(tables.area, {i: {"households": i} for i in ids}, expected_versions=dict.fromkeys(ids, 1))
    updated = perf_counter()
    assert inserted - started < 6
    assert updated - inserted < 6
