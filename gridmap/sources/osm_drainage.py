"""What rain makes dangerous along the railways of an extract: culverts, bridges over water, cuttings, banks, cliffs.

They are no objects of interest of their own: tracks and waterways were counted already.
"""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.domain.railways.drainage import find_slopes, find_water_crossings
from gridmap.sources.dataset import RAIL_FEATURE_COLUMNS, WGS84
from gridmap.sources.osm_reader import Tags, WayTable

_WATERWAYS = frozenset({"river", "canal", "stream", "drain", "ditch"})
_NO_CROSSING = frozenset({"flooded", "building_passage"})
"""Tunnels of water that pass below a railway at a depth of their own."""


def build_drainage(ways: WayTable, tracks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Culverts, bridges over water and slopes beside tracks, with `dataset.RAIL_FEATURE_COLUMNS`."""
    found = [
        find_water_crossings(tracks, _collect(ways, _is_waterway)),
        find_slopes(tracks, _collect(ways, _is_slope)),
    ]
    return pd.concat(found, ignore_index=True)[list(RAIL_FEATURE_COLUMNS)]


def _is_waterway(tags: Tags) -> bool:
    over = tags.get("bridge", "no") != "no"
    return tags.get("waterway") in _WATERWAYS and tags.get("tunnel") not in _NO_CROSSING and not over


def _is_slope(tags: Tags) -> bool:
    return tags.get("natural") == "cliff" or tags.get("man_made") == "embankment"


def _collect(ways: WayTable, wanted: Callable[[Tags], bool]) -> gpd.GeoDataFrame:
    """Ways as lines, a row for each stretch the file holds: name, external_id, culvert."""
    rows, lines = [], []
    for row, tags in enumerate(ways.tags):
        if wanted(tags):
            for run in ways.runs(row):
                culvert = tags.get("tunnel", "no") != "no"
                rows.append((tags.get("name", ""), f"way/{ways.way_id[row]}", culvert))
                lines.append(shapely.LineString(run))
    table = pd.DataFrame(rows, columns=["name", "external_id", "culvert"])
    return gpd.GeoDataFrame(table, geometry=lines, crs=WGS84)
