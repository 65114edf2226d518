/** How a team gets from one fix to the next, and what is not believed at once. Places are on the unit square. */

import {toLat} from './mercator.js';

const WORLD_M = 40075016.7;
/** No patrol is faster; what seems so is a bad fix, a swapped device or a wrong clock. */
const FASTEST_MPS = 250 / 3.6;
/** So far apart two fixes of one place may be. */
const SLACK_M = 500;
/** So many fixes in a row must agree on a far place, or so long must one of them stand, until it is believed. */
const AGREEING = 3;
const BELIEVED_AFTER_S = 60;

/** Metres between two places; good enough to tell a jump from a drive. */
export function apart(a, b) {
  const shrink = Math.cos((toLat(a.y) * Math.PI) / 180);
  return Math.hypot(a.x - b.x, a.y - b.y) * WORLD_M * shrink;
}

/** Degrees from one heading to another, the short way round, -180 to 180. */
export const turned = (from, to) => ((to - from + 540) % 360) - 180;

/** A heading `share` of the way from one to another, the short way round, 0 to 360 degrees. */
export const turn = (from, to, share) => (from + turned(from, to) * share + 360) % 360;

/** Whether a patrol may be at one place and then at the other, each with its time `at`. */
export const canReach = (from, to) => apart(from, to) <= SLACK_M + FASTEST_MPS * Math.max(1, Math.abs(to.at - from.at));

/**
 * What a new fix means for a team that was believed to be elsewhere.
 * @param {{x: number, y: number, at: number, doubt?: object}} unit its last believed fix; `doubt` is kept on it
 * @param {{x: number, y: number, at: number}} fix `at` in unix seconds, when it was taken
 * @param {number} now unix seconds, the server's
 * @returns {'glide'|'hold'|'place'} go there, stay and wait for more, or be there at once
 */
export function judge(unit, fix, now) {
  if (canReach(unit, fix)) {
    unit.doubt = null;
    return 'glide';
  }
  const {doubt} = unit;
  if (!doubt || !canReach(doubt, fix)) {
    unit.doubt = {x: fix.x, y: fix.y, at: fix.at, since: now, count: 1};
    return 'hold';
  }
  // The same fix is repeated in every frame: only another one says more.
  if (Math.abs(fix.at - doubt.at) > 1.5 || fix.x !== doubt.x || fix.y !== doubt.y) {
    Object.assign(doubt, {x: fix.x, y: fix.y, at: fix.at, count: doubt.count + 1});
  }
  if (doubt.count < AGREEING && now - doubt.since < BELIEVED_AFTER_S) return 'hold';
  unit.doubt = null;
  return 'place';
}

/** The state a team is shown in: what the server says, or "stale" where the last word of it is older than the limit. */
export function stateOf(unit, age, staleS) {
  if (unit.state === 'off' || unit.state === 'silent') return unit.state;
  return unit.doubt || age > staleS ? 'stale' : unit.state;
}
