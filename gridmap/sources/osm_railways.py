"""Railways of an OpenStreetMap extract: live tracks and the bridges, tunnels, cuttings and banks they run through."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.crs import Geometries, compute_lengths_m, to_metric, working_crs
from gridmap.errors import N_
from gridmap.sources.dataset import RAIL_FEATURE_COLUMNS, TRACK_COLUMNS, WGS84, empty_layer, empty_table
from gridmap.sources.osm_reader import MISSING_NODES, FloatArray, Tags, WayTable
from gridmap.sources.osm_road_use import parse_maxspeed_kmh
from gridmap.sources.reconciliation import Tally

RAILWAYS = frozenset({"rail", "narrow_gauge"})
"""Railways in the sense of the protection rules (铁路安全管理条例): trams, metros, light rail, monorails and funiculars
have rules of their own and are left out."""

_URBAN = frozenset({"light_rail", "tram", "subway", "monorail", "funicular", "miniature", "preserved"})
_NOT_LIVE = frozenset({"abandoned", "construction", "dismantled", "disused", "planned", "proposed", "razed"})
_OUT_OF_USE = frozenset({"yes"})

_NOT_A_RAILWAY = N_("It is a tram, metro or other track that the railway rules do not cover.")
_OUT_OF_SERVICE = N_("No train runs there: it is disused, being built or gone.")

_HIGH_SPEED_KMH = 250.0
"""铁路安全管理条例 Art. 107: high-speed means a design speed of 250 km/h or more."""

_PARALLEL_M = 12.0
"""Structures of two tracks this close are one bridge or tunnel."""


def build_tracks(ways: WayTable, *, tally: Tally) -> gpd.GeoDataFrame:
    """Live tracks with `dataset.TRACK_COLUMNS`.

    Every way that is or was a track is an object of interest. A clipped track keeps its runs of present nodes, a row
    for each, and counts as repaired.
    """
    rows: list[dict[str, object]] = []
    lines: list[shapely.LineString] = []
    for row, tags in enumerate(ways.tags):
        kind = tags.get("railway", "")
        if kind not in RAILWAYS | _URBAN | _NOT_LIVE:
            continue
        way_id = int(ways.way_id[row])
        runs = ways.runs(row)
        if kind in _URBAN:
            tally.reject(f"way/{way_id}", _NOT_A_RAILWAY)
        elif not is_live(tags):
            tally.reject(f"way/{way_id}", _OUT_OF_SERVICE)
        elif not runs:
            tally.reject(f"way/{way_id}", MISSING_NODES)
        else:
            tally.accept(repaired=sum(map(len, runs)) < ways.offset[row + 1] - ways.offset[row])
            rows += [_read_track(way_id, tags)] * len(runs)
            lines += [shapely.LineString(run) for run in runs]
    if not rows:
        return empty_layer(TRACK_COLUMNS)
    tracks = gpd.GeoDataFrame(rows, geometry=lines, crs=WGS84)
    tracks["length_m"] = compute_lengths_m(tracks.geometry.to_numpy())
    return tracks[[*TRACK_COLUMNS, "geometry"]]


def is_live(tags: Tags) -> bool:
    """Whether trains run on a way: a railway of the rules, in use."""
    unused = any(tags.get(key) in _OUT_OF_USE for key in ("abandoned", "disused", "razed"))
    return tags.get("railway") in RAILWAYS and not unused


def _read_track(way_id: int, tags: Tags) -> dict[str, object]:
    speed = parse_maxspeed_kmh(tags.get("maxspeed", ""))
    gauge = tags.get("gauge", "").split(";")[0].strip()
    return {
        "way_id": way_id,
        "name": tags.get("name", ""),
        "ref": tags.get("ref", ""),
        "usage": tags.get("usage", ""),
        "service": tags.get("service", ""),
        "gauge_mm": int(gauge) if gauge.isascii() and gauge.isdigit() else None,
        "electrified": tags.get("electrified", "no") not in {"no", "unknown"},
        "high_speed": tags.get("highspeed") == "yes" or (speed is not None and speed >= _HIGH_SPEED_KMH),
        "max_speed_kmh": speed,
        "bridge": tags.get("bridge", "no") != "no",
        "tunnel": tags.get("tunnel", "no") != "no",
    }


# --- structures ----------------------------------------------------------------------------------------


def build_structures(ways: WayTable, tracks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Bridges, tunnels, cuttings and embankments of `tracks`, each once, with `dataset.RAIL_FEATURE_COLUMNS`.

    The place is the point halfway along.

    Ways in a row are one structure; so are two tracks side by side. Not objects of interest of their own: they are
    tags of tracks that were counted already.
    """
    tags = dict(zip(ways.way_id.tolist(), ways.tags, strict=True))
    members = {kind: tracks[tracks[kind].to_numpy(bool)] for kind in ("bridge", "tunnel")}
    for kind in ("cutting", "embankment"):
        told = [tags[way_id].get(kind, "no") != "no" for way_id in tracks["way_id"].tolist()]
        members[kind] = tracks[np.array(told, bool)]
    parts = [_build_structures_of(kind, own, tags) for kind, own in members.items() if len(own)]
    return pd.concat(parts, ignore_index=True) if parts else empty_table(RAIL_FEATURE_COLUMNS)


def _build_structures_of(kind: str, members: gpd.GeoDataFrame, tags: dict[int, Tags]) -> pd.DataFrame:
    lines = members.geometry.to_numpy()
    merged = np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(list(lines)))), object)
    length = compute_lengths_m(merged)
    middle = shapely.line_interpolate_point(merged, 0.5, normalized=True)
    nearest = shapely.STRtree(lines).nearest(middle)
    way_ids = members["way_id"].to_numpy()[nearest]
    table = pd.DataFrame(
        {
            "kind": kind,
            "name": [_read_structure_name(kind, tags[way_id]) for way_id in way_ids.tolist()],
            "external_id": [f"way/{way_id}" for way_id in way_ids.tolist()],
            "length_m": length,
            "lon": shapely.get_x(middle),
            "lat": shapely.get_y(middle),
        }
    )
    return table[_is_first_of_parallel(merged, length)].reset_index(drop=True)


def _read_structure_name(kind: str, tags: Tags) -> str:
    return tags.get(f"{kind}:name") or ""


def _is_first_of_parallel(lines: Geometries, length_m: FloatArray) -> list[bool]:
    """Which lines to keep: the longest of those whose middles lie beside one another."""
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    crs = working_crs(float(shapely.get_x(middle[0])), float(shapely.get_y(middle[0])))
    metric, points = to_metric(lines, crs), to_metric(middle, crs)
    kept: list[int] = []
    for i in np.argsort(-length_m, kind="stable").tolist():
        if not kept or shapely.distance(metric[kept], points[i]).min() > _PARALLEL_M:
            kept.append(i)
    return [i in set(kept) for i in range(len(lines))]
