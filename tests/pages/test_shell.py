"""Around every page: who sees it, in which language, and how failures read."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from gridmap.domain.access import Role
from gridmap.errors import StoreFailure
from gridmap.pages import readings
from gridmap.services import accounts, areas, teams
from gridmap.web.server import ENTRY
from tests.pages.conftest import ADMIN, OFFICE, PASSWORD

ADDRESSES = ("", "patrol", "grids", "hazards", "networks", "data")
TITLES = ("指挥地图", "铁路巡防", "网格", "隐患", "防控网络", "数据")
LATIN_IS_RIGHT = re.compile(
    r"K\d|WGS-84|GCJ-02|GeoPackage|GeoJSON|Shapefile|OpenStreetMap|EPSG:\d+|English|\.osm(\.pbf)?|GPX|Ctrl|CC0"
)

Read = Callable[[AppTest], str]


@pytest.mark.parametrize("role", OFFICE)
@pytest.mark.parametrize(("address", "title"), list(zip(ADDRESSES, TITLES, strict=True)))
def test_every_role_opens_every_page(browser, read: Read, role: Role, address: str, title: str) -> None:
    app = browser.open(address, name=role.value)
    assert not app.exception
    assert not app.warning
    assert f'<h2 class="gm-title">{title}</h2>' in read(app)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_english_is_left_on_a_chinese_page(browser, read: Read, address: str) -> None:
    app = browser.open(address, name="administrator")
    words = strip_markup(read(app)).replace("administrator", "").replace("county", "").replace("nobody", "")
    assert re.findall(r"[A-Za-z]{2,}", LATIN_IS_RIGHT.sub("", words)) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_chinese_word_of_ours_is_left_on_an_english_page(browser, read: Read, address: str) -> None:
    app = browser.open(address, language="en")
    ours = ("收起", "搜索", "责任单位", "隐患", "铁路巡防", "网格（", "防控网")
    words = strip_markup(read(app))
    assert [word for word in ours if word in words] == []


def strip_markup(text: str) -> str:
    """Words a person sees: no styles, no tags, no colour marks of Markdown."""
    text = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    return re.sub(r":(red|gray|orange|green)\[", "", text)


def test_a_stranger_is_asked_to_sign_in(browser, read: Read) -> None:
    app = browser.run()
    assert "您还没有登录。" in app.warning[0].value
    assert 'href="/session/login"' in read(app)
    assert "指挥地图" not in read(app)


def test_a_team_sees_nothing_of_the_office(browser, county, read: Read) -> None:
    team_id = int(teams.list_teams(county, ADMIN)["id"].iloc[0])
    accounts.add_account(county, ADMIN, name="crew", password=PASSWORD, role=Role.TEAM, team_id=team_id)
    browser.open("", name="administrator")
    browser.cookies["gridmap_session"] = accounts.sign_in(county, name="crew", password=PASSWORD).token
    app = browser.run()
    assert [warning.value.partition("。")[0] for warning in app.warning] == ["您的角色不能做这项操作"]
    assert read(app).count("gm-title") == 0


def test_a_session_that_ended_is_told_calmly(browser) -> None:
    browser.cookies["gridmap_session"] = "gone"
    app = browser.run()
    assert len(app.warning) == 1
    assert not app.exception


def test_a_failure_becomes_a_sentence(browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreFailure("The database is busy with another change.", hint="Try again in a moment.")

    app = browser.open("")
    monkeypatch.setattr(areas, "search", fail)
    app.text_input(key="search").set_value("清河").run()
    assert app.warning[0].value == "数据库正在处理另一项改动。\n\n请稍后重试。"
    assert not app.exception


def test_the_unexpected_shows_no_traceback(browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(readings, "load_bounds", fail)
    app = browser.open("", language="en")
    assert "secret" not in app.warning[0].value
    assert app.warning[0].value.startswith("This could not be shown just now.")
    assert not app.exception


def test_what_one_person_read_is_not_handed_to_another(browser, read: Read) -> None:
    everything = browser.open("grids", name="supervisor")
    assert "西河村" in read(everything)
    east = browser.open("grids", name="east")
    assert "东山村" in read(east)
    assert "西河村" not in read(east)


def test_the_panel_folds_and_keeps_what_was_typed(browser) -> None:
    app = browser.open("")
    app.text_input(key="search").set_value("柳林").run()
    app.button(key="panel_hide").click().run()
    app.button(key="panel_show").click().run()
    assert app.text_input(key="search").value == "柳林"


def test_the_process_of_a_job_loads_no_page() -> None:
    # What `multiprocessing` does with the script of the process that starts it, before anything else.
    assert "run" not in runpy.run_path(str(ENTRY), run_name="__mp_main__")
