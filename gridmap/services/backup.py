"""The whole database into one archive, and back, on either engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from gridmap import __version__
from gridmap.domain.access import TERMINAL, Actor, Permission, check_allowed
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, Conflict, StoreFailure, UnreadableFile
from gridmap.services.context import Context
from gridmap.settings import Settings
from gridmap.store import archive as store
from gridmap.store import schema, tables
from gridmap.store.database import Database, build_engine
from gridmap.store.datasets import TOPICS
from gridmap.store.failures import DAMAGED, translate_failures
from gridmap.store.journal import find_broken, load_head
from gridmap.store.new_file import create_file

_ALWAYS_PRESENT = frozenset({t.name for t in (tables.setting, tables.revision, tables.session, tables.hazard_kind)})
"""Tables whose rows do not make a database worth protecting."""


@dataclass(frozen=True)
class BackupReport:
    """What was written; `broken` is the first journal entry that does not verify, None when all do."""

    target: Path
    tables: int
    rows: int
    size_bytes: int
    schema: str
    broken: int | None


@dataclass(frozen=True)
class RestoreReport:
    """What was read back; `made_at` is when the backup was made."""

    archive: Path
    tables: int
    rows: int
    schema: str
    made_at: datetime


def backup(context: Context, actor: Actor, *, target: Path, progress: Progress = silent) -> BackupReport:
    """Write everything, as it is at one moment, to the new file `target`; work goes on meanwhile.

    Raises
    ------
    InvalidInput
        The target exists already, or its folder does not.
    DiskFull
        There is no room left; no file remains.
    """
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    with create_file(target, private=True) as draft, context.database.read() as connection:
        broken = find_broken(connection)
        manifest = store.write_archive(
            connection,
            draft,
            schema=schema.current_schema(connection) or "",
            version=__version__,
            at=context.clock(),
            journal=(load_head(connection), broken),
            progress=progress,
        )
    return BackupReport(
        target, len(manifest.tables), manifest.rows, target.stat().st_size, manifest.schema, manifest.journal_broken
    )


def restore(
    settings: Settings, *, archive: Path, replace: bool = False, actor: Actor = TERMINAL, progress: Progress = silent
) -> RestoreReport:
    """Fill the database of `settings` from a backup: whole, or not at all.

    With `replace` what is there goes; a damaged database file is put aside under another name.

    Raises
    ------
    UnreadableFile
        The archive is damaged or no backup.
    DatabaseTooNew
        A newer version made it.
    Conflict
        The database is not empty and `replace` is False.
    """
    manifest = store.read_manifest(archive)
    schema.check_known(manifest.schema)
    engine = build_engine(settings.database_url)
    try:
        if replace:
            _put_damaged_aside(engine)
        _restore(Database(engine), archive, manifest, replace=replace, actor=actor, progress=progress)
    finally:
        engine.dispose()
    made_at = datetime.fromisoformat(manifest.created_at)
    return RestoreReport(archive, len(manifest.tables), manifest.rows, manifest.schema, made_at)


def _restore(
    database: Database, archive: Path, manifest: store.Manifest, *, replace: bool, actor: Actor, progress: Progress
) -> None:
    with database.write(actor, kind="restore", reason=archive.name) as work:
        connection = work.connection
        revisions: dict[str, int] = {}
        if schema.current_schema(connection) is not None:
            schema.check_known(schema.current_schema(connection) or "")
            _check_replaceable(connection, replace=replace)
            revisions = _load_revisions(connection)
            schema.drop(connection)
        schema.upgrade(connection, to=manifest.schema)
        store.load_archive(connection, archive, manifest, progress=progress)
        if (load_head(connection), find_broken(connection)) != (manifest.journal_head, manifest.journal_broken):
            raise UnreadableFile(
                N_("The journal in “{name}” is not the one that was backed up."),
                hint=N_("Choose another backup."),
                name=archive.name,
            )
        schema.upgrade(connection)
        work.note("restore", {"rows": manifest.rows, "made_at": manifest.created_at})
        _save_revisions(connection, revisions)
        work.touch(*TOPICS)


def _check_replaceable(connection: sa.Connection, *, replace: bool) -> None:
    present = set(sa.inspect(connection).get_table_names())
    for table in tables.metadata.sorted_tables:
        if replace or table.name in _ALWAYS_PRESENT or table.name not in present:
            continue
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise Conflict(
                N_("The database is not empty; a restore would replace what is in it."),
                hint=N_("Say --replace if that is what you want, or name another database with --db."),
            )


def _load_revisions(connection: sa.Connection) -> dict[str, int]:
    found = connection.execute(sa.select(tables.revision.c.topic, tables.revision.c.number))
    return dict(found.all())


def _save_revisions(connection: sa.Connection, passed: dict[str, int]) -> None:
    """Never count backwards: what was built from a passed number must not be taken for what is there now."""
    table = tables.revision
    restored = _load_revisions(connection)
    for topic, number in passed.items():
        if topic not in restored:
            connection.execute(table.insert().values(topic=topic, number=number))
        elif restored[topic] < number:
            connection.execute(table.update().where(table.c.topic == topic).values(number=number))


def _put_damaged_aside(engine: sa.Engine) -> None:
    path = Database(engine).path
    if path is None or not path.exists():
        return
    try:
        with translate_failures(), engine.connect() as connection:
            schema.current_schema(connection)
    except StoreFailure as failure:
        if failure.message != DAMAGED:
            raise
        engine.dispose()
        stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
        for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            if part.exists():
                part.rename(part.with_name(f"{part.name}.damaged-{stamp}"))
