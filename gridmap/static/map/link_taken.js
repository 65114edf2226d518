/** The view that the page's address asks for is taken once: what a hand changes afterwards stands. */

import {pageLink} from './link.js';

/**
 * Set up what must be known before the first tile: layers, place and scale.
 * @param {object} host the living map
 * @returns {?object} the link, for `followLink`; null where there is none, or it was taken already
 */
export function takeLink(host) {
  const link = pageLink();
  const search = window.parent.location.search;
  if (!link.isWall && host.view.read('link', '') === search) return null;
  host.view.write('link', search);
  if (link.layers) {
    const known = host.options.switches.map(({name}) => name);
    host.layersOn = new Set(link.layers.filter((name) => known.includes(name)));
    host.memory.write('on', [...host.layersOn]);
    host.controls.showSwitches();
  }
  if (link.lon !== null && link.lat !== null) {
    host.view.write('at', {lng: link.lon, lat: link.lat, zoom: link.zoom ?? host.map.getZoom()});
  }
  return link;
}

/** The rest of the view, once the map's tables are here: the area and the moment. */
export async function followLink(host, link) {
  if (link?.area) {
    try {
      const {code, name, bounds: [west, south, east, north]} = await (await host.feed.ask(`/areas/${link.area}.json`)).json();
      Object.assign(host, {area: code, areaName: name});
      if (link.lon === null) host.map.fitBounds([[south, west], [north, east]], {animate: false});
    } catch {
      host.controls.menu.tell(host.words.noSuchArea);
    }
  }
  if (link?.at) host.playback.open(link.at);
}
