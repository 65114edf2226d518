"""Shortest path on real roads: ours, from request to edges, against scipy's Dijkstra with its path, in one run."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from gridmap.domain.access import TERMINAL
from gridmap.domain.roads.components import find_main_edges
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import Router
from gridmap.domain.roads.snapping import spot_at_node
from gridmap.domain.roads.speeds import Mode
from gridmap.services.context import Context
from gridmap.services.imports import import_file
from gridmap.services.road_network import get_network

PAIRS = 200
LARGEST_RATIO = 0.5


class ScipyRouter:
    """scipy on the same directed graph, its matrix built beforehand."""

    def __init__(self, network: RoadNetwork) -> None:
        ahead, back = network.seconds(Mode.CAR)
        tail, head = np.concatenate([network.u, network.v]), np.concatenate([network.v, network.u])
        cost = np.concatenate([ahead, back])
        order = np.lexsort((cost, head, tail))
        order = order[np.isfinite(cost[order])]
        # Of parallel edges the quickest stays; a matrix would add them up.
        _, first = np.unique(np.column_stack([tail[order], head[order]]), axis=0, return_index=True)
        kept = order[first]
        shape = (network.node_count, network.node_count)
        self._matrix = csr_matrix((cost[kept], (tail[kept], head[kept])), shape=shape)

    def find(self, start: int, goal: int) -> tuple[float, list[int]]:
        cost, before = dijkstra(self._matrix, indices=start, return_predecessors=True)
        nodes = [goal]
        while nodes[-1] != start:
            nodes.append(int(before[nodes[-1]]))
        return float(cost[goal]), nodes[::-1]


@pytest.mark.bench
def test_shortest_path_takes_half_of_scipys_time(realdata: Path, sqlite_context: Context) -> None:
    import_file(sqlite_context, TERMINAL, path=realdata / "osm" / "liechtenstein.osm.pbf")
    network = get_network(sqlite_context)
    graph = network.mode_graph(Mode.CAR)
    main = find_main_edges(graph)
    nodes = np.unique(np.concatenate([network.u[main], network.v[main]]))
    rng = np.random.default_rng(1)
    pairs = [tuple(rng.choice(nodes, 2, replace=False).tolist()) for _ in range(PAIRS)]
    ours, peer = Router(network, Mode.CAR), ScipyRouter(network)
    our_s, peer_s = np.zeros(PAIRS), np.zeros(PAIRS)
    for warm in (True, False):
        for i, (start, goal) in enumerate(pairs if not warm else pairs[:3]):
            began = time.perf_counter()
            a, b = spot_at_node(network, start, mode=Mode.CAR), spot_at_node(network, goal, mode=Mode.CAR)
            assert a is not None
            assert b is not None
            path = ours.find(a, b)
            our_s[i] = time.perf_counter() - began
            began = time.perf_counter()
            seconds, _ = peer.find(start, goal)
            peer_s[i] = time.perf_counter() - began
            assert path is not None
            assert path.seconds == pytest.approx(seconds, rel=1e-9)
    ratio = float(np.median(our_s) / np.median(peer_s))
    print(
        f"\nshortest path, {network.node_count} nodes: ours {np.median(our_s) * 1e3:.3f} ms, "
        f"scipy {np.median(peer_s) * 1e3:.3f} ms, ratio {ratio:.2f}"
    )
    assert ratio <= LARGEST_RATIO
