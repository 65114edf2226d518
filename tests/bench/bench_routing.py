"""The routing core on the literature's files, beside other solvers on the same encoding and seconds.

Seconds are processor time of this process, for us and for PyVRP: what else the machine does takes none of them. What
is done is kept in `build/routing_bench.json`; a run that was broken off goes on where it was. All of it takes hours.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from gridmap.domain.patrol.mcgrp.checker import check_routes
from gridmap.domain.patrol.mcgrp.instance import Instance
from gridmap.domain.patrol.mcgrp.search import Effort, search
from gridmap.domain.patrol.mcgrp.warming import compile_search
from gridmap.sources.routing_instances import read_routing_instance
from tests.bench.peer_routing import PEERS, price
from tests.bench.routing_results import OURS, Results, Run

KEPT = Path(__file__).parents[2] / "build" / "routing_bench.json"
MOST_WORSE_THAN_PYVRP = 0.1


@dataclass(frozen=True)
class Family:
    """Files by the patterns of their names, how long and with which seeds, and the mean gap in percent to reach."""

    name: str
    patterns: tuple[str, ...]
    seconds: float
    seeds: tuple[int, ...]
    limit: float


GENERAL = ("mggdb*.dat", "BHW*.dat", "CBMix*.dat")
FAMILIES = (
    Family("gdb, val", ("gdb*.dat", "val*.dat"), 10, (1, 2, 3), 0.10),
    Family("mggdb, BHW, CBMix", GENERAL, 10, (1, 2, 3), 0.25),
    Family("BHW, CBMix", GENERAL[1:], 60, (1,), 0.0),
    Family("DI-NEARP", ("DI-NEARP*.dat",), 60, (1,), 0.5),
    Family("egl", ("egl*.dat",), 60, (1,), 0.5),
)


@pytest.fixture(scope="module")
def results() -> Iterator[Results]:
    """Results of this and of earlier runs; the table is printed, and written beside them."""
    kept = Results(KEPT)
    compile_search()
    yield kept
    table = kept.draw_table()
    KEPT.with_suffix(".md").write_text(table, encoding="utf-8")
    print(f"\n{table}")


def list_files(folder: Path, family: Family) -> list[tuple[Path, int]]:
    """Files of a family and the best known cost of each."""
    with (folder / "best_known_values.csv").open(encoding="utf-8") as file:
        known = {row["instance"]: int(float(row["upper_bound"])) for row in csv.DictReader(file)}
    files = sorted(path for pattern in family.patterns for path in folder.glob(f"*/{pattern}"))
    return [(path, known[path.stem]) for path in files]


def run_ours(instance: Instance, seconds: float, seed: int) -> tuple[int, int]:
    """Cost by the independent checker, and the lower bound."""
    found = search(instance, effort=Effort(seconds=seconds, seed=seed), clock=time.process_time)
    verdict = check_routes(instance, found.routes)
    assert verdict.faults == ()
    assert verdict.cost == found.cost
    return found.cost, found.lower_bound


@pytest.mark.bench
@pytest.mark.timeout(0)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: f"{family.name}, {family.seconds:g} s")
def test_gaps_to_the_best_known(realdata: Path, results: Results, family: Family) -> None:
    for seed in family.seeds:
        for path, reference in list_files(realdata / "routing", family):
            if (path.stem, OURS, family.seconds, seed) in results:
                continue
            cost, bound = run_ours(read_routing_instance(path), family.seconds, seed)
            assert bound <= reference
            results.add(Run(family.name, path.stem, OURS, family.seconds, seed, reference, cost, bound))
    assert np.mean(results.gaps(family.name, OURS, family.seconds)) <= family.limit


@pytest.mark.bench
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", PEERS)
def test_never_worse_than_a_peer_in_the_same_time(realdata: Path, results: Results, name: str) -> None:
    for family in FAMILIES:
        for path, reference in list_files(realdata / "routing", family):
            seed = family.seeds[0]
            if (path.stem, name, family.seconds, seed) in results:
                continue
            instance = read_routing_instance(path)
            routes = PEERS[name](instance, family.seconds, seed)
            cost = None if routes is None else price(instance, routes)[0]
            results.add(Run(family.name, path.stem, name, family.seconds, seed, reference, cost))
    worse = [
        (ours, peer) for ours, peer in results.pairs(name) if ours.cost > (1 + MOST_WORSE_THAN_PYVRP / 100) * peer.cost
    ]
    assert worse == []
