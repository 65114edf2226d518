/** Roads that are closed or slowed now: the stretches themselves, and a sign on the middle of each drawing. */

import {distance2, toScreen, trace} from './polyline.js';
import {interpolate} from './paint_tile.js';

const REACH_PX = 8;
const SIGN_PX = 7;
const DASH = {closed: [5, 3], slowed: [2, 4]};

export class Closures {
  constructor(host) {
    this.host = host;
    this.drawn = [];
  }

  get colours() {
    const {severity} = this.host.palette;
    return {closed: severity[4], slowed: severity[2]};
  }

  /** @param {import('./canvas_layer.js').View} view */
  paint(view) {
    const {ctx, zoom} = view;
    const now = Date.now() / 1000;
    const width = interpolate([[6, 1.5], [12, 3], [15, 5], [18, 8]], zoom);
    const paths = {closed: new Path2D(), slowed: new Path2D()};
    this.drawn = [];
    for (const closure of this.host.table('closures')) {
      if (closure.starts_at > now || (closure.ends_at && closure.ends_at <= now)) continue;
      const line = toScreen(closure.geometry, view);
      if (line.length < 4) continue;
      const look = closure.speed_kmh ? 'slowed' : 'closed';
      trace(paths[look], line);
      this.drawn.push({closure, line, look});
    }
    ctx.lineJoin = 'round';
    ctx.lineCap = 'butt';
    for (const look of ['slowed', 'closed']) {
      ctx.setLineDash([]);
      ctx.strokeStyle = this.host.palette.halo;
      ctx.lineWidth = width + 2;
      ctx.stroke(paths[look]);
      ctx.setLineDash(DASH[look]);
      ctx.strokeStyle = this.colours[look];
      ctx.lineWidth = width;
      ctx.stroke(paths[look]);
    }
    ctx.setLineDash([]);
    this.signs().forEach((sign) => this.paintSign(ctx, sign));
  }

  /** One sign for each closure, on the first of its stretches in view. */
  signs() {
    const first = new Map();
    for (const drawn of this.drawn) if (!first.has(drawn.closure.id)) first.set(drawn.closure.id, drawn);
    return Array.from(first.values(), ({closure, line, look}) => {
      const half = line.length / 4;
      const [a, b] = [Math.floor(half - 0.5) * 2, Math.ceil(half - 0.5) * 2];
      return {closure, look, x: (line[a] + line[b]) / 2, y: (line[a + 1] + line[b + 1]) / 2};
    });
  }

  paintSign(ctx, {x, y, look}) {
    const {halo} = this.host.palette;
    const disc = new Path2D();
    disc.arc(x, y, SIGN_PX, 0, 2 * Math.PI);
    ctx.fillStyle = look === 'closed' ? this.colours.closed : halo;
    ctx.fill(disc);
    ctx.lineWidth = look === 'closed' ? 1.5 : 3;
    ctx.strokeStyle = look === 'closed' ? halo : this.colours.slowed;
    ctx.stroke(disc);
    if (look !== 'closed') return;
    ctx.fillStyle = halo;
    ctx.fillRect(x - SIGN_PX * 0.6, y - SIGN_PX * 0.2, SIGN_PX * 1.2, SIGN_PX * 0.4);
  }

  /** The nearest closure within reach of a pixel of the canvas. */
  at(x, y) {
    const near = [
      ...this.signs().map((sign) => [sign.closure, (sign.x - x) ** 2 + (sign.y - y) ** 2]),
      ...this.drawn.map(({closure, line}) => [closure, distance2(line, x, y)]),
    ].filter(([, square]) => square < REACH_PX * REACH_PX);
    return near.length ? near.reduce((best, other) => (other[1] < best[1] ? other : best))[0] : null;
  }

  /** Draw closures `ids` as chosen. */
  highlight(ctx, ids, colour, width) {
    ctx.lineJoin = 'round';
    ctx.lineCap = 'round';
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const {closure, line} of this.drawn) if (ids.has(closure.id)) trace(ctx, line);
    ctx.stroke();
  }
}
