"""The Data page keeps the list of hazard kinds, and the form of a new hazard offers what is in it."""

from __future__ import annotations

from gridmap.domain.access import Actor, Role
from gridmap.services import hazard_kinds

ADMIN = Actor("admin", Role.ADMINISTRATOR)


def open_section(browser, *, language: str = "zh-CN"):
    app = browser.open("data", name="administrator", language=language)
    app.button_group(key="data_section").set_value("kinds").run()
    return app


def find(county, code: str):
    return hazard_kinds.list_kinds(county, ADMIN).find(code)


def test_a_new_kind_is_offered_in_the_form(browser, county, read) -> None:
    app = open_section(browser)
    assert "类别写的是地点或物件的问题" in read(app)
    number = len(list(hazard_kinds.list_kinds(county, ADMIN)))
    app.text_input(key=f"kind_code_new{number}").set_value("marquee").run()
    app.text_input(key=f"kind_zh_new{number}").set_value("彩棚").run()
    app.toggle(key=f"kind_light_new{number}").set_value(True).run()
    app.multiselect(key=f"kind_statutes_new{number}").set_value(["light-material"]).run()
    app.button(key="kind_add").click().run()
    assert "清单已保存。" in app.success[0].value
    assert find(county, "marquee").is_light
    assert find(county, "marquee").statutes == ("light-material",)
    browser.turn_to(app, "hazards")
    (start,) = (button for button in app.button if button.label == "上报隐患")
    start.click().run()
    assert "彩棚" in app.selectbox(key="new_kind").options


def test_a_kind_is_renamed_hidden_and_moved(browser, county, read) -> None:
    app = open_section(browser, language="en")
    app.selectbox(key="kind_chosen").set_value("grazing").run()
    version = find(county, "grazing").version
    assert app.text_input(key=f"kind_en_grazing_{version}").placeholder == "Grazing"
    app.text_input(key=f"kind_en_grazing_{version}").set_value("Cattle at the line").run()
    app.toggle(key=f"kind_active_grazing_{version}").set_value(False).run()
    app.button(key="kind_save").click().run()
    assert "The list is kept." in app.success[0].value
    assert not find(county, "grazing").is_active
    said = read(app)
    assert "Cattle at the line" in said
    assert "hidden" in said
    app.button(key="kind_move_-1").click().run()
    codes = [kind.code for kind in hazard_kinds.list_kinds(county, ADMIN)]
    assert codes.index("grazing") == codes.index("dangerous_tree") - 1


def test_a_code_that_cannot_be_is_told_and_nothing_lost(browser, county) -> None:
    app = open_section(browser)
    number = len(list(hazard_kinds.list_kinds(county, ADMIN)))
    app.text_input(key=f"kind_code_new{number}").set_value("彩棚").run()
    app.text_input(key=f"kind_zh_new{number}").set_value("彩棚").run()
    app.button(key="kind_add").click().run()
    assert "不能用作类别编号" in app.warning[0].value
    assert app.text_input(key=f"kind_zh_new{number}").value == "彩棚"


def test_only_an_administrator_sees_the_section(browser) -> None:
    app = browser.open("data", name="supervisor")
    assert "隐患类别" not in app.button_group(key="data_section").options
