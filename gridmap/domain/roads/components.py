"""Which parts of the network hang together, and why one place cannot be reached from another."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridmap.domain.roads.chains import BoolArray, IntArray, ModeGraph
from gridmap.errors import N_


def find_components(graph: ModeGraph) -> IntArray:
    """Strongly connected component of each state, the largest numbered 0, the others by falling size."""
    count = graph.state_count
    if not count:
        return np.zeros(0, np.int64)
    arcs = graph.arcs
    open_ = np.isfinite(arcs.seconds)
    first = np.concatenate([[0], np.cumsum(open_)])[arcs.first]
    adjacency = csr_matrix((np.ones(first[-1], np.int8), arcs.head[open_], first), shape=(count, count))
    _, label = connected_components(adjacency, directed=True, connection="strong")
    size = np.bincount(label)
    rank = np.empty(len(size), np.int64)
    rank[np.lexsort((np.arange(len(size)), -size))] = np.arange(len(size))
    return rank[label]


def find_edge_components(graph: ModeGraph) -> IntArray:
    """Component (as in `find_components`) of each network edge, -1 where one may not both go in and out."""
    component = find_components(graph)
    chains = graph.chains
    result = np.full(len(graph.edge_chain), -1, np.int64)
    if not len(component):
        return result
    # What is come from into either end of a chain, and what is come to over it.
    from_start, from_end = graph.least_before(component)
    to_end, to_start = component[graph.arrive_ahead], component[graph.arrive_back]
    items = np.repeat(np.arange(len(chains.start)), np.diff(chains.first))
    low, high, own = chains.first[items], chains.first[items + 1], np.arange(len(items))
    ahead, back = chains.shut_ahead, chains.shut_back
    into = (
        np.where(ahead[low] == ahead[own + 1], from_start[items], -1),
        np.where(back[own] == back[high], from_end[items], -1),
    )
    out = (
        np.where(ahead[own] == ahead[high], to_end[items], -1),
        np.where(back[low] == back[own + 1], to_start[items], -1),
    )
    none = np.iinfo(np.int64).max
    both = [np.where((i == o) & (i >= 0), i, none) for i in into for o in out]
    of_item = np.minimum.reduce(both)
    result[chains.edge] = np.where(of_item == none, -1, of_item)
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
