"""Which parts of the network hang together, and why one place cannot be reached from another."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridmap.domain.roads.chains import BoolArray, IntArray, ModeGraph
from gridmap.errors import N_


def find_components(graph: ModeGraph) -> IntArray:
    """Strongly connected component of each junction, the largest numbered 0, the others by falling size."""
    count = graph.junction_count
    if not count:
        return np.zeros(0, np.int64)
    arcs = graph.arcs
    adjacency = csr_matrix((np.ones(len(arcs.head), np.int8), arcs.head, arcs.first), shape=(count, count))
    _, label = connected_components(adjacency, directed=True, connection="strong")
    size = np.bincount(label)
    rank = np.empty(len(size), np.int64)
    rank[np.lexsort((np.arange(len(size)), -size))] = np.arange(len(size))
    return rank[label]


def find_edge_components(graph: ModeGraph) -> IntArray:
    """Component (as in `find_components`) of each network edge, -1 where one may go in or out but not both."""
    component = find_components(graph)
    chains = graph.chains
    result = np.full(len(graph.edge_chain), -1, np.int64)
    if not len(component):
        return result
    two_way = np.isfinite(chains.forward_s) & np.isfinite(chains.backward_s)
    start, end = component[chains.start], component[chains.end]
    of_chain = np.where(two_way | (start == end), start, -1)
    usable = graph.edge_chain >= 0
    result[usable] = of_chain[graph.edge_chain[usable]]
    return result


def find_main_edges(graph: ModeGraph) -> BoolArray:
    """Network edges from which all of the largest strongly connected component can be reached, and back."""
    return np.asarray(find_edge_components(graph) == 0)


def explain_unreachable(graph: ModeGraph, start_edge: int, end_edge: int) -> str:
    """Message that says what keeps `end_edge` from being reached, for a hint."""
    main = find_main_edges(graph)
    if not main[start_edge] and not main[end_edge]:
        return N_("Both places lie on roads that are cut off from the main network; choose others.")
    if not main[start_edge]:
        return N_("The start lies on a road that is cut off, or that only leads in; choose another start.")
    if not main[end_edge]:
        return N_("The destination lies on a road that is cut off, or that only leads out; choose another one.")
    return N_("Choose places on the same road network, or check one-way streets and closures.")
