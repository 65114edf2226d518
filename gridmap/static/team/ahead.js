/** The ground along an order's route, fetched before it is needed: where the connection is lost, the map is there. */

import {toX, toY} from '../map/mercator.js';

export const WAY = 'gridmap-way';
/** Told to the worker, which would keep these among what was seen by chance, and drop them with it. */
export const AHEAD = {'X-Gridmap-Ahead': '1'};
const SIGN = '/team/kept-ground';
const LAYERS = ['base', 'areas', 'rail'];
/** From where a whole leg is in view to the finest there is; see map_tiles.js. */
const ZOOMS = [8, 9, 10, 11, 12, 13, 14];
const MOST_FILES = 1500;
const MOST_BYTES = 30e6;
const AT_ONCE = 3;
/** Half of what the page's small map shows, as shares of a tile. */
const AROUND = {x: 0.4, y: 0.25};

/** The tiles of one zoom about a line of [lon, lat] pairs, in its order. */
function follow(line, z, add) {
  const across = 2 ** z;
  const touch = (x, y) => {
    for (const dx of [-AROUND.x, AROUND.x]) for (const dy of [-AROUND.y, AROUND.y]) add(z, Math.floor(x + dx), Math.floor(y + dy));
  };
  let before = null;
  for (const [lon, lat] of line) {
    const at = {x: toX(lon) * across, y: toY(lat) * across};
    const steps = before ? Math.max(1, Math.ceil(4 * Math.hypot(at.x - before.x, at.y - before.y))) : 1;
    const {x, y} = before ?? at;
    for (let step = 1; step <= steps; step += 1) touch(x + ((at.x - x) * step) / steps, y + ((at.y - y) * step) / steps);
    before = at;
  }
}

/**
 * Addresses of the tiles along the lines, coarse ones first and then in the order of the lines.
 * @param {number[][][]} lines of [lon, lat] pairs
 * @param {number} most of them
 * @returns {{files: string[], isWhole: boolean}} whether none had to be left out
 */
export function listTiles(lines, most = MOST_FILES) {
  const found = new Set();
  for (const z of ZOOMS) for (const line of lines) follow(line, z, (...tile) => found.add(tile.join('/')));
  const files = [...found].flatMap((tile) => LAYERS.map((layer) => `/tiles/${layer}/${tile}.mvt?r=`));
  return {files: files.slice(0, most), isWhole: files.length <= most};
}

const linesOf = (order) => [...order.stops.flatMap(({drive, walk}) => [drive, walk]), order.back].filter((line) => line.length);

/** Fetch one tile into the cache unless it is there; answers its size in bytes. */
async function keepFile(cache, file) {
  const known = await cache.match(file);
  if (known) return (await known.arrayBuffer()).byteLength;
  const answer = await fetch(file, {headers: AHEAD});
  if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
  // A tile in which there is nothing is known as well; a cache takes no answer without a body.
  const bytes = answer.status === 204 ? new ArrayBuffer(0) : await answer.arrayBuffer();
  await cache.put(file, new Response(bytes));
  return bytes.byteLength;
}

export class Ahead {
  /** @param {() => void} onChange */
  constructor(onChange) {
    Object.assign(this, {onChange, order: null, state: null});
  }

  /**
   * Keep the ground of an order that was confirmed; what is kept of it already is not fetched again. Without a connection
   * it is only told where all of it is there.
   *
   * `state` is {share} while it goes on, {bytes, isWhole} once it is done, {isBroken} where the connection was lost, null
   * before, and where the browser keeps nothing.
   */
  async keep(order, isOnline) {
    if (!('caches' in window) || this.order === order.id) return;
    this.order = order.id;
    try {
      await this.keepAll(order, isOnline);
    } catch {
      this.order = null; // tried again when there is a connection
      this.tell({isBroken: true});
    }
  }

  async keepAll(order, isOnline) {
    let cache = await caches.open(WAY);
    const sign = await (await cache.match(SIGN))?.json();
    const isOwn = sign?.order === order.id;
    if (isOwn && sign.bytes !== undefined) {
      this.tell(sign);
      return;
    }
    if (!isOnline) {
      this.order = null;
      return;
    }
    if (!isOwn) {
      await caches.delete(WAY);
      cache = await caches.open(WAY);
    }
    await cache.put(SIGN, new Response(JSON.stringify({order: order.id})));
    const {files, isWhole} = listTiles(linesOf(order));
    let [bytes, done, next] = [0, 0, 0];
    const work = async () => {
      while (next < files.length && bytes < MOST_BYTES) {
        next += 1;
        bytes += await keepFile(cache, files[next - 1]);
        done += 1;
        if (done % 10 === 0) this.tell({share: done / files.length});
      }
    };
    this.tell({share: 0});
    await Promise.all(Array.from({length: AT_ONCE}, work));
    const kept = {order: order.id, bytes, isWhole: isWhole && done === files.length};
    await cache.put(SIGN, new Response(JSON.stringify(kept)));
    this.tell(kept);
  }

  tell(state) {
    this.state = state;
    this.onChange();
  }
}
