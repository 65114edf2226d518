"""A lower bound that is always valid: the cheapest flow that leaves no cut with too few vehicles or an odd crossing.

One variable for travelling each link in each direction without serving, one for the direction in which each required
edge is served. What enters a node leaves it. K(S) vehicles must enter and leave a set S of nodes without the depot,
K(S) the demand of everything that touches S over the capacity, rounded up; and a cut is crossed an even number of
times. With R required links crossing, x the crossings without service:

    x(cut of S) >= 2 K(S) - R,    and    x(cut of S) >= 1    where R is odd.

This is the sparse formulation of Belenguer and Benavent ("A cutting plane algorithm for the capacitated arc routing
problem", 2003), with flows for what is directed. Violated cuts are found by components of what is used, by minimum cuts
against the demand, and by a tree of minimum cuts (Gusfield, 1990).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from gridmap.domain.patrol.mcgrp.instance import Instance, IntArray, TaskKind

FloatArray = npt.NDArray[np.float64]
NodeSet = npt.NDArray[np.bool_]

_SCALE = 10_000
"""Flows are searched for in whole numbers: this many to a vehicle."""
_LEAST_VIOLATION = 0.02
_SLACK = 1e-4
"""Costs are whole; a bound this little above one counts as it."""
_PULLS = (1.0, 1.25, 1.6, 2.2, 3.5)
_THRESHOLDS = (0.01, 0.35, 0.7)
_MOST_TREE_NODES = 160


@dataclass
class _Cuts:
    """The network as arrays, and the cuts asked for so far.

    Variables: every link from tail to head, then every two-way link back, then the direction of every required edge.
    """

    instance: Instance
    ends: IntArray
    cost: FloatArray
    served: IntArray
    node_demand: FloatArray
    known: set[bytes] = field(default_factory=set)
    rows: list[FloatArray] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    @property
    def link_count(self) -> int:
        return len(self.ends)

    def crossing(self, nodes: NodeSet) -> NodeSet:
        """Which links cross the border of a set."""
        return np.not_equal(nodes[self.ends[:, 0]], nodes[self.ends[:, 1]])

    def least_crossings(self, nodes: NodeSet) -> int:
        """How often the border must be crossed without serving."""
        inside = nodes[self.served[:, 0]] | nodes[self.served[:, 1]]
        vehicles = -(-int(self.instance.demand[inside].sum()) // self.instance.capacity)
        required = int((nodes[self.served[:, 0]] != nodes[self.served[:, 1]]).sum())
        return max(2 * vehicles - required, required % 2)

    def ask(self, nodes: NodeSet, used: FloatArray) -> bool:
        """Add the cut of a set, given or complemented, where `used` (by link) crosses it too rarely."""
        if nodes[self.instance.depot]:
            nodes = ~nodes
        crossing = self.crossing(nodes)
        least = self.least_crossings(nodes)
        if least - used[crossing].sum() < _LEAST_VIOLATION:
            return False
        key = np.packbits(nodes).tobytes()
        if key in self.known:
            return False
        self.known.add(key)
        self.rows.append(crossing.astype(np.float64))
        self.limits.append(float(least))
        return True


class LowerBound:
    """A cost that no solution goes below, traversal in service included; `value` only ever rises."""

    def __init__(self, instance: Instance) -> None:
        self._service = int(instance.costs.service.sum())
        self._cuts = _build_cuts(instance)
        self._balance, self._due = _build_balance(self._cuts)
        self._is_done = False
        self.value = self._service
        _ask_simple_sets(self._cuts)

    def improve(
        self,
        *,
        rounds: int,
        seconds: float = math.inf,
        goal: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Add cuts until `value` reaches `goal`, nothing more is found, or the rounds or the time are spent."""
        began = clock()
        for _ in range(rounds):
            if self._is_done or self.value >= goal or clock() - began > seconds:
                return
            value, used = _solve(self._cuts, self._balance, self._due)
            self.value = max(self.value, math.ceil(value - _SLACK) + self._service)
            self._is_done = not _separate(self._cuts, used)


def compute_lower_bound(
    instance: Instance, *, rounds: int = 200, seconds: float = math.inf, goal: float = math.inf
) -> int:
    """The bound after so many rounds of cuts, or earlier as `LowerBound.improve` ends."""
    bound = LowerBound(instance)
    bound.improve(rounds=rounds, seconds=seconds, goal=goal)
    return bound.value


def _build_cuts(instance: Instance) -> _Cuts:
    ends = np.array([(link.tail, link.head) for link in instance.links], np.int64).reshape(-1, 2)
    served = np.array([(task.tail, task.head) for task in instance.tasks], np.int64).reshape(-1, 2)
    demand = np.zeros(instance.node_count)
    for place in (0, 1):
        np.add.at(demand, served[:, place], instance.demand / 2)
    cost = np.array([link.cost for link in instance.links], np.float64)
    return _Cuts(instance, ends, cost, served, demand)


def _build_balance(cuts: _Cuts) -> tuple[csr_array, FloatArray]:
    """What leaves a node less what enters it, by variable; and what that must be, required arcs counted."""
    instance, ends = cuts.instance, cuts.ends
    back = np.flatnonzero([link.two_way for link in instance.links])
    edges = np.flatnonzero([task.kind is TaskKind.EDGE for task in instance.tasks])
    columns = np.concatenate([ends, ends[back][:, ::-1], cuts.served[edges]])
    weight = np.concatenate([np.ones(len(ends) + len(back)), np.full(len(edges), 2.0)])
    due = np.zeros(instance.node_count)
    for task in instance.tasks:
        if task.kind is not TaskKind.NODE:
            sign = 1.0 if task.kind is TaskKind.EDGE else -1.0
            due[task.tail] += sign
            due[task.head] -= sign
    at = np.arange(len(columns))
    data = np.concatenate([weight, -weight])
    rows = np.concatenate([columns[:, 0], columns[:, 1]])
    shape = (instance.node_count, len(columns))
    return csr_array((data, (rows, np.concatenate([at, at]))), shape=shape), due


