"""Whether a leg of a plan is a real way over the roads; written from the plan's side, apart from all that made it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from gridmap.domain.crs import GEOD, FloatArray, compute_step_lengths_m
from gridmap.domain.patrol.turning import Run, TurnChecker
from gridmap.domain.patrol.violations import Findings
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.profiles import SpeedProfile
from gridmap.domain.roads.speeds import Mode

SHARE_TOLERANCE = 1e-6
METRE_TOLERANCE = 1.0
_SECOND_TOLERANCE = 0.01
_MILEAGE_TOLERANCE_M = 0.01
_DRAWN_DEG = 2e-5
"""About two metres: coordinates are written to a centimetre, shares to less."""

_DRAWN_LENGTH_SHARE = 0.02


@dataclass(frozen=True)
class AccessFact:
    """An access point as stored; `node` is a position in the network, None where it is gone.

    `side` is left or right of the line, "" where the line may be crossed there.
    """

    line_id: int
    mileage_m: float
    walk_m: float
    node: int | None
    drivable: bool
    side: str = ""


@dataclass(frozen=True)
class SegmentFact:
    """A segment as stored; `spacing_s` is wanted between two visits."""

    line_id: int
    from_m: float
    to_m: float
    spacing_s: int = 0
    side: str = "both"


@dataclass(frozen=True)
class HazardFact:
    """A hazard as stored, with what its kind needs; `inspect_s` is None where the rules say how long it takes."""

    lon: float
    lat: float
    severity: int
    line_id: int | None
    mileage_m: float | None
    offset_m: float
    skill: str = ""
    inspect_s: int | None = None
    side: str | None = None


@dataclass(frozen=True)
class TeamFact:
    """A team as stored; shift and return in minutes after local midnight, breaks as (earliest, latest, length) in s."""

    kind: str
    post_id: int
    members: int
    shift_start_min: int
    shift_end_min: int
    end_post_id: int | None = None
    breaks: tuple[tuple[int, int, int], ...] = ()
    latest_return_min: int | None = None
    skills: frozenset[str] = frozenset()
    max_walk_m: float | None = None


@dataclass(frozen=True)
class Truth:
    """The world a plan is held against, by the store's ids; posts are (lon, lat), lines WGS-84.

    `closed` and `slowed` (km/h) are edges that are so at some time of the plan's shift, whatever the plan says of them.
    `speeds` are those by the hour, for plans that are made with them. `tracks` are those on the ground, WGS-84.
    """

    network: RoadNetwork
    access: Mapping[int, AccessFact]
    segments: Mapping[int, SegmentFact]
    hazards: Mapping[int, HazardFact]
    posts: Mapping[int, tuple[float, float]]
    teams: Mapping[int, TeamFact]
    lines: Mapping[int, shapely.LineString]
    closed: frozenset[int] = frozenset()
    slowed: Mapping[int, float] = field(default_factory=dict)
    speeds: SpeedProfile = field(default_factory=lambda: SpeedProfile({}))
    tracks: tuple[shapely.LineString, ...] = ()

    @cached_property
    def track_tree(self) -> shapely.STRtree:
        """The tracks by place, degrees."""
        return shapely.STRtree(self.tracks)


Place = tuple[str, int, float]
"""("node", position, 0) or ("edge", position, share)."""


@dataclass(frozen=True)
class Travel:
    """How a team gets about; `hours` of the day are those whose mean speeds count, none of them where the usual do."""

    mode: Mode
    hours: tuple[int, ...] = ()


class RoadChecker:
    """Follows legs edge by edge."""

    def __init__(self, truth: Truth, closed: set[int], slowed: Mapping[int, float], findings: Findings) -> None:
        self._network = truth.network
        self._speeds = truth.speeds
        self._road_class = truth.network.road_class.astype(str)
        self._closed = closed | truth.closed
        self._findings = findings
        self._slow = truth.network.slow_edges(slowed).slow_edges(truth.slowed)
        self._seconds: dict[Travel, tuple[FloatArray, FloatArray]] = {}
        self._turns = TurnChecker(truth.network, findings)

    def _time(self, travel: Travel) -> tuple[FloatArray, FloatArray]:
        """Seconds over every edge there and back, each the mean over hours of the day; as usual where there is none."""
        known = self._seconds.get(travel)
        if known is not None:
            return known
        longer = np.ones(self._network.edge_count)
        for (own, road_class), shares in self._speeds.shares.items():
            if own is travel.mode and travel.hours:
                is_class = (self._road_class == road_class) | (self._road_class == f"{road_class}_link")
                longer[is_class] = np.mean([1.0 / shares[hour] for hour in travel.hours])
        forward_s, backward_s = self._slow.seconds(travel.mode)
        self._seconds[travel] = found = forward_s * longer, backward_s * longer
        return found

    def place_of(self, spot: Mapping[str, Any], where: str) -> Place | None:
        """Where a spot of the document is, None (and a finding) where its edge is unknown."""
        return self._locate(int(spot["edge"]), float(spot["share"]), where)

    def point_of(self, spot: Mapping[str, Any]) -> tuple[float, float] | None:
        """Coordinates of a spot, degrees."""
        edge = self._network.edge_position(int(spot["edge"]))
        if edge is None:
            return None
        xy = shapely.get_coordinates(self._network.geometry[edge])
        run = np.concatenate([[0.0], np.cumsum(compute_step_lengths_m(xy[:, 0], xy[:, 1]))])
        at = float(spot["share"]) * run[-1]
        return float(np.interp(at, run, xy[:, 0])), float(np.interp(at, run, xy[:, 1]))

    def check_off_road(self, spot: Mapping[str, Any], place: tuple[float, float], where: str) -> None:
        """The distance written between a place and its spot on the road must be the true one."""
        point = self.point_of(spot)
        if point is None:
            return
        _, _, distance = GEOD.inv(*point, *place)
        if abs(distance - float(spot["off_m"])) > 3.0 + 0.02 * distance:
            self._findings.add("off_road", where)

    def check_leg(
        self,
        leg: Mapping[str, Any],
        *,
        by: Travel,
        begin: Place | None,
        end: Place | None,
        where: str,
        is_behind: bool = False,
    ) -> None:
        """Connected, allowed, from `begin` to `end`, with the seconds, metres and the line drawn all true.

        What is behind a team was made in its own time, over roads that may be closed since.
        """
        mode = by.mode
        if leg["mode"] != mode.value:
            self._findings.add("mode", where, mode=leg["mode"])
            return
        at = begin
        total_s = total_m = 0.0
        edges: list[int] = []
        runs: list[Run] = []
        for edge_id, low, high in leg["steps"]:
            first = self._locate(int(edge_id), float(low), where)
            last = self._locate(int(edge_id), float(high), where)
            if first is None or last is None:
                return
            edge = self._network.edge_position(int(edge_id))
            assert edge is not None
            if at is not None and not _is_same(at, first):
                self._findings.add("broken_path" if edges else "path_ends", where)
            share = abs(float(high) - float(low))
            if not is_behind:
                total_s += share * self._check_edge(edge, forward=high > low, by=by, where=where)
            total_m += share * float(self._network.length_m[edge])
            edges.append(edge)
            runs.append((edge, float(low), float(high)))
            at = last
        if at is not None and end is not None and not _is_same(at, end):
            self._findings.add("path_ends", where)
        # What was driven has its turns and its time behind it.
        total_s += 0.0 if is_behind else self._turns.check(runs, mode=mode, where=where)
        is_true = total_s - _SECOND_TOLERANCE <= leg["seconds"] <= total_s + 1 + _SECOND_TOLERANCE
        if not is_behind and math.isfinite(total_s) and not is_true:
            self._findings.add("times", where, expected_s=math.ceil(total_s), found_s=leg["seconds"])
        if abs(leg["metres"] - total_m) > METRE_TOLERANCE:
            self._findings.add("totals", where, name="metres", expected=round(total_m, 1))
        self._check_drawn(leg["coordinates"], edges, total_m, where)

    def _locate(self, edge_id: int, share: float, where: str) -> Place | None:
        edge = self._network.edge_position(edge_id)
        if edge is None:
            self._findings.add("unknown_edge", where, edge=edge_id)
            return None
        if share <= SHARE_TOLERANCE:
            return ("node", int(self._network.u[edge]), 0.0)
        if share >= 1.0 - SHARE_TOLERANCE:
            return ("node", int(self._network.v[edge]), 0.0)
        return ("edge", edge, share)

    def _check_edge(self, edge: int, *, forward: bool, by: Travel, where: str) -> float:
        """Seconds over the whole edge; a finding where it is forbidden or closed."""
        edge_id = int(self._network.edge_id[edge])
        if edge_id in self._closed:
            self._findings.add("closed_edge", where, edge=edge_id)
        whole_s = float(self._time(by)[0 if forward else 1][edge])
        if not math.isfinite(whole_s):
            self._findings.add("forbidden_edge", where, edge=edge_id, mode=by.mode.value)
        return whole_s

    def _check_drawn(self, coordinates: Sequence[Sequence[float]], edges: list[int], metres: float, where: str) -> None:
        if edges:
            check_drawn(coordinates, list(self._network.geometry[edges]), metres, findings=self._findings, where=where)


def check_drawn(
    coordinates: Sequence[Sequence[float]],
    geometries: Sequence[shapely.Geometry],
    metres: float,
    *,
    findings: Findings,
    where: str,
) -> None:
    """A drawn line must lie on `geometries`, between its vertices too, and be as long as it says."""
    xy: FloatArray = np.asarray(coordinates, np.float64)
    middles = (xy[1:] + xy[:-1]) / 2
    ground = shapely.multilinestrings(list(geometries)) if len(geometries) > 1 else geometries[0]
    # Prepared it has an index of its pieces: each point is held against the few near it alone.
    shapely.prepare(ground)
    is_on = shapely.dwithin(ground, shapely.points(np.vstack([xy, middles])), _DRAWN_DEG)
    length = float(compute_step_lengths_m(xy[:, 0], xy[:, 1]).sum())
    if not is_on.all() or abs(length - metres) > 2.0 + _DRAWN_LENGTH_SHARE * metres:
        findings.add("drawn_path", where)


def _is_same(a: Place, b: Place) -> bool:
    return a[:2] == b[:2] and abs(a[2] - b[2]) <= SHARE_TOLERANCE


def is_same_place(a: Place | None, b: Place | None) -> bool:
    """Whether two known places are one; an unknown one is reported elsewhere and agrees with anything."""
    return a is None or b is None or _is_same(a, b)


def is_same_mileage(told: float | None, fact: float | None) -> bool:
    """Whether two mileages agree to a centimetre; none agrees with none alone."""
    if told is None or fact is None:
        return told is None and fact is None
    return abs(float(told) - fact) <= _MILEAGE_TOLERANCE_M
