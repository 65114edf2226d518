/** Railway segments: how fresh their patrol is, as a casing beside the track on the side it is about. */

import {distance2, offset, toScreen, trace} from './polyline.js';
import {interpolate} from './paint_tile.js';

/** Fresh is thin and calm; what needs a patrol is wide, and told by its pattern as well as by its colour. */
const LOOKS = {
  fresh: {width: 0.55, dash: []},
  due: {width: 1, dash: []},
  never: {width: 1.1, dash: [2, 3]},
  overdue: {width: 1.25, dash: [8, 2.5]},
};
const ORDER = ['fresh', 'due', 'never', 'overdue'];
const REACH_PX = 7;

export class Segments {
  constructor(host) {
    this.host = host;
    this.drawn = [];
  }

  /** @param {import('./canvas_layer.js').View} view */
  paint(view) {
    const {ctx, zoom} = view;
    const colours = this.host.palette.freshness;
    const width = interpolate([[6, 1.4], [9, 2], [12, 3.4], [15, 4.6], [18, 6]], zoom);
    const aside = interpolate([[6, 1.8], [9, 2.6], [12, 4.6], [15, 6.4], [18, 9]], zoom);
    this.drawn = [];
    ctx.lineJoin = 'round';
    ctx.lineCap = 'butt';
    const paths = Object.fromEntries(ORDER.map((freshness) => [freshness, new Path2D()]));
    for (const segment of this.host.table('segments')) {
      const middle = toScreen(segment.geometry, view, zoom < 12 ? 2 : 1);
      if (middle.length < 4) continue;
      const sides = segment.side === 'both' ? [-aside, aside] : [segment.side === 'left' ? -aside : aside];
      const lines = sides.map((px) => offset(middle, px));
      lines.forEach((line) => trace(paths[segment.freshness] ?? paths.never, line));
      this.drawn.push({segment, middle, lines});
    }
    for (const freshness of ORDER) {
      const {width: share, dash} = LOOKS[freshness];
      ctx.setLineDash(dash);
      ctx.strokeStyle = colours[freshness];
      ctx.lineWidth = width * share;
      ctx.stroke(paths[freshness]);
    }
    ctx.setLineDash([]);
  }

  /** The nearest segment side within reach of a pixel of the canvas. */
  at(x, y) {
    let best = null;
    let least = REACH_PX * REACH_PX;
    for (const {segment, lines} of this.drawn) {
      for (const line of lines) {
        const square = distance2(line, x, y);
        if (square < least) {
          least = square;
          best = segment;
        }
      }
    }
    return best;
  }

  /** Draw segments `ids` as chosen. */
  highlight(ctx, ids, colour, width) {
    ctx.lineJoin = 'round';
    ctx.lineCap = 'round';
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const {segment, lines} of this.drawn) if (ids.has(segment.id)) lines.forEach((line) => trace(ctx, line));
    ctx.stroke();
  }
}
