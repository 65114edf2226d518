/** A canvas over the map, somewhat larger than it, that moves and scales with it and is painted again when at rest. */

import {L} from './leaflet.js';
import {worldPx} from './mercator.js';

/**
 * @typedef {object} View where the canvas lies
 * @property {CanvasRenderingContext2D} ctx in screen pixels from the canvas's corner
 * @property {number} zoom
 * @property {number} scale screen pixels of the whole world
 * @property {number} minX world pixel of the canvas's left edge
 * @property {number} minY world pixel of the canvas's top edge
 * @property {number} width
 * @property {number} height
 */

// L.Renderer keeps a container in place through panning and zoom animation; it only lacks something to paint.
export const CanvasLayer = L.Renderer.extend({
  /** @param {{pane: string, padding: number}} options @param {(view: View) => void} painter */
  initialize(options, painter) {
    L.Renderer.prototype.initialize.call(this, options);
    this.painter = painter;
  },

  getEvents() {
    return {...L.Renderer.prototype.getEvents.call(this), move: this.follow};
  },

  _initContainer() {
    this._container = document.createElement('canvas');
    this._container.setAttribute('aria-hidden', 'true');
    this.ctx = this._container.getContext('2d');
  },

  _destroyContainer() {
    cancelAnimationFrame(this.frame);
    this._container.remove();
    delete this._container;
  },

  /** While dragging, paint again only once the margin is used up. */
  follow() {
    if (!this._bounds || this._map._animatingZoom) return;
    const min = this._map.containerPointToLayerPoint([0, 0]);
    const max = min.add(this._map.getSize());
    if (!this._bounds.contains(L.bounds(min, max))) this._update();
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const {min} = this._bounds;
    const size = this._bounds.getSize();
    const ratio = window.devicePixelRatio || 1;
    const canvas = this._container;
    if (canvas.width !== Math.round(size.x * ratio) || canvas.height !== Math.round(size.y * ratio)) {
      canvas.width = Math.round(size.x * ratio);
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    L.DomUtil.setPosition(canvas, min);
    const corner = this._map.getPixelOrigin().add(min);
    this.view = {
      ctx: this.ctx, ratio, zoom: this._zoom, scale: worldPx(this._zoom),
      minX: corner.x, minY: corner.y, width: size.x, height: size.y,
    };
    this.paint();
  },

  /** Paint now. */
  paint() {
    if (!this.view || !this._map) return;
    const {ctx, ratio, width, height} = this.view;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    this.painter(this.view);
  },

  /** Paint once before the next frame, however often this is called. */
  paintSoon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  },

  /** Pixel on the canvas of a pixel of the map's frame. */
  fromContainer(point) {
    return this._map.containerPointToLayerPoint(point).subtract(this._bounds.min);
  },
});
