"""A strategy is computed, kept, drawn from and grows old; an edit of the draw has its price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.errors import NotAllowed, NotFound
from gridmap.services import roster_plans, rosters, strategies, unpredictable
from gridmap.services.context import Context
from gridmap.services.journal import list_changes
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.plan_checking import check_plan
from gridmap.services.planning import list_plans, save_plan
from gridmap.services.rosters import RosterRequest
from gridmap.store import tables
from tests.keeping import fill_once
from tests.pages.conftest import fill_county

COMMANDER = Actor("commander", Role.COMMANDER)
DAY = date(2026, 3, 4)
REQUEST = PatrolRequest(iterations=3, team_count=2, service_date=DAY)


def write_shift(request: PatrolRequest) -> dict[str, int]:
    """The shift of a request as a strategy writes it."""
    return dict(zip(("start_s", "end_s"), request.shift_s, strict=True))


on_one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is computed alike on either engine; other tests show that both read and write what it is computed of."""


@pytest.fixture
def county(context: Context) -> Context:
    fill_once(context, "county of the pages", fill_county)
    return context


@on_one_engine
def test_a_strategy_is_drawn_from(county: Context, administrator: Actor) -> None:
    first = unpredictable.draw_plan(county, administrator, request=REQUEST, seed=3)
    assert check_plan(county, administrator, document=first).valid
    strategy_id = first["drawn"]["strategy"]
    strategy = strategies.load_strategy(county, administrator, strategy_id=strategy_id)
    assert sum(plan["probability"] for plan in strategy["plans"]) == pytest.approx(1.0)
    assert strategy["bound"] <= strategy["value"] + 1e-9
    assert 0 < strategy["hours"]["foreseeable"] <= strategy["hours"]["foreseeable_before"] <= 1
    assert all(target["same_hour"] <= target["coverage"] + 1e-5 for target in strategy["targets"])
    again = unpredictable.draw_plan(county, administrator, request=REQUEST, seed=3)
    assert again["drawn"] == first["drawn"]
    assert again["routes"] == first["routes"]
    assert list_changes(county, administrator)["kind"].tolist()[:3] == ["draw_plan", "draw_plan", "save_strategy"]
    assert save_plan(county, administrator, document=first, name="drawn") > 0


def test_a_strategy_grows_old(county: Context, administrator: Actor) -> None:
    document = strategies.compute_strategy(county, administrator, request=REQUEST)
    strategy_id = strategies.save_strategy(county, administrator, document=document)
    found = strategies.find_fresh_strategy(county, administrator, request=REQUEST)
    assert found is not None
    assert found[0] == strategy_id
    assert strategies.ask_again(document, day=DAY) == replace(REQUEST, iterations=None)
    late = replace(REQUEST, shift_start=time(9), shift_end=time(1))
    assert strategies.find_fresh_strategy(county, administrator, request=late) is None
    asked = strategies.ask_again({**document, "asked": {**document["asked"], "shift": write_shift(late)}}, day=DAY)
    assert (asked.shift_start, asked.shift_end) == (time(9), time(1))
    other = replace(REQUEST, team_count=1)
    assert strategies.find_fresh_strategy(county, administrator, request=other) is None
    with county.database.write(administrator, kind="test") as work:
        work.update(tables.team, 1, {"members": 3})
        work.touch("teams")
    assert strategies.find_fresh_strategy(county, administrator, request=REQUEST) is None
    with pytest.raises(NotFound):
        unpredictable.price_edit(county, administrator, request=REQUEST, team=0, route=())
    with pytest.raises(NotFound):
        strategies.load_strategy(county, administrator, strategy_id=99)


@on_one_engine
def test_an_edit_has_its_price(county: Context, administrator: Actor) -> None:
    document = strategies.compute_strategy(county, administrator, request=REQUEST)
    strategies.save_strategy(county, administrator, document=document)
    stays = [unpredictable.price_edit(county, administrator, request=REQUEST, team=team, route=()) for team in range(2)]
    assert all(cost.value_after >= cost.value_before - 1e-9 for cost in stays)
    assert max(cost.value_after - cost.value_before for cost in stays) > 0
    task = next(target["tasks"][0] for target in document["targets"] if target["coverage"] > 0)
    dropped = unpredictable.price_edit(county, administrator, request=REQUEST, task=task)
    assert dropped.value_after >= dropped.value_before
    assert dropped.places == 1
    with pytest.raises(NotFound):
        unpredictable.price_edit(county, administrator, request=REQUEST, task="segment-999")


@on_one_engine
def test_who_may_not_plan_may_not_draw(county: Context) -> None:
    with pytest.raises(NotAllowed):
        unpredictable.draw_plan(county, COMMANDER, request=REQUEST, seed=1)
    with pytest.raises(NotAllowed):
        rosters.compute_roster(county, COMMANDER, request=RosterRequest(plan=REQUEST, first_day=DAY))


@on_one_engine
def test_a_roster_becomes_plans(county: Context, administrator: Actor) -> None:
    request = RosterRequest(plan=replace(REQUEST, iterations=20), first_day=DAY, days=3, seconds=5)
    roster = rosters.compute_roster(county, administrator, request=request)
    assert [day["date"] for day in roster["days"]] == ["2026-03-04", "2026-03-05", "2026-03-06"]
    assert all(post["load_s"] <= post["capacity_s"] for day in roster["days"] for post in day["posts"])
    planned = {task for day in roster["days"] for post in day["posts"] for task in post["tasks"]}
    assert any(task.startswith("segment-") for task in planned)
    assert {item["task"] for item in roster["unreachable"]} == {"hazard-1", "hazard-2", "hazard-3"}
    made = roster_plans.plan_days(county, administrator, request=request, roster=roster)
    plans = made.plans
    hours = made.describe_hours()
    assert made.repeats.visits == made.repeats_before.visits == hours["repeats"]
    assert made.repeats.same_hour <= made.repeats_before.same_hour
    assert made.seconds == sum(document["summary"]["duration_s"] for document in plans)
    assert made.seconds <= 1.1 * made.seconds_before
    for document in plans:
        wanted = next(day for day in roster["days"] if day["date"] == document["service_date"])
        assert {task["key"] for task in document["tasks"]} == {t for post in wanted["posts"] for t in post["tasks"]}
        save_plan(county, administrator, document=document, name=document["service_date"])
    assert len(list_plans(county, administrator)) == len(plans) > 0
