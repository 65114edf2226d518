/** Tables of typed columns, as gridmap/domain/columns.py writes them: looked at where they lie, never parsed into objects. */

import {toLat, toLon} from './mercator.js';

const ARRAYS = {u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f32: Float32Array, f64: Float64Array};
const STEP = 2 ** -32;
const text = new TextDecoder();

/** @typedef {{xy: Float64Array, box: Float64Array}} Path corners x0, y0, x1, y1 … on the unit square, and their box */

/** Functions from a row to its value, by type of column; `data` is what hot loops read instead. */
const READERS = {
  category({values, code, at}, view) {
    const data = view(ARRAYS[code], at);
    return {data, values, get: (row) => values[data[row]]};
  },

  text({at, bytes}, view, rows) {
    const starts = view(Uint32Array, at, rows + 1);
    const data = view(Uint8Array, bytes, starts[rows]);
    // A name is made when it is asked for: a hundred thousand strings would be most of the heap.
    return {get: (row) => text.decode(data.subarray(starts[row], starts[row + 1]))};
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
    return {
      boxes,
      get: (row) => ({xy: xy.subarray(2 * starts[row], 2 * starts[row + 1]), box: boxes.subarray(4 * row, 4 * row + 4)}),
    };
  },
};

function readNumbers({type, at, none, as}, view) {
  const raw = view(ARRAYS[type], at);
  if (as === 'world') {
    const data = Float64Array.from(raw, (step) => step * STEP);
    return {data, get: (row) => data[row]};
  }
  if (as === 'flag') return {data: raw, get: (row) => raw[row] === 1};
  if (type[0] === 'f') return {data: raw, get: (row) => (Number.isNaN(raw[row]) ? null : raw[row])};
  return {data: raw, none, get: (row) => (raw[row] === none ? null : raw[row])};
}

export class Table {
  /** @param {{rows: number, columns: object[]}} header @param {ArrayBuffer} buffer @param {number} start of the body */
  constructor(header, buffer, start) {
    this.length = header.rows;
    const view = (Type, at, length = header.rows) => new Type(buffer, start + at, length);
    this.columns = Object.fromEntries(
      header.columns.map((column) => [column.name, (READERS[column.type] ?? readNumbers)(column, view, header.rows)]),
    );
    this.Row = makeRow(this.columns);
    this.rows = null;
  }

  /** @param {ArrayBuffer} buffer */
  static read(buffer) {
    const bytes = new DataView(buffer);
    const length = bytes.getUint32(4, true);
    return new Table(JSON.parse(text.decode(new Uint8Array(buffer, 8, length))), buffer, 8 + length);
  }

  static get empty() {
    return new Table({rows: 0, columns: []}, new ArrayBuffer(0), 0);
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
