/** A past hour played again: which one, where its hands stand, how fast they go, and where the teams were then. */

import {Table} from './columns.js';
import {locate, readTracks} from './tracks.js';
import {TimeBar} from './time_bar.js';
import {clock, day} from './times.js';
import {fill} from './describe.js';

const HOUR_S = 3600;
const DAY_S = 86400;
const RECENT_S = 600;
/** Not a repaint for every frame of the screen: teams move a pixel or two between. */
const STEP_MS = 66;

export class Playback {
  /** @param {object} host the living map @param {HTMLElement} frame */
  constructor(host, frame) {
    Object.assign(this, {host, frame, since: null, at: null, speed: 10, isPlaying: false, tracks: new Map()});
    this.bar = new TimeBar(this, frame);
    frame.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.since === null) return;
      event.stopPropagation();
      this.stop();
    }, {capture: true});
  }

  get isOn() {
    return this.since !== null;
  }

  /** Server's time, unix seconds. */
  get now() {
    const {teams} = this.host;
    return teams.lastFrameAt === null ? Date.now() / 1000 : teams.serverTime + (performance.now() - teams.lastFrameAt) / 1000;
  }

  /** The first moment of which anything is kept. */
  get earliest() {
    return this.now - this.host.options.retentionDays * DAY_S;
  }

  /** Open the hour that holds `at` (unix seconds), the hands at it; by default what just happened. */
  async open(at = this.now - RECENT_S) {
    const wanted = Math.max(this.earliest, Math.min(at, this.now - 1));
    const since = Math.floor(wanted / HOUR_S) * HOUR_S;
    const isNew = this.since !== since;
    Object.assign(this, {since, at: wanted});
    this.host.teams.past = () => this.list();
    this.frame.classList.add('gridmap-past');
    this.host.status.open(false);
    if (isNew) await this.load(since);
    this.show();
  }

  async load(since) {
    this.tracks = new Map();
    this.state = 'loading';
    this.show();
    try {
      const span = [since, since + HOUR_S].map((at) => new Date(at * 1000).toISOString());
      const response = await this.host.feed.ask(`/tracks.bin?since=${span[0]}&until=${span[1]}`);
      const found = readTracks(Table.read(await response.arrayBuffer()), since);
      if (this.since !== since) return;
      this.tracks = found;
      this.state = found.size ? 'ready' : 'empty';
    } catch {
      if (this.since === since) this.state = 'failed';
    }
  }

  stop() {
    this.pause();
    Object.assign(this, {since: null, at: null, tracks: new Map()});
    this.host.teams.past = null;
    this.frame.classList.remove('gridmap-past');
    this.show();
    this.frame.focus();
  }

  play() {
    if (this.isPlaying) return;
    if (this.at >= this.since + HOUR_S - 1) this.at = this.since;
    this.isPlaying = true;
    let before = performance.now();
    const step = (now) => {
      if (!this.isPlaying) return;
      if (now - before >= STEP_MS) {
        // A tab that slept does not jump ahead.
        this.at = Math.min(this.at + (Math.min(now - before, 1000) / 1000) * this.speed, this.since + HOUR_S - 1);
        before = now;
        if (this.at >= this.since + HOUR_S - 1) this.isPlaying = false;
        this.show();
      }
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    this.show();
  }

  pause() {
    this.isPlaying = false;
  }

  seek(at) {
    this.at = at;
    this.show();
  }

  show() {
    this.host.teams.dirty = true;
    this.bar.show();
    this.host.onLive();
  }

  /** What nobody may take for the present. */
  get mark() {
    const {words, options} = this.host;
    return words.playbackAt.replace('{time}', clock(this.at)).replace('{day}', day(this.at, options.language));
  }

  /** What is to be said about the hour, "" where it plays as it should. */
  get note() {
    const {words} = this.host;
    const known = {loading: words.playbackLoading, empty: words.playbackEmpty, failed: words.playbackFailed};
    return known[this.state] ?? '';
  }

  get count() {
    return fill(this.host.words.teamsOf, this.tracks.size);
  }

  /** Teams as they were: hollow where two fixes lie too far apart to know. */
  list() {
    const shown = [];
    const table = this.host.table('teams');
    for (const [id, track] of this.tracks) {
      const spot = locate(track, this.at);
      if (!spot) continue;
      const known = spot.moves ? 'moving' : 'still';
      const unit = {id, kind: table.find(id)?.kind ?? 'car', simulated: track.simulated};
      shown.push({...spot, unit, state: spot.isKnown ? known : 'stale'});
    }
    return shown;
  }
}
