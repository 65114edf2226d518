/** What lies where on a decoded tile of areas. */

/** Whether (x, y) lies inside a feature's rings, holes left out: even-odd rule over all of them. */
function contains({paths, starts, xy}, feature, x, y) {
  let inside = false;
  for (let path = paths[feature]; path < paths[feature + 1]; path += 1) {
    const first = 2 * starts[path];
    const end = 2 * starts[path + 1];
    for (let i = first, j = end - 2; i < end; j = i, i += 2) {
      const crosses = xy[i + 1] > y !== xy[j + 1] > y;
      if (crosses && x < ((xy[j] - xy[i]) * (y - xy[i + 1])) / (xy[j + 1] - xy[i + 1]) + xy[i]) inside = !inside;
    }
  }
  return inside;
}

/**
 * The finest area at a place of a square, given in pixels from its corner: {id, level}, or null.
 * @param {{size: number, part: {x: number, y: number, scale: number}, data: {areas: object}}} square
 */
export function areaAt({size, part, data}, x, y) {
  const {extent, levels} = data.areas;
  if (!levels.length) return null;
  const scale = extent / (size * part.scale);
  const at = {x: x * scale + part.x * extent, y: y * scale + part.y * extent};
  const {level, shapes} = levels[0];
  for (let feature = 0; feature < shapes.length; feature += 1) {
    if (contains(shapes, feature, at.x, at.y)) return {id: shapes.ids[feature], level};
  }
  return null;
}

/** Ids of the finest areas that have any piece on the tiles. */
export function listIds(tiles) {
  const found = new Set();
  for (const {levels} of tiles) levels[0]?.shapes.ids.forEach((id) => found.add(id));
  return Uint32Array.from(found);
}

/** Rings of the areas `wanted` on a tile, of every level: [{id, starts, xy}], corners in tile units. */
export function traceAreas({levels}, wanted) {
  const found = [];
  for (const {shapes} of levels) {
    for (let feature = 0; feature < shapes.length; feature += 1) {
      if (!wanted.has(shapes.ids[feature])) continue;
      const [first, last] = [shapes.paths[feature], shapes.paths[feature + 1]];
      const begin = shapes.starts[first];
      found.push({
        id: shapes.ids[feature],
        starts: shapes.starts.slice(first, last + 1).map((start) => start - begin),
        xy: shapes.xy.slice(2 * begin, 2 * shapes.starts[last]),
      });
    }
  }
  return found;
}
