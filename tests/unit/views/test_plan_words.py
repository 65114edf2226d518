"""What is said about a plan: what keeps tasks out and what to do, how good and how even it is, what changes."""

from __future__ import annotations

from typing import Any

import pytest

from gridmap.domain.patrol.balance import Measure, measure_balance
from gridmap.domain.patrol.comparison import Change, compare_plans
from gridmap.domain.patrol.constraints import Constraint
from gridmap.i18n import translator
from gridmap.views.plan_advice import ADVICE, advise, describe_effort, describe_gap
from gridmap.views.plan_difference import describe_change, draw_difference, list_changes, list_totals
from gridmap.views.plan_loads import describe_balance, draw_load_bars
from gridmap.views.plan_words import explain_unserved

Plan = dict[str, Any]

ENGLISH, CHINESE = translator("en"), translator("zh-CN")


def unserved(constraint: str, text: str, **values: Any) -> dict[str, Any]:
    binding = {"constraint": constraint, "team": "T1", "missing": 0, "unit": "", "text": text, "values": values}
    return {"task": "hazard-1", "reason": "no_time_left", "text": "full", "values": {}, "binding": binding}


def test_another_task_is_named_in_words_and_a_made_up_team_by_its_number(made_plan: dict[str, Any]) -> None:
    segment = next(task for task in made_plan["tasks"] if task["kind"] == "segment")
    made_plan["teams"][1] |= {"id": None, "name": "T2"}
    text = "It fits into the day of {team} only in place of {other}."
    told = explain_unserved(unserved("priority", text, team="T2", other=segment["key"]), made_plan, CHINESE)
    assert CHINESE("Team {number}").format(number=2) in told
    assert segment["name"] in told
    assert segment["key"] not in told


def test_a_plan_of_before_says_its_reason(made_plan: dict[str, Any]) -> None:
    item = {"task": "hazard-1", "reason": "in_tunnel", "text": "No usable road comes within {limit_m} m."}
    assert explain_unserved({**item, "values": {"limit_m": 300}}, made_plan, ENGLISH) == (
        "No usable road comes within 300 m."
    )


def test_there_is_something_to_do_about_whatever_can_be_helped() -> None:
    assert set(ADVICE) == {constraint.value for constraint in Constraint}
    assert advise(unserved("shift_end", "x"), ENGLISH) == "Let the shift end later, or add a team."
    assert advise({"reason": "in_tunnel"}, ENGLISH) == "Have it inspected together with the railway unit."
    assert advise({"reason": "x", "hint": "Wait {n}.", "values": {"n": 2}}, ENGLISH) == "Wait 2."


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ""),
        ({"gap": 0.03, "lower_bound": 0}, ""),
        ({"gap": 0.031, "lower_bound": 900}, "At most 3.1% from the best possible."),
        ({"gap": 0.42, "lower_bound": 900}, "At most 42% from the best possible."),
        ({"gap": 0.0, "lower_bound": 900}, "No better plan exists."),
    ],
)
def test_the_gap_to_the_bound_in_words(given: dict[str, float], words: str) -> None:
    assert describe_gap(given, ENGLISH) == words


def test_how_long_was_searched() -> None:
    assert describe_effort({"effort": {"seconds": 30.0, "iterations_run": 9}}, ENGLISH) == "Searched for 30 s"
    assert describe_effort({"effort": {"seconds": None, "iterations_run": 60}}, ENGLISH) == "Searched 60 steps"


def test_the_balance_in_a_sentence_and_in_bars(made_plan: dict[str, Any]) -> None:
    made_plan["routes"] = made_plan["routes"][:1]
    balance = measure_balance(made_plan)
    words = describe_balance(made_plan, balance, measure=Measure.DURATION, translate=ENGLISH)
    assert words.startswith("The loads are uneven (Gini ")
    assert made_plan["teams"][0]["name"] in words
    bars = draw_load_bars(made_plan, balance, measure=Measure.WALKED, translate=ENGLISH, theme="dark")
    assert bars.count("gm-load") == len(made_plan["teams"])
    assert bars.count("Stays at its post") == len(made_plan["teams"]) - 1
    assert "<u style=" in bars
    alone = {**made_plan, "teams": made_plan["teams"][:1]}
    even = describe_balance(alone, measure_balance(alone), measure=Measure.TASKS, translate=ENGLISH)
    assert even == "One team does it all."


def test_what_becomes_of_a_task_is_told_with_the_reason(
    made_plan: dict[str, Any], computed_plan: dict[str, Any]
) -> None:
    gone = made_plan["routes"].pop(0)
    lost = {key for stop in gone["stops"] for key in stop["tasks"]}
    made_plan["unserved"] += [unserved("search", "It still fits.") | {"task": key} for key in lost]
    difference = compare_plans(computed_plan, made_plan)
    assert {change.task for change in list_changes(difference)} == lost
    (first, *_) = difference.of(Change.DROPPED)
    told = describe_change(first, computed_plan, made_plan, ENGLISH)
    assert told == f"Dropped, was with {first.before[0]}. It still fits."


def test_the_map_tells_what_is_shared_from_what_is_not(
    made_plan: dict[str, Any], computed_plan: dict[str, Any]
) -> None:
    gone = made_plan["routes"].pop(0)
    lost = [key for stop in gone["stops"] for key in stop["tasks"]]
    made_plan["unserved"] += [unserved("search", "It still fits.") | {"task": key} for key in lost]
    difference = compare_plans(computed_plan, made_plan)
    shared, before, after = draw_difference(computed_plan, made_plan, difference, translate=ENGLISH)
    assert shared.faded
    assert shared.parts
    assert before.parts
    assert after.parts == ()
    assert [stop.number for stop in before.stops] == list(range(1, len(lost) + 1))
    assert before.colour != after.colour
    same = draw_difference(computed_plan, computed_plan, compare_plans(computed_plan, computed_plan), translate=ENGLISH)
    assert [bool(line.parts) for line in same] == [True, False, False]


def test_totals_stand_side_by_side_with_their_difference(
    made_plan: dict[str, Any], computed_plan: dict[str, Any]
) -> None:
    made_plan["summary"]["served"] -= 2
    made_plan["summary"]["driven_m"] += 1500.0
    rows = {row[0]: row[1:] for row in list_totals(compare_plans(computed_plan, made_plan), ENGLISH)}
    assert rows["Tasks served"][2] == "\u22122"
    assert rows["Driven"][2] == "+1.5 km"
    assert rows["Routes"][2] == "0"
