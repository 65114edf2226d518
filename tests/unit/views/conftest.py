"""A real plan to draw: computed on a small made-up world."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gridmap.domain.patrol.rules import PatrolRules
from tests.worlds import build_patrol_world, plan


@pytest.fixture(scope="session")
def computed_plan() -> dict[str, Any]:
    """A plan of three teams that could not do everything, with a break put into the first day."""
    world = build_patrol_world(14, hazards=6)
    document = plan(world, iterations=60, rules=PatrolRules(max_walk_m=1700.0))
    assert document["routes"]
    assert document["unserved"]
    assert any(stop["work"]["walk"] for route in document["routes"] for stop in route["stops"])
    route = document["routes"][0]
    first = route["stops"][0]
    # Between two stops nothing is as long as a break, so the rest of the day comes later by it.
    begin = first["leave_s"]
    route["breaks"] = [{"after": 1, "start_s": begin, "end_s": begin + 1800}]
    for stop in route["stops"][1:]:
        for name in ("arrive_s", "start_s", "leave_s"):
            stop[name] += 1800
    route["end_s"] += 1800
    return document


@pytest.fixture
def made_plan(computed_plan: dict[str, Any]) -> dict[str, Any]:
    """A copy that a test may change."""
    return copy.deepcopy(computed_plan)


@pytest.fixture
def mended_plan(made_plan: dict[str, Any]) -> dict[str, Any]:
    """The plan as it is after a repair that found the team with most stops between its first and its second."""
    route = max(made_plan["routes"], key=lambda route: len(route["stops"]))
    first, second = route["stops"][:2]
    at_s = first["leave_s"] + 60
    driven = {**second["leg"], "metres": 700.0, "seconds": 60, "coordinates": [[113.0, 28.0], [113.005, 28.0]]}
    route["breaks"] = [{"after": 1, "start_s": at_s, "end_s": at_s + 600}]
    route["resumed"] = {"after": 1, "at_s": at_s, "spot": first["work"]["exit"], "behind": [driven]}
    made_plan["routes"] = [route, *(other for other in made_plan["routes"] if other is not route)]
    made_plan["repair"] = {"plan_id": None, "at_s": at_s}
    return made_plan
