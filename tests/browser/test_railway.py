"""The railway page: what is chosen on the strip is shown on the map, and the other way round, by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import MAP_FRAME, Visitor

MARKER = ".st-key-gm_dock .marker circle"


def find_marker_px(page: Page) -> float:
    """Where the marker stands on the strip."""
    marker = page.locator(MARKER)
    expect(marker).to_be_visible()
    return float(marker.get_attribute("cx") or "nan")


ZONE_SHOWN = """() => {
  const {operations, map} = gridmap.app;
  const {x: wide, y: tall} = map.getSize();
  for (let x = wide / 2 - 150; x < wide / 2 + 150; x += 3) for (let y = 60; y < tall - 60; y += 3) {
    const point = L.point(x, y);
    if (operations.zoneAt(point) && !operations.at(point)) return [x, y];
  }
  return null;
}"""


def check_zones(visitor: Visitor, frame: Frame) -> None:
    """Zones are there from near by, explain themselves, and go with their layer."""
    frame.evaluate("gridmap.app.map.setZoom(13, {animate: false})")
    assert frame.evaluate("gridmap.app.operations.zones.drawn.length") == 0
    frame.evaluate("gridmap.app.map.setZoom(16, {animate: false})")
    frame.wait_for_function("() => gridmap.app.operations.zones.drawn.length > 0")
    frame.wait_for_function(ZONE_SHOWN)
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    x, y = frame.evaluate(ZONE_SHOWN)
    assert box is not None
    visitor.page.mouse.move(box["x"] + x, box["y"] + y)
    tooltip = frame.locator(".gridmap-tooltip")
    expect(tooltip).to_contain_text("近似")
    expect(tooltip).to_contain_text("起算点")
    visitor.look("railway_zones")
    frame.evaluate("gridmap.app.switchLayer('zones', false)")
    frame.wait_for_function("() => gridmap.app.operations.zones.drawn.length === 0")
    frame.evaluate("gridmap.app.switchLayer('zones', true)")


def test_strip_and_map_follow_each_other(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("commander")
    visitor.open("/railway")
    frame = visitor.map_frame()
    page = visitor.page
    strip = page.locator(".st-key-gm_dock .scroll svg")
    expect(strip).to_be_visible()
    before = frame.evaluate("gridmap.app.map.getCenter()")

    strip.click(position={"x": 600, "y": 40})
    visitor.settle()
    assert abs(find_marker_px(page) - 600) < 2
    frame.wait_for_function("zoom => gridmap.app.map.getZoom() > zoom", arg=12)
    there = frame.evaluate("gridmap.app.map.getCenter()")
    assert there != before
    visitor.look("railway_strip")
    check_zones(visitor, frame)

    strip.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    visitor.settle()
    further = find_marker_px(page)
    assert 620 < further < 800, "a kilometre further on"
    frame.wait_for_function("lng => gridmap.app.map.getCenter().lng !== lng", arg=there["lng"])

    # A click beside the line on the map, west of the marker, takes the marker along.
    frame.wait_for_function("() => !gridmap.app.map._animatingZoom && gridmap.app.isSettled")
    box = page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 - 250, box["y"] + box["height"] / 2)
    page.wait_for_function(
        "([selector, from]) => Number(document.querySelector('.st-key-gm_dock [data-testid=stBidiComponentIsolated]')"
        "?.shadowRoot?.querySelector(selector)?.getAttribute('cx')) < from - 5",
        arg=[".marker circle", further],
    )
    visitor.assert_calm()


def test_a_phone_shows_the_strip_between_map_and_sheet(visit: Callable[..., Visitor]) -> None:
    visitor = visit(width=390, height=844)
    visitor.sign_in("commander")
    visitor.open("/railway")
    frame = visitor.map_frame()
    boxes = [
        visitor.page.locator(selector).first.bounding_box()
        for selector in (MAP_FRAME, ".st-key-gm_dock", ".st-key-gm_panel")
    ]
    tops = [box["y"] for box in boxes if box is not None]
    assert len(tops) == 3
    assert tops == sorted(tops)
    assert boxes[0]["height"] > 150
    visitor.look("railway_phone")
    # The legend covers the map only while it is asked for: a tap beside it closes it.
    legend = frame.locator(".gridmap-sheet-head")
    expect(legend).to_have_attribute("aria-expanded", "false")
    legend.click()
    expect(legend).to_have_attribute("aria-expanded", "true")
    sheet, height = frame.locator(".gridmap-sheet").bounding_box(), boxes[0]["height"]
    assert sheet["height"] < 0.6 * height
    visitor.page.mouse.click(boxes[0]["x"] + 100, boxes[0]["y"] + height - 40)
    expect(legend).to_have_attribute("aria-expanded", "false")
    visitor.assert_calm()
