/** Everything above the ground that stands still, on one canvas; and what lies under a pixel of it. */

import {Borders} from './borders.js';
import {CanvasLayer} from './canvas_layer.js';
import {Changes} from './changes.js';
import {Closures} from './closures.js';
import {Hazards} from './hazards.js';
import {Labels} from './labels.js';
import {Reach} from './reach.js';
import {Routes} from './routes.js';
import {Segments} from './segments.js';
import {makeAccessPoints, makeSites, makeStations} from './sites.js';
import {Zones} from './zones.js';

const DOT_PX = 3.5;

export class Operations {
  /** @param {object} host the living map @param {object} map Leaflet map */
  constructor(host, map) {
    this.host = host;
    this.zones = new Zones(host);
    this.segments = new Segments(host);
    this.closures = new Closures(host);
    this.hazards = new Hazards(host);
    this.sites = makeSites(host);
    this.stations = makeStations(host);
    this.accessPoints = makeAccessPoints(host);
    this.reach = new Reach(host);
    this.borders = new Borders(host);
    this.changes = new Changes(host);
    this.routes = new Routes(host);
    this.labels = new Labels(host);
    this.layer = new CanvasLayer({pane: 'gridmap-operations', padding: 0.15}, (view) => this.paint(view));
    this.layer.addTo(map);
  }

  paint(view) {
    const {host} = this;
    const began = performance.now();
    this.reach.paint(view);
    this.changes.paint(view);
    this.zones.drawn = [];
    if (host.on('zones')) this.zones.paint(view);
    this.segments.drawn = [];
    if (host.on('segments')) this.segments.paint(view);
    this.closures.drawn = [];
    if (host.on('closures')) this.closures.paint(view);
    this.borders.paint(view);
    this.routes.paint(view);
    const layers = [
      ['access_points', this.accessPoints], ['stations', this.stations], ['sites', this.sites], ['hazards', this.hazards],
    ];
    const marks = this.routes.collect(view).slice();
    for (const [name, layer] of layers) {
      layer.drawn = [];
      // Dots are too small to push a name aside.
      if (host.on(name)) marks.push(...layer.collect(view).filter(({radius}) => radius > DOT_PX));
    }
    const areDots = ([, layer]) => layer.drawn.length > 0 && layer.drawn[0].radius <= DOT_PX;
    layers.filter(areDots).forEach(([, layer]) => layer.paint(view));
    if (host.on('labels')) this.labels.paint(view, marks);
    layers.filter((entry) => !areDots(entry)).forEach(([, layer]) => layer.paint(view));
    this.reach.paintLabels(view);
    this.routes.paintStops(view);
    this.routes.paintMarks(view);
    this.paintMs = performance.now() - began;
  }

  paintSoon() {
    this.layer.paintSoon();
  }

  /**
   * What lies under a point of the map's frame, the most urgent kind first.
   * @returns {?{layer: string, ids: number[], item: ?object, group?: object[]}}
   */
  at(containerPoint) {
    const {x, y} = this.layer.fromContainer(containerPoint);
    const stop = this.routes.at(x, y);
    const hazard = stop?.stop.hazard && this.host.table('hazards').find(stop.stop.hazard);
    if (hazard) return {layer: 'hazard', ids: [hazard.id], item: hazard};
    if (stop) return {layer: 'stop', ids: [], item: stop};
    const mark = this.hazards.at(x, y);
    if (mark?.hazard) return {layer: 'hazard', ids: [mark.hazard.id], item: mark.hazard};
    if (mark) {
      const table = this.host.table('hazards');
      const group = Array.from(mark.rows, (row) => table.row(row));
      return {layer: 'hazard', ids: group.map(({id}) => id), item: null, group};
    }
    const site = this.sites.at(x, y);
    if (site) return {layer: 'site', ids: [site.id], item: site};
    const segment = this.segments.at(x, y);
    const station = this.stations.at(x, y);
    // A station's mark lies on the line and hides the casings there: the smaller thing is what is meant.
    if (station) return {layer: 'station', ids: [station.id], item: station};
    const access = this.accessPoints.at(x, y);
    if (access) return {layer: 'access_point', ids: [access.id], item: access};
    const closure = this.closures.at(x, y);
    if (closure) return {layer: 'closure', ids: [closure.id], item: closure};
    if (segment) return {layer: 'segment', ids: [segment.id], item: segment};
    return null;
  }

  /** The place that an edition changes under a point of the map's frame. */
  changeAt(containerPoint) {
    const {x, y} = this.layer.fromContainer(containerPoint);
    const mark = this.changes.at(x, y);
    return mark && {layer: 'change', ids: [mark.place], item: mark};
  }

  /** The protection zone under a point of the map's frame, which only explains itself: a click goes to the ground. */
  zoneAt(containerPoint) {
    const {x, y} = this.layer.fromContainer(containerPoint);
    return this.zones.at(x, y);
  }

  /** Draw chosen or pointed-at things of the kinds that lie on this canvas. */
  highlight(ctx, selected, colour, width) {
    const owners = {
      segment: this.segments, hazard: this.hazards, site: this.sites, station: this.stations, access_point: this.accessPoints,
      incident: this.host.incidents, closure: this.closures,
    };
    for (const [kind, ids] of Object.entries(selected)) owners[kind]?.highlight(ctx, ids, colour, width);
  }
}
