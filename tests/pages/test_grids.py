"""A supervisor moves cells, sees what it would do first, and takes it back."""

from __future__ import annotations

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.services import areas, grids

ADMIN = Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def units(county) -> dict[str, int]:
    """Ids of the units by name."""
    found = grids.list_units(county, ADMIN)
    return {name.removesuffix("网格站"): int(unit) for name, unit in zip(found["name"], found["id"], strict=True)}


def cells_of(context, unit_id: int) -> list[int]:
    cells = areas.load_cells(context, ADMIN)
    return [int(cell) for cell in cells.loc[cells["unit_id"] == unit_id, "id"]]


def choose_and_confirm(browser, app, cells, unit_id: int, reason: str):
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells))
    app.selectbox(key="target_unit").set_value(unit_id).run()
    app.text_input(key="reassign_reason").set_value(reason).run()
    app.button(key="reassign").click().run()


def test_a_cell_is_moved_with_a_reason_and_taken_back(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    before = cells_of(county, west)
    choose_and_confirm(browser, app, before[2:3], east, "便于巡查")
    assert "已划转，可在下方撤销。" in read(app)
    assert cells_of(county, west) == [*before[:2], *before[3:]]
    (undo,) = (button for button in app.button if button.key and button.key.startswith("undo_"))
    undo.click().run()
    assert "已撤销，恢复到之前的状态。" in read(app)
    assert cells_of(county, west) == before
    assert not [button for button in app.button if button.key and button.key.startswith("undo_")]


def test_balance_and_contiguity_are_seen_before_confirming(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    # The westernmost cell touches the eastern unit nowhere.
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[:1]))
    app.selectbox(key="target_unit").set_value(east).run()
    words = read(app)
    assert "划转后会不连片：多出 1 块飞地。" in words
    assert "4,380 → 4,070" in words
    assert app.button(key="reassign").disabled


def test_no_reason_no_move(browser, county) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[2:3]))
    app.selectbox(key="target_unit").set_value(east).run()
    assert app.button(key="reassign").disabled
    app.text_input(key="reassign_reason").set_value("   ").run()
    assert app.button(key="reassign").disabled


def test_a_cell_that_somebody_else_moved_meanwhile_is_not_moved_again(browser, county, read) -> None:
    west, east = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="supervisor")
    cell = cells_of(county, west)[2]
    browser.click_map(app, kind="cells", layer="cell", ids=(cell,))
    app.selectbox(key="target_unit").set_value(east).run()
    versions = grids.preview_reassignment(county, ADMIN, cell_ids=[cell], unit_id=east).versions
    grids.reassign_cells(county, ADMIN, cell_ids=[cell], unit_id=east, reason="先到", versions=versions)
    app.text_input(key="reassign_reason").set_value("后到").run()
    assert "这些网格本就属于该单位。" in read(app)
    assert app.button(key="reassign").disabled


def test_a_commander_looks_and_does_not_move(browser, county, read) -> None:
    (west, _) = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids", name="commander")
    browser.click_map(app, kind="cells", layer="cell", ids=tuple(cells_of(county, west)[:2]))
    assert "已选 2 个网格。只有网格主管可以划转。" in read(app)
    assert not [box for box in app.selectbox if box.key == "target_unit"]


def test_the_tree_is_walked_down_and_searched(browser, read) -> None:
    app = browser.open("grids")
    app.button(key="row_areas_149901").click().run()
    assert "柳林镇" in read(app)
    app.button(key="row_areas_149901001").click().run()
    app.button(key="row_areas_149901001002").click().run()
    assert "责任单位（1）" in read(app)
    assert browser.overlays[-1].fly_to.bounds_wgs84[0] == pytest.approx(112.53)
    app.text_input(key="area_text").set_value("西河").run()
    rows = [button.key for button in app.button if str(button.key).startswith("row_areas_")]
    assert rows == ["row_areas_149901001001"]


def test_the_cells_of_a_unit_are_shown(browser, county) -> None:
    (west, _) = grids.list_units(county, ADMIN)["id"].astype(int)
    app = browser.open("grids")
    app.button(key=f"row_units_{west}").click().run()
    assert list(browser.overlays[-1].outlined) == cells_of(county, west)
