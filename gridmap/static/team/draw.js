/** The parts of the page, each drawn anew from the board; what a person does is told by name to `does`. */

import {make} from '../map/dom.js';
import {isEnded, lateMinutes, nextStop} from './board.js';

const LATE_FROM_MIN = 10;
/** State of a task → the next one, and what the button says. */
const TASK_STEPS = {sent: ['accepted', 'setOut'], accepted: ['arrived', 'onSpot'], arrived: ['done', 'taskDone']};

/** A button; `kind` is main, quiet or plain. */
export function button(text, onClick, {kind = 'plain', act = ''} = {}) {
  const element = make('button', {type: 'button', class: kind, text, ...(act && {'data-act': act})});
  element.addEventListener('click', onClick);
  return element;
}

function links(words, {geo, amap}) {
  return make('div', {class: 'row'}, [
    make('a', {class: 'button', href: geo, text: words.say('navigate')}),
    make('a', {class: 'button', href: amap, text: words.say('amap'), rel: 'noreferrer', target: '_blank'}),
  ]);
}

export function drawHead({words, board, outbox, state}, does) {
  const {team} = board;
  const waits = outbox.acts.length;
  const link = waits ? words.say('waiting', {number: waits}) : words.say(state === 'open' ? 'connected' : 'away');
  const tone = waits ? 'warn' : state === 'open' ? 'good' : 'warn';
  return [
    make('div', {class: 'who'}, [
      make('h1', {text: team.name}),
      make('span', {class: `state ${tone}`, 'data-state': state, text: link}),
    ]),
    make('div', {class: 'duty', 'data-duty': team.onDuty ? 'on' : 'off'}, [
      make('span', {text: words.say(team.onDuty ? 'onDuty' : 'offDuty')}),
      button(words.say(team.onDuty ? 'goOff' : 'goOn'), () => does.duty(!team.onDuty), {kind: team.onDuty ? 'quiet' : 'main', act: 'duty'}),
    ]),
  ];
}

export function drawNotices({words, outbox, state, said}, does) {
  const notices = outbox.told.map(({n, what}) => make('div', {class: 'notice', role: 'alert'}, [
    make('span', {text: words.say('refused', {what})}),
    button(words.say('understood'), () => does.dismiss(n), {kind: 'quiet'}),
  ]));
  if (state === 'signed_out') {
    const next = encodeURIComponent(location.pathname);
    notices.unshift(make('div', {class: 'notice', role: 'alert'}, [
      make('span', {text: words.say('signedOut')}),
      make('a', {class: 'button', href: `/session/login?next=${next}`, text: words.say('signIn')}),
    ]));
  }
  if (said) notices.push(make('div', {class: 'notice good', role: 'status'}, [make('span', {text: said})]));
  return notices;
}

export function drawTasks({words, board}, does) {
  return board.tasks.map((task) => {
    const [to, name] = TASK_STEPS[task.state];
    const way = words.say('taskWay', {minutes: task.minutes, km: (task.metres / 1000).toFixed(1)});
    return make('section', {class: 'card urgent', 'data-task': task.id}, [
      make('h2', {text: words.say('task')}),
      make('p', {class: 'title', text: task.title}),
      make('p', {class: 'quiet', text: [words.say(`severity.${task.severity}`), task.area, way].filter(Boolean).join(' · ')}),
      make('p', {class: 'quiet', text: words.say(`dispatch_state.${task.state}`)}),
      links(words, task),
      button(words.say(name), () => does.task(task, to), {kind: 'main', act: `task-${to}`}),
      // On the spot it is too late for that: then the task is done, or recalled.
      ...(task.state === 'arrived' ? [] : [button(words.say('decline'), () => does.decline(task), {kind: 'quiet wide', act: 'decline'})]),
    ]);
  });
}

/** Day, hours and how far the order is; asks to be confirmed. */
export function drawOrder({words, board}, does) {
  const {order} = board;
  if (!order) return [make('p', {class: 'title', text: words.say('noOrder')}), make('p', {class: 'quiet', text: words.say('noOrderHint')})];
  const ended = order.stops.filter(isEnded).length;
  const {start, end, driven, walked} = order.totals;
  const facts = [`${start}–${end}`, `${words.say('driven')} ${driven}`, `${words.say('walked')} ${walked}`];
  const parts = [
    make('h2', {text: words.say('today', {day: order.day})}),
    make('p', {class: 'quiet', text: facts.join(' · ')}),
    make('progress', {max: order.stops.length, value: ended, 'aria-label': words.say('stops')}),
    make('p', {class: 'quiet', text: words.say('progress', {done: ended, all: order.stops.length})}),
  ];
  if (ended === order.stops.length) parts.push(make('p', {class: 'title', text: words.say('finished')}));
  if (order.closed) parts.push(make('p', {class: 'quiet', text: words.say('closed')}));
  else if (!order.confirmed) parts.push(button(words.say('confirm'), () => does.confirm(order), {kind: 'main', act: 'confirm'}));
  else parts.push(make('p', {class: 'quiet', text: words.say('confirmed')}));
  return parts;
}

