/** The board as it stands once everything that waits to be sent has been taken. */

const STEPS = {arrive: 'arrived', done: 'done', cannot: 'cannot'};

const clock = (at) => new Date(at).toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai'});

function applyStop(stop, act) {
  const state = STEPS[act.kind];
  stop.state = state;
  if (act.note) stop.note = act.note;
  if (act.photo) stop.photo = true;
  if (state === 'arrived') stop.arrived = clock(act.at);
  else stop.ended = clock(act.at);
  stop.reason = state === 'cannot' ? act.reason : '';
}

const APPLY = {
  duty_on: (board) => { board.team.onDuty = true; },
  duty_off: (board) => { board.team.onDuty = false; },
  confirm: (board, act) => { if (board.order?.id === act.target) board.order.confirmed = true; },
  task: (board, act) => {
    const task = board.tasks.find(({id}) => id === act.target);
    if (task) task.state = act.to;
    board.tasks = board.tasks.filter(({state}) => state !== 'done' && state !== 'declined');
  },
};

/**
 * @param {object} board as the server sent it
 * @param {object[]} acts the oldest first
 * @param {boolean} waits whether they are still to be sent
 */
export function applyActs(board, acts, waits) {
  const next = structuredClone(board);
  for (const act of acts) {
    const stop = STEPS[act.kind] && next.order?.stops.find(({id}) => id === act.target);
    if (stop) {
      applyStop(stop, act);
      stop.waits = waits;
    } else APPLY[act.kind]?.(next, act);
  }
  return next;
}

export const isEnded = ({state}) => state === 'done' || state === 'cannot';

/** The stop that is to be dealt with now: the first that is not ended. */
export const nextStop = (order) => order?.stops.find((stop) => !isEnded(stop)) ?? null;

/** Minutes that a stop which is not reached yet is late at `now`. */
export function lateMinutes(stop, order, now) {
  if (stop.state !== 'planned') return 0;
  const [hours, minutes] = stop.arrive.split(':').map(Number);
  return Math.floor((now - (Date.parse(order.midnight) + (hours * 60 + minutes) * 60000)) / 60000);
}
