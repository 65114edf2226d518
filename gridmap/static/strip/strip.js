/**
 * A railway line as a strip: mileage from left to right, what lies on the left-hand side above the track and what lies on
 * the right-hand side below it. Data: see gridmap/views/strips.py. A click or Enter answers {at, side, hazard}.
 */

const ROWS = {names: 11, left: 38, track: 58, right: 66, post: 107, vacant: 113, inspection: 119};
const BAND_PX = 14;
const ZONE_PX = 3;
const LAPSE_PX = 3;
const HEIGHT_PX = 122;
const MARGIN_PX = 22;
const SIDES_PX = 40;
const STEP_M = 100;
const SVG = 'http://www.w3.org/2000/svg';

function make(name, attributes, children = []) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

const titled = (element, text) => {
  element.append(make('title', {}, [text]));
  return element;
};

/** Hatches tell what is late from what is not without colour. */
function makePatterns(colours) {
  const hatch = (id, colour, lines) => make('pattern', {id, width: 6, height: 6, patternUnits: 'userSpaceOnUse'}, [
    make('rect', {width: 6, height: 6, fill: colour}), make('path', {d: lines, stroke: colours.ground, 'stroke-width': 1.2}),
  ]);
  return make('defs', {}, [
    hatch('overdue', colours.overdue, 'M-1 7L7 -1M-1 1L1 -1M5 7L7 5'),
    hatch('never', colours.never, 'M0 0L6 6M0 6L6 0'),
  ]);
}

const fillOf = (freshness, colours) => (['overdue', 'never'].includes(freshness) ? `url(#${freshness})` : colours[freshness]);

function drawBands({runs, colours}, x) {
  return runs.map(({from, to, side, freshness, text}) => titled(make('rect', {
    x: x(from), y: side === 'left' ? ROWS.left : ROWS.right, width: Math.max(0.5, x(to) - x(from)), height: BAND_PX,
    fill: fillOf(freshness, colours),
  }), text));
}

/** Protection zones along the outer rim of each band: announced ones whole, screened ones in pieces. */
function drawZones({zones, colours}, x) {
  return zones.map(({from, to, side, official, text}) => {
    const y = side === 'left' ? ROWS.left - ZONE_PX : ROWS.right + BAND_PX + ZONE_PX;
    const line = {x1: x(from), x2: x(to), y1: y, y2: y, stroke: colours.accent, 'stroke-width': ZONE_PX, 'stroke-dasharray': official ? 'none' : '2 4'};
    return titled(make('line', line), text);
  });
}

const lineOf = (kind, colours) => ({
  stroke: colours.overdue, 'stroke-width': LAPSE_PX, 'stroke-dasharray': kind === 'vacant' ? 'none' : '5 3',
});

/** Where section chiefs fall short, below the posts: vacancies whole, joint inspections that are overdue in dashes. */
function drawLapses({lapses, colours}, x) {
  return lapses.map(({kind, from, to, text}) => titled(make('line', {
    x1: x(from), x2: Math.max(x(to), x(from) + 2), y1: ROWS[kind], y2: ROWS[kind], ...lineOf(kind, colours),
  }), text));
}

function drawTrack({from, to, features, colours}, x) {
  const y = ROWS.track;
  const parts = [make('line', {x1: x(from), x2: x(to), y1: y, y2: y, stroke: colours.ink, 'stroke-width': 3})];
  for (const {kind, at, length, text} of features) {
    const [low, high] = [x(at - length / 2), Math.max(x(at + length / 2), x(at - length / 2) + 3)];
    if (kind === 'tunnel') parts.push(titled(make('line', {x1: low, x2: high, y1: y, y2: y, stroke: colours.ground, 'stroke-width': 3, 'stroke-dasharray': '3 3'}), text));
    else if (kind === 'bridge') parts.push(titled(make('path', {d: `M${low - 2} ${y - 5}L${low} ${y - 3}H${high}L${high + 2} ${y - 5}M${low - 2} ${y + 5}L${low} ${y + 3}H${high}L${high + 2} ${y + 5}`, stroke: colours.ink, fill: 'none'}), text));
    else if (kind === 'level_crossing') parts.push(titled(make('path', {d: `M${x(at) - 3} ${y - 4}L${x(at) + 3} ${y + 4}M${x(at) - 3} ${y + 4}L${x(at) + 3} ${y - 4}`, stroke: colours.ink, 'stroke-width': 1.6}), text));
    else parts.push(titled(make('rect', {x: x(at) - 4, y: y - 4, width: 8, height: 8, fill: colours.ground, stroke: colours.ink, 'stroke-width': 2}), text));
  }
  return parts;
}

