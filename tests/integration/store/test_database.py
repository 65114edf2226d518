"""Opening a database: made, migrated, shared by processes that start at once, or refused with a clear word."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.errors import Conflict, DatabaseTooNew, InvalidInput, StoreFailure
from gridmap.store import schema, tables
from gridmap.store.autogenerate import find_differences
from gridmap.store.database import Database, begin_writing, build_engine, open_database

_OPEN = "import sys; from gridmap.store.database import open_database; open_database(sys.argv[1]).dispose()"


def test_a_new_database_is_at_the_newest_schema(empty_url: str) -> None:
    database = open_database(empty_url)
    with database.read() as connection:
        assert schema.current_schema(connection) == schema.head_schema()
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.area)) == 0
    database.dispose()


def test_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        assert find_differences(connection) == []


def test_every_area_code_is_compared_byte_by_byte_on_the_server(postgis_url: str) -> None:
    engine = build_engine(postgis_url)
    with engine.connect() as connection:
        collations = connection.exec_driver_sql(
            "SELECT DISTINCT collation_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND column_name IN ('code', 'area_code', 'scope_code')"
        ).scalars()
        assert set(collations) == {"C"}
    engine.dispose()


def test_processes_that_start_at_once_do_not_race(empty_url: str) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", _OPEN, empty_url], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    outcomes = [(child.communicate(timeout=60)[1], child.returncode) for child in children]
    assert outcomes == [("", 0)] * 3
    database = open_database(empty_url)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar_one() == 1
    database.dispose()


def test_a_newer_database_is_refused_untouched(database: Database, database_url: str) -> None:
    with database.write_unjournalled() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew, match="9999"):
        open_database(database_url)
    with database.read() as connection:
        assert schema.current_schema(connection) == "9999"


def upgrade_and_fail(connection: sa.Connection) -> None:
    schema.upgrade(connection)
    raise ZeroDivisionError


def test_a_failed_migration_leaves_nothing(empty_url: str) -> None:
    engine = build_engine(empty_url)
    with pytest.raises(ZeroDivisionError), begin_writing(engine) as connection:
        upgrade_and_fail(connection)
    with engine.connect() as connection:
        assert schema.current_schema(connection) is None
        assert "area" not in sa.inspect(connection).get_table_names()
    engine.dispose()


def test_tables_of_another_program_are_left_alone(empty_url: str) -> None:
    engine = build_engine(empty_url)
    with begin_writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE area (x integer)")
    with pytest.raises(StoreFailure, match="area"):
        open_database(empty_url)
    with engine.connect() as connection:
        assert "hazard" not in sa.inspect(connection).get_table_names()
    engine.dispose()


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'new' / 'x.db'}").dispose()
    assert (tmp_path / "new" / "x.db").stat().st_mode & 0o077 == 0


def test_a_text_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("To do: everything, and then some more, and it goes on.\n" * 40, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(StoreFailure, match="not a gridmap database"):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreFailure, match="folder"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'sub' / 'x.db'}")


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "x.db").mkdir()
    with pytest.raises(StoreFailure, match="cannot be opened"):
        open_database(f"sqlite:///{tmp_path / 'x.db'}")


def test_a_read_only_folder() -> None:
    """No file can be made in /proc, not even by root."""
    with pytest.raises(StoreFailure, match="cannot be opened"):
        open_database("sqlite:////proc/gridmap.db")


def test_a_text_too_long_for_its_column(postgis_url: str, administrator: Actor) -> None:
    """SQLite knows no length."""
    database = open_database(postgis_url)
    unit = {"code": "U" * 99, "name": "Unit", "kind": "team", "area_code": "14", "lon": 1.0, "lat": 2.0}
    with pytest.raises(InvalidInput, match="too long"), database.write(administrator, kind="test") as work:
        work.insert(tables.grid_unit, unit)
    database.dispose()


@pytest.mark.parametrize("url", ["nonsense", "mysql://h/x", "sqlite://", "sqlite:///:memory:", "", "oracle+x://"])
def test_an_address_of_nothing_we_know(url: str) -> None:
    with pytest.raises(InvalidInput):
        open_database(url)


def test_a_server_that_does_not_answer() -> None:
    with pytest.raises(StoreFailure, match="cannot be used"):
        open_database("postgresql://nobody@127.0.0.1:1/none")


def test_writers_take_turns(database: Database, administrator: Actor) -> None:
    """Each adds one to what it read; nothing is lost though none names a version."""

    def count() -> None:
        for _ in range(5):
            with database.write(administrator, kind="count") as work:
                c = tables.setting.c
                number: int = work.connection.execute(sa.select(c.value).where(c.key == "n")).scalar_one()
                work.connection.execute(tables.setting.update().where(c.key == "n").values(value=number + 1))
                work.note("count", {"n": number})

    with database.write_unjournalled() as connection:
        connection.execute(tables.setting.insert().values(key="n", value=0))
    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.scalar(sa.select(tables.setting.c.value)) == 20


def insert_impatiently(database: Database) -> None:
    with database.write_unjournalled() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10ms'")
        connection.execute(tables.setting.insert().values(key="a", value=1))


def test_a_lock_held_too_long_is_a_clear_word(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmap.store.database.LOCK_TIMEOUT_S", 0)
    other = open_database(database.engine.url.render_as_string(hide_password=False))
    with database.write_unjournalled() as held:
        held.execute(tables.setting.insert().values(key="a", value=1))
        with pytest.raises(StoreFailure, match="busy"):
            insert_impatiently(other)
    other.dispose()


def test_what_no_longer_fits_is_a_conflict(database: Database, administrator: Actor) -> None:
    with pytest.raises(Conflict, match="no longer fits"), database.write(administrator, kind="test") as work:
        work.insert(tables.assignment, {"cell_id": 1, "unit_id": 1, "since": work.at.date()})
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.txn)) == 0


def test_a_damaged_file_says_so(sqlite_url: str) -> None:
    path = Path(sa.make_url(sqlite_url).database or "")
    raw = bytearray(path.read_bytes())
    raw[4096 : len(raw) // 2] = b"\xa5" * (len(raw) // 2 - 4096)
    path.write_bytes(raw)
    with pytest.raises(StoreFailure, match="damaged"):
        open_database(sqlite_url)
    with pytest.raises(sqlite3.DatabaseError), sqlite3.connect(path) as connection:
        connection.execute("SELECT * FROM alembic_version").fetchall()
    connection.close()
