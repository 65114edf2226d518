/** The slim word on top of the map: is it live, how old, is it simulated. */

import {age, fill} from './describe.js';
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
    this.bar = make('div', {class: 'gridmap-bar', role: 'status'}, [this.dot, this.word, this.count, this.simulated]);
    frame.append(this.bar);
    this.timer = setInterval(() => this.show(), 1000);
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

  show() {
    const {host} = this;
    const {words} = host;
    const {state, late} = this.read();
    const text = {open: words.live, connecting: words.connecting, offline: words.offline, refused: words.signedOut}[state];
    const old = late !== null && late > LATE_S ? ` · ${age(words, late)}` : '';
    const failed = host.tilesFailed && state === 'open' ? ` · ${words.failed}` : '';
    const isLate = old !== '' || failed !== '';
    const key = [state, text, old, failed, host.teams.drawn.length, host.teams.simulated].join('|');
    if (key === this.key) return;
    this.key = key;
    this.bar.dataset.state = isLate && state === 'open' ? 'late' : state;
    this.word.textContent = text + old + failed;
    const visible = host.on('teams') ? [...host.teams.units.values()].filter((unit) => unit.state !== 'off').length : 0;
    this.count.textContent = visible && state === 'open' ? fill(words.teamsOf, visible) : '';
    this.simulated.hidden = !(host.on('teams') && host.teams.simulated);
  }

  stop() {
    clearInterval(this.timer);
  }
}
