"""What hands do on the map reaches the page, and what the page answers is shown without a new map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Frame

from tests.browser.conftest import CELLS_ARE_IN_VIEW, MAP_FRAME, Visitor, wait_for_answer

MARK_MAP = "window.sameMap = true"
LAST_EVENT = "gridmap.app.pointer.lastEvent"


def open_page(visit: Callable[..., Visitor], path: str, *, role: str = "commander") -> tuple[Visitor, Frame]:
    visitor = visit()
    visitor.sign_in(role)
    visitor.open("/")
    if path != "/":
        visitor.map_frame()
        visitor.turn_to(path.removeprefix("/"))
    frame = visitor.map_frame()
    frame.evaluate(MARK_MAP)
    return visitor, frame


def wait(frame: Frame, condition: str, argument: object = None) -> None:
    frame.wait_for_function(condition, arg=argument, timeout=40_000)


def click_at(visitor: Visitor, point: dict[str, float], **options: Any) -> None:
    """Click a point of the map's own frame."""
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + point["x"], box["y"] + point["y"], **options)


def show_alone(frame: Frame, table: str, condition: str = "() => true") -> dict[str, Any]:
    """Bring one item of a table, apart from others, to the middle of the map: {id, x, y} in the map's frame."""
    found = frame.evaluate(
        f"""() => {{
          const {{app}} = gridmap;
          const item = [...app.table('{table}')].find({condition});
          app.map.setView([item.lat, item.lon], 17, {{animate: false}});
          return {{id: item.id, lat: item.lat, lon: item.lon}};
        }}"""
    )
    wait(frame, "() => gridmap.app.isSettled")
    point = frame.evaluate("({lat, lon}) => gridmap.app.map.latLngToContainerPoint([lat, lon])", found)
    return {**found, **point}


