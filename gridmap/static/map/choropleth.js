/** Areas coloured by a number: fetched when asked for, put into classes here, explained by a legend with a histogram. */

import {Table} from './columns.js';
import {make} from './dom.js';

export const MEASURES = ['load', 'overdue_hazards', 'response', 'households'];
const MOST_CLASSES = 6;
/** Tones of the seven of the palette, so that few classes lie as far apart as many. */
const TONES = {1: [3], 2: [1, 5], 3: [0, 3, 6], 4: [0, 2, 4, 6], 5: [0, 2, 3, 5, 6], 6: [0, 1, 2, 4, 5, 6]};
const RETRY_MS = 15_000;
/** Tables whose change makes a measure old. */
const TABLES = {load: ['units'], overdue_hazards: ['hazards'], response: ['cells', 'teams'], households: ['cells']};

/** Two figures are all that a legend needs to say. */
function round(value) {
  if (value === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  return Number((Math.round(value / step) * step).toPrecision(6));
}

/**
 * Lower ends of classes with about as many values in each, at round numbers; fewer where values are alike.
 * @param {ArrayLike<number>} values
 * @returns {number[]} ascending; the first is at or below the least value
 */
export function breaksOf(values) {
  if (!values.length) return [];
  const sorted = Float64Array.from(values).sort();
  const distinct = sorted.filter((value, i) => i === 0 || value > sorted[i - 1]);
  if (distinct.length <= MOST_CLASSES) return [...distinct];
  const breaks = [sorted[0]];
  for (let i = 1; i < MOST_CLASSES; i += 1) {
    const value = sorted[Math.floor((i * sorted.length) / MOST_CLASSES)];
    const end = Number.isInteger(value) && value < 100 ? value : round(value);
    if (end > breaks.at(-1) && end <= sorted.at(-1)) breaks.push(end);
  }
  if (breaks.length > 2) return breaks;
  // Most are alike (no hazard at all): the few others are told apart among themselves.
  const rest = sorted.subarray(sorted.findLastIndex((value) => value <= sorted[0]) + 1);
  const ends = [0, 0.5, 0.85].map((share) => rest[Math.floor(share * (rest.length - 1))]);
  return [...new Set([sorted[0], ends[0], ...ends.slice(1).map(round)])].sort((a, b) => a - b);
}

/** Position of the class that holds `value`. */
export const classOf = (breaks, value) => Math.max(0, breaks.findLastIndex((end) => end <= value));

/** Texts of the classes: "2–4", the last one "8–". */
export function labelsOf(breaks, isWhole) {
  const text = (value) => value.toLocaleString('en', {maximumFractionDigits: 2});
  return breaks.map((from, i) => {
    const next = breaks[i + 1];
    if (next === undefined) return i && !isWhole ? `≥ ${text(from)}` : `${text(from)}${i ? '+' : ''}`;
    if (!isWhole) return `${text(from)}–${text(next)}`;
    return next - from <= 1 ? text(from) : `${text(from)}–${text(next - 1)}`;
  });
}

export class Choropleth {
  /** @param {object} host the living map */
  constructor(host) {
    this.host = host;
    this.name = '';
    this.fill = null;
    const {words} = host;
    const options = ['', ...MEASURES].map((name) => make('option', {value: name, text: words[`measure.${name || 'none'}`]}));
    this.select = make('select', {class: 'gridmap-field', 'aria-label': words.colourBy}, options);
    this.select.addEventListener('change', () => this.choose(this.select.value));
    this.box = make('label', {class: 'gridmap-choice'}, [make('span', {text: words.colourBy}), this.select]);
  }

  /** Colour areas by the measure called `name`, "" by none. */
  choose(name) {
    this.name = MEASURES.includes(name) ? name : '';
    this.select.value = this.name;
    this.host.memory.write('measure', this.name);
    clearTimeout(this.retry);
    return this.load();
  }

  onTable(name) {
    if (this.fill && TABLES[this.name].includes(name)) this.load();
  }

  /** Fetch the measure anew; what is shown stays until the new one is here. */
  async load() {
    const {name, host} = this;
    if (!name) {
      if (this.fill) this.set(null);
      return;
    }
    this.box.classList.add('gridmap-waits');
    try {
      const table = Table.read(await (await host.feed.ask(`/measures/${name}.bin`)).arrayBuffer());
      if (this.name === name) this.set(this.describe(table));
    } catch {
      if (host.feed.status !== 'refused') this.retry = setTimeout(() => this.load(), RETRY_MS);
    }
    if (this.name === name) this.box.classList.remove('gridmap-waits');
  }

  /** The table as the fill of `CellFill` (gridmap/views/map.py). The classes are those of the cells, the finest areas. */
  describe(table) {
    const {words} = this.host;
    const cells = this.host.table('cells');
    const [ids, values] = [table.data('id'), table.data('value')];
    const own = Array.from(values).filter((_, row) => cells.indexOf(ids[row]) >= 0);
    const breaks = breaksOf(own);
    const tones = TONES[Math.max(1, breaks.length)];
    const counts = breaks.map(() => 0);
    own.forEach((value) => { counts[classOf(breaks, value)] += 1; });
    const isWhole = own.every((value) => Number.isInteger(value));
    const classes = {};
    for (let row = 0; row < table.length; row += 1) classes[ids[row]] = tones[classOf(breaks, values[row])];
    const nothing = cells.length - own.length;
    const known = {tones, labels: labelsOf(breaks, isWhole), counts};
    // Areas without a value are left white, and the legend says how many.
    if (own.length && nothing) Object.assign(known, {tones: [...tones, null], labels: [...known.labels, words.measureNothing], counts: [...counts, nothing]});
    const title = own.length ? words[`measure.${this.name}`] : `${words[`measure.${this.name}`]} · ${words.measureNothing}`;
    return {classes, ...known, scale: 'sequential', title, note: words[`above.${this.name}`]};
  }

  set(fill) {
    this.fill = fill;
    this.host.showFill();
  }
}
