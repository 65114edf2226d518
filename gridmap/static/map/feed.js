/** What the server knows and when it changed: revisions, tables of attributes, and the stream of changes. */

import {httpUrl, socketUrl} from './address.js';
import {Socket} from './socket.js';
import {Table} from './columns.js';
import {TABLES, joinRevisions, tablePath} from './topics.js';

const RETRY_MS = 4000;
const ROWS_FIRST_MS = 200;

/** The answer that the page around the map asked for ahead (see ahead.js), undefined where there is none. */
async function takeEarly(path) {
  const asked = window.parent.gridmapAhead;
  const answer = asked?.get(path);
  asked?.delete(path);
  return answer?.catch(() => undefined);
}

export class Feed {
  /**
   * @param {(name: string, ids: ?number[]) => void} onTable told which table is new, and of which rows where not of all
   * @param {(names: string[]) => void} onTiles told which tile layers are new
   */
  constructor(onTable, onTiles) {
    Object.assign(this, {onTable, onTiles});
    this.revisions = {};
    /** Number of the last change that is known here, and of the last one heard of. */
    this.seq = -1;
    this.heard = -1;
    this.tables = Object.fromEntries(TABLES.map((name) => [name, Table.empty]));
    this.state = {sources: [], synthetic: false};
    this.status = 'connecting';
    this.loadedAt = null;
    this.loading = new Map();
    /** Table on its way → changes told meanwhile, to be done to it when it is here. */
    this.pending = new Map();
    this.listeners = new Set();
    /** Resolved once the first state was asked for, whatever the answer. */
    this.ready = new Promise((resolve) => { this.isReady = resolve; });
  }

  /** Revisions of the topics of a tile layer or table as one word for its address. */
  revisionOf(group, name) {
    return joinRevisions(group, name, this.revisions);
  }

  async start() {
    await this.loadState();
    this.isReady();
    if (this.status === 'refused') return;
    this.socket = new Socket(socketUrl('/live/deltas'), (text) => this.take(JSON.parse(text)), (status) => this.onSocket(status));
    await Promise.all(TABLES.map((name) => this.load(name)));
  }

  /** A server's answer; "refused" is a state of its own, which only a new sign-in ends. */
  async ask(path, options) {
    const response = (await takeEarly(path)) ?? (await fetch(httpUrl(path), options));
    if (response.status === 401 || response.status === 403) this.setStatus('refused');
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  }

  async loadState() {
    try {
      this.state = await (await this.ask('/state.json', {cache: 'no-store'})).json();
      if (this.seq < 0) {
        this.seq = this.state.seq;
        this.revisions = {...this.state.revisions};
      }
      this.listeners.forEach((listener) => listener(this));
    } catch {
      if (this.status !== 'refused') this.setStatus('offline');
    }
  }

  onSocket(status) {
    if (this.status === 'refused') return;
    const wasAway = this.status === 'offline';
    this.setStatus(status);
    // A session that ended while nobody listened is first seen in the state.
    if (status === 'offline' || (status === 'open' && wasAway)) this.loadState();
    if (status === 'open') this.catchUp();
  }

  /** Ask for whatever happened since the last change that is known here. */
  catchUp() {
    this.socket?.send(JSON.stringify({seq: this.seq, revisions: this.revisions}));
  }

  setStatus(status) {
    this.status = status;
    this.listeners.forEach((listener) => listener(this));
  }

  /**
   * A page that knows of changes: what it knows more of is fetched, should the stream not have told it by then.
   * @param {Object<string, number>} revisions
   */
  learn(revisions) {
    if (Object.entries(revisions).some(([topic, number]) => (this.revisions[topic] ?? 0) < number)) this.catchUp();
  }

  /** Take in a delta, see gridmap/services/deltas.py; one that does not follow on what is known is asked for anew. */
  take({after, seq, revisions, rows, gone, stale, tiles}) {
    this.heard = Math.max(this.heard, seq);
    if (after > this.seq) {
      this.catchUp();
      return;
    }
    const isReset = seq < after;
    if (seq < this.seq && !isReset) return;
    this.seq = seq;
    this.revisions = revisions;
    if (isReset) this.heard = seq;
    for (const name of new Set([...Object.keys(rows), ...Object.keys(gone)])) this.change(name, rows[name] ?? {}, gone[name] ?? []);
    // What was told row by row is seen first: the tables that follow from it are work for the server and for the page.
    const wait = Object.keys(rows).length ? ROWS_FIRST_MS : 0;
    stale.filter((name) => name in this.tables).forEach((name) => this.loadLater(name, wait));
    if (tiles.length) this.onTiles(tiles);
    this.listeners.forEach((listener) => listener(this));
    if (this.heard > this.seq) this.catchUp();
  }

  /** Change rows of a table. */
  change(name, values, gone) {
    if (!(name in this.tables)) return;
    if (this.loading.has(name)) {
      this.pending.set(name, [...(this.pending.get(name) ?? []), [values, gone]]);
      return;
    }
    const table = this.tables[name].patched(values, gone);
    if (!table) {
      this.load(name);
      return;
    }
    this.tables[name] = table;
    this.loadedAt = Date.now();
    this.onTable(name, [...(values.id ?? []), ...gone]);
    this.listeners.forEach((listener) => listener(this));
  }

  /** Fetch one table; the old one stays in use until the new one is here, and of two fetches the later counts. */
  async load(name) {
    const ticket = {};
    this.loading.set(name, ticket);
    this.pending.delete(name);
    try {
      const response = await this.ask(tablePath(name, this.revisions));
      const table = Table.read(await response.arrayBuffer());
      if (this.loading.get(name) !== ticket) return;
      this.loading.delete(name);
      this.tables[name] = table;
      this.loadedAt = Date.now();
      this.onTable(name, null);
      this.listeners.forEach((listener) => listener(this));
      (this.pending.get(name) ?? []).forEach((change) => this.change(name, ...change));
      this.pending.delete(name);
    } catch {
      if (this.status !== 'refused') this.loadLater(name, RETRY_MS);
    }
  }

  loadLater(name, wait) {
    if (wait) setTimeout(() => this.load(name), wait);
    else this.load(name);
  }

  stop() {
    this.socket?.close();
  }
}
