"""Tracks in a row: which ends of them meet and run on into one another, and where a piece is missing between two."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import Geometries

MAX_GAP_M = 300.0
"""Ends further apart are not taken for one line with a piece missing."""

_MAX_TURN_DEG = 40.0
"""A train does not turn more than this where two ways meet; sharper meetings are branches."""

IntArray = npt.NDArray[np.int64]

Chain = list[tuple[int, bool]]
"""Tracks in running order: (track, reversed)."""

_TrackEnd = tuple[int, bool]
"""(track, whether it is its start)."""


@dataclass(frozen=True)
class _End:
    """One end of a track, at `at` in metres: `out` is the unit direction in which the track arrives there."""

    track: int
    at_start: bool
    at: tuple[float, float]
    out: tuple[float, float]


@dataclass(frozen=True)
class TrackGap:
    """Two ends that face each other across a missing piece; `bridged` where they were joined all the same."""

    ends: tuple[_TrackEnd, _TrackEnd]
    distance_m: float
    bridged: bool


@dataclass(frozen=True)
class Chains:
    """Every running track in exactly one chain, and the gaps between them."""

    chains: list[Chain]
    gaps: list[TrackGap]


def build_chains(
    tracks: gpd.GeoDataFrame, metric: Geometries, running: IntArray, *, bridge_gaps_m: float = 0.0
) -> Chains:
    """Join the tracks at positions `running`; `metric` are all tracks in a metric plane."""
    ends = _list_ends(metric, running)
    labels = _Labels(*(tracks[column].to_numpy(object) for column in ("name", "ref", "high_speed")))
    meetings: dict[tuple[float, float], list[_End]] = defaultdict(list)
    for end in ends:
        # Ends meet in the same vertex of the source, which one projection puts in the same place.
        meetings[end.at].append(end)
    joined: dict[_TrackEnd, _TrackEnd] = {}
    for meeting in meetings.values():
        for a, b in _pair_ends(meeting, labels):
            _link(joined, (a.track, a.at_start), (b.track, b.at_start))
    gaps = _find_gaps(ends, metric[running], labels, bridge_gaps_m=bridge_gaps_m)
    for gap in gaps:
        if gap.bridged:
            _link(joined, *gap.ends)
    return Chains(_walk_chains(running.tolist(), joined), gaps)


def _list_ends(metric: Geometries, running: IntArray) -> list[_End]:
    ends: list[_End] = []
    for track, line in zip(running.tolist(), shapely.remove_repeated_points(metric[running]), strict=True):
        xy = shapely.get_coordinates(line)
        for at_start, tip, inner in ((True, xy[0], xy[1]), (False, xy[-1], xy[-2])):
            way = (tip - inner) / np.hypot(*(tip - inner))
            ends.append(_End(track, at_start, (float(tip[0]), float(tip[1])), (float(way[0]), float(way[1]))))
    return ends


def _link(joined: dict[_TrackEnd, _TrackEnd], a: _TrackEnd, b: _TrackEnd) -> None:
    joined[a], joined[b] = b, a


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
    used: set[_TrackEnd] = set()
    for _, _, a, b in sorted(candidates, key=lambda c: (c[0], c[1], c[2].track, c[3].track)):
        if (a.track, a.at_start) not in used and (b.track, b.at_start) not in used:
            used |= {(a.track, a.at_start), (b.track, b.at_start)}
            pairs.append((a, b))
    return pairs


def _find_gaps(ends: Sequence[_End], running: Geometries, labels: _Labels, *, bridge_gaps_m: float) -> list[TrackGap]:
    """Pairs of loose ends that face each other, each end at most once, of one name first, then the nearest."""
    owner = shapely.get_coordinates(running, return_index=True)
    uses = Counter((float(x), float(y)) for _, x, y in {(i, x, y) for (x, y), i in zip(*owner, strict=True)})
    loose = [end for end in ends if uses[end.at] == 1]
    if len(loose) < 2:
        return []
    points = np.asarray(shapely.points([end.at for end in loose]), object)
    candidates = []
    for i, j in shapely.STRtree(points).query(points, "dwithin", distance=MAX_GAP_M).T.tolist():
        a, b = loose[i], loose[j]
        if i < j and not labels.exclude(a.track, b.track) and _faces(a, b):
            candidates.append((not labels.agree(a.track, b.track), float(np.hypot(*np.subtract(b.at, a.at))), i, j))
    gaps: list[TrackGap] = []
    used: set[int] = set()
    for _, distance, i, j in sorted(candidates):
        if used.isdisjoint((i, j)):
            used |= {i, j}
            pair = tuple((end.track, end.at_start) for end in (loose[i], loose[j]))
            gaps.append(TrackGap((pair[0], pair[1]), distance, bridged=distance <= bridge_gaps_m))
    return gaps


def _faces(a: _End, b: _End) -> bool:
    """Whether a train that leaves one end straight on would come upon the other without a sharp turn."""
    way = np.subtract(b.at, a.at)
    distance = float(np.hypot(*way))
    limit = np.cos(np.radians(_MAX_TURN_DEG))
    ahead = (way @ np.array(a.out), -way @ np.array(b.out), -np.dot(a.out, b.out) * distance)
    return distance > 0 and bool(min(ahead) >= limit * distance)


def _walk_chains(tracks: list[int], joined: dict[_TrackEnd, _TrackEnd]) -> list[Chain]:
    seen: set[int] = set()
    chains: list[Chain] = []
    open_ended = [t for t in tracks if (t, True) not in joined or (t, False) not in joined]
    for first in [*open_ended, *tracks]:
        if first in seen:
            continue
        track, entered_at_start = first, (first, True) not in joined or (first, False) in joined
        chain: Chain = []
        while track not in seen:
            seen.add(track)
            chain.append((track, not entered_at_start))
            following = joined.get((track, not entered_at_start))
            if following is None:
                break
            track, entered_at_start = following
        chains.append(chain)
    return chains
