/** Vector tiles of one layer: fetched once, decoded into canvas paths, kept while they are likely to be wanted again. */

import {httpUrl} from './address.js';
import {inTurn} from './frame_queue.js';
import {decode} from '/vendor/mvt/mvt.js';

const KEPT = 160;

/**
 * @typedef {object} Part what one MVT feature became
 * @property {Path2D} path in tile units
 * @property {number[]} box in tile units
 * @property {number|undefined} id
 */

/** @param {import('/vendor/mvt/mvt.js').VectorTileFeature} feature */
function tracePath(feature, path, box) {
  for (const ring of feature.loadGeometry()) {
    ring.forEach(({x, y}, i) => {
      if (i) path.lineTo(x, y); else path.moveTo(x, y);
      if (!box) return;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    });
    if (feature.type === 3) path.closePath();
  }
}

/** Features of one look merged into one path: a stroke per class, not per feature. */
function groupPaths(layer, keyOf) {
  const groups = new Map();
  for (let i = 0; layer && i < layer.length; i += 1) {
    const feature = layer.feature(i);
    const key = keyOf(feature.properties);
    if (!groups.has(key)) groups.set(key, new Path2D());
    tracePath(feature, groups.get(key), null);
  }
  return groups;
}

function readPoints(layer, {z, x, y}) {
  const points = [];
  for (let i = 0; layer && i < layer.length; i += 1) {
    const feature = layer.feature(i);
    const [[point]] = feature.loadGeometry();
    const across = 2 ** z;
    points.push({...feature.properties, x: (x + point.x / layer.extent) / across, y: (y + point.y / layer.extent) / across});
  }
  return points;
}

const READERS = {
  base: ({layers}, coords) => ({
    extent: (layers.shapes ?? layers.roads ?? layers.places)?.extent ?? 4096,
    shapes: groupPaths(layers.shapes, (p) => p.kind),
    streams: groupPaths(layers.streams, (p) => p.kind),
    roads: groupPaths(layers.roads, (p) => `${p.class}`),
    places: readPoints(layers.places, coords),
  }),
  areas: ({layers}) => {
    const levels = [];
    for (const [name, layer] of Object.entries(layers)) {
      const border = new Path2D();
      const parts = [];
      for (let i = 0; i < layer.length; i += 1) {
        const feature = layer.feature(i);
        const part = {id: feature.id, path: new Path2D(), box: [Infinity, Infinity, -Infinity, -Infinity]};
        tracePath(feature, part.path, part.box);
        border.addPath(part.path);
        parts.push(part);
      }
      levels.push({level: Number(name.slice(1)), border, parts, extent: layer.extent});
    }
    levels.sort((a, b) => b.level - a.level);
    return {extent: levels[0]?.extent ?? 4096, levels};
  },
  rail: ({layers}) => ({
    extent: layers.tracks?.extent ?? 4096,
    tracks: groupPaths(layers.tracks, (p) => `${p.hs ? 'h' : ''}${p.br ? 'b' : ''}${p.tu ? 't' : ''}`),
  }),
};

export class TileSource {
  /** @param {'base'|'areas'|'rail'} name */
  constructor(name) {
    this.name = name;
    this.kept = new Map();
  }

  /**
   * The decoded tile, or null where there is nothing.
   * @param {{z: number, x: number, y: number}} coords
   * @param {string} revision
   */
  get(coords, revision) {
    const key = `${revision}/${coords.z}/${coords.x}/${coords.y}`;
    let tile = this.kept.get(key);
    if (tile) this.kept.delete(key); // Put back at the end: the front of a Map is its oldest entry.
    else {
      tile = this.fetch(coords, revision);
      tile.catch(() => this.kept.delete(key));
    }
    this.kept.set(key, tile);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    return tile;
  }

  async fetch(coords, revision) {
    const {z, x, y} = coords;
    const response = await fetch(httpUrl(`/tiles/${this.name}/${z}/${x}/${y}.mvt?r=${revision}`));
    if (response.status === 204) return null;
    if (!response.ok) throw new Error(`${this.name} tile: ${response.status}`);
    const buffer = await response.arrayBuffer();
    return buffer.byteLength ? inTurn(() => READERS[this.name](decode(buffer), coords)) : null;
  }
}
