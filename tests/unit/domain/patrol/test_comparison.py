"""Two plans side by side."""

from __future__ import annotations

import json

import pytest

from gridmap.domain.patrol.comparison import Change, compare_plans
from tests.plan_documents import EIGHT, make_plan


def test_the_same_plan_differs_in_nothing() -> None:
    plan = make_plan({"A": ["hazard-1", "hazard-2"], "B": ["hazard-3"]}, unserved=["hazard-4"])
    difference = compare_plans(plan, plan)
    assert difference.changes == ()
    assert difference.gained_s == 0
    assert difference.before == difference.after
    assert difference.before.priority == 6


def test_what_becomes_of_each_task() -> None:
    before = make_plan({"A": ["hazard-1", "hazard-2"], "B": ["hazard-3", "hazard-5"]}, unserved=["hazard-4"])
    after = make_plan({"A": ["hazard-1", "hazard-3", "hazard-4"], "B": ["hazard-6"]}, unserved=["hazard-2"])
    difference = compare_plans(before, after)
    told = {change.task: (change.change, change.before, change.after) for change in difference.changes}
    assert told == {
        "hazard-2": (Change.DROPPED, ("A",), ()),
        "hazard-3": (Change.MOVED, ("B",), ("A",)),
        "hazard-5": (Change.GONE, ("B",), ()),
        "hazard-4": (Change.ADDED, (), ("A",)),
        "hazard-6": (Change.NEW, (), ("B",)),
    }
    (dropped,), (added,), (gone,) = (difference.of(kind) for kind in (Change.DROPPED, Change.ADDED, Change.GONE))
    assert dropped.unserved == after["unserved"][0]
    assert added.unserved == before["unserved"][0]
    assert gone.unserved is None
    assert (difference.before.duration_s, difference.after.duration_s, difference.gained_s) == (4 * 3600, 4 * 3600, 0)


@pytest.mark.parametrize(("later_s", "told"), [(599, ()), (600, (600,)), (-900, (-900,))])
def test_work_at_another_time_counts_from_ten_minutes(later_s: int, told: tuple[int, ...]) -> None:
    before, after = (make_plan({"A": ["hazard-1"]}, begin_s=at) for at in (EIGHT, EIGHT + later_s))
    assert tuple(change.later_s for change in compare_plans(before, after).of(Change.RETIMED)) == told


def test_a_team_that_was_renamed_is_the_same_and_one_of_no_number_goes_by_its_name() -> None:
    before = make_plan({"East": ["hazard-1"], "T2": ["hazard-2"]}, ids={"East": 7})
    after = make_plan({"T2": ["hazard-2"], "East two": ["hazard-1"]}, ids={"East two": 7})
    difference = compare_plans(before, after)
    assert difference.changes == ()
    assert [(team.name, team.before is not None, team.after is not None) for team in difference.teams] == [
        ("East", True, True),
        ("T2", True, True),
    ]


def test_a_team_more_and_one_that_stays_at_its_post() -> None:
    before = make_plan({"A": ["hazard-1"], "B": []})
    after = make_plan({"A": [], "C": ["hazard-1"], "B": []})
    teams = compare_plans(before, after).teams
    assert [team.name for team in teams] == ["A", "C"]
    assert teams[0].after is not None
    assert teams[0].after.stops == 0
    assert teams[1].before is None


def test_several_visits_are_compared_as_a_whole() -> None:
    before = make_plan({"A": ["hazard-1", "hazard-1"], "B": []})
    after = make_plan({"A": ["hazard-1"], "B": ["hazard-1"]})
    (moved,) = compare_plans(before, after).changes
    assert (moved.change, moved.before, moved.after) == (Change.MOVED, ("A", "A"), ("A", "B"))


def test_the_difference_is_plain_values() -> None:
    before = make_plan({"A": ["hazard-1"]}, hours=2)
    told = json.loads(json.dumps(compare_plans(before, make_plan({"B": ["hazard-1"]})).as_json()))
    assert told.keys() == {"before", "after", "gained_s", "teams", *(change.value for change in Change)}
    assert told["gained_s"] == 3600
    assert told["moved"] == [{"task": "hazard-1", "before": ["A"], "after": ["B"], "later_s": 0, "unserved": None}]
