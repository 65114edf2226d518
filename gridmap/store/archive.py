"""The whole database as one file that either engine can read back: a zip of a manifest and one text per table.

`manifest.json` names the schema, and for every table its columns with the kind of each, its number of rows and the
SHA-256 of its text. `tables/NAME.jsonl` holds a JSON array per row, in the order of the primary key. Geometries are
WKB in hex, pictures in hex too, instants ISO 8601 in UTC. Sessions are left out: whoever restores signs in again.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import shapely
import sqlalchemy as sa

from gridmap.domain.progress import Progress
from gridmap.errors import N_, UnreadableFile
from gridmap.store import positions, tables
from gridmap.store.geometry import Geometry

FORMAT = "gridmap-backup"
FORMAT_VERSION = 1

_MANIFEST = "manifest.json"
_LEFT_OUT = frozenset({tables.session.name, tables.tile.name, tables.tile_shape.name})
_ROWS_PER_STATEMENT = 2000


@dataclass(frozen=True)
class TableEntry:
    """One table of an archive; `columns` maps names to kinds, see `_KINDS`."""

    name: str
    columns: dict[str, str]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says about itself; `journal_head` and `journal_broken` tell whether the journal was whole."""

    schema: str
    version: str
    created_at: str
    journal_head: str
    journal_broken: int | None
    tables: tuple[TableEntry, ...]

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.tables)


@dataclass(frozen=True)
class _Kind:
    """How values of one kind of column are written and read, and the type that carries them into the database."""

    type: Any
    write: Callable[[Any], Any] | None = None
    read: Callable[[Any], Any] | None = None


_KINDS = {
    "geometry": _Kind(Geometry(), lambda value: shapely.to_wkb(value, hex=True), shapely.from_wkb),
    "instant": _Kind(tables.UtcDateTime(), lambda value: value.astimezone(UTC).isoformat(), datetime.fromisoformat),
    "date": _Kind(sa.Date(), date.isoformat, date.fromisoformat),
    "json": _Kind(sa.JSON(none_as_null=True)),
    "bytes": _Kind(sa.LargeBinary(), bytes.hex, bytes.fromhex),
    "truth": _Kind(sa.Boolean()),
    "plain": _Kind(sa.types.NullType()),
}


