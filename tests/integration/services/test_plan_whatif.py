"""What more would serve, and plans against each other, on a real database."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.errors import Cancelled, InvalidInput, NotAllowed, NotFound
from gridmap.services import plan_comparing, plan_whatif, planning
from gridmap.services.context import Context
from gridmap.services.planning import PlanRequest
from tests.counties import ADMIN, EAST_PLANNER, EAST_TOWN, WEST_SUPERVISOR, WEST_TOWN, fill_county, set_patrols

SHORT = PlanRequest(iterations=40, shift_start=time(8), shift_end=time(9, 30), team_count=1)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    set_patrols(context, at=None)
    return context


@pytest.fixture
def short_plan(county: Context) -> dict[str, Any]:
    """A plan of one team in an hour and a half, which cannot do everything."""
    document = planning.compute_plan(county, ADMIN, request=SHORT)
    assert any(item["reason"] == "no_time_left" for item in document["unserved"])
    return document


def test_a_team_more_and_half_an_hour_more_serve_more(county: Context, short_plan: dict[str, Any]) -> None:
    told: list[float] = []
    found = plan_whatif.explore_gains(
        county, ADMIN, document=short_plan, seconds=0.3, progress=lambda share, _: told.append(share)
    )
    assert found.left == sum(item["reason"] == "no_time_left" for item in short_plan["unserved"])
    teams = [gain for gain in found.gains if not gain.minutes]
    assert teams
    assert {gain.post for gain in teams} <= {f"Post {town}" for town in (EAST_TOWN, WEST_TOWN)}
    assert all(0 < gain.tasks <= found.left and gain.priority >= gain.tasks for gain in found.gains)
    assert [gain.priority for gain in found.gains] == sorted((gain.priority for gain in found.gains), reverse=True)
    assert told == sorted(told)
    assert told[-1] <= 1.0
    # What is promised is kept by a plan with that team.
    more = planning.compute_plan(
        county, ADMIN, request=PlanRequest(iterations=60, shift_start=time(8), shift_end=time(9, 30), team_count=2)
    )
    assert more["summary"]["served"] > short_plan["summary"]["served"]


def test_stopping_keeps_what_is_known(county: Context, short_plan: dict[str, Any]) -> None:
    def stop(share: float, message: str, /) -> None:
        if share > 0:
            raise Cancelled("enough")

    found = plan_whatif.explore_gains(county, ADMIN, document=short_plan, seconds=5, progress=stop)
    assert found.stopped_early


def test_only_planners_ask_and_only_in_their_area(county: Context, short_plan: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        plan_whatif.explore_gains(county, WEST_SUPERVISOR, document=short_plan)
    west = {**short_plan, "area_code": WEST_SUPERVISOR.scope_code}
    with pytest.raises(NotAllowed):
        plan_whatif.explore_gains(county, EAST_PLANNER, document=west)
    with pytest.raises(InvalidInput):
        plan_whatif.explore_gains(county, ADMIN, document={**short_plan, "teams": []})


def test_a_plan_is_compared_with_a_kept_one(county: Context, short_plan: dict[str, Any]) -> None:
    plan_id = planning.save_plan(county, ADMIN, document=short_plan, name="short")
    more = planning.compute_plan(
        county, ADMIN, request=PlanRequest(iterations=60, shift_start=time(8), shift_end=time(11), team_count=1)
    )
    kept, difference = plan_comparing.compare_with_saved(county, ADMIN, document=more, plan_id=plan_id)
    assert kept == short_plan
    assert difference.after.served - difference.before.served == (
        more["summary"]["served"] - short_plan["summary"]["served"]
    )
    with pytest.raises(NotFound):
        plan_comparing.compare_with_saved(
            county, Actor("east", Role.PLANNER, EAST_TOWN), document=more, plan_id=plan_id
        )


def test_what_is_no_plan_is_refused(county: Context, short_plan: dict[str, Any]) -> None:
    broken: list[Any] = [{}, {"teams": 1}, [], "plan"]
    for document in broken:
        with pytest.raises(InvalidInput, match="not a plan"):
            plan_comparing.compare_documents(county, ADMIN, before=short_plan, after=document)
    stray = {**short_plan, "routes": [{**short_plan["routes"][0], "team": "T9"}]}
    with pytest.raises(InvalidInput, match="T9"):
        plan_comparing.compare_documents(county, ADMIN, before=stray, after=short_plan)
