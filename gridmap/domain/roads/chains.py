"""One mode's road network with its degree-2 chains contracted: junctions, arcs between them, and the way back.

A node that two usable edges meet at, alike in direction, decides nothing; a search that skips it is shorter by as many
steps. Each chain remembers its edges, so that a path is always told edge by edge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.compiled import compiled

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Arcs:
    """Directed arcs in compressed rows: junction j owns positions `first[j]` to `first[j + 1]`.

    `seconds` and `metres` measure the whole arc, `chain` is what it runs over and `forward` whether from the chain's
    start.
    """

    first: IntArray
    head: IntArray
    seconds: FloatArray
    metres: FloatArray
    chain: IntArray
    forward: BoolArray


@dataclass(frozen=True)
class Chains:
    """Chains of edges: chain c owns items `first[c]` to `first[c + 1]`.

    Attributes
    ----------
    start, end
        Junctions at the two ends.
    edge, ahead
        Edge of each item and whether the chain runs it from u to v.
    before_s, after_s
        Seconds over the chain's edges before an item along the chain, and after it against the chain.
    forward_s, backward_s
        Seconds over the whole chain, infinite where that direction is forbidden or closed somewhere.
    ahead_s, back_s
        The same without what cannot be run.
    shut_ahead, shut_back
        How many items before each, of all chains, cannot be run along their chain, and against it, with the sum behind
        the last. All edges of a chain are open alike when it is built; closures come later.
    before_m, length_m
        As the seconds, in metres.
    """

    first: IntArray
    start: IntArray
    end: IntArray
    edge: IntArray
    ahead: BoolArray
    before_s: FloatArray
    after_s: FloatArray
    forward_s: FloatArray
    backward_s: FloatArray
    ahead_s: FloatArray
    back_s: FloatArray
    shut_ahead: IntArray
    shut_back: IntArray
    before_m: FloatArray
    length_m: FloatArray

    def is_open(self, low: int, high: int, *, ahead: bool) -> bool:
        """Whether every item from `low` to `high`, both counted, can be run along the chain, or else against it."""
        shut = self.shut_ahead if ahead else self.shut_back
        return bool(shut[high + 1] == shut[low])


@dataclass(frozen=True)
class ModeGraph:
    """What one mode may use.

    Attributes
    ----------
    junction_node
        Network node of each junction.
    arcs, reverse
        Arcs by tail, and the same arcs by head (`head` then being the tail).
    edge_chain, edge_item
        Chain of each network edge (-1 where the mode may not use it) and the item it is in `chains`.
    edge_forward_s, edge_backward_s
        Seconds over each network edge, infinite where forbidden.
    first_incident, incident
        Usable edges at each network node, in compressed rows.
    """

    junction_node: IntArray
    arcs: Arcs
    reverse: Arcs
    chains: Chains
    edge_chain: IntArray
    edge_item: IntArray
    edge_forward_s: FloatArray
    edge_backward_s: FloatArray
    edge_length_m: FloatArray
    first_incident: IntArray
    incident: IntArray

    @property
    def junction_count(self) -> int:
        return len(self.junction_node)

    def edges_at(self, node: int) -> IntArray:
        """Usable edges that end at a network node."""
        edges = self.incident[self.first_incident[node] : self.first_incident[node + 1]]
        return edges[self.usable[edges]]

    @cached_property
    def usable(self) -> BoolArray:
        """Which network edges the mode may use in one direction at least."""
        return np.isfinite(self.edge_forward_s) | np.isfinite(self.edge_backward_s)

    def reweigh(self, *, forward_s: FloatArray, backward_s: FloatArray) -> ModeGraph:
        """The same graph with other times for its edges, infinite where closed; everything but times is shared.

        What was forbidden when the graph was built stays so.
        """
        chains = _time_chains(self.chains, forward_s=forward_s, backward_s=backward_s)
        return replace(
            self,
            chains=chains,
            arcs=_time_arcs(self.arcs, chains),
            reverse=_time_arcs(self.reverse, chains),
            edge_forward_s=forward_s,
            edge_backward_s=backward_s,
        )


def build_mode_graph(
    *, node_count: int, u: IntArray, v: IntArray, length_m: FloatArray, forward_s: FloatArray, backward_s: FloatArray
) -> ModeGraph:
    """Contract a network seen by one mode; times are per edge, infinite where a direction is forbidden."""
    ahead_open, back_open = np.isfinite(forward_s), np.isfinite(backward_s)
    usable = np.flatnonzero(ahead_open | back_open)
    ends = np.concatenate([u[usable], v[usable]])
    order = np.argsort(ends, kind="stable")
    incident = np.concatenate([usable, usable])[order]
    first_incident = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=node_count))]).astype(np.int64)
    keep = _find_junctions(first_incident, incident, u, v, ahead_open, back_open)
    chain_first, chain_edge, chain_ahead, start_node, end_node = _trace_chains(
        first_incident, incident, u, v, usable, keep
    )
    junction_node = np.flatnonzero(keep)
    junction = np.full(node_count, -1, np.int64)
    junction[junction_node] = np.arange(len(junction_node))
    chains = _measure_chains(
        chain_first,
        chain_edge,
        chain_ahead,
        (junction[start_node], junction[end_node]),
        length_m=length_m,
        forward_s=forward_s,
        backward_s=backward_s,
    )
    arcs, reverse = _build_arcs(chains, len(junction_node))
    edge_chain = np.full(len(u), -1, np.int64)
    edge_item = np.full(len(u), -1, np.int64)
    edge_chain[chain_edge] = np.repeat(np.arange(len(start_node)), np.diff(chain_first))
    edge_item[chain_edge] = np.arange(len(chain_edge))
    return ModeGraph(
        junction_node=junction_node,
        arcs=arcs,
        reverse=reverse,
        chains=chains,
        edge_chain=edge_chain,
        edge_item=edge_item,
        edge_forward_s=forward_s,
        edge_backward_s=backward_s,
        edge_length_m=length_m,
        first_incident=first_incident,
        incident=incident,
    )


@compiled
def _find_junctions(
    first: IntArray, incident: IntArray, u: IntArray, v: IntArray, ahead_open: BoolArray, back_open: BoolArray
) -> BoolArray:
    """Nodes where something is decided: all but those that two edges meet at, open alike through the node."""
    keep = np.zeros(len(first) - 1, np.bool_)
    for node in range(len(first) - 1):
        count = first[node + 1] - first[node]
        if count == 0:
            continue
        a, b = incident[first[node]], incident[first[node + 1] - 1]
        if count != 2 or a == b:
            keep[node] = True
            continue
        into_a = ahead_open[a] if v[a] == node else back_open[a]
        out_a = back_open[a] if v[a] == node else ahead_open[a]
        into_b = ahead_open[b] if v[b] == node else back_open[b]
        out_b = back_open[b] if v[b] == node else ahead_open[b]
        keep[node] = into_a != out_b or into_b != out_a
    return keep


@compiled
def _trace_chains(
    first: IntArray, incident: IntArray, u: IntArray, v: IntArray, usable: IntArray, keep: BoolArray
) -> tuple[IntArray, IntArray, BoolArray, IntArray, IntArray]:
    """Follow every usable edge from junction to junction; a ring without one is given one (in `keep`)."""
    taken = np.zeros(len(u), np.bool_)
    chain_first = np.zeros(len(usable) + 1, np.int64)
    chain_edge = np.empty(len(usable), np.int64)
    chain_ahead = np.empty(len(usable), np.bool_)
    start_node = np.empty(len(usable), np.int64)
    end_node = np.empty(len(usable), np.int64)
    chains = 0
    items = 0
    # First from the junctions, then what is left: rings that no junction breaks.
    for rings in (False, True):
        for start_edge in usable:
            for end in range(2):
                if taken[start_edge]:
                    continue
                node = u[start_edge] if end == 0 else v[start_edge]
                if rings:
                    keep[node] = True
                if not keep[node]:
                    continue
                start_node[chains] = node
                edge = start_edge
                while True:
                    taken[edge] = True
                    ahead = u[edge] == node
                    chain_edge[items] = edge
                    chain_ahead[items] = ahead
                    items += 1
                    node = v[edge] if ahead else u[edge]
                    if keep[node]:
                        break
                    one = incident[first[node]]
                    edge = incident[first[node] + 1] if one == edge else one
                end_node[chains] = node
                chains += 1
                chain_first[chains] = items
    return chain_first[: chains + 1], chain_edge[:items], chain_ahead[:items], start_node[:chains], end_node[:chains]


def run_chains(chains: Chains, signed: IntArray) -> tuple[IntArray, FloatArray]:
    """Edges run over whole chains, and the share each is run from: 0 from u, 1 from v.

    Chains are numbered from 1, negative where they are run from their end.
    """
    return _run_chains(chains.first, chains.edge, chains.ahead, signed)


@compiled
def _run_chains(first: IntArray, edge: IntArray, ahead: BoolArray, signed: IntArray) -> tuple[IntArray, FloatArray]:
    count = 0
    for number in signed:
        count += first[abs(number)] - first[abs(number) - 1]
    out = np.empty(count, np.int64)
    start = np.empty(count)
    at = 0
    for number in signed:
        low, high = first[abs(number) - 1], first[abs(number)]
        for step in range(high - low):
            item = low + step if number > 0 else high - 1 - step
            out[at] = edge[item]
            start[at] = 0.0 if ahead[item] == (number > 0) else 1.0
            at += 1
    return out, start


def _measure_chains(
    first: IntArray,
    edge: IntArray,
    ahead: BoolArray,
    ends: tuple[IntArray, IntArray],
    *,
    length_m: FloatArray,
    forward_s: FloatArray,
    backward_s: FloatArray,
) -> Chains:
    before_m, total_m = _accumulate(first, length_m[edge])
    untimed, unshut = np.zeros(0), np.zeros(0, np.int64)
    chains = Chains(first, *ends, edge, ahead, *6 * (untimed,), unshut, unshut, before_m, total_m)
    return _time_chains(chains, forward_s=forward_s, backward_s=backward_s)


def _time_chains(chains: Chains, *, forward_s: FloatArray, backward_s: FloatArray) -> Chains:
    first, edge, ahead = chains.first, chains.edge, chains.ahead
    along = np.where(ahead, forward_s[edge], backward_s[edge])
    against = np.where(ahead, backward_s[edge], forward_s[edge])
    shut_along, shut_against = np.isinf(along), np.isinf(against)
    along, against = np.where(shut_along, 0.0, along), np.where(shut_against, 0.0, against)
    before_s, total_s = _accumulate(first, along)
    before_against_s, total_against_s = _accumulate(first, against)
    shut_ahead, shut_back = (np.append(0, np.cumsum(shut)) for shut in (shut_along, shut_against))
    return replace(
        chains,
        before_s=before_s,
        after_s=np.repeat(total_against_s, np.diff(first)) - before_against_s - against,
        forward_s=np.where(shut_ahead[first[1:]] == shut_ahead[first[:-1]], total_s, np.inf),
        backward_s=np.where(shut_back[first[1:]] == shut_back[first[:-1]], total_against_s, np.inf),
        ahead_s=total_s,
        back_s=total_against_s,
        shut_ahead=shut_ahead,
        shut_back=shut_back,
    )


def _accumulate(first: IntArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sum of `values` before each item within its chain, and over each whole chain."""
    running = np.concatenate([[0.0], np.cumsum(values)])
    before = running[:-1] - np.repeat(running[first[:-1]], np.diff(first))
    return before, running[first[1:]] - running[first[:-1]]


