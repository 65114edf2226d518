/** What hands do on the map: point, click, choose by box or lasso, pick a place, keys. The outcome goes to the page. */

import {L} from './leaflet.js';
import {describe} from './describe.js';
import {inRing} from './polyline.js';
import {worldPx} from './mercator.js';

/** Kinds a click can choose, apart from what only explains itself. */
const CHOOSABLE = new Set(['team', 'incident', 'hazard', 'site', 'segment', 'station', 'access_point', 'closure', 'cell', 'area', 'change']);

const isField = (target) => Boolean(target?.closest?.('input, textarea, select, [contenteditable=""], [contenteditable="true"]'));

/** A signal that ends listening once the frame of the map is taken off the page. */
function untilGone() {
  const ended = new AbortController();
  window.addEventListener('pagehide', () => ended.abort(), {once: true});
  return ended.signal;
}

export class Pointer {
  /** @param {object} host the living map @param {object} map Leaflet map */
  constructor(host, map) {
    this.host = host;
    this.map = map;
    this.mode = {select: 'feature', pick: false};
    this.tool = 'click';
    /** Cells the person chose here, as against those the page shows as chosen. */
    this.own = new Set();
    this.seq = 0;
    map.on('click', (event) => this.onClick(event));
    map.on('contextmenu', (event) => this.emitPoint(event.latlng));
    map.on('mousemove', (event) => this.onMove(event));
    map.on('mouseout movestart zoomstart', () => this.point(null));
    map.on('moveend', () => { if (this.frame.matches('.gridmap-by-keys:focus')) this.point(this.middle(null)); });
    this.frame = map.getContainer();
    this.frame.addEventListener('keydown', (event) => this.onKey(event));
    // The cross that keys aim with is in nobody's way who uses a mouse.
    this.frame.addEventListener('keyup', () => this.frame.classList.add('gridmap-by-keys'));
    this.frame.addEventListener('pointermove', () => this.frame.classList.remove('gridmap-by-keys'), {passive: true});
    this.frame.addEventListener('pointerdown', (event) => this.onDown(event), {capture: true});
    /** Change orders that the keys for undo and redo mean, by "undo" and "redo". */
    this.steps = {};
    // The keys count wherever the person is on the page; the page outlives the frame of the map.
    for (const {document: around} of new Set([window, window.parent])) {
      around.addEventListener('keydown', (event) => this.onStep(event), {signal: untilGone()});
    }
  }

  setMode({select, pick}) {
    this.mode = {select: select ?? this.mode.select, pick: pick ?? this.mode.pick};
    if (this.mode.select !== 'cells') this.setTool('click');
    this.frame.classList.toggle('gridmap-picks', this.mode.pick);
    this.host.controls.showMode(this.mode, this.tool);
  }

  setTool(tool) {
    this.tool = tool;
    this.frame.classList.toggle('gridmap-draws', tool !== 'click');
    this.host.controls.showMode(this.mode, tool);
  }

  /** What lies under a point, the most urgent first. */
  async find(containerPoint, latlng) {
    const {host} = this;
    if (this.mode.select === 'changes') return host.operations.changeAt(containerPoint);
    if (this.mode.select !== 'cells') {
      const incident = host.incidents.at(host.incidents.layer.fromContainer(containerPoint));
      if (incident) return {layer: 'incident', ids: [incident.id], item: incident};
      const live = host.teams.layer.fromContainer(containerPoint);
      const unit = host.teams.at(live.x, live.y);
      if (unit) return {layer: 'team', ids: [unit.id], item: unit};
      const hit = host.operations.at(containerPoint);
      if (hit) return hit;
    }
    const area = await host.tiles.areaAt(latlng);
    if (!area) return null;
    const cell = host.table('cells').find(area.id);
    return cell ? {layer: 'cell', ids: [area.id], item: cell} : {layer: 'area', ids: [area.id], item: null};
  }

  /** The middle of the map, where the cross stands that keys aim with, as if it was clicked. */
  middle(originalEvent) {
    const containerPoint = this.map.getSize().divideBy(2).round();
    return {containerPoint, latlng: this.map.containerPointToLatLng(containerPoint), originalEvent};
  }

