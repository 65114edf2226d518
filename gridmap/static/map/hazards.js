/** Hazards: outline by kind, fill by severity, a ring when overdue; near ones gather in a disc with their number. */

import {gather} from './clusters.js';
import {at, glyph} from './glyphs.js';
import {stamp} from './sprites.js';

const GLYPH_ZOOM = 14;
const MARGIN_PX = 30;
/** Steps of a group's rim: finer shares than this look alike, and alike they share a picture. */
const RIM_STEPS = 24;

/** A number that fits into a disc: 7, 640, 1.2k, 35k. */
function shorten(count) {
  if (count < 1000) return String(count);
  return count < 10000 ? `${Math.floor(count / 100) / 10}k` : `${Math.floor(count / 1000)}k`;
}

export class Hazards {
  constructor(host) {
    this.host = host;
    this.drawn = [];
    this.kept = {table: null, byZoom: new Map()};
  }

  /** Groups are found once for each zoom and table. */
  groupsAt(zoom) {
    const table = this.host.table('hazards');
    if (this.kept.table !== table) this.kept = {table, byZoom: new Map()};
    const {byZoom} = this.kept;
    if (!byZoom.has(zoom)) {
      const [x, y, severity, overdue] = ['x', 'y', 'severity', 'overdue'].map((name) => table.data(name));
      byZoom.set(zoom, gather({x, y, severity, overdue}, zoom));
    }
    return byZoom.get(zoom);
  }

  /** Find what is in view and how large; called before labels are placed, which must keep clear. */
  collect(view) {
    const {scale, minX, minY, width, height, zoom} = view;
    const table = this.host.table('hazards');
    const groups = this.groupsAt(zoom);
    this.drawn = [];
    for (let group = 0; group < groups.length; group += 1) {
      const x = groups.x[group] * scale - minX;
      const y = groups.y[group] * scale - minY;
      if (x < -MARGIN_PX || y < -MARGIN_PX || x > width + MARGIN_PX || y > height + MARGIN_PX) continue;
      const rows = groups.members.subarray(groups.starts[group], groups.starts[group + 1]);
      const count = rows.length;
      const radius = count > 1 ? Math.min(20, 10 + Math.sqrt(count)) : zoom >= GLYPH_ZOOM ? 10 : zoom >= 11 ? 7.5 : 6;
      this.drawn.push({x, y, radius, rows, hazard: count > 1 ? null : table.row(rows[0])});
    }
    // The gravest last, on top.
    this.drawn.sort((a, b) => (a.hazard?.severity ?? 0) - (b.hazard?.severity ?? 0));
    return this.drawn;
  }

  paint(view) {
    for (const mark of this.drawn) {
      if (mark.hazard) this.stampOne(view.ctx, mark, view.zoom);
      else this.stampGroup(view.ctx, mark);
    }
  }

  stampOne(ctx, {x, y, radius, hazard}, zoom) {
    const {kind, severity, overdue} = hazard;
    const key = ['hazard', kind, severity, overdue, radius, zoom >= GLYPH_ZOOM].join();
    stamp(ctx, key, x, y, 2 * radius + 16, (own) => this.paintOne(own, {x: 0, y: 0, radius, hazard}, zoom));
  }

  /** The disc, its number and its badge are pictures of their own: few of each, but many together. */
  stampGroup(ctx, {x, y, radius: exact, rows}) {
    const {shares, overdue} = this.count(rows);
    const radius = Math.round(exact);
    const steps = shares.map((share) => Math.round((RIM_STEPS * share) / rows.length));
    const number = shorten(rows.length);
    stamp(ctx, `group,${radius},${steps}`, x, y, 2 * radius + 8, (own) => this.paintDisc(own, radius, steps));
    stamp(ctx, `number,${number},${rows.length > 99}`, x, y, 40, (own) => this.paintNumber(own, number, rows.length > 99));
    if (!overdue) return;
    const late = overdue > 99 ? '99+' : String(overdue);
    stamp(ctx, `badge,${late}`, x + radius * 0.8, y - radius * 0.8, 20, (own) => this.paintBadge(own, late, overdue > 9));
  }

