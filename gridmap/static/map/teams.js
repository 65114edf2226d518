/** Teams that move now: one canvas, painted some 15 times a second, gliding from fix to fix. */

import {at, glyph} from './glyphs.js';
import {CanvasLayer} from './canvas_layer.js';
import {Socket} from './socket.js';
import {readFrame} from './units_frame.js';
import {socketUrl} from './address.js';
import {toX, toY} from './mercator.js';

const FRAME_MS = 66;
/** A glide longer than this would show a team where it no longer is. */
const LONGEST_GLIDE_MS = 2000;
const NAME_ZOOM = 13;
const RADIUS_PX = 10;
const REACH_PX = 4;
/** So many at once would hide the ground and each other: they are dots then, but for those that are chosen. */
const MOST_GLYPHS = 250;
const DOT_PX = 3;
const QUIET = new Set(['stale', 'silent']);

export class Teams {
  /** @param {object} host @param {object} map Leaflet map */
  constructor(host, map) {
    this.host = host;
    this.units = new Map();
    this.drawn = [];
    this.status = 'connecting';
    this.simulated = false;
    this.lastFrameAt = null;
    this.interval = 1000;
    this.layer = new CanvasLayer({pane: 'gridmap-live', padding: 0.1}, (view) => this.paint(view));
    this.layer.addTo(map);
    this.socket = new Socket(socketUrl('/live/units'), (data) => this.receive(data), (status) => {
      this.status = status;
      host.onLive();
    });
    this.paintedAt = 0;
    const tick = (now) => {
      this.loop = requestAnimationFrame(tick);
      if (now - this.paintedAt < FRAME_MS || !this.needsPaint(now)) return;
      this.paintedAt = now;
      if (!map._animatingZoom) this.layer.paint();
    };
    this.loop = requestAnimationFrame(tick);
  }

  /** Nothing glides and nothing is new: leave the canvas alone, and the battery with it. */
  needsPaint(now) {
    return this.dirty || now - (this.lastFrameAt ?? 0) < this.interval + 100;
  }

  receive(buffer) {
    const now = performance.now();
    if (this.lastFrameAt) this.interval = Math.min(LONGEST_GLIDE_MS, 0.7 * this.interval + 0.3 * (now - this.lastFrameAt));
    this.lastFrameAt = now;
    const {teams} = readFrame(buffer);
    const present = new Set();
    for (const team of teams) {
      if (team.age === null) continue;
      present.add(team.id);
      const x = toX(team.lon);
      const y = toY(team.lat);
      const unit = this.units.get(team.id);
      if (unit) {
        const [fromX, fromY] = this.positionOf(unit, now);
        Object.assign(unit, team, {fromX, fromY, x, y, since: now});
      } else this.units.set(team.id, {...team, fromX: x, fromY: y, x, y, since: now});
    }
    for (const id of this.units.keys()) if (!present.has(id)) this.units.delete(id);
    this.simulated = teams.some((team) => team.simulated);
    this.dirty = true;
    this.host.onLive();
  }

  positionOf(unit, now) {
    const share = Math.min(1, (now - unit.since) / this.interval);
    return [unit.fromX + (unit.x - unit.fromX) * share, unit.fromY + (unit.y - unit.fromY) * share];
  }

  paint(view) {
    this.drawn = [];
    this.dirty = false;
    if (!this.host.on('teams')) return;
    const {ctx, scale, minX, minY, width, height, zoom} = view;
    const now = performance.now();
    for (const unit of this.units.values()) {
      if (unit.state === 'off') continue;
      const [ux, uy] = this.positionOf(unit, now);
      const x = ux * scale - minX;
      const y = uy * scale - minY;
      if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
      const mark = {unit, x, y, radius: zoom >= 10 ? RADIUS_PX : 7};
      this.drawn.push(mark);
    }
    // Those that move last: they are what one looks for.
    this.drawn.sort((a, b) => Number(QUIET.has(b.unit.state)) - Number(QUIET.has(a.unit.state)));
    const written = [];
    const isDot = ({unit}) => this.drawn.length > MOST_GLYPHS && !this.host.isChosen('team', unit.id);
    const dots = this.drawn.filter(isDot);
    this.paintDots(ctx, dots);
    const large = this.drawn.filter((mark) => !dots.length || !isDot(mark));
    large.forEach((mark) => this.paintUnit(ctx, mark));
    [...large].reverse().forEach((mark) => this.paintName(ctx, mark, zoom, written));
  }

