/** Names on the map: only as many as fit, the weightiest first, clear of each other and of every mark. */

import {metresPerPx, toLat} from './mercator.js';

/** Kind of place → smallest zoom, size in pixels, weight of the font, colour, rank among labels (small is placed first). */
const PLACES = {
  city: {from: 5, size: [13, 18], bold: 700, ink: 'place', rank: 1, dot: 3},
  town: {from: 9, size: [12, 15], bold: 600, ink: 'place', rank: 2, dot: 2.4},
  suburb: {from: 12, size: [11, 13], bold: 500, ink: 'minor', rank: 4, dot: 0},
  village: {from: 11, size: [11, 13], bold: 400, ink: 'minor', rank: 5, dot: 1.8},
  hamlet: {from: 13, size: [10.5, 12], bold: 400, ink: 'minor', rank: 6, dot: 1.5},
  locality: {from: 14, size: [10.5, 12], bold: 400, ink: 'minor', rank: 7, dot: 0},
  peak: {from: 12, size: [10.5, 11.5], bold: 400, ink: 'minor', rank: 7, dot: 0},
};
/** Area level → the width in pixels its area must have, size of the letters, spacing. */
const AREAS = {
  2: {least: 200, most: 1400, size: 16, spacing: 4},
  3: {least: 160, most: 1300, size: 14.5, spacing: 3},
  4: {least: 56, most: 900, size: 13, spacing: 2},
  5: {least: 70, most: 700, size: 11.5, spacing: 0.5},
  6: {least: 64, most: 2000, size: 10.5, spacing: 0},
};
const GAP_PX = 3;
/** Two equal names closer than this are one. */
const SAME_NAME_PX = 260;

/** Boxes already taken, in bins so that a thousand labels need no million comparisons. */
class Room {
  constructor() {
    this.bins = new Map();
  }

  * binsOf([x0, y0, x1, y1]) {
    for (let i = Math.floor(x0 / 128); i <= Math.floor(x1 / 128); i += 1) {
      for (let j = Math.floor(y0 / 128); j <= Math.floor(y1 / 128); j += 1) yield `${i}:${j}`;
    }
  }

  isFree(box) {
    for (const key of this.binsOf(box)) {
      for (const other of this.bins.get(key) ?? []) {
        if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) return false;
      }
    }
    return true;
  }

  take(box) {
    for (const key of this.binsOf(box)) {
      if (!this.bins.has(key)) this.bins.set(key, []);
      this.bins.get(key).push(box);
    }
  }
}

export class Labels {
  constructor(host) {
    this.host = host;
    this.widths = new Map();
  }

  widthOf(ctx, font, text, spacing) {
    const key = `${font}|${spacing}|${text}`;
    if (!this.widths.has(key)) {
      if (this.widths.size > 5000) this.widths.clear();
      ctx.font = font;
      ctx.letterSpacing = `${spacing}px`;
      this.widths.set(key, ctx.measureText(text).width);
    }
    return this.widths.get(key);
  }

  /** Everything that would like a name at this zoom, weightiest first. */
  wishes(view) {
    const wishes = [...this.placeWishes(view), ...this.stationWishes(view), ...this.areaWishes(view)];
    const named = new Map();
    const reach = SAME_NAME_PX / view.scale;
    return wishes
      .sort((a, b) => a.rank - b.rank || b.weight - a.weight)
      // One name once: an area is often called like its town, and a place lies in several tiles.
      .filter((wish) => {
        const others = named.get(wish.text) ?? [];
        if (others.some(({x, y}) => Math.hypot(x - wish.x, y - wish.y) < reach)) return false;
        named.set(wish.text, [...others, wish]);
        return true;
      });
  }

  placeWishes({zoom}) {
    const wishes = [];
    for (const place of this.host.places()) {
      const look = PLACES[place.kind] ?? PLACES.locality;
      if (zoom < look.from || !place.name) continue;
      const grown = Math.min(1, (zoom - look.from) / 4);
      wishes.push({
        text: place.name, x: place.x, y: place.y, rank: look.rank, weight: -(place.rank ?? 0),
        size: look.size[0] + (look.size[1] - look.size[0]) * grown, bold: look.bold, ink: look.ink, dot: look.dot, spacing: 0,
      });
    }
    return wishes;
  }

  stationWishes({zoom, scale, minX, minY, width, height}) {
    if (zoom < 10 || !this.host.on('stations')) return [];
    const table = this.host.table('stations');
    const [xs, ys] = [table.data('x'), table.data('y')];
    const wishes = [];
    for (let row = 0; row < table.length; row += 1) {
      const [px, py] = [xs[row] * scale - minX, ys[row] * scale - minY];
      if (px < -60 || py < -20 || px > width + 60 || py > height + 20) continue;
      const {kind, name, x, y} = table.row(row);
      if (!name || !(kind === 'station' || (kind === 'halt' && zoom >= 12))) continue;
      wishes.push({
        text: name, x, y, rank: 1.5, weight: 0, size: zoom >= 13 ? 12.5 : 11.5, bold: 600, ink: 'station', dot: 0, clear: zoom >= 11 ? 11 : 5, spacing: 0,
      });
    }
    return wishes;
  }

