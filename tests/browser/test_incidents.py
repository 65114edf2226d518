"""An incident dropped on the map: who can be there and from where, one sent, called back, and the end of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from gridmap.i18n import translator
from tests.browser.conftest import MAP_FRAME, Visitor

WITHIN_MS = 40_000
# Where a road runs: the middle of the demo county's seat.
FIND_ROAD = """
() => {
  const {app} = gridmap;
  const site = [...app.table('sites')].find(({kind}) => kind === 'government_office') ?? app.table('sites').row(0);
  app.map.setView([site.lat, site.lon], 13, {animate: false});
  const {x, y} = app.map.latLngToContainerPoint([site.lat, site.lon]);
  return {x: x + 40, y: y + 30};
}
"""


def wait(frame: Frame, condition: str, argument: object = None) -> None:
    """Until a condition holds on the map, asked by the clock: nothing here moves by itself."""
    frame.wait_for_function(condition, arg=argument, polling=50, timeout=WITHIN_MS)


def drop(visitor: Visitor, frame: Frame) -> None:
    """Point at a place beside a road with the right button."""
    point = frame.evaluate(FIND_ROAD)
    wait(frame, "() => gridmap.app.isSettled")
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + point["x"], box["y"] + point["y"], button="right")


def press(visitor: Visitor, name: str, **options: Any) -> None:
    """Press the first button of that name once the page is at rest."""
    visitor.settle()
    visitor.page.get_by_role("button", name=name, **options).first.click()


def expect_words(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True).first).to_be_visible(timeout=WITHIN_MS)


@pytest.mark.parametrize(
    ("locale", "width", "height"),
    [("zh-CN", 1440, 900), ("en-GB", 390, 844)],
)
def test_an_incident_is_dropped_a_team_sent_and_recalled(
    visit: Callable[..., Visitor], locale: str, width: int, height: int
) -> None:
    _ = translator("zh-CN" if locale == "zh-CN" else "en")
    visitor = visit(locale=locale, width=width, height=height)
    visitor.sign_in("commander")
    visitor.open("/")
    frame = visitor.map_frame(teams=True)
    frame.evaluate("window.sameMap = true")
    page = visitor.page
    drop(visitor, frame)
    expect_words(page, _("Nearest free teams by road"))
    wait(frame, "() => gridmap.app.operations.routes.routes.length >= 3")
    wait(frame, "() => gridmap.app.operations.reach.bands.length === 3")
    expect(page.locator(".gm-item").first).to_be_visible()
    name = f"{locale[:2]}-{width}"
    visitor.settle()
    visitor.look(f"incident-dropped-{name}")
    page.get_by_role("textbox", name=_("Title")).fill("货车侧翻" if locale == "zh-CN" else "Lorry overturned")
    press(visitor, _("Report and send"))
    expect_words(page, _("The incident is reported."))
    wait(frame, "() => gridmap.app.table('incidents').length === 1 && gridmap.app.incidents.drawn.length === 1")
    assert frame.evaluate("gridmap.app.table('incidents').row(0).teams") == 1
    expect_words(page, _("Teams sent ({number})").format(number=1))
    visitor.settle()
    visitor.look(f"incident-sent-{name}")
    press(visitor, _("Has set out"))
    expect(page.get_by_text(_("On the way")).first).to_be_visible(timeout=WITHIN_MS)
    # The way of the team that was sent stands out from those of the others.
    wait(frame, "() => gridmap.app.operations.routes.routes.filter(({faded}) => !faded).length === 1")
    press(visitor, _("Close"), exact=True)
    expect_words(page, _("Open incidents ({number})").format(number=1))
    wait(frame, "() => gridmap.app.operations.reach.bands.length === 0")
    visitor.look(f"incident-list-{name}")
    press(visitor, _("Recall"), exact=True)
    expect(page.get_by_text(_("no team yet"))).to_be_visible(timeout=WITHIN_MS)
    wait(frame, "() => gridmap.app.table('incidents').row(0).teams === 0")
    visitor.settle()
    page.locator("[class*='st-key-gm_rows_incident'] button").first.click()
    press(visitor, _("End the incident"))
    expect_words(page, _("The incident is over; its teams are free."))
    wait(frame, "() => gridmap.app.table('incidents').length === 0")
    assert frame.evaluate("window.sameMap") is True
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    visitor.assert_calm()


def test_the_keyboard_points_at_the_middle(visit: Callable[..., Visitor]) -> None:
    _ = translator("zh-CN")
    visitor = visit()
    visitor.sign_in("commander")
    visitor.open("/")
    frame = visitor.map_frame()
    frame.evaluate(FIND_ROAD)
    wait(frame, "() => gridmap.app.isSettled")
    frame.locator(".leaflet-container").focus()
    visitor.page.keyboard.press("Enter")
    expect_words(visitor.page, _("Nearest free teams by road"))
    middle = frame.evaluate("(({lat, lng}) => [lng, lat])(gridmap.app.map.getCenter())")
    event = frame.evaluate("gridmap.app.pointer.lastEvent")
    assert [event["lon"], event["lat"]] == pytest.approx(middle, abs=2e-4)
    visitor.assert_calm()


def test_who_only_looks_sees_the_teams_and_sends_none(visit: Callable[..., Visitor]) -> None:
    _ = translator("zh-CN")
    visitor = visit()
    visitor.sign_in("planner")
    visitor.open("/")
    frame = visitor.map_frame()
    drop(visitor, frame)
    expect_words(visitor.page, _("Nearest free teams by road"))
    expect(visitor.page.locator(".gm-item").first).to_be_visible()
    visitor.settle()
    expect(visitor.page.get_by_role("button", name=_("Report and send"))).to_have_count(0)
    visitor.assert_calm()
