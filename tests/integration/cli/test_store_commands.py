"""`user`, `backup`, `restore` and `export` as somebody at a terminal runs them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gridmap.cli.main import main
from gridmap.store import tables
from gridmap.store.database import Database, open_database


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """Exit code and document of a command run with --json."""
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("green-hill-7\nblue-hill-8\n"))


def test_accounts(database: Database, database_url: str, capsys: pytest.CaptureFixture[str], typed: None) -> None:
    db = ("--db", database_url)
    added = run(capsys, "user", "add", "li", "--role", "supervisor", "--scope", "149999000000", *db, "--as", "wang")
    assert added == (0, {"account": "li", "done": "add"})
    assert run(capsys, "user", "password", "li", *db)[0] == 0
    assert run(capsys, "user", "add", "zhao", "--role", "planner", *db) == (
        1,
        {
            "error": "A password has 8 to 128 characters.",
            "hint": "Choose a longer one, for example a short sentence.",
        },
    )
    code, (row,) = run(capsys, "user", "list", *db)
    assert code == 0
    assert (row["name"], row["role"], row["scope_code"], row["disabled"]) == ("li", "supervisor", "149999", False)
    assert main(["user", "list", *db]) == 0
    assert "li " in capsys.readouterr().out
    with database.read() as connection:
        actors = connection.scalars(sa.select(tables.txn.c.actor).order_by(tables.txn.c.id)).all()
    assert actors == ["wang", "terminal"]


@pytest.mark.parametrize(
    "words", [["add", "li"], ["add"], ["password"], ["disable", "nobody"], ["list", "--role", "x"]]
)
def test_accounts_asked_for_wrongly(sqlite_url: str, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code, document = run(capsys, "user", *words, "--db", sqlite_url)
    assert code == 1
    assert set(document) == {"error", "hint"}


def test_backup_and_restore(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: None) -> None:
    archive = str(tmp_path / "b.zip")
    assert run(capsys, "user", "add", "li", "--role", "planner", "--db", database_url)[0] == 0
    code, made = run(capsys, "backup", archive, "--db", database_url)
    assert (code, made["target"], made["broken"]) == (0, archive, None)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    code, restored = run(capsys, "restore", archive, "--db", other, "--as", "wang")
    assert (code, restored["rows"]) == (0, made["rows"])
    code, refused = run(capsys, "restore", archive, "--db", other)
    assert code == 1
    assert "--replace" in refused["hint"]
    assert main(["restore", archive, "--db", other, "--replace"]) == 0
    assert "restored" in capsys.readouterr().out
    database = open_database(other)
    with database.read() as connection:
        assert connection.scalars(sa.select(tables.account.c.name)).all() == ["li"]
        newest = connection.scalars(sa.select(tables.txn.c.actor).order_by(tables.txn.c.id.desc())).first()
        assert newest == "terminal"
    database.dispose()


def test_restore_needs_no_sound_database(tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    archive = str(tmp_path / "b.zip")
    assert main(["backup", archive, "--db", sqlite_url]) == 0
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"a text that is long enough to be no database " * 100)
    capsys.readouterr()
    assert run(capsys, "backup", str(tmp_path / "c.zip"), "--db", str(broken))[0] == 1
    assert run(capsys, "restore", archive, "--replace", "--db", str(broken))[0] == 0


def test_export_of_nothing(tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = run(capsys, "export", str(tmp_path / "x.geojson"), "--db", sqlite_url)
    assert code == 1
    assert document["error"] == "There is nothing to export."


def test_export(tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    database = open_database(sqlite_url)
    with database.write_unjournalled() as connection:
        place = {"kind": "town", "name": "镇", "lon": 112.0, "lat": 37.0}
        connection.execute(tables.place.insert().values(**place))
    database.dispose()
    for name, kind in (("x.geojson", "geojson"), ("x.zip", "geojson"), ("x.gpkg", "gpkg")):
        target = tmp_path / name
        code, report = run(capsys, "export", str(target), "--layer", "places", "--db", sqlite_url)
        assert (code, report["format"], report["layers"]) == (0, kind, {"places": 1})
        assert report["size_bytes"] == target.stat().st_size
    code, refused = run(capsys, "export", str(tmp_path / "y.gpkg"), "--layer", "roofs", "--db", sqlite_url)
    assert code == 1
    assert "places" in refused["hint"]
