"""Whether the turns of a leg may be made: every sequence of roads held against every restriction, without a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.domain.patrol.violations import Findings
from gridmap.domain.roads.chains import BoolArray
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.speeds import Mode

Run = tuple[int, float, float]
"""A stretch of an edge, from one share of it to another, by its position."""

_Drive = tuple[int, bool]
"""An edge and whether it is driven from u to v."""

_END = 1e-6

_INSTANT_S = 1e-9
"""Stands for no time at all, which a sparse matrix would take for no road."""


@dataclass(frozen=True)
class _Rule:
    """A restriction that counts for a mode: what it is about in the order it is driven."""

    told: tuple[_Drive, ...]
    only: bool


class TurnChecker:
    """Reads the restrictions of a network for itself."""

    def __init__(self, network: RoadNetwork, findings: Findings) -> None:
        self._network = network
        self._findings = findings
        self._rules = {mode: list(self._read_all(mode)) for mode in (Mode.CAR, Mode.MOTORCYCLE)}
        self._near: dict[Mode, frozenset[int]] = {}

    def check(self, runs: Sequence[Run], *, mode: Mode, where: str) -> float:
        """Note what is forbidden to `mode`, and return the seconds that U-turns take."""
        if mode is Mode.FOOT:
            return 0.0
        drives = _join(runs)
        for rule in self._rules[mode]:
            for at in range(len(drives)):
                self._check_rule(rule, drives[at:], where)
        for before, after in pairwise(runs):
            # Nobody turns between junctions.
            if _turns_back(before, after) and _END < before[2] < 1 - _END:
                self._findings.add("u_turn", where, edge=int(self._network.edge_id[before[0]]))
        back = [at for at, (one, then) in enumerate(pairwise(drives), start=1) if then == (one[0], not one[1])]
        return sum(self._price_u_turn(drives[:at], mode, where) for at in back)

    def _read_all(self, mode: Mode) -> Iterator[_Rule]:
        """A rule counts where each of its roads may be driven the way it says, were none of them closed."""
        network, open_ = self._network, self._find_open(mode)
        for rule in network.turns:
            told, node = [(rule.from_edge, bool(network.v[rule.from_edge] == rule.via_node))], rule.via_node
            for edge in (*rule.via_edges, rule.to_edge):
                told.append((edge, bool(network.u[edge] == node)))
                node = int(network.v[edge] if told[-1][1] else network.u[edge])
            # A ring may be driven either way round: nobody knows which is meant.
            is_ring = any(network.u[edge] == network.v[edge] for edge, _ in told)
            is_minded = rule.car if mode is Mode.CAR else rule.motorcycle
            if is_minded and not is_ring and all(open_[ahead][edge] for edge, ahead in told):
                yield _Rule(tuple(told), rule.only)

    def _find_open(self, mode: Mode) -> tuple[BoolArray, BoolArray]:
        """Which edges may be driven from v to u, and which from u to v."""
        forward_s, backward_s = self._network.seconds(mode)
        return np.isfinite(backward_s), np.isfinite(forward_s)

    def _check_rule(self, rule: _Rule, drives: Sequence[_Drive], where: str) -> None:
        """Hold a rule against what is driven from somewhere on."""
        same = 0
        while same < min(len(rule.told), len(drives)) and drives[same] == rule.told[same]:
            same += 1
        whole = same == len(rule.told)
        if (0 < same < len(drives) and not whole) if rule.only else whole:
            into = drives[same] if rule.only else drives[same - 1]
            ids = self._network.edge_id[[drives[0][0], into[0]]].tolist()
            self._findings.add("forbidden_turn", where, from_edge=ids[0], to_edge=ids[1])

    def _price_u_turn(self, drives: Sequence[_Drive], mode: Mode, where: str) -> float:
        """Seconds that going back along the last of `drives` takes; a finding where nobody does so.

        It costs something only where restrictions are near and another way leads on.
        """
        edge, ahead = drives[-1]
        node = int((self._network.v if ahead else self._network.u)[edge])
        if node not in self._find_near(mode) or not self._goes_on(drives, mode):
            return 0.0
        if np.isinf(self._network.u_turn_s):
            self._findings.add("u_turn", where, edge=int(self._network.edge_id[edge]))
            return 0.0
        return self._network.u_turn_s

    def _goes_on(self, drives: Sequence[_Drive], mode: Mode) -> bool:
        """Whether another way than back leads on behind some drives, were no road closed."""
        network, (edge, ahead) = self._network, drives[-1]
        node = (network.v if ahead else network.u)[edge]
        back_open, open_ = self._find_open(mode)
        out = [(int(e), True) for e in np.flatnonzero((network.u == node) & open_)]
        out += [(int(e), False) for e in np.flatnonzero((network.v == node) & back_open)]
        return any(
            drive != (edge, not ahead) and not any(_forbids(rule, drives, drive) for rule in self._rules[mode])
            for drive in out
        )

    def _find_near(self, mode: Mode) -> frozenset[int]:
        """Nodes near which U-turns count: those at which a restriction begins, and those within reach of one."""
        found = self._near.get(mode)
        if found is None:
            found = self._near[mode] = self._measure_near(mode)
        return found

    def _measure_near(self, mode: Mode) -> frozenset[int]:
        network, rules = self._network, self._rules[mode]
        if not rules:
            return frozenset()
        begin = {int((network.v if ahead else network.u)[edge]) for edge, ahead in (rule.told[0] for rule in rules)}
        if network.u_turn_s <= 0:
            return frozenset(begin)
        minded = [rule for rule in network.turns if (rule.car if mode is Mode.CAR else rule.motorcycle)]
        nodes = sorted({node for rule in minded for node in rule.list_nodes(network.u, network.v)})
        ways = self._build_ways(mode)
        reached = [
            np.isfinite(dijkstra(way, indices=nodes, min_only=True, limit=network.u_turn_reach_s))
            for way in (ways, ways.T.tocsr())
        ]
        return frozenset([*begin, *np.flatnonzero(reached[0] | reached[1]).tolist()])

    def _build_ways(self, mode: Mode) -> csr_array:
        """Seconds between neighbouring nodes over the quickest road there."""
        network = self._network
        forward_s, backward_s = network.seconds(mode)
        tail, head = np.concatenate([network.u, network.v]), np.concatenate([network.v, network.u])
        seconds = np.maximum(np.concatenate([forward_s, backward_s]), _INSTANT_S)
        # Of parallel roads the quickest comes first; a sparse matrix would add them up.
        order = np.lexsort((seconds, head, tail))
        order = order[np.isfinite(seconds[order])]
        is_first = np.ones(len(order), np.bool_)
        is_first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
        kept = order[is_first]
        return csr_array((seconds[kept], (tail[kept], head[kept])), shape=(network.node_count, network.node_count))


def _forbids(rule: _Rule, drives: Sequence[_Drive], into: _Drive) -> bool:
    """Whether a restriction keeps one from driving into a road after others."""
    told = rule.told
    if not rule.only:
        return (*drives, into)[-len(told) :] == told
    return any(
        tuple(drives[-count:]) == told[:count] and len(drives) >= count and into != told[count]
        for count in range(1, len(told))
    )


def _join(runs: Sequence[Run]) -> list[_Drive]:
    """The edges driven in their order, each once where it is told in pieces."""
    drives: list[_Drive] = []
    for before, (edge, start, end) in zip([None, *runs], runs, strict=False):
        if start == end:
            continue
        goes_on = before is not None and before[0] == edge and before[2] == start and 0.0 < start < 1.0
        if not (goes_on and drives and drives[-1] == (edge, end > start)):
            drives.append((edge, end > start))
    return drives


def _turns_back(before: Run, after: Run) -> bool:
    """Whether a stretch is followed by the same road the other way."""
    return before[0] == after[0] and (before[2] - before[1]) * (after[2] - after[1]) < 0
