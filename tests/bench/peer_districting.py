"""Fewest cut edges by GerryChain's chain of recombinations, where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ChainResult:
    """Cut edges of the best plan, after how many seconds of the processor it was met; None where no plan was drawn."""

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
    gerrychain: Any = importlib.import_module("gerrychain")
    recom: Any = importlib.import_module("gerrychain.proposals").recom
    tree: Any = importlib.import_module("gerrychain.tree")
    began = time.process_time()
    graph = gerrychain.Graph.from_json(str(path))
    fair = sum(graph.node_data(node)[population] for node in graph.node_indices) / units
    epsilon = (high - low) / 2 / fair
    try:
        plan = gerrychain.Partition.from_random_assignment(graph, units, epsilon, population, rng=seed)
        best, met = len(plan["cut_edges"]), time.process_time() - began
        if best <= enough:
            return ChainResult(best, met)
        proposal = partial(recom, pop_col=population, pop_target=fair, epsilon=epsilon)
        chain = gerrychain.MarkovChain(proposal, [], gerrychain.accept.always_accept, plan, 10**9, rng=seed)
        for step in chain:
            cut, spent = len(step["cut_edges"]), time.process_time() - began
            if cut < best:
                best, met = cut, spent
            if best <= enough or spent > seconds:
                break
    except (tree.BalanceError, tree.PopulationBalanceError, tree.ReselectException, RuntimeError):
        return ChainResult(None, time.process_time() - began)
    return ChainResult(best, met)
