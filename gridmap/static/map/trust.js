/** What one may trust the map for: how old each source is, coordinates, basemap and its licence, real or not, connected. */

import {age} from './describe.js';
import {make} from './dom.js';

/** Datum of the ground: what the store holds is WGS-84, which CGCS2000 equals at this scale. */
const DATUM = 'WGS-84 / CGCS2000';

/** Seconds since an ISO instant by the server's clock, null where none is said. */
const ageOf = (instant, now) => (instant ? Math.max(0, now - Date.parse(instant) / 1000) : null);

/**
 * The rows of the table: what is said, and about what.
 * @param {object} host the living map @param {string} connection the word for how the connection is
 * @returns {{name: string, text: string, isLoud?: boolean}[]}
 */
export function trustRows(host, connection) {
  const {words, options, feed} = host;
  const now = host.playback.now;
  const raster = host.on('raster') ? options.raster : null;
  const rows = [{name: words.connection, text: connection}];
  const positions = host.teams.simulated ? words.simulated : words.realPositions;
  rows.push({name: words.positions, text: host.teams.units.size ? positions : words.noPositions, isLoud: host.teams.simulated});
  rows.push({name: words.datum, text: raster?.datum === 'gcj02' ? `${DATUM} · ${words.shiftedRaster}` : DATUM});
  rows.push({
    name: words.basemap,
    text: raster ? [raster.name, raster.attribution].join(' · ') : [words.ownBasemap, ...licences(feed.state.sources)].join(' · '),
  });
  for (const source of feed.state.sources ?? []) {
    const old = ageOf(source.as_of ?? source.imported_at, now);
    const when = old === null ? words.ageUnknown : age(words, old);
    rows.push({name: source.name, text: [when, source.synthetic ? words.synthetic : source.attribution, source.licence].filter(Boolean).join(' · '), isLoud: source.synthetic});
  }
  return rows;
}

const licences = (sources) => [...new Set((sources ?? []).map(({attribution, licence}) => [attribution, licence].filter(Boolean).join(', ')))].filter(Boolean);

/** Attribution with its licence, each once: what must stand on every picture of the map. */
export const attributionOf = (host) => [
  ...licences(host.feed.state.sources),
  ...(host.on('raster') && host.options.raster ? [host.options.raster.attribution] : []),
].join(' · ');

/** The table as it is shown. */
export function drawTrust(rows) {
  const lines = rows.map(({name, text, isLoud}) => make('tr', {}, [make('th', {scope: 'row', text: name}), make('td', {text, class: isLoud ? 'gridmap-loud' : ''})]));
  return make('table', {class: 'gridmap-trust'}, [make('tbody', {}, lines)]);
}
