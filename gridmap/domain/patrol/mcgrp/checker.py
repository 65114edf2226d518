"""An independent verdict on routes: nothing of the search is used, ways are found anew, costs are summed by hand."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.domain.patrol.mcgrp.instance import Instance, Service, Task, TaskKind


@dataclass(frozen=True)
class Verdict:
    """What routes cost, service included, and what is wrong with them; `cost` is None where a way is missing."""

    cost: int | None
    faults: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        return not self.faults


def check_routes(instance: Instance, routes: Sequence[Sequence[Service]], *, fleet: int | None = None) -> Verdict:
    """Recheck that every task is served once, no route is overloaded, and sum up the cost.

    Faults are English sentences for a log or a test; a correct solver leaves none.
    """
    faults = [*_check_cover(instance, routes), *_check_loads(instance, routes)]
    if fleet is not None and len(routes) > fleet:
        faults.append(f"{len(routes)} routes, and {fleet} are allowed")
    if any(not 0 <= service.task < len(instance.tasks) for route in routes for service in route):
        return Verdict(None, tuple(faults))
    walker = _Walker(instance)
    total = 0
    for number, route in enumerate(routes, start=1):
        place = instance.depot
        for service in route:
            task = instance.tasks[service.task]
            start, end = _ends(task, service)
            if service.backward and task.kind is not TaskKind.EDGE:
                faults.append(f"route {number}: {task.name} is served against its direction")
            way = walker.find_cost(place, start)
            if way is None:
                faults.append(f"route {number}: no way to {task.name}")
                return Verdict(None, tuple(faults))
            total += way + task.cost
            place = end
        way = walker.find_cost(place, instance.depot)
        if way is None:
            faults.append(f"route {number}: no way back to the depot")
            return Verdict(None, tuple(faults))
        total += way
    return Verdict(total, tuple(faults))


def _ends(task: Task, service: Service) -> tuple[int, int]:
    return (task.head, task.tail) if service.backward else (task.tail, task.head)


def _check_cover(instance: Instance, routes: Sequence[Sequence[Service]]) -> list[str]:
    times: dict[int, int] = defaultdict(int)
    for route in routes:
        for service in route:
            times[service.task] += 1
    faults = [f"there is no task {task}" for task in times if not 0 <= task < len(instance.tasks)]
    for number, task in enumerate(instance.tasks):
        if times.get(number, 0) != 1:
            faults.append(f"{task.name} is served {times.get(number, 0)} times")
    return faults


def _check_loads(instance: Instance, routes: Sequence[Sequence[Service]]) -> list[str]:
    faults = []
    for number, route in enumerate(routes, start=1):
        load = sum(instance.tasks[s.task].demand for s in route if 0 <= s.task < len(instance.tasks))
        if load > instance.capacity:
            faults.append(f"route {number} holds {load}, more than the capacity {instance.capacity}")
    return faults


class _Walker:
    """Dijkstra's algorithm from one node after another, in whole numbers."""

    def __init__(self, instance: Instance) -> None:
        self._leaving: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for link in instance.links:
            self._leaving[link.tail].append((link.head, link.cost))
            if link.two_way:
                self._leaving[link.head].append((link.tail, link.cost))
        self._known: dict[int, dict[int, int]] = {}

    def find_cost(self, start: int, goal: int) -> int | None:
        if start not in self._known:
            self._known[start] = self._search(start)
        return self._known[start].get(goal)

    def _search(self, start: int) -> dict[int, int]:
        done: dict[int, int] = {}
        heap = [(0, start)]
        while heap:
            cost, node = heapq.heappop(heap)
            if node in done:
                continue
            done[node] = cost
            for after, step in self._leaving[node]:
                if after not in done:
                    heapq.heappush(heap, (cost + step, after))
        return done
