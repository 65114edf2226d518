"""What the map's ground is drawn from at a zoom: rows of the store as layers of a tile, whole or about one tile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.tiling import Geometries, TileLayer, build_layer, to_world
from gridmap.services.context import Context
from gridmap.store import areas, basemap, tile_shapes
from gridmap.store.geometry import Box
from gridmap.store.tile_shapes import FINEST_STRAIGHTENED

FINEST_ZOOM = 14
"""Beyond it tiles are cut from the same geometry: it is finer than a screen's pixel already."""

_TILE_PX = 512
"""Width at which the map draws a tile."""

_TOLERANCE_PX = 0.6
"""What bends less than this is straightened."""

_COVERAGE_TOLERANCE_PX = 1.0
"""The same for areas side by side, as the side of a square that what is cut off or added would fill (Visvalingam and
Whyatt, Line generalisation by repeated elimination of points, 1993)."""

_FINEST_SIMPLIFIED = 11
"""Beyond it areas keep every bend: there are few of them that a pixel does not show."""

_SPECK_PX = 2
"""Land use narrower than this is left out."""

_SMALLEST_AREA_PX = 5
"""Areas of a level are drawn from the zoom at which a square of their mean area is this wide."""

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
    fresh: list[Straightened] | None = None
    """Takes up what had to be straightened for a coarse zoom, so that it can be kept."""

    def load(self, name: object, load: Callable[[Box | None], pd.DataFrame], *, box: Box | None = None) -> Ground:
        """Rows in a box, that of the reading where none is given, and their place on the unit square.

        `name` tells what is loaded from what else is kept.
        """
        box = box or self.box
        if self.kept is None:
            return _project(load(box))
        if (name, box) not in self.kept:
            self.kept[name, box] = _project(load(box))
        return self.kept[name, box]


@dataclass(frozen=True)
class Straightened:
    """Shapes of a layer as a coarse zoom shows them, see `store.tile_shapes.save_straightened`."""

    layer: str
    zoom: int
    rows: pd.DataFrame


def prepare_layers(name: str, reading: Reading) -> None:
    """Learn what every tile of the set `name` asks of all rows, so that the first one after a change need not."""
    if name == "areas":
        find_seen_levels(reading)
    elif name == "base":
        _load_places(reading)


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


def _project(table: pd.DataFrame) -> Ground:
    geometry = np.asarray(table["geometry"].to_numpy(), object)
    return Ground(pd.DataFrame(table.drop(columns="geometry")), to_world(geometry))


def _to_px(zoom: int) -> float:
    """Pixels across the world."""
    return float(_TILE_PX * (1 << zoom))


def _compute_tolerance(zoom: int, *, px: float = _TOLERANCE_PX) -> float:
    return px / _to_px(zoom) if zoom < FINEST_ZOOM else 0.0


def _straighten(
    reading: Reading,
    layer: str,
    rows: pd.DataFrame,
    kept: pd.DataFrame,
    *,
    name: object,
    load: Callable[[Box | None], pd.DataFrame],
    straighten: Callable[[Geometries], Geometries],
) -> Ground:
    """`rows` (with their boxes) as a coarse zoom shows them: as `kept`, the others straightened now.

    `load` gives rows with their geometry in a box, and of areas their neighbours; `name` is what it loads.
    """
    missing = rows[~rows["id"].isin(kept["id"])]
    if len(missing):
        ends = missing[["x_min", "y_min", "x_max", "y_max"]].to_numpy(float)
        box = (*ends[:, :2].min(axis=0).tolist(), *ends[:, 2:].max(axis=0).tolist())
        ground = reading.load(name, load, box=None if len(missing) == len(rows) else box)
        made = pd.DataFrame({"id": ground.rows["id"].to_numpy(), "world": straighten(ground.world)})
        fresh = missing[["id", "x_min", "y_min", "x_max", "y_max"]].merge(made, on="id")
        if reading.fresh is not None:
            reading.fresh.append(Straightened(layer, reading.zoom, fresh))
        kept = pd.concat([kept, fresh[["id", "world"]]]) if len(kept) else fresh
    world = kept.set_index("id")["world"].reindex(rows["id"])
    return Ground(rows, np.asarray(world.to_numpy(object), object))


def _build_layer(name: str, ground: Ground, zoom: int, *, properties: Mapping[str, str]) -> TileLayer:
    """A layer whose shapes are straightened each for itself; `properties` maps a key to the column it is taken from."""
    columns = {key: ground.rows[column].to_numpy() for key, column in properties.items()}
    plain = {key: column.astype(str) if column.dtype == object else column for key, column in columns.items()}
    ids = ground.rows["id"].to_numpy(np.int64)
    tolerance = 0.0 if zoom <= FINEST_STRAIGHTENED else _compute_tolerance(zoom)
    return build_layer(name, ground.world, ids=ids, properties=plain, tolerance=tolerance)


# --- base -------------------------------------------------------------------------------------------------------


