"""Stations and level crossings of an OpenStreetMap extract, each once however often it is drawn."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gridmap.domain.crs import compute_step_lengths_m, points_to_metric, working_crs
from gridmap.errors import N_
from gridmap.sources.dataset import RAIL_FEATURE_COLUMNS, empty_table
from gridmap.sources.osm_railways import is_live
from gridmap.sources.osm_reader import FloatArray, IntArray, NodeTable, OsmExtract, Tags, WayTable
from gridmap.sources.reconciliation import Tally

_URBAN = frozenset({"subway", "tram", "light_rail", "monorail", "funicular"})
_STATION_KINDS = frozenset({"station", "halt"})

_SAME_STATION_M = 400.0
_SAME_CROSSING_M = 30.0

_URBAN_STATION = N_("No railway stops there, only trams or metros.")
_DRAWN_TWICE = N_("The station is there already, drawn as another object.")
_NOT_PLACED = N_("Nodes of it are not in the file.")
_OTHER_TRACK = N_("The crossing is there already, on another track of the same railway.")
_NO_TRACK = N_("No track in use runs through it.")

_WORDS = re.compile(r"\W+")


@dataclass(frozen=True)
class _Feature:
    kind: str
    name: str
    external_id: str
    lon: float
    lat: float


def _build_table(features: list[_Feature]) -> pd.DataFrame:
    if not features:
        return empty_table(RAIL_FEATURE_COLUMNS)
    return pd.DataFrame([vars(f) for f in features]).assign(length_m=None)[list(RAIL_FEATURE_COLUMNS)]


# --- stations ---------------------------------------------------------------------------------------------------


def build_stations(extract: OsmExtract, *, tally: Tally) -> pd.DataFrame:
    """Stations and halts with `dataset.RAIL_FEATURE_COLUMNS`, from nodes, outlines and multipolygons.

    One drawn both as a point and as an outline counts once, under the point: two objects within 400 m are one station
    unless their names differ. Stops of trams and metros alone are none.
    """
    kept: list[_Feature] = []
    for tags, station in [*_read_nodes(extract.nodes), *_read_ways(extract), *_read_relations(extract)]:
        if _is_urban(tags):
            tally.reject(station.external_id, _URBAN_STATION)
        elif np.isnan(station.lon):
            tally.reject(station.external_id, _NOT_PLACED)
        elif any(_is_same_station(station, other) for other in kept):
            tally.reject(station.external_id, _DRAWN_TWICE)
        else:
            tally.accept()
            kept.append(station)
    return _build_table(kept)


def _is_urban(tags: Tags) -> bool:
    urban = tags.get("station") in _URBAN or any(tags.get(key) == "yes" for key in ("subway", "tram", "light_rail"))
    return urban and tags.get("train") != "yes"


def _read_nodes(nodes: NodeTable) -> list[tuple[Tags, _Feature]]:
    return [
        (tags, _name_station(tags, f"node/{nodes.node_id[row]}", nodes.lon[row], nodes.lat[row]))
        for row, tags in enumerate(nodes.tags)
        if tags.get("railway") in _STATION_KINDS
    ]


def _read_ways(extract: OsmExtract) -> list[tuple[Tags, _Feature]]:
    ways = extract.ways
    return [
        (tags, _name_station(tags, f"way/{ways.way_id[row]}", *_middle(ways, [row])))
        for row, tags in enumerate(ways.tags)
        if tags.get("railway") in _STATION_KINDS
    ]


def _read_relations(extract: OsmExtract) -> list[tuple[Tags, _Feature]]:
    row_of = {way_id: row for row, way_id in enumerate(extract.ways.way_id.tolist())}
    found = []
    for relation in extract.relations:
        if relation.tags.get("railway") in _STATION_KINDS:
            rows = [row_of[way_id] for way_id in relation.way_ids if way_id in row_of]
            external_id = f"relation/{relation.relation_id}"
            found.append((relation.tags, _name_station(relation.tags, external_id, *_middle(extract.ways, rows))))
    return found


def _middle(ways: WayTable, rows: list[int]) -> tuple[float, float]:
    """Middle of the box around the nodes that are there; not a number where none is."""
    at = np.concatenate([np.arange(ways.offset[row], ways.offset[row + 1]) for row in rows] or [np.zeros(0, np.int64)])
    lon, lat = ways.lon[at], ways.lat[at]
    present = ~np.isnan(lon)
    if not present.any():
        return float("nan"), float("nan")
    return (lon[present].min() + lon[present].max()) / 2, (lat[present].min() + lat[present].max()) / 2


def _name_station(tags: Tags, external_id: str, lon: float, lat: float) -> _Feature:
    return _Feature(tags["railway"], tags.get("name", ""), external_id, float(lon), float(lat))


def _is_same_station(a: _Feature, b: _Feature) -> bool:
    names = [set(_WORDS.split(f.name.casefold())) - {""} for f in (a, b)]
    if not (names[0] <= names[1] or names[1] <= names[0]):
        return False
    steps = compute_step_lengths_m(np.array([a.lon, b.lon]), np.array([a.lat, b.lat]))
    return bool(steps[0] <= _SAME_STATION_M)


# --- level crossings --------------------------------------------------------------------------------------------


def build_crossings(extract: OsmExtract, *, tally: Tally) -> pd.DataFrame:
    """Level crossings of roads with `dataset.RAIL_FEATURE_COLUMNS`, each once however many tracks it has.

    A crossing has a node on each track. Two nodes are one crossing where a road leads from one straight to the other
    within 30 m and they lie on different tracks. Two roads side by side make two crossings. Crossings for people on
    foot only (railway=crossing) are no objects of interest.
    """
    nodes = extract.nodes
    rows = np.array([i for i, tags in enumerate(nodes.tags) if tags.get("railway") == "level_crossing"], np.int64)
    tracks = _find_tracks(extract.ways, nodes.node_id[rows])
    live: list[int] = []
    for i, row in enumerate(rows.tolist()):
        if tracks[i]:
            live.append(i)
        else:
            tally.reject(f"node/{nodes.node_id[row]}", _NO_TRACK)
    if not live:
        return _build_table([])
    rows, tracks = rows[live], [tracks[i] for i in live]
    label = _group(extract, rows, tracks)
    first: dict[int, int] = {}
    kept: list[_Feature] = []
    for row, group in zip(rows.tolist(), label.tolist(), strict=True):
        external_id = f"node/{nodes.node_id[row]}"
        if group in first:
            tally.reject(external_id, _OTHER_TRACK)
            continue
        first[group] = row
        tally.accept()
        name = nodes.tags[row].get("name", "")
        kept.append(_Feature("level_crossing", name, external_id, float(nodes.lon[row]), float(nodes.lat[row])))
    return _build_table(kept)


def _find_tracks(ways: WayTable, node_ids: IntArray) -> list[set[int]]:
    """Ids of the live tracks through each node."""
    railways = ways.with_key("railway")
    live = railways.select([row for row, tags in enumerate(railways.tags) if is_live(tags)])
    owner = np.repeat(live.way_id, np.diff(live.offset))
    through: dict[int, set[int]] = defaultdict(set)
    for ref, way_id in zip(live.ref.tolist(), owner.tolist(), strict=True):
        through[ref].add(way_id)
    return [through[node_id] for node_id in node_ids.tolist()]


def _group(extract: OsmExtract, rows: IntArray, tracks: list[set[int]]) -> npt.NDArray[np.int32]:
    """Number of the crossing that each crossing node belongs to."""
    nodes = extract.nodes
    lon, lat = nodes.lon[rows], nodes.lat[rows]
    x, y = points_to_metric(lon, lat, working_crs(float(lon[0]), float(lat[0])))
    points = np.asarray(shapely.points(x, y), object)
    a, b = shapely.STRtree(points).query(points, "dwithin", distance=_SAME_CROSSING_M)
    a, b = a[a < b], b[a < b]
    if len(a):
        together = _compute_road_distances_m(extract.ways.with_key("highway"), nodes.node_id[rows])[a, b]
        apart = np.array([not tracks[i] & tracks[j] for i, j in zip(a.tolist(), b.tolist(), strict=True)])
        same = apart & (together <= _SAME_CROSSING_M)
        a, b = a[same], b[same]
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(rows), len(rows)))
    return np.asarray(connected_components(graph, directed=False)[1], np.int32)


def _compute_road_distances_m(highways: WayTable, node_ids: IntArray) -> FloatArray:
    """Shortest way between crossing nodes along roads, metres; infinite beyond 30 m or where there is none."""
    refs, node = np.unique(np.concatenate([node_ids, highways.ref]), return_inverse=True)
    node, at = node[len(node_ids) :], node[: len(node_ids)]
    owner = np.repeat(np.arange(len(highways)), np.diff(highways.offset))
    step = compute_step_lengths_m(np.nan_to_num(highways.lon), np.nan_to_num(highways.lat))
    there = ~np.isnan(highways.lon[1:]) & ~np.isnan(highways.lon[:-1])
    use = (owner[1:] == owner[:-1]) & there & (step > 0) & (step <= _SAME_CROSSING_M)
    # Parallel steps would be added up by the matrix; the shorter one is the road.
    ends = np.sort(np.column_stack([node[:-1][use], node[1:][use]]), axis=1)
    order = np.lexsort((step[use], ends[:, 1], ends[:, 0]))
    pairs, first = np.unique(ends[order], axis=0, return_index=True)
    shape = (len(refs), len(refs))
    graph = csr_array((step[use][order][first], (pairs[:, 0], pairs[:, 1])), shape=shape)
    distance = dijkstra(graph, directed=False, indices=at, limit=_SAME_CROSSING_M)
    return np.asarray(distance[:, at], np.float64)
