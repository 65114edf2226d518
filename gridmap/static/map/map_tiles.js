/** The ground of the map: one canvas per square, fed by the tiles of base, areas and rail. */

import {L} from './leaflet.js';
import {inTurn} from './frame_queue.js';
import {paintTile} from './paint_tile.js';
import {TileSource} from './tile_source.js';

const SIZE_PX = 512;
/** Finer squares are cut from tiles of this zoom: their geometry is already finer than a screen pixel. */
const FINEST_DATA_ZOOM = 14;
const RETRY_MS = 4000;
const SOURCES = ['base', 'areas', 'rail'];

export const MapTiles = L.GridLayer.extend({
  options: {tileSize: SIZE_PX, keepBuffer: 1, updateWhenZooming: false, updateInterval: 120, pane: 'tilePane', minZoom: 3, maxZoom: 19},

  /** @param {{revisionOf: (name: string) => string, style: object, onLoad: () => void, onFail: (failed: boolean) => void}} host */
  initialize(host) {
    L.GridLayer.prototype.initialize.call(this, {});
    this.host = host;
    this.sources = Object.fromEntries(SOURCES.map((name) => [name, new TileSource(name)]));
    this.probe = document.createElement('canvas').getContext('2d');
    this.on('load', host.onLoad);
  },

  createTile(coords, done) {
    const canvas = L.DomUtil.create('canvas', 'leaflet-tile');
    const ratio = window.devicePixelRatio || 1;
    canvas.width = SIZE_PX * ratio;
    canvas.height = SIZE_PX * ratio;
    const z = coords.z - 1;
    const down = Math.max(0, z - FINEST_DATA_ZOOM);
    const across = 2 ** down;
    const square = {
      canvas,
      ratio,
      zoom: coords.z,
      corner: {x: coords.x, y: coords.y},
      source: {z: z - down, x: Math.floor(coords.x / across), y: Math.floor(coords.y / across)},
      part: {x: (coords.x % across) / across, y: (coords.y % across) / across, scale: across},
      data: {base: null, areas: null, rail: null},
    };
    canvas.square = square;
    this.fill(square, SOURCES).then(() => done(null, canvas));
    return canvas;
  },

  /** Fetch `names` for a square, then paint it in one go: what was there stays until its successor is ready. */
  async fill(square, names) {
    const before = {...square.data};
    const results = await Promise.allSettled(
      names.map((name) => this.sources[name].get(square.source, this.host.revisionOf(name))),
    );
    const failed = names.filter((_, i) => results[i].status === 'rejected');
    names.forEach((name, i) => {
      square.data[name] = results[i].status === 'fulfilled' ? results[i].value : before[name];
    });
    await inTurn(() => this.paint(square));
    this.host.onFail(failed.length > 0);
    if (failed.length && !square.retry) {
      square.retry = setTimeout(() => {
        square.retry = null;
        if (square.canvas.isConnected) this.fill(square, failed);
      }, RETRY_MS);
    }
  },

  paint(square) {
    paintTile(
      square.canvas.getContext('2d'),
      square.data,
      {size: SIZE_PX, ratio: square.ratio, zoom: square.zoom, part: square.part},
      this.host.style,
    );
  },

  /** Squares on the map, those of the present zoom only if `current`. */
  squares(current = false) {
    return Object.values(this._tiles ?? {})
      .filter((tile) => !current || tile.coords.z === this._tileZoom)
      .map((tile) => tile.el.square);
  },

  repaint() {
    this.squares().forEach((square) => this.paint(square));
  },

  /** Take in new tiles of `names`; the present zoom first, since it is what is seen. */
  async refresh(names) {
    const known = names.filter((name) => SOURCES.includes(name));
    if (!known.length) return;
    await Promise.all(this.squares(true).map((square) => this.fill(square, known)));
    this.host.onLoad();
  },

  /** The finest area under a place: {id, level}, or null. */
  areaAt(latlng) {
    const point = this._map.project(latlng, this._tileZoom);
    const key = `${Math.floor(point.x / SIZE_PX)}:${Math.floor(point.y / SIZE_PX)}:${this._tileZoom}`;
    const square = this._tiles?.[key]?.el.square;
    const areas = square?.data.areas;
    if (!areas?.levels.length) return null;
    const {part, corner} = square;
    const scale = areas.extent / (SIZE_PX * part.scale);
    const x = (point.x - corner.x * SIZE_PX) * scale + part.x * areas.extent;
    const y = (point.y - corner.y * SIZE_PX) * scale + part.y * areas.extent;
    const {level, parts} = areas.levels[0];
    const hit = parts.find(({path, box}) =>
      x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3] && this.probe.isPointInPath(path, x, y, 'evenodd'));
    return hit ? {id: hit.id, level} : null;
  },

  /**
   * Call `draw(path, pxPerUnit)` for every piece of the areas `ids` with `ctx` set to the piece's square, clipped to it.
   * @param {CanvasRenderingContext2D} ctx
   * @param {{minX: number, minY: number, zoom: number, ratio: number}} view of the canvas drawn on
   */
  drawAreas(ctx, view, ids, draw) {
    for (const square of this.squares(true)) {
      const {areas} = square.data;
      if (!areas || square.zoom !== view.zoom) continue;
      const found = areas.levels.flatMap(({parts}) => parts.filter((part) => ids.has(part.id)));
      if (!found.length) continue;
      const left = square.corner.x * SIZE_PX - view.minX;
      const top = square.corner.y * SIZE_PX - view.minY;
      const scale = (SIZE_PX * square.part.scale) / areas.extent;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, SIZE_PX, SIZE_PX);
      ctx.clip();
      ctx.translate(left - square.part.x * SIZE_PX * square.part.scale, top - square.part.y * SIZE_PX * square.part.scale);
      ctx.scale(scale, scale);
      found.forEach((part) => draw(part.path, scale));
      ctx.restore();
    }
  },

  /** Named places of the squares in view. */
  places() {
    return this.squares(true).flatMap((square) => square.data.base?.places ?? []);
  },

  /** Ids of areas with any piece in view, at the finest level drawn. */
  idsInView() {
    return new Set(this.squares(true).flatMap((s) => (s.data.areas?.levels[0]?.parts ?? []).map((part) => part.id)));
  },
});