def test_click_chooses_the_thing_under_the_pointer(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_page(visit, "/")
    # Teams drive about and lie on top: what is tested here must not be hidden by one by chance.
    frame.evaluate("gridmap.app.switchLayer('teams', false); gridmap.app.teams.layer.paint()")
    click_thing(visitor, frame, show_alone(frame, "hazards", "({severity}) => severity >= 3"), layer="hazard")
    click_thing(visitor, frame, show_alone(frame, "sites"), layer="site")
    # The map is still the same one.
    assert frame.evaluate("window.sameMap") is True
    click_railway(visitor, frame)
    visitor.assert_calm()


def click_thing(visitor: Visitor, frame: Frame, item: dict[str, Any], *, layer: str) -> None:
    """Choose an item in the middle of the map."""
    click_at(visitor, item)
    wait(frame, "layer => gridmap.app.pointer.lastEvent?.layer === layer", layer)
    event = frame.evaluate(LAST_EVENT)
    assert event["kind"] == "feature"
    assert len(event["ids"]) == 1
    assert event["lon"] == pytest.approx(item["lon"], abs=1e-4)
    # The page answers with a selection of its own.
    wait(frame, "([layer, id]) => gridmap.app.overlay.selected[layer]?.includes(id)", [layer, event["ids"][0]])
    visitor.settle()
    visitor.look(f"map-click-{layer}")


def click_railway(visitor: Visitor, frame: Frame) -> None:
    """Choose a segment where nothing else is."""
    frame.evaluate("['teams', 'hazards', 'sites'].forEach((name) => gridmap.app.switchLayer(name, false))")
    frame.evaluate(
        """() => {
          const {app} = gridmap;
          const {xy} = app.table('segments').row(3).geometry;
          const middle = 2 * Math.floor(xy.length / 4);
          const scale = 256 * 2 ** 14;
          app.map.setView(app.map.unproject([xy[middle] * scale, xy[middle + 1] * scale], 14), 14, {animate: false});
        }"""
    )
    wait(frame, "() => gridmap.app.isSettled")
    point = frame.evaluate(
        """async () => {
          const {app} = gridmap;
          app.operations.layer.paint();
          const corner = app.operations.layer.fromContainer([0, 0]);
          const size = app.map.getSize();
          for (const line of app.operations.segments.drawn.flatMap(({lines}) => lines)) {
            for (let i = 0; i < line.length; i += 2) {
              const x = line[i] - corner.x, y = line[i + 1] - corner.y;
              const inside = x > 200 && y > 100 && x < size.x - 300 && y < size.y - 100;
              if (inside && app.operations.at({x, y}).layer === 'segment') return {x, y};
            }
          }
          return null;
        }"""
    )
    click_at(visitor, point)
    wait(frame, "() => gridmap.app.pointer.lastEvent?.layer === 'segment'")
    assert frame.evaluate("gridmap.app.emphasis.selected.segment.size") == 1


def explain_hazard(visitor: Visitor, frame: Frame) -> None:
    """Rest the pointer on a hazard."""
    item = show_alone(frame, "hazards", "({severity}) => severity === 4")
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    visitor.page.mouse.move(box["x"] + item["x"] - 40, box["y"] + item["y"])
    visitor.page.mouse.move(box["x"] + item["x"], box["y"] + item["y"], steps=4)
    wait(frame, "() => !document.querySelector('.gridmap-tooltip').hidden")
    words = frame.locator(".gridmap-tooltip").inner_text()
    assert "undefined" not in words
    assert len(words.splitlines()) >= 2


def test_gathered_hazards_open_on_a_click_and_explain_themselves_unchosen(
    visit: Callable[..., Visitor],
) -> None:
    visitor, frame = open_page(visit, "/")
    frame.evaluate("gridmap.app.switchLayer('teams', false); gridmap.app.teams.layer.paint()")
    before = frame.evaluate("gridmap.app.map.getZoom()")
    point = frame.evaluate(
        """() => {
          const {hazards, layer} = gridmap.app.operations;
          const corner = layer.fromContainer([0, 0]);
          const size = gridmap.app.map.getSize();
          return hazards.drawn.filter(({hazard}) => !hazard).map(({x, y}) => ({x: x - corner.x, y: y - corner.y}))
            .find(({x, y}) => x > 60 && y > 60 && x < size.x - 240 && y < size.y - 60) ?? null;
        }"""
    )
    assert point is not None
    click_at(visitor, point)
    wait(frame, "zoom => gridmap.app.map.getZoom() > zoom", before)
    assert frame.evaluate(LAST_EVENT) is None
    explain_hazard(visitor, frame)
    assert frame.evaluate(LAST_EVENT) is None


def test_cells_are_chosen_by_click_ctrl_click_and_lasso(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_page(visit, "/grids", role="supervisor")
    # The map is the same one as on the page before: cells are chosen once this page has said so.
    wait(frame, "() => gridmap.app.worksOnCells")
    visitor.settle()
    frame.evaluate(
        "() => { const {app} = gridmap; const {lat, lon} = app.table('areas').find(app.table('cells').row(40).id);"
        " app.map.setView([lat, lon], 14, {animate: false}); }"
    )
    wait_for_answer(frame, CELLS_ARE_IN_VIEW)
    middle = frame.evaluate("gridmap.app.map.getSize().divideBy(2)")
    click_at(visitor, middle)
    wait(frame, "() => gridmap.app.pointer.lastEvent?.ids.length === 1")
    other = frame.evaluate(
        """() => {
          const {app} = gridmap;
          const [mine] = app.pointer.own;
          const size = app.map.getSize();
          return [...app.table('cells')].filter(({id}) => id !== mine).map(({id}) => app.table('areas').find(id))
            .map(({lat, lon}) => app.map.latLngToContainerPoint([lat, lon]))
            .find(({x, y}) => x > 80 && y > 80 && x < size.x - 260 && y < size.y - 80) ?? null;
        }"""
    )
    assert other is not None
    visitor.page.keyboard.down("Control")
    click_at(visitor, other)
    visitor.page.keyboard.up("Control")
    wait(frame, "() => gridmap.app.pointer.lastEvent.ids.length === 2")
    frame.evaluate("gridmap.app.pointer.setTool('lasso')")
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    x, y = box["x"] + middle["x"], box["y"] + middle["y"]
    visitor.page.mouse.move(x - 220, y - 220)
    visitor.page.mouse.down()
    for to in ((x + 220, y - 220), (x + 220, y + 220), (x - 220, y + 220)):
        visitor.page.mouse.move(*to, steps=5)
    visitor.look("map-lasso")
    visitor.page.mouse.up()
    wait(frame, "() => gridmap.app.pointer.lastEvent.ids.length > 2")
    assert frame.evaluate("gridmap.app.pointer.lastEvent.kind") == "cells"
    assert frame.evaluate("window.sameMap") is True
    frame.locator("#map_div").focus()
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("Escape")
    wait(frame, "() => gridmap.app.pointer.lastEvent.ids.length === 0")
    visitor.assert_calm()
