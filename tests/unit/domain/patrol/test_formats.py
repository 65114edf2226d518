"""A plan of the first format is read as one of today and passes the checker."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs

from gridmap.domain.patrol.checker import check_plan
from gridmap.domain.patrol.formats import FORMAT, upgrade_document
from tests.worlds import build_patrol_world, plan

SCHEMA_PATH = Path(__file__).parents[4] / "docs" / "plan.schema.json"
SCHEMA = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def as_first_format(document: dict[str, Any]) -> dict[str, Any]:
    """The plan as the first version wrote it."""
    first = copy.deepcopy(document) | {"format": "gridmap-plan/1"}
    for task in first["tasks"]:
        windows = task.pop("windows_s", None)
        if windows:
            task["window_s"] = windows[0]
    for name in ("balance", "prizes", "late_weight", "most_late", "night_s", "day_s", "daylight_settings"):
        first["rules"].pop(name)
    first["summary"]["objective"].pop("balance_s")
    for item in first["unserved"]:
        item.pop("hint")
    del first["lower_bound"], first["gap"]
    return first


def test_a_plan_of_the_first_format_is_read_and_valid() -> None:
    world = build_patrol_world(7)
    document = json.loads(json.dumps(plan(world)))
    first = as_first_format(document)
    assert any("window_s" in task for task in first["tasks"])
    upgraded = upgrade_document(first)
    SCHEMA.validate(upgraded)
    assert upgraded["format"] == FORMAT
    assert check_plan(upgraded, world.truth).violations == ()
    assert upgraded["routes"] == document["routes"]
    assert [task.get("windows_s") for task in upgraded["tasks"]] == [t.get("windows_s") for t in document["tasks"]]


def test_nothing_is_proven_of_an_old_plan() -> None:
    upgraded = upgrade_document(as_first_format(plan(build_patrol_world(7))))
    assert (upgraded["lower_bound"], upgraded["gap"]) == (0.0, 1.0)


def test_what_is_no_plan_stays_as_it_is() -> None:
    for thing in (None, [], {"format": FORMAT}, {"format": "else"}, "text"):
        assert upgrade_document(thing) is thing
    assert upgrade_document({"format": "gridmap-plan/1", "tasks": 3})["tasks"] == 3


def test_a_plan_of_today_is_not_touched() -> None:
    document = plan(build_patrol_world(7))
    assert upgrade_document(document) is document
