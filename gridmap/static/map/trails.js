/** Trails: where teams came from in the last minutes, fading behind them. Fetched once, then continued from what is live. */

import {Table} from './columns.js';
import {GAP_S, isGap, readTracks} from './tracks.js';

const MINUTES = 10;
const SPACING_S = 8;
const ALL_ZOOM = 12;
/** The line is drawn in pieces, each fainter than the one before it. */
const FADES = [0.15, 0.35, 0.6, 0.9];
const RETRY_MS = 15_000;

export class Trails {
  /** @param {object} host the living map */
  constructor(host) {
    this.host = host;
    this.tracks = new Map();
    this.heardAt = null;
  }

  /** What was before the map opened, or while it was away. */
  async load(now) {
    this.isLoading = true;
    const since = Math.floor(now - MINUTES * 60);
    const span = [since, Math.ceil(now) + 1].map((at) => new Date(at * 1000).toISOString());
    try {
      const response = await this.host.feed.ask(`/tracks.bin?since=${span[0]}&until=${span[1]}`);
      const found = readTracks(Table.read(await response.arrayBuffer()), since);
      for (const [id, track] of this.tracks) this.join(found, id, track);
      this.tracks = found;
      this.host.teams.dirty = true;
      this.isLoading = false;
    } catch {
      setTimeout(() => { this.isLoading = false; this.heardAt = null; }, RETRY_MS);
    }
  }

  /** Put what was heard live behind what was fetched. */
  join(found, id, live) {
    const track = found.get(id);
    if (!track) {
      found.set(id, live);
      return;
    }
    const last = track.at.at(-1);
    live.at.forEach((at, i) => { if (at > last) this.append(track, at, live.x[i], live.y[i]); });
  }

  append(track, at, x, y) {
    track.at.push(at);
    track.x.push(x);
    track.y.push(y);
  }

  /** Take in the believed places of a frame; `now` is the server's time in unix seconds. */
  hear(units, now) {
    if (!this.isLoading && (this.heardAt === null || now - this.heardAt > GAP_S / 2)) this.load(now);
    this.heardAt = now;
    for (const unit of units.values()) {
      if (unit.doubt || unit.age === null) continue;
      if (!this.tracks.has(unit.id)) this.tracks.set(unit.id, {at: [], x: [], y: [], simulated: unit.simulated});
      const track = this.tracks.get(unit.id);
      if (unit.at - (track.at.at(-1) ?? -Infinity) >= SPACING_S) this.append(track, unit.at, unit.x, unit.y);
      // Beginnings go, or a map on a wall would grow for days.
      const old = track.at.findIndex((at) => at > now - MINUTES * 60);
      const gone = old < 0 ? track.at.length : old;
      if (gone) [track.at, track.x, track.y].forEach((values) => values.splice(0, gone));
    }
    for (const id of this.tracks.keys()) if (!units.has(id)) this.tracks.delete(id);
  }

  /** Whether the trail of a team is to be seen. */
  shows(id, zoom) {
    const {host} = this;
    if (host.isChosen('team', id) || host.emphasis.hovered.team?.has(id)) return true;
    return host.on('trails') && zoom >= ALL_ZOOM;
  }

  /** @param {{unit: object, x: number, y: number}[]} marks teams as they are drawn */
  paint({ctx, scale, minX, minY, zoom}, marks, now) {
    const paths = FADES.map(() => new Path2D());
    for (const {unit, x, y} of marks) {
      const track = this.tracks.get(unit.id);
      if (!track?.at.length || !this.shows(unit.id, zoom)) continue;
      const {length} = track.at;
      for (let i = 0; i < length; i += 1) {
        if (i + 1 < length ? isGap(track, i) : now - track.at[i] > GAP_S) continue;
        const share = 1 - (now - track.at[i]) / (MINUTES * 60);
        const path = paths[Math.max(0, Math.min(FADES.length - 1, Math.floor(share * FADES.length)))];
        path.moveTo(track.x[i] * scale - minX, track.y[i] * scale - minY);
        if (i + 1 < length) path.lineTo(track.x[i + 1] * scale - minX, track.y[i + 1] * scale - minY);
        else path.lineTo(x, y);
      }
    }
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    for (const [width, colour] of [[5, this.host.palette.halo], [2.4, this.host.palette.team]]) {
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      paths.forEach((path, i) => {
        ctx.globalAlpha = FADES[i];
        ctx.stroke(path);
      });
    }
    ctx.globalAlpha = 1;
  }
}
