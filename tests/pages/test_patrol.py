"""A planner asks, watches, reads, keeps and publishes a plan."""

from __future__ import annotations

import re
from datetime import time

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.pages import plan_form, railway_patrol
from gridmap.services import planning

ADMIN = Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def planned(browser, county, monkeypatch: pytest.MonkeyPatch):
    """The page of a planner with a plan computed by few iterations."""
    ask = plan_form.PlanRequest
    monkeypatch.setattr(plan_form, "PlanRequest", lambda **given: ask(**given, iterations=30))
    app = browser.open("patrol", name="planner")
    app.button(key="plan_start").click().run()
    county.jobs.wait(app.session_state["plan_job"], timeout_s=120)
    return app.run()


def test_a_plan_is_computed_and_read(browser, planned, read) -> None:
    words = read(planned)
    assert "项任务已安排" in words
    assert "路线（" in words
    routes = browser.overlays[-1].routes
    assert routes
    assert all(part.line for route in routes for part in route.parts)
    assert {part.kind for route in routes for part in route.parts} >= {"walk"}


def test_a_route_is_looked_at_alone(browser, planned, read) -> None:
    planned.button(key="row_routes_0").click().run()
    assert browser.overlays[-1].routes[0].faded is False
    assert all(route.faded for route in browser.overlays[-1].routes[1:])
    assert "到达" in read(planned)


def test_a_plan_is_saved_published_and_found_again(browser, county, planned, read) -> None:
    planned.text_input(key="plan_name").set_value("三月四日巡防").run()
    planned.button(key="plan_save").click().run()
    assert "已保存，可在方案列表中查看。" in read(planned)
    planned.button(key="plan_publish").click().run()
    assert planning.list_plans(county, ADMIN)["status"].tolist() == ["published"]
    assert "/downloads/plans/1/order" in read(planned)
    planned.button(key="plan_leave").click().run()
    assert "三月四日巡防" in read(planned)
    planned.button(key="row_plans_1").click().run()
    assert "项任务已安排" in read(planned)


def test_a_plan_is_taken_away_as_files(planned) -> None:
    assert {button.proto.label for button in planned.get("download_button")} == {
        "GeoJSON",
        "GPX",
        "KML",
        "Excel",
        "打印任务单",
    }


def test_day_night_and_equal_work_are_asked_for(browser, read, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(plan_form, "start_plan", lambda visit, request: asked.append(request))
    app = browser.open("patrol", name="planner")
    app.select_slider(key="plan_balance").set_value(1.0)
    app.slider(key="plan_daylight").set_value((time(7, 0), time(18, 30)))
    app.toggle(key="plan_by_day").set_value(True)
    app.time_input(key="plan_shift_from").set_value(time(22, 0))
    app.time_input(key="plan_shift_to").set_value(time(6, 0)).run()
    assert "次日结束" in read(app)
    app.button(key="plan_start").click().run()
    (rules,) = [request.rules for request in asked]
    assert asked[0].shift_s == (22 * 3600, 30 * 3600)
    assert (rules.balance, rules.daylight_settings) == (1.0, ("open",))
    assert (rules.day_s, rules.night_s) == ((25_200, 66_600), (66_600, 25_200))


@pytest.fixture
def planned_short(browser, county):
    """The page of a planner with a plan that had too little time for everything."""
    request = planning.PlanRequest(iterations=30, team_count=1, shift_end=time(9, 30))
    app = browser.open("patrol", name="planner")
    app.session_state["plan"] = planning.compute_plan(county, ADMIN, request=request)
    return app.run()


def test_what_is_left_out_says_what_keeps_it_out_and_what_to_do(planned_short, read) -> None:
    words = read(planned_short)
    assert "分钟" in words
    assert any(text in words for text in ("班次结束晚", "才排得下", "还排得下"))
    assert "可延后下班或增加队伍。" in words
    assert "全部由一支队伍承担。" in words
    assert re.search(r"计算 \d+ 步", words)


def test_what_would_serve_more_is_tried_on_request(county, planned_short, read) -> None:
    planned_short.button(key="plan_gains").click().run()
    county.jobs.wait(planned_short.session_state["gains_job"], timeout_s=120)
    words = read(planned_short.run())
    assert "增加一支队伍" in words
    assert "优先级合计多" in words
    planned_short.button(key="plan_leave").click().run()
    assert "gains" not in planned_short.session_state


def test_a_plan_is_compared_with_a_kept_one(browser, county, planned_short, read) -> None:
    request = planning.PlanRequest(iterations=30)
    kept = planning.compute_plan(county, ADMIN, request=request)
    plan_id = planning.save_plan(county, ADMIN, document=kept, name="整天方案")
    app = planned_short.run()
    app.selectbox(key="plan_other").set_value(plan_id).run()
    words = read(app)
    assert "有变动的任务" in words
    assert "不再安排，原由" in words
    assert [line.name for line in browser.overlays[-1].routes] == ["两方案相同", "仅原方案", "仅现方案"]
    app.selectbox(key="plan_other").set_value(None).run()
    assert "有变动的任务" not in read(app)
    assert [line.name for line in browser.overlays[-1].routes] != ["两方案相同", "仅原方案", "仅现方案"]


def test_a_click_on_a_days_row_shows_its_route(browser, planned_short, monkeypatch: pytest.MonkeyPatch) -> None:
    clicks = [0]
    drawn = []

    def show(data):
        drawn.append(data)
        return clicks.pop() if clicks else None

    monkeypatch.setattr(railway_patrol, "show_timeline", show)
    planned_short.run()
    assert planned_short.session_state["route_shown"] == 0
    assert drawn[-1]["names"].count('aria-pressed="true"') == 1
    clicks.append(0)
    planned_short.run()
    assert planned_short.session_state["route_shown"] is None
    assert not any(route.faded for route in browser.overlays[-1].routes)


def test_a_computation_is_stopped_and_says_so(browser, county, read) -> None:
    app = browser.open("patrol", name="planner")
    app.slider(key="plan_seconds").set_value(60).run()
    app.button(key="plan_start").click().run()
    job = app.session_state["plan_job"]
    app.button(key="stop_plan_job").click().run()
    # At once over, where no search had begun, or known to be stopping.
    assert "plan_job" not in app.session_state or app.button(key="stop_plan_job").disabled
    county.jobs.wait(job, timeout_s=60)
    app.run()
    words = read(app)
    # Stopped before the search nothing comes of it; stopped within, the best plan so far does.
    assert "已停止，数据没有改动。" in words or "计算提前停止" in words


def test_a_commander_reads_and_does_not_plan(browser, read) -> None:
    app = browser.open("patrol", name="commander")
    assert "方案由巡防规划员计算，您可查看已存方案。" in read(app)
    assert not [button for button in app.button if button.key == "plan_start"]
