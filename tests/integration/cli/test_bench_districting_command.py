"""`bench-districting` by its contract, on a real graph."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.cli.conftest import assert_refused, run_gridmap

KEYS = {"cut_edges", "parts", "populations", "contiguous", "within", "seconds"}
BOUNDS = ("--districts", "2", "--lower", "660860", "--upper", "667501")


def test_the_document_of_maine(realdata: Path) -> None:
    file = realdata / "districting" / "ME_county.json"
    words = (*BOUNDS, "--population", "POP10", "--iterations", "1000000", "--seed", "3", "--json")
    done = run_gridmap("bench-districting", file, *words)
    assert done.code == 0, done.err
    assert set(done.document) == KEYS
    assert done.document["cut_edges"] == 16
    assert done.document["contiguous"] is True
    graph = json.loads(file.read_text(encoding="utf-8"))
    people = {node["id"]: node["POP10"] for node in graph["nodes"]}
    parts = done.document["parts"]
    assert sorted(name for part in parts for name in part) == sorted(people)
    assert [sum(people[name] for name in part) for part in parts] == done.document["populations"]
    assert all(660860 <= count <= 667501 for count in done.document["populations"])
    district = {name: number for number, part in enumerate(parts) for name in part}
    ends = zip(graph["nodes"], graph["adjacency"], strict=True)
    cut = sum(district[node["id"]] != district[link["id"]] for node, links in ends for link in links)
    assert cut == 2 * 16


def test_an_unknown_attribute_is_refused_by_name(realdata: Path) -> None:
    file = realdata / "districting" / "ME_county.json"
    said = assert_refused(run_gridmap("bench-districting", file, *BOUNDS, "--population", "POP99", "--json"))
    assert "POP99" in said