  /** Filled for those that are heard, hollow for the quiet ones; one path for all of a kind. */
  paintDots(ctx, dots) {
    const {palette} = this.host;
    for (const quiet of [true, false]) {
      ctx.beginPath();
      for (const mark of dots) {
        if (QUIET.has(mark.unit.state) !== quiet) continue;
        mark.radius = DOT_PX;
        ctx.moveTo(mark.x + DOT_PX, mark.y);
        ctx.arc(mark.x, mark.y, DOT_PX, 0, 2 * Math.PI);
      }
      ctx.strokeStyle = palette.halo;
      ctx.lineWidth = 2.5;
      ctx.stroke();
      ctx.fillStyle = quiet ? palette.halo : palette.team;
      ctx.fill();
      if (!quiet) continue;
      ctx.strokeStyle = palette.team_stale;
      ctx.lineWidth = 1.25;
      ctx.stroke();
    }
  }

  paintUnit(ctx, {unit, x, y, radius}) {
    const {palette, icons} = this.host;
    const quiet = QUIET.has(unit.state);
    const ink = quiet ? palette.team_stale : palette.team;
    ctx.lineJoin = 'round';
    // Chosen teams are ringed here, since they move.
    if (this.host.isChosen('team', unit.id)) {
      ctx.beginPath();
      ctx.arc(x, y, radius + 7, 0, 2 * Math.PI);
      ctx.strokeStyle = palette.selection;
      ctx.lineWidth = 3;
      ctx.stroke();
    }
    if (unit.state === 'moving') this.paintArrow(ctx, x, y, radius, unit.heading, ink);
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 3.5;
    ctx.stroke();
    ctx.fillStyle = quiet ? palette.halo : ink;
    ctx.fill();
    if (quiet) {
      ctx.strokeStyle = ink;
      ctx.lineWidth = 2;
      ctx.setLineDash(unit.state === 'silent' ? [3, 2] : []);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    at(ctx, x, y, radius * 1.62, () => {
      ctx.fillStyle = quiet ? ink : palette.network_ink;
      ctx.fill(glyph(icons.teams[unit.kind]), 'evenodd');
    });
  }

  /** Name near by, age when old; left out where another team's would be covered. */
  paintName(ctx, {unit, x, y, radius}, zoom, written) {
    const quiet = QUIET.has(unit.state);
    const name = zoom >= NAME_ZOOM ? this.host.teamName(unit.id) : '';
    const text = [name, quiet && unit.age !== null ? this.host.age(unit.age) : ''].filter(Boolean).join(' · ');
    if (!text) return;
    const {palette, font} = this.host;
    ctx.font = `600 11.5px ${font}`;
    const left = x + radius + 6;
    const box = [left, y - 8, left + ctx.measureText(text).width, y + 8];
    const covers = (other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1];
    if (written.some(covers)) return;
    if (this.drawn.some((o) => o.unit !== unit && covers([o.x - o.radius, o.y - o.radius, o.x + o.radius, o.y + o.radius]))) return;
    written.push(box);
    this.paintText(ctx, text, left, y, quiet ? palette.team_stale : palette.team);
  }

  paintArrow(ctx, x, y, radius, heading, ink) {
    const {palette} = this.host;
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate((heading * Math.PI) / 180);
    ctx.beginPath();
    ctx.moveTo(0, -radius - 8);
    ctx.lineTo(radius * 0.62, -radius * 0.86);
    ctx.lineTo(-radius * 0.62, -radius * 0.86);
    ctx.closePath();
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 3.5;
    ctx.stroke();
    ctx.fillStyle = ink;
    ctx.fill();
    ctx.restore();
  }

  paintText(ctx, text, x, y, ink) {
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.strokeStyle = this.host.palette.halo;
    ctx.lineWidth = 3.5;
    ctx.strokeText(text, x, y);
    ctx.fillStyle = ink;
    ctx.fillText(text, x, y);
  }

  /** The unit under a pixel of this layer's canvas. */
  at(x, y) {
    return this.drawn.findLast((mark) => Math.hypot(mark.x - x, mark.y - y) <= mark.radius + REACH_PX)?.unit ?? null;
  }

  stop() {
    cancelAnimationFrame(this.loop);
    this.socket.close();
    this.layer.remove();
  }
}
