/** The ground of the map: one canvas per square, filled with the pictures that the worker paints of base, areas and rail. */

import {L} from './leaflet.js';

const SIZE_PX = 512;
/** Finer squares are cut from tiles of this zoom: their geometry is already finer than a screen pixel. */
const FINEST_DATA_ZOOM = 14;
const RETRY_MS = 4000;
/** More areas of a new hue than this are not looked for one by one in every square. */
const FEW = 100;
const SOURCES = ['base', 'areas', 'rail'];

export const MapTiles = L.GridLayer.extend({
  options: {tileSize: SIZE_PX, keepBuffer: 1, updateWhenZooming: false, updateInterval: 120, pane: 'tilePane', minZoom: 3, maxZoom: 19},

  /** @param {{revisionOf: (name: string) => string, onLoad: () => void, onFail: (failed: boolean) => void}} host */
  initialize(host) {
    L.GridLayer.prototype.initialize.call(this, {});
    this.host = host;
    this.hung = new Map();
    this.questions = new Map();
    this.asked = 0;
    this.worker = window.gridmap.takePainter();
    this.worker.addEventListener('message', ({data}) => (data.what === 'picture' ? this.hang(data) : this.answer(data)));
    this.on('load', host.onLoad);
    this.on('tileunload', ({tile}) => this.take(tile));
  },

  createTile(coords, done) {
    const canvas = L.DomUtil.create('canvas', 'leaflet-tile');
    const ratio = window.devicePixelRatio || 1;
    canvas.width = SIZE_PX * ratio;
    canvas.height = SIZE_PX * ratio;
    const z = coords.z - 1;
    const down = Math.max(0, z - FINEST_DATA_ZOOM);
    const across = 2 ** down;
    this.made = (this.made ?? 0) + 1;
    const square = {
      // A number of its own: the same square may be taken down and hung again before its first picture is here.
      key: this.made,
      size: SIZE_PX,
      ratio,
      zoom: coords.z,
      corner: {x: coords.x, y: coords.y},
      source: {z: z - down, x: Math.floor(coords.x / across), y: Math.floor(coords.y / across)},
      part: {x: (coords.x % across) / across, y: (coords.y % across) / across, scale: across},
    };
    canvas.square = square;
    this.hung.set(square.key, {canvas, done: () => done(null, canvas), waiting: [], places: []});
    this.fill(square, SOURCES);
    return canvas;
  },

  /** Have the layers `names` of a square fetched and painted; resolves when its picture hangs. */
  fill(square, names) {
    const revisions = Object.fromEntries(names.map((name) => [name, this.host.revisionOf(name)]));
    this.worker.postMessage({what: 'paint', square, names, revisions});
    return new Promise((resolve) => { this.hung.get(square.key)?.waiting.push(resolve); });
  },

  /** A picture of a whole square, or of the piece of it that begins at (x, y). */
  hang({key, bitmap, x, y, failed, places}) {
    const entry = this.hung.get(key);
    if (!entry) {
      bitmap.close();
      return;
    }
    const ctx = entry.canvas.getContext('2d');
    ctx.clearRect(x, y, bitmap.width, bitmap.height);
    ctx.drawImage(bitmap, x, y);
    bitmap.close();
    entry.places = places;
    this.host.onFail(failed.length > 0);
    if (failed.length && !entry.retry) {
      entry.retry = setTimeout(() => {
        entry.retry = null;
        if (this.hung.has(key)) this.fill(entry.canvas.square, failed);
      }, RETRY_MS);
    }
    entry.done?.();
    entry.done = null;
    entry.waiting.splice(0).forEach((resolve) => resolve());
  },

  take(canvas) {
    const {key} = canvas.square;
    this.hung.get(key)?.waiting.forEach((resolve) => resolve());
    this.hung.delete(key);
    this.worker.postMessage({what: 'forget', key});
  },

  onRemove(map) {
    L.GridLayer.prototype.onRemove.call(this, map);
    this.worker.terminate();
  },

  /** How squares are painted from now on, see `paintTile`; those that hang are painted anew. */
  setLook(look) {
    const words = JSON.stringify({...look, layers: [...look.layers].sort()});
    if (words === this.look) return;
    this.look = words;
    this.worker.postMessage({what: 'look', look});
    this.worker.postMessage({what: 'repaint'});
  },

  /** The hue of every area, by id: a position in `colours`, or 255. Only squares that show a new hue are painted again. */
  setHues(classes, colours) {
    const before = this.hues;
    this.hues = {classes, colours};
    if (before?.classes.length === classes.length && String(before.colours) === String(colours)) {
      const ids = [];
      classes.forEach((hue, id) => { if (before.classes[id] !== hue) ids.push(id); });
      if (ids.length <= FEW) {
        if (ids.length) this.worker.postMessage({what: 'hues', ids, classes: ids.map((id) => classes[id])});
        return;
      }
    }
    this.worker.postMessage({what: 'hues', classes, colours});
  },

  /** New hues of a few areas; before all of them are known there is nothing to change. */
  changeHues(ids, hues) {
    if (!this.hues) return;
    ids.forEach((id, i) => { this.hues.classes[id] = hues[i]; });
    this.worker.postMessage({what: 'hues', ids, classes: hues});
  },

  /** Squares on the map at the present zoom. */
  squares() {
    return Object.values(this._tiles ?? {}).filter(({coords}) => coords.z === this._tileZoom).map(({el}) => el.square);
  },

  keys() {
    return this.squares().map(({key}) => key);
  },

  /** Take in new tiles of `names`; the present zoom only, since it is what is seen. */
  async refresh(names) {
    await Promise.all(this.squares().map((square) => this.fill(square, names)));
    this.host.onLoad();
  },

  // --- what lies where: the worker knows ----------------------------------------------------------------------

  ask(question) {
    this.asked += 1;
    const number = this.asked;
    this.worker.postMessage({what: 'ask', number, question});
    return new Promise((resolve) => { this.questions.set(number, resolve); });
  },

  answer({number, answer}) {
    this.questions.get(number)?.(answer);
    this.questions.delete(number);
  },

  /** The finest area under a place: {id, level}, or null. */
  async areaAt(latlng) {
    const point = this._map.project(latlng, this._tileZoom);
    const corner = {x: Math.floor(point.x / SIZE_PX), y: Math.floor(point.y / SIZE_PX)};
    const square = this._tiles?.[`${corner.x}:${corner.y}:${this._tileZoom}`]?.el.square;
    if (!square) return null;
    return this.ask({about: 'area', key: square.key, x: point.x - corner.x * SIZE_PX, y: point.y - corner.y * SIZE_PX});
  },

  /** Ids of areas with any piece in view, at the finest level drawn. */
  async idsInView() {
    return new Set(await this.ask({about: 'ids', keys: this.keys()}));
  },

  /**
   * The pieces of the areas `ids` on the squares in view.
   * @returns {Promise<{square: object, extent: number, shapes: {id: number, starts: Uint32Array, xy: Int16Array}[]}[]>}
   */
  async shapesOf(ids) {
    const found = await this.ask({about: 'shapes', keys: this.keys(), ids: [...ids]});
    return found.map((piece) => ({...piece, square: this.hung.get(piece.key)?.canvas.square})).filter(({square}) => square);
  },

  /** Named places of the squares in view. */
  places() {
    return this.keys().flatMap((key) => this.hung.get(key)?.places ?? []);
  },
});
