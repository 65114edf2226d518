/** The controls on the map: scale buttons, selection tools, layers and legend, scale bar, attribution. */

import {L} from './leaflet.js';
import {coloursOf, isLine} from './borders.js';
import {fill} from './describe.js';
import {icon, iconButton, make, svg} from './dom.js';
import {Menu} from './menu.js';
import {metresPerPx} from './mercator.js';

const SCALE_MOST_PX = 110;
const NARROW_PX = 640;
/** Texts up to this width stand two in a row; a Chinese character counts as two Latin ones. */
const SHORT = 9;
/** Sections that most people know by heart start folded. */
const FOLDED = new Set(['rail', 'access_points', 'sites']);
const widthOf = (text) => [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? 2 : 1), 0);

export class Controls {
  /** @param {object} host the living map @param {object} map Leaflet map @param {object} options as the page sent them */
  constructor(host, map, options) {
    Object.assign(this, {host, map, options, words: options.words});
    this.isNarrow = map.getContainer().clientWidth < NARROW_PX;
    this.left = make('div', {class: 'gridmap-stack gridmap-left'});
    this.right = make('div', {class: 'gridmap-stack gridmap-right'});
    this.foot = make('div', {class: 'gridmap-foot'});
    this.addTools();
    this.addZoom();
    this.menu = new Menu(host, this.left);
    if (options.showSwitches || options.legend.length) this.addSheet();
    this.scale = make('div', {class: 'gridmap-scale'}, [make('span')]);
    this.attribution = make('div', {class: 'gridmap-attribution'});
    this.foot.append(this.scale, this.attribution);
    for (const part of [this.left, this.right, this.foot]) {
      part.classList.add('leaflet-control');
      L.DomEvent.disableClickPropagation(part);
      L.DomEvent.disableScrollPropagation(part);
      map.getContainer().append(part);
    }
    map.on('zoomend moveend resize', () => this.showScale());
    this.showScale();
  }

  addZoom() {
    const {map, words} = this;
    const buttons = [
      iconButton('plus', words.zoomIn, () => map.zoomIn()),
      iconButton('minus', words.zoomOut, () => map.zoomOut()),
      iconButton('home', words.home, () => this.host.goHome()),
    ];
    this.left.append(make('div', {class: 'gridmap-group'}, buttons));
  }

  addTools() {
    const {words, host} = this;
    const tools = ['click', 'box', 'lasso'].map((name) => iconButton(name, words[name], () => host.pointer.setTool(name)));
    this.tools = new Map(tools.map((button, i) => [['click', 'box', 'lasso'][i], button]));
    const clear = iconButton('clear', words.clear, () => host.pointer.setCells(new Set(), null));
    this.toolGroup = make('div', {class: 'gridmap-group gridmap-tools'}, [...tools, clear]);
    this.toolGroup.hidden = true;
    this.hint = make('div', {class: 'gridmap-hint'});
    this.hint.hidden = true;
    this.left.append(this.toolGroup);
    this.map.getContainer().append(this.hint);
  }

  /** Show the tools of the mode, and in words what a click does. */
  showMode({select, pick}, tool) {
    this.toolGroup.hidden = select !== 'cells';
    this.tools.forEach((button, name) => button.setAttribute('aria-pressed', String(name === tool)));
    this.hint.hidden = !pick;
    this.hint.textContent = this.words.pick;
  }

  /** A word at the foot of the map, "" for none. */
  showHint(text) {
    this.hint.hidden = text === '';
    this.hint.textContent = text;
  }

  showCount(count) {
    if (this.host.pointer.mode.select !== 'cells' || this.host.pointer.mode.pick) return;
    this.hint.hidden = count === 0;
    this.hint.textContent = fill(this.words.selected, count);
  }

