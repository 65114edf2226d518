"""Railway lines made from tracks: OSM's fragments joined, parallel tracks kept as sides of one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import FloatArray, Geometries, compute_lengths_m, to_metric, working_crs
from gridmap.domain.railways.chains import Chain, TrackGap, build_chains
from gridmap.domain.railways.milestones import Posts, empty_posts, find_posts
from gridmap.domain.railways.sides import compute_track_sides

LINE_COLUMNS = ("name", "ref", "prefix", "high_speed", "electrified", "gauge_mm", "start_m", "length_m")

_PARALLEL_M = 15.0
_PARALLEL_SHARE = 0.8
_SAMPLE_M = 40.0

_MIN_LINE_M = 250.0
"""A shorter piece is a remnant of a junction, unless nothing else is there."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LineGap:
    """Two ends of lines that face each other within 300 m, a piece of track missing between them.

    Attributes
    ----------
    lines
        Positions of the two lines; the same one twice where the gap was bridged, or where a ring is not closed.
    from_wgs84, to_wgs84
        (lon, lat) of the two ends.
    bridged
        Joined by a straight piece, because it was asked for.
    """

    lines: tuple[int, int]
    from_wgs84: tuple[float, float]
    to_wgs84: tuple[float, float]
    distance_m: float
    bridged: bool


@dataclass(frozen=True)
class Lines:
    """Lines and which of them each track belongs to.

    Attributes
    ----------
    lines
        `LINE_COLUMNS` and a WGS-84 LineString along increasing mileage.
    track_line
        Position in `lines` of each track, of parallel tracks and sidings the line beside them; -1 where there is none.
    track_side
        On which side of its line each track runs, facing increasing mileage: left or right (in China 下行, down, and
        上行, up), "" on a single track, in the middle of several, or without a line.
    gaps
        Where a piece seems to be missing between two lines.
    posts
        What milestones say about the mileage of the lines.
    """

    lines: gpd.GeoDataFrame
    track_line: IntArray
    track_side: npt.NDArray[np.str_]
    gaps: tuple[LineGap, ...] = ()
    posts: Posts = field(default_factory=empty_posts)


def build_lines(
    tracks: gpd.GeoDataFrame, *, milestones: pd.DataFrame | None = None, bridge_gaps_m: float = 0.0
) -> Lines:
    """Join running tracks (`dataset.TRACK_COLUMNS`) into lines.

    Yards, sidings, spurs and crossovers are left out. Two tracks are joined where they share an end, carry no
    different names and continue without a sharp turn: tracks of one name or number first, then the straightest pair.
    Of tracks that run within 15 m of each other over four fifths of their length, the longest makes the line and the
    others are its sides.

    Parameters
    ----------
    milestones
        `dataset.MILESTONE_COLUMNS`: two or more at a line say which way its mileage grows.
    bridge_gaps_m
        Join ends that face each other across no more than this; gaps are reported either way.
    """
    running = np.flatnonzero(((tracks["service"] == "") & (tracks["length_m"] > 0)).to_numpy(bool))
    if len(running) == 0:
        return Lines(_empty_lines(tracks), np.full(len(tracks), -1), np.full(len(tracks), "", "U5"))
    geometry = tracks.geometry.to_numpy()
    centre = shapely.get_coordinates(geometry).mean(axis=0)
    crs = working_crs(float(centre[0]), float(centre[1]))
    metric = to_metric(geometry, crs)
    built = build_chains(tracks, metric, running, bridge_gaps_m=bridge_gaps_m)
    kept = _drop_parallel(built.chains, metric)
    lines = gpd.GeoDataFrame([_describe(tracks, chain) for chain in kept], geometry="geometry", crs=tracks.crs)
    posts = empty_posts() if milestones is None else find_posts(lines.geometry.to_numpy(), milestones)
    lines.loc[list(posts.falling), "geometry"] = shapely.reverse(lines.geometry.to_numpy()[list(posts.falling)])
    lines["length_m"] = compute_lengths_m(lines.geometry.to_numpy())
    track_line = _assign_tracks(kept, metric)
    side = compute_track_sides(
        lines.geometry.to_numpy(),
        geometry,
        track_line=track_line,
        running=running,
        members=np.array([track for chain in kept for track, _ in chain]),
    )
    return Lines(lines, track_line, side, _describe_gaps(built.gaps, kept, geometry), posts)


def _describe_gaps(gaps: Sequence[TrackGap], kept: Sequence[Chain], geometry: Geometries) -> tuple[LineGap, ...]:
    """Those gaps whose two tracks make lines; a second track's own gap is none of the line."""
    line_of = {track: line for line, chain in enumerate(kept) for track, _ in chain}
    found = []
    for gap in gaps:
        if all(track in line_of for track, _ in gap.ends):
            a, b = (geometry[track].coords[0 if at_start else -1] for track, at_start in gap.ends)
            of = (line_of[gap.ends[0][0]], line_of[gap.ends[1][0]])
            found.append(LineGap(of, (a[0], a[1]), (b[0], b[1]), gap.distance_m, gap.bridged))
    return tuple(found)


def _empty_lines(tracks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: [] for name in LINE_COLUMNS}, geometry=[], crs=tracks.crs)


