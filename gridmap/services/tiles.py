"""Vector tiles of what every signed-in role may see: ground, areas and railways. Geometry, ids and looks only.

What is confined to a role or a scope never goes into a tile; it travels in the overlays.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.tiling import Geometries, TileId, TileLayer, build_layer, encode_tile, to_world
from gridmap.errors import N_, NotFound
from gridmap.services.context import Context
from gridmap.store import areas, basemap

TOPICS = {"base": ("basemap", "roads"), "areas": ("areas",), "rail": ("rail",)}
"""Layer sets, and the topics whose revisions they are built from."""

FINEST_ZOOM = 14
"""Beyond it tiles are cut from the same geometry: it is finer than a screen's pixel already."""

_TILE_PX = 512
"""Width at which the map draws a tile."""

_TOLERANCE_PX = 0.6
"""What bends less than this is straightened."""

_SPECK_PX = 2
"""Land use narrower than this is left out."""

_SMALLEST_AREA_PX = 6
"""Areas of a level are drawn from the zoom at which a typical one is this wide."""

_KEPT_BYTES = 96 * 2**20
_ENTRY_BYTES = 300
"""What an entry costs beside its data: an empty tile is not free."""

_FIRST_ZOOM_OF_ROAD = {
    "motorway": 4,
    "trunk": 6,
    "primary": 7,
    "secondary": 8,
    "tertiary": 9,
    "unclassified": 11,
    "residential": 11,
    "living_street": 12,
    "service": 12,
}
_FIRST_ZOOM_OF_PLACE = {"city": 0, "town": 6, "suburb": 9, "village": 9, "peak": 10}
_FINE_ROAD_ZOOM, _FINE_PLACE_ZOOM = 12, 11
"""From where classes that the tables above do not name are drawn."""

_TRACK_LOOKS = {"hs": "high_speed", "el": "electrified", "br": "bridge", "tu": "tunnel"}
_SIDING_ZOOM = 11


@dataclass(frozen=True)
class Tile:
    """A gzip'd tile (no bytes: nothing there) and the tag that names its content."""

    data: bytes
    etag: str


@dataclass
class TileCache:
    """The tiles last asked for, up to a number of bytes; shared by all requests."""

    most_bytes: int = _KEPT_BYTES
    _tiles: OrderedDict[tuple[object, ...], Tile] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: tuple[object, ...]) -> Tile | None:
        """A tile that was put before, if it is still here."""
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def put(self, key: tuple[object, ...], tile: Tile) -> None:
        """Keep a tile, at the price of those that nobody asked for longest."""
        with self._lock:
            if key in self._tiles:
                return
            self._tiles[key] = tile
            self._bytes += len(tile.data) + _ENTRY_BYTES
            while self._bytes > self.most_bytes:
                _, gone = self._tiles.popitem(last=False)
                self._bytes -= len(gone.data) + _ENTRY_BYTES


def render_tile(context: Context, actor: Actor, *, layer: str, z: int, x: int, y: int) -> Tile:
    """One tile of a layer set, from memory where it was asked for before.

    `base` has the layers shapes {kind}, streams {kind}, roads {class} and places {kind, name, rank}; `areas` one layer
    "l1" to "l6" for each level that is wide enough to see; `rail` tracks {hs, el, br, tu}. Ids are those of the rows.

    Raises
    ------
    NotFound
        No such layer set, or no such tile.
    """
    check_allowed(actor, Permission.VIEW)
    tile = TileId(z, x, y)
    if layer not in TOPICS or not tile.is_valid:
        raise NotFound(N_("There is no such tile."), hint=N_("Reload the map."))
    revision = context.revisions(*TOPICS[layer])
    cache = context.cache.get("tile_cache", 0, TileCache)
    key = (layer, revision, tile)
    known = cache.get(key)
    if known is None:
        data = encode_tile(_load_layers(context, layer, revision, z), tile)
        # The tag names the content, not the revision: another database may count its revisions from one as well.
        etag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
        known = Tile(gzip.compress(data, 5, mtime=0) if data else b"", etag)
        cache.put(key, known)
    return known


def warm_tiles(context: Context) -> None:
    """Build the layers of every zoom ahead of the first person who asks for one."""
    for name, topics in TOPICS.items():
        revision = context.revisions(*topics)
        for zoom in range(FINEST_ZOOM, 5, -1):
            _load_layers(context, name, revision, zoom)


def _load_layers(context: Context, name: str, revision: tuple[int, ...], zoom: int) -> Sequence[TileLayer]:
    level = min(zoom, FINEST_ZOOM)
    source = _SOURCES[name]
    ground = context.cache.get(("tile_ground", name), revision, lambda: source.load(context))
    return context.cache.get(("tile_layers", name, level), revision, lambda: source.build(ground, level))


# --- ground: every row once, projected --------------------------------------------------------------------------


@dataclass(frozen=True)
class Ground:
    """Rows of one table, and their geometry on the Web Mercator unit square."""

    rows: pd.DataFrame
    world: Geometries

    def select(self, wanted: npt.ArrayLike) -> Ground:
        """The rows where `wanted` is true."""
        mask = np.asarray(wanted, bool)
        return Ground(self.rows[mask], self.world[mask])


def _project(table: gpd.GeoDataFrame) -> Ground:
    geometry = np.asarray(table.geometry.to_numpy(), object)
    return Ground(pd.DataFrame(table.drop(columns="geometry")), to_world(geometry))


