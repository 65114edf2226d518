/** The living map: puts the parts together on the Leaflet map that folium made, and passes on what changes. */

import {L} from './leaflet.js';
import {age} from './describe.js';
import {Choropleth} from './choropleth.js';
import {Controls} from './controls.js';
import {Emphasis} from './emphasis.js';
import {Feed} from './feed.js';
import {Incidents} from './incidents.js';
import {MapTiles} from './map_tiles.js';
import {Measure} from './measure.js';
import {Memory} from './memory.js';
import {Operations} from './operations.js';
import {Playback} from './playback.js';
import {Pointer} from './pointer.js';
import {Status} from './status.js';
import {Teams} from './teams.js';
import {Tooltip} from './tooltip.js';
import {Wall} from './wall.js';
import {attributionOf} from './trust.js';
import {followLink, takeLink} from './link_taken.js';
import {makeRaster} from './raster.js';

/** Panes from below to above; Leaflet's own tile pane is 200. */
const PANES = {'gridmap-raster': 150, 'gridmap-operations': 400, 'gridmap-emphasis': 410, 'gridmap-incidents': 415, 'gridmap-live': 420};
const FONT = '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
/** A selection the page repeats is not taken over while the hand is still choosing. */
const SETTLE_MS = 700;
const REMEMBER_MS = 250;
const TOGETHER_MS = 300;
/** How far beyond the frame the whole area may reach and still count as shown. */
const NEARLY = 1.04;
const GROUND = new Set(['roads', 'land', 'borders', 'units', 'rail', 'raster']);
const NO_HUE = 255;

class LivingMap {
  constructor(map, options) {
    Object.assign(this, {map, options, palette: options.palette, icons: options.icons, words: options.words, font: FONT});
    this.memory = new Memory(`${options.switches.filter(({on}) => on).map(({name}) => name).join()}.${options.bounds.join()}`);
    this.view = new Memory(`view.${options.bounds.join()}`);
    this.layersOn = new Set(this.memory.read('on', options.switches.filter(({on}) => on).map(({name}) => name)));
    this.fill = null;
    const frame = map.getContainer();
    frame.classList.add('gridmap', `gridmap-${options.theme}`);
    frame.lang = options.language;
    frame.setAttribute('aria-label', options.words.mapOf);
    frame.setAttribute('role', 'application');
    Object.entries(options.palette.chrome).forEach(([name, colour]) => frame.style.setProperty(`--map-${name}`, colour));
    frame.style.setProperty('--map-land', options.palette.ground.land);
    Object.entries(PANES).forEach(([name, z]) => {
      map.createPane(name).style.zIndex = z;
      map.getPane(name).style.pointerEvents = name === 'gridmap-raster' ? '' : 'none';
    });
    this.feed = new Feed((name, ids) => this.onTable(name, ids), (names) => this.onTiles(names));
    this.tiles = new MapTiles(this.makeTileHost());
    this.operations = new Operations(this, map);
    // Before the emphasis, which draws its rings where these are.
    this.incidents = new Incidents(this, map);
    this.emphasis = new Emphasis(this, map);
    this.teams = new Teams(this, map);
    this.tooltip = new Tooltip(frame);
    this.choropleth = new Choropleth(this);
    this.controls = new Controls(this, map, options);
    this.measure = new Measure(this, map);
    this.playback = new Playback(this, frame);
    this.pointer = new Pointer(this, map);
    this.status = new Status(this, frame);
    this.feed.listeners.add(() => this.onState());
    this.watchResolution();
    map.on('moveend', () => this.rememberView());
  }

  /** Written once the hand rests: the browser stores it on the thread that moves the map. */
  rememberView() {
    clearTimeout(this.remembering);
    this.remembering = setTimeout(() => {
      // Where a wall goes by itself is nobody's own view.
      if (this.wall) return;
      const {lat, lng} = this.map.getCenter();
      this.view.write('at', {lat, lng, zoom: this.map.getZoom()});
    }, REMEMBER_MS);
  }

  /** Tiles want their revisions, so the state comes first; the rest follows as it arrives. */
  async start() {
    const link = takeLink(this);
    if (link?.isWall) this.wall = new Wall(this, this.map.getContainer(), link);
    const kept = this.view.read('at', null);
    if (kept) this.map.setView([kept.lat, kept.lng], kept.zoom, {animate: false});
    else this.goHome({animate: false});
    const started = this.feed.start();
    await this.feed.ready;
    this.showLook();
    this.tiles.addTo(this.map);
    if (this.on('raster')) this.showRaster(true);
    await started;
    this.choropleth.choose(link?.measure ?? this.memory.read('measure', ''));
    await followLink(this, link);
    this.wall?.start();
  }

