/** Tables of typed columns, as gridmap/domain/columns.py writes them: looked at where they lie, never parsed into objects. */

import {toLat, toLon} from './mercator.js';
import {arrange, makeCategory, makeFlags, makeNumbers, makePaths, makeScattered} from './patches.js';

const ARRAYS = {u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f32: Float32Array, f64: Float64Array};
const STEP = 2 ** -32;
const text = new TextDecoder();

/** @typedef {{xy: Float64Array, box: Float64Array}} Path corners x0, y0, x1, y1 … on the unit square, and their box */

/**
 * By type of column: `get`, from a row to its value; `data`, what hot loops read instead; and `patched`, the column after
 * some rows changed (see patches.js).
 */
const READERS = {
  category({values, code, at}, view) {
    return makeCategory(view(ARRAYS[code], at), values);
  },

  text({at, bytes}, view, rows) {
    const starts = view(Uint32Array, at, rows + 1);
    const data = view(Uint8Array, bytes, starts[rows]);
    // A name is made when it is asked for: a hundred thousand strings would be most of the heap.
    return makeScattered((row) => text.decode(data.subarray(starts[row], starts[row + 1])));
  },

  path({at, corners}, view, rows) {
    const starts = view(Uint32Array, at, rows + 1);
    const xy = Float64Array.from(view(Uint32Array, corners, 2 * starts[rows]), (step) => step * STEP);
    const boxes = new Float64Array(4 * rows);
    for (let row = 0; row < rows; row += 1) {
      const box = boxes.subarray(4 * row, 4 * row + 4);
      box.set([Infinity, Infinity, -Infinity, -Infinity]);
      for (let i = 2 * starts[row]; i < 2 * starts[row + 1]; i += 2) {
        box[0] = Math.min(box[0], xy[i]);
        box[1] = Math.min(box[1], xy[i + 1]);
        box[2] = Math.max(box[2], xy[i]);
        box[3] = Math.max(box[3], xy[i + 1]);
      }
    }
    return makePaths(boxes, (row) => ({xy: xy.subarray(2 * starts[row], 2 * starts[row + 1]), box: boxes.subarray(4 * row, 4 * row + 4)}));
  },
};

function readNumbers({type, at, none, as}, view) {
  const raw = view(ARRAYS[type], at);
  if (as === 'world') return makeNumbers(Float64Array.from(raw, (step) => step * STEP));
  if (as === 'flag') return makeFlags(raw);
  return makeNumbers(raw, none);
}

export class Table {
  /** @param {number} length rows @param {Object<string, object>} columns by name */
  constructor(length, columns) {
    Object.assign(this, {length, columns, rows: null});
    this.Row = makeRow(columns);
  }

  /** @param {ArrayBuffer} buffer */
  static read(buffer) {
    const bytes = new DataView(buffer);
    const length = bytes.getUint32(4, true);
    const header = JSON.parse(text.decode(new Uint8Array(buffer, 8, length)));
    const view = (Type, at, count = header.rows) => new Type(buffer, 8 + length + at, count);
    const read = (column) => [column.name, (READERS[column.type] ?? readNumbers)(column, view, header.rows)];
    return new Table(header.rows, Object.fromEntries(header.columns.map(read)));
  }

  static get empty() {
    return new Table(0, {});
  }

  /**
   * The table after some of its rows changed; this one stays as it is.
   * @param {Object<string, Array>} values column → values of the rows that changed or are new, `id` among them
   * @param {number[]} gone ids of rows that are no longer there
   * @returns {?Table} null where a new row lacks a column: then the table must be fetched
   */
  patched(values, gone = []) {
    const patch = arrange(this, values.id ?? [], new Set(gone));
    const isWhole = Object.keys(this.columns).every((name) => name in values);
    if (patch.added && !isWhole) return null;
    const columns = Object.entries(this.columns).map(([name, column]) => [name, column.patched(patch, values[name])]);
    return new Table(patch.from.length, Object.fromEntries(columns));
  }

  /** Values of a column as they lie: numbers, or positions in `values`. Empty where there is no such column. */
  data(name) {
    return this.columns[name]?.data ?? [];
  }

  /** Position of each word of a category, -1 for a word that no row has. */
  codeOf(name, word) {
    return this.columns[name]?.values.indexOf(word) ?? -1;
  }

  /** A row as an object with a property per column; `x` and `y` bring `lon` and `lat`. Made anew each time. */
  row(index) {
    return new this.Row(index);
  }

  /** Row of an id, -1 where there is none. */
  indexOf(id) {
    this.rows ??= new Map(Array.from(this.data('id'), (each, row) => [each, row]));
    return this.rows.get(id) ?? -1;
  }

  /** The row with an id, or undefined. */
  find(id) {
    const index = this.indexOf(id);
    return index < 0 ? undefined : this.row(index);
  }

  * [Symbol.iterator]() {
    for (let index = 0; index < this.length; index += 1) yield this.row(index);
  }
}

function makeRow(columns) {
  class Row {
    constructor(index) {
      this.index = index;
    }

    get lon() {
      return toLon(this.x);
    }

    get lat() {
      return toLat(this.y);
    }
  }
  for (const [name, {get}] of Object.entries(columns)) {
    Object.defineProperty(Row.prototype, name, {get() { return get(this.index); }});
  }
  return Row;
}