  paintOne(ctx, {x, y, radius, hazard}, zoom) {
    const {palette, icons} = this.host;
    if (hazard.overdue) this.paintRing(ctx, x, y, radius + 3.5);
    const shape = icons.shapes[icons.hazardShapes[hazard.kind] ?? icons.hazardShapes.other];
    at(ctx, x, y, radius * 2, () => {
      ctx.lineJoin = 'round';
      ctx.strokeStyle = palette.halo;
      ctx.lineWidth = 56 / (radius * 2);
      ctx.stroke(glyph(shape));
      ctx.fillStyle = palette.severity[hazard.severity];
      ctx.fill(glyph(shape));
      ctx.strokeStyle = palette.chrome.ink;
      ctx.globalAlpha = 0.75;
      ctx.lineWidth = 18 / (radius * 2);
      ctx.stroke(glyph(shape));
      ctx.globalAlpha = 1;
      const sign = icons.hazardGlyphs[hazard.kind] ?? icons.hazardGlyphs.other;
      if (zoom < GLYPH_ZOOM || !sign) return;
      ctx.fillStyle = hazard.severity >= 3 ? '#ffffff' : '#23282d';
      ctx.fill(glyph(sign), 'evenodd');
    });
  }

  paintRing(ctx, x, y, radius) {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.strokeStyle = this.host.palette.halo;
    ctx.lineWidth = 4;
    ctx.stroke();
    ctx.strokeStyle = this.host.palette.freshness.overdue;
    ctx.lineWidth = 2;
    ctx.stroke();
  }

  /** A disc whose rim is shared out by severity: `steps` of the rim for each. */
  paintDisc(ctx, radius, steps) {
    const {palette} = this.host;
    ctx.beginPath();
    ctx.arc(0, 0, radius, 0, 2 * Math.PI);
    ctx.fillStyle = palette.chrome.ground;
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.fill();
    const all = steps.reduce((sum, each) => sum + each, 0);
    let angle = -Math.PI / 2;
    ctx.lineWidth = 4;
    for (const severity of [4, 3, 2, 1]) {
      if (!steps[severity]) continue;
      const end = angle + (steps[severity] / all) * 2 * Math.PI;
      ctx.beginPath();
      ctx.arc(0, 0, radius - 2, angle, end);
      ctx.strokeStyle = palette.severity[severity];
      ctx.stroke();
      angle = end;
    }
  }

  paintNumber(ctx, number, isLong) {
    const {palette, font} = this.host;
    ctx.fillStyle = palette.chrome.ink;
    ctx.font = `600 ${isLong ? 10.5 : 12}px ${font}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(number, 0, 0.5);
  }

  /** How many of the rows are of each severity, and overdue. */
  count(rows) {
    const table = this.host.table('hazards');
    const [severity, late] = [table.data('severity'), table.data('overdue')];
    const shares = [0, 0, 0, 0, 0];
    let overdue = 0;
    for (const row of rows) {
      shares[severity[row]] += 1;
      overdue += late[row];
    }
    return {shares, overdue};
  }

  /** How many of a group are overdue. */
  paintBadge(ctx, number, isLong) {
    const {palette, font} = this.host;
    ctx.beginPath();
    ctx.arc(0, 0, 6.5, 0, 2 * Math.PI);
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 2.5;
    ctx.stroke();
    ctx.fillStyle = palette.freshness.overdue;
    ctx.fill();
    ctx.fillStyle = palette.network_ink;
    ctx.font = `700 ${isLong ? 8 : 9.5}px ${font}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(number, 0, 0.5);
  }

  /** The topmost mark under a pixel. */
  at(x, y) {
    return this.drawn.findLast((mark) => Math.hypot(mark.x - x, mark.y - y) <= mark.radius + 3) ?? null;
  }

  highlight(ctx, ids, colour, width) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    const own = this.host.table('hazards').data('id');
    for (const {x, y, radius, rows} of this.drawn) {
      if (!rows.some((row) => ids.has(own[row]))) continue;
      ctx.beginPath();
      ctx.arc(x, y, radius + 5, 0, 2 * Math.PI);
      ctx.stroke();
    }
  }
}
