/** Hazards: outline by kind, fill by severity, a ring when overdue; near ones gather in a disc with their number. */

import {at, glyph} from './glyphs.js';
import {TILE_PX} from './mercator.js';

const GATHER_PX = 26;
const LEAST_GATHERED = 3;
/** From here on every hazard stands for itself. */
const APART_ZOOM = 15;
const GLYPH_ZOOM = 14;

/**
 * Gather points that would overlap at `zoom`: the gravest first, each taking what lies within reach.
 * @returns {{x: number, y: number, members: object[]}[]}
 */
export function gather(hazards, zoom) {
  if (zoom >= APART_ZOOM) return hazards.map((hazard) => ({x: hazard.x, y: hazard.y, members: [hazard]}));
  const reach = GATHER_PX / (TILE_PX * 2 ** zoom);
  const bins = new Map();
  const keyOf = (x, y) => `${Math.floor(x / reach)}:${Math.floor(y / reach)}`;
  for (const hazard of hazards) {
    const key = keyOf(hazard.x, hazard.y);
    if (!bins.has(key)) bins.set(key, []);
    bins.get(key).push(hazard);
  }
  const weight = (hazard) => (hazard.overdue ? 10 : 0) + hazard.severity;
  const order = [...hazards].sort((a, b) => weight(b) - weight(a) || a.id - b.id);
  const taken = new Set();
  const groups = [];
  for (const hazard of order) {
    if (taken.has(hazard)) continue;
    const near = [];
    for (let i = -1; i <= 1; i += 1) {
      for (let j = -1; j <= 1; j += 1) {
        for (const other of bins.get(keyOf(hazard.x + i * reach, hazard.y + j * reach)) ?? []) {
          if (!taken.has(other) && Math.hypot(other.x - hazard.x, other.y - hazard.y) <= reach) near.push(other);
        }
      }
    }
    const members = near.length >= LEAST_GATHERED ? near : [hazard];
    members.forEach((member) => taken.add(member));
    const mean = (name) => members.reduce((sum, member) => sum + member[name], 0) / members.length;
    groups.push({x: mean('x'), y: mean('y'), members});
  }
  return groups;
}

export class Hazards {
  constructor(host) {
    this.host = host;
    this.drawn = [];
    this.groups = {zoom: null, table: null, list: []};
  }

  groupsAt(zoom) {
    const table = this.host.table('hazards');
    if (this.groups.zoom !== zoom || this.groups.table !== table) this.groups = {zoom, table, list: gather(table, zoom)};
    return this.groups.list;
  }

  /** Find what is in view and how large; called before labels are placed, which must keep clear. */
  collect(view) {
    const {scale, minX, minY, width, height, zoom} = view;
    this.drawn = [];
    for (const group of this.groupsAt(zoom)) {
      const x = group.x * scale - minX;
      const y = group.y * scale - minY;
      if (x < -30 || y < -30 || x > width + 30 || y > height + 30) continue;
      const count = group.members.length;
      const radius = count > 1 ? Math.min(20, 10 + Math.sqrt(count)) : zoom >= GLYPH_ZOOM ? 10 : zoom >= 11 ? 7.5 : 6;
      this.drawn.push({...group, x, y, radius, hazard: count > 1 ? null : group.members[0]});
    }
    // The gravest last, on top.
    this.drawn.sort((a, b) => (a.hazard?.severity ?? 0) - (b.hazard?.severity ?? 0));
    return this.drawn;
  }

  paint(view) {
    for (const mark of this.drawn) {
      if (mark.hazard) this.paintOne(view.ctx, mark, view.zoom);
      else this.paintGroup(view.ctx, mark);
    }
  }

  paintOne(ctx, {x, y, radius, hazard}, zoom) {
    const {palette, icons} = this.host;
    if (hazard.overdue) this.paintRing(ctx, x, y, radius + 3.5);
    const shape = icons.shapes[icons.hazardShapes[hazard.kind] ?? 'circle'];
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
      const sign = icons.hazardGlyphs[hazard.kind];
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

  /** A disc with the number, its rim shared out by severity; a badge counts those that are overdue. */
  paintGroup(ctx, {x, y, radius, members}) {
    const {palette, font} = this.host;
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fillStyle = palette.chrome.ground;
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.fill();
    let angle = -Math.PI / 2;
    ctx.lineWidth = 4;
    for (const severity of [4, 3, 2, 1]) {
      const share = members.filter((hazard) => hazard.severity === severity).length / members.length;
      if (!share) continue;
      ctx.beginPath();
      ctx.arc(x, y, radius - 2, angle, angle + share * 2 * Math.PI);
      ctx.strokeStyle = palette.severity[severity];
      ctx.stroke();
      angle += share * 2 * Math.PI;
    }
    ctx.fillStyle = palette.chrome.ink;
    ctx.font = `600 ${members.length > 99 ? 10.5 : 12}px ${font}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(String(members.length), x, y + 0.5);
    const overdue = members.filter((hazard) => hazard.overdue).length;
    if (overdue) this.paintBadge(ctx, x + radius * 0.8, y - radius * 0.8, overdue);
  }

  paintBadge(ctx, x, y, count) {
    const {palette, font} = this.host;
    ctx.beginPath();
    ctx.arc(x, y, 6.5, 0, 2 * Math.PI);
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 2.5;
    ctx.stroke();
    ctx.fillStyle = palette.freshness.overdue;
    ctx.fill();
    ctx.fillStyle = palette.network_ink;
    ctx.font = `700 ${count > 9 ? 8 : 9.5}px ${font}`;
    ctx.fillText(String(Math.min(count, 99)), x, y + 0.5);
  }

  /** The topmost mark under a pixel. */
  at(x, y) {
    return this.drawn.findLast((mark) => Math.hypot(mark.x - x, mark.y - y) <= mark.radius + 3) ?? null;
  }

  highlight(ctx, ids, colour, width) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    for (const {x, y, radius, members} of this.drawn) {
      if (!members.some((hazard) => ids.has(hazard.id))) continue;
      ctx.beginPath();
      ctx.arc(x, y, radius + 5, 0, 2 * Math.PI);
      ctx.stroke();
    }
  }
}
