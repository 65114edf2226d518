"""One mode's contracted graph, put together from the edges that it may use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import (
    Arcs,
    BoolArray,
    Chains,
    IntArray,
    ModeGraph,
    find_junctions,
    measure_chains,
    time_arcs,
    trace_chains,
)
from gridmap.domain.roads.landmarks import reach_within
from gridmap.domain.roads.turns import ChainTurns, TurnRule, build_turns


def build_mode_graph(
    *,
    node_count: int,
    u: IntArray,
    v: IntArray,
    length_m: FloatArray,
    forward_s: FloatArray,
    backward_s: FloatArray,
    rules: Sequence[TurnRule] = (),
    u_turn_s: float = np.inf,
    u_turn_reach_s: float = np.inf,
) -> ModeGraph:
    """Contract a network seen by one mode.

    Times are per edge, infinite where a direction is forbidden. `rules` are those that the mode minds, `u_turn_s` is
    what a U-turn at a junction takes, infinite where it is not made, and `u_turn_reach_s` how far from a rule it
    counts; see `turns`.
    """
    ahead_open, back_open = np.isfinite(forward_s), np.isfinite(backward_s)
    usable = np.flatnonzero(ahead_open | back_open)
    ends = np.concatenate([u[usable], v[usable]])
    order = np.argsort(ends, kind="stable")
    incident = np.concatenate([usable, usable])[order]
    first_incident = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=node_count))]).astype(np.int64)
    keep = find_junctions(first_incident, incident, u, v, ahead_open, back_open)
    for rule in rules:
        keep[[node for node in rule.list_nodes(u, v) if first_incident[node + 1] > first_incident[node]]] = True
    chain_first, chain_edge, chain_ahead, start_node, end_node = trace_chains(
        first_incident, incident, u, v, usable, keep
    )
    junction_node = np.flatnonzero(keep)
    junction = np.full(node_count, -1, np.int64)
    junction[junction_node] = np.arange(len(junction_node))
    chains = measure_chains(
        chain_first,
        chain_edge,
        chain_ahead,
        (junction[start_node], junction[end_node]),
        length_m=length_m,
        forward_s=forward_s,
        backward_s=backward_s,
    )
    edge_chain = np.full(len(u), -1, np.int64)
    edge_item = np.full(len(u), -1, np.int64)
    edge_chain[chain_edge] = np.repeat(np.arange(len(start_node)), np.diff(chain_first))
    edge_item[chain_edge] = np.arange(len(chain_edge))
    turns = _go_straight(chains, len(junction_node))
    arcs, reverse, reverse_arc = _pack(turns, chains)
    at = junction[[node for rule in rules for node in rule.list_nodes(u, v)]] if rules else np.zeros(0, np.int64)
    minded = None
    if (at >= 0).any():
        near = _find_near(arcs, reverse, at[at >= 0], limit_s=u_turn_reach_s)
        minded = build_turns(chains, (u, v), (edge_chain, edge_item), near=near, rules=rules, u_turn_s=u_turn_s)
    if minded is not None:
        turns = minded
        arcs, reverse, reverse_arc = _pack(turns, chains)
    return ModeGraph(
        junction_node=junction_node,
        state_junction=turns.state_junction,
        arrive_ahead=turns.arrive[1::2],
        arrive_back=turns.arrive[::2],
        minds_turns=len(turns.state_junction) > len(junction_node),
        arcs=arcs,
        reverse=reverse,
        reverse_arc=reverse_arc,
        chains=chains,
        edge_chain=edge_chain,
        edge_item=edge_item,
        edge_forward_s=forward_s,
        edge_backward_s=backward_s,
        edge_length_m=length_m,
        first_incident=first_incident,
        incident=incident,
    )


def _go_straight(chains: Chains, junction_count: int) -> ChainTurns:
    """Every turn at no cost, from junction to junction; a loop leads nowhere and is left out."""
    chain = np.arange(len(chains.start))
    proper = chains.start != chains.end
    ahead = chain[proper & np.isfinite(chains.forward_s)]
    back = chain[proper & np.isfinite(chains.backward_s)]
    arrive = np.empty(2 * len(chain), np.int64)
    arrive[1::2], arrive[::2] = chains.end, chains.start
    return ChainTurns(
        state_junction=np.arange(junction_count),
        arrive=arrive,
        tail=np.concatenate([chains.start[ahead], chains.end[back]]),
        head=np.concatenate([chains.end[ahead], chains.start[back]]),
        run=np.concatenate([2 * ahead + 1, 2 * back]),
        turn_s=np.zeros(len(ahead) + len(back)),
    )


def _find_near(arcs: Arcs, reverse: Arcs, junctions: IntArray, *, limit_s: float) -> BoolArray:
    """Junctions that are driven to from some of `junctions` within a time, or from which some of these are."""
    start, lead = np.unique(junctions), np.zeros(len(np.unique(junctions)))
    there, back = (reach_within(a, start, lead, limit_s=limit_s) for a in (arcs, reverse))
    return np.asarray(np.isfinite(there) | np.isfinite(back))


def _pack(turns: ChainTurns, chains: Chains) -> tuple[Arcs, Arcs, IntArray]:
    """Arcs by tail, by head, and which of the former each of the latter is."""
    chain, forward = turns.run >> 1, (turns.run & 1).astype(np.bool_)
    count = len(turns.state_junction)

    def pack(owner: IntArray, other: IntArray) -> tuple[Arcs, IntArray]:
        order = np.lexsort((turns.run, other, owner))
        first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))]).astype(np.int64)
        over = chain[order]
        untimed = np.zeros(len(order))
        arcs = Arcs(first, other[order], untimed, chains.length_m[over], over, forward[order], turns.turn_s[order])
        return time_arcs(arcs, chains), order

    arcs, order = pack(turns.tail, turns.head)
    reverse, back_order = pack(turns.head, turns.tail)
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    return arcs, reverse, position[back_order]
