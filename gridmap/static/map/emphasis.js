/** What is chosen and what is pointed at: a thick line and a tint, on a canvas of its own that is cheap to paint. */

import {CanvasLayer} from './canvas_layer.js';

export class Emphasis {
  /** @param {object} host the living map @param {object} map Leaflet map */
  constructor(host, map) {
    this.host = host;
    this.selected = {};
    this.outlined = new Set();
    this.hovered = {};
    this.shape = null;
    // Its padding equals that of the operations canvas: pixels of one are pixels of the other.
    this.layer = new CanvasLayer({pane: 'gridmap-emphasis', padding: 0.15}, (view) => this.paint(view));
    this.layer.addTo(map);
  }

  paint(view) {
    const {ctx} = view;
    const {palette} = this.host;
    this.paintAreas(view, this.outlined, {tint: 0, width: 1.8, colour: palette.selection});
    const areas = new Set([...(this.selected.cell ?? []), ...(this.selected.area ?? [])]);
    this.paintAreas(view, areas, {tint: 0.2, width: 3, colour: palette.selection});
    const pointed = new Set([...(this.hovered.cell ?? []), ...(this.hovered.area ?? [])]);
    this.paintAreas(view, pointed, {tint: 0.05, width: 1.6, colour: palette.hover});
    const {operations} = this.host;
    operations.highlight(ctx, this.hovered, palette.hover, 1.6);
    operations.highlight(ctx, this.selected, palette.selection, 3.2);
    if (this.shape) this.paintShape(view);
  }

  paintAreas(view, ids, {tint, width, colour}) {
    if (!ids.size) return;
    const {ctx} = view;
    this.host.tiles.drawAreas(ctx, view, ids, (path, scale) => {
      ctx.fillStyle = colour;
      ctx.globalAlpha = tint;
      if (tint) ctx.fill(path, 'evenodd');
      ctx.globalAlpha = 1;
      ctx.strokeStyle = colour;
      ctx.lineJoin = 'round';
      ctx.lineWidth = width / scale;
      ctx.stroke(path);
    });
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
