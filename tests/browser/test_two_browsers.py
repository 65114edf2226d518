"""Two people at two browsers: what one does, the other sees at once; and both get over a server that was killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Frame, expect

from gridmap.domain.access import SYSTEM
from gridmap.i18n import translator
from gridmap.services import hazards
from gridmap.services.change_order_rules import OrderSettings, save_settings
from gridmap.services.context import open_context
from gridmap.services.hazards import NewHazard
from gridmap.settings import Settings
from tests.browser.conftest import (
    CELLS_ARE_IN_VIEW,
    MAP_FRAME,
    MAP_WITHIN_MS,
    Server,
    Visitor,
    copy_demo,
    wait_for_answer,
)

ZH = translator("zh-CN")

PIXEL = """() => {
  const {app} = gridmap;
  const {x, y} = app.map.project(app.map.getCenter()).divideBy(512);
  const tile = Object.values(app.tiles._tiles).find(({coords}) => coords.z === app.tiles._tileZoom
    && coords.x === Math.floor(x) && coords.y === Math.floor(y)).el;
  const copy = new OffscreenCanvas(1, 1).getContext('2d');
  const at = (value) => Math.floor((value - Math.floor(value)) * tile.width);
  copy.drawImage(tile, at(x), at(y), 1, 1, 0, 0, 1, 1);
  return [...copy.getImageData(0, 0, 1, 1).data].join();
}"""
"""Colour of the map's ground in the middle of the view."""

NOTE_PAINTING = """() => {
  const {tiles} = gridmap.app;
  const hang = tiles.hang.bind(tiles);
  gridmap.painted = [];
  tiles.hang = (picture) => { hang(picture); gridmap.painted.push(Date.now()); };
}"""
"""Keep the instants at which a square of the ground was painted anew."""

NAMES_ANOTHER = "([step, before]) => ![undefined, null, before].includes(gridmap.app.pointer.steps[step])"
"""Whether the keys mean an order, and not one that was undone before."""

PRESS_IN_FIELD = """step => {
  const field = document.createElement('input');
  document.body.append(field);
  const keys = {key: 'z', ctrlKey: true, shiftKey: step === 'redo', bubbles: true};
  field.dispatchEvent(new KeyboardEvent('keydown', keys));
  field.remove();
  return gridmap.app.pointer.steps[step];
}"""
"""Press the keys while a field has the focus; the order that is still meant afterwards."""

NOTE_CLICKS = """() => {
  window.clicked = [];
  addEventListener('click', (event) => {
    if (event.target.closest('button')) window.clicked.push(Date.now());
  }, true);
}"""


def look_at_cell(visit: Callable[..., Visitor], role: str, path: str, *, row: int) -> tuple[Visitor, Frame]:
    """A visitor of the grids page whose map shows one cell in its middle, and the pointer's mode on cells."""
    visitor = visit()
    visitor.sign_in(role)
    visitor.open(path)
    frame = visitor.map_frame()
    frame.evaluate(
        "row => { const {app} = gridmap; const {lat, lon} = app.table('areas').find(app.table('cells').row(row).id);"
        " app.map.setView([lat, lon], 14, {animate: false}); }",
        row,
    )
    wait_for_answer(frame, CELLS_ARE_IN_VIEW)
    return visitor, frame


def choose_cell(visitor: Visitor, frame: Frame) -> int:
    """Click the cell in the middle; its id."""
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    frame.wait_for_function("() => gridmap.app.pointer.lastEvent?.ids.length === 1")
    expect(visitor.page.get_by_text(ZH("Cells chosen: {number}").format(number=1))).to_be_visible(timeout=40_000)
    return int(frame.evaluate("gridmap.app.pointer.lastEvent.ids[0]"))


def choose_with_lasso(visitor: Visitor, frame: Frame) -> int:
    """Draw around the cell in the middle; its id."""
    frame.evaluate("gridmap.app.pointer.setTool('lasso')")
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visitor.page.mouse.move(x - 60, y - 60)
    visitor.page.mouse.down()
    for to in ((x + 60, y - 60), (x + 60, y + 60), (x - 60, y + 60)):
        visitor.page.mouse.move(*to, steps=5)
    visitor.page.mouse.up()
    frame.wait_for_function("() => gridmap.app.pointer.lastEvent?.ids.length > 0")
    number = frame.evaluate("gridmap.app.pointer.lastEvent.ids.length")
    expect(visitor.page.get_by_text(ZH("Cells chosen: {number}").format(number=number))).to_be_visible(timeout=40_000)
    return int(frame.evaluate("gridmap.app.pointer.lastEvent.ids[0]"))


def prepare_move(visitor: Visitor, frame: Frame, cell: int, *, button: str = ZH("Confirm the move")) -> None:
    """Choose a unit whose hue is another than the cell's own, and give a reason."""
    name = frame.evaluate(
        """cell => {
          const {app} = gridmap;
          const units = [...app.table('units')];
          const own = units.find(({id}) => id === app.table('cells').find(cell).unit_id);
          return units.find(({color}) => color !== own.color).name;
        }""",
        cell,
    )
    page = visitor.page
    page.get_by_role("combobox", name=ZH("Move to unit")).click()
    page.get_by_role("option", name=name, exact=True).first.click()
    expect(page.get_by_text(ZH("Households")).first).to_be_visible(timeout=40_000)
    page.get_by_role("textbox", name=ZH("Reason")).fill("道路改线")
    expect(page.get_by_role("button", name=button)).to_be_enabled(timeout=40_000)
    visitor.settle()


def ask_for_approval(database_url: str, *, needed: bool) -> None:
    """Set whether a second person must approve."""
    context = open_context(Settings(database_url=database_url))
    try:
        save_settings(context, SYSTEM, settings=OrderSettings(need_approval=needed))
    finally:
        context.close()


