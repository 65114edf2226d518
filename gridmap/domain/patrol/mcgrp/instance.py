"""One frozen problem: what has to be served, which links there are to travel on, and what every way between costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.errors import N_, CannotPlan

IntArray = npt.NDArray[np.int64]

LARGEST_COST = 10_000_000
"""Most that one link may cost, and a capacity hold: sums over thousands of tasks stay far below overflow."""


class TaskKind(StrEnum):
    """What is required: a node, an edge (in either direction), or an arc (in its own)."""

    NODE = "node"
    EDGE = "edge"
    ARC = "arc"


@dataclass(frozen=True)
class Task:
    """A required node, edge or arc; `tail` and `head` are positions of nodes, equal for a node.

    `cost` is what traversing it in service adds to the objective, whatever its direction; 0 for a node.
    """

    name: str
    kind: TaskKind
    tail: int
    head: int
    cost: int
    demand: int


@dataclass(frozen=True)
class Link:
    """A way between two nodes, from `tail` to `head` and, where `two_way`, back at the same cost."""

    tail: int
    head: int
    cost: int
    two_way: bool


class Service(NamedTuple):
    """A task at its place in a route, an edge `backward` where it is entered at its head."""

    task: int
    backward: bool


Routes = tuple[tuple[Service, ...], ...]
"""Every route leaves the depot, serves its tasks in order and returns; none is empty."""


@dataclass(frozen=True)
class Instance:
    """A mixed capacitated general routing problem; the classical CARP is the case of edges only.

    Attributes
    ----------
    links
        All that may be travelled on, required edges and arcs included.
    vehicles
        How many routes the file speaks of, None where it says nothing. A solver is told itself whether to keep to it.
    """

    name: str
    node_count: int
    depot: int
    capacity: int
    tasks: tuple[Task, ...]
    links: tuple[Link, ...]
    vehicles: int | None = None

    @property
    def task_count(self) -> int:
        return len(self.tasks)

    @cached_property
    def demand(self) -> IntArray:
        """Of each task, in the unit of the capacity."""
        return np.array([task.demand for task in self.tasks], np.int64)

    @property
    def least_routes(self) -> int:
        """Routes that the total demand takes at least."""
        return -(-int(self.demand.sum()) // self.capacity) if self.tasks else 0

    @cached_property
    def costs(self) -> Costs:
        """What ways between tasks cost, computed once.

        Raises
        ------
        CannotPlan
            A task cannot be reached from the depot, or there is no way back from it.
        """
        return build_costs(self)


@dataclass(frozen=True)
class Costs:
    """Whole costs between the directions of tasks.

    Position `2 * task + backward` is a task in one direction, the last position the depot. A task that has one
    direction only holds the same figures at both of its positions, so that no solver needs to ask.

    Attributes
    ----------
    deadhead
        From leaving the first position to entering the second, shape (2 n + 1, 2 n + 1).
    service
        Of each task, shape (n,).
    ways, leave, entry
        The same ways between the few places where tasks end, and the place where each position is left and entered.
    """

    deadhead: IntArray
    service: IntArray
    ways: IntArray
    leave: IntArray
    entry: IntArray


def build_costs(instance: Instance) -> Costs:
    """Shortest ways between all ends of tasks; raises as `Instance.costs` does."""
    entry = [instance.depot] * (2 * instance.task_count + 1)
    leave = entry.copy()
    for position, task in enumerate(instance.tasks):
        flipped = task.kind is TaskKind.EDGE
        entry[2 * position], leave[2 * position] = task.tail, task.head
        entry[2 * position + 1] = task.head if flipped else task.tail
        leave[2 * position + 1] = task.tail if flipped else task.head
    places, row = np.unique([leave, entry], return_inverse=True)
    at_leave, at_entry = row.reshape(2, -1)
    far = dijkstra(_build_graph(instance), indices=places)[:, places]
    deadhead = far[at_leave[:, None], at_entry[None, :]]
    cut_off = ~(np.isfinite(deadhead[-1]) & np.isfinite(deadhead[:, -1]))
    if cut_off.any():
        raise CannotPlan(
            N_("Task {name} cannot be reached from the depot, or there is no way back."),
            hint=N_("Add the links that are missing."),
            name=instance.tasks[int(np.flatnonzero(cut_off)[0]) // 2].name,
        )
    service = np.array([task.cost for task in instance.tasks], np.int64)
    ways = np.where(np.isfinite(far), np.rint(far), 0).astype(np.int64)
    return Costs(np.rint(deadhead).astype(np.int64), service, ways, at_leave, at_entry)


def _build_graph(instance: Instance) -> csr_array:
    """The cheapest link of each pair of nodes, parallel ones left out: a sparse matrix would add them up."""
    cheapest: dict[tuple[int, int], int] = {}
    for link in instance.links:
        for pair in ((link.tail, link.head), (link.head, link.tail))[: 1 + link.two_way]:
            cheapest[pair] = min(link.cost, cheapest.get(pair, link.cost))
    pairs = np.array(list(cheapest), np.int64).reshape(-1, 2)
    cost = np.array(list(cheapest.values()), np.float64)
    return csr_array((cost, (pairs[:, 0], pairs[:, 1])), shape=(instance.node_count, instance.node_count))
