"""The program as somebody at a terminal runs it, its two streams kept apart."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli.main import main
from gridmap.services.context import open_context
from gridmap.settings import Settings
from tests.counties import fill_county
from tests.shared import import_once, make_once

ROOT = Path(__file__).parents[3]
DEMO_DAY = "2026-10-01"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


class _Terminal(io.StringIO):
    """What somebody reads who presses Ctrl+C at a text, "" for nobody."""

    def __init__(self, stop_at: str) -> None:
        super().__init__()
        self._stop_at = stop_at

    def write(self, text: str) -> int:
        if self._stop_at and self._stop_at in text:
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def run_gridmap(*words: str | Path, stop_at: str = "") -> Done:
    """`python -m gridmap` without what a new process takes to begin; Ctrl+C is pressed where it says `stop_at`."""
    out, err = io.StringIO(), _Terminal(stop_at)
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    return Done(code, out.getvalue(), err.getvalue())


def start_gridmap(*words: str | Path) -> Done:
    """`python -m gridmap` as a process of its own."""
    command = [sys.executable, "-m", "gridmap", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def assert_refused(done: Done) -> str:
    """A failure is one document with a sentence and a hint, exit code 1 and nothing that looks like a traceback."""
    assert done.code == 1, done.err
    assert set(done.document) == {"error", "hint"}
    assert "Traceback" not in done.err
    assert not done.document["error"].startswith("Something unexpected")
    assert done.document["error"].endswith(".")
    return str(done.document["error"])


@pytest.fixture(scope="session")
def _county_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county") / "county.db"
    context = open_context(Settings(database_url=f"sqlite:///{path}"))
    fill_county(context)
    context.close()
    return path


@pytest.fixture
def county_url(_county_file: Path, tmp_path: Path) -> str:
    """Address of a county of the test's own."""
    copy = tmp_path / "county.db"
    copy.write_bytes(_county_file.read_bytes())
    return f"sqlite:///{copy}"


def _make(command: str, *words: str | Path, folder: Path) -> None:
    """A database in `folder`, and beside it what the command said."""
    made = start_gridmap(command, *words, "--db", folder / "made.db", "--json")
    assert made.code == 0, made.err
    (folder / "said.json").write_text(made.out, encoding="utf-8")


def _read(folder: Path) -> tuple[str, Any]:
    said = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    return f"sqlite:///{folder / 'made.db'}", said


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """Address of a database with the demo county of seed 1, and what the command said."""
    words = ("demo", "--seed", "1", "--as-of", DEMO_DAY)
    return _read(make_once(tmp_path_factory, "demo-of-a-day", lambda folder: _make(*words, folder=folder)))


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory, realdata: Path) -> tuple[str, Any]:
    """Address of a database with a real extract, and the import's report."""
    return _read(import_once(tmp_path_factory, realdata / "osm" / "liechtenstein.osm.pbf"))
