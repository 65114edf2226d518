"""The program as somebody at a terminal runs it: a process of its own, its two streams kept apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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


def run_gridmap(*words: str | Path, **environment: str) -> Done:
    command = [sys.executable, "-m", "gridmap", *map(str, words)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def assert_refused(done: Done) -> str:
    """A failure is one document with a sentence and a hint, exit code 1 and nothing that looks like a traceback."""
    assert done.code == 1, done.err
    assert set(done.document) == {"error", "hint"}
    assert "Traceback" not in done.err
    assert done.document["error"].endswith(".")
    return str(done.document["error"])


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """Address of a database with the demo county of seed 1, and what the command said."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    made = run_gridmap("demo", "--seed", "1", "--as-of", DEMO_DAY, "--db", url, "--json")
    assert made.code == 0, made.err
    return url, made.document


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory, realdata: Path) -> tuple[str, Any]:
    """Address of a database with a real extract, and the import's report."""
    url = f"sqlite:///{tmp_path_factory.mktemp('imported') / 'imported.db'}"
    made = run_gridmap("import", realdata / "osm" / "liechtenstein.osm.pbf", "--db", url, "--json")
    assert made.code == 0, made.err
    return url, made.document
