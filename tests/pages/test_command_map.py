"""The command map: found, flown to, clicked, and what needs attention."""

from __future__ import annotations

from gridmap.domain.access import Actor, Role
from gridmap.services import areas, hazards

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
    assert "最近的队伍（按行车时间）" in words
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