def _load_base(context: Context) -> dict[str, Ground]:
    with context.database.read() as connection:
        shapes = _project(basemap.load_shapes(connection))
        roads = _project(basemap.load_road_lines(connection))
        places = basemap.load_places(connection)
    points = shapely.points(places["lon"].to_numpy(float), places["lat"].to_numpy(float))
    is_area = shapely.get_dimensions(shapes.world) == 2
    return {
        "shapes": shapes.select(is_area),
        "streams": shapes.select(~is_area),
        "roads": roads,
        "places": Ground(places.assign(rank=_rank_places(places)), to_world(np.asarray(points, object))),
    }


def _rank_places(places: pd.DataFrame) -> npt.NDArray[np.int64]:
    """0 for the weightiest place: population first, then the order of the source."""
    people = places["population"].astype(float).fillna(0).to_numpy()
    rank = np.empty(len(places), np.int64)
    rank[np.argsort(-people, kind="stable")] = np.arange(len(places))
    return rank


def _load_areas(context: Context) -> dict[str, Ground]:
    with context.database.read() as connection:
        return {"areas": _project(areas.load_area_shapes(connection))}


def _load_rail(context: Context) -> dict[str, Ground]:
    with context.database.read() as connection:
        return {"tracks": _project(basemap.load_tracks(connection))}


# --- layers: what of it is seen at a zoom, and how finely -------------------------------------------------------


def _to_px(zoom: int) -> float:
    """Pixels across the world."""
    return float(_TILE_PX * (1 << zoom))


def _compute_tolerance(zoom: int) -> float:
    return _TOLERANCE_PX / _to_px(zoom) if zoom < FINEST_ZOOM else 0.0


def _build_layer(name: str, ground: Ground, zoom: int, *, properties: Mapping[str, str]) -> TileLayer:
    """A layer whose shapes are straightened each for itself; `properties` maps a key to the column it is taken from."""
    tolerance = _compute_tolerance(zoom)
    world = np.asarray(shapely.simplify(ground.world, tolerance), object) if tolerance else ground.world
    columns = {key: ground.rows[column].to_numpy() for key, column in properties.items()}
    plain = {key: column.astype(str) if column.dtype == object else column for key, column in columns.items()}
    return build_layer(name, world, ids=ground.rows["id"].to_numpy(np.int64), properties=plain)


def _build_base(ground: Mapping[str, Ground], zoom: int) -> list[TileLayer]:
    shapes, roads, places = ground["shapes"], ground["roads"], ground["places"]
    if zoom < FINEST_ZOOM:
        shapes = shapes.select(shapely.area(shapes.world) > (_SPECK_PX / _to_px(zoom)) ** 2)
    roads = roads.select(_first_zoom(roads.rows["road_class"], _FIRST_ZOOM_OF_ROAD, _FINE_ROAD_ZOOM) <= zoom)
    places = places.select(_first_zoom(places.rows["kind"], _FIRST_ZOOM_OF_PLACE, _FINE_PLACE_ZOOM) <= zoom)
    return [
        _build_layer("shapes", shapes, zoom, properties={"kind": "kind"}),
        _build_layer("streams", ground["streams"], zoom, properties={"kind": "kind"}),
        _build_layer("roads", roads, zoom, properties={"class": "road_class"}),
        _build_layer("places", places, zoom, properties={"kind": "kind", "name": "name", "rank": "rank"}),
    ]


def _first_zoom(kinds: Iterable[str], known: Mapping[str, int], otherwise: int) -> npt.NDArray[np.int64]:
    return np.array([known.get(kind.removesuffix("_link"), otherwise) for kind in kinds], np.int64)


def _build_areas(ground: Mapping[str, Ground], zoom: int) -> list[TileLayer]:
    """Each level that is wide enough to see, the uppermost always.

    So a small country shows its towns as early as a province its counties, whatever their levels are called.
    """
    found = ground["areas"]
    layers: list[TileLayer] = []
    for level in sorted(found.rows["level"].unique()):
        members = found.select(found.rows["level"] == level)
        width_px = float(np.sqrt(np.median(shapely.area(members.world)))) * _to_px(zoom)
        if width_px >= _SMALLEST_AREA_PX or not layers:
            world = _simplify_together(members.world, _compute_tolerance(zoom))
            layers.append(build_layer(f"l{level}", world, ids=members.rows["id"].to_numpy(np.int64)))
    return layers


def _simplify_together(world: Geometries, tolerance: float) -> Geometries:
    """Straighten the areas of a level; neighbours keep the border they share."""
    return np.asarray(shapely.coverage_simplify(world, tolerance), object) if tolerance else world


def _build_rail(ground: Mapping[str, Ground], zoom: int) -> list[TileLayer]:
    tracks = ground["tracks"]
    if zoom < _SIDING_ZOOM:
        tracks = tracks.select(tracks.rows["service"] == "")
    return [_build_layer("tracks", tracks, zoom, properties=_TRACK_LOOKS)]


@dataclass(frozen=True)
class _Source:
    load: Callable[[Context], Mapping[str, Ground]]
    build: Callable[[Mapping[str, Ground], int], list[TileLayer]]


_SOURCES = {
    "base": _Source(_load_base, _build_base),
    "areas": _Source(_load_areas, _build_areas),
    "rail": _Source(_load_rail, _build_rail),
}
