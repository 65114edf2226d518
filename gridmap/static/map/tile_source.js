/** Vector tiles of one layer: fetched once, decoded, kept while they are likely to be wanted again. Runs in the worker. */

import {httpUrl} from './address.js';
import {decode} from './mvt.js';
import {Group} from './shape_group.js';

const KEPT = 96;

/** Features of one look together: a stroke per class, not per feature. */
function groupBy(layer, keyOf) {
  const groups = new Map();
  for (let feature = 0; feature < (layer?.length ?? 0); feature += 1) {
    const key = keyOf(layer.properties(feature));
    if (!groups.has(key)) groups.set(key, new Group(layer));
    groups.get(key).features.push(feature);
  }
  return groups;
}

function readPlaces(layer, {z, x, y}) {
  const across = 2 ** z;
  return Array.from({length: layer?.length ?? 0}, (_, feature) => {
    const at = 2 * layer.starts[layer.paths[feature]];
    return {
      ...layer.properties(feature),
      x: (x + layer.xy[at] / layer.extent) / across,
      y: (y + layer.xy[at + 1] / layer.extent) / across,
    };
  });
}

function readLevel(name, layer) {
  return {level: Number(name.slice(1)), border: Group.outlineOf(layer), shapes: layer, extent: layer.extent};
}

const READERS = {
  base: (layers, coords) => ({
    extent: (layers.shapes ?? layers.streams ?? layers.roads ?? layers.places)?.extent ?? 4096,
    shapes: groupBy(layers.shapes, (p) => p.kind),
    streams: groupBy(layers.streams, (p) => p.kind),
    roads: groupBy(layers.roads, (p) => `${p.class}`),
    places: readPlaces(layers.places, coords),
  }),

  /** Levels from the finest; `shapes` of each are the flat arrays of its areas. */
  areas: (layers) => {
    const levels = Object.entries(layers).map(([name, layer]) => readLevel(name, layer)).sort((a, b) => b.level - a.level);
    return {extent: levels[0]?.extent ?? 4096, levels};
  },

  rail: ({tracks}) => ({
    extent: tracks?.extent ?? 4096,
    tracks: groupBy(tracks, (p) => `${p.hs ? 'h' : ''}${p.br ? 'b' : ''}${p.tu ? 't' : ''}`),
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
    return buffer.byteLength ? READERS[this.name](decode(new Uint8Array(buffer)), coords) : null;
  }
}