def _solve(cuts: _Cuts, balance: csr_array, due: FloatArray) -> tuple[float, FloatArray]:
    """Least cost under the cuts so far, and how often each link is travelled without serving, both directions."""
    back = np.flatnonzero([link.two_way for link in cuts.instance.links])
    links, count = cuts.link_count, balance.shape[1]
    cost = np.zeros(count)
    cost[:links] = cuts.cost
    cost[links : links + len(back)] = cuts.cost[back]
    most = np.full(count, np.inf)
    most[links + len(back) :] = 1
    rows = csr_array(np.array(cuts.rows).reshape(-1, links))
    wide = csr_array((rows.shape[0], count - links - len(back)))
    matrix = csr_array(hstack([rows, rows[:, back], wide]))
    constraints = [LinearConstraint(balance, due, due)]
    if cuts.rows:
        constraints.append(LinearConstraint(matrix, np.array(cuts.limits)))
    found = milp(cost, constraints=constraints, bounds=Bounds(0, most))
    # Every task has a way to it and one back, so that going often enough satisfies every cut.
    assert found.x is not None
    used = found.x[:links].copy()
    used[back] += found.x[links : links + len(back)]
    return float(cost @ found.x), used


def _ask_simple_sets(cuts: _Cuts) -> None:
    nothing = np.zeros(cuts.link_count)
    for node in range(cuts.instance.node_count):
        single = np.zeros(cuts.instance.node_count, np.bool_)
        single[node] = True
        cuts.ask(single, nothing)


def _separate(cuts: _Cuts, used: FloatArray) -> int:
    """Add violated cuts; returns how many. The costly ways are only gone when the cheap ones find little."""
    added = sum(cuts.ask(nodes, used) for nodes in _components(cuts, used))
    added += sum(cuts.ask(nodes, used) for nodes in _demand_cuts(cuts, used))
    if added < 3 and cuts.instance.node_count <= _MOST_TREE_NODES:
        added += sum(cuts.ask(nodes, used) for nodes in _tree_cuts(cuts, used))
    return added


def _weights(cuts: _Cuts, used: FloatArray, *, service: bool) -> csr_array:
    """Symmetric matrix of crossings between nodes, in `_SCALE` to a vehicle; with those in service where asked."""
    ends, weight = cuts.ends, used
    if service:
        ends = np.concatenate([ends, cuts.served])
        weight = np.concatenate([used, np.ones(len(cuts.served))])
    apart = ends[:, 0] != ends[:, 1]
    ends, weight = ends[apart], np.rint(weight[apart] * _SCALE).astype(np.int32)
    both = np.concatenate([ends, ends[:, ::-1]])
    count = cuts.instance.node_count
    return csr_array((np.concatenate([weight, weight]), (both[:, 0], both[:, 1])), shape=(count, count))


def _components(cuts: _Cuts, used: FloatArray) -> Iterator[NodeSet]:
    """Parts that hang together by what is travelled, with service and, for odd sets, without."""
    for service in (True, False):
        weights = _weights(cuts, used, service=service)
        for threshold in _THRESHOLDS:
            count, label = connected_components(weights > threshold * _SCALE, directed=False)
            if count > 1:
                for part in range(count):
                    yield label == part


def _demand_cuts(cuts: _Cuts, used: FloatArray) -> Iterator[NodeSet]:
    """Sets whose border is narrow for their demand: minimum cuts between the demand, more or less, and the depot."""
    weights = _weights(cuts, used, service=True).tocoo()
    count, depot = cuts.instance.node_count, cuts.instance.depot
    nodes = np.flatnonzero(cuts.node_demand)
    for pull in _PULLS:
        pulled = np.rint(2 * pull * _SCALE / cuts.instance.capacity * cuts.node_demand[nodes]).astype(np.int32)
        data = np.concatenate([weights.data, pulled])
        rows = np.concatenate([weights.row, np.full(len(nodes), count)])
        columns = np.concatenate([weights.col, nodes])
        graph = csr_array((data, (rows, columns)), shape=(count + 1, count + 1))
        reached = _source_side(graph, count, depot)[:count]
        if reached.any():
            yield reached
            # The cut may consist of parts that have nothing to do with each other.
            inner = graph[:count, :count][reached][:, reached]
            parts, label = connected_components(inner, directed=False)
            for part in range(parts if parts > 1 else 0):
                piece = reached.copy()
                piece[reached] = label == part
                yield piece


def _tree_cuts(cuts: _Cuts, used: FloatArray) -> Iterator[NodeSet]:
    """Minimum cuts between every node and its parent in Gusfield's tree, of travel without and with service."""
    for service in (False, True):
        weights = _weights(cuts, used, service=service)
        count = cuts.instance.node_count
        parent = np.zeros(count, np.int64)
        for node in range(1, count):
            side = _source_side(weights, node, int(parent[node]))
            later = np.arange(count) > node
            parent[later & side & (parent == parent[node])] = node
            yield side


def _source_side(graph: csr_array, source: int, sink: int) -> NodeSet:
    """Nodes on the source's side of a minimum cut."""
    flow = maximum_flow(graph, source, sink).flow
    rest = csr_array(graph - flow)
    rest.eliminate_zeros()
    side = np.zeros(graph.shape[0], np.bool_)
    side[breadth_first_order(rest, source, return_predecessors=False)] = True
    return side