  /**
   * Layers and legend in one foldable sheet: what is on is explained, what is off is not.
   * On a phone it covers what it explains, so that it begins closed on each page, and a tap beside it closes it.
   */
  addSheet() {
    const {words, options} = this;
    const isOpen = !this.isNarrow && this.host.memory.read('sheet', true);
    if (this.isNarrow) this.map.on('click', () => this.setSheet(false));
    this.sheet = make('div', {class: 'gridmap-sheet'});
    this.toggle = make('button', {type: 'button', class: 'gridmap-sheet-head', 'aria-expanded': String(isOpen)}, [
      make('span', {text: options.legend.length ? words.legend : words.layers}), icon('fold'),
    ]);
    this.toggle.addEventListener('click', () => this.setSheet(this.toggle.getAttribute('aria-expanded') !== 'true'));
    this.body = make('div', {class: 'gridmap-sheet-body'});
    if (options.showSwitches) this.body.append(this.host.choropleth.box);
    this.measure = make('div', {class: 'gridmap-measure'});
    this.measure.hidden = true;
    this.routes = make('section');
    this.routes.hidden = true;
    this.reach = make('section');
    this.reach.hidden = true;
    this.borders = make('section');
    this.borders.hidden = true;
    this.changes = make('section');
    this.changes.hidden = true;
    this.body.append(this.changes, this.measure, this.routes, this.reach, this.borders);
    this.sections = options.legend.map((section) => this.addSection(section));
    if (options.showSwitches) this.body.append(this.makeSwitches());
    this.sheet.append(this.toggle, this.body);
    this.body.hidden = !isOpen;
    this.right.append(this.sheet);
    this.showSections();
  }

  /** Pixels at the right edge that the open legend takes from the map. */
  coveredPx() {
    return this.body && !this.body.hidden && !this.isNarrow ? this.sheet.offsetWidth : 0;
  }

  setSheet(isOpen) {
    this.toggle.setAttribute('aria-expanded', String(isOpen));
    this.body.hidden = !isOpen;
    if (!this.isNarrow) this.host.memory.write('sheet', isOpen);
  }

  addSection({layer, title, items}) {
    const rows = items.map(({swatch, text}) => {
      const mark = make('i', {class: 'gridmap-swatch'});
      mark.append(svg(swatch));
      return make('li', {}, [mark, make('span', {text})]);
    });
    const isShort = items.every(({text}) => widthOf(text) <= SHORT);
    const box = make('details', {class: 'gridmap-section'}, [make('summary', {text: title}), make('ul', isShort ? {class: 'gridmap-pairs'} : {}, rows)]);
    box.open = this.host.memory.read(`legend.${layer}`, !FOLDED.has(layer));
    box.addEventListener('toggle', () => this.host.memory.write(`legend.${layer}`, box.open));
    this.body.append(box);
    return {layer, box};
  }

  /** Put the boxes right after layers were switched otherwise. */
  showSwitches() {
    this.body?.querySelectorAll('input[data-layer]').forEach((input) => { input.checked = this.host.on(input.dataset.layer); });
    this.showSections();
  }

  makeSwitches() {
    const rows = this.options.switches.map(({name, text}) => {
      const input = make('input', {type: 'checkbox', 'data-layer': name});
      input.checked = this.host.on(name);
      input.addEventListener('change', () => {
        this.host.switchLayer(name, input.checked);
        this.showSections();
      });
      return make('label', {class: 'gridmap-switch'}, [input, make('span', {text})]);
    });
    const box = make('details', {class: 'gridmap-layers'}, [make('summary', {text: this.words.layers}), ...rows]);
    box.open = this.options.legend.length === 0 || this.host.memory.read('layers', false);
    box.addEventListener('toggle', () => this.host.memory.write('layers', box.open));
    return box;
  }

  showSections() {
    for (const {layer, box} of this.sections ?? []) box.hidden = !this.host.on(layer) || !this.host.hasData(layer);
  }

