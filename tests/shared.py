"""Files that are costly to make, made once for all the processes a run of the tests has."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` that `make` fills, whichever process comes first; the others wait, and only read it.

    A folder that was not filled to its end is made anew, so that one failure is not everybody's.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, done = root / name, root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def import_once(factory: pytest.TempPathFactory, extract: Path) -> Path:
    """A folder with `made.db`, into which the command imported the extract, and `said.json`, what it said of that."""

    def make(folder: Path) -> None:
        command = [sys.executable, "-m", "gridmap", "import", extract, "--db", folder / "made.db", "--json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (folder / "said.json").write_text(done.stdout, encoding="utf-8")

    return make_once(factory, f"imported-{extract.name}", make)
