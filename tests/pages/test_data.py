"""What is loaded, taken in and taken away."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.services import areas, devices, teams
from gridmap.store.devices import save_refusals

ADMIN = Actor("admin", Role.ADMINISTRATOR)


def open_section(browser, section: str, *, name: str = "administrator"):
    app = browser.open("data", name=name)
    app.button_group(key="data_section").set_value(section).run()
    return app


def one_area(code: str) -> bytes:
    ring = [[111.0, 37.0], [111.1, 37.0], [111.1, 37.1], [111.0, 37.1], [111.0, 37.0]]
    feature = {
        "type": "Feature",
        "properties": {"code": code, "name": "新村"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_what_is_loaded_is_said_with_its_source(browser, read) -> None:
    words = read(browser.open("data"))
    for word in ("演示数据", "CC0", "EPSG:4326", "2026-03-04 09:00"):
        assert word in words


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("commander", ["现有数据", "道路", "导出"]),
        (
            "administrator",
            [
                "现有数据",
                "道路",
                "导入",
                "队伍",
                "安全保护区",
                "双段长",
                "导出",
                "终端管理",
                "备份",
                "调整单",
                "工作量",
                "隐患类别",
            ],
        ),
    ],
)
def test_only_an_administrator_imports_and_backs_up(browser, name: str, sections: list[str]) -> None:
    app = browser.open("data", name=name)
    assert app.button_group(key="data_section").options == sections


def test_a_file_is_previewed_imported_and_accounted_for(browser, county, read) -> None:
    app = open_section(browser, "import")
    upload = ("areas.geojson", one_area("140105001001"), "application/json")
    app.file_uploader[0].set_value(upload).run()
    assert "EPSG:4326" in read(app)
    assert app.selectbox(key="import_code").value == "code"
    app.toggle(key="import_replace").set_value(True).run()
    app.button(key="import_start").click().run()
    county.jobs.wait(app.session_state["import_job"], timeout_s=60)
    app.run()
    words = read(app)
    assert "没有被拒绝的对象。" in words
    assert areas.load_tree(county, ADMIN)["name"].tolist() == ["新村"]


def test_a_new_edition_is_seen_as_a_difference_and_applied(browser, county, read) -> None:
    app = open_section(browser, "import")

    def choose(code: str, name: str):
        upload = (f"{name}.geojson", one_area(code), "application/json")
        return app.file_uploader[0].set_value(upload).run()

    def finish(key: str) -> str:
        county.jobs.wait(app.session_state[key], timeout_s=60)
        app.run()
        return read(app)

    choose("140105001001", "old")
    app.toggle(key="import_replace").set_value(True).run()
    app.button(key="import_start").click().run()
    finish("import_job")
    choose("140105001009", "new")
    app.toggle(key="import_edition").set_value(True).run()
    words = finish("compare_job")
    assert "140105001001 → 140105001009" in words
    assert app.selectbox(key="edition_list").value == "recoded"
    (mark,) = browser.overlays[-1].changes.marks
    assert (mark.kind, mark.label) == ("renamed", "140105001009 新村")
    app.button(key="row_edition_recoded_0").click().run()
    overlay = browser.overlays[-1]
    assert (overlay.changes.chosen, overlay.fly_to.bounds_wgs84) == (0, (111.0, 37.0, 111.1, 37.1))
    assert len(overlay.selected["area"]) == 1
    browser.click_map(app)
    assert browser.overlays[-1].changes.chosen is None
    browser.click_map(app, layer="change", ids=(0,))
    assert browser.overlays[-1].changes.chosen == 0
    app.text_input(key="edition_sought").set_value("旧村").run()
    assert "此类变化中没有符合的区域。" in read(app)
    assert app.button(key="edition_apply").disabled
    app.text_input(key="edition_reason").set_value("2026 年版").run()
    app.button(key="edition_apply").click().run()
    finish("edition_job")
    assert browser.overlays[-1].changes is None
    assert areas.load_tree(county, ADMIN)["code"].tolist() == ["140105001009"]


def test_a_broken_file_is_told_and_columns_that_are_not_known_are_asked_for(browser, county) -> None:
    app = open_section(browser, "import")
    app.file_uploader[0].set_value(("areas.osm.pbf", b"not a pbf", "application/octet-stream")).run()
    assert "不能作为 OpenStreetMap 数据读取" in app.warning[0].value
    unnamed = one_area("140105001001").replace(b'"code"', b'"x"').replace(b'"name"', b'"y"')
    app.file_uploader[0].set_value(("areas.geojson", unnamed, "application/json")).run()
    assert (app.selectbox(key="import_code").value, app.selectbox(key="import_name").value) == ("x", None)
    assert not [button for button in app.button if button.key == "import_start"]
    app.selectbox(key="import_name").set_value("y").run()
    assert app.button(key="import_start")
    assert len(areas.load_cells(county, ADMIN)) == 24


def test_an_export_is_prepared_and_offered(browser) -> None:
    app = open_section(browser, "export", name="commander")
    app.button_group(key="export_format").set_value("geojson").run()
    app.button(key="export_prepare").click().run()
    (download,) = app.get("download_button")
    assert "下载 gridmap-all-20260304" in download.proto.label


def test_a_backup_is_one_archive(browser) -> None:
    app = open_section(browser, "backup")
    app.button(key="backup_make").click().run()
    (download,) = app.get("download_button")
    assert "gridmap-20260304-0100" in download.proto.label
    assert zipfile.is_zipfile(BytesIO(b"")) is False


def test_a_device_gets_a_token_that_is_shown_once_and_loses_it(browser, county, read) -> None:
    app = open_section(browser, "devices")
    assert "还没有可上报位置的终端。" in read(app)
    app.text_input(key="device_key").set_value("P7").run()
    assert app.button(key="device_issue").disabled
    app.selectbox(key="device_team").set_value(1).run()
    app.button(key="device_issue").click().run()
    token = app.code[0].value
    assert devices.know_devices(county).find_holder(devices.hash_token(token)).key == "P7"
    assert "P7" in read(app)
    app.button(key="device_token_seen").click().run()
    assert not app.code
    app.selectbox(key="device_revoked").set_value("P7").run()
    app.button(key="device_revoke").click().run()
    assert "已停用" in read(app)
    assert devices.know_devices(county).find_holder(devices.hash_token(token)) is None


def test_a_gateway_needs_no_team_and_a_bad_key_is_told(browser, county, read) -> None:
    app = open_section(browser, "devices")
    app.button_group(key="device_kind").set_value("gateway").run()
    app.text_input(key="device_key").set_value("a b").run()
    app.button(key="device_issue").click().run()
    assert "不能用作终端编号" in app.warning[0].value
    app.text_input(key="device_key").set_value("traccar").run()
    app.button(key="device_issue").click().run()
    assert devices.list_devices(county, ADMIN)["kind"].tolist() == ["gateway"]


def test_teams_come_from_a_table_whose_faults_are_told_in_chinese(browser, county, read) -> None:
    app = open_section(browser, "teams")
    head = "队伍,类型,人数,驻地,上岗时间,下岗时间,队长姓名\n"
    wrong = head + "夜巡组,卡车,2,清河所,20:00,06:00,某某\n巡防一组,汽车,3,清河所,08:00,08:00,某某\n"
    app.file_uploader(key="teams_upload_0").set_value(("teams.csv", wrong.encode(), "text/csv")).run()
    words = read(app)
    assert "“卡车”不是队伍类型" in words
    assert "请改正这些行后重新选择文件" in words
    assert "未读取" in words
    assert not re.search(r"no kind of team|begins and ends|row \d", words)
    assert app.button(key="teams_import_0").disabled
    right = head + "夜巡组,摩托车,2,清河所,20:00,06:00,某某\n巡防一组,汽车,3,清河所,08:00,18:00,某某\n"
    app.file_uploader(key="teams_upload_0").set_value(("teams.csv", right.encode(), "text/csv")).run()
    app.button(key="teams_import_0").click().run()
    assert "队伍已保存。" in read(app)
    found = teams.list_teams(county, ADMIN).set_index("name")
    assert (found.loc["夜巡组", "kind"], found.loc["巡防一组", "members"]) == ("motorcycle", 3)


def test_one_team_is_changed_and_used_no_more(browser, county, read) -> None:
    app = open_section(browser, "teams")
    app.selectbox(key="team_chosen_0").set_value(3).run()
    (name,) = (field for field in app.text_input if field.key.startswith("team_name_3"))
    assert name.value == "步巡组"
    (breaks,) = (field for field in app.text_input if field.key.startswith("team_breaks_3"))
    breaks.set_value("23:00-23:30/30").run()
    app.button(key="team_save").click().run()
    assert "在班次内安排不下" in app.warning[0].value
    (breaks,) = (field for field in app.text_input if field.key.startswith("team_breaks_3"))
    breaks.set_value("12:00-13:00/30").run()
    app.button(key="team_save").click().run()
    assert teams.list_teams(county, ADMIN).set_index("id").loc[3, "breaks"] == "12:00-13:00/30"
    app.button(key="team_retire").click().run()
    assert 3 not in set(teams.list_teams(county, ADMIN)["id"])
    assert app.selectbox(key="team_chosen_1").value == 0
    assert "步巡组" not in read(app)


def test_refusals_are_shown_with_reason_and_device(browser, county, read) -> None:
    row = {"day": 20260304, "count": 1234, "last_at": county.clock()}
    with county.database.write_unjournalled() as connection:
        save_refusals(connection, [{**row, "reason": "swapped", "device_key": ""}])
    words = read(open_section(browser, "devices"))
    for word in ("经度与纬度颠倒", "未登记", "1,234", "03-04 09:00"):
        assert word in words
