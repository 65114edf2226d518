// The decoder of vector tiles as one module for the browser: bytes in, layers out.
import {VectorTile} from '@mapbox/vector-tile';
import {PbfReader} from 'pbf';

export const decode = (buffer) => new VectorTile(new PbfReader(new Uint8Array(buffer)));
