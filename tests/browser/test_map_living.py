"""The map lives: it is drawn from the app alone, moves without a rerun, hears changes, and comes back when cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Frame

from tests.browser.conftest import MAP_FRAME, MAP_WITHIN_MS, Visitor, wait_for_answer

COUNT_PAINTED = """
() => {
  // Share of pixels of the ground's canvases that are not plain paper.
  let inked = 0, all = 0;
  const copy = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  for (const key of gridmap.app.tiles.keys()) {
    const {canvas} = gridmap.app.tiles.hung.get(key);
    Object.assign(copy.canvas, {width: canvas.width, height: canvas.height});
    copy.drawImage(canvas, 0, 0);
    const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
    const paper = data.slice(0, 3);
    for (let i = 0; i < data.length; i += 64) {
      all += 1;
      if (Math.abs(data[i] - 244) + Math.abs(data[i + 1] - 242) + Math.abs(data[i + 2] - 237) > 12) inked += 1;
    }
  }
  return inked / all;
}
"""


def open_map(visit: Callable[..., Visitor], **options: object) -> tuple[Visitor, Frame]:
    visitor = visit(**options)
    visitor.sign_in("commander")
    visitor.open("/")
    return visitor, visitor.map_frame(teams=True)


def wait(frame: Frame, condition: str, argument: object = None) -> None:
    frame.wait_for_function(condition, arg=argument, timeout=40_000)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("map-desk-zh", {"locale": "zh-CN"}),
        ("map-wall-en", {"locale": "en-GB", "color_scheme": "dark"}),
        ("map-phone-zh", {"locale": "zh-CN", "width": 390, "height": 844, "has_touch": True}),
    ],
)
def test_map_is_drawn_from_the_app_alone(visit: Callable[..., Visitor], name: str, options: dict[str, object]) -> None:
    visitor, frame = open_map(visit, **options)
    assert frame.evaluate(COUNT_PAINTED) > 0.02
    assert frame.evaluate("gridmap.app.operations.labels.count") > 0
    # On a machine that runs this for the first time the simulator is still being compiled.
    frame.wait_for_function("() => gridmap.app.teams.units.size > 0", timeout=MAP_WITHIN_MS)
    for table in ("cells", "segments", "hazards", "sites", "stations", "teams", "areas", "units"):
        assert frame.evaluate("name => gridmap.app.table(name).length", table) > 0, table
    # Nothing of Leaflet's own look is left.
    assert frame.locator(".leaflet-control-zoom, .leaflet-control-attribution, .leaflet-control-layers").count() == 0
    assert frame.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    visitor.look(name)
    visitor.assert_calm()


def test_layers_go_with_their_legend_and_the_map_holds_at_every_scale(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    frame.evaluate("document.querySelector('details.gridmap-layers').open = true")
    frame.locator("input[data-layer='hazards']").uncheck()
    wait(frame, "() => gridmap.app.operations.hazards.drawn.length === 0")
    shown = frame.evaluate("gridmap.app.controls.sections.filter(({box}) => !box.hidden).map(({layer}) => layer)")
    assert "hazards" not in shown
    assert "segments" in shown
    frame.locator("input[data-layer='hazards']").check()
    wait(frame, "() => gridmap.app.operations.hazards.drawn.length > 0")
    for zoom in (10, 13, 16):
        frame.evaluate(
            "zoom => { const {lat, lon} = [...gridmap.app.table('stations')].find(({kind}) => kind === 'station');"
            " gridmap.app.map.setView([lat, lon], zoom, {animate: false}); }",
            zoom,
        )
        wait(frame, "() => gridmap.app.isSettled")
        assert frame.evaluate("gridmap.app.operations.segments.drawn.length") > 0, zoom
        visitor.look(f"map-zoom-{zoom}")
    visitor.assert_calm()


def test_the_page_asks_ahead_and_the_map_takes_what_it_got(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    wait(frame, "() => gridmap.app.feed.loading.size === 0")
    for table in ("areas", "cells", "hazards"):
        assert sum(f"/layers/{table}.bin" in asked for asked in visitor.requests) == 1
    assert visitor.page.evaluate("gridmapAhead.size") == 0
    assert frame.evaluate("gridmap.app.table('cells').length") > 0


def test_only_what_shows_a_new_hue_is_painted_anew(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("supervisor")
    visitor.open("/grids")
    frame = visitor.map_frame()
    wait(frame, "() => gridmap.app.feed.loading.size === 0")
    frame.evaluate(
        """() => {
          const {app} = gridmap;
          const {lat, lon} = app.table('areas').find(app.table('cells').row(40).id);
          app.map.setView([lat, lon], 16, {animate: false});
        }"""
    )
    wait_for_answer(frame, "async () => gridmap.app.isSettled && (await gridmap.app.tiles.idsInView()).size > 1")
    painted = frame.evaluate(
        """async () => {
          const {app} = gridmap;
          const {tiles} = app;
          const hang = tiles.hang.bind(tiles);
          const hung = [];
          tiles.hang = (picture) => { hang(picture); hung.push(picture.key); };
          const count = async () => {
            await new Promise((resolve) => { setTimeout(resolve, 1500); });
            return hung.splice(0).length;
          };
          app.showHues();
          const same = await count();
          const classes = tiles.hues.classes.slice();
          classes[app.table('cells').row(40).id] ^= 1;
          tiles.setHues(classes, tiles.hues.colours);
          const one = await count();
          tiles.setHues(classes.map((hue) => (hue === 255 ? hue : hue ^ 1)), tiles.hues.colours);
          return {same, one, all: await count(), squares: tiles.keys().length};
        }"""
    )
    assert painted["same"] == 0
    assert 1 <= painted["one"] < painted["all"] == painted["squares"]


def test_moving_the_map_by_hand_and_by_keys_reruns_nothing(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    frame.evaluate(
        "window.sent = 0; const {Streamlit} = window; const say = Streamlit.setComponentValue;"
        " Streamlit.setComponentValue = (value) => { window.sent += 1; say.call(Streamlit, value); }; null;"
    )
    before = frame.evaluate("gridmap.app.map.getCenter().lng")
    box = visitor.page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x - 240, y - 30, steps=8)
    visitor.page.mouse.up()
    zoom = frame.evaluate("gridmap.app.map.getZoom()")
    visitor.page.mouse.wheel(0, -240)
    wait(frame, "zoom => gridmap.app.map.getZoom() > zoom && gridmap.app.isSettled", zoom)
    assert frame.evaluate("gridmap.app.map.getCenter().lng") > before
    frame.locator("#map_div").focus()
    before = frame.evaluate("gridmap.app.map.getCenter().lng")
    visitor.page.keyboard.press("ArrowRight")
    wait(frame, "before => gridmap.app.map.getCenter().lng > before", before)
    zoom = frame.evaluate("gridmap.app.map.getZoom()")
    visitor.page.keyboard.press("+")
    wait(frame, "zoom => gridmap.app.map.getZoom() === zoom + 1", zoom)
    assert frame.evaluate("window.sent") == 0
    visitor.assert_calm()


def test_teams_move_by_themselves_and_a_lost_connection_is_told_and_mended(visit: Callable[..., Visitor]) -> None:
    visitor, frame = open_map(visit)
    where = "[...gridmap.app.teams.units.values()].map(({id, x, y}) => [id, x, y])"
    before = frame.evaluate(where)
    wait(
        frame,
        "before => { const {units} = gridmap.app.teams;"
        " return before.some(([id, x, y]) => units.has(id) && (units.get(id).x !== x || units.get(id).y !== y)); }",
        before,
    )
    assert frame.evaluate("gridmap.app.status.bar.dataset.state") == "open"
    # With the whole county in sight nobody is seen to move from one frame of the screen to the next.
    count = """async () => {
      const {layer} = gridmap.app.teams;
      const {painter} = layer;
      let paints = 0;
      layer.painter = (view) => { paints += 1; painter(view); };
      await new Promise((done) => setTimeout(done, 2000));
      layer.painter = painter;
      return paints;
    }"""
    assert 1 <= frame.evaluate(count) <= 12
    visitor.page.context.set_offline(True)
    frame.evaluate("gridmap.app.teams.socket.socket.close(); gridmap.app.feed.socket.socket.close();")
    wait(frame, "() => gridmap.app.status.bar.dataset.state === 'offline'")
    visitor.page.context.set_offline(False)
    wait(frame, "() => gridmap.app.status.bar.dataset.state === 'open'")
    assert frame.evaluate("gridmap.app.feed.status") == "open"