/** Whether the map along the order is there without a connection as well. */
export function drawGround({words, board, ahead: {state}}) {
  if (!state || !board?.order?.confirmed || board.order.closed) return [];
  const said = {
    going: () => words.say('groundKeeping', {share: Math.floor(100 * state.share)}),
    broken: () => words.say('groundBroken'),
    kept: () => words.say('groundKept', {size: (state.bytes / 1e6).toFixed(1)}),
    part: () => words.say('groundPart', {size: (state.bytes / 1e6).toFixed(1)}),
  };
  const how = state.isBroken ? 'broken' : state.bytes === undefined ? 'going' : state.isWhole ? 'kept' : 'part';
  return [make('p', {class: 'quiet', 'data-ground': how, text: said[how]()})];
}

export function drawNextHead({words, board}) {
  const stop = nextStop(board.order);
  if (!stop) return [];
  const late = lateMinutes(stop, board.order, Date.now());
  return [
    make('h2', {text: words.say('next')}),
    make('p', {class: 'title', text: `${stop.number}. ${stop.title}`}),
    make('p', {class: 'quiet'}, [
      make('span', {text: words.say('planned', {arrive: stop.arrive, leave: stop.leave})}),
      ...(late >= LATE_FROM_MIN ? [make('b', {class: 'alert', text: ` · ${words.late(late)}`})] : []),
    ]),
    ...stop.lines.map((text) => make('p', {class: 'line', text})),
  ];
}

export function drawNextActs({words, board}, does) {
  const stop = nextStop(board.order);
  if (!stop) return [];
  return [links(words, stop), ...(board.order.closed ? [] : [drawStopActs(words, stop, does)])];
}

function drawStopActs(words, stop, does) {
  const arrive = button(words.say('arrive'), () => does.arrive(stop), {kind: 'main', act: 'arrive'});
  const done = button(words.say('done'), () => does.done(stop), {kind: stop.state === 'arrived' ? 'main' : 'plain', act: 'done'});
  const cannot = button(words.say('cannot'), () => does.cannot(stop), {act: 'cannot'});
  return make('div', {class: 'row'}, [...(stop.state === 'arrived' ? [] : [arrive]), done, cannot]);
}

function describeState(words, stop, reasons) {
  const moment = {
    planned: () => words.say('planned', {arrive: stop.arrive, leave: stop.leave}),
    arrived: () => words.say('arrivedAt', {time: stop.arrived}),
    done: () => words.say('doneAt', {time: stop.ended}),
    cannot: () => words.say('cannotAt', {time: stop.ended}),
  }[stop.state]();
  const why = stop.reason ? reasons.find(({value}) => value === stop.reason)?.name : '';
  return [moment, why, stop.note, stop.photo ? words.say('photo') : ''].filter(Boolean).join(' · ');
}

/** Every stop; one that is opened says all of it, and what could not be done may be done after all. */
export function drawStops({words, board, opened, reasons}, does) {
  const {order} = board;
  if (!order) return [];
  const current = nextStop(order);
  const rests = (after) => order.breaks.filter((taken) => taken.after === after).map(({text}) => make('p', {class: 'rest', text}));
  return [make('h2', {text: words.say('stops')}), ...rests(0), ...order.stops.flatMap((stop) => {
    const isOpen = opened === stop.id;
    const head = make('button', {type: 'button', class: 'stop', 'aria-expanded': String(isOpen)}, [
      make('span', {class: `mark ${stop.state}`, text: String(stop.number)}),
      make('span', {class: 'what'}, [
        make('b', {text: stop.title}),
        make('small', {text: describeState(words, stop, reasons)}),
      ]),
      ...(stop.waits ? [make('span', {class: 'waits', text: '…', title: words.say('kept')})] : []),
    ]);
    head.addEventListener('click', () => does.open(stop));
    const acts = isOpen && stop.state !== 'done' && !order.closed ? [drawStopActs(words, stop, does)] : [];
    const more = isOpen ? make('div', {class: 'more'}, [...stop.lines.map((text) => make('p', {class: 'line', text})), links(words, stop), ...acts]) : '';
    const entry = make('div', {class: `entry ${stop === current ? 'current' : ''}`, 'data-stop': stop.id, 'data-state': stop.state}, [head, more]);
    return [entry, ...rests(stop.number)];
  })];
}

/** How old the last position is; off duty none is sent. */
export function describePosition({words, board, place, outbox}) {
  if (!board.team.onDuty) return words.say('positionOff');
  if (place.denied) return words.say('noPlace');
  const at = Math.max(Date.parse(outbox.lastFix?.at ?? 0), Date.parse(board.position?.at ?? 0));
  return at > 0 ? words.say('position', {age: words.age((Date.now() - at) / 1000)}) : words.say('noPosition');
}

export function drawFoot({words, languages, language}, does) {
  const choices = Object.entries(languages).map(([tag, name]) => make('form', {method: 'post', action: '/session/language'}, [
    make('input', {type: 'hidden', name: 'next', value: location.pathname}),
    make('button', {name: 'language', value: tag, class: 'quiet', text: name, ...(tag === language && {'aria-current': 'true'})}),
  ]));
  return [...choices, button(words.say('signOut'), () => does.signOut(), {kind: 'quiet', act: 'sign-out'})];
}
