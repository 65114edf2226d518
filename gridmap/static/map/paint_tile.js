/** How one square of the map is painted: paper, water and land use, unit hues, roads, boundaries, rails: in this order. */

import {trace} from './mvt.js';
import {boxAround, reachInto} from './shape_group.js';

/** Land use below, water above. */
const SHAPE_ORDER = ['settlement', 'farmland', 'bare', 'forest', 'park', 'industrial', 'river', 'water'];

/** Road class → weight; classes as OpenStreetMap names them. */
export const WEIGHTS = {
  motorway: 'major', motorway_link: 'major', trunk: 'major', trunk_link: 'major', primary: 'major', primary_link: 'major',
  secondary: 'middle', secondary_link: 'middle', tertiary: 'middle', tertiary_link: 'middle',
  unclassified: 'minor', residential: 'minor', living_street: 'minor', service: 'minor', road: 'minor',
  track: 'path', path: 'path', footway: 'path', cycleway: 'path', bridleway: 'path', steps: 'path', pedestrian: 'path',
};
const WEIGHT_ORDER = ['path', 'minor', 'middle', 'major'];
/** Width in pixels of the road itself by weight: [zoom, pixels] knots, linear between them. */
const WIDTHS = {
  major: [[7, 0.8], [10, 1.6], [12, 2.6], [14, 5], [16, 10], [18, 18]],
  middle: [[9, 0.5], [11, 1], [12, 1.6], [14, 3.4], [16, 7.5], [18, 14]],
  minor: [[11, 0.3], [12, 0.6], [13, 1.2], [14, 2], [16, 5.5], [18, 11]],
  path: [[13, 0.5], [14, 0.8], [16, 1.2], [18, 1.6]],
};

/** Linear interpolation over knots; 0 below the first. */
export function interpolate(knots, zoom) {
  if (zoom < knots[0][0]) return 0;
  for (let i = 1; i < knots.length; i += 1) {
    const [z0, v0] = knots[i - 1];
    const [z1, v1] = knots[i];
    if (zoom <= z1) return v0 + ((v1 - v0) * (zoom - z0)) / (z1 - z0);
  }
  return knots[knots.length - 1][1];
}

/** Draws groups of shapes with widths in screen pixels while their corners are in tile units; what lies outside of its box it may leave out. */
class Pen {
  constructor(ctx, scale, box) {
    Object.assign(this, {ctx, scale, box});
  }

  fill(group, colour) {
    this.ctx.fillStyle = colour;
    this.ctx.fill(group.path(this.box), 'evenodd');
  }

  stroke(group, colour, px, {dash = [], cap = 'round', box = this.box} = {}) {
    const {ctx, scale} = this;
    ctx.strokeStyle = colour;
    ctx.lineWidth = px / scale;
    ctx.lineCap = cap;
    ctx.lineJoin = 'round';
    ctx.setLineDash(dash.map((length) => length / scale));
    ctx.stroke(group.path(box));
  }
}

function paintShapes(pen, base, palette) {
  for (const kind of SHAPE_ORDER) {
    const group = base.shapes.get(kind);
    if (group) pen.fill(group, palette.ground[kind]);
  }
}

/** Waterways that came as lines: wide for a river, a thread for the rest. */
function paintStreams(pen, base, palette, zoom) {
  for (const [kind, group] of base.streams) {
    const px = interpolate(kind === 'river' ? [[6, 0.5], [10, 1], [13, 2.6], [16, 7]] : [[11, 0.5], [13, 1], [16, 2.5]], zoom);
    if (px) pen.stroke(group, palette.ground.river, px);
  }
}

function paintRoads(pen, base, palette, zoom) {
  const drawn = [];
  for (const weight of WEIGHT_ORDER) {
    const px = interpolate(WIDTHS[weight], zoom);
    if (!px) continue;
    for (const [name, group] of base.roads) {
      if ((WEIGHTS[name] ?? 'minor') === weight) drawn.push({weight, px, group});
    }
  }
  // Every casing first: junctions of all weights stay open.
  for (const {weight, px, group} of drawn) {
    if (weight === 'path') pen.stroke(group, palette.road.path, px, {dash: zoom >= 14 ? [4, 2.5] : [], cap: 'butt'});
    else if (px < 1.4) pen.stroke(group, palette.road_casing[weight], Math.max(px, 0.7));
    else pen.stroke(group, palette.road_casing[weight], px + (zoom >= 14 ? 1.8 : 1.3));
  }
  for (const {weight, px, group} of drawn) {
    if (weight !== 'path' && px >= 1.4) pen.stroke(group, palette.road[weight], px);
  }
}

