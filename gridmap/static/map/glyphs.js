/** Marks drawn on a canvas from the path data the page was given; every mark is a box of 16 around (8, 8). */

const cache = new Map();

/** @param {string} data SVG path data */
export function glyph(data) {
  if (!cache.has(data)) cache.set(data, new Path2D(data));
  return cache.get(data);
}

/**
 * Run `draw` with the box of 16 centred at (x, y) and `size` pixels wide.
 * @param {CanvasRenderingContext2D} ctx
 */
export function at(ctx, x, y, size, draw) {
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.scale(size / 16, size / 16);
  draw();
  ctx.restore();
}
