"""`backup` and `restore`: the whole database as one archive."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.services import backup


def _add_backup(parser: ArgumentParser) -> None:
    parser.add_argument("target", type=Path, metavar="FILE", help="archive to write; it must not exist")


def _run_backup(invocation: Invocation) -> Any:
    target = invocation.arguments.target
    return backup.backup(invocation.context, invocation.actor, target=target, progress=invocation.progress)


def _describe_backup(report: backup.BackupReport) -> str:
    line = f"{report.rows} rows of {report.tables} tables in {report.target} ({report.size_bytes} bytes)"
    return line if report.broken is None else f"{line}\nThe journal does not verify from change {report.broken} on."


def _add_restore(parser: ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="FILE", help="archive made by backup")
    parser.add_argument("--replace", action="store_true", help="let go of what is in the database now")


def _run_restore(invocation: Invocation) -> Any:
    given = invocation.arguments
    return backup.restore(
        invocation.settings,
        archive=given.archive,
        replace=given.replace,
        actor=invocation.actor,
        progress=invocation.progress,
    )


def _describe_restore(report: backup.RestoreReport) -> str:
    return f"{report.rows} rows of {report.tables} tables restored, as they were at {report.made_at.isoformat()}"


COMMANDS = (
    Command("backup", "write the whole database to one archive", _add_backup, _run_backup, _describe_backup),
    Command("restore", "fill the database from an archive", _add_restore, _run_restore, _describe_restore),
)
