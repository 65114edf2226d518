/** What is chosen and what is pointed at: a thick line and a tint, on a canvas of its own that is cheap to paint. */

import {CanvasLayer} from './canvas_layer.js';

/** Thick lines around so many cells would hide the ground they are drawn for. */
const CROWD = 200;

/** Rings of one area on one tile as a path. */
function toPath(starts, xy) {
  const path = new Path2D();
  for (let ring = 0; ring + 1 < starts.length; ring += 1) {
    for (let i = 2 * starts[ring]; i < 2 * starts[ring + 1]; i += 2) {
      if (i === 2 * starts[ring]) path.moveTo(xy[i], xy[i + 1]); else path.lineTo(xy[i], xy[i + 1]);
    }
    path.closePath();
  }
  return path;
}

export class Emphasis {
  /** @param {object} host the living map @param {object} map Leaflet map */
  constructor(host, map) {
    this.host = host;
    this.selected = {};
    this.outlined = new Set();
    this.hovered = {};
    this.shape = null;
    /** Pieces of the areas to be drawn, by id, as the worker last gave them. */
    this.pieces = new Map();
    // Its padding equals that of the operations canvas: pixels of one are pixels of the other.
    this.layer = new CanvasLayer({pane: 'gridmap-emphasis', padding: 0.15}, (view) => this.paint(view));
    this.layer.addTo(map);
  }

  paint(view) {
    const {ctx} = view;
    const {palette} = this.host;
    this.paintAreas(view, this.outlined, {tint: 0, width: 1.8, colour: palette.selection});
    const areas = new Set([...(this.selected.cell ?? []), ...(this.selected.area ?? [])]);
    this.paintAreas(view, areas, {tint: 0.2, width: areas.size > CROWD ? 1 : 3, colour: palette.selection});
    const pointed = new Set([...(this.hovered.cell ?? []), ...(this.hovered.area ?? [])]);
    this.paintAreas(view, pointed, {tint: 0.05, width: 1.6, colour: palette.hover});
    const {operations} = this.host;
    operations.highlight(ctx, this.hovered, palette.hover, 1.6);
    operations.highlight(ctx, this.selected, palette.selection, 3.2);
    if (this.shape) this.paintShape(view);
  }

  /** Every area that is chosen, outlined or pointed at. */
  areas() {
    const {selected, outlined, hovered} = this;
    return new Set([...outlined, ...[selected, hovered].flatMap(({cell, area}) => [...(cell ?? []), ...(area ?? [])])]);
  }

  /** Have the shapes of these areas given by the worker, then paint; of several requests the last one counts. */
  async trace() {
    const ids = this.areas();
    this.traced = ids;
    const found = ids.size ? await this.host.tiles.shapesOf(ids) : [];
    if (this.traced !== ids) return;
    this.pieces = new Map();
    for (const {square, extent, shapes} of found) {
      for (const {id, starts, xy} of shapes) {
        if (!this.pieces.has(id)) this.pieces.set(id, []);
        this.pieces.get(id).push({square, extent, path: toPath(starts, xy)});
      }
    }
    this.paintSoon();
  }

  paintAreas(view, ids, {tint, width, colour}) {
    if (!ids.size) return;
    const {ctx, minX, minY, zoom} = view;
    for (const id of ids) {
      for (const {square, extent, path} of this.pieces.get(id) ?? []) {
        if (square.zoom !== zoom) continue;
        const {size, part, corner} = square;
        const scale = (size * part.scale) / extent;
        const [left, top] = [corner.x * size - minX, corner.y * size - minY];
        ctx.save();
        ctx.beginPath();
        ctx.rect(left, top, size, size);
        ctx.clip();
        ctx.translate(left - part.x * size * part.scale, top - part.y * size * part.scale);
        ctx.scale(scale, scale);
        ctx.fillStyle = colour;
        ctx.globalAlpha = tint;
        if (tint) ctx.fill(path, 'evenodd');
        ctx.globalAlpha = 1;
        ctx.strokeStyle = colour;
        ctx.lineJoin = 'round';
        ctx.lineWidth = width / scale;
        ctx.stroke(path);
        ctx.restore();
      }
    }
  }

  /** The box or lasso under the hand, in world pixels of the present zoom. */
  paintShape({ctx, minX, minY}) {
    const {palette} = this.host;
    ctx.beginPath();
    for (let i = 0; i < this.shape.length; i += 2) ctx.lineTo(this.shape[i] - minX, this.shape[i + 1] - minY);
    ctx.closePath();
    ctx.fillStyle = palette.selection;
    ctx.globalAlpha = 0.1;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.strokeStyle = palette.selection;
    ctx.lineWidth = 1.6;
    ctx.setLineDash([5, 4]);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  paintSoon() {
    this.layer.paintSoon();
  }
}
