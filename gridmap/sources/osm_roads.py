"""The routable road graph of an OpenStreetMap extract: ways split at junctions, vectorised."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import compute_step_lengths_m
from gridmap.errors import N_
from gridmap.sources.dataset import ROAD_EDGE_COLUMNS, ROAD_NODE_COLUMNS, WGS84, empty_layer, empty_table
from gridmap.sources.osm_reader import MISSING_NODES, IntArray, Tags, WayTable
from gridmap.sources.osm_road_use import ROUTABLE, RoadUse, read_road_use
from gridmap.sources.reconciliation import Tally

_OTHER_CLASS = N_("It is no road or path that can be used now.")
_NO_ACCESS = N_("Neither cars nor walkers may use it.")

_NO_TUNNEL = frozenset({"", "no", "building_passage"})
_NO_BRIDGE = frozenset({"", "no"})

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Roads:
    """Junctions and edges as `dataset.Dataset` holds them."""

    nodes: pd.DataFrame
    edges: gpd.GeoDataFrame


def build_roads(ways: WayTable, *, tally: Tally) -> Roads:
    """Make the graph of the highway ways of an extract, for cars and walkers.

    Every way with `highway` is an object of interest. A clipped way keeps its runs of present nodes and counts as
    repaired. Edges run between junctions (a node that two usable ways share, or one way passes twice, or a way's end),
    so that routing loses nothing; chains are not contracted here.
    """
    chosen, uses = _choose(ways, tally)
    if not chosen:
        return Roads(empty_table(ROAD_NODE_COLUMNS), empty_layer(ROAD_EDGE_COLUMNS))
    table = ways.select(chosen)
    owner = np.repeat(np.arange(len(table)), np.diff(table.offset))
    start, end = _split(table, owner)
    return _assemble(table, owner, start, end, uses)


def _choose(ways: WayTable, tally: Tally) -> tuple[list[int], list[RoadUse]]:
    """Rows of usable ways and how they may be used; the tally hears of every way with `highway`."""
    chosen: list[int] = []
    uses: list[RoadUse] = []
    missing = np.isnan(ways.lon)
    for row, tags in enumerate(ways.tags):
        if "highway" not in tags:
            continue
        way_id = f"way/{ways.way_id[row]}"
        absent = missing[ways.vertices(row)]
        if tags["highway"] not in ROUTABLE:
            tally.reject(way_id, _OTHER_CLASS)
        elif not (use := read_road_use(tags)).is_usable:
            tally.reject(way_id, _NO_ACCESS)
        elif not (~absent[1:] & ~absent[:-1]).any():
            tally.reject(way_id, MISSING_NODES)
        else:
            tally.accept(repaired=bool(absent.any()))
            chosen.append(row)
            uses.append(use)
    return chosen, uses


def _split(table: WayTable, owner: IntArray) -> tuple[IntArray, IntArray]:
    """First and last vertex of each edge: between junctions of one way, over present nodes only."""
    present = ~np.isnan(table.lon)
    last = np.append(owner[1:] != owner[:-1], True)
    first = np.append(True, last[:-1])
    _, node = np.unique(table.ref, return_inverse=True)
    # A node that a way names twice in a row is drawn twice, not visited twice.
    repeated = np.append(False, (node[1:] == node[:-1]) & ~first[1:])
    junction = np.bincount(node[present & ~repeated], minlength=node.max() + 1)[node] > 1
    linked = np.append(present[:-1] & present[1:] & ~last[:-1], False)  # to the next vertex
    cut = (junction | first | last | ~linked | np.append(True, ~linked[:-1])) & present
    at = np.flatnonzero(cut)
    before, after = at[:-1], at[1:]
    # Two cuts in a row bound an edge only where every step between them is there.
    gaps = np.concatenate([[0], np.cumsum(~linked)])
    whole = (owner[before] == owner[after]) & (gaps[after] == gaps[before])
    return before[whole], after[whole]


def _assemble(table: WayTable, owner: IntArray, start: IntArray, end: IntArray, uses: list[RoadUse]) -> Roads:
    count = end - start + 1
    offset = np.concatenate([[0], np.cumsum(count)])
    vertex = np.repeat(start - offset[:-1], count) + np.arange(offset[-1])
    lon, lat = table.lon[vertex], table.lat[vertex]
    edge = np.repeat(np.arange(len(start)), count)
    step = np.append(0.0, compute_step_lengths_m(lon, lat))
    step[offset[:-1]] = 0.0
    length = np.bincount(edge, weights=step, minlength=len(start))
    refs, ends = np.unique(np.concatenate([table.ref[start], table.ref[end]]), return_inverse=True)
    at = np.zeros(len(refs), np.int64)
    at[ends] = np.concatenate([start, end])
    nodes = pd.DataFrame({"osm_id": refs, "lon": table.lon[at], "lat": table.lat[at]})
    columns: dict[str, object] = {"u": ends[: len(start)], "v": ends[len(start) :]}
    columns |= _describe(table, owner[start], uses) | {"length_m": length}
    geometry = shapely.linestrings(np.column_stack([lon, lat]), indices=edge)
    edges = gpd.GeoDataFrame(columns, geometry=geometry, crs=WGS84)[[*ROAD_EDGE_COLUMNS, "geometry"]]
    real = length > 0  # a node drawn twice leads nowhere
    return Roads(nodes, edges[real].reset_index(drop=True))


def _describe(table: WayTable, way: IntArray, uses: list[RoadUse]) -> dict[str, object]:
    """Columns that an edge has from its way; `way` is each edge's row in `table`."""
    tags = table.tags
    per_way: dict[str, npt.NDArray[np.generic]] = {
        "way_id": table.way_id,
        "road_class": np.array([t["highway"] for t in tags], object),
        "name": np.array([t.get("name") or t.get("ref") or "" for t in tags], object),
        "speed_kmh": np.array([use.speed_kmh for use in uses]),
        "car_forward": np.array([use.car_forward for use in uses]),
        "car_backward": np.array([use.car_backward for use in uses]),
        "foot": np.array([use.foot for use in uses]),
        "bridge": _has(tags, "bridge", _NO_BRIDGE),
        "tunnel": _has(tags, "tunnel", _NO_TUNNEL),
    }
    return {name: values[way] for name, values in per_way.items()}


def _has(tags: list[Tags], key: str, absent: frozenset[str]) -> BoolArray:
    return np.array([t.get(key, "") not in absent for t in tags])
