"""The demo county put together: a `Dataset` in WGS-84, and what operations need to know of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.codes import Level
from gridmap.domain.crs import compute_lengths_m, points_to_metric, to_wgs84, working_crs
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_
from gridmap.sources.dataset import PLACE_COLUMNS, RAIL_FEATURE_COLUMNS, TRACK_COLUMNS, WGS84, Dataset
from gridmap.sources.demo.areas import Areas, build_areas
from gridmap.sources.demo.basemap import build_shapes
from gridmap.sources.demo.names import Names
from gridmap.sources.demo.railways import (
    Railway,
    build_earthworks,
    build_rail_features,
    build_railways,
    build_tracks,
    build_water_crossings,
)
from gridmap.sources.demo.raster import HEIGHT_M, WIDTH_M
from gridmap.sources.demo.roads import SPEED_KMH, Network, build_roads
from gridmap.sources.demo.settlements import Settlement, build_settlements
from gridmap.sources.demo.terrain import Terrain, build_terrain

CENTRE = (112.62, 37.02)
"""Where the county lies, degrees; the land there is borrowed, everything on it is invented."""

CRS = working_crs(*CENTRE)

_CAR_CLASSES = frozenset(SPEED_KMH) - {"footway", "path"}
_ONE_WAY_SHARE = 0.06
_BANK_M = 70.0


@dataclass(frozen=True)
class County:
    """The dataset, and the same places in metres for whoever adds operations to them."""

    dataset: Dataset
    settlements: list[Settlement]
    areas: Areas
    railways: list[Railway]
    shift: tuple[float, float]

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """Degrees of a place in the county's own metres."""
        point = to_wgs84(np.array([shapely.Point(x + self.shift[0], y + self.shift[1])], object), CRS)[0]
        return float(point.x), float(point.y)


def build_county(seed: int, *, progress: Progress = silent) -> County:
    """Generate the county of `seed`; the same seed gives the same county on every machine."""
    rng = np.random.default_rng(seed)
    progress(0.05, N_("Shaping the land"))
    terrain = build_terrain(rng)
    progress(0.25, N_("Founding towns and villages"))
    settlements = build_settlements(rng, terrain, Names(rng))
    areas = build_areas(rng, terrain, settlements)
    progress(0.4, N_("Laying railways and roads"))
    railways = build_railways(rng, terrain, settlements)
    terrain = replace(terrain, lake=_dam(terrain.lake, railways))
    network = build_roads(rng, terrain, settlements, railways)
    progress(0.8, N_("Drawing fields and woods"))
    outline = shapely.union_all(areas.table.geometry.to_numpy()[areas.table["level"] == int(Level.COUNTY)])
    shapes = build_shapes(rng, terrain, settlements, railways, network, outline=outline)
    shift = _find_shift()
    tracks, ground = _build_tracks(railways, shift), _place(shapes, shift)
    features = [_build_features(railways, network, terrain, shift), build_water_crossings(tracks, ground)]
    dataset = Dataset(
        areas=_place(areas.table, shift),
        **_build_road_tables(rng, network, shift),
        tracks=tracks,
        rail_features=pd.concat(features, ignore_index=True),
        shapes=ground,
        places=_build_places(settlements, shift),
    )
    return County(dataset, settlements, areas, railways, shift)


def _dam(lake: shapely.Polygon, railways: list[Railway]) -> shapely.Polygon:
    """The larger part of the lake beside the embankments of the railways, which it would flood otherwise."""
    banks = shapely.union_all([shapely.buffer(railway.line, _BANK_M) for railway in railways])
    parts = shapely.get_parts(shapely.difference(lake, banks))
    return max(parts, key=lambda part: float(part.area), default=lake)


def _find_shift() -> tuple[float, float]:
    """What moves the county's own metres into the working plane."""
    x, y = points_to_metric(np.array([CENTRE[0]]), np.array([CENTRE[1]]), CRS)
    return float(x[0]) - WIDTH_M / 2, float(y[0]) - HEIGHT_M / 2


def _to_degrees(geometry: Any, shift: tuple[float, float]) -> Any:
    """WGS-84 on a grid of a centimetre, so that equal places have equal coordinates."""
    moved = shapely.transform(np.asarray(geometry, object), lambda xy: xy + shift)
    return shapely.transform(to_wgs84(moved, CRS), lambda xy: np.round(xy, 7))


