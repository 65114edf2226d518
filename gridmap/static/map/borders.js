/** Faults between cells, and rules about neighbours: barriers, joins, and what may become a barrier. */

import {toPath} from './mercator.js';
import {boxOf, toScreen, trace, walk} from './polyline.js';

/** A fault smaller than this on the screen has a circle around it. */
const SMALL_PX = 10;
const CIRCLE_PX = 8;
const TICK_EVERY_PX = 14;
const TICK_PX = 4.5;
const DASHES = {join: [7, 4], proposal: [2, 5]};

const LINES = new Set(['barrier', 'join', 'proposal']);
export const isLine = (kind) => LINES.has(kind);

/** Colour of each kind, in the order of the legend. */
export function coloursOf({chrome, freshness, hover}) {
  return {
    overlap: chrome.alert, gap: freshness.due, outside: freshness.never, crumb: chrome.quiet,
    barrier: hover, join: chrome.good, proposal: chrome.alert,
  };
}

export class Borders {
  constructor(host) {
    this.host = host;
    this.marks = [];
  }

  /** @param {{kind: string, lines: number[][][], chosen: boolean}[]} marks */
  show(marks) {
    this.marks = marks.map((mark) => ({...mark, paths: mark.lines.map(toPath)}));
  }

  paint(view) {
    const {ctx} = view;
    const colours = coloursOf(this.host.palette);
    ctx.lineJoin = 'round';
    // What is chosen lies above its neighbours.
    for (const mark of [...this.marks].sort((a, b) => Number(a.chosen) - Number(b.chosen))) {
      const drawn = mark.paths.map((path) => toScreen(path, view, 0.5)).filter(({length}) => length >= 4);
      if (!drawn.length) continue;
      ctx.strokeStyle = colours[mark.kind];
      ctx.fillStyle = colours[mark.kind];
      if (isLine(mark.kind)) this.paintLine(ctx, drawn, mark); else this.paintFault(ctx, drawn, mark);
    }
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }

  paintFault(ctx, rings, {chosen}) {
    ctx.beginPath();
    rings.forEach((ring) => trace(ctx, ring));
    ctx.globalAlpha = chosen ? 0.75 : 0.5;
    ctx.fill('evenodd');
    ctx.globalAlpha = 1;
    ctx.setLineDash([]);
    ctx.lineWidth = chosen ? 2.5 : 1.5;
    ctx.stroke();
    const [left, top, right, bottom] = boxOf([rings[0]]);
    if (Math.max(right - left, bottom - top) >= (chosen ? 4 : 1) * SMALL_PX) return;
    const radius = Math.max(CIRCLE_PX, Math.hypot(right - left, bottom - top) / 2 + 3);
    ctx.beginPath();
    ctx.arc((left + right) / 2, (top + bottom) / 2, chosen ? radius + 3 : radius, 0, 2 * Math.PI);
    ctx.stroke();
  }

  paintLine(ctx, lines, {kind, chosen}) {
    const width = chosen ? 5 : 3;
    const {halo} = this.host.palette;
    const colour = ctx.strokeStyle;
    for (const points of lines) {
      ctx.beginPath();
      trace(ctx, points);
      ctx.setLineDash([]);
      ctx.strokeStyle = halo;
      ctx.lineWidth = width + 2.5;
      ctx.stroke();
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.setLineDash(DASHES[kind] ?? []);
      ctx.stroke();
      ctx.setLineDash([]);
      // Ticks across a barrier tell it from a border, also without colour.
      if (kind === 'barrier') this.paintTicks(ctx, points);
      if (kind === 'join') this.paintEnds(ctx, points, width);
    }
  }

  paintTicks(ctx, points) {
    ctx.lineWidth = 1.8;
    ctx.beginPath();
    walk(points, TICK_EVERY_PX, (x, y, angle) => {
      const [dx, dy] = [-Math.sin(angle) * TICK_PX, Math.cos(angle) * TICK_PX];
      ctx.moveTo(x - dx, y - dy);
      ctx.lineTo(x + dx, y + dy);
    });
    ctx.stroke();
  }

  paintEnds(ctx, points, width) {
    for (const [x, y] of [points.slice(0, 2), points.slice(-2)]) {
      ctx.beginPath();
      ctx.arc(x, y, width + 1.5, 0, 2 * Math.PI);
      ctx.fill();
    }
  }
}
