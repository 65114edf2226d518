/** Places that stand still: sites of the five control networks, stations, access points. Dots from afar, glyphs near by. */

import {at, glyph} from './glyphs.js';
import {stamp} from './sprites.js';

const REACH_PX = 4;

/** One kind of point: how large at which zoom, and how it is drawn there. */
class Points {
  /** @param {{name: string, alike: string, table: () => object, sizeAt: (zoom: number, kind: string) => number, draw: Function}} look
   *   `alike` is the column whose rows of one value look the same */
  constructor(host, look) {
    Object.assign(this, {host, look, drawn: []});
  }

  collect(view) {
    const {scale, minX, minY, width, height, zoom} = view;
    this.drawn = [];
    const table = this.look.table();
    const [xs, ys, kinds] = [table.data('x'), table.data('y'), table.columns.kind];
    for (let row = 0; row < table.length; row += 1) {
      const x = xs[row] * scale - minX;
      const y = ys[row] * scale - minY;
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
      const size = this.look.sizeAt(zoom, kinds.get(row));
      // What stands in the table is made an object only where somebody asks for it.
      if (size) this.drawn.push({table, row, x, y, radius: size / 2});
    }
    return this.drawn;
  }

  paint({ctx}) {
    const {name, alike, draw} = this.look;
    for (const {table, row, x, y, radius} of this.drawn) {
      const key = `${name},${table.columns[alike].get(row)},${radius}`;
      stamp(ctx, key, x, y, 2 * radius + 8, (own) => draw(own, table.row(row), 0, 0, radius * 2));
    }
  }

  at(x, y) {
    const mark = this.drawn.findLast((each) => Math.hypot(each.x - x, each.y - y) <= each.radius + REACH_PX);
    return mark ? mark.table.row(mark.row) : null;
  }

  highlight(ctx, ids, colour, width) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    for (const {table, row, x, y, radius} of this.drawn) {
      if (!ids.has(table.data('id')[row])) continue;
      ctx.beginPath();
      ctx.arc(x, y, radius + 5, 0, 2 * Math.PI);
      ctx.stroke();
    }
  }
}

const DOT_BELOW_PX = 9;

function drawBox(ctx, x, y, size, {fill, rim, sign, ink}) {
  const half = size / 2;
  ctx.beginPath();
  ctx.roundRect(x - half, y - half, size, size, size < DOT_BELOW_PX ? size * 0.3 : size * 0.2);
  ctx.fillStyle = fill;
  ctx.strokeStyle = rim;
  ctx.lineWidth = size < DOT_BELOW_PX ? 1.5 : 2.4;
  ctx.stroke();
  ctx.fill();
  if (size < DOT_BELOW_PX || !sign) return;
  at(ctx, x, y, size * 0.86, () => {
    ctx.fillStyle = ink;
    ctx.fill(glyph(sign), 'evenodd');
  });
}

/** @param {object} host */
export function makeSites(host) {
  return new Points(host, {
    name: 'site',
    alike: 'network',
    table: () => host.table('sites'),
    sizeAt: (zoom) => (zoom >= 15 ? 19 : zoom >= 13 ? 16 : zoom >= 11 ? 6 : zoom >= 10 ? 4 : 0), // from further away thousands of dots hide the ground
    draw: (ctx, site, x, y, size) => drawBox(ctx, x, y, size, {
      fill: size < DOT_BELOW_PX ? host.palette.network : host.palette.halo, rim: size < DOT_BELOW_PX ? host.palette.halo : host.palette.network,
      ink: host.palette.network, sign: host.icons.networks[site.network],
    }),
  });
}

const isStation = (kind) => kind === 'station' || kind === 'halt';

export function makeStations(host) {
  return new Points(host, {
    name: 'station',
    alike: 'kind',
    table: () => host.table('stations'),
    sizeAt: (zoom, kind) => (!isStation(kind) ? 0 : zoom >= 13 ? 18 : zoom >= 11 ? 15 : zoom >= 8 && kind === 'station' ? 7 : 0),
    draw: (ctx, station, x, y, size) => drawBox(ctx, x, y, size, {
      fill: host.palette.halo, rim: host.palette.rail.ink, ink: host.palette.rail.ink, sign: host.icons.rail.station,
    }),
  });
}

export function makeAccessPoints(host) {
  return new Points(host, {
    name: 'access',
    alike: 'kind',
    table: () => host.table('stations'),
    sizeAt: (zoom, kind) => (isStation(kind) ? 0 : zoom >= 14 ? 13 : zoom >= 13 ? 5 : 0),
    draw: (ctx, point, x, y, size) => {
      ctx.beginPath();
      ctx.arc(x, y, size / 2, 0, 2 * Math.PI);
      ctx.fillStyle = host.palette.halo;
      ctx.fill();
      ctx.strokeStyle = host.palette.rail.ink;
      ctx.lineWidth = 1;
      ctx.stroke();
      const sign = host.icons.rail[point.kind];
      if (size < DOT_BELOW_PX || !sign) return;
      at(ctx, x, y, size * 0.8, () => {
        ctx.fillStyle = host.palette.rail.ink;
        ctx.fill(glyph(sign), 'evenodd');
      });
    },
  });
}