const BORDERS = {
  1: {px: 2, dash: [10, 3, 2, 3]}, 2: {px: 1.8, dash: [10, 3, 2, 3]}, 3: {px: 1.6, dash: [9, 3, 2, 3]},
  4: {px: 1.1, dash: [6, 3]}, 5: {px: 0.8, dash: [2.5, 2.5]}, 6: {px: 0.55, dash: []},
};

const DASHED_ZOOM = 11;

/** Areas that are on the mean no wider than this have no room for a border. */
const MESH_PX = 6;

/** No hue: the ground shows through. */
const NONE = 255;

/** Which hue each area has, by id. */
export class Hues {
  constructor() {
    this.set(new Uint8Array(0), []);
  }

  /** @param {Uint8Array} classes position in `colours` by id, 255 for none @param {string[]} colours */
  set(classes, colours) {
    Object.assign(this, {classes, colours});
  }

  change(ids, classes) {
    ids.forEach((id, i) => { if (id < this.classes.length) this.classes[id] = classes[i]; });
  }

  of(id) {
    return this.classes[id] ?? NONE;
  }

}

/** All areas of a hue in one path: neighbours of the same hue show no seam, and there are few fills. */
function paintFills({ctx, box}, {shapes, border}, hues) {
  const members = hues.colours.map(() => []);
  for (const feature of reachInto(shapes, border.features, box)) members[hues.of(shapes.ids[feature])]?.push(feature);
  members.forEach((features, hue) => {
    if (!features.length) return;
    ctx.beginPath();
    features.forEach((feature) => trace(shapes, feature, ctx));
    ctx.fillStyle = hues.colours[hue];
    ctx.fill('evenodd');
  });
}

/** Borders of the smallest areas are left out where they would be a grey mesh, as long as their hues tell them apart. */
function listBorders({levels}, {size, part}, {hues, emphasis}) {
  const [finest] = levels;
  const meanPx = (size * part.scale) / Math.sqrt(finest.shapes.length);
  return hues && !emphasis && meanPx < MESH_PX ? levels.slice(1) : levels;
}

function paintBorders(pen, areas, drawn, palette, zoom, emphasis) {
  for (const {level, border} of drawn) {
    const {px, dash} = BORDERS[level] ?? BORDERS[6];
    const finest = level === areas.levels[0].level;
    const lift = finest && emphasis ? 1.5 : 1;
    // From afar the hairlines of cells would make a grey mesh.
    pen.ctx.globalAlpha = level >= 5 && !emphasis ? interpolate([[8, 0.25], [11, 0.45], [13, 1]], zoom) || 0.25 : 1;
    // From afar the short dashes of villages are a grey line all the same, and half of the work.
    const pattern = finest || (level >= 5 && zoom < DASHED_ZOOM) ? [] : dash;
    // The dashes of a whole border and those of a piece of it would not meet.
    const box = pattern.length ? null : pen.box;
    pen.stroke(border, palette.border[`l${level}`], px * lift, {dash: pattern, cap: 'butt', box});
  }
  pen.ctx.globalAlpha = 1;
}

function paintRail(pen, rail, palette, zoom) {
  const {ink, paper, tunnel} = palette.rail;
  const width = interpolate([[5, 1.2], [9, 1.8], [11, 2.6], [13, 3.6], [16, 5], [18, 7]], zoom);
  const dash = Math.max(5, width * 2.4);
  for (const [key, group] of rail.tracks) {
    const fast = key.includes('h');
    const px = fast ? width * 1.25 : width;
    if (key.includes('t')) {
      pen.stroke(group, tunnel, px * 0.6, {dash: [dash * 0.55, dash * 0.45], cap: 'butt'});
      continue;
    }
    if (key.includes('b') && zoom >= 12) {
      // A bridge carries its parapets: a line on either side of the track.
      pen.stroke(group, ink, px + 5, {cap: 'butt'});
      pen.stroke(group, paper, px + 3, {cap: 'butt'});
    }
    pen.stroke(group, ink, px, {cap: 'butt'});
    if (zoom < 9) continue;
    if (fast) pen.stroke(group, paper, px * 0.36, {cap: 'butt'});
    else pen.stroke(group, paper, px - Math.max(1.2, px * 0.36), {dash: [dash, dash], cap: 'butt'});
  }
}

