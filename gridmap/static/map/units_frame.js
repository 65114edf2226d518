/** The binary frame of /live/units: header u32 number, f64 server time (unix seconds), then 20 bytes per team. */

const HEADER_BYTES = 12;
const RECORD_BYTES = 20;
export const KINDS = ['car', 'motorcycle', 'foot'];
export const STATES = ['moving', 'still', 'stale', 'silent', 'off'];

/** A team that never sent its position has no age. */
const NO_AGE = 2 ** 32 - 1;
const readAge = (seconds) => (seconds === NO_AGE ? null : seconds);

/**
 * @param {ArrayBuffer} buffer little endian
 * @returns {{number: number, time: number, teams: {id: number, lon: number, lat: number, kind: string, state: string,
 *   heading: number, simulated: boolean, age: number}[]}} heading in degrees from north, age in seconds or null
 */
export function readFrame(buffer) {
  const view = new DataView(buffer);
  const teams = [];
  for (let at = HEADER_BYTES; at + RECORD_BYTES <= buffer.byteLength; at += RECORD_BYTES) {
    teams.push({
      id: view.getUint32(at, true),
      lon: view.getInt32(at + 4, true) / 1e7,
      lat: view.getInt32(at + 8, true) / 1e7,
      kind: KINDS[view.getUint8(at + 12)] ?? KINDS[0],
      state: STATES[view.getUint8(at + 13)] ?? STATES[0],
      heading: view.getUint8(at + 14) * 2,
      simulated: (view.getUint8(at + 15) & 1) === 1,
      age: readAge(view.getUint32(at + 16, true)),
    });
  }
  return {number: view.getUint32(0, true), time: view.getFloat64(4, true), teams};
}