def _place(table: gpd.GeoDataFrame, shift: tuple[float, float]) -> gpd.GeoDataFrame:
    placed = pd.DataFrame(table.drop(columns="geometry"))
    return gpd.GeoDataFrame(placed, geometry=_to_degrees(table.geometry.to_numpy(), shift), crs=WGS84)


def _build_road_tables(
    rng: np.random.Generator, network: Network, shift: tuple[float, float]
) -> dict[str, pd.DataFrame | gpd.GeoDataFrame]:
    pieces = network.pieces
    tips = np.round([[*p.line.coords[0], *p.line.coords[-1]] for p in pieces], 1).reshape(-1, 2)
    corners, node = np.unique(tips, axis=0, return_inverse=True)
    node = node.ravel()
    points: Any = shapely.points(_coordinates(_to_degrees(shapely.points(corners), shift)))
    lines = np.asarray(_to_degrees(np.array([p.line for p in pieces], object), shift), object)
    lines = _snap_ends(lines, points[node[::2]], points[node[1::2]])
    road_class = np.array([p.road_class for p in pieces], object)
    car = np.isin(road_class, list(_CAR_CLASSES))
    one_way = (road_class == "residential") & (rng.random(len(pieces)) < _ONE_WAY_SHARE)
    edges = gpd.GeoDataFrame(
        {
            "u": node[::2],
            "v": node[1::2],
            "way_id": None,
            "road_class": road_class,
            "name": [p.name for p in pieces],
            "length_m": compute_lengths_m(lines),
            "speed_kmh": [SPEED_KMH[c] for c in road_class],
            "car_forward": car,
            "car_backward": car & ~one_way,
            "foot": True,
            "bridge": [p.bridge for p in pieces],
            "tunnel": False,
        },
        geometry=lines,
        crs=WGS84,
    )
    xy = shapely.get_coordinates(points)
    nodes = pd.DataFrame({"osm_id": None, "lon": xy[:, 0], "lat": xy[:, 1]})
    return {"road_nodes": nodes, "road_edges": edges}


def _coordinates(geometry: Any) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.asarray(shapely.get_coordinates(geometry))


def _snap_ends(lines: Any, starts: Any, ends: Any) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Lines that begin and end exactly in their nodes, however the tenth of a metre was rounded."""
    snapped = []
    for line, a, b in zip(lines, starts, ends, strict=True):
        xy = _coordinates(line)
        xy[0], xy[-1] = (a.x, a.y), (b.x, b.y)
        snapped.append(shapely.LineString(xy))
    return np.array(snapped, object)


def _build_tracks(railways: list[Railway], shift: tuple[float, float]) -> gpd.GeoDataFrame:
    rows, lines = build_tracks(railways)
    geometry = _to_degrees(np.array(lines, object), shift)
    tracks = gpd.GeoDataFrame(rows, geometry=geometry, crs=WGS84)
    tracks["length_m"] = compute_lengths_m(tracks.geometry.to_numpy())
    return tracks[[*TRACK_COLUMNS, "geometry"]]


def _build_features(
    railways: list[Railway], network: Network, terrain: Terrain, shift: tuple[float, float]
) -> pd.DataFrame:
    table = pd.concat(
        [build_rail_features(railways, network.crossings), build_earthworks(railways, terrain)], ignore_index=True
    )
    xy = _coordinates(_to_degrees(shapely.points(table["x"], table["y"]), shift))
    return table.assign(lon=xy[:, 0], lat=xy[:, 1])[list(RAIL_FEATURE_COLUMNS)]


def _build_places(settlements: list[Settlement], shift: tuple[float, float]) -> pd.DataFrame:
    xy = _coordinates(_to_degrees(shapely.points([(s.x, s.y) for s in settlements]), shift))
    kinds = ("city", "town", "village")
    names = ["汾柳" if s.rank == 0 else s.name + ("村" if s.rank == 2 else "") for s in settlements]
    table = pd.DataFrame(
        {
            "kind": [kinds[s.rank] for s in settlements],
            "name": names,
            "population": [int(s.households * 2.8) for s in settlements],
            "external_id": None,
            "lon": xy[:, 0],
            "lat": xy[:, 1],
        }
    )
    return table[list(PLACE_COLUMNS)]
