"""A planner computes a strategy, sees how often places are seen, draws a plan, and spreads visits over days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.domain.patrol.game.edits import EditCost
from gridmap.domain.patrol.visit_hours import Repeats
from gridmap.pages import patrol_game, patrol_roster
from gridmap.pages.plan_edits import describe_cost
from gridmap.services import planning, strategies
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.roster_plans import DayPlans
from gridmap.services.teams import list_teams

ADMIN = Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rounds in place of seconds."""
    monkeypatch.setattr(patrol_game, "PatrolRequest", lambda **given: PatrolRequest(**given, iterations=2))
    monkeypatch.setattr(patrol_roster, "PatrolRequest", lambda **given: PatrolRequest(**given, iterations=20))


def test_a_strategy_is_computed_shown_and_drawn_from(browser, county, quick, read) -> None:
    app = browser.open("patrol", name="planner")
    app.segmented_control(key="patrol_section").set_value("game").run()
    assert "还没有随机巡防策略" in read(app)
    team_id = int(list_teams(county, ADMIN)["id"].iloc[0])
    app.pills(key="game_teams").set_value([team_id]).run()
    app.time_input(key="game_shift_from").set_value(time(9, 0))
    app.time_input(key="game_shift_to").set_value(time(18, 30)).run()
    app.button(key="game_start").click().run()
    county.jobs.wait(app.session_state["strategy_job"], timeout_s=120)
    app.run()
    words = read(app)
    assert "最薄弱的地方巡得到的日子" in words
    assert "最常巡到的同一小时" in words
    assert [app.time_input(key=f"game_shift_{end}").value for end in ("from", "to")] == [time(9, 0), time(18, 30)]
    overlay = browser.overlays[-1]
    assert overlay.shades
    assert overlay.cell_fill.title == "有人巡到的天数占比"
    assert sum(overlay.cell_fill.counts) > 0
    app.button(key="game_draw").click().run()
    county.jobs.wait(app.session_state["draw_job"], timeout_s=120)
    app.run()
    words = read(app)
    assert "号随机巡防策略按种子" in words
    assert "计算 0 步" not in words
    assert browser.overlays[-1].routes
    asked = PatrolRequest(team_ids=(team_id,), shift_start=time(9), shift_end=time(18, 30))
    assert strategies.find_fresh_strategy(county, ADMIN, request=asked) is not None
    assert strategies.find_fresh_strategy(county, ADMIN, request=PatrolRequest()) is None
    app.button(key="edit_price").click().run()
    county.jobs.wait(app.session_state["edit_job"], timeout_s=120)
    app.run()
    assert "每次都这样改" in read(app)
    app.selectbox(key="edit_kind").set_value("always").run()
    assert any("·" in words for words in app.selectbox(key="edit_which").options)


def test_days_are_spread_and_kept_as_drafts(browser, county, quick, read) -> None:
    app = browser.open("patrol", name="planner")
    app.segmented_control(key="patrol_section").set_value("roster").run()
    app.slider(key="roster_days").set_value(3).run()
    app.button(key="roster_start").click().run()
    county.jobs.wait(app.session_state["roster_job"], timeout_s=120)
    app.run()
    words = read(app)
    assert "清河所" in words
    assert 'class="gm-share"' in words
    app.button(key="roster_save").click().run()
    county.jobs.wait(app.session_state["roster_plans_job"], timeout_s=120)
    app.run()
    assert "天的方案，可在“已存方案”中逐日下发。" in read(app)
    assert planning.list_plans(county, ADMIN)["status"].eq("draft").any()


def test_a_commander_sees_and_does_not_draw(browser, county, quick, read) -> None:
    document = strategies.compute_strategy(county, ADMIN, request=PatrolRequest(iterations=2))
    strategies.save_strategy(county, ADMIN, document=document)
    app = browser.open("patrol", name="commander")
    app.segmented_control(key="patrol_section").set_value("game").run()
    assert "各地点被巡到的频率" in read(app)
    assert not [button for button in app.button if button.key in {"game_draw", "game_start"}]
    app.segmented_control(key="patrol_section").set_value("roster").run()
    assert "方案由巡防规划员计算，您可查看已存方案。" in read(app)


def test_what_can_be_foretold_of_a_roster_is_one_sentence() -> None:
    made = DayPlans((), Repeats(20, 3), Repeats(20, 12), 100, 90)
    assert patrol_roster.describe_repeats(made, str) == [
        "15% of repeated visits come in an hour of another day; were hours not varied, 60% would."
    ]
    nothing = DayPlans((), Repeats(0, 0), Repeats(0, 0), 0, 0)
    assert patrol_roster.describe_repeats(nothing, str) == []
    stopped = replace(nothing, plans=({}, {}), unplanned=(date(2026, 10, 3),))
    assert patrol_roster.describe_kept(stopped, str) == "Stopped: 2 of 3 days have a plan and are saved."


def test_the_price_of_a_change_is_one_sentence() -> None:
    dearer = describe_cost(EditCost(2.0, 2.5, 10.0, 1.0, 3), str)
    assert dearer == (
        "Made every time, it raises what can be lost at the worst place by 25%; "
        "patrols become 10% easier to foretell, at 3 places."
    )
    assert describe_cost(EditCost(2.0, 2.0, 10.0, 0.0, 0), str).startswith("Made every time, it leaves the worst place")
    assert describe_cost(EditCost(0.0, 1.0, 0.0, 0.0, 1), str).startswith("Made every time, it leaves gaps")
