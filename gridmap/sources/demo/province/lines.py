"""Railways of the province: ordinary lines from county to county, fast ones from city to city, each with its works."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d

from gridmap.domain.railways.lines import walk_line
from gridmap.sources.demo.province.hierarchy import Hierarchy
from gridmap.sources.demo.province.links import Links, link_places
from gridmap.sources.demo.province.mosaic import Mosaic
from gridmap.sources.demo.province.relief import FloatArray, IntArray, Relief
from gridmap.sources.demo.province.sites import CITY_SEAT, COUNTY_SEAT
from gridmap.sources.demo.province.size import ProvinceSize
from gridmap.sources.demo.province.water import RIVER_KM2, Rivers
from gridmap.sources.demo.railways import Railway, cut_structures

_STEP_M = 100.0
_CURVE_M = {False: 1_300.0, True: 4_200.0}
"""How far a line is smoothed over: what an ordinary and a fast line can bend."""

_GRADE_M = {False: 5_000.0, True: 9_000.0}
_TUNNEL_M, _VIADUCT_M = 45.0, 22.0
_SHORTEST_M = 250.0
_STATION_REACH_M = {False: 4_000.0, True: 6_000.0}
_STATION_GAP_M = {False: 6_500.0, True: 24_000.0}
_CLEAR_M = 500.0
_BANK_M = 90.0
_SHRINKAGE = 1.03
"""Lines lose so much of the length of their links where these are joined to one smooth curve."""

_ASIDE_M = 450.0
"""A fast line keeps so far from the line of ordinary trains that it follows."""


def build_railways(
    relief: Relief,
    mosaic: Mosaic,
    rivers: Rivers,
    hierarchy: Hierarchy,
    town_names: list[str],
    burden: FloatArray,
    borders: IntArray,
    size: ProvinceSize,
) -> list[Railway]:
    """Lines of `size.railway_km` together: the fast ones first, then ordinary ones, the shorter links first."""
    pairs = np.column_stack([mosaic.left[borders], mosaic.right[borders]])
    wet = _build_banks(rivers)
    railways: list[Railway] = []
    for fast, rank in ((True, CITY_SEAT), (False, COUNTY_SEAT)):
        seats = np.flatnonzero(hierarchy.town_rank <= rank)
        links = link_places(mosaic.count, pairs, burden, hierarchy.town_seat[seats])
        built_m = sum(railway.line.length for railway in railways)
        courses = [_smooth(mosaic.seeds[path], _CURVE_M[fast], shift_m=_ASIDE_M * fast) for path in links.paths]
        for course in _join_courses(links, courses, budget_m=size.railway_km * 1_000 - built_m):
            ends = [seats[place] for place in course.ends]
            name = _name(town_names[ends[0]], town_names[ends[1]], fast=fast, taken={r.name for r in railways})
            # Once more as a whole: where two links meet there is still a bend that no train takes.
            line = shapely.LineString(_smooth(course.xy, _CURVE_M[fast] / 2, shift_m=0.0))
            structures = _find_structures(relief, line, wet, fast=fast)
            stations = _find_stations(mosaic, hierarchy, town_names, line, structures, fast=fast)
            railways.append(Railway(name, line, fast, structures, stations))
    return railways


class _Course:
    """Links one after the other as one line, from place to place."""

    def __init__(self, ends: tuple[int, int], xy: FloatArray) -> None:
        self.ends = ends
        self.xy = xy


def _join_courses(links: Links, courses: list[FloatArray], *, budget_m: float) -> list[_Course]:
    """Links that fit the budget, a tree that joins all places before any loop, joined to long lines."""
    length = np.array([np.hypot(*np.diff(xy, axis=0).T).sum() for xy in courses])
    kept = _choose_links(links, length, budget_m)
    beside: dict[int, list[int]] = {}
    for row in kept:
        for place in links.ends[row].tolist():
            beside.setdefault(place, []).append(row)
    straight_on = {place: _pair_up(place, rows, links, courses) for place, rows in beside.items()}
    lines, used = [], set()
    for row in sorted(kept, key=lambda r: (all(r in straight_on[p] for p in links.ends[r].tolist()), r)):
        if row in used:
            continue
        start = next((p for p in links.ends[row].tolist() if row not in straight_on[p]), int(links.ends[row][0]))
        place, parts = start, []
        following: int | None = row
        while following is not None and following not in used:
            used.add(following)
            i, j = links.ends[following].tolist()
            parts.append(courses[following] if place == i else courses[following][::-1])
            place = j if place == i else i
            following = straight_on[place].get(following)
        lines.append(_Course((start, place), np.vstack([parts[0], *(part[1:] for part in parts[1:])])))
    return lines


def _choose_links(links: Links, length: FloatArray, budget_m: float) -> list[int]:
    group = list(range(int(links.ends.max()) + 1))

    def find(place: int) -> int:
        while group[place] != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    tree: list[int] = []
    loops: list[int] = []
    for row in np.argsort(length, kind="stable").tolist():
        a, b = (find(place) for place in links.ends[row].tolist())
        (loops if a == b else tree).append(row)
        group[a] = b
    kept, built = [], 0.0
    for row in [*tree, *loops]:
        if built + length[row] <= budget_m * _SHRINKAGE:
            kept.append(row)
            built += float(length[row])
    return kept


def _pair_up(place: int, rows: list[int], links: Links, courses: list[FloatArray]) -> dict[int, int]:
    """Which link goes on as which at a place: the straightest pairs first, turns of more than 70° never."""
    heading = {}
    for row in rows:
        xy = courses[row] if links.ends[row][0] == place else courses[row][::-1]
        way = xy[min(30, len(xy) - 1)] - xy[0]
        heading[row] = np.arctan2(way[1], way[0])
    turns = sorted(
        (abs(np.pi - abs((heading[a] - heading[b] + np.pi) % (2 * np.pi) - np.pi)), a, b)
        for a in rows
        for b in rows
        if a < b
    )
    on: dict[int, int] = {}
    for turn, a, b in turns:
        if turn < np.radians(70) and a not in on and b not in on:
            on[a], on[b] = b, a
    return on


def _smooth(xy: FloatArray, curve_m: float, *, shift_m: float) -> FloatArray:
    """A course over the cells as a line of gentle curves, a vertex every `_STEP_M`; both ends stay."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    at = np.linspace(0, along[-1], max(4, int(along[-1] / _STEP_M)))
    even = np.column_stack([np.interp(at, along, xy[:, i]) for i in (0, 1)])
    smooth = np.column_stack([_smooth_column(even[:, i], curve_m / _STEP_M) for i in (0, 1)])
    way = np.gradient(smooth, axis=0)
    normal = np.column_stack([-way[:, 1], way[:, 0]]) / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    taper = np.clip(np.minimum(at, at[-1] - at) / 8_000.0, 0, 1)
    shifted: FloatArray = smooth + normal * (shift_m * taper)[:, None]
    return shifted