/** Names of stations as long as there is room. */
function drawNames({features, colours}, x) {
  let end = -Infinity;
  return features.filter(({kind, name}) => ['station', 'halt'].includes(kind) && name).flatMap(({name, at}) => {
    const half = 7 * [...name].length * (/[^\x00-\xff]/.test(name) ? 1 : 0.55);
    if (x(at) - half < end + 6) return [];
    end = x(at) + half;
    return [make('text', {x: x(at), y: ROWS.names, 'text-anchor': 'middle', fill: colours.ink, 'font-size': 12, 'font-weight': 600}, [name])];
  });
}

function drawPosts({posts, colours}, x) {
  let end = -Infinity;
  return posts.flatMap(({at, text}) => {
    const tick = make('line', {x1: x(at), x2: x(at), y1: ROWS.right + BAND_PX + 6, y2: ROWS.right + BAND_PX + 13, stroke: colours.quiet});
    const half = 3.6 * text.length;
    if (x(at) - half < end + 8) return [tick];
    end = x(at) + half;
    return [tick, make('text', {x: x(at), y: ROWS.post, 'text-anchor': 'middle', fill: colours.quiet, 'font-size': 11}, [text])];
  });
}

function drawHazards({hazards, colours}, x) {
  return hazards.map(({id, at, side, severity, overdue, text}) => {
    const y = side === 'right' ? ROWS.right + BAND_PX + 10 : ROWS.left - 10;
    return titled(make('circle', {
      cx: x(at), cy: y, r: 4.5, fill: colours.severity[severity], stroke: overdue ? colours.overdue : colours.ground,
      'stroke-width': overdue ? 2 : 1, 'data-hazard': id,
    }), text);
  });
}

function placeMarker(svg, data, marker, x) {
  svg.querySelector('.marker')?.remove();
  if (!marker) return;
  svg.append(make('g', {class: 'marker'}, [
    make('line', {x1: x(marker.at), x2: x(marker.at), y1: 16, y2: ROWS.right + BAND_PX + 9, stroke: data.colours.accent, 'stroke-width': 2}),
    make('circle', {cx: x(marker.at), cy: marker.side === 'right' ? ROWS.right + BAND_PX / 2 : ROWS.left + BAND_PX / 2, r: 4, fill: data.colours.accent, stroke: data.colours.ground}),
  ]));
}

function makeLegend({legend, zoneLegend, lapseLegend, colours}) {
  const box = document.createElement('div');
  box.className = 'legend';
  for (const {freshness, text} of legend) {
    const swatch = make('svg', {width: 18, height: 10, 'aria-hidden': 'true'}, [
      makePatterns(colours), make('rect', {width: 18, height: 10, fill: fillOf(freshness, colours)}),
    ]);
    const item = document.createElement('span');
    item.append(swatch, text);
    box.append(item);
  }
  const rims = zoneLegend.map(({official, text}) => [{stroke: colours.accent, 'stroke-width': ZONE_PX, 'stroke-dasharray': official ? 'none' : '2 4'}, text]);
  for (const [look, text] of [...rims, ...lapseLegend.map(({kind, text}) => [lineOf(kind, colours), text])]) {
    const rim = {x1: 0, x2: 18, y1: 5, y2: 5, ...look};
    const item = document.createElement('span');
    item.append(make('svg', {width: 18, height: 10, 'aria-hidden': 'true'}, [make('line', rim)]), text);
    box.append(item);
  }
  return box;
}

