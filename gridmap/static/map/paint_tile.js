/** How one square of the map is painted: paper, water and land use, unit hues, roads, boundaries, rails: in this order. */

import {trace} from './mvt.js';

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

/** Draws with widths in screen pixels while the path is in tile units. */
class Pen {
  constructor(ctx, scale) {
    this.ctx = ctx;
    this.scale = scale;
  }

  stroke(path, colour, px, {dash = [], cap = 'round'} = {}) {
    const {ctx, scale} = this;
    ctx.strokeStyle = colour;
    ctx.lineWidth = px / scale;
    ctx.lineCap = cap;
    ctx.lineJoin = 'round';
    ctx.setLineDash(dash.map((length) => length / scale));
    ctx.stroke(path);
  }
}

function paintShapes(ctx, base, palette) {
  for (const kind of SHAPE_ORDER) {
    const path = base.shapes.get(kind);
    if (!path) continue;
    ctx.fillStyle = palette.ground[kind];
    ctx.fill(path, 'evenodd');
  }
}

/** Waterways that came as lines: wide for a river, a thread for the rest. */
function paintStreams(pen, base, palette, zoom) {
  for (const [kind, path] of base.streams) {
    const px = interpolate(kind === 'river' ? [[6, 0.5], [10, 1], [13, 2.6], [16, 7]] : [[11, 0.5], [13, 1], [16, 2.5]], zoom);
    if (px) pen.stroke(path, palette.ground.river, px);
  }
}

function paintRoads(pen, base, palette, zoom) {
  const drawn = [];
  for (const weight of WEIGHT_ORDER) {
    const px = interpolate(WIDTHS[weight], zoom);
    if (!px) continue;
    for (const [name, path] of base.roads) {
      if ((WEIGHTS[name] ?? 'minor') === weight) drawn.push({weight, px, path});
    }
  }
  // Every casing first: junctions of all weights stay open.
  for (const {weight, px, path} of drawn) {
    if (weight === 'path') pen.stroke(path, palette.road.path, px, {dash: zoom >= 14 ? [4, 2.5] : [], cap: 'butt'});
    else if (px < 1.4) pen.stroke(path, palette.road_casing[weight], Math.max(px, 0.7));
    else pen.stroke(path, palette.road_casing[weight], px + (zoom >= 14 ? 1.8 : 1.3));
  }
  for (const {weight, px, path} of drawn) {
    if (weight !== 'path' && px >= 1.4) pen.stroke(path, palette.road[weight], px);
  }
}

const BORDERS = {
  1: {px: 2, dash: [10, 3, 2, 3]}, 2: {px: 1.8, dash: [10, 3, 2, 3]}, 3: {px: 1.6, dash: [9, 3, 2, 3]},
  4: {px: 1.1, dash: [6, 3]}, 5: {px: 0.8, dash: [2.5, 2.5]}, 6: {px: 0.55, dash: []},
};

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

  /** Whether a tile shows any of `ids`, or any hue at all where no ids are given. */
  concern(areas, ids) {
    const shown = areas?.levels[0]?.shapes.ids;
    return Boolean(shown) && (!ids || ids.some((id) => shown.includes(id)));
  }
}

/** All areas of a hue in one path: neighbours of the same hue show no seam, and there are few fills. */
function paintFills(ctx, {shapes}, hues) {
  const members = hues.colours.map(() => []);
  for (let feature = 0; feature < shapes.length; feature += 1) members[hues.of(shapes.ids[feature])]?.push(feature);
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
    pen.stroke(border, palette.border[`l${level}`], px * lift, {dash: finest ? [] : dash, cap: 'butt'});
  }
  pen.ctx.globalAlpha = 1;
}

function paintRail(pen, rail, palette, zoom) {
  const {ink, paper, tunnel} = palette.rail;
  const width = interpolate([[5, 1.2], [9, 1.8], [11, 2.6], [13, 3.6], [16, 5], [18, 7]], zoom);
  const dash = Math.max(5, width * 2.4);
  for (const [key, path] of rail.tracks) {
    const fast = key.includes('h');
    const px = fast ? width * 1.25 : width;
    if (key.includes('t')) {
      pen.stroke(path, tunnel, px * 0.6, {dash: [dash * 0.55, dash * 0.45], cap: 'butt'});
      continue;
    }
    if (key.includes('b') && zoom >= 12) {
      // A bridge carries its parapets: a line on either side of the track.
      pen.stroke(path, ink, px + 5, {cap: 'butt'});
      pen.stroke(path, paper, px + 3, {cap: 'butt'});
    }
    pen.stroke(path, ink, px, {cap: 'butt'});
    if (zoom < 9) continue;
    if (fast) pen.stroke(path, paper, px * 0.36, {cap: 'butt'});
    else pen.stroke(path, paper, px - Math.max(1.2, px * 0.36), {dash: [dash, dash], cap: 'butt'});
  }
}

/**
 * Paint one tile.
 * @param {CanvasRenderingContext2D} ctx
 * @param {{base: ?object, areas: ?object, rail: ?object}} data decoded tiles
 * @param {{size: number, ratio: number, zoom: number, part: {x: number, y: number, scale: number}}} where
 *   `part` is the piece of the (coarser) data tile this tile shows: its corner as a share, and its enlargement
 * @param {{palette: object, layers: Set<string>, hues: ?Hues, blend: string, fillAlpha: number, emphasis: boolean}} style
 */
export function paintTile(ctx, data, where, style) {
  const {size, ratio, zoom, part} = where;
  const {palette} = style;
  const on = (layer) => style.layers.has(layer);
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, size * ratio, size * ratio);
  const under = on('raster');
  if (!under) {
    ctx.fillStyle = palette.ground.land;
    ctx.fillRect(0, 0, size * ratio, size * ratio);
  }
  const enter = (tile) => {
    const scale = (size * part.scale) / tile.extent;
    ctx.setTransform(scale * ratio, 0, 0, scale * ratio, -part.x * size * part.scale * ratio, -part.y * size * part.scale * ratio);
    return new Pen(ctx, scale);
  };
  const {base, areas, rail} = data;
  if (base && on('land') && !under) {
    const pen = enter(base);
    paintShapes(ctx, base, palette);
    paintStreams(pen, base, palette, zoom);
  }
  if (areas?.levels.length && style.hues) {
    enter(areas);
    ctx.globalCompositeOperation = style.blend;
    ctx.globalAlpha = style.fillAlpha;
    paintFills(ctx, areas.levels[0], style.hues);
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