def _build_base(reading: Reading) -> list[TileLayer]:
    zoom = reading.zoom
    shapes = _load_drawn(reading, "shapes", basemap.load_shapes)
    is_area = shapely.get_dimensions(shapes.world) == 2
    streams, shapes = shapes.select(~is_area), shapes.select(is_area)
    if zoom < FINEST_ZOOM:
        shapes = shapes.select(shapely.area(shapes.world) > (_SPECK_PX / _to_px(zoom)) ** 2)
    classes = None
    if zoom < _FINE_ROAD_ZOOM:
        seen = [name for name, first in _FIRST_ZOOM_OF_ROAD.items() if first <= zoom]
        classes = [*seen, *(f"{name}_link" for name in seen)]
    roads = _load_drawn(reading, "roads", basemap.load_road_lines, classes=classes)
    roads = roads.select(_first_zoom(roads.rows["road_class"], _FIRST_ZOOM_OF_ROAD, _FINE_ROAD_ZOOM) <= zoom)
    places = _load_places(reading)
    places = places.select(_first_zoom(places.rows["kind"], _FIRST_ZOOM_OF_PLACE, _FINE_PLACE_ZOOM) <= zoom)
    return [
        _build_layer("shapes", shapes, zoom, properties={"kind": "kind"}),
        _build_layer("streams", streams, zoom, properties={"kind": "kind"}),
        _build_layer("roads", roads, zoom, properties={"class": "road_class"}),
        _build_layer("places", places, zoom, properties={"kind": "kind", "name": "name", "rank": "rank"}),
    ]


def _load_drawn(reading: Reading, layer: str, load: Callable[..., pd.DataFrame], **only: Any) -> Ground:
    """Rows of a loader of `store.basemap`, at a coarse zoom straightened as a whole."""
    name = (layer, repr(only))

    def load_box(box: Box | None) -> pd.DataFrame:
        return load(reading.connection, box=box, **only)

    def straighten(world: Geometries) -> Geometries:
        return np.asarray(shapely.simplify(world, _compute_tolerance(reading.zoom)), object)

    if reading.zoom > FINEST_STRAIGHTENED:
        return reading.load(name, load_box)
    rows = load(reading.connection, box=reading.box, plain=True, **only)
    kept = tile_shapes.load_straightened(reading.connection, layer, reading.zoom, box=reading.box)
    return _straighten(reading, layer, rows, kept, name=name, load=load_box, straighten=straighten)


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
    return [_build_level(reading, level) for level in find_seen_levels(reading)]


def _build_level(reading: Reading, level: int) -> TileLayer:
    name = f"l{level}"
    tolerance = 0.0
    if reading.zoom <= _FINEST_SIMPLIFIED:
        tolerance = _compute_tolerance(reading.zoom, px=_COVERAGE_TOLERANCE_PX)
    straighten = partial(_simplify_together, tolerance=tolerance)

    def load(box: Box | None) -> pd.DataFrame:
        return areas.load_level(reading.connection, level, box=box)

    if reading.zoom <= FINEST_STRAIGHTENED:
        kept = tile_shapes.load_straightened(reading.connection, name, reading.zoom, box=reading.box)
        if len(kept) == areas.count_level(reading.connection, level, box=reading.box):
            members = Ground(kept[["id"]], np.asarray(kept["world"].to_numpy(object), object))
        else:
            rows = areas.load_level_boxes(reading.connection, level, box=reading.box)
            members = _straighten(reading, name, rows, kept, name=name, load=load, straighten=straighten)
    else:
        members = reading.load(name, load)
        members = Ground(members.rows, straighten(members.world))
    return build_layer(name, members.world, ids=members.rows["id"].to_numpy(np.int64))


def find_seen_levels(reading: Reading) -> list[int]:
    """Levels whose areas are drawn at the zoom, widest first."""
    widths = reading.context.cache.get("tile_widths", reading.revision, lambda: _measure_levels(reading.connection))
    return [
        level
        for position, (level, width) in enumerate(widths)
        if position == 0 or width * _to_px(reading.zoom) >= _SMALLEST_AREA_PX
    ]


def _measure_levels(connection: sa.Connection) -> list[tuple[int, float]]:
    """Width of a square of the mean area of each level, the world being 1."""
    sizes = areas.load_mean_sizes(connection).astype(float)
    width = np.sqrt(sizes["area_m2"]) / (_EQUATOR_M * np.cos(np.radians(sizes["latitude"])))
    return [(int(level), float(across)) for level, across in zip(sizes["level"], width, strict=True)]


def _simplify_together(world: Geometries, tolerance: float) -> Geometries:
    """Straighten the areas of a level; neighbours keep the border they share."""
    return np.asarray(shapely.coverage_simplify(world, tolerance), object) if tolerance else world


# --- rail -------------------------------------------------------------------------------------------------------


def _build_rail(reading: Reading) -> list[TileLayer]:
    tracks = _load_drawn(reading, "tracks", basemap.load_tracks)
    if reading.zoom < _SIDING_ZOOM:
        tracks = tracks.select(tracks.rows["service"] == "")
    return [_build_layer("tracks", tracks, reading.zoom, properties=_TRACK_LOOKS)]


_BUILDERS: dict[str, Callable[[Reading], list[TileLayer]]] = {
    "base": _build_base,
    "areas": _build_areas,
    "rail": _build_rail,
}
