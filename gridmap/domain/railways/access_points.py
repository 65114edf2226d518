"""Access points: where a patrol may leave the road network for the line side, and come back."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.domain.crs import FloatArray, Geometries, points_to_metric, to_metric, to_wgs84, working_crs

ACCESS_COLUMNS = ("kind", "name", "line", "mileage_m", "node", "walk_m", "drivable", "lon", "lat")

_NEAR_DEG = 0.01
"""Roads further from every line than this, at least 500 m in any inhabited latitude, are not looked at."""

_STATION_REACH_M = 400.0
"""From a station's point on the map to the road outside it."""

_STATION_LINE_M = 150.0
_CROSSING_REACH_M = 15.0
_STRUCTURE_M = 15.0

_MAX_WALK_M = 800.0
"""Along a road from its end to where it meets the line; a longer way is no access."""

_CAR_IS_WORTH_M = 100.0
"""So much further a junction may be when a car reaches it."""

_MERGE_M = 60.0
_ON_LINE_M = 1.0
_DEGREE_M = 111_000.0
_STEP_DEG = 1e-5

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Scene:
    """Lines, structures and the walkable roads near them, in one metric plane.

    `nodes` and `drivable` hold every road node; `ways`, `ends` (their two nodes), `over`, `under` and `names` only the
    walkable edges near a line; `dead_ends` the nodes where one walkable edge ends.
    """

    crs: CRS
    lines: Geometries
    bridges: Geometries
    tunnels: Geometries
    nodes: Geometries
    drivable: BoolArray
    ways: Geometries
    ends: IntArray
    over: BoolArray
    under: BoolArray
    names: Geometries
    dead_ends: IntArray


@dataclass(frozen=True)
class _Found:
    """Access points before they are placed on their lines; equally long arrays.

    `walk_m` is the way along the road from the node to `point`, which need not be on the line.
    """

    kind: Geometries
    name: Geometries
    line: IntArray
    point: Geometries
    node: IntArray
    walk_m: FloatArray


def build_access_points(
    lines: gpd.GeoDataFrame,
    *,
    tracks: gpd.GeoDataFrame,
    features: pd.DataFrame,
    road_nodes: pd.DataFrame,
    road_edges: gpd.GeoDataFrame,
    distance_m: float,
) -> pd.DataFrame:
    """Find where the line side can be reached on foot.

    Stations and halts, level crossings, roads and paths that cross the line over or under it, and ends of ways within
    `distance_m` of it. A stretch in tunnel gives none but its stations: there the line side is inside the mountain. Of
    points of one kind within 60 m of each other along a line, and of ends of ways on one side of it, one stays, where a
    car comes rather than not.

    Returns
    -------
    pandas.DataFrame
        `ACCESS_COLUMNS`: `line` a position in `lines`, `node` a position in `road_nodes`, `walk_m` from that node
        along its road to the line side, `drivable` whether a car reaches the node.
    """
    if lines.empty or road_edges.empty:
        return _empty_table()
    scene = _build_scene(lines, tracks, road_nodes, road_edges)
    if len(scene.ways) == 0:
        return _empty_table()
    parts = [
        _find_crossings(scene, features),
        _find_stations(scene, features),
        _find_over_and_under(scene),
        _find_way_ends(scene, distance_m),
    ]
    fields = ("kind", "name", "line", "point", "node", "walk_m")
    found = _Found(*(np.concatenate([getattr(part, field) for part in parts]) for field in fields))
    return _merge_neighbours(_place_on_lines(scene, found, lines))


def _empty_table() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in ACCESS_COLUMNS})


def _build_scene(
    lines: gpd.GeoDataFrame, tracks: gpd.GeoDataFrame, road_nodes: pd.DataFrame, road_edges: gpd.GeoDataFrame
) -> _Scene:
    west, south, east, north = lines.total_bounds
    crs = working_crs(float((west + east) / 2), float((south + north) / 2))
    ends = road_edges[["u", "v"]].to_numpy(np.int64)
    foot = road_edges["foot"].to_numpy(bool)
    car = road_edges["car_forward"].to_numpy(bool) | road_edges["car_backward"].to_numpy(bool)
    drivable = np.zeros(len(road_nodes), bool)
    drivable[ends[car].ravel()] = True
    edges = road_edges.geometry.to_numpy()
    near = shapely.STRtree(edges).query(lines.geometry.to_numpy(), predicate="dwithin", distance=_NEAR_DEG)[1]
    rows = np.intersect1d(near, np.flatnonzero(foot))
    x, y = points_to_metric(road_nodes["lon"].to_numpy(float), road_nodes["lat"].to_numpy(float), crs)
    structures = tracks.geometry.to_numpy()
    return _Scene(
        crs=crs,
        lines=to_metric(lines.geometry.to_numpy(), crs),
        bridges=to_metric(structures[tracks["bridge"].to_numpy(bool)], crs),
        tunnels=to_metric(structures[tracks["tunnel"].to_numpy(bool)], crs),
        nodes=np.asarray(shapely.points(x, y), object),
        drivable=drivable,
        ways=to_metric(edges[rows], crs),
        ends=ends[rows],
        over=road_edges["bridge"].to_numpy(bool)[rows],
        under=road_edges["tunnel"].to_numpy(bool)[rows],
        names=road_edges["name"].to_numpy(object)[rows],
        dead_ends=np.flatnonzero(np.bincount(ends[foot].ravel(), minlength=len(road_nodes)) == 1),
    )


