"""Machine code that is kept: none from before a change is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from gridmap.domain.roads.compiled import fingerprint_sources, is_kept, note_kept


def test_a_change_anywhere_is_another_fingerprint(tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner.py", tmp_path / "parts" / "outer.py"
    outer.parent.mkdir()
    inner.write_text("@compiled\ndef add(a, b): return a + b\n", encoding="utf-8")
    outer.write_text("@compiled\ndef twice(a): return add(a, a)\n", encoding="utf-8")
    (tmp_path / "plain.py").write_text("x = 1\n", encoding="utf-8")
    before = fingerprint_sources(tmp_path)
    (tmp_path / "plain.py").write_text("x = 2\n", encoding="utf-8")
    assert fingerprint_sources(tmp_path) == before
    inner.write_text("@compiled\ndef add(a, b): return a - b\n", encoding="utf-8")
    assert fingerprint_sources(tmp_path) != before


def test_a_place_set_from_outside_is_the_root(tmp_path: Path) -> None:
    ask = "import gridmap.domain.roads.compiled, numba; print(numba.config.CACHE_DIR)"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert Path(done.stdout.strip()).parent == tmp_path


def test_what_is_kept_is_known_to_the_next_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert not is_kept("planner")
    note_kept("planner")
    assert is_kept("planner")
    assert not is_kept("engine")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "nowhere"))
    note_kept("planner")
    assert not is_kept("planner")