  areaWishes({zoom, scale, minX, minY, width, height}) {
    const wishes = [];
    const areas = this.host.table('areas');
    const [level, size, x, y] = ['level', 'area_m2', 'x', 'y'].map((name) => areas.data(name));
    // Names of cells matter where cells are worked on; elsewhere they are ground.
    const leastOf = (rank) => (rank === 6 && !this.host.worksOnCells ? 2 : 1) * (AREAS[rank]?.least ?? Infinity);
    // Most areas are too small for a name wherever in the view they lie: told without their place.
    const finest = Math.min(...[minY, minY + height].map((edge) => metresPerPx(toLat(edge / scale), zoom)));
    const smallest = Array.from({length: 8}, (_, rank) => (leastOf(rank) * finest) ** 2);
    for (let row = 0; row < areas.length; row += 1) {
      if (size[row] < smallest[level[row]]) continue;
      const look = AREAS[level[row]];
      const [px, py] = [x[row] * scale - minX, y[row] * scale - minY];
      if (!look || px < -60 || py < -20 || px > width + 60 || py > height + 20) continue;
      const across = Math.sqrt(size[row]) / metresPerPx(toLat(y[row]), zoom);
      if (across < leastOf(level[row]) || across > look.most) continue;
      wishes.push({
        text: areas.row(row).name, x: x[row], y: y[row], rank: 3 + level[row] / 10 + (level[row] === 6 ? 4 : 0), weight: size[row],
        size: look.size, bold: level[row] <= 4 ? 600 : 400, ink: 'area', dot: 0, centred: true, spacing: look.spacing,
        fits: across * 0.95,
      });
    }
    return wishes;
  }

  /**
   * Choose places and draw.
   * @param {import('./canvas_layer.js').View} view
   * @param {{x: number, y: number, radius: number}[]} marks to keep clear of
   */
  paint(view, marks) {
    const {ctx, scale, minX, minY, width, height} = view;
    const {palette, font} = this.host;
    const room = new Room();
    marks.forEach(({x, y, radius}) => room.take([x - radius - 1, y - radius - 1, x + radius + 1, y + radius + 1]));
    ctx.lineJoin = 'round';
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    this.count = 0;
    for (const wish of this.wishes(view)) {
      const x = wish.x * scale - minX;
      const y = wish.y * scale - minY;
      if (x < -60 || y < -20 || x > width + 60 || y > height + 20) continue;
      const face = `${wish.bold} ${wish.size}px ${font}`;
      const wide = this.widthOf(ctx, face, wish.text, wish.spacing);
      if (wish.fits && wide > wish.fits) continue;
      const spot = this.findSpot(room, wish, x, y, wide);
      if (!spot) continue;
      room.take(spot.box);
      this.count += 1;
      ctx.font = face;
      ctx.letterSpacing = `${wish.spacing}px`;
      ctx.strokeStyle = palette.halo;
      ctx.lineWidth = 3.2;
      ctx.globalAlpha = 0.9;
      ctx.strokeText(wish.text, spot.x, spot.y);
      ctx.globalAlpha = 1;
      ctx.fillStyle = palette.label[wish.ink];
      ctx.fillText(wish.text, spot.x, spot.y);
      if (wish.dot) {
        ctx.beginPath();
        ctx.arc(x, y, wish.dot, 0, 2 * Math.PI);
        ctx.lineWidth = 2.4;
        ctx.stroke();
        ctx.fill();
      }
    }
    ctx.letterSpacing = '0px';
  }

  /** Right, left, above, below of the point; on it when there is no dot. */
  findSpot(room, wish, x, y, wide) {
    const tall = wish.size * 1.2;
    const aside = (wish.clear ?? wish.dot) + 3;
    const spots = wish.centred || !(wish.dot || wish.clear)
      ? [[x - wide / 2, y]]
      : [[x + aside, y], [x - aside - wide, y], [x - wide / 2, y - aside - tall / 2], [x - wide / 2, y + aside + tall / 2]];
    for (const [left, middle] of spots) {
      const box = [left - GAP_PX, middle - tall / 2 - GAP_PX / 2, left + wide + GAP_PX, middle + tall / 2 + GAP_PX / 2];
      if (room.isFree(box)) return {x: left, y: middle, box};
    }
    return null;
  }
}
