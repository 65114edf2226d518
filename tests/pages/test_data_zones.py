"""The Data page takes a notice's table: reasons row by row, the rest only when asked for."""

from __future__ import annotations

from gridmap.domain.access import Actor, Role
from gridmap.services import zones

ADMIN = Actor("admin", Role.ADMINISTRATOR)
GOOD = "清河线\n起点里程\t终点里程\t侧别\t米\nK1+000\tK2+000\t左侧\t15\n"


def open_section(browser):
    app = browser.open("data", name="administrator")
    app.button_group(key="data_section").set_value("zones").run()
    return app


def count_announced(county) -> int:
    return int(zones.list_zones(county, ADMIN)["official"].sum())


def test_a_pasted_table_is_shown_and_imported(browser, county, read) -> None:
    app = open_section(browser)
    app.text_area(key="zones_text_0").set_value(GOOD).run()
    assert "K1+000–K2+000" in read(app)
    app.button(key="zones_import_0").click().run()
    assert "保护区已保存。" in app.success[0].value
    assert count_announced(county) == 1
    assert app.text_area(key="zones_text_1").value == ""


def test_rejected_rows_have_reasons_and_the_rest_waits_for_consent(browser, county, read) -> None:
    app = open_section(browser)
    app.text_area(key="zones_text_0").set_value(f"{GOOD}K3+000\tK2+000\t左侧\t15\n").run()
    assert "起讫里程颠倒：K3+000 在 K2+000 之后。" in read(app)
    assert app.button(key="zones_import_0").disabled
    app.checkbox(key="zones_accept_0").set_value(True).run()
    app.button(key="zones_import_0").click().run()
    assert count_announced(county) == 1


def test_an_upload_that_is_no_table_is_told(browser, county) -> None:
    app = open_section(browser)
    app.file_uploader(key="zones_upload_0").set_value(("notice.xlsx", b"not a workbook", "application/zip")).run()
    assert "文件 notice.xlsx 不是工作簿，或已损坏。" in app.warning[0].value
    assert count_announced(county) == 0
