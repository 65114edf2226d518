/** A raster basemap from outside, off until a person switches it on. */

import {L} from './leaflet.js';
import {toGcj02} from './datum.js';

/**
 * Tiles in GCJ-02 under a map in WGS-84: the layer is made to believe that the map's centre lies where GCJ-02 says it
 * does. The shift is near constant over one screen (a few metres per 10 km), so the whole layer is moved as one; it is
 * set anew whenever the map comes to rest.
 */
const ShiftedTiles = L.TileLayer.extend({
  getEvents() {
    const settle = () => { if (!this._map._animatingZoom) this._setZoomTransforms(this._map.getCenter(), this._map.getZoom()); };
    return {...L.TileLayer.prototype.getEvents.call(this), moveend: () => {
      this._onMoveEnd();
      settle();
    }};
  },

  _getTiledPixelBounds(center) {
    return L.TileLayer.prototype._getTiledPixelBounds.call(this, shift(center));
  },

  _setZoomTransform(level, center, zoom) {
    L.TileLayer.prototype._setZoomTransform.call(this, level, shift(center), zoom);
  },
});

function shift(center) {
  const {lng, lat} = L.latLng(center);
  const [east, north] = toGcj02(lng, lat);
  return L.latLng(north, east);
}

/** @param {{url: string, datum: 'wgs84'|'gcj02'}} raster */
export function makeRaster({url, datum}) {
  const options = {pane: 'gridmap-raster', maxZoom: 19, maxNativeZoom: 18};
  return datum === 'gcj02' ? new ShiftedTiles(url, options) : L.tileLayer(url, options);
}