def _join(chain: Chain, geometry: Geometries) -> shapely.LineString:
    parts = [shapely.get_coordinates(geometry[track])[:: -1 if flipped else 1] for track, flipped in chain]
    # Tracks share the vertex where they meet, except across a bridged gap.
    return shapely.remove_repeated_points(shapely.LineString(np.vstack(parts)))


def _join_all(chains: list[Chain], geometry: Geometries) -> Geometries:
    joined: Geometries = np.array([_join(chain, geometry) for chain in chains], object)
    return joined


def _drop_parallel(chains: list[Chain], metric: Geometries) -> list[Chain]:
    """Chains in their order without those that run beside longer ones, and without remnants."""
    joined = _join_all(chains, metric)
    length = shapely.length(joined)
    samples, chain, other = _find_beside(joined)
    total = np.bincount(samples, minlength=len(chains))
    bounds = np.searchsorted(chain[:, 0], np.arange(len(chains) + 1))
    kept = np.zeros(len(chains), bool)
    for i in sorted(range(len(chains)), key=lambda i: (-length[i], chains[i])):
        if length[i] < _MIN_LINE_M and kept.any():
            continue
        rows = slice(bounds[i], bounds[i + 1])
        beside = np.unique(chain[rows, 1][kept[other[rows]]])
        kept[i] = len(beside) < _PARALLEL_SHARE * total[i]
    return [chains[i] for i in np.flatnonzero(kept)]


def _find_beside(chains: Geometries) -> tuple[IntArray, IntArray, IntArray]:
    """Samples along each chain, and which of them lie beside another chain.

    Returns
    -------
    tuple
        The chain of each sample; and pairs as (chain, sample), sorted by chain, each with the other chain.
    """
    count = np.maximum(3, (shapely.length(chains) / _SAMPLE_M).astype(np.int64))
    owner = np.repeat(np.arange(len(chains)), count)
    xy, chain = shapely.get_coordinates(chains, return_index=True)
    bounds = np.searchsorted(chain, np.arange(len(chains) + 1))
    lengths = shapely.length(chains)
    sampled = [
        walk_line(xy[bounds[i] : bounds[i + 1]], np.linspace(0.0, lengths[i], n)) for i, n in enumerate(count.tolist())
    ]
    points = np.asarray(shapely.points(np.concatenate(sampled)), object)
    # A tree over single steps: a whole line's box would hold half of all samples.
    inside = chain[1:] == chain[:-1]
    steps = np.asarray(shapely.linestrings(np.stack([xy[:-1][inside], xy[1:][inside]], axis=1)), object)
    sample, step = shapely.STRtree(steps).query(points, predicate="dwithin", distance=_PARALLEL_M)
    other = chain[1:][inside][step]
    foreign = other != owner[sample]
    pairs = np.unique(np.column_stack([owner[sample], sample, other])[foreign], axis=0)
    return owner, pairs[:, :2], pairs[:, 2]


def walk_line(xy: FloatArray, along: FloatArray) -> FloatArray:
    """Places (n, 2) at distances along a line of vertices (m, 2), in the unit of its coordinates."""
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    return np.column_stack([np.interp(along, at, xy[:, i]) for i in (0, 1)])


def _describe(tracks: gpd.GeoDataFrame, chain: Chain) -> dict[str, object]:
    members = tracks.iloc[[track for track, _ in chain]]
    length: FloatArray = members["length_m"].to_numpy(float)
    flipped = np.array([flip for _, flip in chain])
    # Mileage grows the way most of the line was drawn; nothing better is known without calibration points.
    if length[flipped].sum() > length[~flipped].sum():
        chain = [(track, not flip) for track, flip in reversed(chain)]
    fast = bool(members["high_speed"].any())
    gauges = members["gauge_mm"].dropna()
    return {
        "name": _longest(members["name"], members["length_m"]),
        "ref": _longest(members["ref"], members["length_m"]),
        "prefix": "DK" if fast else "K",
        "high_speed": fast,
        "electrified": bool(length[members["electrified"].to_numpy(bool)].sum() * 2 > length.sum()),
        "gauge_mm": int(gauges.mode().iloc[0]) if len(gauges) else None,
        "start_m": 0.0,
        "length_m": 0.0,
        "geometry": _join(chain, tracks.geometry.to_numpy()),
    }


def _longest(values: pd.Series, length_m: pd.Series) -> str:
    """The non-empty value that covers most of the length."""
    given = values.to_numpy(object) != ""
    if not given.any():
        return ""
    return str(length_m[given].groupby(values[given]).sum().idxmax())


def _assign_tracks(kept: list[Chain], metric: Geometries) -> IntArray:
    """Line of each track: the one it is part of, else the nearest at its middle."""
    result = np.full(len(metric), -1)
    tree = shapely.STRtree(_join_all(kept, metric))
    middle = shapely.line_interpolate_point(metric, 0.5, normalized=True)
    near = tree.query_nearest(middle, max_distance=2 * _PARALLEL_M, all_matches=False)
    result[near[0]] = near[1]
    for line, chain in enumerate(kept):
        result[[track for track, _ in chain]] = line
    return result