  onMove({containerPoint, latlng}) {
    this.last = {containerPoint, latlng};
    if (this.waiting) return;
    // One look per frame, however many moves the mouse reports.
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      if (!this.drawing && !this.map.dragging.moving?.()) this.point(this.last);
    });
  }

  async point(where) {
    const {host} = this;
    this.pointed = where;
    if (!where || this.host.measure.kind || (this.mode.select === 'none' && !this.mode.pick)) {
      host.tooltip.hide();
      this.mark({});
      return;
    }
    const hit = await this.find(where.containerPoint, where.latlng);
    if (this.pointed !== where) return; // the pointer went on meanwhile
    const loud = hit && hit.layer !== 'cell' && hit.layer !== 'area';
    this.frame.classList.toggle('gridmap-over', Boolean(loud) && !this.mode.pick);
    this.mark(hit && hit.layer !== 'stop' ? {[hit.layer]: new Set(hit.ids)} : {});
    const zone = loud ? null : host.operations.zoneAt(where.containerPoint);
    const told = zone ? {layer: 'zone', item: zone} : hit;
    host.tooltip.show(where.containerPoint, told ? describe(host, told) : []);
  }

  mark(hovered) {
    const key = JSON.stringify(Object.entries(hovered).map(([kind, ids]) => [kind, [...ids]]));
    if (key === this.hoveredKey) return;
    this.hoveredKey = key;
    this.host.emphasis.hovered = hovered;
    this.host.emphasis.trace();
  }

  async onClick({containerPoint, latlng, originalEvent}) {
    if (this.justDrew || this.host.measure.kind) return;
    if (this.mode.pick) {
      this.emitPoint(latlng);
      return;
    }
    if (this.mode.select === 'none') return;
    const hit = await this.find(containerPoint, latlng);
    if (hit?.group) {
      this.open(hit.group);
      return;
    }
    if (this.mode.select === 'cells') {
      this.chooseCells(hit?.layer === 'cell' ? hit.ids : [], originalEvent, latlng);
      return;
    }
    if (hit && !CHOOSABLE.has(hit.layer)) return;
    this.host.choose(hit ? {[hit.layer]: hit.ids} : {});
    this.emit('feature', hit?.layer ?? '', hit?.ids ?? [], latlng);
    // A finger points at nothing before it clicks.
    if (this.host.operations.zoneAt(containerPoint)) this.point({containerPoint, latlng});
  }

  /** A gathered mark opens: the map moves to where its members stand apart. */
  open(members) {
    const bounds = L.latLngBounds(members.map(({lat, lon}) => [lat, lon]));
    this.host.tooltip.hide();
    this.map.flyToBounds(bounds.pad(0.3), {maxZoom: Math.max(15, this.map.getZoom() + 1), duration: 0.4});
  }

  chooseCells(ids, event, latlng) {
    const adds = event?.ctrlKey || event?.metaKey || event?.shiftKey;
    const chosen = adds ? new Set(this.own) : new Set();
    // With Ctrl a chosen cell is let go; without, a click on the only chosen cell lets it go too.
    ids.forEach((id) => {
      if (adds ? chosen.has(id) : this.own.size === 1 && this.own.has(id)) chosen.delete(id);
      else chosen.add(id);
    });
    this.setCells(chosen, latlng);
  }

  setCells(chosen, latlng) {
    this.own = chosen;
    this.host.choose({cell: [...chosen]});
    this.emit('cells', 'cell', [...chosen], latlng);
  }

  emitPoint(latlng) {
    if (['none', 'changes'].includes(this.mode.select) && !this.mode.pick) return;
    this.host.pin(latlng);
    this.emit('point', '', [], latlng);
  }

  emit(kind, layer, ids, latlng) {
    // Larger than any before, also after the map was mounted anew: the page tells events apart by it.
    this.seq = Math.max(this.seq + 1, Date.now());
    const value = {kind, layer, ids, lon: latlng?.lng ?? 0, lat: latlng?.lat ?? 0, seq: this.seq};
    window.Streamlit?.setComponentValue(value);
    this.lastEvent = value;
  }

  onKey(event) {
    if (event.key === 'Enter' && event.target === this.frame) {
      this.onClick(this.middle(event));
      return;
    }
    if (event.key !== 'Escape') return;
    if (this.drawing) {
      this.stopDrawing();
      return;
    }
    this.host.tooltip.hide();
    if (this.tool !== 'click') this.setTool('click');
    else if (this.mode.select === 'cells') this.setCells(new Set(), null);
    else if (this.mode.select === 'feature' || this.mode.select === 'changes') {
      this.host.choose({});
      this.emit('feature', '', [], null);
    }
  }

  /** Ctrl+Z and Ctrl+Shift+Z take the person's last order back and do it again, but in a field they mean its text. */
  onStep(event) {
    const isStep = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'z';
    if (!isStep || event.repeat || this.mode.select !== 'cells' || !this.frame.isConnected || isField(event.target)) return;
    const kind = event.shiftKey ? 'redo' : 'undo';
    const order = this.steps[kind];
    if (!order) return;
    event.preventDefault();
    // The order is named, and once: a page that hears it twice finds it taken back already.
    this.steps = {};
    this.emit(kind, 'order', [order], null);
  }

  /** Start a box or lasso; Shift draws a lasso whichever tool is on. */
  onDown(event) {
    const onMap = event.target.closest?.('.leaflet-control, .gridmap-bar') === null;
    if (!onMap || event.button > 0 || this.mode.select !== 'cells' || this.mode.pick) return;
    const tool = this.tool === 'click' && event.shiftKey ? 'lasso' : this.tool;
    if (tool === 'click' || event.isPrimary === false) return;
    event.stopPropagation();
    event.preventDefault();
    this.map.dragging.disable();
    this.frame.setPointerCapture(event.pointerId);
    const start = this.worldPoint(event);
    this.drawing = {tool, ring: [...start], start, adds: event.ctrlKey || event.metaKey, abort: new AbortController()};
    const {signal} = this.drawing.abort;
    this.frame.addEventListener('pointermove', (move) => this.onDraw(move), {signal});
    this.frame.addEventListener('pointerup', () => this.onDrawn(), {signal});
    this.frame.addEventListener('pointercancel', () => this.stopDrawing(), {signal});
  }

  worldPoint(event) {
    const point = this.map.containerPointToLayerPoint(this.map.mouseEventToContainerPoint(event)).add(this.map.getPixelOrigin());
    return [point.x, point.y];
  }

  onDraw(event) {
    const {tool, ring, start} = this.drawing;
    const [x, y] = this.worldPoint(event);
    if (tool === 'box') this.drawing.ring = [start[0], start[1], x, start[1], x, y, start[0], y];
    else ring.push(x, y);
    this.host.emphasis.shape = this.drawing.ring;
    this.host.emphasis.paintSoon();
  }

  async onDrawn() {
    const {ring, adds} = this.drawing;
    this.stopDrawing();
    // The click that the browser makes of the same press is not another choice.
    this.justDrew = true;
    setTimeout(() => { this.justDrew = false; }, 50);
    if (ring.length < 6) return;
    const scale = worldPx(this.map.getZoom());
    const areas = this.host.table('areas');
    const cells = this.host.table('cells');
    const [x, y] = [areas.data('x'), areas.data('y')];
    // Chosen by a point inside each, as its name is placed: what is mostly within the ring is meant.
    const found = [...await this.host.tiles.idsInView()].filter((id) => {
      const row = cells.indexOf(id) < 0 ? -1 : areas.indexOf(id);
      return row >= 0 && inRing(ring, x[row] * scale, y[row] * scale);
    });
    this.setCells(new Set(adds ? [...this.own, ...found] : found), this.map.getCenter());
  }

  stopDrawing() {
    this.drawing?.abort.abort();
    this.drawing = null;
    this.map.dragging.enable();
    this.host.emphasis.shape = null;
    this.host.emphasis.paintSoon();
  }
}

