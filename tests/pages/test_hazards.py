"""Hazards on the page: listed, reported by click and by mileage, taken step by step."""

from __future__ import annotations

from gridmap.domain.access import Actor, Role
from gridmap.services import hazards, railways

ADMIN = Actor("admin", Role.ADMINISTRATOR)


def titles(context) -> list[str]:
    return hazards.list_hazards(context, ADMIN)["title"].tolist()


def test_a_hazard_goes_its_way_and_every_step_is_kept(browser, county, read) -> None:
    app = browser.open("hazards", name="commander")
    hazard_id = int(hazards.list_hazards(county, ADMIN)["id"].iloc[0])
    app.button(key=f"row_hazards_{hazard_id}").click().run()
    (note,) = (box for box in app.text_input if box.label == "备注")
    note.set_value("现场已看").run()
    app.button(key="hazard_step_accepted").click().run()
    assert "已完成：受理。" in read(app)
    app.button(key="hazard_step_verified").click().run()
    steps = hazards.load_steps(county, ADMIN, hazard_id=hazard_id)
    assert steps["to_state"].tolist() == ["reported", "accepted", "verified"]
    assert steps["note"].tolist()[1] == "现场已看"
    assert "现场已看" in read(app)


def test_a_case_tells_the_distances_that_the_law_sets(browser, county, read) -> None:
    line_id = int(railways.list_lines(county, ADMIN)["id"].iloc[0])
    where = {"line_id": line_id, "mileage_text": "K1+200", "side": "left", "offset_m": 416.0}
    new = hazards.NewHazard(kind="quarrying", severity=3, title="采石", **where)
    hazard_id = hazards.add_hazard(county, ADMIN, new=new)
    app = browser.open("hazards", name="commander")
    app.button(key=f"row_hazards_{hazard_id}").click().run()
    said = read(app)
    assert "法定距离" in said
    assert "第34条：相距约 412（±4）米，在 1,000 米以内：须经同意" in said
    assert "仅供初筛" in said


def test_a_step_taken_by_somebody_else_first_is_told(browser, county, read) -> None:
    app = browser.open("hazards", name="commander")
    hazard_id = int(hazards.list_hazards(county, ADMIN)["id"].iloc[0])
    app.button(key=f"row_hazards_{hazard_id}").click().run()
    hazards.advance_hazard(county, ADMIN, hazard_id=hazard_id, to="cancelled")
    app.run()
    assert "已作废" in read(app)
    assert not [button for button in app.button if str(button.key).startswith("hazard_step_")]


def test_a_hazard_is_reported_where_the_map_was_clicked(browser, county, read) -> None:
    app = browser.open("hazards", name="planner")
    (start,) = (button for button in app.button if button.label == "上报隐患")
    start.click().run()
    assert "请在地图上点选位置。" in read(app)
    assert app.button(key="new_save").disabled
    browser.click_map(app, kind="point")
    app.text_input(key="new_title").set_value("护栏缺口").run()
    app.button(key="new_save").click().run()
    assert "已上报，详情如下。" in read(app)
    assert "护栏缺口" in titles(county)


def test_a_hazard_is_reported_by_its_mileage(browser, county) -> None:
    app = browser.open("hazards", name="planner")
    (start,) = (button for button in app.button if button.label == "上报隐患")
    start.click().run()
    app.button_group(key="new_by").set_value("mileage").run()
    app.text_input(key="new_mileage").set_value("K1+200").run()
    app.text_input(key="new_title").set_value("塑料膜").run()
    app.button(key="new_save").click().run()
    found = hazards.list_hazards(county, ADMIN).set_index("title").loc["塑料膜"]
    assert found["mileage_m"] == 1200
    assert found["line_id"] == railways.list_lines(county, ADMIN)["id"].iloc[0]


def test_the_text_of_a_mileage_may_carry_side_and_metres(browser, county, read) -> None:
    app = browser.open("hazards", name="planner")
    (start,) = (button for button in app.button if button.label == "上报隐患")
    start.click().run()
    app.button_group(key="new_by").set_value("mileage").run()
    app.text_input(key="new_mileage").set_value("Ｋ1+200 右侧 15 米").run()
    assert "右侧，15 米" in read(app)
    assert not [group for group in app.button_group if group.key == "new_side"]
    app.text_input(key="new_title").set_value("防尘网").run()
    app.button(key="new_save").click().run()
    found = hazards.list_hazards(county, ADMIN).set_index("title").loc["防尘网"]
    assert (found["mileage_m"], found["side"], found["offset_m"]) == (1200, "right", 15)


def test_a_mileage_beyond_the_line_is_told_at_once(browser) -> None:
    app = browser.open("hazards", name="planner")
    (start,) = (button for button in app.button if button.label == "上报隐患")
    start.click().run()
    app.button_group(key="new_by").set_value("mileage").run()
    app.text_input(key="new_mileage").set_value("K900+000").run()
    assert "K900+000 不在该线路上" in app.warning[0].value


def test_the_list_is_filtered_by_state_and_severity(browser, county) -> None:
    app = browser.open("hazards")
    app.button_group(key="hazards_severity").set_value([4]).run()
    assert len([button for button in app.button if str(button.key).startswith("row_hazards_")]) == 1
    app.button_group(key="hazards_shown").set_value("over").run()
    assert not [button for button in app.button if str(button.key).startswith("row_hazards_")]
