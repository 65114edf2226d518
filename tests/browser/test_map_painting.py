"""How the ground is painted: a piece painted for one cell is the same picture, and no border is there twice."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.conftest import Visitor
from tests.browser.test_two_browsers import look_at_cell

PAINT_BOTH = """async (row) => {
  const {Hues, findWindow, paintTile} = await import('/assets/map/paint_tile.js');
  const {TileSource} = await import('/assets/map/tile_source.js');
  const {app} = gridmap;
  const cell = app.table('cells').row(row).id;
  const hues = new Hues();
  hues.set(app.tiles.hues.classes, app.tiles.hues.colours);
  const style = {
    palette: app.palette, layers: new Set(['land', 'roads', 'rail', 'borders', 'units']), hues,
    blend: 'multiply', fillAlpha: 0.85, emphasis: true,
  };
  const found = [];
  for (const square of app.tiles.squares()) {
    const data = {};
    for (const name of ['base', 'areas', 'rail']) {
      data[name] = await new TileSource(name).get(square.source, app.feed.revisionOf('tiles', name));
    }
    const window = data.areas && findWindow(data, square, new Set([cell]));
    if (!window) continue;
    const side = square.size * square.ratio;
    const paint = (width, height, piece) => {
      const ctx = new OffscreenCanvas(width, height).getContext('2d', {willReadFrequently: true});
      paintTile(ctx, data, square, style, piece);
      return ctx;
    };
    const whole = paint(side, side, null).getImageData(window.x, window.y, window.width, window.height).data;
    const piece = paint(window.width, window.height, window).getImageData(0, 0, window.width, window.height).data;
    const apart = whole.reduce((most, value, i) => Math.max(most, Math.abs(value - piece[i])), 0);
    const colours = new Set(Array.from({length: whole.length / 4}, (_, i) => whole.slice(4 * i, 4 * i + 3).join()));
    found.push({apart, colours: colours.size, share: (window.width * window.height) / side ** 2});
  }
  return found;
}"""

COUNT_EDGES = """async () => {
  const {Group} = await import('/assets/map/shape_group.js');
  const drawn = [];
  const Plain = window.Path2D;
  window.Path2D = class {
    moveTo(x, y) { this.at = [x, y]; }
    lineTo(x, y) { drawn.push([this.at, [x, y]].map(String).sort().join(' ')); this.at = [x, y]; }
  };
  // Two squares side by side, the second with a hole.
  const xy = Int16Array.from([0, 0, 10, 0, 10, 10, 0, 10, 10, 0, 20, 0, 20, 10, 10, 10, 13, 3, 13, 6, 16, 6]);
  const layer = {
    length: 2, xy, ids: Uint32Array.from([7, 8]), types: Uint8Array.from([3, 3]),
    paths: Uint32Array.from([0, 1, 3]), starts: Uint32Array.from([0, 4, 8, 11]),
  };
  Group.outlineOf(layer).path();
  const whole = drawn.splice(0);
  Group.outlineOf(layer).path({minX: 15, minY: 0, maxX: 30, maxY: 5});
  window.Path2D = Plain;
  return {whole, near: drawn};
}"""


def test_a_piece_is_painted_like_the_whole(visit: Callable[..., Visitor]) -> None:
    _, frame = look_at_cell(visit, "supervisor", "/grids", row=90)
    found = frame.evaluate(PAINT_BOTH, 90)
    assert found
    for piece in found:
        # Of 255: a long path is smoothed by another rule than a short one, which nobody sees.
        assert piece["apart"] <= 8
        assert piece["share"] < 1
    assert max(piece["colours"] for piece in found) > 10


def test_a_border_of_two_areas_is_drawn_once(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.open("/healthz")
    edges = visitor.page.evaluate(COUNT_EDGES)
    assert len(edges["whole"]) == len(set(edges["whole"])) == 4 + 3 + 3
    assert len(edges["near"]) == 4 + 3, "what does not reach into the box is left out"
