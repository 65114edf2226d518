/** What the pointer says about a thing, in the words the page gave. */

/** Mileage as railways write it: K123+456. */
export function mileage(metres, prefix = 'K') {
  const whole = Math.round(metres);
  return `${prefix}${Math.floor(whole / 1000)}+${String(whole % 1000).padStart(3, '0')}`;
}

/** @param {string} text with {number} @param {number|string} number */
export const fill = (text, number) => text.replace('{number}', String(number));

/** The word for a coded value; one nobody knows is shown as it is. */
const word = (words, group, value) => words[`${group}.${value}`] ?? String(value ?? '');

/** Seconds as an age in its largest unit. */
export function age(words, seconds) {
  if (seconds < 60) return fill(words.ago_s, Math.max(0, Math.round(seconds)));
  if (seconds < 3600) return fill(words.ago_min, Math.floor(seconds / 60));
  if (seconds < 86400) return fill(words.ago_h, Math.floor(seconds / 3600));
  return fill(words.ago_d, Math.floor(seconds / 86400));
}

/** Metres under a kilometre, then kilometres. */
export function lengthText(words, metres) {
  if (Math.round(metres) < 1000) return fill(words.metres, Math.round(metres));
  return fill(words.kilometres, (metres / 1000).toFixed(metres < 100_000 ? 2 : 1));
}

/** Square metres under a hectare, hectares under a square kilometre. */
export function areaText(words, squareMetres) {
  if (squareMetres < 10_000) return fill(words.squareMetres, Math.round(squareMetres));
  if (squareMetres < 1e6) return fill(words.hectares, (squareMetres / 10_000).toFixed(1));
  return fill(words.squareKilometres, (squareMetres / 1e6).toFixed(squareMetres < 1e8 ? 2 : 0));
}

/** Month, day and time in Beijing of an instant in unix seconds. */
export function dayTime(seconds) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Asia/Shanghai', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(new Date(seconds * 1000));
  const of = (type) => parts.find((part) => part.type === type).value;
  return `${of('month')}-${of('day')} ${of('hour')}:${of('minute')}`;
}

const ownerOf = (cell, host) => host.table('units').find(cell.unit_id)?.name;

const DESCRIBERS = {
  team: (words, unit, host) => [
    host.teamName(unit.id) || word(words, 'team_kind', unit.kind),
    `${word(words, 'team_kind', unit.kind)} · ${word(words, 'team_state', unit.state)}`,
    unit.age === null ? '' : age(words, unit.age),
  ],
  stop: (words, {stop, route}) => (route.ranked
    ? [`${stop.number}. ${stop.label}`, route.name]
    : [`${route.name} · ${fill(words.stop, stop.number)}`, stop.label]),
  incident: (words, incident) => [
    incident.title || word(words, 'incident_kind', incident.kind),
    `${word(words, 'incident_kind', incident.kind)} · ${word(words, 'severity', incident.severity)}`,
    `${age(words, Date.now() / 1000 - incident.reported_at)} · ${fill(words.teamsSent, incident.teams)}`,
    incident.declined ? fill(words.teamsDeclined, incident.declined) : '',
  ],
  hazard: (words, hazard) => [
    hazard.title || word(words, 'hazard_kind', hazard.kind),
    `${word(words, 'hazard_kind', hazard.kind)} · ${word(words, 'severity', hazard.severity)}`,
    `${word(words, 'hazard_state', hazard.state)}${hazard.overdue ? ` · ${words.overdue}` : ''}`,
    hazard.due_at ? `${words.due} ${dayTime(hazard.due_at)}` : '',
  ],
  closure: (words, closure) => [
    closure.reason,
    closure.speed_kmh ? fill(words.slowedTo, closure.speed_kmh) : words.roadClosed,
    closure.ends_at ? fill(words.closedUntil, dayTime(closure.ends_at)) : words.closedOpenEnd,
  ],
  site: (words, site) => [site.name, [word(words, 'network', site.network), site.kind ? word(words, 'site_kind', site.kind) : ''].filter(Boolean).join(' · ')],
  station: (words, station) => [station.name],
  access_point: (words, point) => [point.name || word(words, 'access_kind', point.kind), point.name ? word(words, 'access_kind', point.kind) : ''],
  segment: (words, segment) => [
    `${segment.line_name ?? ''} ${mileage(segment.from_m, segment.prefix)}–${mileage(segment.to_m, segment.prefix)}`.trim(),
    `${word(words, 'walked_side', segment.side)} · ${word(words, 'freshness', segment.freshness)}`,
    segment.due_at ? `${words.due} ${dayTime(segment.due_at)}` : '',
  ],
  zone: (words, zone) => [
    `${zone.line} ${zone.start}–${zone.end}`,
    `${word(words, 'side', zone.side)} · ${fill(words.metres, zone.width_m)} · ${zone.place}`.replace(/ · $/, ''),
    word(words, 'zone_kind', zone.kind),
    fill(words.zoneOrigin, zone.origin_offset_m),
    zone.notice,
  ],
  change: (words, mark) => [mark.label, words[`change.${mark.kind}`]],
  cell: (words, cell, host) => [
    host.table('areas').find(cell.id)?.name ?? cell.code,
    ownerOf(cell, host) ? `${words.unit}: ${ownerOf(cell, host)}` : '',
    cell.households ? fill(words.households, cell.households.toLocaleString('en')) : '',
  ],
};

/**
 * @param {object} host the living map
 * @param {{layer: string, item: ?object, group?: object[]}} hit
 * @returns {string[]} lines, the first is the heading
 */
export function describe(host, hit) {
  const {words} = host;
  if (hit.group) {
    const overdue = hit.group.filter((hazard) => hazard.overdue).length;
    return [fill(words.hazards, hit.group.length), overdue ? `${overdue} ${words.overdue}` : ''];
  }
  return hit.item && DESCRIBERS[hit.layer] ? DESCRIBERS[hit.layer](words, hit.item, host).filter(Boolean) : [];
}
