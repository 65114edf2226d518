"""One spelling of every value in JSON, and progress for terminals."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from gridmap.cli.output import ProgressLine, build_json
from gridmap.domain.access import Role
from gridmap.domain.progress import Told


@dataclass(frozen=True)
class Report:
    rows: np.int64
    where: Path
    parts: tuple[int, ...]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.arange(3), [0, 1, 2]),
        (float("nan"), None),
        (np.float64("inf"), None),
        (np.array([1.0, np.nan]), [1.0, None]),
        (date(2026, 3, 4), "2026-03-04"),
        (datetime(2026, 3, 4, 1, tzinfo=UTC), "2026-03-04T01:00:00+00:00"),
        (Path("a/b"), "a/b"),
        (Role.PLANNER, "planner"),
        ({1: {"b", "a"}}, {"1": ["a", "b"]}),
        (MappingProxyType({"a": (1, None)}), {"a": [1, None]}),
        (Report(np.int64(2), Path("x"), (1, 2)), {"rows": 2, "where": "x", "parts": [1, 2]}),
        ("路", "路"),
    ],
)
def test_values(value: Any, expected: Any) -> None:
    text = build_json({"value": value})
    assert json.loads(text) == {"value": expected}
    assert "\\u" not in text


def test_counts_stay_integers() -> None:
    assert build_json([np.int32(7)]) == "[\n  7\n]"


def test_what_has_no_form_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="object"):
        build_json(object())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line_rewritten() -> None:
    stream = Terminal()
    progress = ProgressLine(stream)
    progress(0.5, "Half")
    progress(0.5001, "Half")
    progress(0.5, Told("{share:.0%} off", {"share": 0.25}))
    progress(0.5, Told("{share:.0%} off", {"share": 0.05}))
    progress(2.0, "Done")
    progress.end()
    progress.end()
    lines = (" 50 %  Half", " 50 %  25% off", " 50 %  5% off", "100 %  Done")
    assert stream.getvalue() == "".join(f"\r\x1b[K{line}" for line in lines) + "\n"
