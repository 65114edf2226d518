"""What commands that import a table about stretches of lines ask for alike."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from gridmap.services.line_tables import Lying, Stretch

_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def add_table_arguments(parser: ArgumentParser) -> None:
    """The table, its line, and how it is to be imported."""
    parser.add_argument(
        "table", nargs="?", metavar="TABLE", help="for import: .xlsx or CSV, or - for text from standard input"
    )
    parser.add_argument("--line", default="", metavar="NAME", help="name or number of a line, or #ID")
    parser.add_argument("--dry-run", action="store_true", help="for import: say what would be imported, keep nothing")
    parser.add_argument(
        "--accept-rest", action="store_true", help="for import: keep the good rows although others are rejected"
    )
    parser.add_argument("--valid-from", type=parse_day, metavar="YYYY-MM-DD", help="in force from that day")


def parse_day(text: str) -> date:
    """A day as `2026-03-01`, for argparse."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not a day like 2026-03-01") from error
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ArgumentTypeError(f"“{text}” lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return day


def read_content(given: Namespace) -> Path | str:
    """The table that was named, or standard input."""
    return read_table(given.table)


def read_table(name: str) -> Path | str:
    """The file of that name, or standard input where it is `-`."""
    return sys.stdin.read() if name == "-" else Path(name)


def may_save(given: Namespace, *, found: Sequence[object], rejected: Sequence[object]) -> bool:
    """Whether what was found is to be kept: not in a dry run, and not beside rejected rows that nobody accepted."""
    return bool(found) and not given.dry_run and (given.accept_rest or not rejected)


def build_place(stretch: Stretch[Lying]) -> dict[str, Any]:
    """Where a stretch lies, as JSON knows it."""
    what = stretch.what
    where: dict[str, Any] = {"line": stretch.line, "from": stretch.start, "to": stretch.end}
    return where | {
        "from_m": round(what.from_m, 3),
        "to_m": round(what.to_m, 3),
        "length_m": round(stretch.metres, 3),
    }


def describe_outcome(result: dict[str, Any], *, number: int, what: str) -> list[str]:
    """Lines for a person: how many are good, whether they were saved, and why rows were rejected."""
    counts = f"{number} {what} are good, {len(result['rejected'])} rows rejected"
    saved = f"saved as change {result['change']}" if result["saved"] else "nothing was saved"
    return [f"{counts}; {saved}", *(f"  row {row['row']}: {row['reason']}" for row in result["rejected"])]
