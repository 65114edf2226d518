"""Whether the turns of a leg may be made: every sequence of roads held against every restriction, without a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gridmap.domain.patrol.violations import Findings
from gridmap.domain.roads.chains import BoolArray
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.speeds import Mode

Run = tuple[int, float, float]
"""A stretch of an edge, from one share of it to another, by its position."""

_Drive = tuple[int, bool]
"""An edge and whether it is driven from u to v."""

_END = 1e-6


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

    def check(self, runs: Sequence[Run], *, mode: Mode, where: str) -> float:
        """Note what is forbidden to `mode`, and return the seconds that U-turns may take at most."""
        if mode is Mode.FOOT:
            return 0.0
        drives = _join(runs)
        for rule in self._rules[mode]:
            for at in range(len(drives)):
                self._check_rule(rule, drives[at:], where)
        back = [before for before, after in pairwise(runs) if _turns_back(before, after)]
        for before in back:
            self._check_u_turn(before, mode, where)
        return len(back) * self._network.u_turn_s if np.isfinite(self._network.u_turn_s) else 0.0

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

    def _check_u_turn(self, before: Run, mode: Mode, where: str) -> None:
        """Nobody turns between junctions, nor at the junction of a restriction while there is another way on."""
        edge, _, end = before
        between = _END < end < 1 - _END
        if between or (np.isinf(self._network.u_turn_s) and self._goes_on((edge, end > 0.5), mode)):
            self._findings.add("u_turn", where, edge=int(self._network.edge_id[edge]))

    def _goes_on(self, drive: _Drive, mode: Mode) -> bool:
        """Whether restrictions begin where a road is driven to its end, and leave another way than back.

        What depends on the roads before it is not looked at: such a road is taken for one that leads nowhere else.
        """
        network, (edge, ahead) = self._network, drive
        node = int((network.v if ahead else network.u)[edge])
        rules = self._rules[mode]
        if any(edge in {other for other, _ in rule.told[1:-1]} for rule in rules):
            return False
        if all(node != (network.v if way else network.u)[first] for rule in rules for first, way in rule.told[:1]):
            return False
        back_open, open_ = self._find_open(mode)
        out = {(int(e), True) for e in np.flatnonzero((network.u == node) & open_)}
        out |= {(int(e), False) for e in np.flatnonzero((network.v == node) & back_open)}
        out.discard((edge, not ahead))
        for rule in rules:
            if rule.told[0] == drive and rule.only:
                out &= {rule.told[1]}
            elif rule.told[0] == drive and len(rule.told) == 2:
                out.discard(rule.told[1])
        return bool(out)


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
