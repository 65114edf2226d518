/** Measuring by hand: a way's length or a field's area, corner by corner. */

import {L} from './leaflet.js';
import {CanvasLayer} from './canvas_layer.js';
import {areaM2, distanceM} from './geodesy.js';
import {areaText, fill, lengthText} from './describe.js';
import {paintText} from './team_marks.js';
import {iconButton, make} from './dom.js';
import {toX, toY} from './mercator.js';

const CORNER_PX = 4;

export class Measure {
  /** @param {object} host the living map @param {object} map Leaflet map */
  constructor(host, map) {
    Object.assign(this, {host, map, kind: null, corners: [], next: null});
    this.layer = new CanvasLayer({pane: 'gridmap-emphasis', padding: 0.15}, (view) => this.paint(view));
    this.layer.addTo(map);
    map.on('click', ({latlng}) => this.add(latlng));
    map.on('mousemove', ({latlng}) => {
      if (!this.kind) return;
      this.next = latlng;
      this.show();
    });
    // The keys of this, for hands without any.
    this.tools = make('div', {class: 'gridmap-group', role: 'group', 'aria-label': host.words.tools}, [
      iconButton('back', host.words.measureBack, () => this.back()), iconButton('clear', host.words.measureEnd, () => this.start(null)),
    ]);
    this.tools.hidden = true;
    host.controls.left.append(this.tools);
    // Before the pointer, for which Escape lets go of what is chosen.
    map.getContainer().addEventListener('keydown', (event) => this.onKey(event), {capture: true});
  }

  /** @param {'distance'|'area'|null} kind null ends it */
  start(kind) {
    Object.assign(this, {kind, corners: [], next: null});
    const {host, map} = this;
    map.getContainer().classList.toggle('gridmap-measures', kind !== null);
    this.tools.hidden = kind === null;
    if (kind) map.doubleClickZoom.disable(); else map.doubleClickZoom.enable();
    if (kind) map.getContainer().focus();
    host.tooltip.hide();
    this.show();
  }

  add(latlng) {
    if (!this.kind) return;
    const last = this.corners.at(-1);
    // The second half of a double click is no corner.
    if (last && L.latLng(last).equals(latlng, 1e-9)) return;
    this.corners.push(latlng.wrap ? latlng.wrap() : latlng);
    this.show();
  }

  onKey(event) {
    if (!this.kind || event.target !== this.map.getContainer()) return;
    const acts = {
      Escape: () => this.start(null),
      Backspace: () => this.back(),
      Enter: () => this.add(this.map.getCenter()),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  back() {
    this.corners.pop();
    this.show();
  }

  get points() {
    return this.corners.map(({lng, lat}) => [lng, lat]);
  }

  /** What was measured so far: metres along the corners, square metres within them. */
  get result() {
    const {points} = this;
    const length = points.slice(1).reduce((sum, point, i) => sum + distanceM(points[i], point), 0);
    const round = points.length > 2 ? length + distanceM(points.at(-1), points[0]) : length;
    return {metres: this.kind === 'area' ? round : length, squareMetres: points.length > 2 ? areaM2(points) : 0};
  }

  text() {
    const {words} = this.host;
    const {metres, squareMetres} = this.result;
    if (this.kind === 'area') {
      return this.corners.length > 2 ? `${areaText(words, squareMetres)} · ${fill(words.around, lengthText(words, metres))}` : words.measureArea;
    }
    return this.corners.length > 1 ? lengthText(words, metres) : words.measureDistance;
  }

  show() {
    const {host} = this;
    host.controls.showHint(this.kind ? [this.text(), matchMedia('(hover: hover)').matches ? host.words.measureKeys : ''].filter(Boolean).join(' · ') : '');
    this.layer.paintSoon();
  }

  paint({ctx, scale, minX, minY}) {
    if (!this.kind || !this.corners.length) return;
    const {palette, words, font} = this.host;
    const toPx = ({lng, lat}) => [toX(lng) * scale - minX, toY(lat) * scale - minY];
    const spots = this.corners.map(toPx);
    const line = new Path2D();
    spots.forEach(([x, y], i) => (i ? line.lineTo(x, y) : line.moveTo(x, y)));
    const isArea = this.kind === 'area' && spots.length > 2;
    if (isArea) {
      line.closePath();
      ctx.fillStyle = palette.selection;
      ctx.globalAlpha = 0.14;
      ctx.fill(line);
      ctx.globalAlpha = 1;
    }
    ctx.lineJoin = 'round';
    for (const [width, colour] of [[6, palette.halo], [2.6, palette.selection]]) {
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.stroke(line);
    }
    if (this.next) {
      ctx.setLineDash([5, 5]);
      ctx.lineWidth = 1.6;
      ctx.beginPath();
      ctx.moveTo(...spots.at(-1));
      ctx.lineTo(...toPx(this.next));
      ctx.stroke();
      ctx.setLineDash([]);
    }
    for (const [x, y] of spots) {
      ctx.beginPath();
      ctx.arc(x, y, CORNER_PX, 0, 2 * Math.PI);
      ctx.fillStyle = palette.halo;
      ctx.fill();
      ctx.lineWidth = 2;
      ctx.stroke();
    }
    ctx.font = `600 12px ${font}`;
    const {points} = this;
    if (this.kind === 'distance') {
      let metres = 0;
      points.slice(1).forEach((point, i) => {
        metres += distanceM(points[i], point);
        paintText(ctx, lengthText(words, metres), spots[i + 1][0] + 8, spots[i + 1][1] - 10, palette.selection, palette.halo);
      });
    } else if (isArea) {
      paintText(ctx, areaText(words, areaM2(points)), spots.at(-1)[0] + 8, spots.at(-1)[1] - 10, palette.selection, palette.halo);
    }
  }
}
