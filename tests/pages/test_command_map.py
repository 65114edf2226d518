"""The command map: found, flown to, clicked, and what needs attention."""

from __future__ import annotations

import gzip

from gridmap.domain.access import Actor, Role
from gridmap.services import areas, closures, hazards, incidents
from gridmap.services.overlays import load_overlay
from tests.columns import read_rows

ADMIN = Actor("admin", Role.ADMINISTRATOR)


def test_a_mileage_is_found_and_flown_to(browser, read) -> None:
    app = browser.open("")
    app.text_input(key="search").set_value("K1+500").run()
    assert "清河线 K1+500" in read(app).replace("\\", "")
    app.button(key="row_hits_0").click().run()
    move = browser.overlays[-1].fly_to
    assert round(move.lat, 3) == 37.82
    assert move.count == 1
    assert browser.overlays[-1].marks[0].kind == "pin"


def test_a_word_nobody_knows_is_answered(browser, read) -> None:
    app = browser.open("")
    app.text_input(key="search").set_value("没有这个地方").run()
    assert "没有找到，请换个短一点的词。" in read(app)


def test_a_click_shows_the_card_and_the_nearest_teams(browser, county, read) -> None:
    cell = int(areas.load_cells(county, ADMIN)["id"].iloc[0])
    app = browser.open("")
    browser.click_map(app, layer="cell", ids=(cell,))
    words = read(app)
    assert "第1网格" in words
    assert "最近的空闲队伍（按行车时间）" in words
    assert "巡防一组 · 汽车" in words
    assert "步巡组 · 步行" not in words
    app.button(key="card_close").click().run()
    assert "第1网格" not in read(app)


def test_a_click_on_a_hazard_shows_its_card_in_words(browser, county, read) -> None:
    hazard = hazards.list_hazards(county, ADMIN).iloc[0]
    app = browser.open("")
    browser.click_map(app, layer="hazard", ids=(int(hazard["id"]),))
    assert "特别重大" in read(app)
    assert browser.overlays[-1].selected["hazard"] == (int(hazard["id"]),)


def test_a_click_on_nothing_closes_the_card(browser, county, read) -> None:
    hazard = hazards.list_hazards(county, ADMIN).iloc[0]
    app = browser.open("")
    browser.click_map(app, layer="hazard", ids=(int(hazard["id"]),))
    browser.click_map(app)
    assert "特别重大" not in read(app)


def test_an_alert_leads_to_its_place(browser, read) -> None:
    app = browser.open("")
    assert "步巡组失联" in read(app)
    app.button(key="row_alerts_0").click().run()
    assert browser.overlays[-1].selected["team"] == (3,)
    assert browser.overlays[-1].fly_to is not None


def test_what_was_pointed_at_is_forgotten_on_another_page(browser, county) -> None:
    hazard = hazards.list_hazards(county, ADMIN).iloc[0]
    app = browser.open("")
    browser.click_map(app, layer="hazard", ids=(int(hazard["id"]),))
    browser.turn_to(app, "patrol")
    assert "hazard" not in browser.overlays[-1].selected


def report(browser, app, title: str = "", *, number: int = 0):
    """Drop an incident and send the team with that place in the list."""
    browser.click_map(app, kind="point")
    app.text_input(key="incident_title").set_value(title)
    app.selectbox(key="incident_kind").set_value("火情")
    sends = [button for button in app.button if button.key and button.key.startswith("send_")]
    return sends[number].click().run()


def test_an_incident_is_reported_with_its_first_team(browser, county, read) -> None:
    app = report(browser, browser.open("", name="commander"), "仓库起火")
    words = read(app)
    assert "警情已上报。" in words
    assert "仓库起火" in words
    assert "已派队伍（1）" in words
    (incident,) = incidents.list_incidents(county, ADMIN).itertuples()
    assert (incident.kind, incident.severity, incident.teams) == ("fire", 2, 1)
    overlay = browser.overlays[-1]
    assert overlay.selected["incident"] == (incident.id,)
    assert [route.faded for route in overlay.routes] == [False, True]
    assert [band.label for band in overlay.reach] == ["5 分钟", "10 分钟", "15 分钟"]
    assert overlay.fly_to.bounds_wgs84 is not None


def test_a_team_is_moved_on_and_called_back(browser, county, read) -> None:
    app = report(browser, browser.open("", name="commander"))
    (task,) = incidents.list_dispatches(county, ADMIN)["id"]
    app.button(key=f"card_accepted_{task}").click().run()
    assert "途中" in read(app)
    app.button(key="card_close").click().run()
    assert browser.overlays[-1].routes == ()
    assert "当前警情（1）" in read(app)
    app.button(key=f"list_recalled_{task}").click().run()
    assert "尚未派队" in read(app)
    assert incidents.list_dispatches(county, ADMIN).empty


def test_an_incident_ends_and_is_forgotten(browser, county, read) -> None:
    app = report(browser, browser.open("", name="commander"), "仓库起火")
    app.button(key="incident_end").click().run()
    assert "警情已结束" in read(app)
    assert "仓库起火" not in read(app)
    assert incidents.list_incidents(county, ADMIN).empty


def test_another_ended_the_incident_looked_at(browser, county, read) -> None:
    app = report(browser, browser.open("", name="commander"))
    (incident,) = incidents.list_incidents(county, ADMIN)["id"]
    incidents.close_incident(county, ADMIN, incident_id=int(incident))
    app.run()
    assert "该警情已结束，无需处置。" in read(app)
    app.button(key="card_close").click().run()
    assert "该警情已结束，无需处置。" not in read(app)


def test_who_may_not_dispatch_sees_the_teams_alone(browser, read) -> None:
    app = browser.open("", name="planner")
    browser.click_map(app, kind="point")
    words = read(app)
    assert "巡防一组 · 汽车" in words
    assert "上报并派出" not in words
    assert "仅上报，暂不派队" not in words


def test_an_incident_is_reported_without_a_team(browser, county, read) -> None:
    app = browser.open("", name="commander")
    browser.click_map(app, kind="point")
    app.button(key="incident_alone").click().run()
    assert "尚未派出队伍。" in read(app)
    assert incidents.list_incidents(county, ADMIN)["teams"].tolist() == [0]


def test_a_road_is_closed_and_opened_again_on_the_map(browser, county, read) -> None:
    app = browser.open("", name="commander")
    browser.click_map(app, kind="point", place=(112.515, 37.81))
    app.text_input(key="closure_reason_0").set_value("山体滑坡").run()
    app.button(key="closure_save").click().run()
    assert "已保存" in app.success[0].value
    (row,) = closures.list_closures(county, ADMIN).itertuples()
    (drawn,) = read_rows(gzip.decompress(load_overlay(county, ADMIN, name="closures").data))
    assert (drawn["id"], drawn["reason"], drawn["speed_kmh"]) == (row.id, "山体滑坡", 0.0)
    browser.click_map(app, layer="closure", ids=(int(row.id),))
    assert "山体滑坡" in read(app)
    assert "封闭" in read(app)
    app.button(key=f"closure_open_{row.id}").click().run()
    assert closures.list_closures(county, ADMIN).empty
    assert "山体滑坡" not in read(app)
