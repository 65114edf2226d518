"""Cells are chosen along a line or by what they have, and stand chosen on the map."""

from __future__ import annotations

from gridmap.domain.access import Actor, Role
from gridmap.services import areas, railways

ADMIN = Actor("admin", Role.ADMINISTRATOR)


def test_cells_are_chosen_by_households(browser, county, read) -> None:
    app = browser.open("grids", name="supervisor")
    assert app.button(key="choose_by").disabled
    app.number_input(key="choose_households_from").set_value(410.0).run()
    app.button(key="choose_by").click().run()
    cells = areas.load_cells(county, ADMIN)
    wanted = {int(cell) for cell in cells.loc[cells["households"] >= 410, "id"]}
    assert "已选 4 个网格" in read(app)
    assert set(browser.overlays[-1].selected["cell"]) == wanted
    assert browser.overlays[-1].fly_to is not None


def test_nothing_that_fits_is_told(browser, county, read) -> None:
    app = browser.open("grids", name="supervisor")
    app.segmented_control(key="choose_locked").set_value("yes").run()
    app.button(key="choose_by").click().run()
    assert "没有符合条件的网格。" in read(app)


def test_cells_are_chosen_along_a_railway_and_along_a_road(browser, county, read) -> None:
    app = browser.open("grids", name="supervisor")
    line = int(railways.list_lines(county, ADMIN)["id"].iloc[0])
    app.selectbox(key="choose_line").set_value(line).run()
    app.button(key="choose_along_line").click().run()
    # The line runs between two rows of six cells each.
    assert len(browser.overlays[-1].selected["cell"]) == 12
    app.button(key="clear_cells").click().run()
    app.text_input(key="choose_road_text").set_value("县").run()
    app.button(key="choose_along_road").click().run()
    assert len(browser.overlays[-1].selected["cell"]) == 24
