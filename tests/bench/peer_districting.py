"""Fewest cut edges by GerryChain's chain of recombinations, where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ChainResult:
    """Cut edges of the best plan, None where none was drawn, and after how many seconds of the processor."""

    cut_edges: int | None
    seconds: float


def is_installed() -> bool:
    """Whether GerryChain can take part."""
    return importlib.util.find_spec("gerrychain") is not None


def cut_by_recom(
    path: Path, *, units: int, low: float, high: float, population: str, enough: int, seconds: float, seed: int
) -> ChainResult:
    """Recombine two districts after the other, every plan within the bounds accepted, until one has `enough`.

    A step is not broken off: where bounds are tight it may take longer than `seconds`.
    """
    tree: Any = importlib.import_module("gerrychain.tree")
    failures = (tree.BalanceError, tree.PopulationBalanceError, tree.ReselectException, RuntimeError)
    began = time.process_time()
    best, met, spent = None, 0.0, 0.0
    # It warns of each pair of districts that cannot be parted as evenly as asked.
    with warnings.catch_warnings(action="ignore"):
        plans = _draw_plans(path, units=units, low=low, high=high, population=population, seed=seed)
        while (best is None or best > enough) and spent <= seconds:
            try:
                cut = next(plans)
            except failures:
                break
            spent = time.process_time() - began
            if best is None or cut < best:
                best, met = cut, spent
    return ChainResult(best, time.process_time() - began if best is None else met)


def _draw_plans(path: Path, *, units: int, low: float, high: float, population: str, seed: int) -> Iterator[int]:
    """Cut edges of one plan after the other."""
    gerrychain: Any = importlib.import_module("gerrychain")
    recom: Any = importlib.import_module("gerrychain.proposals").recom
    graph = gerrychain.Graph.from_json(str(path))
    fair = sum(graph.node_data(node)[population] for node in graph.node_indices) / units
    epsilon = (high - low) / 2 / fair
    plan = gerrychain.Partition.from_random_assignment(graph, units, epsilon, population, rng=seed)
    yield len(plan["cut_edges"])
    proposal = partial(recom, pop_col=population, pop_target=fair, epsilon=epsilon)
    for step in gerrychain.MarkovChain(proposal, [], gerrychain.accept.always_accept, plan, 10**9, rng=seed):
        yield len(step["cut_edges"])
