"""Workload is told and rebalancing proposed and ordered from the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.counties import COUNTY, EAST_UNIT, ROWS, WEST_UNIT, cell_code
from tests.integration.cli.conftest import assert_refused, run_gridmap


def test_units_are_measured_and_rebalanced(county_url: str, tmp_path: Path) -> None:
    def run(*words: object) -> dict:
        return run_gridmap(*words, "--db", county_url, "--json").document

    cells = tmp_path / "cells.csv"
    cells.write_text("code\n" + "".join(f"{cell_code(2, row)}\n" for row in range(ROWS)), encoding="utf-8")
    run("reassign", "--cells", cells, "--to", EAST_UNIT, "--reason", "Bridge closed")
    told = run("workload", "--area", COUNTY)
    assert "cells" not in told
    each = run("workload", "--area", COUNTY, "--cells")["cells"]
    assert sum(cell["households"] for cell in each) == sum(unit["households"] for unit in told["units"])
    assert {cell["unit"] for cell in each} == {unit["code"] for unit in told["units"]}
    assert [unit["code"] for unit in told["units"]] == [EAST_UNIT, WEST_UNIT]
    assert told["units"][0]["deviation"] == pytest.approx(-told["units"][1]["deviation"])
    assert (told["roads"], told["weights"]["households"]) == (True, 1.0)
    wanted = ("rebalance", "--area", COUNTY, "--tolerance", "0.05", "--max-moves", "4", "--seconds", "0.3")
    seen = run(*wanted)
    assert (seen["order"], seen["balanced"]) == (None, True)
    assert {(move["from"], move["to"]) for move in seen["moves"]} == {(EAST_UNIT, WEST_UNIT)}
    assert seen["after"]["deviation"] <= 0.05 < seen["before"]["deviation"]
    # Ctrl+C ends the search, not the command; what nobody saw is not ordered.
    longer = ("--seconds", "600", "--apply", "--reason", "x", "--db", county_url, "--json")
    done = run_gridmap(*wanted[:-2], *longer, stop_at="best so far")
    stopped = done.document
    assert (stopped["stopped"], stopped["balanced"], stopped["order"]) == (True, True, None)
    assert f"best so far: {len(stopped['moves'])} cells move" in done.err
    assert "reason" in assert_refused(run_gridmap(*wanted, "--apply", "--db", county_url, "--json"))
    late = ("--seconds", "600", "--apply", "--reason", "x", "--effective", "2020-01-01")
    assert "is over" in assert_refused(run_gridmap(*wanted, *late, "--db", county_url, "--json"))
    done = run(*wanted, "--apply", "--reason", "Even work", "--as", "chief")
    assert (done["order"]["kind"], done["order"]["state"], done["order"]["ordered_by"]) == (
        "rebalance",
        "in_effect",
        "chief",
    )
    assert run("workload")["units"][0]["deviation"] <= 0.05
    assert "no unit with cells" in assert_refused(
        run_gridmap("rebalance", "--area", "77", "--db", county_url, "--json")
    )
