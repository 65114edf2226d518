/** Lines on the screen: from the unit square to pixels, moved aside, measured, walked along. */

/**
 * Screen points of a path, without those closer than `gap` pixels to the one before; empty when out of view.
 * @param {{xy: Float64Array, box: number[]}} path
 * @param {import('./canvas_layer.js').View} view
 * @returns {number[]} x0, y0, x1, y1 …
 */
export function toScreen(path, view, gap = 1, margin = 40) {
  const {scale, minX, minY, width, height} = view;
  const {xy, box} = path;
  if (
    box[2] * scale - minX < -margin || box[0] * scale - minX > width + margin ||
    box[3] * scale - minY < -margin || box[1] * scale - minY > height + margin
  ) return [];
  const points = [];
  const last = xy.length - 2;
  let px = NaN;
  let py = NaN;
  for (let i = 0; i <= last; i += 2) {
    const x = xy[i] * scale - minX;
    const y = xy[i + 1] * scale - minY;
    if (i > 0 && i < last && Math.abs(x - px) < gap && Math.abs(y - py) < gap) continue;
    points.push(x, y);
    px = x;
    py = y;
  }
  return points;
}

/** Least x and y, greatest x and y of screen lines. */
export function boxOf(lines) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const points of lines) {
    for (let i = 0; i < points.length; i += 2) {
      box[0] = Math.min(box[0], points[i]);
      box[1] = Math.min(box[1], points[i + 1]);
      box[2] = Math.max(box[2], points[i]);
      box[3] = Math.max(box[3], points[i + 1]);
    }
  }
  return box;
}

/**
 * The line `px` to the right of `points` (to the left if negative), mitred and cut short at sharp bends.
 * @param {number[]} points
 */
export function offset(points, px) {
  const n = points.length / 2;
  const moved = new Array(points.length);
  let nx = 0;
  let ny = 0;
  for (let i = 0; i < n; i += 1) {
    const before = [nx, ny];
    if (i < n - 1) {
      const dx = points[2 * i + 2] - points[2 * i];
      const dy = points[2 * i + 3] - points[2 * i + 1];
      const length = Math.hypot(dx, dy) || 1;
      // On a screen y grows downwards: right of the direction (dx, dy) is (-dy, dx).
      nx = -dy / length;
      ny = dx / length;
    }
    const [bx, by] = i === 0 ? [nx, ny] : before;
    const mx = nx + bx;
    const my = ny + by;
    const square = mx * mx + my * my;
    const reach = square < 0.6 ? px / Math.sqrt(square || 1) : (2 * px) / square;
    moved[2 * i] = points[2 * i] + mx * reach;
    moved[2 * i + 1] = points[2 * i + 1] + my * reach;
  }
  return moved;
}

/** @param {CanvasRenderingContext2D} ctx @param {number[]} points */
export function trace(ctx, points) {
  for (let i = 0; i < points.length; i += 2) {
    if (i) ctx.lineTo(points[i], points[i + 1]); else ctx.moveTo(points[i], points[i + 1]);
  }
}

/** Square of the distance in pixels from (x, y) to the line. */
export function distance2(points, x, y) {
  let best = Infinity;
  for (let i = 0; i + 3 < points.length; i += 2) {
    const ax = points[i];
    const ay = points[i + 1];
    const dx = points[i + 2] - ax;
    const dy = points[i + 3] - ay;
    const along = dx * dx + dy * dy;
    const t = along ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / along)) : 0;
    const ex = ax + t * dx - x;
    const ey = ay + t * dy - y;
    best = Math.min(best, ex * ex + ey * ey);
  }
  return best;
}

/** Call `visit(x, y, angle)` every `step` pixels, the first at half a step. */
export function walk(points, step, visit) {
  let next = step / 2;
  let gone = 0;
  for (let i = 0; i + 3 < points.length; i += 2) {
    const dx = points[i + 2] - points[i];
    const dy = points[i + 3] - points[i + 1];
    const length = Math.hypot(dx, dy);
    while (length && next <= gone + length) {
      const t = (next - gone) / length;
      visit(points[i] + dx * t, points[i + 1] + dy * t, Math.atan2(dy, dx));
      next += step;
    }
    gone += length;
  }
}

/** Whether (x, y) lies in the ring x0, y0, x1, y1 … */
export function inRing(ring, x, y) {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const crosses = ring[i + 1] > y !== ring[j + 1] > y;
    if (crosses && x < ((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) inside = !inside;
  }
  return inside;
}
