/** The slim word on top of the map: is it live, how old, is it simulated; opened, all that one should know to trust it. */

import {age, fill} from './describe.js';
import {drawTrust, trustRows} from './trust.js';
import {make} from './dom.js';

const LATE_S = 5;

export class Status {
  /** @param {object} host the living map @param {HTMLElement} frame */
  constructor(host, frame) {
    this.host = host;
    this.dot = make('i');
    this.word = make('span');
    this.count = make('span', {class: 'gridmap-count'});
    this.simulated = make('span', {class: 'gridmap-simulated', text: host.words.simulated});
    this.datum = make('span', {class: 'gridmap-count', text: 'WGS-84'});
    this.bar = make('button', {type: 'button', class: 'gridmap-bar leaflet-control', 'aria-expanded': 'false', title: host.words.trust},
      [this.dot, this.word, this.count, this.simulated, this.datum]);
    this.table = make('div', {class: 'gridmap-trust-sheet leaflet-control', role: 'region', 'aria-label': host.words.trust});
    this.table.hidden = true;
    this.bar.addEventListener('click', (event) => {
      event.stopPropagation();
      this.open(this.table.hidden);
    });
    frame.append(this.bar, this.table);
    this.timer = setInterval(() => this.show(), 1000);
    this.show();
  }

  open(isOpen) {
    this.table.hidden = !isOpen;
    this.bar.setAttribute('aria-expanded', String(isOpen));
    this.key = null;
    this.show();
  }

  /** 'open' | 'connecting' | 'offline' | 'refused', with how long ago the last frame came. */
  read() {
    const {feed, teams} = this.host;
    if (feed.status === 'refused' || teams.status === 'refused') return {state: 'refused', late: null};
    const late = teams.lastFrameAt === null ? null : (performance.now() - teams.lastFrameAt) / 1000;
    if (feed.status === 'offline' || teams.status === 'offline') return {state: 'offline', late};
    if (teams.status === 'open' && late !== null) return {state: 'open', late};
    return {state: 'connecting', late};
  }

  /** Seconds until a socket tries again, null where none waits. */
  retryIn() {
    const {feed, teams} = this.host;
    const due = [feed.socket, teams.socket].map((socket) => socket?.retryAt).filter((at) => at > performance.now());
    return due.length ? Math.ceil((Math.min(...due) - performance.now()) / 1000) : null;
  }

  /** The connection in words. */
  describe({state, late}) {
    const {words, tilesFailed} = this.host;
    const soon = this.retryIn();
    const offline = soon === null ? words.offline : fill(words.offlineFor, soon);
    const text = {open: words.live, connecting: words.connecting, offline, refused: words.signedOut}[state];
    const old = late !== null && late > LATE_S ? ` · ${age(words, late)}` : '';
    const failed = tilesFailed && state === 'open' ? ` · ${words.failed}` : '';
    return {text: text + old + failed, isLate: old !== '' || failed !== ''};
  }

  show() {
    const {host} = this;
    const {words, teams, playback} = host;
    const read = this.read();
    const {text, isLate} = this.describe(read);
    const isPast = playback?.isOn ?? false;
    if (!this.table.hidden) this.table.replaceChildren(drawTrust(trustRows(host, text)));
    const visible = host.on('teams') ? [...teams.units.values()].filter((unit) => unit.state !== 'off').length : 0;
    const key = [read.state, text, isPast, visible, teams.simulated, host.on('teams')].join('|');
    if (key === this.key) return;
    this.key = key;
    this.bar.dataset.state = isPast ? 'past' : isLate && read.state === 'open' ? 'late' : read.state;
    this.word.textContent = isPast ? words.playback : text;
    this.count.textContent = visible && read.state === 'open' && !isPast ? fill(words.teamsOf, visible) : '';
    this.simulated.hidden = !(host.on('teams') && teams.simulated);
  }

  stop() {
    clearInterval(this.timer);
  }
}
