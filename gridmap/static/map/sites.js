/** Places that stand still: sites of the five control networks, stations, access points. Dots from afar, glyphs near by. */

import {at, glyph} from './glyphs.js';

const REACH_PX = 4;

/** One kind of point: how large at which zoom, and how it is drawn there. */
class Points {
  /** @param {{kind: string, table: string, sizeAt: (zoom: number, item: object) => number, draw: Function}} look */
  constructor(host, look) {
    Object.assign(this, {host, look, drawn: []});
  }

  collect(view) {
    const {scale, minX, minY, width, height, zoom} = view;
    this.drawn = [];
    for (const item of this.look.items()) {
      const size = this.look.sizeAt(zoom, item);
      if (!size) continue;
      const x = item.x * scale - minX;
      const y = item.y * scale - minY;
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
      this.drawn.push({item, x, y, radius: size / 2});
    }
    return this.drawn;
  }

  paint({ctx}) {
    for (const {item, x, y, radius} of this.drawn) this.look.draw(ctx, item, x, y, radius * 2);
  }

  at(x, y) {
    return this.drawn.findLast((mark) => Math.hypot(mark.x - x, mark.y - y) <= mark.radius + REACH_PX)?.item ?? null;
  }

  highlight(ctx, ids, colour, width) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    for (const {item, x, y, radius} of this.drawn) {
      if (!ids.has(item.id)) continue;
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
    items: () => host.table('sites'),
    sizeAt: (zoom) => (zoom >= 15 ? 19 : zoom >= 13 ? 16 : zoom >= 11 ? 6 : zoom >= 9 ? 4 : 0),
    draw: (ctx, site, x, y, size) => drawBox(ctx, x, y, size, {
      fill: size < DOT_BELOW_PX ? host.palette.network : host.palette.halo, rim: size < DOT_BELOW_PX ? host.palette.halo : host.palette.network,
      ink: host.palette.network, sign: host.icons.networks[site.network],
    }),
  });
}

const isStation = ({kind}) => kind === 'station' || kind === 'halt';

export function makeStations(host) {
  return new Points(host, {
    items: () => [...host.table('stations')].filter(isStation),
    sizeAt: (zoom, {kind}) => (zoom >= 13 ? 18 : zoom >= 11 ? 15 : zoom >= 8 && kind === 'station' ? 7 : 0),
    draw: (ctx, station, x, y, size) => drawBox(ctx, x, y, size, {
      fill: host.palette.halo, rim: host.palette.rail.ink, ink: host.palette.rail.ink, sign: host.icons.rail.station,
    }),
  });
}

export function makeAccessPoints(host) {
  return new Points(host, {
    items: () => [...host.table('stations')].filter((item) => !isStation(item)),
    sizeAt: (zoom) => (zoom >= 14 ? 13 : zoom >= 13 ? 5 : 0),
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
