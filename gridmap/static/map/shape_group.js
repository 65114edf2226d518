/** Shapes of a decoded tile that are painted alike: one path for all of them, or one of those that reach into a box. */

import {trace} from './mvt.js';

/** @typedef {{minX: number, minY: number, maxX: number, maxY: number}} Box in tile units */

/** Four numbers for each feature of a layer: its least and greatest x and y; measured when first asked for. */
function boxesOf(layer) {
  if (layer.boxes) return layer.boxes;
  const {paths, starts, xy} = layer;
  const boxes = new Int16Array(4 * layer.length);
  for (let feature = 0; feature < layer.length; feature += 1) {
    let [minX, minY, maxX, maxY] = [32767, 32767, -32768, -32768];
    const end = 2 * starts[paths[feature + 1]];
    for (let at = 2 * starts[paths[feature]]; at < end; at += 2) {
      minX = Math.min(minX, xy[at]);
      maxX = Math.max(maxX, xy[at]);
      minY = Math.min(minY, xy[at + 1]);
      maxY = Math.max(maxY, xy[at + 1]);
    }
    boxes.set([minX, minY, maxX, maxY], 4 * feature);
  }
  layer.boxes = boxes;
  return boxes;
}

/** Those of `features` whose boxes meet `box`; all of them without one. */
export function reachInto(layer, features, box) {
  if (!box) return features;
  const boxes = boxesOf(layer);
  return features.filter((feature) => {
    const at = 4 * feature;
    return boxes[at] <= box.maxX && boxes[at + 2] >= box.minX && boxes[at + 1] <= box.maxY && boxes[at + 3] >= box.minY;
  });
}

/** The box around those features of a layer whose ids are among `ids`, or null where there is none. */
export function boxAround(layer, ids) {
  const boxes = boxesOf(layer);
  let box = null;
  for (let feature = 0; feature < layer.length; feature += 1) {
    if (!ids.has(layer.ids[feature])) continue;
    const [minX, minY, maxX, maxY] = boxes.subarray(4 * feature, 4 * feature + 4);
    box = box
      ? {minX: Math.min(minX, box.minX), minY: Math.min(minY, box.minY), maxX: Math.max(maxX, box.maxX), maxY: Math.max(maxY, box.maxY)}
      : {minX, minY, maxX, maxY};
  }
  return box;
}

function traceEach(layer, features) {
  const path = new Path2D();
  features.forEach((feature) => trace(layer, feature, path));
  return path;
}

/** Pairs of corners that were met, in one flat table: a Set would make an object of every pair. */
class Edges {
  constructor(most) {
    this.mask = 2 ** Math.ceil(Math.log2(2 * most + 2)) - 1;
    this.known = new Float64Array(this.mask + 1);
  }

  /** Whether the edge between two corners is met for the first time. */
  add(x0, y0, x1, y1) {
    // Thirteen bits hold a coordinate with its margin; an edge is the same in either direction.
    const p = ((x0 & 8191) << 13) | (y0 & 8191);
    const q = ((x1 & 8191) << 13) | (y1 & 8191);
    const [low, high] = p < q ? [p, q] : [q, p];
    const key = low * 67_108_864 + high + 1;
    let at = (Math.imul(low, 0x9E3779B1) ^ Math.imul(high, 0x85EBCA6B)) >>> 7 & this.mask;
    while (this.known[at] !== 0) {
      if (this.known[at] === key) return false;
      at = (at + 1) & this.mask;
    }
    this.known[at] = key;
    return true;
  }
}

/** Outlines of areas side by side: a border that two of them share is there once. */
function traceOutlines({paths, starts, xy}, features) {
  const path = new Path2D();
  const edges = new Edges(features.reduce((sum, feature) => sum + starts[paths[feature + 1]] - starts[paths[feature]], 0));
  for (const feature of features) {
    for (let ring = paths[feature]; ring < paths[feature + 1]; ring += 1) {
      const end = 2 * starts[ring + 1];
      let isDown = false;
      for (let from = end - 2, to = 2 * starts[ring]; to < end; from = to, to += 2) {
        const isNew = edges.add(xy[from], xy[from + 1], xy[to], xy[to + 1]);
        if (isNew && !isDown) path.moveTo(xy[from], xy[from + 1]);
        if (isNew) path.lineTo(xy[to], xy[to + 1]);
        isDown = isNew;
      }
    }
  }
  return path;
}

export class Group {
  /** @param {import('./mvt.js').Layer} layer @param {{isOutline: boolean}} how */
  constructor(layer, {isOutline = false} = {}) {
    Object.assign(this, {layer, features: [], draw: isOutline ? traceOutlines : traceEach, whole: null, near: null});
  }

  static outlineOf(layer) {
    const group = new Group(layer, {isOutline: true});
    group.features = Array.from({length: layer.length}, (_, feature) => feature);
    return group;
  }

  /** @param {?Box} box only what reaches into it; kept until another box is asked for */
  path(box = null) {
    if (!box) {
      this.whole ??= this.draw(this.layer, this.features);
      return this.whole;
    }
    if (this.near?.box !== box) this.near = {box, path: this.draw(this.layer, reachInto(this.layer, this.features, box))};
    return this.near.path;
  }
}
