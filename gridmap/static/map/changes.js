/** What a new edition of areas changes: ground that is added, removed, gained, lost, or called otherwise. */

import {toPath} from './mercator.js';
import {boxOf, inRing, toScreen, trace} from './polyline.js';

/** Smaller than this on the screen a piece is a dot, which a hand still hits. */
const SMALL_PX = 7;
const DOT_PX = 4;
const REACH_PX = 8;
const HATCH_PX = 7;
const UNIT_DEG = 1e-5;
/** Which way the lines of each kind lean; a kind without any is plain. */
const LEANS = {removed: [1, -1], gained: [1], lost: [-1]};
const TINTS = {added: 0.42, renamed: 0.1};
/** From below to above. */
const ORDER = ['renamed', 'removed', 'added', 'gained', 'lost'];

/** A ring of whole numbers, each corner counted from the one before. */
function unpack(ring) {
  const line = [];
  let [lon, lat] = [0, 0];
  for (let i = 0; i < ring.length; i += 2) {
    lon += ring[i];
    lat += ring[i + 1];
    line.push([lon * UNIT_DEG, lat * UNIT_DEG]);
  }
  return toPath(line);
}

export class Changes {
  constructor(host) {
    this.host = host;
    this.marks = [];
    this.drawn = [];
    this.patterns = {};
  }

  /** @param {?{marks: object[], near: object[], chosen: ?number}} changes see gridmap/views/map.py */
  show(changes) {
    const {marks = [], near = [], chosen = null} = changes ?? {};
    const read = (mark, isChosen) => ({...mark, isChosen, paths: mark.rings.map(unpack)});
    this.marks = [
      ...ORDER.flatMap((kind) => marks.filter((mark) => mark.kind === kind && mark.place !== chosen)).map((mark) => read(mark, false)),
      ...ORDER.flatMap((kind) => near.filter((mark) => mark.kind === kind)).map((mark) => read(mark, true)),
    ];
  }

  /** @param {import('./canvas_layer.js').View} view */
  paint(view) {
    const {ctx} = view;
    this.drawn = [];
    if (!this.marks.length) return;
    ctx.lineJoin = 'round';
    for (const mark of this.marks) {
      const rings = mark.paths.map((path) => toScreen(path, view, 0.5)).filter(({length}) => length);
      if (!rings.length) continue;
      const box = boxOf(rings);
      const isSmall = Math.max(box[2] - box[0], box[3] - box[1]) < SMALL_PX;
      this.drawn.push({mark, rings, box, isSmall});
      ctx.strokeStyle = this.host.palette.change[mark.kind];
      ctx.fillStyle = ctx.strokeStyle;
      if (isSmall) this.paintDot(ctx, box, mark); else this.paintGround(ctx, rings, mark);
    }
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }

  paintGround(ctx, rings, {kind, isChosen}) {
    ctx.beginPath();
    for (const ring of rings) {
      trace(ctx, ring);
      ctx.closePath();
    }
    ctx.globalAlpha = (TINTS[kind] ?? 0.12) + (isChosen ? 0.12 : 0);
    ctx.fill('evenodd');
    ctx.globalAlpha = 1;
    if (LEANS[kind]) {
      const colour = ctx.fillStyle;
      ctx.fillStyle = this.hatch(ctx, kind);
      ctx.fill('evenodd');
      ctx.fillStyle = colour;
    }
    ctx.setLineDash(kind === 'renamed' ? [6, 4] : []);
    ctx.lineWidth = isChosen ? 3.2 : 1.5;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  paintDot(ctx, box, {isChosen}) {
    ctx.beginPath();
    ctx.arc((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, isChosen ? DOT_PX + 3 : DOT_PX, 0, 2 * Math.PI);
    ctx.fill();
    const colour = ctx.strokeStyle;
    ctx.strokeStyle = this.host.palette.halo;
    ctx.lineWidth = isChosen ? 2.5 : 1.2;
    ctx.stroke();
    ctx.strokeStyle = colour;
  }

  /** Leaning lines in the colour of a kind. */
  hatch(ctx, kind) {
    if (this.patterns[kind]) return this.patterns[kind];
    const ratio = window.devicePixelRatio || 1;
    const size = Math.round(HATCH_PX * ratio);
    const canvas = new OffscreenCanvas(size, size);
    const pen = canvas.getContext('2d');
    pen.strokeStyle = this.host.palette.change[kind];
    pen.lineWidth = 1.2 * ratio;
    pen.beginPath();
    for (const lean of LEANS[kind]) {
      // Beyond the corners too, so that the lines of neighbouring squares join.
      for (const shift of [-size, 0, size]) {
        pen.moveTo(shift - 1, lean > 0 ? size + 1 : -1);
        pen.lineTo(shift + size + 1, lean > 0 ? -1 : size + 1);
      }
    }
    pen.stroke();
    this.patterns[kind] = ctx.createPattern(canvas, 'repeat');
    this.patterns[kind].setTransform(new DOMMatrix().scale(1 / ratio));
    return this.patterns[kind];
  }

  /**
   * The mark at a pixel of the canvas: the nearest dot within reach, else the uppermost that holds it. What one place
   * loses another gains: of a place that is chosen already the other is meant.
   */
  at(x, y) {
    let best = null;
    let chosen = null;
    let least = REACH_PX ** 2;
    for (let i = this.drawn.length - 1; i >= 0; i -= 1) {
      const {mark, rings, box, isSmall} = this.drawn[i];
      if (isSmall) {
        const far = ((box[0] + box[2]) / 2 - x) ** 2 + ((box[1] + box[3]) / 2 - y) ** 2;
        if (far < least) [best, least] = [mark, far];
      } else if ((mark.isChosen ? !chosen : !best) && x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]) {
        // In a hole it is in two rings, or in none.
        if (rings.filter((ring) => inRing(ring, x, y)).length % 2 === 0) continue;
        if (mark.isChosen) chosen = mark; else best = mark;
      }
    }
    return best ?? chosen;
  }
}