  /** The classes of a measure with how many cells are in each. */
  showMeasure(fillOf) {
    if (!this.measure) return;
    this.measure.hidden = !fillOf?.title;
    if (this.measure.hidden) return;
    const colours = (fillOf.tones ?? [...this.host.palette[fillOf.scale].keys()]).map((tone) => this.host.palette[fillOf.scale][tone] ?? 'transparent');
    const most = Math.max(1, ...fillOf.counts);
    const rows = fillOf.labels.map((text, i) => {
      const bar = make('b', {class: 'gridmap-bar-of'});
      bar.style.width = `${Math.round((100 * (fillOf.counts[i] ?? 0)) / most)}%`;
      const mark = make('i', {class: 'gridmap-block'});
      mark.style.background = colours[i % colours.length];
      bar.style.background = colours[i % colours.length];
      const count = make('em', {text: String(fillOf.counts[i] ?? '')});
      return make('li', {}, [mark, make('span', {text}), make('span', {class: 'gridmap-histogram'}, fillOf.counts.length ? [bar] : []), count]);
    });
    const note = fillOf.note ? [make('p', {text: fillOf.note})] : [];
    this.measure.replaceChildren(make('section', {}, [make('h3', {text: fillOf.title}), make('ul', {}, rows), ...note]));
  }

  /** Which colour is whose route. */
  showRoutes(routes) {
    if (!this.routes) return;
    this.routes.hidden = routes.length === 0;
    const colours = this.host.palette.routes;
    const rows = routes.map(({name, colour, ranked}) => {
      const mark = make('i', {class: ranked ? 'gridmap-block gridmap-disc' : 'gridmap-block gridmap-stroke'});
      mark.style.background = colours[colour % colours.length];
      return make('li', {}, [mark, make('span', {text: name})]);
    });
    const isShort = routes.every(({name}) => widthOf(name) <= SHORT);
    this.routes.replaceChildren(make('h3', {text: routes.every(({ranked}) => ranked) ? this.words.ranked : this.words.routes}), make('ul', isShort ? {class: 'gridmap-pairs'} : {}, rows));
  }

  /** Which tint is reached within which time. */
  showReach(bands) {
    if (!this.reach) return;
    this.reach.hidden = bands.length === 0;
    const rows = bands.map(({label}, i) => {
      const mark = make('i', {class: 'gridmap-block'});
      mark.style.background = this.host.palette.reach[i];
      return make('li', {}, [mark, make('span', {text: label})]);
    });
    this.reach.replaceChildren(make('h3', {text: this.words.reach}), make('ul', {class: 'gridmap-pairs'}, rows));
  }

  /** Which mark is which fault or rule; only what is there is explained. */
  showBorders(marks) {
    if (!this.borders) return;
    this.borders.hidden = marks.length === 0;
    const colours = coloursOf(this.host.palette);
    const rows = Object.keys(colours).filter((kind) => marks.some((mark) => mark.kind === kind)).map((kind) => {
      const mark = make('i', {class: isLine(kind) ? 'gridmap-block gridmap-stroke' : 'gridmap-block'});
      mark.style.background = colours[kind];
      return make('li', {}, [mark, make('span', {text: this.words[`border.${kind}`]})]);
    });
    this.borders.replaceChildren(make('h3', {text: this.words.borders}), make('ul', {}, rows));
  }

  /** Which pattern is which change of an edition, and how often it is there. */
  showChanges(marks) {
    if (!this.changes) return;
    this.changes.hidden = marks.length === 0;
    const counts = new Map();
    marks.forEach(({kind}) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
    const rows = this.options.changeLegend.filter(({kind}) => counts.has(kind)).map(({kind, swatch, text}) => {
      const mark = make('i', {class: 'gridmap-swatch'});
      mark.append(svg(swatch));
      return make('li', {}, [mark, make('span', {text}), make('em', {text: counts.get(kind).toLocaleString('en')})]);
    });
    this.changes.replaceChildren(make('h3', {text: this.words.changes}), make('ul', {}, rows));
  }

  showScale() {
    const perPx = metresPerPx(this.map.getCenter().lat, this.map.getZoom());
    const most = perPx * SCALE_MOST_PX;
    const power = 10 ** Math.floor(Math.log10(most));
    const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= most);
    const {words} = this;
    const text = metres >= 1000 ? fill(words.kilometres, metres / 1000) : fill(words.metres, metres);
    this.scale.style.width = `${Math.round(metres / perPx)}px`;
    this.scale.firstChild.textContent = text;
  }

  /** Where the data come from, in plain words, each source once. */
  showAttribution(names) {
    this.attribution.textContent = names ? this.words.source.replace('{names}', names) : '';
    this.attribution.title = this.attribution.textContent;
  }
}
