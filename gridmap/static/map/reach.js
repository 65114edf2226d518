/** From where a place is reached in time: nested areas in three tints of one hue, each with its time at its rim. */

import {toPath} from './mercator.js';
import {toScreen} from './polyline.js';

/** The ground stays legible under it. */
const ALPHA = 0.42;
/** Labels keep so far from the edge of what is seen, and from each other. */
const MARGIN_PX = 40;
/** At the left they keep clear of the buttons as well. */
const LEFT_PX = 90;
const APART_PX = 46;
/** Where two rims run so close together they are one. */
const RIM_PX = 10;

export class Reach {
  constructor(host) {
    this.host = host;
    this.bands = [];
    /** Where the labels stand, as last painted. */
    this.labels = [];
  }

  /** @param {{label: string, rings: number[][][]}[]} bands the nearest first, each within the next */
  show(bands) {
    this.bands = bands.map(({label, rings}) => ({label, rings: rings.map(toPath)}));
  }

  paint(view) {
    this.labels = [];
    if (!this.bands.length) return;
    const {ctx} = view;
    const colours = this.host.palette.reach;
    const drawn = this.bands.map(({rings}) => rings.map((ring) => toScreen(ring, view, 1)).filter(({length}) => length >= 6));
    const paths = drawn.map(trace);
    paths.forEach((path, i) => {
      // What the band before holds is left out, so that every tint is the legend's.
      const own = new Path2D(path);
      if (i > 0) own.addPath(paths[i - 1]);
      ctx.globalAlpha = ALPHA;
      ctx.fillStyle = colours[i];
      ctx.fill(own, 'evenodd');
      ctx.globalAlpha = 0.9;
      ctx.strokeStyle = colours[0];
      ctx.lineWidth = 1.3;
      ctx.setLineDash(i === 0 ? [] : [8 - 3 * i, 3]);
      ctx.stroke(path);
    });
    ctx.globalAlpha = 1;
    ctx.setLineDash([]);
    this.place(drawn, paths, view);
  }

  /** Each label at the highest point of its rim that is in sight, clear of the others, and no band's before as well. */
  place(drawn, paths, {ctx, ratio}) {
    const {map, operations, controls} = this.host;
    // The canvas is larger than what is seen of it, and the open legend covers a part of that.
    const corner = operations.layer.fromContainer([0, 0]);
    const size = map.getSize();
    const [left, top] = [corner.x + LEFT_PX, corner.y + MARGIN_PX];
    const [right, bottom] = [corner.x + size.x - MARGIN_PX - controls.coveredPx(), corner.y + size.y - MARGIN_PX];
    ctx.lineWidth = 2 * RIM_PX;
    drawn.forEach((rings, i) => {
      let best = null;
      for (const points of rings) {
        for (let k = 0; k < points.length; k += 2) {
          const [x, y] = [points[k], points[k + 1]];
          if (x < left || y < top || x > right || y > bottom) continue;
          if (best && y >= best.y) continue;
          if (this.labels.some((other) => Math.hypot(other.x - x, other.y - y) < APART_PX)) continue;
          if (i > 0 && ctx.isPointInStroke(paths[i - 1], x * ratio, y * ratio)) continue;
          best = {x, y, text: this.bands[i].label};
        }
      }
      if (best) this.labels.push(best);
    });
  }

  paintLabels({ctx}) {
    const {palette, font} = this.host;
    ctx.font = `700 12px ${font}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.lineJoin = 'round';
    for (const {x, y, text} of this.labels) {
      ctx.strokeStyle = palette.halo;
      ctx.lineWidth = 4;
      ctx.strokeText(text, x, y);
      ctx.fillStyle = palette.reach[0];
      ctx.fillText(text, x, y);
    }
  }
}

function trace(rings) {
  const path = new Path2D();
  for (const points of rings) {
    path.moveTo(points[0], points[1]);
    for (let k = 2; k < points.length; k += 2) path.lineTo(points[k], points[k + 1]);
    path.closePath();
  }
  return path;
}