def _smooth_column(values: FloatArray, sigma: float) -> FloatArray:
    """A Gaussian average that leaves both ends where they are: the values are mirrored about each end."""
    reach = min(len(values) - 1, int(4 * sigma))
    before = 2 * values[0] - values[reach:0:-1]
    after = 2 * values[-1] - values[-2 : -reach - 2 : -1]
    padded = gaussian_filter1d(np.concatenate([before, values, after]), sigma)
    middle: FloatArray = padded[reach : reach + len(values)]
    return middle


def _build_banks(rivers: Rivers) -> shapely.STRtree:
    """Banks of rivers large enough to need a bridge."""
    return shapely.STRtree(shapely.buffer(rivers.lines[rivers.size_km2 >= RIVER_KM2], _BANK_M, quad_segs=2))


def _find_structures(
    relief: Relief, line: shapely.LineString, banks: shapely.STRtree, *, fast: bool
) -> list[tuple[float, float, str]]:
    """Bridges over rivers and hollows, tunnels through what rises above the smoothed grade."""
    along = np.arange(0.0, line.length, _STEP_M)
    xy = walk_line(shapely.get_coordinates(line), along)
    spots = np.asarray(shapely.points(xy), object)
    ground = relief.sample(relief.height, xy)
    grade = gaussian_filter1d(ground, _GRADE_M[fast] / _STEP_M, mode="nearest")
    kind = np.full(len(along), "", object)
    kind[grade - ground > _VIADUCT_M] = "bridge"
    kind[ground - grade > _TUNNEL_M] = "tunnel"
    kind[banks.query(spots, predicate="intersects")[0]] = "bridge"
    return cut_structures(along, kind, shortest_m=_SHORTEST_M)


def _find_stations(
    mosaic: Mosaic,
    hierarchy: Hierarchy,
    town_names: list[str],
    line: shapely.LineString,
    structures: list[tuple[float, float, str]],
    *,
    fast: bool,
) -> list[tuple[str, float]]:
    """Stations where the line passes towns, the higher ones first, on plain ground and apart from each other."""
    seats = np.flatnonzero(hierarchy.town_rank <= (COUNTY_SEAT if fast else hierarchy.town_rank.max()))
    points = np.asarray(shapely.points(mosaic.seeds[hierarchy.town_seat[seats]]), object)
    near = np.flatnonzero(shapely.dwithin(points, line, _STATION_REACH_M[fast]))
    wanted = shapely.line_locate_point(line, points[near])
    marks = np.array([(low - _CLEAR_M, high + _CLEAR_M) for low, high, _ in structures]).reshape(-1, 2)
    found: list[tuple[str, float]] = []
    for row in np.argsort(hierarchy.town_rank[seats[near]], kind="stable").tolist():
        for shift in (0, 600, -600, 1_200, -1_200, 2_400, -2_400):
            at = float(np.clip(wanted[row] + shift, 600.0, line.length - 600.0))
            if ((marks[:, 0] <= at) & (at <= marks[:, 1])).any():
                continue
            if all(abs(at - other) > _STATION_GAP_M[fast] for _, other in found):
                found.append((town_names[seats[near[row]]] + ("东" if fast else ""), at))
                break
    return sorted(found, key=lambda station: station[1])


def _name(start: str, end: str, *, fast: bool, taken: set[str]) -> str:
    """As railways are named: the first characters of both ends; of a second such line the last ones."""
    ending = "高速线" if fast else "线"
    for pair in (start[0] + end[0], start[0] + end[-1], start[-1] + end[0], start + end):
        if pair[0] != pair[1] and pair + ending not in taken:
            return pair + ending
    raise ValueError(f"two lines from {start} to {end}")
