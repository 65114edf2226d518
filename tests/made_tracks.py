"""Made tracks whose truth is known: patrols beside real lines, and what looks like one and is none.

Errors of the receiver are an AR(1) process on each axis, of standard deviation `sigma_m` and correlation time 30 s
(Gauss-Markov, the usual first model of GNSS position errors); half of the tracks are distractors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import compute_step_lengths_m, points_to_metric, to_wgs84
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.roads.graph import RoadNetwork, build_network
from gridmap.domain.roads.routes import find_route
from gridmap.domain.roads.speeds import Mode
from gridmap.domain.tracking.track import Track
from gridmap.errors import Unreachable
from gridmap.services.context import Context, open_context
from gridmap.services.railways import load_lines
from gridmap.services.road_network import get_network
from gridmap.settings import Settings
from tests.counties import RAIL_LAT, WEST, build_roads

FloatArray = npt.NDArray[np.float64]
Span = tuple[int, float, float]
"""A line and two mileages, the smaller first."""

CORRELATION_S = 30.0
DISTRACTORS = ("parallel road", "train", "crossing")
START = 1_772_600_000.0

_REACH_M = 60.0
_PARALLEL_M = (65.0, 150.0)
_SLOW_KMH = 40.0


@dataclass(frozen=True)
class MadeTrack:
    """A track and what it truly covers: spans of lines, and beside them the side it was on."""

    kind: str
    track: Track
    truth: tuple[Span, ...]
    sides: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Path:
    """A true way: corners in the plane and the speed on the way to each, m/s; `wait_s` is spent at each."""

    xy: FloatArray
    speed_mps: FloatArray
    wait_s: FloatArray


class Place:
    """Lines and roads of a place, in one plane, with what tracks are made from."""

    def __init__(self, lines: Mapping[int, MeasuredLine], network: RoadNetwork) -> None:
        self.lines = dict(lines)
        self.network = network
        self.crs = network.plane.crs
        self.axes = {i: _Axis(line, self.crs) for i, line in self.lines.items()}

    @cached_property
    def rails(self) -> shapely.Geometry:
        """All lines in the plane."""
        return shapely.union_all([axis.line for axis in self.axes.values()])

    @cached_property
    def crossings(self) -> npt.NDArray[np.float64]:
        """Where roads cross a line, (x, y)."""
        near = self.network.plane.tree.query(self.rails, predicate="intersects")
        met = shapely.intersection(self.network.plane.lines[near], self.rails)
        return shapely.get_coordinates(shapely.centroid(met))

    def to_lonlat(self, xy: FloatArray) -> FloatArray:
        points = to_wgs84(np.asarray(shapely.points(xy), object), self.crs)
        return shapely.get_coordinates(points)


def load_place(file: Path, fill: Callable[[Context], object]) -> Place:
    """The lines and roads of a database made at `file` and filled by `fill`."""
    context = open_context(Settings(database_url=f"sqlite:///{file}"))
    fill(context)
    lines = {line_id: line for line_id, (_, _, line) in load_lines(context).items()}
    place = Place(lines, get_network(context))
    context.close()
    return place


def build_place() -> Place:
    """A winding line of 26 km over the road grid of the test county, made in a moment."""
    x = np.linspace(WEST, WEST + 0.3, 400)
    line = shapely.LineString(np.column_stack([x, RAIL_LAT + 0.002 * np.sin(40 * np.pi * (x - WEST))]))
    nodes, edges = build_roads()
    network = build_network(nodes.assign(id=nodes.index), edges.assign(id=edges.index))
    return Place({1: MeasuredLine(line, start_m=12_000.0)}, network)


class _Axis:
    """A line in the plane, with its mileages."""

    def __init__(self, line: MeasuredLine, crs: object) -> None:
        lon, lat = shapely.get_coordinates(line.geometry).T
        self.xy = np.column_stack(points_to_metric(lon, lat, crs))
        self.at = line.start_m + np.concatenate([[0.0], np.cumsum(compute_step_lengths_m(lon, lat))])
        self.line = shapely.LineString(self.xy)

    def beside(self, mileage: FloatArray, offset_m: FloatArray) -> FloatArray:
        """Points at offsets (left positive) from mileages."""
        ahead, behind = (self._point(np.clip(mileage + d, self.at[0], self.at[-1])) for d in (10.0, -10.0))
        along = ahead - behind
        along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
        left = np.column_stack([-along[:, 1], along[:, 0]])
        return self._point(mileage) + left * offset_m[:, None]

    def _point(self, mileage: FloatArray) -> FloatArray:
        return np.column_stack([np.interp(mileage, self.at, self.xy[:, i]) for i in (0, 1)])


def make_set(place: Place, *, seeds: range, sigma_m: float, every_s: float) -> list[MadeTrack]:
    """A track for each seed: every other one a patrol, the others each distractor in turn."""
    made = []
    for seed in seeds:
        kind = "patrol" if seed % 2 == 0 else DISTRACTORS[seed // 2 % len(DISTRACTORS)]
        made.append(make_track(place, kind, seed=seed, sigma_m=sigma_m, every_s=every_s))
    return made


def make_track(place: Place, kind: str, *, seed: int, sigma_m: float, every_s: float) -> MadeTrack:
    """One track; the same arguments, the same track."""
    rng = np.random.default_rng([seed, round(10 * sigma_m), round(every_s)])
    makers = {"patrol": _patrol, "parallel road": _parallel, "train": _ride, "crossing": _cross}
    path, truth, sides, silent = makers[kind](place, rng)
    at, xy = _walk(path)
    xy = xy + make_noise(rng, len(xy), sigma_m=sigma_m)
    chosen = np.arange(int(rng.integers(0, max(1, round(every_s)))), len(at), max(1, round(every_s)))
    chosen = chosen[~((at[chosen] > silent[0]) & (at[chosen] < silent[1]))]
    lonlat = place.to_lonlat(xy[chosen])
    unknown = np.full(len(chosen), np.nan)
    return MadeTrack(kind, Track(lonlat[:, 0], lonlat[:, 1], START + at[chosen], unknown, unknown), truth, sides)


def make_noise(rng: np.random.Generator, seconds: int, *, sigma_m: float) -> FloatArray:
    """Errors of each second, shape (seconds, 2)."""
    phi = np.exp(-1 / CORRELATION_S)
    push = rng.normal(0, sigma_m * np.sqrt(1 - phi**2), (seconds, 2))
    push[0] = rng.normal(0, sigma_m, 2)
    error = np.empty_like(push)
    now = np.zeros(2)
    for i, step in enumerate(push):
        now = phi * now + step
        error[i] = now
    return error


Made = tuple[_Path, tuple[Span, ...], tuple[str, ...], tuple[float, float]]
_HEARD = (np.inf, -np.inf)


def _patrol(place: Place, rng: np.random.Generator) -> Made:
    """Beside a line at 3 to 60 m, mostly near; on foot or in a slow vehicle; some rest, turn back, or pass a tunnel."""
    line_id = int(rng.choice(list(place.axes)))
    axis = place.axes[line_id]
    driven = rng.random() < 0.3
    length = min(rng.uniform(1500, 6000) if driven else rng.uniform(500, 3500), float(np.ptp(axis.at)) - 400)
    low = rng.uniform(axis.at[0] + 150, axis.at[-1] - length - 150)
    high = low + length
    speed = rng.uniform(10, 40) / 3.6 if driven else rng.uniform(2, 6) / 3.6
    forth = np.arange(low, high, 5.0) if rng.random() < 0.5 else np.arange(high, low, -5.0)
    left = rng.random() < 0.5
    offset = _wander(rng, len(forth)) * (1 if left else -1)
    returns, same_side = rng.random() < 0.25, rng.random() < 0.5
    mileage, offsets = forth, offset
    if returns:
        mileage = np.concatenate([forth, forth[::-1]])
        offsets = np.concatenate([offset, offset[::-1] if same_side else -offset[::-1]])
    beside = axis.beside(mileage, offsets)
    way_in, way_out = (_leave(rng, axis, mileage[i], offsets[i]) for i in (0, -1))
    xy = np.vstack([way_in[::-1], beside, way_out])
    wait = np.zeros(len(xy))
    for _ in range(rng.poisson(1.0)):
        wait[rng.integers(len(way_in), len(way_in) + len(beside))] = rng.uniform(60, 400)
    pace = speed * np.clip(1 + 0.1 * np.cumsum(rng.normal(0, 0.1, len(xy))), 0.8, 1.0 if driven else 1.2)
    path = _Path(xy, pace, wait)
    silent = _HEARD
    if not driven and not returns and rng.random() < 0.15:
        first = rng.integers(len(way_in) + 40, max(len(way_in) + 41, len(way_in) + len(beside) - 100))
        times = _times(path)
        silent = (times[first], times[min(first + int(rng.integers(30, 120)), len(way_in) + len(beside) - 30)])
    sides = ("left" if left else "right",) + (() if not returns or same_side else ("right" if left else "left",))
    return path, ((line_id, float(low), float(forth.max())),), sides, silent


def _wander(rng: np.random.Generator, points: int) -> FloatArray:
    """Distances from the line of somebody who walks along it, changing over some 100 m."""
    usual = rng.uniform(3, 25) if rng.random() < 0.85 else rng.uniform(25, 50)
    drift = np.cumsum(rng.normal(0, 0.25, points))
    drift -= np.linspace(0, drift[-1], points)
    return np.clip(usual + np.clip(drift, -8, 8), 2.0, _REACH_M - 5)


def _leave(rng: np.random.Generator, axis: _Axis, mileage: float, offset: float) -> FloatArray:
    """From beside the line straight away from it, more across than along."""
    away = rng.uniform(150, 600)
    slant = rng.uniform(-0.5, 0.5)
    reach = np.linspace(0, 1, max(2, int(away / 5)))
    along = np.clip(mileage + slant * away * reach, axis.at[0], axis.at[-1])
    return axis.beside(along, offset + np.sign(offset) * away * reach)[1:]


def _parallel(place: Place, rng: np.random.Generator) -> Made:
    """A car on a road that runs beside a line: a real one 65 to 150 m off, else one made up 80 m off."""
    speed = rng.uniform(20, 60) / 3.6
    if rng.random() < 0.6:
        for _ in range(60):
            xy = _try_parallel(place, rng)
            if xy is not None:
                return _Path(xy, np.full(len(xy), speed), _stops(rng, len(xy), 0.3)), (), (), _HEARD
    axis = place.axes[int(rng.choice(list(place.axes)))]
    length = rng.uniform(600, 5000)
    low = rng.uniform(axis.at[0] + 50, max(axis.at[0] + 60, axis.at[-1] - length - 50))
    mileage = np.arange(low, min(low + length, axis.at[-1] - 50), 5.0)
    xy = axis.beside(mileage, np.full(len(mileage), float(rng.choice([-80.0, 80.0]))))
    xy = xy if rng.random() < 0.5 else xy[::-1]
    return _Path(xy, np.full(len(xy), speed), _stops(rng, len(xy), 0.3)), (), (), _HEARD


def _stops(rng: np.random.Generator, points: int, often: float) -> FloatArray:
    """A wait at a light now and then."""
    wait = np.zeros(points)
    for _ in range(rng.poisson(often)):
        wait[rng.integers(points)] = rng.uniform(20, 60)
    return wait


def _try_parallel(place: Place, rng: np.random.Generator) -> FloatArray | None:
    """A way by car between two places beside a line that keeps its distance from it."""
    axis = place.axes[int(rng.choice(list(place.axes)))]
    low = rng.uniform(axis.at[0], axis.at[-1] - 500)
    ends = np.array([low, min(low + rng.uniform(600, 3000), axis.at[-1])])
    side = rng.choice([-1.0, 1.0])
    xy = _route(place, axis.beside(ends, side * rng.uniform(*_PARALLEL_M, 2)))
    if xy is None:
        return None
    away = shapely.distance(shapely.points(xy), place.rails)
    within = (away >= _PARALLEL_M[0]) & (away <= _PARALLEL_M[1])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], within, [False]]))).reshape(-1, 2)
    if not len(edges):
        return None
    a, b = edges[np.argmax(edges[:, 1] - edges[:, 0])]
    return xy[a:b] if 5.0 * (b - a) >= 400 else None


def _route(place: Place, ends: FloatArray) -> FloatArray | None:
    """Corners every 5 m of the way by car between two places of the plane."""
    start, end = (tuple(map(float, lonlat)) for lonlat in place.to_lonlat(ends))
    try:
        route = find_route(place.network, start, end, mode=Mode.CAR)
    except Unreachable:
        return None
    lon, lat = shapely.get_coordinates(route.geometry).T
    line = shapely.LineString(np.column_stack(points_to_metric(lon, lat, place.crs)))
    if line.length < 100:
        return None
    return shapely.get_coordinates(shapely.line_interpolate_point(line, np.arange(0, line.length, 5.0)))


def _ride(place: Place, rng: np.random.Generator) -> Made:
    """A train at 80 to 300 km/h, a third of them with a halt on the way."""
    axis = place.axes[int(rng.choice(list(place.axes)))]
    length = min(rng.uniform(5_000, 30_000), float(np.ptp(axis.at)) - 20)
    low = rng.uniform(axis.at[0], axis.at[-1] - length)
    mileage = np.arange(low, low + length, 5.0)
    if rng.random() < 0.5:
        mileage = mileage[::-1]
    xy = axis.beside(mileage, np.full(len(mileage), rng.uniform(-3, 3)))
    speed = np.full(len(xy), rng.uniform(80, 300) / 3.6)
    wait = np.zeros(len(xy))
    if rng.random() < 1 / 3:
        halt = int(rng.integers(len(xy) // 4, 3 * len(xy) // 4))
        way_m = 5.0 * np.abs(np.arange(len(xy)) - halt)
        speed = np.minimum(speed, np.sqrt(2 * 0.5 * way_m + 0.5))
        wait[halt] = rng.uniform(40, 120)
    return _Path(xy, speed, wait), (), (), _HEARD


def _cross(place: Place, rng: np.random.Generator) -> Made:
    """Somebody on foot or in a car who follows roads over a line and away from it."""
    driven = rng.random() < 0.7
    speed = rng.uniform(15, 60) / 3.6 if driven else rng.uniform(3, 6) / 3.6
    reach = 1500.0 if driven else 500.0
    for _ in range(200):
        middle = place.crossings[rng.integers(len(place.crossings))]
        angle = rng.uniform(0, 2 * np.pi)
        arms = [middle + rng.uniform(0.5, 1) * reach * np.array([np.cos(a), np.sin(a)]) for a in (angle, angle + np.pi)]
        xy = _route(place, np.array(arms))
        if xy is not None and shapely.LineString(xy).intersects(place.rails) and not _keeps_beside(place, xy):
            return _Path(xy, np.full(len(xy), speed), _stops(rng, len(xy), 0.5)), (), (), _HEARD
    raise AssertionError("no road crosses a line here without running beside it")


def _keeps_beside(place: Place, xy: FloatArray) -> bool:
    """Whether a way stays beside a line for more than 250 m at once: that would be a patrol's."""
    near = shapely.distance(shapely.points(xy), place.rails) < _REACH_M + 5
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]]))).reshape(-1, 2)
    return bool((5.0 * (edges[:, 1] - edges[:, 0]) > 250).any())


