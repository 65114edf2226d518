"""What the map's ground is drawn from at a zoom: rows of the store as layers of a tile, whole or about one tile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.tiling import Geometries, TileLayer, build_layer, to_world
from gridmap.services.context import Context
from gridmap.store import areas, basemap
from gridmap.store.geometry import Box

FINEST_ZOOM = 14
"""Beyond it tiles are cut from the same geometry: it is finer than a screen's pixel already."""

_TILE_PX = 512
"""Width at which the map draws a tile."""

_TOLERANCE_PX = 0.6
"""What bends less than this is straightened."""

_SPECK_PX = 2
"""Land use narrower than this is left out."""

_SMALLEST_AREA_PX = 5
"""Areas of a level are drawn from the zoom at which a typical one is this wide."""

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

_EQUATOR_M = 40_075_016.686
"""Length of the equator of WGS-84."""

Revision = tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """One look at the store: at which revision, at which zoom, and (degrees) whereabouts; everything without a box.

    Readings of several zooms of the same place may share `kept`: rows are then loaded once for all of them.
    """

    context: Context
    connection: sa.Connection
    revision: Revision
    zoom: int
    box: Box | None = None
    kept: dict[object, Ground] | None = None

    def load(self, name: object, load: Callable[[], gpd.GeoDataFrame]) -> Ground:
        """Rows and their place on the unit square."""
        if self.kept is None:
            return _project(load())
        if name not in self.kept:
            self.kept[name] = _project(load())
        return self.kept[name]


def build_layers(name: str, reading: Reading) -> list[TileLayer]:
    """The layers of the set `name`, see `tiles.render_tile`.

    What a tile shows is the same whether its layers are built whole or from what lies about it.
    """
    return _BUILDERS[name](reading)


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


def _to_px(zoom: int) -> float:
    """Pixels across the world."""
    return float(_TILE_PX * (1 << zoom))


def _compute_tolerance(zoom: int) -> float:
    return _TOLERANCE_PX / _to_px(zoom) if zoom < FINEST_ZOOM else 0.0


def _build_layer(name: str, ground: Ground, zoom: int, *, properties: Mapping[str, str]) -> TileLayer:
    """A layer whose shapes are straightened each for itself; `properties` maps a key to the column it is taken from."""
    columns = {key: ground.rows[column].to_numpy() for key, column in properties.items()}
    plain = {key: column.astype(str) if column.dtype == object else column for key, column in columns.items()}
    ids = ground.rows["id"].to_numpy(np.int64)
    return build_layer(name, ground.world, ids=ids, properties=plain, tolerance=_compute_tolerance(zoom))


# --- base -------------------------------------------------------------------------------------------------------


def _build_base(reading: Reading) -> list[TileLayer]:
    zoom = reading.zoom
    shapes = reading.load("shapes", lambda: basemap.load_shapes(reading.connection, box=reading.box))
    is_area = shapely.get_dimensions(shapes.world) == 2
    streams, shapes = shapes.select(~is_area), shapes.select(is_area)
    if zoom < FINEST_ZOOM:
        shapes = shapes.select(shapely.area(shapes.world) > (_SPECK_PX / _to_px(zoom)) ** 2)
    roads = reading.load("roads", lambda: basemap.load_road_lines(reading.connection, box=reading.box))
    roads = roads.select(_first_zoom(roads.rows["road_class"], _FIRST_ZOOM_OF_ROAD, _FINE_ROAD_ZOOM) <= zoom)
    places = _load_places(reading)
    places = places.select(_first_zoom(places.rows["kind"], _FIRST_ZOOM_OF_PLACE, _FINE_PLACE_ZOOM) <= zoom)
    return [
        _build_layer("shapes", shapes, zoom, properties={"kind": "kind"}),
        _build_layer("streams", streams, zoom, properties={"kind": "kind"}),
        _build_layer("roads", roads, zoom, properties={"class": "road_class"}),
        _build_layer("places", places, zoom, properties={"kind": "kind", "name": "name", "rank": "rank"}),
    ]


def _first_zoom(kinds: Iterable[str], known: Mapping[str, int], otherwise: int) -> npt.NDArray[np.int64]:
    return np.array([known.get(kind.removesuffix("_link"), otherwise) for kind in kinds], np.int64)


def _load_places(reading: Reading) -> Ground:
    """Places with their rank among all of them, those in the box."""

    def load() -> Ground:
        places = basemap.load_places(reading.connection)
        points = shapely.points(places["lon"].to_numpy(float), places["lat"].to_numpy(float))
        return Ground(places.assign(rank=_rank_places(places)), to_world(np.asarray(points, object)))

    places = reading.context.cache.get("tile_places", reading.revision, load)
    if reading.box is None:
        return places
    west, south, east, north = reading.box
    return places.select(places.rows["lon"].between(west, east) & places.rows["lat"].between(south, north))


def _rank_places(places: pd.DataFrame) -> npt.NDArray[np.int64]:
    """0 for the weightiest place: population first, then the order of the source."""
    people = places["population"].astype(float).fillna(0).to_numpy()
    rank = np.empty(len(places), np.int64)
    rank[np.argsort(-people, kind="stable")] = np.arange(len(places))
    return rank


# --- areas ------------------------------------------------------------------------------------------------------


def _build_areas(reading: Reading) -> list[TileLayer]:
    """Each level that is wide enough to see, the uppermost always.

    So a small country shows its towns as early as a province its counties, whatever their levels are called.
    """
    tolerance, layers = _compute_tolerance(reading.zoom), []
    for level in find_seen_levels(reading):
        members = reading.load(level, partial(areas.load_level, reading.connection, level, box=reading.box))
        world = _simplify_together(members.world, tolerance)
        layers.append(build_layer(f"l{level}", world, ids=members.rows["id"].to_numpy(np.int64)))
    return layers


def find_seen_levels(reading: Reading) -> list[int]:
    """Levels whose areas are drawn at the zoom, widest first."""
    widths = reading.context.cache.get("tile_widths", reading.revision, lambda: _measure_levels(reading.connection))
    return [
        level
        for position, (level, width) in enumerate(widths)
        if position == 0 or width * _to_px(reading.zoom) >= _SMALLEST_AREA_PX
    ]


def _measure_levels(connection: sa.Connection) -> list[tuple[int, float]]:
    """Width of a typical area of each level, the world being 1: as wide as a square of the median area."""
    sizes = areas.load_sizes(connection)
    latitude = np.radians((sizes["y_min"] + sizes["y_max"]) / 2)
    sizes["width"] = np.sqrt(sizes["area_m2"].astype(float)) / (_EQUATOR_M * np.cos(latitude))
    return [(int(level), float(width)) for level, width in sizes.groupby("level")["width"].median().items()]


def _simplify_together(world: Geometries, tolerance: float) -> Geometries:
    """Straighten the areas of a level; neighbours keep the border they share."""
    return np.asarray(shapely.coverage_simplify(world, tolerance), object) if tolerance else world


# --- rail -------------------------------------------------------------------------------------------------------


def _build_rail(reading: Reading) -> list[TileLayer]:
    tracks = reading.load("tracks", lambda: basemap.load_tracks(reading.connection, box=reading.box))
    if reading.zoom < _SIDING_ZOOM:
        tracks = tracks.select(tracks.rows["service"] == "")
    return [_build_layer("tracks", tracks, reading.zoom, properties=_TRACK_LOOKS)]


_BUILDERS: dict[str, Callable[[Reading], list[TileLayer]]] = {
    "base": _build_base,
    "areas": _build_areas,
    "rail": _build_rail,
}
