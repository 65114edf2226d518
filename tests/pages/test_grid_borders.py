"""Faults between cells are listed, flown to, mended and taken back; barriers and joins are set, proposed and lifted."""

from __future__ import annotations

import pytest
import shapely

from gridmap.domain.access import Actor, Role
from gridmap.services import adjacency_rules, areas, grids, topology
from gridmap.store import areas as store

ADMIN = Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def overlapping(county):
    """The county, with one cell drawn two metres into its eastern neighbour."""
    cells = areas.load_cells(county, ADMIN)
    cell = cells.iloc[0]
    x_min, y_min, x_max, y_max = cell.geometry.bounds
    wide = shapely.MultiPolygon([shapely.box(x_min, y_min, x_max + 2e-5, y_max)])
    with county.database.write(ADMIN, kind="fill") as work:
        store.save_shapes(work, {int(cell["id"]): (wide, float(cell["area_m2"]))})
        work.touch("areas")
    return county


def open_borders(browser, name: str = "administrator"):
    app = browser.open("grids", name=name)
    return app.segmented_control(key="grids_section").set_value("borders").run()


def faults(browser) -> list[str]:
    return [mark.kind for mark in browser.overlays[-1].borders if mark.kind in {"overlap", "gap", "outside", "crumb"}]


def test_an_overlap_is_flown_to_mended_with_a_reason_and_taken_back(browser, overlapping, read) -> None:
    app = browser.open("grids")
    assert "网格边界有 1 处问题，见“边界”。" in read(app)
    assert faults(browser) == []
    app.segmented_control(key="grids_section").set_value("borders").run()
    words = read(app)
    assert "检查结果（1）" in words
    assert "网格边界有 1 处问题" not in words
    assert faults(browser) == ["overlap"]
    app.button(key="row_faults_0").click().run()
    overlay = browser.overlays[-1]
    assert overlay.fly_to.bounds_wgs84[0] == pytest.approx(112.51)
    assert [mark.chosen for mark in overlay.borders] == [True]
    app.button(key="repair_show").click().run()
    assert "可修复 1 处，另有 0 处须由人工决定。" in read(app)
    assert "→" in read(app)
    assert app.button(key="repair").disabled
    app.text_input(key="repair_reason").set_value("描绘过宽").run()
    app.button(key="repair").click().run()
    assert "此处 24 个网格既无重叠，也无空隙。" in read(app)
    assert faults(browser) == []
    (undo,) = [button for button in app.button if str(button.key).startswith("undo_repair_")]
    undo.click().run()
    assert "已撤销，边界恢复原状。" in read(app)
    assert faults(browser) == ["overlap"]
    assert len(topology.check_parents(overlapping, ADMIN).faults) == 1


def test_whoever_may_not_mend_sees_the_findings_alone(browser, overlapping, read) -> None:
    app = open_borders(browser, "commander")
    assert "检查结果（1）" in read(app)
    assert not [button for button in app.button if button.key in {"repair_show", "propose_railway"}]


def test_a_barrier_is_set_for_two_cells_and_lifted(browser, county, read) -> None:
    west = grids.list_units(county, ADMIN)["id"].astype(int).iloc[0]
    cells = areas.load_cells(county, ADMIN)
    mine = [int(cell) for cell in cells.loc[cells["unit_id"] == west, "id"]]
    app = browser.open("grids", name="supervisor")
    browser.click_map(app, kind="cells", layer="cell", ids=(mine[1], mine[2]))
    assert app.button(key="set_barrier").disabled
    app.text_input(key="rule_reason").set_value("有河").run()
    app.button(key="set_join").click().run()
    assert "有公共边界，本就相连。" in read(app)
    app.button(key="set_barrier").click().run()
    words = read(app)
    assert "已设置，两个网格不再视为相连。" in words
    assert "阻隔，由 supervisor 设置：有河" in words
    assert [mark.kind for mark in browser.overlays[-1].borders] == ["barrier"]
    app.button(key="clear_cells").click().run()
    app.segmented_control(key="grids_section").set_value("borders").run()
    (rule,) = adjacency_rules.list_rules(county, ADMIN)["id"]
    app.button(key=f"row_rules_{rule}").click().run()
    assert browser.overlays[-1].borders[0].chosen
    app.text_input(key=f"lift_reason_{rule}").set_value("已架桥").run()
    app.button(key="lift_rule").click().run()
    assert "已取消，按边界本身判断相邻。" in read(app)
    assert adjacency_rules.list_rules(county, ADMIN).empty


def test_every_border_along_the_railway_of_the_county_has_a_crossing(browser, county, read) -> None:
    app = open_borders(browser, "supervisor")
    app.button(key="propose_railway").click().run()
    assert "此处没有沿其走向且无通道的边界。" in read(app)


def test_borders_along_a_railway_are_confirmed_as_one_change(browser, county, read) -> None:
    # Without its roads nothing crosses the line, which runs along the borders of two rows of cells.
    with county.database.write(ADMIN, kind="fill") as work:
        work.connection.exec_driver_sql("DELETE FROM road_edge")
        work.touch("roads")
    app = open_borders(browser, "supervisor")
    app.button(key="propose_railway").click().run()
    assert [mark.kind for mark in browser.overlays[-1].borders] == ["proposal"] * 6
    app.text_input(key="propose_reason").set_value("线路封闭").run()
    app.button(key="propose_confirm").click().run()
    assert "已设置，见阻隔列表。" in read(app)
    assert [mark.kind for mark in browser.overlays[-1].borders] == ["barrier"] * 6
    assert set(adjacency_rules.list_rules(county, ADMIN)["reason"]) == {"线路封闭"}