/** Screen pixels around a box in which the widest stroke may still reach into it. */
const REACH_PX = 24;

/**
 * The piece of a square that areas `ids` show their hues on, in pixels of its picture; null where they lie beyond its rim.
 * @returns {?{x: number, y: number, width: number, height: number}}
 */
export function findWindow({areas}, {size, ratio, part}, ids) {
  const box = boxAround(areas.levels[0].shapes, ids);
  if (!box) return null;
  const side = size * ratio;
  const unit = (side * part.scale) / areas.extent;
  const toPx = (value, share) => Math.min(side, Math.max(0, value * unit - share * side * part.scale));
  const x = Math.floor(Math.max(0, toPx(box.minX, part.x) - 1));
  const y = Math.floor(Math.max(0, toPx(box.minY, part.y) - 1));
  const width = Math.min(side, Math.ceil(toPx(box.maxX, part.x) + 1)) - x;
  const height = Math.min(side, Math.ceil(toPx(box.maxY, part.y) + 1)) - y;
  return width > 1 && height > 1 ? {x, y, width, height} : null;
}

/**
 * Paint one tile, or a piece of it.
 * @param {CanvasRenderingContext2D} ctx of a canvas as large as the piece
 * @param {{base: ?object, areas: ?object, rail: ?object}} data decoded tiles
 * @param {{size: number, ratio: number, zoom: number, part: {x: number, y: number, scale: number}}} where
 *   `part` is the piece of the (coarser) data tile this tile shows: its corner as a share, and its enlargement
 * @param {{palette: object, layers: Set<string>, hues: ?Hues, blend: string, fillAlpha: number, emphasis: boolean}} style
 * @param {?{x: number, y: number, width: number, height: number}} window the piece, in pixels of the whole picture
 */
export function paintTile(ctx, data, where, style, window = null) {
  const {size, ratio, zoom, part} = where;
  const {palette} = style;
  const on = (layer) => style.layers.has(layer);
  const {x, y, width, height} = window ?? {x: 0, y: 0, width: size * ratio, height: size * ratio};
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, width, height);
  const under = on('raster');
  if (!under) {
    ctx.fillStyle = palette.ground.land;
    ctx.fillRect(0, 0, width, height);
  }
  // One box for each extent: what was found in it is found again.
  const boxes = new Map();
  const enter = ({extent}) => {
    const scale = (size * part.scale) / extent;
    const [left, top] = [part.x * size * part.scale * ratio + x, part.y * size * part.scale * ratio + y];
    ctx.setTransform(scale * ratio, 0, 0, scale * ratio, -left, -top);
    if ((window || part.scale > 1) && !boxes.has(extent)) {
      const reach = REACH_PX * ratio;
      const [minX, minY, maxX, maxY] = [left - reach, top - reach, left + width + reach, top + height + reach].map((px) => px / (scale * ratio));
      boxes.set(extent, {minX, minY, maxX, maxY});
    }
    return new Pen(ctx, scale, boxes.get(extent) ?? null);
  };
  const {base, areas, rail} = data;
  if (base && on('land') && !under) {
    const pen = enter(base);
    paintShapes(pen, base, palette);
    paintStreams(pen, base, palette, zoom);
  }
  if (areas?.levels.length && style.hues) {
    const pen = enter(areas);
    ctx.globalCompositeOperation = style.blend;
    ctx.globalAlpha = style.fillAlpha;
    paintFills(pen, areas.levels[0], style.hues);
    ctx.globalAlpha = 1;
    ctx.globalCompositeOperation = 'source-over';
  }
  if (base && on('roads') && !under) paintRoads(enter(base), base, palette, zoom);
  if (areas?.levels.length && on('borders')) {
    paintBorders(enter(areas), areas, listBorders(areas, where, style), palette, zoom, style.emphasis);
  }
  if (rail && on('rail')) paintRail(enter(rail), rail, palette, zoom);
  ctx.setLineDash([]);
}
