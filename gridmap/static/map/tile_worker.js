/**
 * The painter of the ground, beside the page's own thread: fetches tiles, decodes and paints them, and answers what lies
 * where. The page only hangs up finished pictures, so that the map glides whatever is being painted.
 *
 * Messages in: {what: 'look' | 'hues' | 'paint' | 'repaint' | 'forget' | 'ask', …}; out: {what: 'picture' | 'answer', …}.
 */

import {Hues, findWindow, paintTile} from './paint_tile.js';
import {areaAt, listIds, traceAreas} from './tile_shapes.js';
import {TileSource} from './tile_source.js';

const sources = Object.fromEntries(['base', 'areas', 'rail'].map((name) => [name, new TileSource(name)]));
const squares = new Map();
const hues = new Hues();
let look = null;

/**
 * Squares waiting for the brush, and the areas for whose sake, or null where the whole square is to be painted; what is
 * asked of the worker meanwhile is answered between two of them.
 */
const waiting = new Map();
const brush = new MessageChannel();
brush.port1.onmessage = paintNext;

/** A square without its tiles is not painted: its picture would say that nothing is there. */
function paintSoon(square, ids = null) {
  if (!square.isFilled) return;
  const before = waiting.get(square);
  if (before === undefined) brush.port2.postMessage(null);
  waiting.set(square, ids && before !== null ? new Set([...(before ?? []), ...ids]) : null);
}

function paintNext() {
  const [found] = waiting;
  if (!found) return;
  const [square, ids] = found;
  waiting.delete(square);
  if (!look || squares.get(square.key) !== square) return;
  const window = ids && findWindow(square.data, square, ids);
  if (ids && !window) return;
  const side = square.size * square.ratio;
  const canvas = new OffscreenCanvas(window?.width ?? side, window?.height ?? side);
  const style = {...look, hues: look.layers.has('units') ? hues : null};
  paintTile(canvas.getContext('2d', {alpha: true}), square.data, square, style, window);
  const bitmap = canvas.transferToImageBitmap();
  const {x, y} = window ?? {x: 0, y: 0};
  postMessage({what: 'picture', key: square.key, bitmap, x, y, failed: square.failed, places: square.data.base?.places ?? []}, [bitmap]);
}

function open(square) {
  const fresh = {...square, data: {base: null, areas: null, rail: null}, failed: [], isFilled: false};
  fresh.filled = new Promise((resolve) => { fresh.onFilled = resolve; });
  return fresh;
}

/** Fetch the layers `names` of a square, then paint it in one go: what was there stays until its successor is ready. */
async function fill(square, names, revisions) {
  const results = await Promise.allSettled(names.map((name) => sources[name].get(square.source, revisions[name])));
  names.forEach((name, i) => {
    if (results[i].status === 'fulfilled') square.data[name] = results[i].value;
  });
  square.failed = names.filter((_, i) => results[i].status === 'rejected');
  square.isFilled = true;
  square.onFilled();
  paintSoon(square);
}

const ANSWERS = {
  // Asked of a square whose tiles are still on their way, the answer waits for them: no click is lost.
  area: async ({key, x, y}) => {
    const square = squares.get(key);
    await square?.filled;
    return square?.data.areas ? areaAt(square, x, y) : null;
  },
  ids: ({keys}) => listIds(keys.map((key) => squares.get(key)?.data.areas).filter(Boolean)),
  shapes: ({keys, ids}) => {
    const wanted = new Set(ids);
    return keys.map((key) => squares.get(key)).filter((square) => square?.data.areas)
      .map((square) => ({key: square.key, extent: square.data.areas.extent, shapes: traceAreas(square.data.areas, wanted)}))
      .filter(({shapes}) => shapes.length > 0);
  },
};

/** What the squares show, for tests and for a look from the console. */
ANSWERS.contents = ({keys}) => {
  const data = keys.map((key) => squares.get(key)?.data).filter(Boolean);
  return {
    roads: [...new Set(data.flatMap(({base}) => [...(base?.roads.keys() ?? [])]))],
    tracks: [...new Set(data.flatMap(({rail}) => [...(rail?.tracks.keys() ?? [])]))],
    areas: [...new Set(data.flatMap(({areas}) => areas?.levels ?? []).flatMap(({shapes}) => [...shapes.ids]))],
  };
};

const ORDERS = {
  look: (message) => { ({look} = message); },

  /** New hues: of all areas, or of those in `ids`, and then only the pieces that show one of them are painted again. */
  hues({classes, colours, ids}) {
    if (!ids) hues.set(classes, colours);
    else hues.change(ids, classes);
    if (!look?.layers.has('units')) return;
    for (const square of squares.values()) if (square.data.areas?.levels.length) paintSoon(square, ids);
  },

  paint({square, names, revisions}) {
    const known = squares.get(square.key);
    const fresh = known ?? open(square);
    squares.set(square.key, fresh);
    fill(fresh, names, revisions);
  },

  repaint: () => squares.forEach((square) => paintSoon(square)),

  forget({key}) {
    squares.get(key)?.onFilled();
    squares.delete(key);
  },

  async ask({number, question}) {
    postMessage({what: 'answer', number, answer: await ANSWERS[question.about](question)});
  },
};

addEventListener('message', ({data}) => ORDERS[data.what](data));
