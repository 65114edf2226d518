"""Railway segments: the stretches a patrol is due on, cut at stations and at an even length between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import FloatArray, Geometries, to_metric, working_crs
from gridmap.domain.railways.mileage import MeasuredLine

SEGMENT_COLUMNS = (
    "code",
    "line",
    "from_m",
    "to_m",
    "side",
    "length_m",
    "bridge_m",
    "tunnel_m",
    "setting",
    "risk",
    "interval_days",
    "area_code",
)

_STATION_M = 150.0
"""A station further from the line than this belongs to another one."""

_NEAR_DEG = 0.01
"""Stations further from a line than this, at least 500 m in any inhabited latitude, are not even measured."""

_MIN_CUT_M = 300.0
"""A station closer than this to another cut does not make one of its own."""

_BESIDE_M = 12.0
"""Wide enough for the structure of the track beside the one that made the line."""

_GARDEN_M = 50.0
"""Built-up land reaches this far beyond its drawn border; smaller gaps do not part a settlement."""

_CITY_REACH_M = 3000.0
_SETTING_SHARE = 0.3
_SETTING_AREA_M2 = {"village": 0.0, "suburban": 2e6, "urban": 8e6}
"""Connected built-up land from which each setting of Article 27 is assumed: screening, no official category."""

_INTERVAL_DAYS = {1: 15, 2: 7, 3: 3, 4: 1}
"""How often a segment is walked by risk; local practice, editable afterwards."""


def build_segments(
    lines: gpd.GeoDataFrame,
    *,
    areas: gpd.GeoDataFrame,
    tracks: gpd.GeoDataFrame,
    features: pd.DataFrame,
    land_use: gpd.GeoDataFrame | None = None,
    max_length_m: float = 1500.0,
) -> gpd.GeoDataFrame:
    """Cut `lines` (`lines.LINE_COLUMNS`) into segments, at stations and evenly between them.

    Parameters
    ----------
    areas
        Polygons with `code`; the longest code at a segment's middle becomes its area, "" where none covers it.
    tracks
        With `bridge`, `tunnel`; their share of a segment sets `bridge_m` and `tunnel_m`.
    features
        Points with `kind`, `lon`, `lat`; lines are cut at stations and halts.
    land_use
        Polygons with `kind`; those of settlements decide the setting. Without them every segment lies in open country.
    max_length_m
        No segment is longer.

    Returns
    -------
    geopandas.GeoDataFrame
        `SEGMENT_COLUMNS`, `line` being a position in `lines`, and WGS-84 LineStrings.
    """
    rows: list[dict[str, object]] = []
    stations = _find_stations(lines, features)
    for position, line in enumerate(lines.itertuples()):
        measured = MeasuredLine(line.geometry, start_m=line.start_m)
        for low, high in _cut(measured, stations[position], max_length_m):
            rows.append(
                {
                    "code": f"L{position + 1:04d}-{round(low):06d}-{round(high):06d}",
                    "line": position,
                    "from_m": low,
                    "to_m": high,
                    "side": "both",
                    "length_m": high - low,
                    "geometry": measured.stretch(low, high),
                }
            )
    if not rows:
        return gpd.GeoDataFrame({name: [] for name in SEGMENT_COLUMNS}, geometry=[], crs=lines.crs)
    segments = gpd.GeoDataFrame(rows, geometry="geometry", crs=lines.crs)
    _add_surroundings(segments, tracks, land_use)
    fast = lines["high_speed"].to_numpy(bool)[segments["line"].to_numpy()]
    segments["risk"] = _rate_risk(segments, fast)
    segments["interval_days"] = segments["risk"].map(_INTERVAL_DAYS)
    segments["area_code"] = _find_area_codes(segments, areas)
    return segments


def _add_surroundings(segments: gpd.GeoDataFrame, tracks: gpd.GeoDataFrame, land_use: gpd.GeoDataFrame | None) -> None:
    """Set `bridge_m`, `tunnel_m` and `setting`."""
    west, south, east, north = segments.total_bounds
    crs = working_crs(float((west + east) / 2), float((south + north) / 2))
    geometry = to_metric(segments.geometry.to_numpy(), crs)
    for structure in ("bridge", "tunnel"):
        built = to_metric(tracks.geometry.to_numpy()[tracks[structure].to_numpy(bool)], crs)
        strips = shapely.buffer(built, _BESIDE_M, cap_style="flat")
        segments[f"{structure}_m"] = np.minimum(_measure_within(geometry, strips), segments["length_m"].to_numpy())
    segments["setting"] = "open"
    if land_use is not None and len(land_use):
        settlements = to_metric(land_use.geometry.to_numpy()[(land_use["kind"] == "settlement").to_numpy(bool)], crs)
        segments["setting"] = _find_settings(geometry, settlements)


def _measure_within(lines: Geometries, polygons: Geometries) -> FloatArray:
    """Metres of each line inside the union of `polygons`."""
    line, polygon = shapely.STRtree(polygons).query(lines, predicate="intersects")
    total = np.zeros(len(lines))
    for i in np.unique(line):
        covered = shapely.union_all(polygons[polygon[line == i]])
        total[i] = shapely.length(shapely.intersection(lines[i], covered))
    return total


def _find_settings(lines: Geometries, settlements: Geometries) -> Geometries:
    """The setting that lies along at least `_SETTING_SHARE` of each line, the densest that does."""
    near = np.unique(shapely.STRtree(lines).query(settlements, predicate="dwithin", distance=_CITY_REACH_M)[0])
    built_up = shapely.get_parts(shapely.union_all(shapely.buffer(settlements[near], _GARDEN_M)))
    along = np.maximum(shapely.length(lines), 1e-9)
    setting = np.full(len(lines), "open", object)
    for name, area_m2 in _SETTING_AREA_M2.items():
        size = shapely.area(built_up)
        setting[_measure_within(lines, built_up[size >= area_m2]) >= _SETTING_SHARE * along] = name
    return setting


def _find_stations(lines: gpd.GeoDataFrame, features: pd.DataFrame) -> dict[int, list[tuple[float, float]]]:
    """(lon, lat) of the stations and halts near each line, by its position."""
    places = features.loc[features["kind"].isin(["station", "halt"]), ["lon", "lat"]].to_numpy(float)
    station, line = shapely.STRtree(lines.geometry.to_numpy()).query(
        np.asarray(shapely.points(places), object), predicate="dwithin", distance=_NEAR_DEG
    )
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for i, position in zip(station.tolist(), line.tolist(), strict=True):
        found[position].append((float(places[i, 0]), float(places[i, 1])))
    return found


def _cut(line: MeasuredLine, stations: Sequence[tuple[float, float]], max_length_m: float) -> list[tuple[float, float]]:
    """Mileages (from, to) of the segments of a line, in order."""
    places = [line.locate(lon, lat) for lon, lat in stations]
    bounds = [line.start_m]
    for cut in sorted(place.mileage_m for place in places if place.offset_m <= _STATION_M):
        if cut - bounds[-1] >= _MIN_CUT_M and line.end_m - cut >= _MIN_CUT_M:
            bounds.append(cut)
    bounds.append(line.end_m)
    pieces: list[tuple[float, float]] = []
    for low, high in pairwise(bounds):
        marks = np.linspace(low, high, max(1, int(np.ceil((high - low) / max_length_m))) + 1)
        pieces += [(float(a), float(b)) for a, b in pairwise(marks)]
    return pieces


def _rate_risk(segments: gpd.GeoDataFrame, fast: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """1 to 4: one more each for high speed, for structures over a fifth of the length, and for people living there."""
    structures = (segments["bridge_m"] + segments["tunnel_m"]).to_numpy() > 0.2 * segments["length_m"].to_numpy()
    inhabited = (segments["setting"] != "open").to_numpy(bool)
    return np.asarray(1 + fast.astype(np.int64) + structures.astype(np.int64) + inhabited.astype(np.int64))


def _find_area_codes(segments: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> list[str]:
    codes = [""] * len(segments)
    if areas.empty:
        return codes
    middle = shapely.line_interpolate_point(segments.geometry.to_numpy(), 0.5, normalized=True)
    pairs = shapely.STRtree(areas.geometry.to_numpy()).query(middle, predicate="intersects")
    area_codes = areas["code"].to_numpy(object)
    for segment, area in pairs.T.tolist():
        codes[segment] = max(codes[segment], str(area_codes[area]), key=lambda code: (len(code), code))
    return codes
