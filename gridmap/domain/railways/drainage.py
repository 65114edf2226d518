"""Where water passes below a railway: culverts (涵洞) and bridges; and slopes (边坡) that rise or fall beside it."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import Geometries, to_metric, to_wgs84, working_crs

CULVERT, WATER_BRIDGE, SLOPE = "culvert", "water_bridge", "slope"

_SAME_CROSSING_M = 30.0
"""Crossings nearer than this are one: a waterway under the tracks of one line, or drawn in pieces."""

_SLOPE_REACH_M = 50.0
"""A cliff or bank drawn further from every track says nothing about the line."""

_SAME_SLOPE_M = 60.0

IntArray = npt.NDArray[np.int64]


def find_water_crossings(tracks: gpd.GeoDataFrame, waterways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Places where a waterway passes below tracks, WGS-84: on a bridge of theirs, else through a culvert.

    What lies below a tunnel is left out, and so is a waterway that runs through a culvert of its own below a bridge.
    Whether a culvert is there at all is inferred: a track without a bridge that a stream crosses must have one.

    Parameters
    ----------
    tracks
        `bridge`, `tunnel` and the line of each.
    waterways
        `name`, `external_id`, `culvert` (whether it is drawn as one) and the line of each; none that passes over.

    Returns
    -------
    pandas.DataFrame
        kind (culvert, water_bridge), name, external_id, lon, lat; by place from the west.
    """
    open_air = tracks[~tracks["tunnel"].to_numpy(bool)]
    lines, water = open_air.geometry.to_numpy(), waterways.geometry.to_numpy()
    track, way = shapely.STRtree(water).query(lines, predicate="intersects")
    parts, owner = shapely.get_parts(shapely.intersection(lines[track], water[way]), return_index=True)
    if len(parts) == 0:
        return _build_table([], [], waterways, np.zeros(0, np.int64), np.zeros(0, object))
    points = np.asarray(shapely.centroid(parts), object)
    on_bridge = open_air["bridge"].to_numpy(bool)[track[owner]]
    way = way[owner]
    told = ~(on_bridge & waterways["culvert"].to_numpy(bool)[way])
    # A bridge goes first, then what has a name: of one crossing the better known stays.
    named = waterways["name"].to_numpy(object)[way] != ""
    order = np.lexsort((~named, ~on_bridge))
    kept = _keep_apart(points, order[told[order]], apart_m=_SAME_CROSSING_M)
    kinds = np.where(on_bridge, WATER_BRIDGE, CULVERT)[kept].tolist()
    return _build_table(kinds, [None] * len(kept), waterways, way[kept], points[kept])


def find_slopes(tracks: gpd.GeoDataFrame, slopes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cliffs and banks (`name`, `external_id`, a line each) within 50 m of tracks in the open air, WGS-84.

    Returns
    -------
    pandas.DataFrame
        kind (slope), name, external_id, length_m (of the part so near, metres), lon, lat (of the track beside it).
    """
    beside = tracks[~(tracks["tunnel"] | tracks["bridge"]).to_numpy(bool)]
    if beside.empty or slopes.empty:
        return _build_table([], [], slopes, np.zeros(0, np.int64), np.zeros(0, object))
    west, south, east, north = beside.total_bounds
    crs = working_crs(float(west + east) / 2, float(south + north) / 2)
    lines, banks = (to_metric(table.geometry.to_numpy(), crs) for table in (beside, slopes))
    bank, line = shapely.STRtree(lines).query(banks, predicate="dwithin", distance=_SLOPE_REACH_M)
    near = shapely.intersection(banks[bank], shapely.buffer(lines[line], _SLOPE_REACH_M, quad_segs=4))
    length = shapely.length(near)
    foot = np.asarray(shapely.get_point(shapely.shortest_line(lines[line], banks[bank]), 0), object)
    places = to_wgs84(foot, crs)
    kept = _keep_apart(places, np.argsort(-length, kind="stable"), apart_m=_SAME_SLOPE_M)
    lengths = [float(metres) for metres in length[kept]]
    return _build_table([SLOPE] * len(kept), lengths, slopes, bank[kept], places[kept])


def _keep_apart(points_wgs84: Geometries, order: IntArray, *, apart_m: float) -> IntArray:
    """Of places within `apart_m` of each other the one that comes first in `order`; positions, from the west."""
    if len(order) == 0:
        return np.zeros(0, np.int64)
    x, y = shapely.get_coordinates(points_wgs84[order]).T
    metric = to_metric(points_wgs84[order], working_crs(float(x.mean()), float(y.mean())))
    later, earlier = shapely.STRtree(metric).query(metric, predicate="dwithin", distance=apart_m)
    near: dict[int, list[int]] = {}
    for this, other in zip(later.tolist(), earlier.tolist(), strict=True):
        if other < this:
            near.setdefault(this, []).append(other)
    kept: set[int] = set()
    for position in range(len(order)):
        if kept.isdisjoint(near.get(position, ())):
            kept.add(position)
    chosen = sorted(kept, key=lambda position: (x[position], y[position]))
    return np.asarray(order[chosen], np.int64)


def _build_table(
    kinds: list[str], lengths_m: Sequence[float | None], named: gpd.GeoDataFrame, rows: IntArray, points: Geometries
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": kinds,
            "name": named["name"].to_numpy(object)[rows],
            "external_id": named["external_id"].to_numpy(object)[rows],
            "length_m": np.array(lengths_m, float),
            "lon": shapely.get_x(points),
            "lat": shapely.get_y(points),
        }
    )
