/** Routes of a plan and places pointed out: what the page lays over the map. */

import {at, glyph} from './glyphs.js';
import {offset, toScreen, trace, walk} from './polyline.js';
import {toPath, toX, toY} from './mercator.js';
import {interpolate} from './paint_tile.js';

const ARROW_EVERY_PX = 90;
const REACH_PX = 3;

/** Black or white, whichever reads better on `colour` (relative luminance of WCAG 2). */
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => (parseInt(colour.slice(i, i + 2), 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? '#14181b' : '#ffffff';
}

function drawArrow(ctx, x, y, angle, size) {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(angle);
  ctx.beginPath();
  ctx.moveTo(size, 0);
  ctx.lineTo(-size * 0.7, size * 0.75);
  ctx.lineTo(-size * 0.3, 0);
  ctx.lineTo(-size * 0.7, -size * 0.75);
  ctx.closePath();
  ctx.fill();
  ctx.restore();
}

export class Routes {
  constructor(host) {
    this.host = host;
    this.routes = [];
    this.shades = [];
    this.marks = [];
    this.stops = [];
  }

  /** @param {{routes: object[], marks: object[], shades?: object[]}} overlay */
  show({routes, marks, shades = []}) {
    this.shades = shades.map((shade) => ({tone: shade.tone, ...toPath(shade.line)}));
    this.routes = routes.map((route) => ({
      ...route,
      parts: route.parts.map((part) => ({kind: part.kind, ...toPath(part.line)})),
      stops: route.stops.map((stop) => ({...stop, x: toX(stop.lon), y: toY(stop.lat)})),
    }));
    this.marks = marks.map((mark) => ({...mark, x: toX(mark.lon), y: toY(mark.lat)}));
  }

  paint(view) {
    const {ctx, zoom} = view;
    const {palette} = this.host;
    const width = interpolate([[8, 2.5], [12, 3.5], [15, 5], [18, 7]], zoom);
    ctx.lineJoin = 'round';
    this.paintShades(view, width);
    const order = [...this.routes].sort((a, b) => Number(b.faded) - Number(a.faded));
    order.forEach((route, i) => {
      const colour = palette.routes[route.colour % palette.routes.length];
      ctx.globalAlpha = route.faded ? 0.28 : 1;
      // Routes that share a road run side by side rather than hide one another; two ways of one road do as well.
      const aside = width * 0.75 + (i % 3) * width * 0.8;
      for (const part of route.parts) {
        const middle = toScreen(part, view, 1.5);
        if (middle.length >= 4) this.paintPart(ctx, part.kind, offset(middle, aside), {colour, width, halo: palette.halo});
      }
    });
    ctx.globalAlpha = 1;
  }

  /** How often stretches are seen, broad so that it is read below everything else. */
  paintShades(view, width) {
    const {ctx} = view;
    const {palette} = this.host;
    ctx.lineCap = 'butt';
    for (const [broad, colourOf] of [[width * 2 + 3, () => palette.halo], [width * 2, (tone) => palette.sequential[tone]]]) {
      for (const shade of this.shades) {
        const line = new Path2D();
        trace(line, toScreen(shade, view, 1.5));
        ctx.strokeStyle = colourOf(shade.tone);
        ctx.lineWidth = broad;
        ctx.stroke(line);
      }
    }
  }

  paintPart(ctx, kind, points, {colour, width, halo}) {
    const line = new Path2D();
    trace(line, points);
    ctx.strokeStyle = halo;
    ctx.lineCap = 'round';
    ctx.setLineDash([]);
    ctx.lineWidth = width + 2.5;
    ctx.stroke(line);
    ctx.strokeStyle = colour;
    // A dash of no length with round ends is a dot.
    if (kind === 'walk') ctx.setLineDash([0.01, width * 1.9]);
    ctx.lineWidth = kind === 'walk' ? width * 1.1 : width;
    ctx.stroke(line);
    ctx.setLineDash([]);
    if (kind === 'walk') return;
    walk(points, ARROW_EVERY_PX, (x, y, angle) => {
      ctx.fillStyle = halo;
      drawArrow(ctx, x, y, angle, width + 3.2);
      ctx.fillStyle = colour;
      drawArrow(ctx, x, y, angle, width + 1.4);
    });
  }

  /** Numbered stops and marks, on top of everything that stands still. */
  collect(view) {
    const {scale, minX, minY, width, height, zoom} = view;
    this.stops = [];
    for (const route of this.routes) {
      for (const stop of route.stops) {
        const x = stop.x * scale - minX;
        const y = stop.y * scale - minY;
        if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
        this.stops.push({stop, route, x, y, radius: route.faded || zoom < 10 ? 4.5 : 9});
      }
    }
    return this.stops;
  }

  paintStops({ctx}) {
    const {palette, font} = this.host;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    // The first stop last: where a route begins is on top.
    for (const {stop, route, x, y, radius} of [...this.stops].reverse()) {
      ctx.globalAlpha = route.faded ? 0.35 : 1;
      ctx.beginPath();
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
      const colour = palette.routes[route.colour % palette.routes.length];
      ctx.strokeStyle = palette.halo;
      ctx.lineWidth = 3;
      ctx.stroke();
      ctx.fillStyle = colour;
      ctx.fill();
      if (radius < 9) continue;
      ctx.fillStyle = inkOn(colour);
      ctx.font = `700 ${stop.number > 99 ? 8.5 : 10.5}px ${font}`;
      ctx.fillText(String(stop.number), x, y + 0.5);
    }
    ctx.globalAlpha = 1;
  }

  paintMarks(view) {
    const {ctx, scale, minX, minY} = view;
    const {palette, icons} = this.host;
    for (const mark of this.marks) {
      const x = mark.x * scale - minX;
      const y = mark.y * scale - minY;
      if (mark.kind !== 'pin') {
        ctx.beginPath();
        ctx.arc(x, y, mark.kind === 'dot' ? 5 : 7, 0, 2 * Math.PI);
        ctx.fillStyle = mark.kind === 'end' ? palette.pin : palette.selection;
        ctx.strokeStyle = palette.halo;
        ctx.lineWidth = 4;
        ctx.stroke();
        ctx.fill();
        continue;
      }
      at(ctx, x, y - 13, 28, () => {
        ctx.strokeStyle = palette.halo;
        ctx.lineWidth = 1.6;
        ctx.stroke(glyph(icons.pin));
        ctx.fillStyle = palette.pin;
        ctx.fill(glyph(icons.pin), 'evenodd');
      });
    }
  }

  /** The stop under a pixel. */
  at(x, y) {
    return this.stops.find((mark) => Math.hypot(mark.x - x, mark.y - y) <= mark.radius + REACH_PX) ?? null;
  }
}
