"""Protection zones for the map near by, tile by tile and for each scope: all of a province's ground takes a minute."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import Geometries
from gridmap.domain.days import BEIJING
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.zones import Span
from gridmap.domain.tiling import TileId
from gridmap.errors import N_, NotFound
from gridmap.services import railways, zones
from gridmap.services.context import Context
from gridmap.services.overlays import pack_table
from gridmap.services.statutes import load_jurisdiction
from gridmap.services.tiles import TileCache
from gridmap.store.geometry import Box
from gridmap.store.tiles import Tile

ZOOM = 13
"""Zones are handed out by tiles of this zoom, some 4 km wide."""

_COLUMNS = ["line", "start", "end", "side", "official", "kind", "width_m", "origin_offset_m", "place", "notice"]
_NEAR_DEG = 0.003
"""Zones of a line that passes outside the tile reach into it from no further than this."""

_BEND_DEG = 2e-7
"""Two centimetres: outlines are drawn no finer."""


def load_zone_tile(context: Context, actor: Actor, *, x: int, y: int) -> Tile:
    """The zones in force about a tile of zoom `ZOOM`, confined to the actor's scope, in the shape of `domain.columns`.

    Columns: id (counts within the tile), line, start and end (mileages), side, official, kind, width_m,
    origin_offset_m, place, notice, geometry (an outline; the parts of one zone are rows of their own).

    Raises
    ------
    NotFound
        There is no such tile.
    """
    check_allowed(actor, Permission.VIEW)
    tile = TileId(ZOOM, x, y)
    if not tile.is_valid:
        raise NotFound(N_("There is no such tile."), hint=N_("Reload the map."))
    day = context.clock().astimezone(BEIJING).date()
    key = (actor.scope_code, tile, day, load_jurisdiction(context), context.revisions("rail", "zones"))
    cache = context.cache.get("zone_tile_cache", 0, TileCache)
    known = cache.get(key)
    if known is None:
        packed = pack_table(_draw(context, actor, tile.compute_box_wgs84()))
        known = Tile(packed.data, packed.etag)
        cache.put(key, known)
    return known


def _draw(context: Context, actor: Actor, box: Box) -> pd.DataFrame:
    west, south, east, north = box
    about = shapely.box(west - _NEAR_DEG, south - _NEAR_DEG, east + _NEAR_DEG, north + _NEAR_DEG)
    lines = railways.load_lines(context)
    spans = {line_id: _find_spans(measured, about) for line_id, (_, _, measured) in lines.items()}
    found = zones.list_zones_within(context, actor, spans={i: own for i, own in spans.items() if own})
    if found.empty:
        return pd.DataFrame({name: [] for name in ("id", *_COLUMNS)}).assign(geometry=np.zeros(0, object))
    table = gpd.GeoDataFrame(found[[*_COLUMNS, "geometry"]]).explode(ignore_index=True)
    table = table[~table.geometry.is_empty.to_numpy(bool)].reset_index(drop=True)
    return pd.DataFrame(table[_COLUMNS]).assign(id=np.arange(len(table)), geometry=_outline(table.geometry.to_numpy()))


def _find_spans(line: MeasuredLine, about: shapely.Geometry) -> list[Span]:
    """Stretches of a line within a box, chainages."""
    if not shapely.intersects(shapely.box(*line.geometry.bounds), about):
        return []
    parts = shapely.get_parts(shapely.intersection(line.geometry, about))
    parts = parts[shapely.get_dimensions(parts) == 1]
    ends = shapely.get_coordinates([shapely.get_point(parts, end) for end in (0, -1)])
    at = line.locate_all(ends[:, 0], ends[:, 1]).chainage_m.reshape(2, -1)
    return [(float(low), float(high)) for low, high in np.sort(at, axis=0).T]


def _outline(grounds: Geometries) -> Geometries:
    """Outer rings as lines, all the same way round: laid over one another they still fill."""
    plain = shapely.simplify(shapely.orient_polygons(grounds), _BEND_DEG)
    rings = [shapely.LineString(ring) for ring in shapely.get_exterior_ring(plain)]
    return np.asarray(rings, object)
