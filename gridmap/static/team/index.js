/** A team's page: shows the board, and passes on what is done, with or without a connection. */

import {make} from '../map/dom.js';
import {Socket} from '../map/socket.js';
import {socketUrl} from '../map/address.js';
import {Ahead, WAY} from './ahead.js';
import {applyActs, nextStop} from './board.js';
import {button, describePosition, drawFoot, drawGround, drawHead, drawNextActs, drawNextHead, drawNotices, drawOrder, drawStops, drawTasks} from './draw.js';
import {askCannot, askDecline, askDone, askHazard} from './forms.js';
import {Kept} from './kept.js';
import {Outbox} from './outbox.js';
import {Place} from './place.js';
import {SmallMap} from './small_map.js';
import {Words} from './words.js';

const CLOCK_MS = 5000;
const SAID_MS = 6000;
const RETRY_MS = 4000;

class TeamPage {
  constructor(options, kept) {
    Object.assign(this, options, {options, kept});
    this.words = new Words(options.words);
    this.known = null;
    this.board = null;
    this.state = navigator.onLine ? 'open' : 'away';
    this.opened = null;
    this.said = '';
    this.outbox = new Outbox(kept, options.team, {
      onChange: () => this.show(), onSent: () => this.fetchBoard(), onState: (state) => this.setState(state),
    });
    this.ahead = new Ahead(() => this.showGround());
    this.place = new Place(kept, options.team, () => this.onFix());
    this.build();
  }

  get key() {
    return `${this.team}.${this.plan ?? ''}.${this.language}`;
  }

  /** The boxes stay for as long as the page; what is in them is drawn anew. The map is never drawn anew. */
  build() {
    const names = ['head', 'notices', 'tasks', 'nextHead', 'map', 'nextActs', 'order', 'ground', 'stops', 'position', 'foot'];
    this.box = Object.fromEntries(names.map((name) => [name, make('div', {class: name})]));
    const {box} = this;
    this.nextCard = make('section', {class: 'card'}, [box.nextHead, box.map, box.nextActs]);
    this.orderCard = make('section', {class: 'card'}, [box.order, box.ground]);
    const report = button(this.words.say('report'), () => this.does.report(), {kind: 'report', act: 'report'});
    this.empty = make('p', {class: 'card', text: this.words.say('unavailable')});
    const stops = make('section', {class: 'card'}, [box.stops]);
    const parts = [box.head, box.notices, box.tasks, this.orderCard, this.nextCard, stops, box.position, box.foot];
    this.main = make('main', {hidden: ''}, [...parts, make('div', {class: 'bar'}, [report])]);
    this.stopsCard = stops;
    document.getElementById('team').append(this.empty, this.main);
  }

  get mapOptions() {
    const {palette, pin, bounds} = this.options;
    return {palette, pin, bounds, mapOf: this.words.say('mapOf')};
  }

  async start() {
    this.known = await this.kept.board(this.key);
    await this.outbox.start();
    await this.fetchBoard();
    this.socket = new Socket(socketUrl('/team/live'), (mark) => this.onMark(mark), (status) => this.onSocket(status));
    setInterval(() => this.tick(), CLOCK_MS);
  }

  /** The board from the server; the last one stays where it does not come. */
  async fetchBoard() {
    clearTimeout(this.retrying);
    const n = await this.kept.numberBoard();
    let answer;
    let board;
    try {
      answer = await fetch(`/team/board.json${this.plan ? `?plan=${this.plan}` : ''}`, {cache: 'no-store'});
      if (answer.ok) board = await answer.json();
    } catch {
      this.setState('away');
      this.retrying = setTimeout(() => this.fetchBoard(), RETRY_MS);
      return;
    }
    if (answer.status === 401 || answer.status === 403) this.setState('signed_out');
    if (!answer.ok) return;
    this.known = await this.kept.keepBoard(this.key, {n, board});
    this.setState('open');
    await this.outbox.reload();
  }

  /** The last board, with what the server has taken since it was asked for: that is so, whether or not it says so yet. */
  get server() {
    if (!this.known) return null;
    return applyActs(this.known.board, this.outbox.taken.filter(({n}) => n > this.known.n), false);
  }

  onMark(mark) {
    if (mark !== this.known?.board.mark) this.fetchBoard();
  }

  onSocket(status) {
    if (status === 'refused') this.fetchBoard(); // which says why
    if (status === 'offline') this.setState('away');
    if (status === 'open') {
      this.setState('open');
      this.outbox.wake();
    }
  }

  setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.show();
  }

  onFix() {
    this.map?.showHere(this.place.latest);
    this.showPosition();
    this.outbox.flush();
  }

  tick() {
    if (!this.board) return;
    this.showPosition();
    this.box.nextHead.replaceChildren(...drawNextHead(this));
  }

  showPosition() {
    if (this.board) this.box.position.textContent = describePosition(this);
  }

  show() {
    const {server} = this;
    this.empty.hidden = server !== null;
    this.main.hidden = server === null;
    if (!server) return;
    this.board = applyActs(server, this.outbox.acts, true);
    const {box, does} = this;
    box.head.replaceChildren(...drawHead(this, does));
    box.notices.replaceChildren(...drawNotices(this, does));
    box.tasks.replaceChildren(...drawTasks(this, does));
    box.order.replaceChildren(...drawOrder(this, does));
    box.nextHead.replaceChildren(...drawNextHead(this));
    box.nextActs.replaceChildren(...drawNextActs(this, does));
    box.stops.replaceChildren(...drawStops(this, does));
    box.foot.replaceChildren(...drawFoot(this, does));
    this.stopsCard.hidden = !this.board.order;
    this.place.watch(this.board.team.onDuty);
    this.showPosition();
    this.showMap();
    this.keepGround(server.order);
  }

  /** The map along an order that is confirmed, and does not only wait to be. */
  keepGround(order) {
    if (order?.confirmed && !order.closed) this.ahead.keep(order, this.state === 'open');
    this.showGround();
  }

  showGround() {
    this.box.ground.replaceChildren(...drawGround(this));
  }

  /** The way to the next stop and the stops after it; an incident that the team is sent to comes first. */
  showMap() {
    const {order, tasks} = this.board;
    const stop = nextStop(order);
    const [task] = tasks;
    this.nextCard.hidden = !stop && !task;
    if (this.nextCard.hidden) return;
    // Not before its frame has a size.
    this.map ??= new SmallMap(this.box.map, this.mapOptions);
    const marks = task ? [{kind: 'pin', lon: task.lon, lat: task.lat}] : [];
    const part = (line, kind) => (line.length > 1 ? [{line, kind}] : []);
    const parts = stop ? [...part(stop.drive, 'drive'), ...part(stop.walk, 'walk')] : [];
    const about = `${stop?.id ?? ''}.${task?.id ?? ''}`;
    const isNew = about !== this.about;
    this.map.show({parts: task ? [] : parts, stops: task ? [] : (stop ? [{number: stop.number, lon: stop.lon, lat: stop.lat}] : []), marks}, isNew);
    this.about = about;
  }

  /** Say something for a moment. */
  say(text) {
    this.said = text;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      this.said = '';
      this.show();
    }, SAID_MS);
    this.show();
  }

  async put(act) {
    await this.outbox.put(act);
    if (this.outbox.acts.length && this.state !== 'open') this.say(this.words.say('kept'));
  }

  does = {
    duty: (on) => this.put({kind: on ? 'duty_on' : 'duty_off'}),
    confirm: (order) => this.put({kind: 'confirm', target: order.id}),
    arrive: (stop) => this.put({kind: 'arrive', target: stop.id}),
    done: async (stop) => {
      const told = await askDone(this.words, stop);
      if (told) this.put({kind: 'done', target: stop.id, ...told});
    },
    cannot: async (stop) => {
      const told = await askCannot(this.words, stop, this.reasons);
      if (told) this.put({kind: 'cannot', target: stop.id, ...told});
    },
    task: (task, to) => this.put({kind: 'task', target: task.id, to}),
    decline: async (task) => {
      const told = await askDecline(this.words, task, this.declineReasons);
      if (!told) return;
      await this.put({kind: 'task', target: task.id, to: 'declined', ...told});
      if (this.state === 'open') this.say(this.words.say('declined'));
    },
    report: async () => {
      const told = await askHazard(this.words, {kinds: this.kinds, place: this.place, mapOptions: this.mapOptions});
      if (!told) return;
      await this.put({kind: 'hazard', ...told});
      if (this.state === 'open') this.say(this.words.say('reported'));
    },
    open: (stop) => {
      this.opened = this.opened === stop.id ? null : stop.id;
      this.show();
    },
    dismiss: (n) => this.outbox.dismiss(n),
    signOut: async () => {
      if (this.outbox.acts.length && !window.confirm(this.words.say('leaveQueue'))) return;
      this.place.watch(false);
      await this.kept.clear();
      for (const name of ['gridmap-ground', WAY]) await window.caches?.delete(name);
      const form = make('form', {method: 'post', action: '/session/logout'});
      document.body.append(form);
      form.submit();
    },
  };
}

async function begin() {
  const options = JSON.parse(document.getElementById('options').textContent);
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('/team/worker.js', {scope: '/team'});
  const page = new TeamPage(options, await Kept.open());
  window.gridmapTeam = page;
  await page.start();
}

begin();