def open_orders(visitor: Visitor) -> None:
    """The list of change orders beside the map."""
    visitor.page.get_by_text(ZH("Change orders"), exact=True).first.click()
    visitor.settle()


def test_cells_that_one_orders_and_another_approves_change_colour_at_both(
    visit: Callable[..., Visitor], demo_server: Server
) -> None:
    ask_for_approval(demo_server.database_url, needed=True)
    supervisor, mine = look_at_cell(visit, "supervisor", "/grids", row=90)
    second, theirs = look_at_cell(visit, "administrator", "/grids", row=90)
    # Borders may be painted before the hues of the units are here.
    for frame in (mine, theirs):
        frame.wait_for_function(f"() => ({PIXEL})() !== '0,0,0,0'")
    before = [frame.evaluate(PIXEL) for frame in (mine, theirs)]
    assert before[0] == before[1]
    theirs.evaluate("window.sameMap = true")
    cell = choose_with_lasso(supervisor, mine)
    prepare_move(supervisor, mine, cell, button=ZH("Send for approval"))
    supervisor.page.get_by_role("button", name=ZH("Send for approval")).click()
    expect(supervisor.page.get_by_text(ZH("Somebody else must approve it."))).to_be_visible(timeout=40_000)
    assert theirs.evaluate(PIXEL) == before[1]
    open_orders(second)
    second.page.get_by_role("button", name="道路改线").first.click()
    approve = second.page.get_by_role("button", name=ZH("Approve"), exact=True)
    expect(approve).to_be_enabled(timeout=40_000)
    second.settle()
    second.page.get_by_role("button", name=ZH("Approve"), exact=True).click()
    for frame, seen in zip((mine, theirs), before, strict=True):
        frame.wait_for_function(f"before => ({PIXEL})() !== before", arg=seen)
    ask_for_approval(demo_server.database_url, needed=False)
    supervisor.page.get_by_role("button", name=ZH("Back to the list")).click()
    supervisor.settle()
    undone_before = mine.evaluate("gridmap.app.pointer.steps.redo ?? null")
    supervisor.page.get_by_role("button", name=ZH("Undo")).first.click()
    for frame, seen in zip((mine, theirs), before, strict=True):
        frame.wait_for_function(f"before => ({PIXEL})() === before", arg=seen)
    # The keys do it again and take it back, wherever the person is on the page; in a field they mean its text.
    for keys, step, change in (("Control+Shift+Z", "redo", "!=="), ("Control+Z", "undo", "===")):
        mine.wait_for_function(NAMES_ANOTHER, arg=[step, undone_before])
        assert mine.evaluate(PRESS_IN_FIELD, step)
        supervisor.page.locator("body").press(keys)
        for frame, seen in zip((mine, theirs), before, strict=True):
            frame.wait_for_function(f"before => ({PIXEL})() {change} before", arg=seen)
    expect(supervisor.page.get_by_test_id("stToast").last).to_be_visible()
    assert theirs.evaluate("window.sameMap") is True
    for visitor in (supervisor, second):
        visitor.assert_calm()


def report_beside(database_url: str, title: str) -> None:
    """A hazard reported by another process while the server is down."""
    context = open_context(Settings(database_url=database_url))
    try:
        near = hazards.list_hazards(context, SYSTEM).iloc[0]
        new = NewHazard(kind="other", severity=4, title=title, lon=float(near["lon"]), lat=float(near["lat"]))
        hazards.add_hazard(context, SYSTEM, new=new)
    finally:
        context.close()


def test_a_desk_and_a_wall_outlive_a_killed_server_without_a_reload(
    visit: Callable[..., Visitor], serve: Callable[..., Server], demo_file: Path, tmp_path: Path
) -> None:
    server = serve(copy_demo(demo_file, tmp_path))
    visitor = visit(server=server)
    visitor.sign_in("commander")
    visitor.open("/")
    frame = visitor.map_frame(teams=True)
    frame.evaluate("window.sameMap = true")
    wall = visit(server=server, width=1920, height=1080)
    wall.sign_in("commander")
    wall.open("/?wall=1&every=5")
    state = wall.map_frame(teams=True).locator(".gridmap-wall-state")
    expect(state).to_have_attribute("data-state", "open")
    server.kill()
    frame.wait_for_function("() => gridmap.app.status.bar.dataset.state === 'offline'")
    expect(state).to_have_attribute("data-state", "offline", timeout=20_000)
    report_beside(server.database_url, "Reported while it was down")
    serve(server.database_url, port=server.port)
    frame.wait_for_function("() => gridmap.app.status.bar.dataset.state === 'open'", timeout=60_000)
    frame.wait_for_function(
        "title => [...gridmap.app.table('hazards')].some((row) => row.title === title)",
        arg="Reported while it was down",
        timeout=60_000,
    )
    began = frame.evaluate("performance.now()")
    frame.wait_for_function("began => gridmap.app.teams.lastFrameAt > began", arg=began, timeout=60_000)
    assert frame.evaluate("window.sameMap") is True
    # Whether the page mounted the map anew or kept it: a wall shows, live, without a hand.
    wall.page.wait_for_function(
        """selector => {
          const app = document.querySelector(selector)?.contentWindow?.gridmap?.app;
          return app?.wall && app.status.read().state === 'open' && app.wall.title.textContent !== ''
            && document.documentElement.classList.contains('gm-wall');
        }""",
        arg=MAP_FRAME,
        polling=200,
        timeout=MAP_WITHIN_MS,
    )
    expect(wall.page.locator(".st-key-gm_bar")).to_be_hidden()
    wall.look("wall-after-restart")