function makeSides({words, colours}) {
  const svg = make('svg', {class: 'sides', width: SIDES_PX, height: HEIGHT_PX, 'aria-hidden': 'true'});
  for (const side of ['left', 'right']) {
    svg.append(make('text', {x: SIDES_PX - 6, 'text-anchor': 'end', y: ROWS[side] + BAND_PX - 3, fill: colours.quiet, 'font-size': 11}, [words[side]]));
  }
  return svg;
}

export default function strip({data, parentElement, setTriggerValue}) {
  const before = parentElement.querySelector('.scroll');
  const box = document.createElement('div');
  box.className = 'strip';
  box.style.background = data.colours.ground;
  const scroll = document.createElement('div');
  scroll.className = 'scroll';
  const row = document.createElement('div');
  row.className = 'row';
  row.append(makeSides(data), scroll);
  box.append(makeLegend(data), row);
  const kept = before?.dataset.line === String(data.line) ? before.scrollLeft : null;
  const sawMarker = before?.dataset.marker;
  parentElement.querySelector('.strip')?.remove();
  parentElement.append(box);
  const long = data.to - data.from;
  const width = Math.max(scroll.clientWidth, 2 * MARGIN_PX + (long / 1000) * data.pxPerKm);
  const perM = (width - 2 * MARGIN_PX) / long;
  const x = (at) => MARGIN_PX + (at - data.from) * perM;
  const svg = make('svg', {width, height: HEIGHT_PX, tabindex: 0, role: 'application', 'aria-label': data.words.label}, [
    makePatterns(data.colours), ...drawBands(data, x), ...drawZones(data, x), ...drawLapses(data, x), ...drawTrack(data, x), ...drawNames(data, x), ...drawPosts(data, x), ...drawHazards(data, x),
  ]);
  scroll.append(svg);
  Object.assign(scroll.dataset, {line: data.line, marker: JSON.stringify(data.marker)});
  let marker = data.marker;
  placeMarker(svg, data, marker, x);
  // What was chosen elsewhere comes into view; what is in view already stays where it is.
  if (kept !== null) scroll.scrollLeft = kept;
  if (marker && sawMarker !== scroll.dataset.marker && (x(marker.at) < scroll.scrollLeft + 20 || x(marker.at) > scroll.scrollLeft + scroll.clientWidth - 20)) {
    scroll.scrollLeft = x(marker.at) - scroll.clientWidth / 2;
  }
  const choose = (at, side, hazard = null) => {
    marker = {at: Math.min(data.to, Math.max(data.from, at)), side};
    placeMarker(svg, data, marker, x);
    scroll.dataset.marker = JSON.stringify(marker);
    setTriggerValue('place', {...marker, hazard});
  };
  svg.addEventListener('click', (event) => {
    const corner = svg.getBoundingClientRect();
    const hazard = event.target.dataset?.hazard;
    choose(data.from + (event.clientX - corner.left - MARGIN_PX) / perM, event.clientY - corner.top < ROWS.track ? 'left' : 'right', hazard ? Number(hazard) : null);
  });
  svg.addEventListener('keydown', (event) => {
    const steps = {ArrowLeft: -STEP_M, ArrowRight: STEP_M, PageUp: -10 * STEP_M, PageDown: 10 * STEP_M};
    const sides = {ArrowUp: 'left', ArrowDown: 'right'};
    const from = marker ?? {at: data.from, side: 'left'};
    if (event.key in steps) marker = {...from, at: Math.min(data.to, Math.max(data.from, from.at + steps[event.key]))};
    else if (event.key in sides) marker = {...from, side: sides[event.key]};
    else if (event.key === 'Enter') choose(from.at, from.side);
    else return;
    event.preventDefault();
    placeMarker(svg, data, marker, x);
    scroll.scrollLeft = Math.min(Math.max(scroll.scrollLeft, x(marker.at) - scroll.clientWidth + 30), x(marker.at) - 30);
  });
}