  /** A window dragged to a screen of another density is painted anew, sharp. */
  watchResolution() {
    matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`).addEventListener('change', () => {
      this.tiles.redraw();
      [this.operations, this.emphasis, this.incidents, this.teams].forEach(({layer}) => layer._update());
      this.watchResolution();
    }, {once: true});
  }

  makeTileHost() {
    return {
      revisionOf: (name) => this.feed.revisionOf('tiles', name),
      onLoad: () => {
        this.operations.paintSoon();
        this.emphasis.trace();
      },
      onFail: (failed) => { this.tilesFailed = failed; },
    };
  }

  /** How the ground is painted from now on. */
  showLook() {
    const {palette, options} = this;
    this.tiles.setLook({
      palette: {ground: palette.ground, border: palette.border, rail: palette.rail, road: palette.road, road_casing: palette.road_casing},
      // A measure is painted where the hues of the units are.
      layers: this.fill ? new Set([...this.layersOn, 'units']) : this.layersOn,
      blend: options.theme === 'dark' ? 'source-over' : 'multiply',
      // Under operations the hues recede; where they are the subject they are full.
      fillAlpha: this.fill || this.worksOnCells ? 0.85 : 0.4,
      emphasis: this.worksOnCells,
    });
  }

  /** Which hue each area has: its class of the measure shown, else that of its unit. */
  showHues() {
    const {fill, palette} = this;
    // Every step of the way would have the whole ground painted anew.
    if (['areas', ...(fill ? [] : ['cells', 'units'])].some((name) => this.table(name).length === 0)) return;
    const classes = new Uint8Array(this.table('areas').data('id').reduce((most, id) => Math.max(most, id), 0) + 1).fill(NO_HUE);
    if (fill) {
      Object.entries(fill.classes).forEach(([id, index]) => { classes[id] = index % palette[fill.scale].length; });
    } else {
      const cells = this.table('cells');
      const [ids, owners, hueOf] = [cells.data('id'), cells.data('unit_id'), this.unitHues()];
      for (let row = 0; row < cells.length; row += 1) classes[ids[row]] = hueOf.get(owners[row]) ?? NO_HUE;
    }
    this.tiles.setHues(classes, fill ? palette[fill.scale] : palette.units);
  }

  unitHues() {
    const units = this.table('units');
    return new Map(Array.from(units.data('id'), (id, row) => [id, units.data('color')[row] % this.palette.units.length]));
  }

  /** New hues of a few cells that changed hands: what shows none of them is not painted again. */
  changeHues(ids) {
    const [cells, hueOf] = [this.table('cells'), this.unitHues()];
    this.tiles.changeHues(ids, ids.map((id) => hueOf.get(cells.find(id)?.unit_id) ?? NO_HUE));
  }

  /** Whether all that was asked for is here and painted. */
  get isSettled() {
    return this.feed.loadedAt !== null && this.tiles._map !== undefined && this.tiles._map !== null && !this.tiles.isLoading();
  }

  get worksOnCells() {
    return this.pointer?.mode.select === 'cells';
  }

  on(layer) {
    return this.layersOn.has(layer);
  }

  /** Whether a layer has anything to explain. */
  hasData(layer) {
    return this.feed.tables[layer]?.length !== 0;
  }

  table(name) {
    return this.feed.tables[name];
  }

  places() {
    return this.tiles.places();
  }

  teamName(id) {
    return this.table('teams').find(id)?.name ?? '';
  }

  age(seconds) {
    return age(this.words, seconds);
  }

  isChosen(kind, id) {
    return this.emphasis.selected[kind]?.has(id) ?? false;
  }

  switchLayer(name, isOn) {
    if (isOn) this.layersOn.add(name); else this.layersOn.delete(name);
    this.memory.write('on', [...this.layersOn]);
    if (name === 'raster') this.showRaster(isOn);
    if (GROUND.has(name)) this.showLook();
    this.operations.paintSoon();
    this.incidents.paintSoon();
    this.teams.dirty = true;
    this.status.show();
  }

  showRaster(isOn) {
    this.raster ??= makeRaster(this.options.raster);
    if (isOn) this.raster.addTo(this.map); else this.raster.remove();
    this.onState();
  }

  onTable(name, ids) {
    if (name === 'cells' && ids) {
      if (!this.fill) this.changeHues(ids);
      this.choropleth.onTable(name);
      return; // cells are drawn by the painter alone
    }
    if (name === 'areas' || name === 'cells' || name === 'units') this.showHues();
    this.choropleth.onTable(name);
    this.controls.showSections();
    // Tables that come in one after another are painted together.
    if (this.feed.loading.size === 0) this.paintAll();
    else this.painting ??= setTimeout(() => this.paintAll(), TOGETHER_MS);
  }

  paintAll() {
    clearTimeout(this.painting);
    this.painting = null;
    this.operations.paintSoon();
    this.emphasis.paintSoon();
    this.incidents.paintSoon();
  }

  onTiles(names) {
    this.tiles.refresh(names);
  }

  onLive() {
    this.status?.show();
  }

  onState() {
    this.status.show();
    this.controls.showAttribution(attributionOf(this));
    this.operations.zones.refresh();
  }

  /** What was chosen here, shown at once; the page says the same a moment later. */
  choose(selected) {
    this.chosenAt = performance.now();
    this.setSelected(selected);
  }

  setSelected(selected) {
    this.emphasis.selected = Object.fromEntries(Object.entries(selected).map(([kind, ids]) => [kind, new Set(ids)]));
    this.emphasis.trace();
    this.teams.dirty = true;
    this.controls.showCount(this.pointer.own.size);
  }

  pin({lat, lng}) {
    this.operations.routes.show({routes: [], marks: []});
    this.overlay && this.operations.routes.show({...this.overlay, marks: [{kind: 'pin', lon: lng, lat}]});
    this.operations.paintSoon();
  }

  /** Take over an overlay: only what differs from the one before is done. */
  show(overlay) {
    const before = this.overlay ?? {};
    const isNew = (name) => JSON.stringify(before[name]) !== JSON.stringify(overlay[name]);
    this.overlay = overlay;
    if (overlay.select !== undefined && (isNew('select') || isNew('pick'))) {
      this.pointer.setMode(overlay);
      this.showLook();
    }
    // Said again with every overlay: what was asked for and refused may be asked for once more.
    this.pointer.steps = {...overlay.steps};
    if (isNew('fill')) this.showFill();
    if (isNew('routes')) this.controls.showRoutes(overlay.routes);
    if (isNew('reach')) {
      this.operations.reach.show(overlay.reach);
      this.controls.showReach(overlay.reach);
    }
    if (isNew('borders')) {
      this.operations.borders.show(overlay.borders ?? []);
      this.controls.showBorders(overlay.borders ?? []);
    }
    if (isNew('changes')) {
      this.operations.changes.show(overlay.changes);
      this.controls.showChanges(overlay.changes?.marks ?? []);
    }
    this.operations.routes.show(overlay);
    this.operations.paintSoon();
    if (isNew('selected') || isNew('outlined')) this.settle();
    if (isNew('flyTo') && overlay.flyTo) this.fly(overlay.flyTo);
    if (overlay.revisions) this.feed.learn(overlay.revisions);
  }

  /** What the page colours areas by comes before what the person chose. */
  showFill() {
    this.fill = this.overlay?.fill ?? this.choropleth.fill;
    this.choropleth.box.hidden = Boolean(this.overlay?.fill);
    this.showHues();
    this.showLook();
    this.controls.showMeasure(this.fill);
  }

  settle() {
    clearTimeout(this.settling);
    const left = SETTLE_MS - (performance.now() - (this.chosenAt ?? -SETTLE_MS));
    if (left > 0) {
      this.settling = setTimeout(() => this.settle(), left);
      return;
    }
    const {selected, outlined} = this.overlay;
    // Cells the page lets go of (moved, cleared) are no longer the start of the next Ctrl-click.
    const cells = new Set(selected.cell ?? []);
    if (cells.size !== this.pointer.own.size || [...cells].some((id) => !this.pointer.own.has(id))) this.pointer.own = new Set();
    this.emphasis.outlined = new Set(outlined ?? []);
    this.setSelected(selected);
  }

  goHome({animate = true} = {}) {
    const [west, south, east, north] = this.options.bounds;
    const bounds = L.latLngBounds([south, west], [north, east]);
    const zoom = this.map.getBoundsZoom(bounds);
    const over = this.map.project(bounds.getNorthEast(), zoom + 1).subtract(this.map.project(bounds.getSouthWest(), zoom + 1));
    // What the open legend covers does not count as shown.
    const covered = this.controls.coveredPx();
    const size = this.map.getSize().subtract([covered, 0]);
    // Whole zooms only: rather lose a sliver of the rim than half of the screen.
    const isClose = over.x < size.x * NEARLY && -over.y < size.y * NEARLY;
    const target = isClose ? zoom + 1 : zoom;
    const center = this.map.unproject(this.map.project(bounds.getCenter(), target).add([covered / 2, 0]), target);
    this.map.setView(center, target, {animate});
  }

  fly({bounds_wgs84: bounds, lon, lat, zoom}) {
    if (bounds) this.map.flyToBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]], {duration: 0.6, maxZoom: 16, padding: [30, 30]});
    else if (lon !== null) this.map.flyTo([lat, lon], Math.max(zoom, this.map.getZoom()), {duration: 0.6});
  }
}

/** Styles are loaded beside the scripts, and a map measured before they apply is measured wrongly. */
async function styled(frame) {
  for (let i = 0; i < 200; i += 1) {
    if (getComputedStyle(frame).getPropertyValue('--gridmap-styled').trim() === '1' && frame.clientHeight > 0) return;
    await new Promise((resolve) => { setTimeout(resolve, 15); });
  }
}

/**
 * @param {object} map the Leaflet map
 * @param {object} options see gridmap/views/map.py
 */
export async function mount(map, options) {
  await styled(map.getContainer());
  map.invalidateSize({animate: false});
  const living = new LivingMap(map, options);
  living.start();
  return living;
}
