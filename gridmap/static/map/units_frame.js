/** The binary frame of /live/units: header u32 number, f64 server time (unix seconds), then 20 bytes per team. */

const HEADER_BYTES = 12;
const RECORD_BYTES = 20;
/** Web Mercator ends here. */
const MOST_LAT = 85.05;
export const KINDS = ['car', 'motorcycle', 'foot'];
export const STATES = ['moving', 'still', 'stale', 'silent', 'off'];

/** A team that never sent its position has no age. */
const NO_AGE = 2 ** 32 - 1;
const readAge = (seconds) => (seconds === NO_AGE ? null : seconds);
/** Nobody patrols the gulf of Guinea: (0, 0) is what a receiver says that knows nothing. */
const isPlace = (lon, lat) => Math.abs(lon) <= 180 && Math.abs(lat) <= MOST_LAT && (lon !== 0 || lat !== 0);

/**
 * @param {ArrayBuffer} buffer little endian
 * @returns {?{number: number, time: number, teams: {id: number, lon: number, lat: number, isPlace: boolean, kind: string,
 *   state: string, heading: number, simulated: boolean, age: number}[]}} heading in degrees from north, age in seconds or
 *   null; null where the frame is cut short before its first team
 */
export function readFrame(buffer) {
  if (buffer.byteLength < HEADER_BYTES) return null;
  const view = new DataView(buffer);
  const teams = [];
  for (let at = HEADER_BYTES; at + RECORD_BYTES <= buffer.byteLength; at += RECORD_BYTES) {
    const [lon, lat] = [view.getInt32(at + 4, true) / 1e7, view.getInt32(at + 8, true) / 1e7];
    teams.push({
      id: view.getUint32(at, true),
      lon,
      lat,
      isPlace: isPlace(lon, lat),
      kind: KINDS[view.getUint8(at + 12)] ?? KINDS[0],
      // A state this map does not know yet is no reason to call the team well.
      state: STATES[view.getUint8(at + 13)] ?? 'stale',
      heading: (view.getUint8(at + 14) * 2) % 360,
      simulated: (view.getUint8(at + 15) & 1) === 1,
      age: readAge(view.getUint32(at + 16, true)),
    });
  }
  return {number: view.getUint32(0, true), time: view.getFloat64(4, true), teams};
}
