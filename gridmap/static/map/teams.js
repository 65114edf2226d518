/** Teams that move now: one canvas, painted up to 15 times a second while somebody is seen to glide from fix to fix. */

import {CanvasLayer} from './canvas_layer.js';
import {Socket} from './socket.js';
import {Trails} from './trails.js';
import {paintEvery} from './frames.js';
import {QUIET, paintDots, paintMark, paintText} from './team_marks.js';
import {judge, stateOf, turn, turned} from './motion.js';
import {readFrame} from './units_frame.js';
import {socketUrl} from './address.js';
import {toX, toY} from './mercator.js';

const FRAME_MS = 50;
/** A glide longer than this would show a team where it no longer is. */
const LONGEST_GLIDE_MS = 2000;
/** Less than this on the screen is not seen to move or to turn. */
const SEEN_PX = 0.5;
const SEEN_DEGREES = 5;
const NAME_ZOOM = 13;
const RADIUS_PX = 10;
const REACH_PX = 4;
/** So many at once would hide the ground and each other: they are dots then, but for those that are chosen. */
const MOST_GLYPHS = 250;
/** Ages are written beside so many dots of a crowd; more could not be read. */
const MOST_AGES = 60;

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
    this.trails = new Trails(host);
    /** Where teams were instead of where they are, while the past is played. */
    this.past = null;
    this.layer = new CanvasLayer({pane: 'gridmap-live', padding: 0.1}, (view) => this.paint(view));
    this.layer.addTo(map);
    this.socket = new Socket(socketUrl('/live/units'), (data) => this.receive(data), (status) => {
      this.status = status;
      host.onLive();
    });
    this.paintedAt = 0;
    this.end = paintEvery(FRAME_MS, () => !map._animatingZoom && this.needsPaint(performance.now()), () => this.layer.paint());
  }

  /** Nothing is seen to glide and nothing is new: leave the canvas alone, and the battery with it. */
  needsPaint(now) {
    if (this.dirty) return true;
    if (this.past) return false;
    // Cut off, ages still grow on the map: once a second will do.
    return now - this.paintedAt > 1000 || this.drawn.some(({unit, x, y, heading}) => this.isElsewhere(unit, now, x, y, heading));
  }

  /** Whether a team is no longer where it was painted, at a pixel of the canvas, as far as one can see. */
  isElsewhere(unit, now, x, y, heading) {
    const {scale, minX, minY} = this.layer.view;
    const pose = this.poseOf(unit, now);
    const gone = Math.hypot(pose.x * scale - minX - x, pose.y * scale - minY - y);
    return gone > SEEN_PX || Math.abs(turned(heading, pose.heading)) > SEEN_DEGREES;
  }

  receive(buffer) {
    const frame = readFrame(buffer);
    if (!frame) return;
    const now = performance.now();
    if (this.lastFrameAt) this.interval = Math.min(LONGEST_GLIDE_MS, 0.7 * this.interval + 0.3 * (now - this.lastFrameAt));
    this.lastFrameAt = now;
    this.serverTime = frame.time;
    const present = new Set();
    for (const team of frame.teams) {
      if (team.age === null) continue;
      present.add(team.id);
      // A place that cannot be is no place: the team stays where it was, and grows old there.
      if (team.isPlace) this.take(team, frame.time, now);
    }
    for (const id of this.units.keys()) if (!present.has(id)) this.units.delete(id);
    this.simulated = frame.teams.some((team) => team.simulated);
    this.trails.hear(this.units, frame.time);
    this.dirty = true;
    this.host.onLive();
  }

  take(team, time, now) {
    const fix = {x: toX(team.lon), y: toY(team.lat), at: time - team.age};
    const unit = this.units.get(team.id);
    const verdict = unit ? judge(unit, fix, time) : 'place';
    if (verdict === 'hold') {
      unit.state = team.state;
    } else if (verdict === 'glide') {
      const {x, y, heading} = this.poseOf(unit, now);
      Object.assign(unit, team, fix, {fromX: x, fromY: y, fromHeading: heading, since: now});
    } else this.units.set(team.id, {...team, ...fix, fromX: fix.x, fromY: fix.y, fromHeading: team.heading, since: now});
  }

  poseOf(unit, now) {
    const share = Math.min(1, (now - unit.since) / this.interval);
    return {
      x: unit.fromX + (unit.x - unit.fromX) * share,
      y: unit.fromY + (unit.y - unit.fromY) * share,
      heading: turn(unit.fromHeading, unit.heading, share),
    };
  }

  /** Seconds since a team's last believed fix, by now. */
  ageOf(unit, now) {
    return this.serverTime - unit.at + (now - this.lastFrameAt) / 1000;
  }

  /** Every team to be shown, on the unit square: live, or in the past. */
  list(now) {
    if (this.past) return this.past();
    return [...this.units.values()].map((unit) => {
      const age = this.ageOf(unit, now);
      return {unit, ...this.poseOf(unit, now), age, state: stateOf(unit, age, this.host.options.staleS)};
    });
  }

  paint(view) {
    const now = performance.now();
    this.drawn = [];
    this.dirty = false;
    this.paintedAt = now;
    if (!this.host.on('teams')) return;
    const {ctx, scale, minX, minY, width, height, zoom} = view;
    const radius = zoom >= 10 ? RADIUS_PX : 7;
    for (const mark of this.list(now)) {
      if (mark.state === 'off') continue;
      const x = mark.x * scale - minX;
      const y = mark.y * scale - minY;
      if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
      this.drawn.push({...mark, x, y, radius});
    }
    // Those that move last: they are what one looks for.
    this.drawn.sort((a, b) => Number(QUIET.has(b.state)) - Number(QUIET.has(a.state)));
    if (!this.past && this.lastFrameAt) this.trails.paint(view, this.drawn, this.serverTime + (now - this.lastFrameAt) / 1000);
    const isDot = ({unit}) => this.drawn.length > MOST_GLYPHS && !this.host.isChosen('team', unit.id);
    const dots = this.drawn.filter(isDot);
    paintDots(ctx, dots, this.host.palette);
    const large = dots.length ? this.drawn.filter((mark) => !isDot(mark)) : this.drawn;
    large.forEach((mark) => paintMark(ctx, mark, this.host, this.host.isChosen('team', mark.unit.id)));
    const written = [];
    [...large].reverse().forEach((mark) => this.paintName(ctx, mark, zoom, written));
    dots.filter(({state}) => QUIET.has(state)).slice(0, MOST_AGES).forEach((mark) => this.paintName(ctx, mark, zoom, written));
  }

  /** Name near by, age when old; left out where another team's would be covered. */
  paintName(ctx, {unit, state, age, x, y, radius}, zoom, written) {
    const quiet = QUIET.has(state);
    const name = zoom >= NAME_ZOOM ? this.host.teamName(unit.id) : '';
    const text = [name, quiet ? this.host.age(age) : ''].filter(Boolean).join(' · ');
    if (!text) return;
    const {palette, font} = this.host;
    ctx.font = `600 11.5px ${font}`;
    const left = x + radius + 6;
    const box = [left, y - 8, left + ctx.measureText(text).width, y + 8];
    const covers = (other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1];
    if (written.some(covers)) return;
    if (this.drawn.some((o) => o.unit !== unit && covers([o.x - o.radius, o.y - o.radius, o.x + o.radius, o.y + o.radius]))) return;
    written.push(box);
    paintText(ctx, text, left, y, quiet ? palette.team_stale : palette.team, palette.halo);
  }

  /** The unit under a pixel of this layer's canvas, as it is shown. */
  at(x, y) {
    const mark = this.drawn.findLast((each) => Math.hypot(each.x - x, each.y - y) <= each.radius + REACH_PX);
    return mark ? {...mark.unit, state: mark.state, age: mark.age} : null;
  }

  stop() {
    this.end();
    this.socket.close();
    this.layer.remove();
  }
}
