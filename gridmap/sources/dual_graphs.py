"""Dual graphs of areas as NetworkX writes them: adjacency JSON (`networkx.readwrite.json_graph.adjacency_data`)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.errors import N_, InvalidInput, UnreadableFile

_LARGEST_BYTES = 300_000_000


@dataclass(frozen=True)
class DualGraph:
    """Areas by position: what the file calls each, its people, and the pairs (first < second) that are neighbours."""

    ids: tuple[Any, ...]
    population: npt.NDArray[np.float64]
    pairs: npt.NDArray[np.int64]


def read_dual_graph(path: Path, *, population: str) -> DualGraph:
    """Read a graph; `population` is the name of the attribute that holds the people of a node.

    Raises
    ------
    UnreadableFile
        The file is missing, too large, no JSON, or no NetworkX adjacency document.
    InvalidInput
        A node lacks the population, an id is there twice, or a neighbour is no node.
    """
    document = _read_document(path)
    nodes, adjacency = document["nodes"], document["adjacency"]
    ids = [node.get("id") if isinstance(node, Mapping) else None for node in nodes]
    at = {name: place for place, name in enumerate(ids) if isinstance(name, str | int)}
    if len(at) != len(nodes) or len(adjacency) != len(nodes):
        raise InvalidInput(
            N_("{name}: each node needs an id of its own and a list of neighbours."),
            hint=N_("Write the graph again with NetworkX."),
            name=path.name,
        )
    people = np.array([_read_people(path, node, population) for node in nodes], np.float64)
    return DualGraph(tuple(ids), people, _read_pairs(path, adjacency, at))


def _read_document(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise _unreadable(path)
        document: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFile(
            N_("The file {name} cannot be read."), hint=N_("Check the name and the folder."), name=path.name
        ) from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(path) from error
    if not isinstance(document, dict):
        raise _unreadable(path)
    if not all(isinstance(document.get(key), list) for key in ("nodes", "adjacency")) or not document["nodes"]:
        raise _unreadable(path)
    return document


def _unreadable(path: Path) -> UnreadableFile:
    return UnreadableFile(
        N_("{name} is no graph of areas."),
        hint=N_("It is a JSON file of NetworkX with “nodes” and “adjacency”."),
        name=path.name,
    )


def _read_people(path: Path, node: Mapping[str, Any], population: str) -> float:
    value = node.get(population)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise InvalidInput(
            N_("{name}: node {node} has no number of people under “{key}”."),
            hint=N_("Give the name of the attribute that holds the population."),
            name=path.name,
            node=node["id"],
            key=population,
        )
    return float(value)


def _read_pairs(path: Path, adjacency: list[Any], at: Mapping[Any, int]) -> npt.NDArray[np.int64]:
    pairs: set[tuple[int, int]] = set()
    for place, neighbours in enumerate(adjacency):
        for link in neighbours if isinstance(neighbours, list) else [None]:
            name = link.get("id") if isinstance(link, Mapping) else None
            other = at.get(name) if isinstance(name, str | int) else None
            if other is None:
                raise InvalidInput(
                    N_("{name}: a neighbour of node {node} is not in the graph."),
                    hint=N_("Write the graph again with NetworkX."),
                    name=path.name,
                    node=next(key for key, value in at.items() if value == place),
                )
            if other != place:
                pairs.add((min(place, other), max(place, other)))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
