"""Railway segments: the stretches a patrol is due on, cut at borders, stations and crossings and evenly between."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.codes import Level
from gridmap.domain.crs import FloatArray, Geometries, to_metric, working_crs
from gridmap.domain.railways.area_runs import AreaRun, find_area_runs
from gridmap.domain.railways.mileage import MeasuredLine

SEGMENT_COLUMNS = (
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

_CUT_AT: tuple[tuple[frozenset[str], float], ...] = (
    (frozenset({"station", "halt"}), 150.0),
    (frozenset({"level_crossing"}), 30.0),
)
"""Kinds of features that lines are cut at, the first before the others, and how far from a line one may lie, metres."""

_NEAR_DEG = 0.01
"""Features further from a line than this, at least 500 m in any inhabited latitude, are not even measured."""

_MIN_CUT_M = 300.0
"""A feature closer than this to another cut does not make one of its own."""

_BESIDE_M = 12.0
"""Wide enough for the structure of the track beside the one that made the line."""

_GARDEN_M = 50.0
"""Built-up land reaches this far beyond its drawn border; smaller gaps do not part a settlement."""

_CITY_REACH_M = 3000.0
_SETTING_SHARE = 0.3
_SETTING_AREA_M2 = {"village": 0.0, "suburban": 2e6, "urban": 8e6}
"""Connected built-up land from which each setting of Article 27 is assumed: screening, no official category."""

INTERVAL_DAYS = {1: 15, 2: 7, 3: 3, 4: 1}
"""How often a segment is walked by risk; local practice, editable afterwards."""


def build_segments(
    lines: gpd.GeoDataFrame,
    *,
    areas: gpd.GeoDataFrame,
    tracks: gpd.GeoDataFrame,
    features: pd.DataFrame,
    land_use: gpd.GeoDataFrame | None = None,
    max_length_m: float = 1500.0,
    cut_level: Level = Level.VILLAGE,
) -> gpd.GeoDataFrame:
    """Cut `lines` (`lines.LINE_COLUMNS`) into segments: at borders of areas, at stations, at crossings, and evenly.

    Borders always cut. Stations and halts, then level crossings, cut where no other cut lies within 300 m.

    Parameters
    ----------
    areas
        Polygons with `code` and `level`; which of them answers for a place says `area_runs.find_area_runs`, and with
        `cut_level` at the borders of which level lines are cut. "" where none covers it.
    tracks
        With `bridge`, `tunnel`; their share of a segment sets `bridge_m` and `tunnel_m`.
    features
        Points with `kind`, `lon`, `lat`.
    land_use
        Polygons with `kind`; those of settlements decide the setting. Without them every segment lies in open country.
    max_length_m
        No segment is longer.

    Returns
    -------
    geopandas.GeoDataFrame
        `SEGMENT_COLUMNS`, `line` being a position in `lines`, and WGS-84 LineStrings; in order along each line.
    """
    measured = [MeasuredLine(line.geometry, start_m=line.start_m) for line in lines.itertuples()]
    marks = _find_marks(measured, features)
    rows: list[dict[str, object]] = []
    for position, (line, runs) in enumerate(
        zip(measured, find_area_runs(measured, areas, cut_level=cut_level), strict=True)
    ):
        for low, high, code in _cut(runs, marks[position], max_length_m):
            rows.append(
                {
                    "line": position,
                    "from_m": low,
                    "to_m": high,
                    "side": "both",
                    "length_m": high - low,
                    "area_code": code,
                    "geometry": line.stretch(low, high),
                }
            )
    if not rows:
        return gpd.GeoDataFrame({name: [] for name in SEGMENT_COLUMNS}, geometry=[], crs=lines.crs)
    segments = gpd.GeoDataFrame(rows, geometry="geometry", crs=lines.crs)
    _add_surroundings(segments, tracks, land_use)
    fast = lines["high_speed"].to_numpy(bool)[segments["line"].to_numpy()]
    segments["risk"] = _rate_risk(segments, fast)
    segments["interval_days"] = segments["risk"].map(INTERVAL_DAYS)
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


def _find_marks(lines: Sequence[MeasuredLine], features: pd.DataFrame) -> list[list[FloatArray]]:
    """Chainages of the features on each line, in order, for each entry of `_CUT_AT`."""
    found: list[list[FloatArray]] = [[] for _ in lines]
    shapes: Geometries = np.array([line.geometry for line in lines], object)
    for kinds, reach_m in _CUT_AT:
        places = features.loc[features["kind"].isin(kinds), ["lon", "lat"]].to_numpy(float)
        points = np.asarray(shapely.points(places), object)
        feature, owner = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=_NEAR_DEG)
        for position, line in enumerate(lines):
            own = places[feature[owner == position]]
            seen = line.locate_all(own[:, 0], own[:, 1])
            found[position].append(np.sort(seen.chainage_m[seen.offset_m <= reach_m]))
    return found


def _cut(runs: Sequence[AreaRun], marks: Sequence[FloatArray], max_length_m: float) -> list[tuple[float, float, str]]:
    """Chainages and area code of the segments of a line, in order."""
    bounds = [runs[0].from_m, *(run.to_m for run in runs)]
    for mark in np.concatenate(list(marks)).tolist():
        at = bisect_left(bounds, mark)
        if all(abs(mark - bound) >= _MIN_CUT_M for bound in bounds[max(0, at - 1) : at + 1]):
            insort(bounds, mark)
    borders = [run.to_m for run in runs]
    pieces: list[tuple[float, float, str]] = []
    for low, high in pairwise(bounds):
        code = runs[bisect_left(borders, high)].area_code
        marked = np.linspace(low, high, max(1, int(np.ceil((high - low) / max_length_m))) + 1)
        pieces += [(float(a), float(b), code) for a, b in pairwise(marked)]
    return pieces


def _rate_risk(segments: gpd.GeoDataFrame, fast: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """1 to 4: one more each for high speed, for structures over a fifth of the length, and for people living there."""
    structures = (segments["bridge_m"] + segments["tunnel_m"]).to_numpy() > 0.2 * segments["length_m"].to_numpy()
    inhabited = (segments["setting"] != "open").to_numpy(bool)
    return np.asarray(1 + fast.astype(np.int64) + structures.astype(np.int64) + inhabited.astype(np.int64))