def _times(path: _Path) -> FloatArray:
    """Second at which each corner is left."""
    step = np.hypot(*np.diff(path.xy, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(step / path.speed_mps[1:])]) + np.cumsum(path.wait_s)


def _walk(path: _Path) -> tuple[FloatArray, FloatArray]:
    """The way second by second: seconds, and (x, y)."""
    leaves = _times(path)
    comes = leaves - path.wait_s
    when, corner = np.concatenate([comes, leaves]), np.concatenate([path.xy, path.xy])
    order = np.argsort(when, kind="stable")
    at = np.arange(0.0, leaves[-1], 1.0)
    xy = np.column_stack([np.interp(at, when[order], corner[order, i]) for i in (0, 1)])
    return at, xy


# --- measuring ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """Metres of line covered in truth, as found, and in both."""

    true_m: float = 0.0
    found_m: float = 0.0
    both_m: float = 0.0

    def __add__(self, other: Score) -> Score:
        return Score(self.true_m + other.true_m, self.found_m + other.found_m, self.both_m + other.both_m)

    @property
    def precision(self) -> float:
        return self.both_m / self.found_m if self.found_m else 1.0

    @property
    def recall(self) -> float:
        return self.both_m / self.true_m if self.true_m else 1.0


def score(truth: tuple[Span, ...], found: list[Span]) -> Score:
    """How found spans agree with the truth; spans of a line may overlap and count once."""
    total = Score()
    for line_id in {span[0] for span in (*truth, *found)}:
        true, seen = (
            shapely.union_all([shapely.LineString([(a, 0), (b, 0)]) for i, a, b in spans if i == line_id and b > a])
            for spans in (truth, found)
        )
        total += Score(true.length, seen.length, shapely.intersection(true, seen).length)
    return total


def match_by_buffer(place: Place, track: Track, *, reach_m: float = 30.0) -> list[Span]:
    """The usual way: what lies between two consecutive fixes within 30 m of a line is covered."""
    lon, lat = track.lon, track.lat
    points = shapely.points(np.column_stack(points_to_metric(lon, lat, place.crs)))
    spans = []
    for line_id, axis in place.axes.items():
        near = shapely.distance(points, axis.line) <= reach_m
        along = np.interp(
            shapely.line_locate_point(axis.line, points),
            np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(axis.xy, axis=0).T))]),
            axis.at,
        )
        steps = [along[i : i + 2] for i in np.flatnonzero(near[1:] & near[:-1])]
        spans += [(line_id, float(step.min()), float(step.max())) for step in steps]
    return spans
