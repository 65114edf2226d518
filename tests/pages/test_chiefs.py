"""Section chiefs on the pages: imported under Data, shown by the kilometre, told of hazards, inspecting together."""

from __future__ import annotations

from datetime import timedelta

from gridmap.domain.access import Actor, Role
from gridmap.services import chief_import, chiefs, hazards, railways, referrals
from gridmap.services.chief_import import ChiefOptions

ADMIN = Actor("admin", Role.ADMINISTRATOR)
HEAD = "清河线\n起点里程\t终点里程\t地方段长\t铁路段长\t周期\t姓名\n"
GOOD = f"{HEAD}K0+000\tK2+000\t柳林镇段长岗\t清河线路工区\t每月\t张三\n"


def find_line(county) -> int:
    return int(railways.list_lines(county, ADMIN)["id"].iloc[0])


def name_posts(county) -> None:
    plan = chief_import.read_chiefs(county, ADMIN, content=GOOD, options=ChiefOptions())
    chief_import.import_chiefs(county, ADMIN, plan=plan)


def report(county, mileage: str) -> int:
    where = {"line_id": find_line(county), "mileage_text": mileage, "side": "left", "offset_m": 9.0}
    return hazards.add_hazard(county, ADMIN, new=hazards.NewHazard(kind="dumping", severity=3, title="渣土", **where))


def open_data(browser):
    app = browser.open("data", name="administrator")
    app.button_group(key="data_section").set_value("chiefs").run()
    return app


def open_chiefs(browser, name: str = "planner"):
    app = browser.open("railway", name=name)
    app.button_group(key="railway_section").set_value("chiefs").run()
    return app


def test_a_pasted_table_is_shown_without_its_names_and_imported(browser, county, read) -> None:
    app = open_data(browser)
    app.text_area(key="chiefs_text_0").set_value(GOOD).run()
    said = read(app)
    assert "以下各列涉及个人信息，未读取：姓名。" in said
    assert "清河线 K0+000–K2+000" in said
    assert "空缺区段" in said
    assert "张三" not in said.replace(GOOD, "")
    app.button(key="chiefs_import_0").click().run()
    assert "段长岗位已保存。" in app.success[0].value
    assert app.text_area(key="chiefs_text_1").value == ""
    found = chiefs.find_chiefs(county, ADMIN, line_id=find_line(county), chainage_m=500.0)
    assert {party: chief and chief.office for party, chief in found.items()} == {
        "local": "柳林镇段长岗",
        "railway": "清河线路工区",
    }


def test_a_person_in_the_place_of_a_post_is_rejected_and_the_rest_waits_for_consent(browser, county, read) -> None:
    app = open_data(browser)
    app.text_area(key="chiefs_text_0").set_value(f"{GOOD}K2+000\tK3+000\t张三\t清河线路工区\t\t\n").run()
    assert "岗位一栏填了个人姓名" in read(app)
    assert app.button(key="chiefs_import_0").disabled
    app.checkbox(key="chiefs_accept_0").set_value(True).run()
    app.button(key="chiefs_import_0").click().run()
    assert chiefs.find_chiefs(county, ADMIN, line_id=find_line(county), chainage_m=2500.0)["local"] is None


def test_kilometres_show_both_posts_and_a_click_goes_there(browser, county, read) -> None:
    name_posts(county)
    app = open_chiefs(browser)
    said = read(app)
    assert "地方段长：柳林镇段长岗 · 铁路段长：清河线路工区 · 从未联合巡查" in said.replace("\\", "")
    assert "地方段长：空缺 · 铁路段长：空缺" in said
    row = app.button(key=f"row_chiefs_{find_line(county)}_3000")
    assert "空缺" in row.label
    row.click().run()
    assert app.session_state["strip_place"] == (3500.0, "left")
    assert app.session_state["fly_to"].bounds is not None


def test_a_line_without_posts_says_what_to_do(browser, county, read) -> None:
    assert "该线路尚未录入段长岗位，请管理员在“数据”中导入。" in read(open_chiefs(browser))


def test_a_joint_inspection_is_recorded_by_who_may(browser, county, read) -> None:
    name_posts(county)
    app = open_chiefs(browser)
    app.text_input(key="inspection_from").set_value("K0+000")
    app.text_input(key="inspection_to").set_value("K1+000")
    day = county.clock().date() - timedelta(days=3)
    app.date_input(key="inspection_day").set_value(day)
    next(button for button in app.button if button.label == "登记").click().run()
    assert "联合巡查已登记。" in app.success[0].value
    first = chiefs.list_kilometres(county, ADMIN, line_id=find_line(county))[0].what
    assert first.last_at is not None
    assert first.last_at.date() == day
    assert "2026-03-01" in read(app)
    app.text_input(key="inspection_from").set_value("K9")
    next(button for button in app.button if button.label == "登记").click().run()
    assert "“K9”不是里程" in app.warning[0].value
    assert not [field for field in open_chiefs(browser, "commander").text_input if field.key == "inspection_from"]


def test_a_case_shows_both_sides_and_either_is_acknowledged(browser, county, read) -> None:
    name_posts(county)
    hazard_id = report(county, "K1+000")
    app = open_chiefs(browser, "commander")
    first = int(referrals.list_referrals(county, ADMIN, hazard_id=hazard_id)["id"].iloc[0])
    assert "未签收隐患（2）" in read(app)
    app.selectbox(key=f"chiefs_office_{find_line(county)}").set_value("清河线路工区").run()
    assert not [button for button in app.button if button.key == f"row_waiting_{first}"]
    app = browser.open("hazards", name="commander")
    app.button(key=f"row_hazards_{hazard_id}").click().run()
    assert read(app).count("尚未签收") == 2
    app.text_input(key=f"referral_note_{first}").set_value("周五前清运").run()
    app.button(key=f"referral_done_{first}").click().run()
    said = read(app)
    assert "已于 03-04 09:00 签收 · 周五前清运" in said
    assert said.count("尚未签收") == 1


def test_a_vacant_side_is_a_warning_with_what_to_do(browser, county, read) -> None:
    name_posts(county)
    hazard_id = report(county, "K4+000")
    app = browser.open("hazards", name="commander")
    app.button(key=f"row_hazards_{hazard_id}").click().run()
    said = read(app)
    assert "铁路方无人接收。请直接通知铁路单位，并由管理员在“数据”中补录其段长岗位。" in said
    assert not [button for button in app.button if str(button.key).startswith("referral_done_")]
