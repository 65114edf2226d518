"""The demo province that tiles and maps are measured on: made once, kept beside the other local data, baked each time.

GRIDMAP_BENCH_PROVINCE names another file to keep it in.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gridmap.domain.access import SYSTEM
from gridmap.services.context import open_context
from gridmap.settings import Settings
from gridmap.store import tables

ROOT = Path(__file__).parents[2]
_KEPT = ROOT / "data" / "local" / "bench" / "province.db"


@dataclass(frozen=True)
class Done:
    """What a command printed, the seconds it took and the most memory it held, bytes."""

    result: dict[str, Any]
    seconds: float
    peak_bytes: int


def run_command(*arguments: str) -> Done:
    """`python -m gridmap … --json`, in a process of its own."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "gridmap", *arguments, "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, printed
    return Done(json.loads(printed), time.perf_counter() - began, usage.ru_maxrss * 1024)


def make_province(file: Path) -> Done:
    """11 cities to 90,000 cells, 100,000 hazards, 2,000 teams."""
    return run_command("demo", "--scale", "province", "--seed", "1", "--db", f"sqlite:///{file}")


def copy_province(target: Path) -> None:
    """The province without a tile, at a file of its own; made first where none is kept yet."""
    kept = Path(os.environ.get("GRIDMAP_BENCH_PROVINCE", _KEPT))
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        make_province(target)
        shutil.copyfile(target, kept)
    else:
        shutil.copyfile(kept, target)
    context = open_context(Settings(database_url=f"sqlite:///{target}"))
    try:
        # What kept the tiles may have been another version of the encoder.
        with context.database.write(SYSTEM, kind="tiles") as work:
            work.connection.execute(sa.delete(tables.tile))
    finally:
        context.close()