def _time_arcs(arcs: Arcs, chains: Chains) -> Arcs:
    return replace(arcs, seconds=np.where(arcs.forward, chains.forward_s[arcs.chain], chains.backward_s[arcs.chain]))


def _build_arcs(chains: Chains, junction_count: int) -> tuple[Arcs, Arcs]:
    """Arcs over the chains in each open direction, by tail and by head; a loop leads nowhere and is left out."""
    chain = np.arange(len(chains.start))
    proper = chains.start != chains.end
    ahead = chain[proper & np.isfinite(chains.forward_s)]
    back = chain[proper & np.isfinite(chains.backward_s)]
    tail = np.concatenate([chains.start[ahead], chains.end[back]])
    head = np.concatenate([chains.end[ahead], chains.start[back]])
    seconds = np.concatenate([chains.forward_s[ahead], chains.backward_s[back]])
    over = np.concatenate([ahead, back])
    forward = np.concatenate([np.ones(len(ahead), np.bool_), np.zeros(len(back), np.bool_)])

    def pack(owner: IntArray, other: IntArray) -> Arcs:
        order = np.lexsort((over, other, owner))
        first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=junction_count))]).astype(np.int64)
        return Arcs(first, other[order], seconds[order], chains.length_m[over[order]], over[order], forward[order])

    return pack(tail, head), pack(head, tail)
