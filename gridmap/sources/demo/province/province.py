"""The demo province put together as a `Dataset` in WGS-84."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.crs import Geometries, compute_lengths_m
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_
from gridmap.sources.dataset import (
    PLACE_COLUMNS,
    RAIL_FEATURE_COLUMNS,
    ROAD_EDGE_COLUMNS,
    SHAPE_COLUMNS,
    TRACK_COLUMNS,
    WGS84,
    Dataset,
)
from gridmap.sources.demo.province.areas import Areas, build_areas
from gridmap.sources.demo.province.cover import build_cover
from gridmap.sources.demo.province.frame import place, place_points
from gridmap.sources.demo.province.hierarchy import Hierarchy, build_hierarchy, compute_burden
from gridmap.sources.demo.province.lines import build_railways
from gridmap.sources.demo.province.mosaic import Mosaic, build_mosaic
from gridmap.sources.demo.province.relief import FloatArray, IntArray, build_relief
from gridmap.sources.demo.province.roads import RoadGraph, build_roads
from gridmap.sources.demo.province.sites import CITY_SEAT, COUNTY_SEAT, TOWN_SEAT, build_seeds, build_towns
from gridmap.sources.demo.province.size import PROVINCE, ProvinceSize
from gridmap.sources.demo.province.water import build_rivers
from gridmap.sources.demo.railways import Railway, build_rail_features, build_tracks, build_water_crossings
from gridmap.sources.demo.roads import SPEED_KMH

_LEVEL_CROSSINGS = {"unclassified": 0.35, "tertiary": 0.12}
"""Share of roads of a class that meet an ordinary railway on the level; the others cross on a bridge."""

_PLACE_KIND = {CITY_SEAT: "city", COUNTY_SEAT: "town", TOWN_SEAT: "town"}
_PER_HOUSEHOLD = 2.8


def build_province(seed: int, *, size: ProvinceSize = PROVINCE, progress: Progress = silent) -> Dataset:
    """Generate the province of `seed`; the same seed gives the same province on every machine."""
    rng = np.random.default_rng([seed, 19])
    progress(0.02, N_("Shaping the land"))
    relief = build_relief(rng, size)
    towns = build_towns(rng, relief, size)
    progress(0.1, N_("Founding towns and villages"))
    mosaic = build_mosaic(rng, build_seeds(rng, relief, towns, size))
    rivers = build_rivers(rng, relief, mosaic)
    hierarchy = build_hierarchy(rng, relief, mosaic, rivers, towns, size)
    progress(0.35, N_("Drawing borders"))
    areas = build_areas(rng, mosaic, hierarchy)
    progress(0.5, N_("Laying railways and roads"))
    borders = mosaic.pairs()
    burden = compute_burden(relief, mosaic, rivers, borders)
    railways = build_railways(relief, mosaic, rivers, hierarchy, areas.town_name, burden, borders, size)
    graph = build_roads(mosaic, rivers, hierarchy, burden, borders, size)
    progress(0.8, N_("Drawing fields and woods"))
    cover = build_cover(relief, mosaic, rivers, areas.is_urban)
    lines = place(np.array([road.xy_line() for road in graph.roads], object))
    crossings, bridged = _cross_railways(rng, graph, railways)
    tracks, shapes = _build_tracks(railways), _build_shapes(cover)
    features = [_build_features(railways, crossings), build_water_crossings(tracks, shapes)]
    return Dataset(
        areas=areas.table,
        **_build_road_tables(graph, lines, bridged),
        tracks=tracks,
        rail_features=pd.concat(features, ignore_index=True),
        shapes=shapes,
        places=_build_places(mosaic, hierarchy, areas),
    )


def _cross_railways(
    rng: np.random.Generator, graph: RoadGraph, railways: list[Railway]
) -> tuple[list[tuple[float, float, str]], IntArray]:
    """Level crossings (x, y, name), metres, and the roads that cross a railway on a bridge or under one."""
    roads = np.array([road.xy_line() for road in graph.roads], object)
    line, road = shapely.STRtree(roads).query([r.line for r in railways], predicate="intersects")
    crossings: list[tuple[float, float, str]] = []
    bridged = []
    chance = rng.random(len(line))
    for (i, j), draw in zip(np.column_stack([line, road]).tolist(), chance.tolist(), strict=True):
        railway = railways[i]
        point = shapely.Point(shapely.get_coordinates(shapely.intersection(railway.line, roads[j]))[0])
        at = shapely.line_locate_point(railway.line, point)
        if railway.is_on(at, "bridge") or railway.is_on(at, "tunnel"):
            continue
        if not railway.fast and draw < _LEVEL_CROSSINGS.get(graph.roads[j].road_class, 0.0):
            crossings.append((float(point.x), float(point.y), f"{railway.name}{at / 1000:.1f}公里道口"))
        else:
            bridged.append(j)
    return crossings, np.unique(np.array(bridged, np.int64))


def _build_road_tables(graph: RoadGraph, lines: Geometries, bridged: IntArray) -> dict[str, Any]:
    lonlat = place_points(graph.nodes)
    bridge = np.array([road.bridge for road in graph.roads])
    bridge[bridged] = True
    road_class = np.array([road.road_class for road in graph.roads], object)
    columns = {
        "u": graph.ends[:, 0],
        "v": graph.ends[:, 1],
        "way_id": None,
        "road_class": road_class,
        "name": [road.name for road in graph.roads],
        "length_m": compute_lengths_m(lines),
        "speed_kmh": [SPEED_KMH[name] for name in road_class],
        "car_forward": True,
        "car_backward": True,
        "foot": True,
        "bridge": bridge,
        "tunnel": False,
    }
    edges = gpd.GeoDataFrame(columns, geometry=lines, crs=WGS84)
    nodes = pd.DataFrame({"osm_id": None, "lon": lonlat[:, 0], "lat": lonlat[:, 1]})
    return {"road_nodes": nodes, "road_edges": edges[[*ROAD_EDGE_COLUMNS, "geometry"]]}


def _build_tracks(railways: list[Railway]) -> gpd.GeoDataFrame:
    rows, lines = build_tracks(railways)
    tracks = gpd.GeoDataFrame(rows, geometry=place(np.array(lines, object)), crs=WGS84)
    tracks["length_m"] = compute_lengths_m(tracks.geometry.to_numpy())
    return tracks[[*TRACK_COLUMNS, "geometry"]]


def _build_features(railways: list[Railway], crossings: list[tuple[float, float, str]]) -> pd.DataFrame:
    table = build_rail_features(railways, crossings)
    lonlat = place_points(table[["x", "y"]].to_numpy(float))
    return table.assign(lon=lonlat[:, 0], lat=lonlat[:, 1])[list(RAIL_FEATURE_COLUMNS)]


def _build_shapes(cover: list[tuple[str, Geometries]]) -> gpd.GeoDataFrame:
    kinds = np.repeat(np.array([kind for kind, _ in cover], object), [len(shapes) for _, shapes in cover])
    geometry = place(np.concatenate([shapes for _, shapes in cover]))
    return gpd.GeoDataFrame({"kind": kinds, "name": ""}, geometry=geometry, crs=WGS84)[[*SHAPE_COLUMNS, "geometry"]]


def _build_places(mosaic: Mosaic, hierarchy: Hierarchy, areas: Areas) -> pd.DataFrame:
    """Cities, towns and villages at their seats, with the people of their village, town or urban cells."""
    households = _sum_households(hierarchy, areas)
    is_town = np.isin(hierarchy.village_seat, hierarchy.town_seat)
    village = np.flatnonzero(~is_town)
    town_kind = np.array([_PLACE_KIND[rank] for rank in hierarchy.town_rank.tolist()], object)
    county_seat = hierarchy.town_rank <= COUNTY_SEAT
    town_name = np.array(areas.town_name, object)
    # The seat of a county goes by the county's name, that of a city by the city's.
    county = hierarchy.county_of_town
    town_name[county_seat] = np.array(areas.county_name, object)[county[county_seat]]
    is_city = hierarchy.town_rank == CITY_SEAT
    town_name[is_city] = np.array(areas.city_name, object)[hierarchy.city_of_county[county[is_city]]]
    seats = np.concatenate([hierarchy.town_seat, hierarchy.village_seat[village]])
    lonlat = place_points(mosaic.seeds[seats])
    table = pd.DataFrame(
        {
            "kind": np.concatenate([town_kind, np.full(len(village), "village", object)]),
            "name": np.concatenate([town_name, [areas.village_name[v] + "村" for v in village.tolist()]]),
            "population": np.concatenate([households[0], households[1][village]]).round().astype(int),
            "external_id": None,
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
        }
    )
    return table[list(PLACE_COLUMNS)]


def _sum_households(hierarchy: Hierarchy, areas: Areas) -> tuple[FloatArray, FloatArray]:
    """People of the urban cells of each town, and of each village."""
    cells = areas.cell_households * _PER_HOUSEHOLD
    town = hierarchy.town_of_cell()
    return (
        np.asarray(np.bincount(town, np.where(areas.is_urban, cells, 0.0), len(hierarchy.town_seat)), np.float64),
        np.asarray(np.bincount(hierarchy.village_of_cell, cells, len(hierarchy.village_seat)), np.float64),
    )