def _find_crossings(scene: _Scene, features: pd.DataFrame) -> _Found:
    """Level crossings: the walkable way that passes through each, left at its better end."""
    name, point = _read_points(scene, features, ("level_crossing",))
    feature, way = shapely.STRtree(scene.ways).query(point, predicate="dwithin", distance=_CROSSING_REACH_M)
    node, along_m = _walk_to_end(scene, way, point[feature])
    return _find_at_features(scene, "level_crossing", name, point, feature, node, along_m)


def _find_stations(scene: _Scene, features: pd.DataFrame) -> _Found:
    """Stations and halts: the nearest junction on foot, or one a little further where a car comes."""
    name, point = _read_points(scene, features, ("station", "halt"))
    reachable = np.unique(scene.ends)
    tree = shapely.STRtree(scene.nodes[reachable])
    feature, near = tree.query(point, predicate="dwithin", distance=_STATION_REACH_M)
    node = reachable[near]
    away_m = shapely.distance(scene.nodes[node], point[feature])
    return _find_at_features(scene, "station", name, point, feature, node, away_m)


def _read_points(scene: _Scene, features: pd.DataFrame, kinds: tuple[str, ...]) -> tuple[Geometries, Geometries]:
    wanted = features[features["kind"].isin(kinds)]
    x, y = points_to_metric(wanted["lon"].to_numpy(float), wanted["lat"].to_numpy(float), scene.crs)
    return wanted["name"].to_numpy(object), np.asarray(shapely.points(x, y), object)


def _walk_to_end(scene: _Scene, way: IntArray, point: Geometries) -> tuple[IntArray, FloatArray]:
    """From a point on each way to the end of it that is nearer or that a car reaches: that node, and the metres."""
    from_start = shapely.line_locate_point(scene.ways[way], point)
    along_m = np.column_stack([from_start, shapely.length(scene.ways[way]) - from_start])
    ends = scene.ends[way]
    better = np.argmin(along_m + _CAR_IS_WORTH_M * ~scene.drivable[ends], axis=1)
    row = np.arange(len(way))
    return ends[row, better], along_m[row, better]


def _find_at_features(
    scene: _Scene,
    kind: str,
    name: Geometries,
    point: Geometries,
    feature: IntArray,
    node: IntArray,
    along_m: FloatArray,
) -> _Found:
    """The best of the candidates (feature, node, metres) of each feature, for every line the feature stands at."""
    order = np.lexsort((node, along_m + _CAR_IS_WORTH_M * ~scene.drivable[node], feature))
    _, first = np.unique(feature[order], return_index=True)
    best = order[first]
    at, line = shapely.STRtree(scene.lines).query(point[feature[best]], predicate="dwithin", distance=_STATION_LINE_M)
    best = best[at]
    return _Found(
        np.full(len(best), kind, object), name[feature[best]], line, point[feature[best]], node[best], along_m[best]
    )


def _find_over_and_under(scene: _Scene) -> _Found:
    """Walkable ways that cross a line on a bridge over it, or under it through a tunnel or the line's own bridge."""
    line, way = shapely.STRtree(scene.ways).query(scene.lines, predicate="intersects")
    meeting = shapely.intersection(scene.lines[line], scene.ways[way])
    parts, owner = shapely.get_parts(meeting, return_index=True)
    point, line, way = np.asarray(shapely.centroid(parts), object), line[owner], way[owner]
    under = scene.under[way] | _is_near(point, scene.bridges, _STRUCTURE_M)
    keep = scene.over[way] | under
    point, line, way = point[keep], line[keep], way[keep]
    node, along_m = _walk_to_end(scene, way, point)
    kind = np.where(scene.over[way], "bridge", "underpass").astype(object)
    return _Found(kind, scene.names[way], line, point, node, along_m)


