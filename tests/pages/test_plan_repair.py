"""A planner mends a published plan in the middle of its day and lets it take the place of the one before."""

from __future__ import annotations

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.pages import plan_repair
from gridmap.services import closures, planning
from gridmap.services.planning import PlanRequest
from gridmap.services.replanning import Return

ADMIN = Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def plan_id(county) -> int:
    document = planning.compute_plan(county, ADMIN, request=PlanRequest(iterations=20))
    saved = planning.save_plan(county, ADMIN, document=document, name="三月四日巡防")
    planning.publish_plan(county, ADMIN, plan_id=saved)
    return saved


def open_plan(browser, plan_id: int, *, name: str = "planner"):
    app = browser.open("patrol", name=name)
    return app.button(key=f"row_plans_{plan_id}").click().run()


def find_group(app, key: str):
    return next(group for group in app.get("button_group") if group.key == key)


def test_a_plan_is_mended_compared_and_takes_the_place_of_the_one_before(
    browser, county, plan_id: int, read, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = plan_repair.RepairRequest
    monkeypatch.setattr(plan_repair, "RepairRequest", lambda **given: ask(**given, iterations=20))
    app = open_plan(browser, plan_id)
    assert "调整本方案" in [expander.label for expander in app.expander]
    document = planning.load_plan(county, ADMIN, plan_id=plan_id)
    out = document["routes"][0]["team"]
    find_group(app, "repair_dropped").set_value([out]).run()
    app.button(key="repair_start").click().run()
    county.jobs.wait(app.session_state["repair_job"], timeout_s=120)
    words = read(app.run())
    assert "以下队伍不再执行任务" in words
    assert "余下任务中" in words
    # The difference is told, and drawn in its colours.
    assert "有变动的任务（" in words
    assert {route.name for route in browser.overlays[-1].routes} == {"两方案相同", "仅原方案", "仅现方案"}
    # Refused, it leads back to the plan that holds, with what was asked for still there.
    mended = app.session_state["plan"]
    app.button(key="repair_discard").click().run()
    assert app.session_state["plan_saved_id"] == plan_id
    assert find_group(app, "repair_dropped").value == [out]
    app.button(key="repair_start").click().run()
    # Nothing stands above what comes of it.
    assert "方案名称" not in read(app)
    county.jobs.wait(app.session_state["repair_job"], timeout_s=120)
    app.run()
    assert app.session_state["plan"]["routes"] == mended["routes"]
    app.button(key="plan_save").click().run()
    app.button(key="plan_publish").click().run()
    status = planning.list_plans(county, ADMIN).set_index("id")["status"]
    assert status[plan_id] == "replaced"
    assert (status == "published").sum() == 1
    assert find_group(app, "repair_dropped").value == []


def test_who_may_not_plan_mends_nothing(browser, plan_id: int) -> None:
    app = open_plan(browser, plan_id, name="commander")
    assert "调整本方案" not in [expander.label for expander in app.expander]


def test_roads_are_closed_and_a_place_of_return_is_chosen_in_the_form(
    browser, county, plan_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[plan_repair.RepairRequest] = []
    ask = plan_repair.RepairRequest

    def note(**given) -> plan_repair.RepairRequest:
        asked.append(ask(**given))
        return asked[-1]

    monkeypatch.setattr(plan_repair, "RepairRequest", note)
    app = open_plan(browser, plan_id)
    document = planning.load_plan(county, ADMIN, plan_id=plan_id)
    out = document["routes"][0]["team"]
    find_group(app, "repair_away").set_value([out]).run()
    assert asked[-1].away[0][2] is Return.SENT
    app.selectbox(key="repair_return").select(Return.POST).run()
    assert asked[-1].away[0][2] is Return.POST
    app.toggle(key="repair_closures").set_value(True).run()
    # A road clicked on the map is closed at once, and counts from then on.
    lon, lat = document["routes"][0]["stops"][-1]["leg"]["coordinates"][0]
    browser.click_map(app, kind="point", place=(lon, lat))
    app.text_input(key="closure_reason_0").set_value("山体滑坡").run()
    app.button(key="closure_save").click().run()
    (closure_id,) = closures.list_closures(county, ADMIN)["id"]
    assert app.toggle(key="repair_closures").label == "封闭、限速道路（1）"
    app.button(key=f"closure_open_{closure_id}").click().run()
    assert closures.list_closures(county, ADMIN).empty
    browser.click_map(app, kind="point", place=(lon, lat))
    app.selectbox(key="repair_return").select("clicked").run()
    assert asked[-1].away[0][2] == (lon, lat)
