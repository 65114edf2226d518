"""Everything into an archive and back, on either engine and from one to the other."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.errors import Conflict, DatabaseTooNew, InvalidInput, NotAllowed, StoreFailure, UnreadableFile
from gridmap.services.backup import backup, restore
from gridmap.services.context import Context
from gridmap.settings import Settings
from gridmap.store import tables
from gridmap.store.database import open_database
from gridmap.store.journal import find_broken
from gridmap.store.schema import head_schema

COMPARED = [
    table
    for table in tables.metadata.sorted_tables
    if table.name not in {"session", "revision", "txn", "event"}  # a restore adds to the last three
]


def load_everything(url: str) -> dict[str, list[Any]]:
    database = open_database(url)
    with database.read() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in COMPARED
        }
    database.dispose()
    return found


@pytest.fixture
def archive(filled: Context, administrator: Actor, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    report = backup(filled, administrator, target=path)
    assert report.broken is None
    assert report.rows > 25
    assert report.size_bytes == path.stat().st_size
    return path


def test_every_row_comes_back_on_the_other_engine(
    filled: Context, archive: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'x.db'}"
    if filled.database.is_sqlite:
        url = str(request.getfixturevalue("empty_postgis_url"))
    assert archive.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(archive) as opened:
        assert "tables/session.jsonl" not in opened.namelist()
    before = load_everything(filled.settings.database_url)
    report = restore(Settings(database_url=url), archive=archive)
    assert report.made_at == filled.clock()
    assert load_everything(url) == before
    assert all(len(rows) > 0 for name, rows in before.items() if name not in {"account", "tile", "tile_shape"})
    database = open_database(url)
    with database.read() as connection:
        assert find_broken(connection) is None
        assert connection.scalars(sa.select(tables.txn.c.kind).order_by(tables.txn.c.id)).all() == ["fill", "restore"]
    database.dispose()


def test_replacing_brings_the_old_state_and_new_revisions(filled: Context, archive: Path, administrator: Actor) -> None:
    before = load_everything(filled.settings.database_url)
    with filled.database.write(administrator, kind="test") as work:
        work.delete_many(tables.rail_line, [1])
        work.touch("rail")
    passed = filled.revisions("areas", "units", "rail", "hazards")
    with pytest.raises(Conflict, match="not empty"):
        restore(filled.settings, archive=archive)
    restore(filled.settings, archive=archive, replace=True)
    assert load_everything(filled.settings.database_url) == before
    assert all(
        new > old for new, old in zip(filled.revisions("areas", "units", "rail", "hazards"), passed, strict=True)
    )
    # New rows follow the restored ones.
    with filled.database.write(administrator, kind="test") as work:
        post = {"name": "New", "kind": "rail_post", "lon": 1.0, "lat": 2.0, "area_code": "149999"}
        assert work.insert(tables.post, post) == 2


def corrupt(archive: Path, name: str, old: bytes, new: bytes) -> Path:
    """A copy of the archive in which one text differs but the zip is sound."""
    path = archive.with_name("corrupt.zip")
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.namelist():
            data = source.read(entry)
            assert entry != name or old in data
            target.writestr(entry, data.replace(old, new) if entry == name else data)
    return path


CORRUPTIONS = [
    ("tables/hazard.jsonl", b'"dumping"', b'"burning"'),
    ("tables/hazard.jsonl", b"[", b"{"),
    ("tables/txn.jsonl", b'"fill"', b'"none"'),
    ("tables/area.jsonl", b"]\n", b",1]\n"),
    ("manifest.json", b'"rows": 1', b'"rows": 2'),
    ("manifest.json", b'"journal_head": "', b'"journal_head": "0'),
    ("manifest.json", b"gridmap-backup", b"other-program"),
    ("manifest.json", b'"format_version": 1', b'"format_version": 2'),
]


def test_a_failed_restore_leaves_the_old_data(filled: Context, archive: Path, administrator: Actor) -> None:
    with filled.database.write(administrator, kind="test") as work:
        work.update(tables.hazard, 1, {"title": "Changed since"})
    before = load_everything(filled.settings.database_url)
    # An archive is read alike for every engine; what differs is how the change is taken back.
    tried = CORRUPTIONS if filled.database.engine.dialect.name == "sqlite" else CORRUPTIONS[:2]
    for name, old, new in tried:
        with pytest.raises(UnreadableFile):
            restore(filled.settings, archive=corrupt(archive, name, old, new), replace=True)
        assert load_everything(filled.settings.database_url) == before, (name, old)
    newer = corrupt(archive, "manifest.json", f'"schema": "{head_schema()}"'.encode(), b'"schema": "9999"')
    with pytest.raises(DatabaseTooNew):
        restore(filled.settings, archive=newer, replace=True)
    assert load_everything(filled.settings.database_url) == before
    assert filled.revisions("areas") == (1,)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then nothing", b"plain text\n" * 100])
def test_what_is_no_archive(sqlite_context: Context, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        restore(sqlite_context.settings, archive=path)
    with pytest.raises(UnreadableFile):
        restore(sqlite_context.settings, archive=tmp_path / "missing.zip")


def test_truncated_archives(sqlite_context: Context, administrator: Actor, tmp_path: Path) -> None:
    path = tmp_path / "whole.zip"
    backup(sqlite_context, administrator, target=path)
    short = tmp_path / "short.zip"
    short.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UnreadableFile):
        restore(sqlite_context.settings, archive=short)


def test_an_existing_file_is_never_overwritten(sqlite_context: Context, administrator: Actor, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(InvalidInput):
        backup(sqlite_context, administrator, target=path)
    with pytest.raises(InvalidInput):
        backup(sqlite_context, administrator, target=tmp_path / "no" / "x.zip")
    assert path.read_text(encoding="utf-8") == "precious"
    assert sorted(p.name for p in tmp_path.glob("*.zip")) == ["x.zip"]


def test_only_administrators(sqlite_context: Context, commander: Actor, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        backup(sqlite_context, commander, target=tmp_path / "x.zip")
    assert not list(tmp_path.glob("*.zip"))


def test_a_damaged_database_is_put_aside(sqlite_context: Context, administrator: Actor, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    backup(sqlite_context, administrator, target=path)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"not a database at all, however long one looks at it; " * 200)
    settings = replace(sqlite_context.settings, database_url=f"sqlite:///{damaged}")
    with pytest.raises(StoreFailure):
        restore(settings, archive=path)
    restore(settings, archive=path, replace=True)
    assert len(list(tmp_path.glob("damaged.db.damaged-*"))) == 1
    assert load_everything(settings.database_url)["area"] == []
