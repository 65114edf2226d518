"""`bench-routing` by its contract, on files of the literature."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.cli.conftest import assert_refused, run_gridmap

KEYS = {"instance", "cost", "lower_bound", "routes", "seconds", "seed", "valid"}


def test_the_document_of_two_files(realdata: Path, tmp_path: Path) -> None:
    files = [realdata / "routing" / "carp" / "gdb1.dat", realdata / "routing" / "mcgrp" / "BHW1.dat"]
    words = ("--iterations", "20000", "--seed", "3", "--solution", tmp_path / "out", "--json")
    done = run_gridmap("bench-routing", *files, *words)
    assert done.code == 0, done.err
    assert [set(row) for row in done.document] == [KEYS, KEYS]
    by_name = {row["instance"]: row for row in done.document}
    assert (by_name["gdb1"]["cost"], by_name["BHW1"]["cost"]) == (316, 337)
    for row in by_name.values():
        assert row["valid"] is True
        assert row["lower_bound"] <= row["cost"]
        assert row["seed"] == 3
        written = json.loads((tmp_path / "out" / f"{row['instance']}.json").read_text(encoding="utf-8"))
        assert len(written["routes"]) == row["routes"]
        assert written["cost"] == row["cost"]
    first = json.loads((tmp_path / "out" / "gdb1.json").read_text(encoding="utf-8"))["routes"][0][0]
    assert set(first) == {"task", "kind", "from", "to"}
    assert first["from"] >= 1


def test_a_file_that_is_wrong_is_named_before_any_is_solved(realdata: Path, tmp_path: Path) -> None:
    good = realdata / "routing" / "carp" / "gdb1.dat"
    bad = tmp_path / "bad.dat"
    bad.write_text(good.read_text(encoding="utf-8").replace("coste 17", "coste -17", 1), encoding="utf-8")
    said = assert_refused(run_gridmap("bench-routing", good, bad, "--seconds", "60", "--json"))
    assert said.startswith("bad, line 12:")
    words = ("--seconds", "60", "--solution", bad, "--json")
    assert "cannot be written" in assert_refused(run_gridmap("bench-routing", good, *words))
    words = ("--seconds", "60", "--solution", tmp_path / "out", "--json")
    assert "are called gdb1" in assert_refused(run_gridmap("bench-routing", good, good, *words))
    assert "side by side" in assert_refused(run_gridmap("bench-routing", good, "--workers", "1000", "--json"))
