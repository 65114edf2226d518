"""A published plan beside what the teams report, until a planner closes it."""

from __future__ import annotations

import uuid

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.domain.team_actions import ActionKind, TeamAction
from gridmap.services import orders, planning
from gridmap.services.planning import PlanRequest
from gridmap.services.team_actions import take_action

ADMIN = Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def plan_id(county) -> int:
    document = planning.compute_plan(county, ADMIN, request=PlanRequest(iterations=20))
    saved = planning.save_plan(county, ADMIN, document=document, name="三月四日巡防")
    planning.publish_plan(county, ADMIN, plan_id=saved)
    return saved


def act(county, plan_id: int, kind: ActionKind, **more: object) -> None:
    """The first team of the plan does something at its first stop."""
    first = orders.list_stops(county, ADMIN, plan_id=plan_id).iloc[0]
    target = int(first["order_id"] if kind is ActionKind.CONFIRM else first["id"])
    team_id = int(first["team_id"])
    given = {"key": str(uuid.uuid4()), "team_id": team_id, "at": county.clock(), "target": target, **more}
    take_action(county, Actor("crew", Role.TEAM, "", team_id), action=TeamAction(kind=kind, **given))


def open_plan(browser, plan_id: int, *, name: str = "planner", language: str = "zh-CN"):
    app = browser.open("patrol", name=name, language=language)
    return app.button(key=f"row_plans_{plan_id}").click().run()


def test_a_commander_sees_how_far_the_teams_are(browser, county, plan_id: int, read) -> None:
    app = open_plan(browser, plan_id, name="commander")
    words = read(app)
    teams = len(orders.list_progress(county, ADMIN, plan_id=plan_id))
    assert f"已确认 0 / {teams} 队" in words
    assert "未能完成" not in words
    act(county, plan_id, ActionKind.CONFIRM)
    act(county, plan_id, ActionKind.CANNOT, reason="road_blocked", note="塌方断路")
    words = read(app.run())
    assert f"已确认 1 / {teams} 队" in words
    assert "未能完成（1）" in words
    assert "道路不通" in words
    assert "塌方断路" in words
    assert f"/team/orders/{plan_id}/" in words
    assert not [button for button in app.button if button.key == "plan_close"]


def test_a_planner_closes_the_plan_and_reads_the_tally(browser, county, plan_id: int, read) -> None:
    act(county, plan_id, ActionKind.DONE)
    app = open_plan(browser, plan_id, language="en")
    app.button(key="plan_close").click().run()
    county.jobs.wait(app.session_state["plan_closing"], timeout_s=120)
    words = read(app.run())
    assert "The plan is closed, with what was planned and what was done." in words
    assert "Planned and actual" in words
    assert "no track" in words
    assert planning.list_plans(county, ADMIN)["status"].tolist() == ["closed"]
    assert not [button for button in app.button if button.key == "plan_close"]


def test_a_draft_has_no_progress(browser, county, read) -> None:
    document = planning.compute_plan(county, ADMIN, request=PlanRequest(iterations=5))
    saved = planning.save_plan(county, ADMIN, document=document, name="草稿")
    assert "执行情况" not in read(open_plan(browser, saved))
