"""Who works on the ground and where: units, posts, teams, sites, and the patrols they made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gridmap.domain.districting.adjacency import build_adjacency
from gridmap.domain.networks import SITE_KINDS, Network
from gridmap.domain.railways.mileage import MeasuredLine

Rows = list[dict[str, Any]]
IntArray = npt.NDArray[np.int64]

_SITE_NAMES: dict[str, str] = {
    "police_box": "警务亭",
    "checkpoint": "检查站",
    "patrol_station": "巡防站",
    "square": "广场",
    "bus_station": "汽车站",
    "hazardous_goods": "危化品仓库",
    "filling_station": "加油站",
    "logistics_hub": "物流园",
    "hotel": "宾馆",
    "power_station": "变电站",
    "grid_station": "网格工作站",
    "community_police_room": "社区警务室",
    "village_committee": "村委会",
    "volunteer_post": "志愿者服务点",
    "school": "学校",
    "hospital": "卫生院",
    "bank": "信用社",
    "waterworks": "水厂",
    "government_office": "政务服务中心",
    "camera_hub": "视频汇聚点",
    "data_centre": "机房",
    "relay_station": "通信基站",
    "command_room": "指挥室",
}


@dataclass(frozen=True)
class Ground:
    """The stored places that operations stand on.

    `cells`: id, code, households, geometry; `segments`: id, line_id, from_m, to_m, area_code, interval_days; `lines`:
    id to (name, prefix, line); `places`: name, kind, lon, lat; `stations`: name, lon, lat; `towns`: code, name.
    """

    cells: gpd.GeoDataFrame
    segments: pd.DataFrame
    lines: dict[int, tuple[str, str, MeasuredLine]]
    places: pd.DataFrame
    stations: pd.DataFrame
    towns: pd.DataFrame

    @cached_property
    def _cell_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.cells.geometry.to_numpy())

    def settle(self, rows: Rows) -> Rows:
        """The rows with the code of the cell that each (by `lon` and `lat`) lies in or nearest to."""
        found = self._cell_tree.nearest(shapely.points([row["lon"] for row in rows], [row["lat"] for row in rows]))
        codes = self.cells["code"].to_numpy(object)[found]
        return [{**row, "area_code": str(code)} for row, code in zip(rows, codes, strict=True)]


@dataclass(frozen=True)
class Units:
    """Grid units and the unit, by position, of each cell in the order of `Ground.cells`."""

    rows: Rows
    of_cell: IntArray


def build_units(rng: np.random.Generator, ground: Ground) -> Units:
    """Two or three units a town, more in the seat; each grows from its station over neighbouring cells."""
    cells = ground.cells
    geometry = cells.geometry.to_numpy()
    points = shapely.point_on_surface(geometry)
    xy = shapely.get_coordinates(points)
    town_of = cells["code"].str[:9].to_numpy(object)
    pairs = build_adjacency(geometry).pairs
    pairs = pairs[town_of[pairs[:, 0]] == town_of[pairs[:, 1]]]
    step = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    graph = coo_array((step, (pairs[:, 0], pairs[:, 1])), shape=(len(cells), len(cells))).tocsr()
    rows: Rows = []
    starts: list[int] = []
    members_of = pd.Series(np.arange(len(cells))).groupby(town_of).groups
    for town in ground.towns.itertuples():
        members = members_of[town.code].to_numpy()
        count = max(2, round(len(members) / 24))
        starts += _spread_starts(rng, xy, members, count)
        base = town.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
        rows += [
            {"code": f"U{town.code}{number:02d}", "name": f"{base}第{spell_number(number)}网格站"}
            for number in range(1, count + 1)
        ]
    for row, start in zip(rows, starts, strict=True):
        row.update(kind="grid_station", area_code=row["code"][1:10], lon=float(xy[start, 0]), lat=float(xy[start, 1]))
    _, _, source = dijkstra(graph, directed=False, indices=starts, min_only=True, return_predecessors=True)
    number_of = {start: number for number, start in enumerate(starts)}
    of_cell = np.array([number_of.get(int(s), -1) for s in source])
    lost = np.flatnonzero(of_cell < 0)
    for cell in lost:  # a cell cut off from its town's others goes to the nearest station of the town
        own = [n for n, row in enumerate(rows) if row["area_code"] == town_of[cell]]
        gaps = [np.hypot(rows[n]["lon"] - xy[cell, 0], rows[n]["lat"] - xy[cell, 1]) for n in own]
        of_cell[cell] = own[int(np.argmin(gaps))]
    return Units(rows, of_cell)


def spell_number(number: int) -> str:
    """A number from 1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    digits = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九")
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + digits[ones]


