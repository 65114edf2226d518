/** Points that would overlap, gathered: a hundred thousand in a few milliseconds, in flat arrays throughout. */

import {TILE_PX} from './mercator.js';

const GATHER_PX = 26;
/** Of so many points the groups are large, and so are their marks: they need more room to stand apart. */
const CROWD = 5000;
const CROWD_GATHER_PX = 44;
const LEAST_GATHERED = 3;
/** From here on every point stands for itself. */
const APART_ZOOM = 15;
const OVERDUE_WEIGHT = 10;
const HEAVIEST = 16;
/** Columns of bins on the unit square; 2^26 squared is still an exact number. */
const ACROSS = 2 ** 26;

/**
 * @typedef {object} Groups
 * @property {number} length
 * @property {Float64Array} x mean of the members, unit square
 * @property {Float64Array} y
 * @property {Uint32Array} starts first member of each group, and one more entry
 * @property {Uint32Array} members rows of the table, those of a group together, the gravest first
 */

/** Rows from the gravest: overdue before in time, then by severity; within that as the table has them. */
function orderByWeight(severity, overdue) {
  const weightOf = (row) => HEAVIEST - 1 - (overdue[row] ? OVERDUE_WEIGHT : 0) - severity[row];
  const starts = new Uint32Array(HEAVIEST + 1);
  for (let row = 0; row < severity.length; row += 1) starts[weightOf(row) + 1] += 1;
  for (let i = 0; i < HEAVIEST; i += 1) starts[i + 1] += starts[i];
  const order = new Uint32Array(severity.length);
  for (let row = 0; row < severity.length; row += 1) {
    const weight = weightOf(row);
    order[starts[weight]] = row;
    starts[weight] += 1;
  }
  return order;
}

/** Bins as chains: the last row of each bin by its key, and before each row the one that came earlier. */
function fillBins(x, y, reach) {
  const last = new Map();
  const before = new Int32Array(x.length);
  for (let row = 0; row < x.length; row += 1) {
    const key = Math.floor(x[row] / reach) * ACROSS + Math.floor(y[row] / reach);
    before[row] = last.get(key) ?? -1;
    last.set(key, row);
  }
  return {last, before};
}

/**
 * Gather the rows of a table at `zoom`: the gravest first, each taking what lies within reach and is still free.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, severity: ArrayLike<number>, overdue: ArrayLike<number>}} points
 * @returns {Groups}
 */
export function gather({x, y, severity, overdue}, zoom) {
  const count = x.length;
  const order = orderByWeight(severity, overdue);
  const starts = new Uint32Array(count + 1);
  if (zoom >= APART_ZOOM) return finish({x, y}, order, starts.map((_, i) => i), count);
  const reach = (count > CROWD ? CROWD_GATHER_PX : GATHER_PX) / (TILE_PX * 2 ** zoom);
  const {last, before} = fillBins(x, y, reach);
  const members = new Uint32Array(count);
  const taken = new Uint8Array(count);
  const near = [];
  let groups = 0;
  let filled = 0;
  for (const row of order) {
    if (taken[row]) continue;
    near.length = 0;
    const column = Math.floor(x[row] / reach);
    const line = Math.floor(y[row] / reach);
    for (let i = column - 1; i <= column + 1; i += 1) {
      for (let j = line - 1; j <= line + 1; j += 1) {
        for (let other = last.get(i * ACROSS + j) ?? -1; other >= 0; other = before[other]) {
          const [dx, dy] = [x[other] - x[row], y[other] - y[row]];
          if (!taken[other] && other !== row && dx * dx + dy * dy <= reach * reach) near.push(other);
        }
      }
    }
    members[filled] = row;
    taken[row] = 1;
    filled += 1;
    if (near.length + 1 >= LEAST_GATHERED) {
      for (const other of near) {
        taken[other] = 1;
        members[filled] = other;
        filled += 1;
      }
    }
    groups += 1;
    starts[groups] = filled;
  }
  return finish({x, y}, members, starts.slice(0, groups + 1), groups);
}

function finish(points, members, starts, length) {
  const groups = {length, starts, members, x: new Float64Array(length), y: new Float64Array(length)};
  for (let group = 0; group < length; group += 1) {
    let sumX = 0;
    let sumY = 0;
    for (let i = starts[group]; i < starts[group + 1]; i += 1) {
      sumX += points.x[members[i]];
      sumY += points.y[members[i]];
    }
    groups.x[group] = sumX / (starts[group + 1] - starts[group]);
    groups.y[group] = sumY / (starts[group + 1] - starts[group]);
  }
  return groups;
}
