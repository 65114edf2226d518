"""The routing core on small problems whose answers are known, and its way of starting, stopping and refusing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gridmap.domain.patrol.mcgrp.bounds import LowerBound, compute_lower_bound
from gridmap.domain.patrol.mcgrp.checker import check_routes
from gridmap.domain.patrol.mcgrp.instance import Instance, Link, Service, Task, TaskKind
from gridmap.domain.patrol.mcgrp.search import Effort, Standing, search
from gridmap.errors import Cancelled, CannotPlan, InvalidInput
from tests.routing_worlds import build_instance, build_ring


class SteppingClock:
    """A clock that moves on by `step_s` whenever it is read."""

    def __init__(self, step_s: float) -> None:
        self._now, self._step_s = 0.0, step_s

    def __call__(self) -> float:
        self._now += self._step_s
        return self._now


def test_a_ring_is_walked_once_for_each_vehicle() -> None:
    ring = build_ring(8, capacity=8)
    found = search(ring, effort=Effort(iterations=500))
    assert (found.cost, found.lower_bound, len(found.routes)) == (8, 8, 1)
    # Two vehicles on the ring: each goes out and comes back the shorter way.
    halves = search(replace(ring, capacity=4), effort=Effort(iterations=500))
    assert (halves.cost, halves.lower_bound, len(halves.routes)) == (16, 16, 2)


def test_an_arc_is_never_served_backward() -> None:
    one_way = build_ring(6, capacity=6, kind=TaskKind.ARC)
    found = search(one_way, effort=Effort(iterations=300))
    assert found.cost == 6
    assert not any(service.backward for service in found.routes[0])
    backward = tuple(Service(task, True) for task in range(6))
    assert any("against its direction" in fault for fault in check_routes(one_way, [backward]).faults)


def test_the_fleet_is_kept_or_the_request_refused() -> None:
    instance = build_instance(3)
    free = search(instance, effort=Effort(iterations=2_000))
    least = instance.least_routes
    fixed = search(instance, effort=Effort(iterations=4_000, fleet=least + 1))
    assert len(fixed.routes) <= least + 1
    assert fixed.cost >= free.lower_bound
    assert check_routes(instance, fixed.routes, fleet=least + 1).is_valid
    with pytest.raises(CannotPlan, match=f"{least - 1} routes"):
        search(instance, effort=Effort(iterations=400, fleet=least - 1))


def test_a_fixed_fleet_serves_what_is_left_of_two_far_towns_on_one_way() -> None:
    links = [Link(0, 1, 1_000, two_way=True), Link(0, 31, 1_000, two_way=True)]
    links += [Link(town, town + step, 1, two_way=True) for town in (1, 31) for step in range(1, 30)]
    places = [town + step for town in (1, 31) for step in range(30)]
    tasks = tuple(Task(f"N{node}", TaskKind.NODE, node, node, 0, 1) for node in places)
    towns = Instance("towns", 61, 0, 20, tasks, tuple(links))
    found = search(towns, effort=Effort(iterations=4_000, fleet=3))
    assert sorted(map(len, found.routes)) == [20, 20, 20]
    # Two ways to one town each and one to both, and the streets of each town there and back.
    assert found.cost == 8_000 + 2 * 58


def test_cancelling_keeps_the_best_so_far() -> None:
    instance = build_instance(5, tasks=40)
    seen: list[Standing] = []

    def watch(standing: Standing) -> None:
        seen.append(standing)
        if len(seen) == 5:
            raise Cancelled("enough")

    found = search(instance, effort=Effort(iterations=200_000), watch=watch)
    assert found.stopped_early
    assert found.iterations < 200_000
    assert found.cost == seen[-1].cost
    verdict = check_routes(instance, found.routes)
    assert (verdict.cost, verdict.faults) == (found.cost, ())


def test_the_time_is_kept_by_the_clock_that_is_given() -> None:
    instance = build_instance(7, tasks=40)
    shares: list[float] = []
    effort = Effort(seconds=50.0)
    found = search(instance, effort=effort, watch=lambda s: shares.append(s.share), clock=SteppingClock(0.5))
    assert found.seconds <= 53.0
    assert shares == sorted(shares)


def test_it_ends_when_nothing_gets_better() -> None:
    instance = build_instance(7, tasks=40)
    found = search(instance, effort=Effort(iterations=500_000, stall=3_000))
    assert found.iterations < 500_000


def test_workers_share_what_they_find() -> None:
    instance = build_instance(9, tasks=30)
    alone = search(instance, effort=Effort(iterations=3_000))
    both = search(instance, effort=Effort(iterations=3_000, workers=2))
    assert both.cost <= alone.cost
    assert both == replace(search(instance, effort=Effort(iterations=3_000, workers=2)), seconds=both.seconds)


def test_a_bound_only_rises_and_ends_at_its_goal() -> None:
    instance = build_instance(11, tasks=30)
    bound = LowerBound(instance)
    values = [bound.value]
    for _ in range(6):
        bound.improve(rounds=1)
        values.append(bound.value)
    assert values == sorted(values)
    assert values[-1] > values[0]
    assert compute_lower_bound(instance, goal=values[1], rounds=50) == values[1]


def test_what_cannot_be_reached_is_named() -> None:
    tasks = (Task("A1", TaskKind.ARC, 0, 1, 3, 1),)
    with pytest.raises(CannotPlan, match="A1"):
        search(Instance("cut", 2, 0, 5, tasks, (Link(0, 1, 3, two_way=False),)), effort=Effort(iterations=10))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Effort(seconds=0),
        lambda: Effort(seconds=-3),
        lambda: Effort(iterations=0),
        lambda: Effort(workers=0),
        lambda: Effort(fleet=0),
        lambda: Effort(stall=0),
    ],
)
def test_an_effort_that_computes_nothing_is_refused(make: Callable[[], Effort]) -> None:
    with pytest.raises(InvalidInput):
        make()


# --- the checker ------------------------------------------------------------------------------------------------


def test_the_checker_says_what_is_wrong() -> None:
    ring = build_ring(4, capacity=2)
    forward = [Service(task, False) for task in range(4)]
    assert check_routes(ring, [forward[:2], forward[2:]]).cost == 8
    faults = check_routes(ring, [forward]).faults
    assert any("more than the capacity 2" in fault for fault in faults)
    assert any("served 0 times" in fault for fault in check_routes(ring, [forward[:2]]).faults)
    assert any("served 2 times" in fault for fault in check_routes(ring, [forward[:2], forward[1:3]]).faults)
    assert any("there is no task 9" in fault for fault in check_routes(ring, [[Service(9, False)]]).faults)
    assert any("are allowed" in fault for fault in check_routes(ring, [forward[:2], forward[2:]], fleet=1).faults)
    severed = replace(ring, links=())
    assert any("no way" in fault for fault in check_routes(severed, [forward[2:], forward[:2]]).faults)
