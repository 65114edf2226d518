"""Where people live: city and county seats, towns, and the point each cell is grown around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from gridmap.sources.demo.province.relief import STEP_M, BoolArray, FloatArray, IntArray, Relief
from gridmap.sources.demo.province.size import ProvinceSize

CITY_SEAT, COUNTY_SEAT, TOWN_SEAT = 0, 1, 2
"""Ranks of a town."""

SPREAD_M = np.array([3_900.0, 1_900.0, 950.0])
"""How far cells lie around a town of each rank: the deviation of their distance."""

_URBAN_SHARE = {CITY_SEAT: 0.07, COUNTY_SEAT: 0.15, TOWN_SEAT: 0.20}
"""Of all cells, those that lie in and around the towns of each rank."""

_HEARTLAND_M = 14_000.0
"""So far from the outline the ground counts fully."""

_CANDIDATES_EACH = 40
_SAMPLES_EACH = 9
_ROUNDS = 2


@dataclass(frozen=True)
class Towns:
    """Places (n, 2) in metres, and the rank of each."""

    xy: FloatArray
    rank: IntArray


@dataclass(frozen=True)
class Seeds:
    """Points (n, 2) that cells grow around, metres; the first `inside_count` are of the province."""

    xy: FloatArray
    inside_count: int


def build_towns(rng: np.random.Generator, relief: Relief, size: ProvinceSize) -> Towns:
    """Towns by how good the ground is, kept apart; the best ones of even wider circles become seats."""
    # Whoever founds a town on the very border leaves half of it to the neighbour.
    ground = relief.comfort * np.clip(relief.depth_m / _HEARTLAND_M, 0, 1)
    xy = _spread_apart(rng, relief, ground**0.8, size.towns)
    comfort = relief.sample(relief.comfort, xy)
    rank = np.full(len(xy), TOWN_SEAT)
    county = _choose_seats(_spread_apart(rng, relief, ground**0.45, size.counties), xy, comfort)
    rank[county] = COUNTY_SEAT
    city = _choose_seats(_spread_apart(rng, relief, ground**0.3, size.cities), xy[county], comfort[county])
    rank[county[city]] = CITY_SEAT
    return Towns(xy, rank)


def _spread_apart(rng: np.random.Generator, relief: Relief, weight: FloatArray, count: int) -> FloatArray:
    """`count` places drawn by `weight`, then moved apart (Lloyd 1982), each to the likeliest ground about it."""
    drawn = _draw(rng, relief, weight, count * _CANDIDATES_EACH)
    places = drawn[:count]
    for _ in range(8):
        places = _average(places, drawn, _find_nearest(places, drawn))
    owner = _find_nearest(places, drawn)
    reach = np.hypot(*(drawn - places[owner]).T)
    typical = np.maximum(np.bincount(owner, reach, count) / np.maximum(np.bincount(owner, minlength=count), 1), STEP_M)
    score = np.log(relief.sample(relief.comfort, drawn)) - (reach / typical[owner]) ** 2
    best = np.lexsort((-score, owner))
    first = best[np.unique(owner[best], return_index=True)[1]]
    places[owner[first]] = drawn[first]
    return places


def _draw(rng: np.random.Generator, relief: Relief, weight: FloatArray, count: int) -> FloatArray:
    """Places drawn by a raster of weights, anywhere about its points."""
    share = np.cumsum(weight.ravel())
    flat = np.searchsorted(share, rng.random(count) * share[-1], side="right")
    return relief.points(flat) + rng.uniform(-0.5, 0.5, (count, 2)) * STEP_M


def _find_nearest(places: FloatArray, drawn: FloatArray) -> IntArray:
    return np.asarray(cKDTree(places).query(drawn)[1], np.int64)


def _average(places: FloatArray, drawn: FloatArray, owner: IntArray) -> FloatArray:
    held = np.bincount(owner, minlength=len(places))
    mean = np.column_stack([np.bincount(owner, drawn[:, i], len(places)) / np.maximum(held, 1) for i in (0, 1)])
    return np.where(held[:, None] > 0, mean, places)


def _choose_seats(wanted: FloatArray, xy: FloatArray, comfort: FloatArray) -> IntArray:
    """For each wanted place one of the towns near it, no town twice: the best ground first."""
    _, near = cKDTree(xy).query(wanted, k=min(len(xy), 8))
    near = near.reshape(len(wanted), -1)
    taken: list[int] = []
    for candidates in near.tolist():
        free = [town for town in candidates[:4] if town not in taken] or [t for t in candidates if t not in taken]
        taken.append(max(free, key=lambda town: float(comfort[town])))
    return np.array(sorted(taken))


def build_seeds(rng: np.random.Generator, relief: Relief, towns: Towns, size: ProvinceSize) -> Seeds:
    """Points of cells, dense in towns and on good ground; a rim of points beyond the outline closes the outer ones."""
    rural = relief.comfort**0.7 + 0.045
    scattered = size.cells - round(size.cells * sum(_URBAN_SHARE.values()))
    outside = round(scattered * float(rural[relief.near].sum() / rural[relief.inside].sum()))
    samples = _draw_mixture(rng, relief, towns, rural, size.cells * _SAMPLES_EACH)
    beyond = _draw(rng, relief, np.where(relief.near, rural, 0.0), max(outside, 60) * _SAMPLES_EACH)
    points = np.vstack([samples[: size.cells], beyond[: max(outside, 60)]])
    samples = np.vstack([samples, beyond])
    for _ in range(_ROUNDS):
        points = _average(points, samples, _find_nearest(points, samples))
    return Seeds(points, size.cells)


def _draw_mixture(rng: np.random.Generator, relief: Relief, towns: Towns, rural: FloatArray, count: int) -> FloatArray:
    """Places inside, in random order: about towns of each rank by its share, the others by `rural`."""
    parts: list[FloatArray] = []
    for rank, share in _URBAN_SHARE.items():
        of_rank = towns.xy[towns.rank == rank]
        if len(of_rank) == 0:
            continue
        weight = rng.lognormal(0.0, 0.35, len(of_rank))
        chosen = rng.choice(len(of_rank), round(count * share), p=weight / weight.sum())
        around = rng.standard_normal((len(chosen), 2)) * SPREAD_M[rank] * np.sqrt(weight[chosen])[:, None]
        parts.append(of_rank[chosen] + around)
    urban = np.vstack(parts)
    urban = urban[_is_settled(relief, urban)]
    scattered = _draw(rng, relief, np.where(relief.inside, rural, 0.0), count - len(urban))
    mixed = np.vstack([urban, scattered])
    return mixed[rng.permutation(count)]


def _is_settled(relief: Relief, xy: FloatArray) -> BoolArray:
    """Whether a town grows there: inside, and not up a mountain side."""
    return relief.is_inside(xy) & (relief.sample(relief.slope, xy) < 0.12)
