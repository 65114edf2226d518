/** What the server knows and when it changed: revisions, tables of attributes, and the stream of changes. */

import {httpUrl, socketUrl} from './address.js';
import {Socket} from './socket.js';
import {toPath, toX, toY} from './mercator.js';

/** Table or tile layer → topics whose change makes it old. */
export const TOPICS = {
  base: ['basemap', 'roads'],
  areas: ['areas'],
  rail: ['rail'],
  cells: ['areas', 'units'],
  labels: ['areas', 'basemap'],
  segments: ['rail', 'areas'],
  stations: ['rail'],
  hazards: ['hazards'],
  sites: ['networks'],
  teams: ['teams'],
};
export const TABLES = ['cells', 'labels', 'segments', 'stations', 'hazards', 'sites', 'teams'];

const RETRY_MS = 4000;

/**
 * Rows of a compact table as objects; points get their place on the unit square, lines a flat path.
 * @param {{columns: string[], rows: any[][]}} table
 */
export function readTable({columns, rows}) {
  return rows.map((row) => {
    const item = {};
    columns.forEach((name, i) => { item[name] = row[i]; });
    if (item.lon !== undefined && item.lon !== null) {
      item.x = toX(item.lon);
      item.y = toY(item.lat);
    }
    if (Array.isArray(item.geometry)) Object.assign(item, toPath(item.geometry));
    return item;
  });
}

export class Feed {
  /** @param {(names: Set<string>) => void} onChange told which tables and tile layers are new */
  constructor(onChange) {
    this.onChange = onChange;
    this.revisions = {};
    this.tables = Object.fromEntries(TABLES.map((name) => [name, []]));
    this.state = {sources: [], synthetic: false};
    this.status = 'connecting';
    this.loadedAt = null;
    this.loading = new Map();
    this.listeners = new Set();
    /** Resolved once the first state was asked for, whatever the answer. */
    this.ready = new Promise((resolve) => { this.isReady = resolve; });
  }

  /** Revisions of a layer's topics as one word for its address. */
  revisionOf(name) {
    return TOPICS[name].map((topic) => this.revisions[topic] ?? 0).join('.');
  }

  async start() {
    await this.loadState();
    this.isReady();
    if (this.status === 'refused') return;
    this.socket = new Socket(
      socketUrl('/live/changes'),
      (text) => {
        const {topic, number} = JSON.parse(text);
        if (topic) this.learn({[topic]: number});
      },
      (status) => this.onSocket(status),
    );
    await Promise.all(TABLES.map((name) => this.load(name)));
  }

  /** A server's answer as JSON; "refused" is a state of its own, which only a new sign-in ends. */
  async read(path, options) {
    const response = await fetch(httpUrl(path), options);
    if (response.status === 401 || response.status === 403) this.setStatus('refused');
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }

  async loadState() {
    try {
      this.state = await this.read('/state.json', {cache: 'no-store'});
      this.learn(this.state.revisions);
    } catch {
      if (this.status !== 'refused') this.setStatus('offline');
    }
  }

  onSocket(status) {
    if (this.status === 'refused') return;
    const wasAway = this.status === 'offline';
    this.setStatus(status);
    // What changed while nobody listened is only in the state; and a session that ended is first seen there.
    if (status === 'offline' || (status === 'open' && wasAway)) this.loadState();
  }

  setStatus(status) {
    this.status = status;
    this.listeners.forEach((listener) => listener(this));
  }

  /** Take note of revisions; whatever hangs on a newer one is fetched anew. */
  learn(revisions) {
    const changed = Object.entries(revisions).filter(([topic, n]) => (this.revisions[topic] ?? -1) < n);
    if (!changed.length) return;
    const first = Object.keys(this.revisions).length === 0;
    changed.forEach(([topic, number]) => { this.revisions[topic] = number; });
    if (first) return;
    const topics = new Set(changed.map(([topic]) => topic));
    const old = Object.keys(TOPICS).filter((name) => TOPICS[name].some((topic) => topics.has(topic)));
    const tiles = old.filter((name) => !TABLES.includes(name));
    if (tiles.length) this.onChange(new Set(tiles));
    old.filter((name) => TABLES.includes(name)).forEach((name) => this.load(name));
  }

  /** Fetch one table; the old one stays in use until the new one is here, and of two fetches the later counts. */
  async load(name) {
    const revision = this.revisionOf(name);
    this.loading.set(name, revision);
    try {
      const rows = readTable(await this.read(`/layers/${name}.json?r=${revision}`));
      if (this.loading.get(name) !== revision) return;
      this.tables[name] = rows;
      this.loadedAt = Date.now();
      this.onChange(new Set([name]));
      this.listeners.forEach((listener) => listener(this));
    } catch {
      if (this.status !== 'refused') setTimeout(() => this.load(name), RETRY_MS);
    }
  }

  stop() {
    this.socket?.close();
  }
}
