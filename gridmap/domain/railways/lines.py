"""Railway lines made from tracks: OSM's fragments joined, a second parallel track folded into the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import FloatArray, Geometries, compute_lengths_m, to_metric, working_crs

LINE_COLUMNS = ("name", "ref", "prefix", "high_speed", "electrified", "gauge_mm", "start_m", "length_m")

_MAX_TURN_DEG = 40.0
"""A train does not turn more than this where two ways meet; sharper meetings are branches."""

_PARALLEL_M = 15.0
_PARALLEL_SHARE = 0.8
_SAMPLE_M = 40.0

_MIN_LINE_M = 250.0
"""A shorter piece is a remnant of a junction, unless nothing else is there."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """Lines and which of them each track belongs to.

    Attributes
    ----------
    lines
        `LINE_COLUMNS` and a WGS-84 LineString along increasing mileage.
    track_line
        Position in `lines` of each track, of parallel tracks and sidings the line beside them; -1 where there is none.
    """

    lines: gpd.GeoDataFrame
    track_line: IntArray


@dataclass(frozen=True)
class _End:
    """One end of a track: `out` is the unit direction in which the track arrives there."""

    track: int
    at_start: bool
    out: tuple[float, float]


# A chain is a list of (track, reversed) in running order.
_Chain = list[tuple[int, bool]]


def build_lines(tracks: gpd.GeoDataFrame) -> Lines:
    """Join running tracks (`dataset.TRACK_COLUMNS`) into lines.

    Yards, sidings, spurs and crossovers are left out. Two tracks are joined where they share an end, carry no
    different names and continue without a sharp turn: tracks of one name or number first, then the straightest pair.
    Of tracks that run within 15 m of each other over four fifths of their length, the longest makes the line.
    """
    running = np.flatnonzero(((tracks["service"] == "") & (tracks["length_m"] > 0)).to_numpy(bool))
    if len(running) == 0:
        return Lines(_empty_lines(tracks), np.full(len(tracks), -1))
    centre = shapely.get_coordinates(tracks.geometry.to_numpy()).mean(axis=0)
    crs = working_crs(float(centre[0]), float(centre[1]))
    metric = to_metric(tracks.geometry.to_numpy(), crs)
    kept = _drop_parallel(_build_chains(tracks, metric, running), metric)
    lines = gpd.GeoDataFrame([_describe(tracks, chain) for chain in kept], geometry="geometry", crs=tracks.crs)
    lines["length_m"] = compute_lengths_m(lines.geometry.to_numpy())
    return Lines(lines, _assign_tracks(kept, metric))


def _empty_lines(tracks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: [] for name in LINE_COLUMNS}, geometry=[], crs=tracks.crs)


def _build_chains(tracks: gpd.GeoDataFrame, metric: Geometries, running: IntArray) -> list[_Chain]:
    ends: dict[tuple[float, float], list[_End]] = defaultdict(list)
    for track, line in zip(running.tolist(), shapely.remove_repeated_points(metric[running]), strict=True):
        xy = shapely.get_coordinates(line)
        for at_start, tip, inner in ((True, xy[0], xy[1]), (False, xy[-1], xy[-2])):
            way = (tip - inner) / np.hypot(*(tip - inner))
            # Ends meet in the same vertex of the source, which one projection puts in the same place.
            ends[float(tip[0]), float(tip[1])].append(_End(track, at_start, (float(way[0]), float(way[1]))))
    joined: dict[tuple[int, bool], tuple[int, bool]] = {}
    labels = _Labels(*(tracks[column].to_numpy(object) for column in ("name", "ref", "high_speed")))
    for meeting in ends.values():
        for a, b in _pair_ends(meeting, labels):
            joined[a.track, a.at_start] = (b.track, b.at_start)
            joined[b.track, b.at_start] = (a.track, a.at_start)
    return _walk_chains(running.tolist(), joined)


@dataclass(frozen=True)
class _Labels:
    """What tells which tracks are of one line; one entry a track."""

    name: Geometries
    ref: Geometries
    high_speed: Geometries

    def exclude(self, a: int, b: int) -> bool:
        """Whether two tracks cannot be of one line."""
        named_apart = self.name[a] and self.name[b] and self.name[a] != self.name[b]
        return bool(a == b or named_apart or self.high_speed[a] != self.high_speed[b])

    def agree(self, a: int, b: int) -> bool:
        """Whether two tracks say that they are of one line."""
        return bool((self.name[a] and self.name[a] == self.name[b]) or (self.ref[a] and self.ref[a] == self.ref[b]))


def _pair_ends(meeting: Sequence[_End], labels: _Labels) -> list[tuple[_End, _End]]:
    """Which ends continue into which at one vertex; each at most once."""
    candidates = []
    limit = -np.cos(np.radians(_MAX_TURN_DEG))
    for i, a in enumerate(meeting):
        for b in meeting[i + 1 :]:
            straightness = a.out[0] * b.out[0] + a.out[1] * b.out[1]
            if straightness <= limit and not labels.exclude(a.track, b.track):
                candidates.append((not labels.agree(a.track, b.track), straightness, a, b))
    pairs: list[tuple[_End, _End]] = []
    used: set[tuple[int, bool]] = set()
    for _, _, a, b in sorted(candidates, key=lambda c: (c[0], c[1], c[2].track, c[3].track)):
        if (a.track, a.at_start) not in used and (b.track, b.at_start) not in used:
            used |= {(a.track, a.at_start), (b.track, b.at_start)}
            pairs.append((a, b))
    return pairs


def _walk_chains(tracks: list[int], joined: dict[tuple[int, bool], tuple[int, bool]]) -> list[_Chain]:
    seen: set[int] = set()
    chains: list[_Chain] = []
    open_ended = [t for t in tracks if (t, True) not in joined or (t, False) not in joined]
    for first in [*open_ended, *tracks]:
        if first in seen:
            continue
        track, entered_at_start = first, (first, True) not in joined or (first, False) in joined
        chain: _Chain = []
        while track not in seen:
            seen.add(track)
            chain.append((track, not entered_at_start))
            following = joined.get((track, not entered_at_start))
            if following is None:
                break
            track, entered_at_start = following
        chains.append(chain)
    return chains


def _join(chain: _Chain, geometry: Geometries) -> shapely.LineString:
    parts = [shapely.get_coordinates(geometry[track])[:: -1 if flipped else 1] for track, flipped in chain]
    xy = np.vstack([parts[0], *(part[1:] for part in parts[1:])])
    return shapely.LineString(xy)


def _join_all(chains: list[_Chain], geometry: Geometries) -> Geometries:
    joined: Geometries = np.array([_join(chain, geometry) for chain in chains], object)
    return joined


def _drop_parallel(chains: list[_Chain], metric: Geometries) -> list[_Chain]:
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


def _describe(tracks: gpd.GeoDataFrame, chain: _Chain) -> dict[str, object]:
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


def _assign_tracks(kept: list[_Chain], metric: Geometries) -> IntArray:
    """Line of each track: the one it is part of, else the nearest at its middle."""
    result = np.full(len(metric), -1)
    tree = shapely.STRtree(_join_all(kept, metric))
    middle = shapely.line_interpolate_point(metric, 0.5, normalized=True)
    near = tree.query_nearest(middle, max_distance=2 * _PARALLEL_M, all_matches=False)
    result[near[0]] = near[1]
    for line, chain in enumerate(kept):
        result[[track for track, _ in chain]] = line
    return result
