"""`check-topology` and `repair-topology` from the terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely

from gridmap.cli.main import main
from gridmap.services import areas
from gridmap.services.context import open_context
from gridmap.settings import Settings
from gridmap.store import areas as store
from tests.counties import ADMIN, WEST_TOWN, cell_code


@pytest.fixture
def url(county_url: str) -> str:
    """The county, with one cell that falls two metres short of its neighbour."""
    context = open_context(Settings(database_url=county_url))
    cell = areas.load_cells(context, ADMIN).set_index("code").loc[cell_code(0, 0)]
    x_min, y_min, x_max, y_max = cell.geometry.bounds
    narrow = shapely.MultiPolygon([shapely.box(x_min, y_min, x_max - 2e-5, y_max)])
    with context.database.write(ADMIN, kind="fill") as work:
        store.save_shapes(work, {int(cell["id"]): (narrow, float(cell["area_m2"]))})
    context.close()
    return county_url


def test_a_gap_is_told_and_mended(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    def ask(*words: str) -> Any:
        assert main([*words, "--db", url, "--area", WEST_TOWN, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    found = ask("check-topology")
    (gap,) = found["gaps"]
    assert (found["cells"], found["overlaps"], found["outside"], found["crumbs"]) == (12, [], [], [])
    assert found["slivers"] == [gap]
    assert gap["area_m2"] == pytest.approx(1950, abs=60)
    assert cell_code(0, 0) in gap["cells"]
    seen = ask("repair-topology", "--dry-run")
    assert seen["change"] is None
    assert seen["mended"]["gaps"] == [gap]
    done = ask("repair-topology", "--reason", "Drawn too narrow")
    assert done["change"] > 0
    assert done["cells"] == seen["cells"]
    after = ask("check-topology")
    assert after["gaps"] == after["slivers"] == []
    assert main(["check-topology", "--db", url, "--area", WEST_TOWN]) == 0
    assert "12 cells checked" in capsys.readouterr().out


def test_a_repair_without_a_reason_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repair-topology", "--db", url, "--area", WEST_TOWN]) == 1
    assert "reason" in capsys.readouterr().err