def _find_way_ends(scene: _Scene, distance_m: float) -> _Found:
    end = scene.nodes[scene.dead_ends]
    near, line = shapely.STRtree(scene.lines).query(end, predicate="dwithin", distance=distance_m)
    count = len(line)
    kind, name = np.full(count, "way_end", object), np.full(count, "", object)
    return _Found(kind, name, line, end[near], scene.dead_ends[near], np.zeros(count))


def _is_near(points: Geometries, others: Geometries, distance_m: float) -> BoolArray:
    near = np.zeros(len(points), bool)
    if len(others):
        near[shapely.STRtree(others).query(points, predicate="dwithin", distance=distance_m)[0]] = True
    return near


def _place_on_lines(scene: _Scene, found: _Found, lines: gpd.GeoDataFrame) -> pd.DataFrame:
    """Mileage, walk and place beside the line, without what cannot be walked."""
    geometry = scene.lines[found.line]
    along = shapely.line_locate_point(geometry, found.point)
    beside = np.asarray(shapely.line_interpolate_point(geometry, along), object)
    # The plane stretches lengths a little; mileage is measured on the ellipsoid.
    scale = lines["length_m"].to_numpy(float) / np.maximum(shapely.length(scene.lines), 1e-9)
    place = to_wgs84(beside, scene.crs)
    table = pd.DataFrame(
        {
            "kind": found.kind,
            "name": found.name,
            "line": found.line,
            "mileage_m": lines["start_m"].to_numpy(float)[found.line] + along * scale[found.line],
            "node": found.node,
            "walk_m": found.walk_m + shapely.distance(found.point, beside),
            "drivable": scene.drivable[found.node],
            "lon": shapely.get_x(place),
            "lat": shapely.get_y(place),
            "side": "",
        }
    )
    is_end = (table["kind"] == "way_end").to_numpy(bool)
    table.loc[is_end, "side"] = find_way_sides(
        lines.geometry.to_numpy()[found.line[is_end]],
        beside=shapely.get_coordinates(place[is_end]),
        ends=shapely.get_coordinates(to_wgs84(scene.nodes[found.node[is_end]], scene.crs)),
    )
    # A station in a tunnel has stairs of its own; everything else there cannot reach the line.
    outside = ~_is_near(beside, scene.tunnels, _STRUCTURE_M) | (table["kind"] == "station").to_numpy(bool)
    return table[outside & (table["walk_m"] <= _MAX_WALK_M).to_numpy(bool)]


def find_way_sides(lines: Geometries, *, beside: FloatArray, ends: FloatArray) -> npt.NDArray[np.object_]:
    """On which side of its line each way ends, facing increasing mileage: left, right, or "" on the line itself.

    Parameters
    ----------
    lines
        The line of each way, in the direction of its mileage.
    beside, ends
        (lon, lat) of the place on the line, and of the end of the way; degrees, shape (ways, 2).
    """
    if not len(lines):
        return np.empty(0, object)
    at = shapely.line_locate_point(lines, shapely.points(beside))
    around = np.clip([at - _STEP_DEG, at + _STEP_DEG], 0.0, shapely.length(lines))
    before, after = (shapely.get_coordinates(shapely.line_interpolate_point(lines, mark)) for mark in around)
    shrink = np.column_stack([np.cos(np.radians(beside[:, 1])), np.ones(len(beside))])
    ahead, aside = (after - before) * shrink, (ends - beside) * shrink
    # The metric length of a degree is all but constant here; only the sign and a metre matter.
    offset_m = _DEGREE_M * (ahead[:, 0] * aside[:, 1] - ahead[:, 1] * aside[:, 0]) / np.hypot(*ahead.T)
    return np.where(np.abs(offset_m) < _ON_LINE_M, "", np.where(offset_m > 0, "left", "right")).astype(object)


def _merge_neighbours(table: pd.DataFrame) -> pd.DataFrame:
    """Of points of one kind, line and side within `_MERGE_M` the best: where a car comes, then the shortest walk."""
    ordered = table.assign(on_foot=~table["drivable"].astype(bool)).sort_values(
        ["on_foot", "walk_m", "line", "mileage_m", "node"], kind="stable"
    )
    kept: list[int] = []
    taken: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for row in ordered.itertuples():
        marks = taken[int(row.line), str(row.kind), str(row.side)]
        at = bisect_left(marks, row.mileage_m)
        if all(abs(row.mileage_m - mark) > _MERGE_M for mark in marks[max(0, at - 1) : at + 1]):
            insort(marks, float(row.mileage_m))
            kept.append(int(row.Index))
    merged = table.loc[kept].sort_values(["line", "mileage_m", "kind"], kind="stable")
    return merged.reset_index(drop=True)[list(ACCESS_COLUMNS)]
