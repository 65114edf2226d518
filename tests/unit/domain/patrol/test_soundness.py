"""A request that is wrong in itself is refused, and what is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.problem import Break
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.soundness import check_tasks, check_teams
from gridmap.errors import InvalidInput
from tests.worlds import DAY_END_S, DAY_START_S, build_patrol_world, build_rich_world

WORLD = build_patrol_world(3)
H = 3600


def test_a_world_with_duties_is_sound() -> None:
    given = build_rich_world(3).given
    assert check_tasks(given.tasks) is check_teams(given.teams) is None


@pytest.mark.parametrize(
    "values",
    [
        {"windows_s": ((9 * H, 8 * H),)},
        {"windows_s": ((8 * H, 11 * H), (10 * H, 12 * H))},
        {"windows_s": ((14 * H, 15 * H), (8 * H, 9 * H))},
        {"visits": 0},
        {"priority": 0},
        {"spacing_s": -1},
        {"inspect_s": -60},
    ],
)
def test_a_task_that_cannot_be_is_named(values: dict[str, Any]) -> None:
    first, *rest = WORLD.given.tasks
    given = replace(WORLD.given, tasks=(replace(first, **values), *rest))
    with pytest.raises(InvalidInput) as refused:
        build_problem(WORLD.network, given, rules=PatrolRules())
    assert first.name in str(refused.value)
    assert refused.value.hint_text


@pytest.mark.parametrize(
    "values",
    [
        {"shift_end_s": DAY_START_S},
        {"latest_return_s": DAY_START_S - 60},
        {"members": 0},
        {"max_walk_m": -1.0},
        {"breaks": (Break(DAY_END_S, DAY_END_S + 60, 60),)},
        {"breaks": (Break(12 * H, 12 * H, 0),)},
        {"breaks": (Break(12 * H, 12 * H, 1800), Break(12 * H, 12 * H + 60, 1800))},
        {"latest_return_s": 12 * H, "breaks": (Break(12 * H, 13 * H, 1800),)},
    ],
)
def test_a_team_that_cannot_be_is_named(values: dict[str, Any]) -> None:
    first, *rest = WORLD.given.teams
    given = replace(WORLD.given, teams=(replace(first, **values), *rest))
    with pytest.raises(InvalidInput) as refused:
        build_problem(WORLD.network, given, rules=PatrolRules())
    assert first.name in str(refused.value)
    assert refused.value.hint_text