def write_archive(
    connection: sa.Connection,
    path: Path,
    *,
    schema: str,
    version: str,
    at: datetime,
    journal: tuple[str, int | None],
    progress: Progress,
) -> Manifest:
    """Write every table as `connection` sees it, and return the manifest that was written with them."""
    kept = [table for table in tables.metadata.sorted_tables if table.name not in _LEFT_OUT]
    entries = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for number, table in enumerate(kept):
            progress(number / len(kept), N_("Writing tables"))
            entries.append(_write_table(connection, archive, table))
        manifest = Manifest(schema, version, at.isoformat(), *journal, tuple(entries))
        document = {"format": FORMAT, "format_version": FORMAT_VERSION, **_as_json(manifest)}
        archive.writestr(_MANIFEST, json.dumps(document, ensure_ascii=False, indent=1))
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What the archive at `path` says about itself.

    Raises
    ------
    UnreadableFile
        It is missing, damaged, or no backup of ours.
    """
    with _translate_failures(path), zipfile.ZipFile(path) as archive:
        document = json.loads(archive.read(_MANIFEST))
        if document.get("format") != FORMAT or document["format_version"] > FORMAT_VERSION:
            raise _build_unreadable(path)
        entries = tuple(TableEntry(**entry) for entry in document["tables"])
        return Manifest(
            schema=document["schema"],
            version=document["version"],
            created_at=document["created_at"],
            journal_head=document["journal_head"],
            journal_broken=document["journal_broken"],
            tables=entries,
        )


def load_archive(connection: sa.Connection, path: Path, manifest: Manifest, *, progress: Progress) -> None:
    """Fill the tables, which must exist at the manifest's schema and hold nothing but what its migrations bring.

    Raises
    ------
    UnreadableFile
        A table's text is not what the manifest says.
    """
    with _translate_failures(path), zipfile.ZipFile(path) as archive:
        for number, entry in enumerate(manifest.tables):
            progress(number / len(manifest.tables), N_("Restoring tables"))
            columns = [sa.column(name, _KINDS[kind].type) for name, kind in entry.columns.items()]
            table = sa.table(entry.name, *columns)
            connection.execute(table.delete())  # a list that begins with rows of its own
            for chunk in _read_table(archive, entry, path):
                if entry.name == tables.track_point.name and "day" in entry.columns:
                    positions.make_days(connection, {row["day"] for row in chunk})
                connection.execute(table.insert(), chunk)
    if connection.dialect.name == "postgresql":
        _move_sequences(connection, {entry.name for entry in manifest.tables})


def _write_table(connection: sa.Connection, archive: zipfile.ZipFile, table: sa.Table) -> TableEntry:
    kinds = {column.name: _find_kind(column) for column in table.columns}
    writers = [_KINDS[kind].write for kind in kinds.values()]
    digest, count = sha256(), 0
    statement = sa.select(table).order_by(*table.primary_key.columns)
    with (
        archive.open(_member(table.name), "w", force_zip64=True) as stream,
        connection.execute(statement, execution_options={"yield_per": _ROWS_PER_STATEMENT}) as result,
    ):
        for rows in result.partitions():
            lines = []
            for row in rows:
                values = [
                    value if write is None or value is None else write(value)
                    for write, value in zip(writers, row, strict=True)
                ]
                lines.append(json.dumps(values, ensure_ascii=False, separators=(",", ":")))
            text = ("\n".join(lines) + "\n").encode()
            digest.update(text)
            stream.write(text)
            count += len(lines)
    return TableEntry(table.name, kinds, count, digest.hexdigest())


def _read_table(archive: zipfile.ZipFile, entry: TableEntry, path: Path) -> Iterator[list[dict[str, Any]]]:
    readers = [(name, _KINDS[kind].read) for name, kind in entry.columns.items()]
    digest, count = sha256(), 0
    chunk: list[dict[str, Any]] = []
    with archive.open(_member(entry.name)) as stream:
        for line in stream:
            digest.update(line)
            count += 1
            chunk.append(
                {
                    name: value if read is None or value is None else read(value)
                    for (name, read), value in zip(readers, json.loads(line), strict=True)
                }
            )
            if len(chunk) == _ROWS_PER_STATEMENT:
                yield chunk
                chunk = []
    if chunk:
        yield chunk
    if (digest.hexdigest(), count) != (entry.sha256, entry.rows):
        raise _build_unreadable(path)


def _find_kind(column: sa.Column[Any]) -> str:
    matches = {
        "geometry": Geometry,
        "instant": tables.UtcDateTime,
        "date": sa.Date,
        "json": sa.JSON,
        "bytes": sa.LargeBinary,
        "truth": sa.Boolean,
    }
    return next((kind for kind, type_ in matches.items() if isinstance(column.type, type_)), "plain")


def _move_sequences(connection: sa.Connection, names: Collection[str]) -> None:
    """Let PostgreSQL number the next rows after those that came with their numbers."""
    for table in tables.metadata.sorted_tables:
        if table.name in names and "id" in table.c:
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            highest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None))))


def _member(name: str) -> str:
    return f"tables/{name}.jsonl"


def _as_json(manifest: Manifest) -> dict[str, Any]:
    return {**vars(manifest), "tables": [vars(entry) for entry in manifest.tables]}


@contextmanager
def _translate_failures(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError) as error:
        raise _build_unreadable(path) from error


def _build_unreadable(path: Path) -> UnreadableFile:
    return UnreadableFile(
        N_("“{name}” is not a backup, or it is damaged."), hint=N_("Choose another backup."), name=path.name
    )
