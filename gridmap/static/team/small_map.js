/** A small map of the way to a stop: the same ground as the command map's, painted by the same worker. */

import {L} from '../map/leaflet.js';
import {CanvasLayer} from '../map/canvas_layer.js';
import {Labels} from '../map/labels.js';
import {MapTiles} from '../map/map_tiles.js';
import {Routes} from '../map/routes.js';
import {Table} from '../map/columns.js';

const FONT = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const CLOSEST = 15;
const HERE_PX = 7;
const FAR_LON = 180;

window.gridmap = {
  takePainter: () => new Worker(new URL('../map/tile_worker.js', import.meta.url), {type: 'module'}),
};

export class SmallMap {
  /**
   * @param {HTMLElement} frame
   * @param {{palette: object, pin: string, bounds: number[], mapOf: string}} options
   * @param {?(place: {lon: number, lat: number}) => void} onTap
   */
  constructor(frame, {palette, pin, bounds, mapOf}, onTap = null) {
    frame.setAttribute('aria-label', mapOf);
    frame.setAttribute('role', 'application');
    frame.style.background = palette.ground.land;
    this.map = L.map(frame, {
      attributionControl: false, zoomControl: false, fadeAnimation: false, minZoom: 4, maxZoom: 18, boxZoom: false,
    });
    L.control.zoom({position: 'topright', zoomInTitle: '+', zoomOutTitle: '−'}).addTo(this.map);
    this.tiles = new MapTiles({revisionOf: () => '', onLoad: () => this.layer.paintSoon(), onFail: () => {}});
    const host = {
      palette, icons: {pin}, font: FONT, on: () => false, table: () => Table.empty, places: () => this.tiles.places(),
    };
    this.palette = palette;
    this.routes = new Routes(host);
    this.labels = new Labels(host);
    this.layer = new CanvasLayer({pane: 'overlayPane', padding: 0.15}, (view) => this.paint(view));
    const [west, south, east, north] = bounds;
    this.map.fitBounds([[south, west], [north, east]], {animate: false});
    this.layer.addTo(this.map);
    this.tiles.setLook({
      palette: {ground: palette.ground, border: palette.border, rail: palette.rail, road: palette.road, road_casing: palette.road_casing},
      layers: new Set(['roads', 'land', 'borders', 'rail']), blend: 'multiply', fillAlpha: 0.4, emphasis: false,
    });
    this.tiles.addTo(this.map);
    if (onTap) this.map.on('click', ({latlng}) => onTap({lon: latlng.lng, lat: latlng.lat}));
  }

  paint(view) {
    this.routes.paint(view);
    this.labels.paint(view, this.routes.collect(view).slice());
    this.routes.paintStops(view);
    this.routes.paintMarks(view);
    if (this.here) this.paintHere(view);
  }

  /** Where the telephone itself is. */
  paintHere({ctx}) {
    const at = this.map.latLngToLayerPoint([this.here.lat, this.here.lon]).subtract(this.layer._bounds.min);
    ctx.beginPath();
    ctx.arc(at.x, at.y, HERE_PX, 0, 2 * Math.PI);
    ctx.fillStyle = this.palette.team;
    ctx.strokeStyle = this.palette.halo;
    ctx.lineWidth = 4;
    ctx.stroke();
    ctx.fill();
  }

  /** @param {{parts: object[], stops: object[], marks: object[]}} what @param {boolean} fit whether to move there */
  show({parts = [], stops = [], marks = []}, fit) {
    this.routes.show({routes: parts.length || stops.length ? [{name: '', parts, stops, colour: 0, faded: false}] : [], marks});
    this.layer.paintSoon();
    if (!fit) return;
    const points = [...parts.flatMap(({line}) => line), ...[...stops, ...marks].map(({lon, lat}) => [lon, lat])]
      .filter(([lon]) => Math.abs(lon) <= FAR_LON);
    if (points.length) this.map.fitBounds(points.map(([lon, lat]) => [lat, lon]), {maxZoom: CLOSEST, padding: [26, 26], animate: false});
  }

  /** @param {?{lon: number, lat: number}} place */
  showHere(place) {
    this.here = place;
    this.layer.paintSoon();
  }

  remove() {
    this.map.remove();
  }
}
