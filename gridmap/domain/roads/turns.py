"""Turns that may not be made: forbidden from one road into another, forced, and back into the road one comes from.

A search over junctions forgets how it came to one. Where a mode minds turn restrictions its graph is therefore
searched over *states*: the chain by which a junction is come to, and for restrictions over further roads the chains
before it, as far as one of them needs to know (the automaton of Aho and Corasick, Efficient string matching, 1975, over
the forbidden sequences of chains). An arc then is a turn and the chain run after it, so that every search stays as it
is.

A U-turn goes back along the chain by which a junction was come to. It is made where nothing else is left, in a dead
end; elsewhere it costs `u_turn_s`, and where that is infinite it is not made. Where no turn is forbidden nobody makes
one anyway: a fastest path then passes no junction twice. Whoever turns round does it to come by a restriction once
more, and drives from it to where the turn is made and back. So only junctions near a restriction have several states,
those from which it is driven to within `RoadNetwork.u_turn_reach_s` (3 min) or which are so from it. Further away a
U-turn costs the drive, 6 min at least, and nothing besides: it is on a fastest path only where every way round without
one takes longer by that, where drivers do look for a yard to turn in, and where the rule would else leave places
without any way. Two restrictions in a whole country would otherwise make every search several times as long.

A journey begins in any direction: what a team does where it stops is not looked at, nor is a turn into a road that it
came by before its stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import BoolArray, Chains, IntArray, group_by

Run = int
"""A chain in one direction: twice its number, and one more where it is run ahead."""

History = tuple[Run, ...]


@dataclass(frozen=True)
class TurnRule:
    """A turn from one edge by way of a node, or of edges that begin there, into another: forbidden, or the only one.

    Edges are positions in the network, the node the end of `from_edge` at which the turn begins.
    """

    from_edge: int
    via_node: int
    via_edges: tuple[int, ...]
    to_edge: int
    only: bool
    car: bool = True
    motorcycle: bool = True

    def list_nodes(self, u: IntArray, v: IntArray) -> list[int]:
        """The nodes between its edges, in order."""
        nodes = [self.via_node]
        for edge in self.via_edges:
            nodes.append(int(v[edge] if u[edge] == nodes[-1] else u[edge]))
        return nodes


@dataclass(frozen=True)
class ChainTurns:
    """What arcs are made of.

    Attributes
    ----------
    state_junction
        Junction of each state; the first states are the junctions.
    arrive
        State come to by each run.
    tail, head, run, turn_s
        States before and behind each arc, the run it makes and the seconds that the turn into it takes.
    """

    state_junction: IntArray
    arrive: IntArray
    tail: IntArray
    head: IntArray
    run: IntArray
    turn_s: FloatArray


def build_turns(
    chains: Chains,
    ends: tuple[IntArray, IntArray],
    place: tuple[IntArray, IntArray],
    *,
    near: BoolArray,
    rules: Sequence[TurnRule],
    u_turn_s: float,
) -> ChainTurns | None:
    """The turns of a graph, None where none of the rules is about roads that are open to its mode.

    Parameters
    ----------
    ends
        Nodes u and v of each edge.
    place
        Chain and item of each edge, -1 where it is in none.
    near
        Which junctions are so near to a rule's that U-turns count.
    """
    roads = _Roads(chains, ends, place, near)
    forbidden = {sequence for rule in rules for sequence in _list_forbidden(roads, rule)}
    return _build(roads, forbidden, u_turn_s) if forbidden else None


@dataclass
class _Roads:
    """Chains, with what leads out of each junction."""

    chains: Chains
    ends: tuple[IntArray, IntArray]
    place: tuple[IntArray, IntArray]
    near: BoolArray
    is_open: BoolArray = field(init=False)
    tail: IntArray = field(init=False)
    head: IntArray = field(init=False)
    out: tuple[IntArray, IntArray] = field(init=False)

    def __post_init__(self) -> None:
        chains = self.chains
        self.is_open = _interleave(np.isfinite(chains.backward_s), np.isfinite(chains.forward_s)).astype(np.bool_)
        self.tail = _interleave(chains.end, chains.start)
        self.head = _interleave(chains.start, chains.end)
        runs = np.flatnonzero(self.is_open)
        first, order = group_by(self.tail[runs], self.junction_count)
        self.out = first, runs[order]

    @property
    def junction_count(self) -> int:
        return len(self.near)

    def list_out(self, run: Run) -> IntArray:
        """Runs that begin where one ends."""
        first, runs = self.out
        at = self.head[run]
        return runs[first[at] : first[at + 1]]

    def find_run(self, edge: int, *, start: int | None = None, end: int | None = None) -> Run | None:
        """The run over an edge from a node, or to one; None where it may not be driven so, or is a ring."""
        u, v = self.ends
        chain, item = (int(values[edge]) for values in self.place)
        if chain < 0 or u[edge] == v[edge]:
            return None
        from_u = (u[edge] == start) if start is not None else (v[edge] == end)
        run = 2 * chain + int(bool(self.chains.ahead[item]) == bool(from_u))
        return run if self.is_open[run] else None


def _interleave(back: IntArray | BoolArray, ahead: IntArray | BoolArray) -> IntArray:
    """One value for each run, out of one for each chain."""
    return np.column_stack([back, ahead]).ravel().astype(np.int64)


def _list_forbidden(roads: _Roads, rule: TurnRule) -> Iterator[History]:
    """Sequences of runs that a rule forbids, nothing where it is about roads that cannot be driven so anyway."""
    nodes = rule.list_nodes(*roads.ends)
    found = [roads.find_run(rule.from_edge, end=nodes[0])]
    found += [roads.find_run(edge, start=node) for edge, node in zip(rule.via_edges, nodes, strict=False)]
    runs = [run for run in found if run is not None]
    last = roads.find_run(rule.to_edge, start=nodes[-1])
    if len(runs) < len(found):
        return
    if not rule.only:
        if last is not None:
            yield (*runs, last)
        return
    if last is None:
        return
    for depth, following in enumerate([*runs[1:], last]):
        before = tuple(runs[: depth + 1])
        for other in roads.list_out(runs[depth]).tolist():
            if other != following:
                yield (*before, other)


def _build(roads: _Roads, forbidden: set[History], u_turn_s: float) -> ChainTurns:
    histories = _list_histories(forbidden)
    states = _number_states(roads, forbidden, histories, u_turn_s)
    tail, run, turn_s, head = _turn_by_state(roads, states, forbidden, u_turn_s)
    return ChainTurns(states.junction, states.arrive, tail, head, run, turn_s)


def _list_histories(forbidden: Iterable[History]) -> list[History]:
    """Beginnings of forbidden sequences that are longer than the chain one is on, the longest first."""
    found = {sequence[:length] for sequence in forbidden for length in range(2, len(sequence))}
    return sorted(found, key=lambda history: (-len(history), history))


@dataclass(frozen=True)
class _States:
    """States by number: junctions, the runs they are come to by, and runs with a history."""

    junction: IntArray
    arrive: IntArray
    split: IntArray
    special: dict[History, int]

    def follow(self, history: History, run: Run) -> int:
        """The state after a run, remembering as much of what was before as matters."""
        whole = (*history, run)
        for begin in range(len(whole) - 1):
            known = self.special.get(whole[begin:])
            if known is not None:
                return known
        return int(self.arrive[run])


def _number_states(roads: _Roads, forbidden: set[History], histories: Sequence[History], u_turn_s: float) -> _States:
    arrive = roads.head.copy()
    # Where a U-turn costs nothing, only the junctions of forbidden turns have to know how they were come to.
    split = roads.near & (u_turn_s > 0)
    split[roads.head[[sequence[0] for sequence in forbidden]]] = True
    runs = np.flatnonzero(roads.is_open & split[roads.head])
    arrive[runs] = roads.junction_count + np.arange(len(runs))
    first_special = roads.junction_count + len(runs)
    special = {history: first_special + at for at, history in enumerate(histories)}
    behind = [roads.head[history[-1]] for history in histories]
    junction = np.concatenate([np.arange(roads.junction_count), roads.head[runs], np.array(behind, np.int64)])
    return _States(junction, arrive, runs, special)


def _turn_by_state(
    roads: _Roads, states: _States, forbidden: set[History], u_turn_s: float
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """Tail, run, seconds of the turn and head of every arc."""
    free_tail, free_run = roads.tail[roads.out[1]], roads.out[1]
    tail, before, run = _pair_up(roads, states.arrive[states.split], states.split)
    extra = [(state, history, out) for history, state in states.special.items() for out in roads.list_out(history[-1])]
    tail = np.concatenate([tail, np.array([state for state, _, _ in extra], np.int64)])
    before = np.concatenate([before, np.array([history[-1] for _, history, _ in extra], np.int64)])
    run = np.concatenate([run, np.array([out for _, _, out in extra], np.int64)])
    allowed = ~_are_forbidden(before, run, forbidden)
    for at, (_, history, out) in enumerate(extra, start=len(run) - len(extra)):
        whole = (*history, int(out))
        allowed[at] &= not any(whole[begin:] in forbidden for begin in range(len(whole) - 2))
    back = run == before ^ 1
    onward = np.bincount(tail[allowed & ~back], minlength=len(states.junction)) > 0
    turn_s = np.where(back & onward[tail], u_turn_s, 0.0)
    kept = np.flatnonzero(allowed & np.isfinite(turn_s))
    head = states.arrive[run]
    first_extra = len(run) - len(extra)
    starts = np.array(sorted({history[0] for history in states.special}), np.int64)
    for at in np.flatnonzero(np.isin(before, starts) | (np.arange(len(run)) >= first_extra)).tolist():
        history = extra[at - first_extra][1] if at >= first_extra else (int(before[at]),)
        head[at] = states.follow(history, int(run[at]))
    return (
        np.concatenate([free_tail, tail[kept]]),
        np.concatenate([free_run, run[kept]]),
        np.concatenate([np.zeros(len(free_run)), turn_s[kept]]),
        np.concatenate([states.arrive[free_run], head[kept]]),
    )


def _pair_up(roads: _Roads, state: IntArray, run: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """For each state every run that leads out of where it stands: the state, the run it was come to by, the run out."""
    first, out = roads.out
    low, high = first[roads.head[run]], first[roads.head[run] + 1]
    count = high - low
    offset = np.concatenate([[0], np.cumsum(count)])
    at = np.repeat(low - offset[:-1], count) + np.arange(offset[-1])
    return np.repeat(state, count), np.repeat(run, count), out[at]


def _are_forbidden(before: IntArray, run: IntArray, forbidden: Iterable[History]) -> BoolArray:
    """Which turns from one run into another are forbidden whatever was before."""
    codes = [(sequence[0] << 32) + sequence[1] for sequence in forbidden if len(sequence) == 2]
    return np.isin((before << 32) + run, np.array(codes, np.int64))
