"""What people come for, done to its end by hand: sign in, plan, move a cell and take it back, report a hazard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from gridmap.domain.access import Role
from gridmap.i18n import translator
from tests.browser.conftest import (
    CELLS_ARE_IN_VIEW,
    KEEPER,
    KEEPER_PASSWORD,
    MAP_FRAME,
    Server,
    Visitor,
    wait_for_answer,
)

ZH = translator("zh-CN")
PAGES = ("", "patrol", "grids", "hazards", "networks", "data")
LATIN = re.compile(r"[A-Za-z]{2,}")
NOT_WORDS = {
    # Names of formats, systems and accounts are the same in every language.
    *("OpenStreetMap", "GeoPackage", "GeoJSON", "Shapefile", "GPX", "ODbL", "WGS", "GCJ", "EPSG", "Ctrl", "osm", "pbf"),
    *("DK", "gridmap", "admin", "commander", "planner", "supervisor", "demo", "English"),
}


def read_words(visitor: Visitor) -> set[str]:
    """Latin words a person sees on the page and its map, apart from proper names."""
    script = (
        "document.body.innerText + [...document.querySelectorAll(':placeholder-shown')].map(e => ' ' + e.placeholder)"
    )
    seen = visitor.page.evaluate(script) + visitor.map_frame().evaluate(script)
    return set(LATIN.findall(seen)) - NOT_WORDS


@pytest.mark.parametrize(
    ("role", "locale"), [(Role.COMMANDER, "zh-CN"), (Role.ADMINISTRATOR, "zh-CN"), (Role.ADMINISTRATOR, "en-GB")]
)
def test_every_page_is_found(visit: Callable[..., Visitor], role: Role, locale: str) -> None:
    visitor = visit(locale=locale)
    visitor.sign_in(role)
    visitor.open("/")
    for name in PAGES:
        if name:
            visitor.turn_to(name)
        visitor.map_frame()
        expect(visitor.page.locator(".st-key-gm_panel .gm-title").first).to_be_visible()
        expect(visitor.page.locator("[data-testid=stException]")).to_have_count(0)
        if locale == "zh-CN":
            assert read_words(visitor) == set(), name
        visitor.look(f"{role}-{name or 'map'}-{locale[:2]}")
    visitor.assert_calm()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_phone_shows_every_page(visit: Callable[..., Visitor], locale: str) -> None:
    visitor = visit(locale=locale, width=390, height=844, has_touch=True)
    visitor.sign_in_by_hand("planner")
    for name in PAGES:
        visitor.open(f"/{name}")
        visitor.map_frame()
        expect(visitor.page.locator(".st-key-gm_panel .gm-title").first).to_be_visible()
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        visitor.look(f"phone-{name or 'map'}-{locale[:2]}")
    visitor.assert_calm()


def test_the_uploader_and_every_section_of_data_speak_chinese(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("administrator")
    visitor.open("/data")
    visitor.map_frame()
    for section, shown in (("导入", "选择文件"), ("导出", "生成文件"), ("备份", "备份")):
        visitor.page.get_by_role("radio", name=section).click()
        expect(visitor.page.get_by_role("button", name=shown).last).to_be_visible()
        visitor.look(f"data-{section}-zh")
        assert read_words(visitor) == set(), section
    visitor.assert_calm()


def test_a_patrol_is_planned_saved_published_and_taken_away(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit(accept_downloads=True)
    visitor.sign_in("planner")
    visitor.open("/patrol")
    frame = visitor.map_frame()
    frame.evaluate("window.sameMap = true")
    page = visitor.page
    visitor.settle()
    page.get_by_role("slider", name=ZH("Seconds to compute")).press("Home")
    visitor.settle()
    page.get_by_role("button", name=ZH("Compute the plan")).click()
    expect(page.get_by_role("progressbar").first).to_be_visible(timeout=40_000)
    expect(page.get_by_role("button", name=ZH("Stop"))).to_be_visible()
    expect(page.get_by_text(ZH("Patrol plan")).first).to_be_visible(timeout=90_000)
    frame.wait_for_function("() => gridmap.app.operations.routes.routes.length > 0")
    visitor.look("patrol-plan-zh")
    taken = {}
    for name in ("GeoJSON", "GPX"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        taken[name] = tmp_path / name
        download.value.save_as(taken[name])
    features = json.loads(taken["GeoJSON"].read_text(encoding="utf-8"))["features"]
    assert {"leg", "stop", "walk", "post"} <= {feature["properties"]["kind"] for feature in features}
    assert ElementTree.parse(taken["GPX"]).getroot().tag.endswith("gpx")
    visitor.settle()
    page.get_by_role("button", name=ZH("Save the plan")).click()
    visitor.settle()
    # The demo's teams may go by the plan of the day already: then it is published in the place of that one.
    page.locator(".st-key-plan_publish button").click()
    expect(page.get_by_text(ZH("Published. The teams drive by it."))).to_be_visible()
    visitor.settle()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=ZH("Orders to print")).click()
    order = opened.value
    expect(order.locator("svg").first).to_be_visible()
    expect(order.locator("table").first).to_be_visible()
    assert set(LATIN.findall(order.evaluate("document.body.innerText"))) <= NOT_WORDS
    assert frame.evaluate("window.sameMap") is True
    visitor.assert_calm()


def test_a_cell_is_moved_and_taken_back(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("supervisor")
    visitor.open("/grids")
    frame = visitor.map_frame()
    frame.evaluate("window.sameMap = true")
    page = visitor.page
    before = frame.evaluate("[...gridmap.app.table('cells')].map(({id, unit_id}) => [id, unit_id])")
    frame.evaluate(
        "() => { const {app} = gridmap; const {lat, lon} = app.table('areas').find(app.table('cells').row(60).id);"
        " app.map.setView([lat, lon], 14, {animate: false}); }"
    )
    frame.wait_for_function("() => gridmap.app.worksOnCells")
    wait_for_answer(frame, CELLS_ARE_IN_VIEW)
    box = page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    frame.wait_for_function("() => gridmap.app.pointer.lastEvent?.ids.length === 1")
    expect(page.get_by_text(ZH("Cells chosen: {number}").format(number=1))).to_be_visible(timeout=40_000)
    page.get_by_role("combobox", name=ZH("Move to unit")).click()
    page.get_by_role("option").first.click()
    expect(page.get_by_text(ZH("Households")).first).to_be_visible()
    expect(page.get_by_role("button", name=ZH("Confirm the move"))).to_be_disabled()
    page.get_by_role("textbox", name=ZH("Reason")).fill("道路改线")
    expect(page.locator(".gm-bars .gm-after").first).to_be_visible()
    visitor.look("grids-preview-zh")
    visitor.settle()
    page.get_by_role("button", name=ZH("Confirm the move")).click()
    expect(page.get_by_text(ZH("Moved. It can be undone below."))).to_be_visible(timeout=40_000)
    frame.wait_for_function(
        "before => { const now = new Map([...gridmap.app.table('cells')].map(({id, unit_id}) => [id, unit_id]));"
        " return before.filter(([id, unit]) => now.get(id) !== unit).length === 1; }",
        arg=before,
    )
    visitor.settle()
    page.get_by_role("button", name=ZH("Undo")).first.click()
    expect(page.get_by_text(ZH("Done. The list shows what became of the order."))).to_be_visible(timeout=40_000)
    frame.wait_for_function(
        "before => { const now = new Map([...gridmap.app.table('cells')].map(({id, unit_id}) => [id, unit_id]));"
        " return before.every(([id, unit]) => now.get(id) === unit); }",
        arg=before,
    )
    visitor.look("grids-undone-zh")
    assert frame.evaluate("window.sameMap") is True
    visitor.assert_calm()


def test_a_hazard_is_reported_by_mileage_and_accepted(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("planner")
    visitor.open("/hazards")
    visitor.map_frame()
    page = visitor.page
    page.get_by_role("button", name=ZH("Report a hazard")).click()
    page.get_by_role("textbox", name=ZH("Title")).fill("护栏被撞弯")
    page.get_by_role("radio", name=ZH("Mileage")).click()
    page.get_by_role("textbox", name=ZH("Mileage")).fill("K12+300")
    expect(page.get_by_text("线路上有 1 处符合")).to_be_visible(timeout=40_000)
    visitor.settle()
    page.get_by_role("button", name=ZH("Report"), exact=True).click()
    expect(page.get_by_text(ZH("Reported. This is its case."))).to_be_visible(timeout=40_000)
    visitor.settle()
    page.get_by_role("button", name=ZH("Accept"), exact=True).click()
    expect(page.get_by_text(ZH("Done: {step}.").format(step=ZH("Accept")))).to_be_visible(timeout=40_000)
    expect(page.locator(".gm-table tbody tr")).to_have_count(2)
    visitor.look("hazard-case-zh")
    visitor.assert_calm()


def test_a_search_for_a_mileage_moves_the_map(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("commander")
    visitor.open("/")
    frame = visitor.map_frame()
    zoom = frame.evaluate("gridmap.app.map.getZoom()")
    visitor.page.get_by_role("textbox").first.fill("K12+300")
    visitor.page.locator("[class*='st-key-gm_rows_hits'] button").first.click()
    frame.wait_for_function("zoom => gridmap.app.map.getZoom() > zoom", arg=zoom)
    visitor.assert_calm()


# Looks of roads and tracks, and the areas of all levels, in the squares in view.
COUNT_GROUND = """
async () => {
  const {tiles} = gridmap.app;
  const {roads, tracks, areas} = await tiles.ask({about: 'contents', keys: tiles.keys()});
  return {roads: roads.length, tracks: tracks.length, areas: areas.length};
}
"""


def test_real_openstreetmap_data_shows_cells_rail_and_roads(
    visit: Callable[..., Visitor], imported_server: Server
) -> None:
    visitor = visit(server=imported_server)
    visitor.sign_in_as(KEEPER, KEEPER_PASSWORD)
    for name in ("", "patrol", "grids"):
        visitor.open(f"/{name}")
        frame = visitor.map_frame()
        assert frame.evaluate("gridmap.app.table('cells').length") == 11
        kinds = frame.evaluate("[...gridmap.app.table('stations')].map(({kind}) => kind)")
        assert sum(kind in {"station", "halt"} for kind in kinds) == 4
        assert frame.evaluate("gridmap.app.table('segments').length") > 5
        ground = frame.evaluate(COUNT_GROUND)
        assert ground["roads"] >= 4
        assert ground["tracks"] >= 1
        assert ground["areas"] >= 11
        visitor.look(f"liechtenstein-{name or 'map'}-zh")
    visitor.assert_calm()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_file_that_is_none_is_refused_in_a_sentence(
    visit: Callable[..., Visitor], empty_server: Server, tmp_path: Path, locale: str
) -> None:
    _ = translator("zh-CN" if locale == "zh-CN" else "en")
    visitor = visit(server=empty_server, locale=locale)
    visitor.sign_in_as(KEEPER, KEEPER_PASSWORD)
    visitor.open("/data")
    page = visitor.page
    page.get_by_role("radio", name=_("Import"), exact=True).click()
    visitor.settle()
    broken = tmp_path / "county.osm.pbf"
    broken.write_text("this is no extract", encoding="utf-8")
    page.locator("input[type=file]").set_input_files(broken)
    problem = (
        _("The file {name} cannot be read as OpenStreetMap data: {reason}.").partition("{name}")[2].partition("{")[0]
    )
    expect(page.get_by_text(f"{broken.name}{problem}")).to_be_visible(timeout=30_000)
    expect(page.get_by_text(_("It may be incomplete or renamed; download it again."))).to_be_visible()
    expect(page.get_by_role("button", name=_("Import"), exact=True)).to_have_count(0)
    visitor.look(f"import-refused-{locale[:2]}")
    visitor.assert_calm()


def test_an_extract_is_uploaded_and_becomes_the_map(
    visit: Callable[..., Visitor], empty_server: Server, realdata: Path
) -> None:
    visitor = visit(server=empty_server)
    visitor.sign_in_as(KEEPER, KEEPER_PASSWORD)
    visitor.open("/data")
    page = visitor.page
    page.get_by_role("radio", name=ZH("Import"), exact=True).click()
    visitor.settle()
    page.locator("input[type=file]").set_input_files(realdata / "osm" / "monaco.osm.pbf")
    expect(page.get_by_text(ZH("What is in the file"))).to_be_visible(timeout=30_000)
    visitor.settle()
    visitor.look("import-preview-zh")
    page.get_by_role("button", name=ZH("Import"), exact=True).click()
    expect(page.get_by_text(ZH("read"), exact=True)).to_be_visible(timeout=120_000)
    visitor.look("import-report-zh")
    visitor.open("/")
    frame = visitor.map_frame()
    assert frame.evaluate(COUNT_GROUND)["roads"] >= 4
    visitor.look("monaco-map-zh")
    visitor.assert_calm()
