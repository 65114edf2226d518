/**
 * Reads Mapbox Vector Tiles (specification 2.1) into flat arrays: no object per feature, ring or point, so that a tile
 * of five thousand cells costs the collector nothing.
 */

const MOVE_TO = 1;
const LINE_TO = 2;
const text = new TextDecoder();

/** A protobuf message under a cursor and its wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
class Message {
  /** @param {Uint8Array} bytes */
  constructor(bytes, at = 0, end = bytes.length) {
    Object.assign(this, {bytes, at, end});
  }

  varint() {
    const {bytes} = this;
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = bytes[this.at];
      this.at += 1;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128; // not a shift: ids may need more than 32 bits
    }
  }

  /** Call `read(field, message)` for every field; what `read` leaves unread is passed over. */
  each(read) {
    while (this.at < this.end) {
      const key = this.varint();
      const wire = key & 7;
      const start = this.at;
      const next = wire === 2 ? this.varint() + this.at : null;
      const inner = wire === 2 ? new Message(this.bytes, this.at, next) : this;
      read(key >> 3, inner);
      if (wire === 2) this.at = next;
      else if (this.at === start) this.skip(wire);
    }
  }

  skip(wire) {
    if (wire === 0) this.varint();
    else this.at += wire === 1 ? 8 : 4;
  }

  string() {
    return text.decode(this.bytes.subarray(this.at, this.end));
  }
}

/** An array that grows, as bytes are read before it is known how many there will be. */
class Growing {
  constructor(Type, capacity) {
    this.array = new Type(capacity);
    this.length = 0;
  }

  push(value) {
    if (this.length === this.array.length) {
      const wider = new this.array.constructor(2 * this.length);
      wider.set(this.array);
      this.array = wider;
    }
    this.array[this.length] = value;
    this.length += 1;
  }

  trim() {
    return this.array.slice(0, this.length);
  }
}

/**
 * @typedef {object} Layer
 * @property {number} extent units along the tile's side
 * @property {number} length features
 * @property {Uint32Array} ids by feature
 * @property {Uint8Array} types by feature: 1 points, 2 lines, 3 polygons
 * @property {Uint32Array} paths first path of each feature, and one more entry
 * @property {Uint32Array} starts first corner of each path, and one more entry; a ring's last corner is not repeated
 * @property {Int16Array} xy corners
 * @property {(feature: number) => object} properties of a feature
 */

function readGeometry(message, {starts, xy}) {
  let x = 0;
  let y = 0;
  while (message.at < message.end) {
    const command = message.varint();
    const kind = command & 7;
    let count = command >> 3;
    if (kind !== MOVE_TO && kind !== LINE_TO) continue; // ClosePath: the painter closes rings by itself
    for (; count > 0; count -= 1) {
      const dx = message.varint();
      const dy = message.varint();
      x += (dx >> 1) ^ -(dx & 1);
      y += (dy >> 1) ^ -(dy & 1);
      if (kind === MOVE_TO) starts.push(xy.length / 2);
      xy.push(x);
      xy.push(y);
    }
  }
}

function readValue(message) {
  let value = null;
  message.each((field, inner) => {
    if (field === 1) value = inner.string();
    else if (field === 7) value = inner.varint() === 1;
    else if (field === 6) {
      const zigzag = inner.varint();
      value = zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2;
    } else if (field >= 4) value = inner.varint();
  });
  return value;
}

function readLayer(message) {
  let name = '';
  let extent = 4096;
  const keys = [];
  const values = [];
  const ids = new Growing(Float64Array, 64);
  const types = new Growing(Uint8Array, 64);
  const paths = new Growing(Uint32Array, 64);
  const geometry = {starts: new Growing(Uint32Array, 128), xy: new Growing(Int16Array, 1024)};
  const tags = new Growing(Uint32Array, 64);
  const tagStarts = new Growing(Uint32Array, 64);
  message.each((field, inner) => {
    if (field === 1) name = inner.string();
    else if (field === 3) keys.push(inner.string());
    else if (field === 4) values.push(readValue(inner));
    else if (field === 5) extent = inner.varint();
    else if (field === 2) {
      let id = 0;
      let type = 0;
      paths.push(geometry.starts.length);
      tagStarts.push(tags.length);
      inner.each((part, piece) => {
        if (part === 1) id = piece.varint();
        else if (part === 3) type = piece.varint();
        else if (part === 2) while (piece.at < piece.end) tags.push(piece.varint());
        else if (part === 4) readGeometry(piece, geometry);
      });
      ids.push(id);
      types.push(type);
    }
  });
  paths.push(geometry.starts.length);
  tagStarts.push(tags.length);
  geometry.starts.push(geometry.xy.length / 2);
  const layer = {
    extent,
    length: ids.length,
    ids: Uint32Array.from(ids.trim()),
    types: types.trim(),
    paths: paths.trim(),
    starts: geometry.starts.trim(),
    xy: geometry.xy.trim(),
    properties(feature) {
      const found = {};
      for (let i = tagStarts.array[feature]; i < tagStarts.array[feature + 1]; i += 2) found[keys[tags.array[i]]] = values[tags.array[i + 1]];
      return found;
    },
  };
  return [name, layer];
}

/**
 * @param {Uint8Array} bytes
 * @returns {Object<string, Layer>} layers by name
 */
export function decode(bytes) {
  const layers = {};
  new Message(bytes).each((field, inner) => {
    if (field !== 3) return;
    const [name, layer] = readLayer(inner);
    layers[name] = layer;
  });
  return layers;
}

/** Draw a feature's lines or rings into `sink`, a path or a context. */
export function trace({paths, starts, xy, types}, feature, sink) {
  const closed = types[feature] === 3;
  for (let path = paths[feature]; path < paths[feature + 1]; path += 1) {
    const first = 2 * starts[path];
    const end = 2 * starts[path + 1];
    sink.moveTo(xy[first], xy[first + 1]);
    for (let at = first + 2; at < end; at += 2) sink.lineTo(xy[at], xy[at + 1]);
    // Not closePath: Chromium measures the whole path each time, so that a tile of cells took seconds.
    if (closed) sink.lineTo(xy[first], xy[first + 1]);
  }
}
