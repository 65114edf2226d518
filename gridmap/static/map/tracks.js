/** Where teams were: the table of /tracks.bin by team, and where each was at a moment. */

import {canReach} from './motion.js';
import {toX, toY} from './mercator.js';

const STEP_DEG = 1e-5;
/** Nothing is made up over a longer silence than this. */
export const GAP_S = 120;

/** @typedef {{at: number[], x: number[], y: number[], simulated: boolean}} Track times in unix seconds, ascending */

/**
 * @param {import('./columns.js').Table} table see gridmap/services/tracks.py
 * @param {number} since unix seconds of its zero
 * @returns {Map<number, Track>}
 */
export function readTracks(table, since) {
  const [teams, at, east, north, simulated] = ['team_id', 'at', 'east', 'north', 'simulated'].map((name) => table.data(name));
  const tracks = new Map();
  let track = null;
  let [lon, lat] = [0, 0];
  for (let row = 0; row < table.length; row += 1) {
    if (row === 0 || teams[row] !== teams[row - 1]) {
      track = {at: [], x: [], y: [], simulated: simulated[row] === 1};
      tracks.set(teams[row], track);
      [lon, lat] = [0, 0];
    }
    lon += east[row];
    lat += north[row];
    track.at.push(since + at[row]);
    track.x.push(toX(lon * STEP_DEG));
    track.y.push(toY(lat * STEP_DEG));
  }
  return tracks;
}

/** Whether nobody knows how a team got from fix `i` of its track to the next: too long a silence, or too far a way. */
export function isGap({at, x, y}, i) {
  if (at[i + 1] - at[i] > GAP_S) return true;
  return !canReach({x: x[i], y: y[i], at: at[i]}, {x: x[i + 1], y: y[i + 1], at: at[i + 1]});
}

/** Position of the last time not after `at`, -1 where there is none. */
function lastBefore(times, at) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/**
 * Where a team was at a moment: on the way between two fixes; at the last one, `age` old, where the next is too far off.
 * @param {Track} track
 * @returns {?{x: number, y: number, heading: number, moves: boolean, age: number, isKnown: boolean}} null before the first
 *   fix; heading in degrees from north
 */
export function locate(track, at) {
  const i = lastBefore(track.at, at);
  if (i < 0) return null;
  const [from, to] = [track.at[i], track.at[i + 1]];
  const stays = {x: track.x[i], y: track.y[i], heading: 0, moves: false, age: at - from};
  if (to === undefined) return {...stays, isKnown: at - from <= GAP_S};
  if (isGap(track, i)) return {...stays, isKnown: false};
  const share = (at - from) / (to - from);
  const [dx, dy] = [track.x[i + 1] - track.x[i], track.y[i + 1] - track.y[i]];
  return {
    x: track.x[i] + dx * share,
    y: track.y[i] + dy * share,
    heading: ((Math.atan2(dx, -dy) * 180) / Math.PI + 360) % 360,
    // Five metres in a quarter of a minute is the noise of a receiver that stands.
    moves: Math.hypot(dx, dy) > 2e-7,
    age: 0,
    isKnown: true,
  };
}
