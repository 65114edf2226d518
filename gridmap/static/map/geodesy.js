/** Lengths and areas on the WGS-84 ellipsoid. Places are [lon, lat] in degrees. */

const A_M = 6378137;
const F = 1 / 298.257223563;
const B_M = A_M * (1 - F);
const E2 = F * (2 - F);
const RAD = Math.PI / 180;
const STEPS = 60;

/**
 * Metres between two places along the geodesic: Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid",
 * Survey Review 23 (1975), the inverse formula; to a millimetre. It does not settle between places nearly opposite on the
 * globe, where the answer is what was reached by then; no map of a country shows such.
 */
export function distanceM([lon1, lat1], [lon2, lat2]) {
  const [u1, u2] = [lat1, lat2].map((lat) => Math.atan((1 - F) * Math.tan(lat * RAD)));
  const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  const span = (lon2 - lon1) * RAD;
  let lambda = span;
  let [sinSigma, cosSigma, sigma, cos2Alpha, cos2M] = [0, 1, 0, 1, 0];
  for (let step = 0; step < STEPS; step += 1) {
    sinSigma = Math.hypot(cos2 * Math.sin(lambda), cos1 * sin2 - sin1 * cos2 * Math.cos(lambda));
    if (sinSigma === 0) return 0;
    cosSigma = sin1 * sin2 + cos1 * cos2 * Math.cos(lambda);
    sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cos1 * cos2 * Math.sin(lambda)) / sinSigma;
    cos2Alpha = 1 - sinAlpha ** 2;
    cos2M = cos2Alpha === 0 ? 0 : cosSigma - (2 * sin1 * sin2) / cos2Alpha;
    const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda = span + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cos2M + c * cosSigma * (2 * cos2M ** 2 - 1)));
    if (Math.abs(lambda - before) < 1e-12) break;
  }
  const square = (cos2Alpha * (A_M ** 2 - B_M ** 2)) / B_M ** 2;
  const a = 1 + (square / 16384) * (4096 + square * (-768 + square * (320 - 175 * square)));
  const b = (square / 1024) * (256 + square * (-128 + square * (74 - 47 * square)));
  const far = (b / 6) * cos2M * (4 * sinSigma ** 2 - 3) * (4 * cos2M ** 2 - 3);
  const delta = b * sinSigma * (cos2M + (b / 4) * (cosSigma * (2 * cos2M ** 2 - 1) - far));
  return B_M * a * (sigma - delta);
}

/** q of the authalic latitude: Snyder, "Map projections: a working manual", USGS Professional Paper 1395 (1987), (3-12). */
function qOf(lat) {
  const e = Math.sqrt(E2);
  const sine = Math.sin(lat * RAD);
  return (1 - E2) * (sine / (1 - E2 * sine ** 2) - (1 / (2 * e)) * Math.log((1 - e * sine) / (1 + e * sine)));
}

const Q_POLE = qOf(90);
/** Radius of the sphere with the ellipsoid's surface, Snyder (3-13). */
const RADIUS_M = A_M * Math.sqrt(Q_POLE / 2);

/**
 * Square metres inside a ring: on the sphere of equal area, to which latitudes are moved so that every area stays as large
 * as it is. Sides are great circles there, within a millionth of the ellipsoid's geodesics at the size of a province.
 * The spherical excess of each side's triangle with the pole: Todhunter, "Spherical trigonometry" (1886), § 103.
 * @param {number[][]} ring at least three corners, not closed
 */
export function areaM2(ring) {
  const points = ring.map(([lon, lat]) => [lon * RAD, Math.asin(qOf(lat) / Q_POLE)]);
  let excess = 0;
  points.forEach(([lon1, lat1], i) => {
    const [lon2, lat2] = points[(i + 1) % points.length];
    const half = Math.tan((lon2 - lon1) / 2);
    const [t1, t2] = [Math.tan(lat1 / 2), Math.tan(lat2 / 2)];
    excess += 2 * Math.atan2(half * (t1 + t2), 1 + t1 * t2);
  });
  return Math.abs(excess) * RADIUS_M ** 2;
}
