"""A plan document read back is what it was made from."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.document import build_document
from gridmap.domain.patrol.restoring import (
    restore_posts,
    restore_rules,
    restore_tasks,
    restore_teams,
)
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solver import Effort, solve
from tests.worlds import HEADER, build_patrol_world


@pytest.mark.parametrize("seed", [1, 7])
def test_what_was_given_is_read_back(seed: int) -> None:
    world = build_patrol_world(seed)
    rules = PatrolRules(line_walk_kmh=3.5, inspect_s=(60, 120, 180, 240))
    problem = build_problem(world.network, world.given, rules=rules)
    solution = solve(problem, effort=Effort(iterations=60))
    built = build_document(problem, solution, network=world.network, lines=world.lines, header=HEADER)
    document = json.loads(json.dumps(built))
    assert restore_rules(document) == rules
    assert restore_teams(document) == world.given.teams
    assert [post.name for post in restore_posts(document)] == [post.name for post in world.given.posts]
    offset_m = {task.key: task.offset_m for task in world.given.tasks}
    for restored, given in zip(restore_tasks(document, offset_m=offset_m), world.given.tasks, strict=True):
        assert (restored.lon, restored.lat) == pytest.approx((given.lon, given.lat), abs=1e-6)
        alike = {name: getattr(given, name) for name in ("lon", "lat", "from_m", "to_m")}
        assert replace(restored, **alike) == given
