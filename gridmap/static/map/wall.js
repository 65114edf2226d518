/** The wall: the map alone, going round the areas by itself, with what needs attention in large letters; nobody touches it. */

import {fill} from './describe.js';
import {clock, day} from './times.js';
import {go, reload} from './link.js';
import {make} from './dom.js';

const USUAL_S = 20;
const LEAST_S = 5;
const ALERTS_MS = 15_000;
const SHOWN_MS = 4000;
const MOST_SHOWN = 6;
const SEVERITIES = [4, 3, 2, 1];
/** A wall begins anew once a day, when it is quiet, so that it also gets what was installed since. */
const RENEWED_AT = '04:30';

export class Wall {
  /** @param {object} host the living map @param {HTMLElement} frame @param {{every: ?number, area: ?string}} link */
  constructor(host, frame, {every}) {
    const {words} = host;
    Object.assign(this, {host, frame, words, everyMs: Math.max(LEAST_S, every ?? USUAL_S) * 1000, stops: [], at: -1, watch: null});
    this.title = make('h1');
    this.clock = make('time');
    this.state = make('span', {class: 'gridmap-wall-state'});
    this.counts = make('div', {class: 'gridmap-wall-counts'});
    this.alerts = make('ol', {class: 'gridmap-wall-alerts'});
    this.leave = make('button', {type: 'button', class: 'gridmap-wall-leave', text: words.leaveWall});
    this.leave.addEventListener('click', (event) => {
      event.stopPropagation();
      go('');
    });
    this.box = make('div', {class: 'gridmap-wall'}, [
      make('header', {}, [this.title, this.state, this.clock]), this.alerts, this.counts, this.leave,
    ]);
    frame.append(this.box);
    frame.classList.add('gridmap-on-wall');
    this.page = window.parent.document;
    this.page.documentElement.classList.add('gm-wall');
    for (const type of ['pointermove', 'pointerdown', 'keydown']) frame.addEventListener(type, () => this.showLeave(), {passive: true});
    frame.addEventListener('click', () => this.fillScreen());
    host.map.invalidateSize({animate: false});
  }

  /** Begin; every timer is one of three, so that days of it cost nothing. */
  async start() {
    setInterval(() => this.tick(), 1000);
    setInterval(() => this.ask(), ALERTS_MS);
    // What the words cover is known once they are there.
    await Promise.all([this.ask(), this.findStops()]);
    this.turn();
    setInterval(() => this.turn(), this.everyMs);
  }

  async findStops() {
    const {host, words} = this;
    const whole = {name: host.options.title || words.mapTitle, bounds: host.options.bounds};
    try {
      this.stops = [whole, ...await (await host.feed.ask('/areas.json')).json()];
    } catch {
      this.stops = [whole];
    }
  }

  /** On to the next area. */
  turn() {
    if (this.page.hidden || !this.stops.length) return;
    // A wall that came up while the server was away still gets its round.
    if (this.stops.length === 1 && this.host.feed.status === 'open' && !this.isAlone) {
      this.isAlone = true;
      this.findStops();
    }
    this.at = (this.at + 1) % this.stops.length;
    const {name, bounds: [west, south, east, north]} = this.stops[this.at];
    this.title.textContent = name;
    this.host.map.flyToBounds([[south, west], [north, east]], {
      duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 1.2,
      ...this.margins(),
    });
  }

  /** What the words on the wall cover, never more than most of the map. */
  margins() {
    const {clientWidth: wide, clientHeight: tall} = this.frame;
    const isNarrow = this.alerts.offsetWidth > wide / 2;
    const top = this.title.parentElement.offsetHeight;
    const below = isNarrow ? tall - this.alerts.offsetTop : this.counts.offsetHeight / 2;
    const aside = isNarrow ? 10 : this.alerts.offsetWidth + 30;
    return {paddingTopLeft: [10, top], paddingBottomRight: [aside, Math.min(below, tall * 0.5)]};
  }

  async ask() {
    try {
      this.watch = await (await this.host.feed.ask('/alerts.json', {cache: 'no-store'})).json();
      // Somebody signed in again elsewhere in this browser: streams that were refused begin anew with the page.
      if (this.host.feed.status === 'refused') reload();
    } catch {
      // What was known stays, and the state says that the connection is gone.
    }
    this.tick();
  }

  tick() {
    const {host, words} = this;
    const now = host.playback.now;
    this.clock.textContent = `${day(now, host.options.language)} ${clock(now)}`;
    const read = host.status.read();
    const {text, isLate} = host.status.describe(read);
    this.state.textContent = [text, host.teams.simulated ? words.simulated : '', host.feed.state.synthetic ? words.synthetic : ''].filter(Boolean).join(' · ');
    this.state.dataset.state = isLate && read.state === 'open' ? 'late' : read.state;
    this.showCounts();
    this.showAlerts();
    if (clock(now).startsWith(RENEWED_AT) && performance.now() > 3_600_000 && read.state === 'open') reload();
  }

  showCounts() {
    const {host, words, watch} = this;
    const states = host.teams.list(performance.now()).map(({state}) => state);
    const moving = states.filter((state) => state === 'moving').length;
    // Teams that never sent a position are on no map, but they are missed.
    const quiet = states.filter((state) => state === 'stale').length + (watch?.counts.silent_team ?? 0);
    const figures = [[moving, words.teamsMoving, ''], [quiet, words.teamsQuiet, quiet ? 'warn' : '']];
    if (watch) {
      SEVERITIES.forEach((severity) => figures.push([watch.hazards[severity] ?? 0, words[`severity.${severity}`], '', host.palette.severity[severity]]));
      const segments = watch.counts.overdue_segment ?? 0;
      figures.push([segments, words.segmentsOverdue, segments ? 'alert' : '']);
    }
    const key = JSON.stringify(figures);
    if (key === this.countsKey) return;
    this.countsKey = key;
    this.counts.replaceChildren(...figures.map(([number, text, tone, colour]) => {
      const mark = make('i');
      if (colour) mark.style.background = colour; else mark.hidden = true;
      return make('div', {'data-tone': tone}, [make('b', {text: number.toLocaleString('en')}), make('span', {}, [mark, text])]);
    }));
  }

  showAlerts() {
    const {words, watch} = this;
    if (!watch) return;
    const rows = watch.alerts.slice(0, MOST_SHOWN);
    const total = Object.values(watch.counts).reduce((sum, number) => sum + number, 0);
    const key = JSON.stringify([rows, total]);
    if (key === this.alertsKey) return;
    this.alertsKey = key;
    const entries = rows.map(({severity, text, since}) => make('li', {'data-severity': String(severity)}, [make('b', {text}), make('span', {text: since})]));
    const head = make('li', {class: 'gridmap-wall-head', text: total ? fill(words.attention, total) : words.calm});
    this.alerts.replaceChildren(head, ...entries);
  }

  showLeave() {
    this.frame.classList.add('gridmap-touched');
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => this.frame.classList.remove('gridmap-touched'), SHOWN_MS);
  }

  /** A browser fills the screen only when asked by a hand. */
  fillScreen() {
    if (this.page.fullscreenElement) return;
    this.page.documentElement.requestFullscreen?.().catch(() => {});
  }
}
