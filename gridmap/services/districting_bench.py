"""Benchmark graphs of districting, solved and recounted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.districting.adjacency import Adjacency
from gridmap.domain.districting.cuts import find_cuts
from gridmap.domain.districting.search import Effort
from gridmap.domain.districting.territory import build_territory
from gridmap.domain.districting.warming import compile_districting
from gridmap.domain.progress import Progress, silent
from gridmap.sources.dual_graphs import read_dual_graph


@dataclass(frozen=True)
class DistrictingRow:
    """What came of a graph; `parts` are the ids of the nodes of each district, `populations` their people.

    `within` says whether all populations are inside the bounds: where no such plan was found, the nearest is given.
    """

    cut_edges: int
    parts: list[list[Any]]
    populations: list[int | float]
    contiguous: bool
    within: bool
    seconds: float


def divide_graph(
    actor: Actor,
    *,
    file: Path,
    population: str,
    districts: int,
    lower: float,
    upper: float,
    effort: Effort,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> DistrictingRow:
    """Divide the nodes of a NetworkX adjacency file into districts with the fewest cut edges. No database is touched.

    Raises
    ------
    InvalidInput
        The file or the bounds cannot be used.
    CannotPlan
        No plan can lie within the bounds.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    graph = read_dual_graph(file, population=population)
    territory = build_territory(Adjacency(graph.pairs, np.ones(len(graph.pairs))), load=graph.population)
    compile_districting()
    found = find_cuts(territory, units=districts, low=lower, high=upper, effort=effort, progress=progress, clock=clock)
    members = [np.flatnonzero(found.owner == unit).tolist() for unit in range(districts)]
    return DistrictingRow(
        cut_edges=found.cut_edges,
        parts=[[graph.ids[cell] for cell in cells] for cells in members],
        populations=[int(load) if load.is_integer() else load for load in found.loads.tolist()],
        contiguous=found.contiguous,
        within=found.within,
        seconds=round(found.seconds, 3),
    )
