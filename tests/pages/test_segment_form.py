"""Railway: a segment's card, and what is set of it by hand, alone or with those between two mileages."""

from __future__ import annotations

from gridmap.domain.access import Actor, Role
from gridmap.domain.railways.segment_edits import SegmentEdit
from gridmap.services import railways, segments

ADMIN = Actor("admin", Role.ADMINISTRATOR)


def open_card(browser, county, *, name: str = "planner", number: int = 0, language: str = "zh-CN"):
    """The page with the card of a segment of the line, from the west."""
    segment_id = int(railways.list_segments(county, ADMIN)["id"].iloc[number])
    app = browser.open("railway", name=name, language=language)
    return browser.click_map(app, layer="segment", ids=(segment_id,)), segment_id


def test_a_segment_is_set_by_hand(browser, county, read) -> None:
    app, segment_id = open_card(browser, county)
    assert "西河村" in read(app)
    # The card and the form have the same word for the side.
    assert "<dt>巡查侧</dt><dd>任一侧</dd>" in read(app)
    app.button(key="segment_edit").click().run()
    assert app.selectbox(key="segment_side").placeholder == "任一侧"
    assert app.button(key="segment_save").disabled
    assert app.selectbox(key="segment_setting").placeholder == "其他地区"
    app.selectbox(key="segment_setting").set_value("urban").run()
    app.number_input(key="segment_visits").set_value(3).run()
    app.button(key="segment_save").click().run()
    said = read(app)
    assert "已人工设定，原值留存在日志中。" in said
    assert "沿线环境 · 每周期巡防次数" in said
    row = railways.load_segment(county, ADMIN, segment_id=segment_id)
    assert (row["setting"], row["visits"], row["by_hand"]) == ("urban", 3, "setting visits")
    assert not [button for button in app.button if button.key == "segment_save"]


def test_the_segments_between_two_mileages_are_set_together(browser, county, read) -> None:
    app, segment_id = open_card(browser, county, language="en")
    app.button(key="segment_edit").click().run()
    app.button_group(key=f"segment_way_{segment_id}").set_value("stretch").run()
    everything = railways.list_segments(county, ADMIN)
    app.text_input(key=f"segment_to_{segment_id}").set_value("K9+000").run()
    assert "runs from K0+000" in read(app)
    app.text_input(key=f"segment_to_{segment_id}").set_value("K3+000").run()
    inside = (everything["from_m"] + everything["to_m"]) / 2 < 3_000
    assert f"{inside.sum()} segment(s), K0+000–K" in read(app)
    app.selectbox(key="segment_risk").set_value(4).run()
    app.button(key="segment_save").click().run()
    assert railways.list_segments(county, ADMIN)["risk"].eq(4).tolist() == inside.tolist()


def test_who_may_not_plan_sees_the_card_alone(browser, county, read) -> None:
    app, _ = open_card(browser, county, name="supervisor")
    assert "责任区域" in read(app)
    assert not [button for button in app.button if button.key == "segment_edit"]


def test_a_change_by_somebody_else_is_told(browser, county, read) -> None:
    app, segment_id = open_card(browser, county)
    app.button(key="segment_edit").click().run()
    app.selectbox(key="segment_risk").set_value(3).run()
    seen = railways.load_segment(county, ADMIN, segment_id=segment_id)
    given = {"segment_ids": [segment_id], "versions": {segment_id: int(seen["version"])}}
    segments.edit_segments(county, ADMIN, edit=SegmentEdit(risk=2), **given)
    app.button(key="segment_save").click().run()
    assert railways.load_segment(county, ADMIN, segment_id=segment_id)["risk"] == 2
    assert "他人已先作改动，本次未保存。" in read(app)
    app.button(key="segment_save").click().run()
    assert railways.load_segment(county, ADMIN, segment_id=segment_id)["risk"] == 3
