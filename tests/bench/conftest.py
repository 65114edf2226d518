"""What benchmarks share: the board of figures, and the demo province with its tiles baked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gridmap.services.context import Context, open_context
from gridmap.settings import Settings
from tests.bench.figures import Board
from tests.bench.province import Done, copy_province, run_command


@pytest.fixture(scope="session")
def board() -> Iterator[Board]:
    """Figures of this run, printed as one table at its end."""
    board = Board()
    yield board
    load = ", ".join(f"{share:.1f}" for share in os.getloadavg())
    print(f"\n\n{board}\n  load average {load} on {os.cpu_count()} cores")


@dataclass(frozen=True)
class Province:
    """A baked province, and what its baking took."""

    file: Path
    bake: Done

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    """The demo province at a file of its own, every tile baked just now."""
    file = tmp_path_factory.mktemp("province") / "province.db"
    copy_province(file)
    return Province(file, run_command("bake", "--db", f"sqlite:///{file}"))


@pytest.fixture
def province_context(tmp_path: Path) -> Iterator[Context]:
    """The demo province without tiles, open to a test alone."""
    file = tmp_path / "province.db"
    copy_province(file)
    context = open_context(Settings(database_url=f"sqlite:///{file}"))
    yield context
    context.close()
