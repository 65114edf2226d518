"""What every source delivers, whether read from a file or generated: checked tables in one shape."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

WGS84 = "EPSG:4326"

AREA_COLUMNS = ("code", "name", "level", "kind", "households", "external_id")
ROAD_NODE_COLUMNS = ("osm_id", "lon", "lat")
ROAD_EDGE_COLUMNS = (
    "u",
    "v",
    "way_id",
    "road_class",
    "name",
    "length_m",
    "speed_kmh",
    "car_forward",
    "car_backward",
    "foot",
    "bridge",
    "tunnel",
)
TURN_COLUMNS = ("relation_id", "from_edge", "via_node", "via_edges", "to_edge", "only", "car", "motorcycle")
TRACK_COLUMNS = (
    "way_id",
    "name",
    "ref",
    "usage",
    "service",
    "gauge_mm",
    "electrified",
    "high_speed",
    "max_speed_kmh",
    "bridge",
    "tunnel",
    "length_m",
)
RAIL_FEATURE_COLUMNS = ("kind", "name", "external_id", "length_m", "lon", "lat")
MILESTONE_COLUMNS = ("external_id", "mileage_m", "lon", "lat")
SHAPE_COLUMNS = ("kind", "name")
PLACE_COLUMNS = ("kind", "name", "population", "external_id", "lon", "lat")


@dataclass(frozen=True)
class Dataset:
    """Everything one source says about a place; geometries are WGS-84.

    Attributes
    ----------
    areas
        Polygons and multipolygons with `AREA_COLUMNS`; `level` is a `domain.codes.Level`.
    road_nodes, road_edges
        Junctions and the directed-by-flags edges between them; `u` and `v` are positions in `road_nodes`, the
        geometry runs from u to v and is split at every junction; lengths along the ellipsoid, metres.
    tracks
        Live railway tracks with `TRACK_COLUMNS`.
    rail_features
        Stations, halts, level crossings, bridges, tunnels, cuttings, embankments, slopes, culverts and bridges over
        water, as points.
    shapes, places
        Basemap polygons and lines, and named places.
    turns
        Turns that may not be made, or the only ones that may: `from_edge`, `to_edge` and the numbers in `via_edges`
        (text, apart by blanks, empty mostly) are positions in `road_edges`, `via_node` in `road_nodes`.
    milestones
        Posts beside railways and the mileage they show.
    """

    areas: gpd.GeoDataFrame
    road_nodes: pd.DataFrame
    road_edges: gpd.GeoDataFrame
    tracks: gpd.GeoDataFrame
    rail_features: pd.DataFrame
    shapes: gpd.GeoDataFrame
    places: pd.DataFrame
    milestones: pd.DataFrame = field(default_factory=lambda: empty_table(MILESTONE_COLUMNS))
    turns: pd.DataFrame = field(default_factory=lambda: empty_table(TURN_COLUMNS))


def empty_table(columns: tuple[str, ...]) -> pd.DataFrame:
    """No rows, with the schema."""
    return pd.DataFrame({name: [] for name in columns})


def empty_layer(columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """No rows, with the schema and a WGS-84 geometry column."""
    return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=WGS84)
