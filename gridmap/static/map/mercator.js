/** Web Mercator on the unit square: x to the east, y to the south, both 0 to 1 for the whole world. */

export const TILE_PX = 256;

/** @param {number} lon degrees */
export const toX = (lon) => lon / 360 + 0.5;

/** @param {number} lat degrees */
export function toY(lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

export const toLon = (x) => (x - 0.5) * 360;

export const toLat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;

/** Screen pixels of the whole world at `zoom`. */
export const worldPx = (zoom) => TILE_PX * 2 ** zoom;

/** Metres on the ground under one screen pixel. */
export const metresPerPx = (lat, zoom) => (40075016.7 * Math.cos((lat * Math.PI) / 180)) / worldPx(zoom);

/**
 * A line of [lon, lat] pairs as one flat array x0, y0, x1, y1 … on the unit square, with its bounding box.
 * @param {number[][]} line
 */
export function toPath(line) {
  const xy = new Float64Array(line.length * 2);
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  line.forEach(([lon, lat], i) => {
    const x = toX(lon);
    const y = toY(lat);
    xy[2 * i] = x;
    xy[2 * i + 1] = y;
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  });
  return {xy, box};
}
