/**
 * From WGS-84 to GCJ-02, the datum of public Chinese basemaps. The formula is the widely published reverse-engineered
 * one on the Krasovsky 1940 ellipsoid, good to about a metre; outside mainland China the two are the same.
 */

const A_M = 6378245.0;
const E2 = 0.00669342162296594323;

function isOutside(lon, lat) {
  return lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271;
}

function waves(v, amplitudes) {
  return amplitudes.reduce((sum, [amplitude, factor]) => sum + amplitude * Math.sin(v * Math.PI * factor), 0) * (2 / 3);
}

/** @returns {[number, number]} lon, lat in degrees */
export function toGcj02(lon, lat) {
  if (isOutside(lon, lat)) return [lon, lat];
  const x = lon - 105;
  const y = lat - 35;
  const fine = waves(x, [[20, 6], [20, 2]]);
  const root = Math.sqrt(Math.abs(x));
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + fine;
  north += waves(y, [[20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]]);
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + fine;
  east += waves(x, [[20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]]);
  const phi = (lat * Math.PI) / 180;
  const w = 1 - E2 * Math.sin(phi) ** 2;
  const perNorth = ((A_M * (1 - E2)) / (w * Math.sqrt(w))) * Math.PI;
  const perEast = (A_M / Math.sqrt(w)) * Math.cos(phi) * Math.PI;
  return [lon + (east * 180) / perEast, lat + (north * 180) / perNorth];
}
