/** What the server knows and when it changed: revisions, tables of attributes, and the stream of changes. */

import {httpUrl, socketUrl} from './address.js';
import {Socket} from './socket.js';
import {Table} from './columns.js';

/** Table or tile layer → topics whose change makes it old. */
export const TOPICS = {
  tiles: {base: ['basemap', 'roads'], areas: ['areas'], rail: ['rail']},
  tables: {
    areas: ['areas'],
    cells: ['areas', 'units'],
    units: ['areas', 'units'],
    segments: ['rail', 'areas'],
    stations: ['rail'],
    hazards: ['hazards', 'areas'],
    sites: ['networks', 'areas'],
    teams: ['teams'],
  },
};
export const TABLES = Object.keys(TOPICS.tables);

const RETRY_MS = 4000;

export class Feed {
  /**
   * @param {(name: string) => void} onTable told which table is new
   * @param {(names: string[]) => void} onTiles told which tile layers are new
   */
  constructor(onTable, onTiles) {
    Object.assign(this, {onTable, onTiles});
    this.revisions = {};
    this.tables = Object.fromEntries(TABLES.map((name) => [name, Table.empty]));
    this.state = {sources: [], synthetic: false};
    this.status = 'connecting';
    this.loadedAt = null;
    this.loading = new Map();
    this.listeners = new Set();
    /** Resolved once the first state was asked for, whatever the answer. */
    this.ready = new Promise((resolve) => { this.isReady = resolve; });
  }

  /** Revisions of the topics of a tile layer or table as one word for its address. */
  revisionOf(group, name) {
    return TOPICS[group][name].map((topic) => this.revisions[topic] ?? 0).join('.');
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

  /** A server's answer; "refused" is a state of its own, which only a new sign-in ends. */
  async ask(path, options) {
    const response = await fetch(httpUrl(path), options);
    if (response.status === 401 || response.status === 403) this.setStatus('refused');
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  }

  async loadState() {
    try {
      this.state = await (await this.ask('/state.json', {cache: 'no-store'})).json();
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
    const oldOf = (group) => Object.keys(TOPICS[group]).filter((name) => TOPICS[group][name].some((topic) => topics.has(topic)));
    const tiles = oldOf('tiles');
    if (tiles.length) this.onTiles(tiles);
    oldOf('tables').forEach((name) => this.load(name));
  }

  /** Fetch one table; the old one stays in use until the new one is here, and of two fetches the later counts. */
  async load(name) {
    const revision = this.revisionOf('tables', name);
    this.loading.set(name, revision);
    try {
      const response = await this.ask(`/layers/${name}.bin?r=${revision}`);
      const table = Table.read(await response.arrayBuffer());
      if (this.loading.get(name) !== revision) return;
      this.tables[name] = table;
      this.loadedAt = Date.now();
      this.onTable(name);
      this.listeners.forEach((listener) => listener(this));
    } catch {
      if (this.status !== 'refused') setTimeout(() => this.load(name), RETRY_MS);
    }
  }

  stop() {
    this.socket?.close();
  }
}
