/** A view as an address: area, layers, measure, scale, place and time. The map lives in a frame; the address is the page's. */

import {iso, parse} from './times.js';

const page = () => (window.parent === window ? window : window.parent);

/** Texts of a list in the address. */
const listOf = (text) => (text === null ? null : text.split(',').filter(Boolean));
/** A number in the address, null where it is missing or none. */
const numberOf = (text) => (text === null || text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text));

/**
 * @param {string} search query of an address
 * @returns {{area: ?string, layers: ?string[], measure: ?string, zoom: ?number, lon: ?number, lat: ?number, at: ?number,
 *   isWall: boolean, every: ?number}} what it asks for; null for what it does not say
 */
export function readLink(search) {
  const query = new URLSearchParams(search);
  const area = query.get('area');
  return {
    area: area && /^\d{2,15}$/.test(area) ? area : null,
    layers: listOf(query.get('layers')),
    measure: query.get('measure'),
    zoom: numberOf(query.get('z')),
    lon: numberOf(query.get('lon')),
    lat: numberOf(query.get('lat')),
    at: parse(query.get('at')),
    isWall: query.get('wall') === '1',
    every: numberOf(query.get('every')),
  };
}

/** What the address of the page asks for. */
export const pageLink = () => readLink(page().location.search);

/** The query of the view that a living map shows. */
export function writeLink(host) {
  const {lat, lng} = host.map.getCenter();
  const query = new URLSearchParams();
  if (host.area) query.set('area', host.area);
  query.set('layers', [...host.layersOn].join(','));
  if (host.choropleth.name) query.set('measure', host.choropleth.name);
  query.set('z', String(host.map.getZoom()));
  query.set('lon', lng.toFixed(5));
  query.set('lat', lat.toFixed(5));
  if (host.playback.isOn) query.set('at', iso(host.playback.at));
  return query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
}

/** The whole address of the view. */
export function linkOf(host) {
  const {origin, pathname} = page().location;
  return `${origin}${pathname}?${writeLink(host)}`;
}

/** Put text where Ctrl+V finds it; a page that is not served over TLS may only do it the old way. */
export async function copy(text) {
  const {clipboard} = page().navigator;
  if (clipboard && page().isSecureContext) {
    try {
      await clipboard.writeText(text);
      return true;
    } catch {
      // Forbidden to this page: the old way may still be open.
    }
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.style.cssText = 'position:fixed;opacity:0';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}

/**
 * Open the page anew with a query, "" for none. The map's frame is sandboxed and may not move the page around it; a link
 * that stands in the page itself may.
 */
export function go(query) {
  const {document: around, location} = page();
  const anchor = around.createElement('a');
  anchor.href = query ? `${location.pathname}?${query}` : location.pathname;
  anchor.target = '_self';
  around.body.append(anchor);
  anchor.click();
  anchor.remove();
}

/** Load the page anew as it is. */
export const reload = () => go(page().location.search.slice(1));
