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
    """Directed arcs in compressed rows: state j owns positions `first[j]` to `first[j + 1]`.

    `seconds` and `metres` measure the whole arc, `chain` is what it runs over and `forward` whether from the chain's
    start. `turn_s` is how much of the seconds the turn into the chain takes.
    """

    first: IntArray
    head: IntArray
    seconds: FloatArray
    metres: FloatArray
    chain: IntArray
    forward: BoolArray
    turn_s: FloatArray


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

    A search goes from state to state. The first states are the junctions themselves. Where turns matter, those behind
    them are the ways a junction is come to by (see `turns`), and a junction itself is only where a journey begins.

    Attributes
    ----------
    junction_node
        Network node of each junction.
    state_junction
        Junction of each state.
    arrive_ahead, arrive_back
        State in which each chain's end is come to along it, and its start against it.
    minds_turns
        Whether there are other states than junctions.
    arcs, reverse
        Arcs by tail, and the same arcs by head (`head` then being the tail).
    reverse_arc
        Position in `arcs` of each of the reversed arcs.
    edge_chain, edge_item
        Chain of each network edge (-1 where the mode may not use it) and the item it is in `chains`.
    edge_forward_s, edge_backward_s
        Seconds over each network edge, infinite where forbidden.
    first_incident, incident
        Usable edges at each network node, in compressed rows.
    """

    junction_node: IntArray
    state_junction: IntArray
    arrive_ahead: IntArray
    arrive_back: IntArray
    minds_turns: bool
    arcs: Arcs
    reverse: Arcs
    reverse_arc: IntArray
    chains: Chains
    edge_chain: IntArray
    edge_item: IntArray
    edge_forward_s: FloatArray
    edge_backward_s: FloatArray
    edge_length_m: FloatArray
    first_incident: IntArray
    incident: IntArray

    @property
    def state_count(self) -> int:
        return len(self.state_junction)

    def states_at(self, junction: int) -> IntArray:
        """States that stand at a junction."""
        first, states = self._states_by_junction
        return states[first[junction] : first[junction + 1]]

    def turns_into(self, chain: int, *, ahead: bool) -> IntArray:
        """Arcs over a chain, from every state from which one may turn into it; only where turns are minded."""
        first, arcs = self._arcs_by_chain
        number = 2 * chain + ahead
        return arcs[first[number] : first[number + 1]]

    def least_before(self, values: IntArray) -> tuple[IntArray, IntArray]:
        """For each chain the least of the states' values from which it can be run ahead, and from which back."""
        if not self.minds_turns:
            return values[self.chains.start], values[self.chains.end]
        least = np.full(2 * len(self.chains.start), np.iinfo(np.int64).max)
        np.minimum.at(least, 2 * self.arcs.chain + self.arcs.forward, values[list_tails(self.arcs)])
        return least[1::2], least[::2]

    @cached_property
    def _states_by_junction(self) -> tuple[IntArray, IntArray]:
        return group_by(self.state_junction, len(self.junction_node))

    @cached_property
    def _arcs_by_chain(self) -> tuple[IntArray, IntArray]:
        return group_by(2 * self.arcs.chain + self.arcs.forward, 2 * len(self.chains.start))

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
            arcs=time_arcs(self.arcs, chains),
            reverse=time_arcs(self.reverse, chains),
            edge_forward_s=forward_s,
            edge_backward_s=backward_s,
        )


def group_by(group: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """Members of each of `count` groups in compressed rows: where each group's begin, and the members."""
    first = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=count))]).astype(np.int64)
    return first, np.argsort(group, kind="stable")


def list_tails(arcs: Arcs) -> IntArray:
    """The state each arc belongs to, by its row."""
    return np.repeat(np.arange(len(arcs.first) - 1), np.diff(arcs.first))


@compiled
def find_junctions(
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
def trace_chains(
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


def measure_chains(
    first: IntArray,
    edge: IntArray,
    ahead: BoolArray,
    ends: tuple[IntArray, IntArray],
    *,
    length_m: FloatArray,
    forward_s: FloatArray,
    backward_s: FloatArray,
) -> Chains:
    """Put traced chains together with what they measure; times are per edge, infinite where forbidden."""
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


@compiled
def _accumulate(first: IntArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sum of `values` before each item within its chain, and over each whole chain.

    Each chain is added up for itself: a difference of running sums would change in its last digits with other chains.
    """
    before, whole = np.empty(len(values)), np.empty(len(first) - 1)
    for chain in range(len(whole)):
        total = 0.0
        for item in range(first[chain], first[chain + 1]):
            before[item] = total
            total += values[item]
        whole[chain] = total
    return before, whole


def time_arcs(arcs: Arcs, chains: Chains) -> Arcs:
    """The arcs with the times of their chains."""
    over_s = np.where(arcs.forward, chains.forward_s[arcs.chain], chains.backward_s[arcs.chain])
    return replace(arcs, seconds=over_s + arcs.turn_s)
