"""The making of a demo province, which the figures of the map are measured on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.figures import Board, Figure
from tests.bench.province import make_province

MADE_S = 180.0


@pytest.mark.bench
def test_a_province_is_made(tmp_path: Path, board: Board) -> None:
    made = make_province(tmp_path / "province.db")
    assert made.result["cells"] > 89_000
    board.check(Figure("a demo province is made", MADE_S, made.seconds, "s"))
