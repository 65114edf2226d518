"""Adjacency JSON of NetworkX, whole and broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from gridmap.errors import InvalidInput, UnreadableFile
from gridmap.sources.dual_graphs import read_dual_graph


def write(folder: Path, document: Any) -> Path:
    file = folder / "graph.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return file


def test_what_networkx_writes_is_read(tmp_path: Path) -> None:
    graph = nx.Graph([("b", "a"), ("b", "c"), ("c", "c")])
    nx.set_node_attributes(graph, {"a": 1, "b": 2.5, "c": 0}, "POP10")
    read = read_dual_graph(write(tmp_path, nx.adjacency_data(graph)), population="POP10")
    assert read.ids == ("b", "a", "c")
    assert read.population.tolist() == [2.5, 1.0, 0.0]
    assert read.pairs.tolist() == [[0, 1], [0, 2]]


def test_a_graph_of_one_node_has_no_pairs(tmp_path: Path) -> None:
    document = {"nodes": [{"id": 7, "POP10": 3}], "adjacency": [[]]}
    assert read_dual_graph(write(tmp_path, document), population="POP10").pairs.shape == (0, 2)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nodes": []}', '{"nodes": [], "adjacency": []}', "\x00"])
def test_a_file_that_is_no_graph_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile, match="no graph of areas"):
        read_dual_graph(write(tmp_path, text), population="POP10")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_dual_graph(tmp_path / "nowhere.json", population="POP10")


@pytest.mark.parametrize(
    ("nodes", "adjacency", "said"),
    [
        ([{"id": 1, "POP10": 1}, {"id": 1, "POP10": 1}], [[], []], "an id of its own"),
        ([{"id": 1, "POP10": 1}], [], "an id of its own"),
        ([{"POP10": 1}], [[]], "an id of its own"),
        ([{"id": 1, "POP10": "many"}], [[]], "no number of people"),
        ([{"id": 1, "POP10": -1}], [[]], "no number of people"),
        ([{"id": 1}], [[]], "no number of people"),
        ([{"id": 1, "POP10": 1}], [[{"id": 2}]], "not in the graph"),
        ([{"id": 1, "POP10": 1}], [7], "not in the graph"),
    ],
)
def test_a_graph_that_is_wrong_is_refused(tmp_path: Path, nodes: Any, adjacency: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_dual_graph(write(tmp_path, {"nodes": nodes, "adjacency": adjacency}), population="POP10")
