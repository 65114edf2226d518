/** Open incidents: a burst with the sign of its kind, and a ring about it that breathes. On a canvas of their own. */

import {at, glyph} from './glyphs.js';
import {CanvasLayer} from './canvas_layer.js';
import {paintEvery} from './frames.js';
import {fill} from './describe.js';

const FRAME_MS = 66;
/** One breath; slow and without a jump: what blinks wears people out, and harms some. */
const BREATH_MS = 2400;
const RADIUS_PX = 14;
const RING_PX = 9;
const REACH_PX = 3;
const TITLE_ZOOM = 12;

export class Incidents {
  /** @param {object} host @param {object} map Leaflet map */
  constructor(host, map) {
    Object.assign(this, {host, drawn: []});
    this.calm = matchMedia('(prefers-reduced-motion: reduce)');
    // Its padding equals that of the emphasis canvas: pixels of one are pixels of the other.
    this.layer = new CanvasLayer({pane: 'gridmap-incidents', padding: 0.15}, (view) => this.paint(view));
    this.layer.addTo(map);
    // Where nothing in sight breathes, the canvas is left alone.
    const breathes = () => this.drawn.length > 0 && !this.calm.matches && !map._animatingZoom;
    paintEvery(FRAME_MS, breathes, () => this.layer.paint());
  }

  paint(view) {
    const {ctx, scale, minX, minY, width, height, zoom} = view;
    this.drawn = [];
    if (!this.host.on('incidents')) return;
    for (const incident of this.host.table('incidents')) {
      const x = incident.x * scale - minX;
      const y = incident.y * scale - minY;
      if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
      this.drawn.push({incident, x, y, radius: RADIUS_PX + incident.severity});
    }
    // The gravest last, on top.
    this.drawn.sort((a, b) => a.incident.severity - b.incident.severity);
    const breath = this.calm.matches ? 0.5 : 0.5 - 0.5 * Math.cos((2 * Math.PI * performance.now()) / BREATH_MS);
    this.drawn.forEach((mark) => this.paintRing(ctx, mark, breath));
    this.drawn.forEach((mark) => this.paintOne(ctx, mark));
    if (zoom >= TITLE_ZOOM) this.drawn.forEach((mark) => this.paintTitle(ctx, mark));
  }

  paintRing(ctx, {x, y, radius}, breath) {
    const {palette} = this.host;
    ctx.beginPath();
    ctx.arc(x, y, radius + 2 + RING_PX * breath, 0, 2 * Math.PI);
    ctx.globalAlpha = 0.9 - 0.45 * breath;
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 5;
    ctx.stroke();
    ctx.strokeStyle = palette.incident;
    ctx.lineWidth = 2.5;
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  paintOne(ctx, {incident, x, y, radius}) {
    const {palette, icons} = this.host;
    at(ctx, x, y, radius * 2, () => {
      ctx.lineJoin = 'round';
      ctx.strokeStyle = palette.halo;
      ctx.lineWidth = 56 / (radius * 2);
      ctx.stroke(glyph(icons.incident));
      ctx.fillStyle = palette.incident;
      ctx.fill(glyph(icons.incident));
      ctx.fillStyle = palette.network_ink;
      ctx.fill(glyph(icons.incidentGlyphs[incident.kind] ?? icons.incidentGlyphs.other), 'evenodd');
    });
  }

  paintTitle(ctx, {incident, x, y, radius}) {
    const {palette, font, words} = this.host;
    ctx.font = `700 12px ${font}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'top';
    ctx.lineJoin = 'round';
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 4;
    const called = incident.title || words[`incident_kind.${incident.kind}`];
    // Nobody comes, though somebody was sent: that must be seen without a look at the list.
    const text = incident.declined && !incident.teams ? `${called} · ${fill(words.teamsDeclined, incident.declined)}` : called;
    ctx.strokeText(text, x, y + radius + RING_PX);
    ctx.fillStyle = palette.incident;
    ctx.fillText(text, x, y + radius + RING_PX);
  }

  paintSoon() {
    this.layer.paintSoon();
  }

  /** The topmost incident under a pixel of this layer's canvas. */
  at({x, y}) {
    return this.drawn.findLast((mark) => Math.hypot(mark.x - x, mark.y - y) <= mark.radius + REACH_PX)?.incident ?? null;
  }

  highlight(ctx, ids, colour, width) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    for (const {incident, x, y, radius} of this.drawn) {
      if (!ids.has(incident.id)) continue;
      ctx.beginPath();
      ctx.arc(x, y, radius + RING_PX + 6, 0, 2 * Math.PI);
      ctx.stroke();
    }
  }
}
