/** Protection zones near by: announced ones solid, screened ones hatched. Fetched tile by tile, and only while shown. */

import {httpUrl} from './address.js';
import {Table} from './columns.js';
import {inRing, toScreen, trace} from './polyline.js';

/** From afar a zone is thinner than the track beside it. */
const NEAREST_ZOOM = 14;
const TILE_ZOOM = 13;
const MOST_KEPT = 200;
const RETRY_MS = 4000;
const SOLID = 0.4;
const HATCH_PX = 7;

export class Zones {
  constructor(host) {
    this.host = host;
    /** "x/y" → table, null while it is on its way. */
    this.tiles = new Map();
    this.drawn = [];
  }

  /** Of which state of lines and notices the tiles are. */
  get revision() {
    return ['rail', 'zones'].map((topic) => this.host.feed.revisions[topic] ?? 0).join('.');
  }

  /** After a change elsewhere: what is shown is asked for anew. */
  refresh() {
    if (this.known !== undefined && this.known !== this.revision) this.host.operations.paintSoon();
  }

  /** @param {import('./canvas_layer.js').View} view */
  paint(view) {
    const {ctx, zoom} = view;
    this.drawn = [];
    if (zoom < NEAREST_ZOOM) return;
    const paths = {solid: new Path2D(), hatched: new Path2D()};
    for (const table of this.collect(view)) {
      for (const zone of table) {
        const ring = toScreen(zone.geometry, view, 0.5);
        if (ring.length < 6) continue;
        trace(zone.official ? paths.solid : paths.hatched, ring);
        this.drawn.push({zone, ring});
      }
    }
    if (!this.drawn.length) return;
    ctx.fillStyle = this.hatch(ctx);
    ctx.fill(paths.hatched);
    ctx.globalAlpha = SOLID;
    ctx.fillStyle = this.host.palette.chrome.accent;
    ctx.fill(paths.solid);
    ctx.globalAlpha = 1;
  }

  /** Tables of the tiles in view that are here; the others are asked for. */
  collect({scale, minX, minY, width, height}) {
    const revision = this.revision;
    if (this.known !== revision) {
      this.tiles.clear();
      this.known = revision;
    }
    const side = scale / 2 ** TILE_ZOOM;
    const found = [];
    for (let x = Math.floor(minX / side); x <= Math.floor((minX + width) / side); x += 1) {
      for (let y = Math.floor(minY / side); y <= Math.floor((minY + height) / side); y += 1) {
        const name = `${x}/${y}`;
        if (!this.tiles.has(name)) this.load(name, revision);
        const table = this.tiles.get(name);
        if (table) found.push(table);
      }
    }
    return found;
  }

  async load(name, revision) {
    if (this.tiles.size >= MOST_KEPT) this.tiles.delete(this.tiles.keys().next().value);
    this.tiles.set(name, null);
    try {
      const response = await fetch(httpUrl(`/layers/zones/${name}.bin?r=${revision}`));
      if (!response.ok) throw new Error(`zones: ${response.status}`);
      const table = Table.read(await response.arrayBuffer());
      if (this.known !== revision) return;
      this.tiles.set(name, table);
      this.host.operations.paintSoon();
    } catch {
      if (this.host.feed.status !== 'refused') setTimeout(() => this.forget(name), RETRY_MS);
    }
  }

  /** A tile that did not come is asked for again, if it is still in view. */
  forget(name) {
    if (this.tiles.get(name) !== null) return;
    this.tiles.delete(name);
    this.host.operations.paintSoon();
  }

  /** Lines that lean to the right, one pattern for all. */
  hatch(ctx) {
    if (this.pattern) return this.pattern;
    const ratio = window.devicePixelRatio || 1;
    const size = Math.round(HATCH_PX * ratio);
    const canvas = new OffscreenCanvas(size, size);
    const pen = canvas.getContext('2d');
    pen.strokeStyle = this.host.palette.chrome.accent;
    pen.lineWidth = 1.3 * ratio;
    pen.beginPath();
    // Beyond the corners too, so that the lines of neighbouring squares join.
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift - 1, size + 1);
      pen.lineTo(shift + size + 1, -1);
    }
    pen.stroke();
    this.pattern = ctx.createPattern(canvas, 'repeat');
    this.pattern.setTransform(new DOMMatrix().scale(1 / ratio));
    return this.pattern;
  }

  /** The zone under a pixel of the canvas, an announced one first. */
  at(x, y) {
    const found = this.drawn.filter(({ring}) => inRing(ring, x, y)).map(({zone}) => zone);
    return found.find(({official}) => official) ?? found[0] ?? null;
  }
}