def _spread_starts(rng: np.random.Generator, xy: npt.NDArray[np.float64], members: IntArray, count: int) -> list[int]:
    chosen = [int(rng.choice(members))]
    while len(chosen) < count:
        gaps = np.min([np.hypot(*(xy[members] - xy[c]).T) for c in chosen], axis=0)
        weight = gaps**1.5
        chosen.append(int(rng.choice(members, p=weight / weight.sum())))
    return chosen


def build_posts(ground: Ground) -> Rows:
    """A police post in each town, a railway post at each station."""
    posts: Rows = []
    for place in ground.places[ground.places["kind"].isin(["city", "town"])].itertuples():
        posts.append({"name": f"{place.name}派出所", "kind": "police_post", "lon": place.lon, "lat": place.lat})
    for station in ground.stations.itertuples():
        posts.append({"name": f"{station.name}站护路岗", "kind": "rail_post", "lon": station.lon, "lat": station.lat})
    return ground.settle(posts)


def build_teams(rng: np.random.Generator, posts: Rows, *, count: int = 20) -> Rows:
    """Teams by post in turn; railway posts have walkers and cars. `post` is a position in `posts`."""
    teams: Rows = []
    shifts = ((450, 930), (480, 960), (540, 1020))
    for number in range(count):
        post = number % len(posts)
        rail = posts[post]["kind"] == "rail_post"
        kind = (
            ("car", "foot")[(number // len(posts) + (post % 2)) % 2] if rail else ("car", "motorcycle")[number % 5 == 3]
        )
        start, end = shifts[int(rng.integers(len(shifts)))]
        teams.append(
            {
                "name": f"{'护路' if rail else '巡逻'}{number + 1:02d}队",
                "kind": kind,
                "post": post,
                "members": int(rng.integers(2, 5)),
                "shift_start_min": start,
                "shift_end_min": end,
                "on_duty": number not in (7, 15),
                "area_code": posts[post]["area_code"],
            }
        )
    return teams


def build_sites(rng: np.random.Generator, ground: Ground) -> Rows:
    """Sites of the five networks: most in towns, the rest in the largest villages, a few for each town."""
    towns = ground.places[ground.places["kind"].isin(["city", "town"])]
    villages = ground.places[ground.places["kind"] == "village"].sort_values("population", ascending=False)
    villages = villages.head(4 * len(towns))
    sites: Rows = []
    for network in Network:
        for place in towns.itertuples():
            kinds = SITE_KINDS[network]
            count = len(kinds) if place.kind == "city" else int(rng.integers(1, 4))
            for kind in rng.permutation(np.array(kinds, object))[:count]:
                sites.append(_site(rng, network, str(kind), place, 0.006 if place.kind == "city" else 0.003))
    for place in villages.itertuples():
        if rng.random() < 0.75:
            sites.append(_site(rng, Network.COMMUNITY, "village_committee", place, 0.001))
    return ground.settle(sites)


def _site(rng: np.random.Generator, network: Network, kind: str, place: Any, spread_deg: float) -> dict[str, Any]:
    lon, lat = place.lon + rng.normal(0, spread_deg), place.lat + rng.normal(0, spread_deg * 0.8)
    return {
        "network": network.value,
        "kind": kind,
        "name": f"{place.name}{_SITE_NAMES[kind]}",
        "lon": float(lon),
        "lat": float(lat),
    }


def draw_patrols(rng: np.random.Generator, segments: pd.DataFrame, *, now: datetime) -> dict[int, datetime | None]:
    """When each segment was last patrolled: most in time, some late, a few never."""
    made: dict[int, datetime | None] = {}
    for segment in segments.itertuples():
        share = rng.choice(
            [rng.uniform(0.05, 0.78), rng.uniform(0.8, 0.97), rng.uniform(1.05, 1.9)], p=[0.68, 0.18, 0.14]
        )
        age = timedelta(days=float(share) * int(segment.interval_days))
        made[int(segment.id)] = None if rng.random() < 0.03 else (now - age).replace(microsecond=0)
    return made
