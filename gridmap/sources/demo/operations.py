"""What happens in the county: units, posts, teams, sites, patrols made and hazards in every state."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gridmap.domain.districting.adjacency import build_adjacency
from gridmap.domain.hazards import TRANSITIONS, HazardKind, HazardRules, HazardState, Severity
from gridmap.domain.networks import SITE_KINDS, Network
from gridmap.domain.railways.mileage import MeasuredLine, format_mileage

Rows = list[dict[str, Any]]
IntArray = npt.NDArray[np.int64]

_HAZARDS = 252
_RULES = HazardRules()

_LINE_TITLES: dict[HazardKind, str] = {
    HazardKind.ILLEGAL_CONSTRUCTION: "线路旁违规搭建工棚",
    HazardKind.ILLEGAL_OCCUPATION: "保护区内堆放建材",
    HazardKind.WATER_EXTRACTION: "高铁旁打井取水",
    HazardKind.QUARRYING: "线路附近采石作业",
    HazardKind.ILLEGAL_CROSSING: "护栏缺口有人横穿",
    HazardKind.BURNING: "线路旁焚烧秸秆",
    HazardKind.LIGHT_OBJECTS: "大棚塑料膜松动",
    HazardKind.COLOUR_STEEL: "彩钢瓦屋顶未加固",
    HazardKind.DANGEROUS_TREE: "杨树倾向接触网",
    HazardKind.GRAZING: "护栏内放牧",
    HazardKind.OVERPASS_DEFECT: "上跨桥防抛网破损",
    HazardKind.FENCE_DAMAGE: "防护栅栏破损",
    HazardKind.DRAINAGE: "涵洞排水堵塞",
    HazardKind.DUMPING: "路堤下倾倒渣土",
    HazardKind.DRONE_KITE: "线路附近放风筝",
    HazardKind.CABLE_DIGGING: "电缆标桩旁开挖",
}
_PLACE_TITLES: dict[HazardKind, str] = {
    HazardKind.FIRE_RISK: "楼道堆放杂物占用消防通道",
    HazardKind.FLOOD_RISK: "河堤局部塌陷",
    HazardKind.LANDSLIDE: "坡体出现裂缝",
    HazardKind.ROAD_DAMAGE: "村道路基沉陷",
    HazardKind.GAS_WATER_POWER: "电线杆倾斜",
    HazardKind.OTHER: "井盖缺失",
}
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

    def area_code(self, lon: float, lat: float) -> str:
        """Code of the cell at or nearest to a place."""
        point = shapely.Point(lon, lat)
        return str(self.cells["code"].iloc[int(shapely.STRtree(self.cells.geometry.to_numpy()).nearest(point))])


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
    for town in ground.towns.itertuples():
        members = np.flatnonzero(town_of == town.code)
        count = max(2, round(len(members) / 24))
        starts += _spread_starts(rng, xy, members, count)
        base = town.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
        numerals = "一二三四五六七八九十"
        for number in range(count):
            rows.append({"code": f"U{town.code}{number + 1:02d}", "name": f"{base}第{numerals[number]}网格站"})
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
        posts.append(_post(ground, f"{place.name}派出所", "police_post", place.lon, place.lat))
    for station in ground.stations.itertuples():
        posts.append(_post(ground, f"{station.name}站护路岗", "rail_post", station.lon, station.lat))
    return posts


def _post(ground: Ground, name: str, kind: str, lon: float, lat: float) -> dict[str, Any]:
    return {"name": name, "kind": kind, "lon": lon, "lat": lat, "area_code": ground.area_code(lon, lat)}


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
    """Sites of the five networks: most in towns, the rest in larger villages."""
    towns = ground.places[ground.places["kind"].isin(["city", "town"])]
    villages = ground.places[ground.places["kind"] == "village"].sort_values("population", ascending=False).head(46)
    sites: Rows = []
    for network in Network:
        for place in towns.itertuples():
            kinds = SITE_KINDS[network]
            count = len(kinds) if place.kind == "city" else int(rng.integers(1, 4))
            for kind in rng.permutation(np.array(kinds, object))[:count]:
                sites.append(_site(rng, ground, network, str(kind), place, 0.006 if place.kind == "city" else 0.003))
    for place in villages.itertuples():
        if rng.random() < 0.75:
            sites.append(_site(rng, ground, Network.COMMUNITY, "village_committee", place, 0.001))
    return sites


def _site(
    rng: np.random.Generator, ground: Ground, network: Network, kind: str, place: Any, spread_deg: float
) -> dict[str, Any]:
    lon, lat = place.lon + rng.normal(0, spread_deg), place.lat + rng.normal(0, spread_deg * 0.8)
    return {
        "network": network.value,
        "kind": kind,
        "name": f"{place.name}{_SITE_NAMES[kind]}",
        "lon": float(lon),
        "lat": float(lat),
        "area_code": ground.area_code(lon, lat),
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


@dataclass(frozen=True)
class HazardCase:
    """A hazard row and its steps, whose `hazard_id` is still open."""

    row: dict[str, Any]
    steps: Rows


def build_hazards(rng: np.random.Generator, ground: Ground, *, now: datetime) -> list[HazardCase]:
    """Hazards of every kind in every state, the open ones mostly recent and mostly in time."""
    states = [*HazardState]
    cases = []
    for number in range(1, _HAZARDS + 1):
        state = states[number % len(states)] if number <= 3 * len(states) else _draw_state(rng)
        severity = Severity(int(rng.choice([1, 2, 3, 4], p=[0.34, 0.4, 0.2, 0.06])))
        where = _on_line(rng, ground) if rng.random() < 0.58 else _in_place(rng, ground)
        cases.append(_case(rng, number, state, severity, where, now))
    return cases


def _draw_state(rng: np.random.Generator) -> HazardState:
    common = [
        HazardState.REPORTED,
        HazardState.ACCEPTED,
        HazardState.VERIFIED,
        HazardState.DISPATCHED,
        HazardState.HANDLED,
        HazardState.CHECKED,
        HazardState.CLOSED,
        HazardState.HANDLED_ON_THE_SPOT,
    ]
    return common[int(rng.choice(len(common), p=[0.08, 0.07, 0.08, 0.13, 0.09, 0.05, 0.36, 0.14]))]


def _on_line(rng: np.random.Generator, ground: Ground) -> dict[str, Any]:
    segment = ground.segments.iloc[int(rng.integers(len(ground.segments)))]
    _, prefix, line = ground.lines[int(segment["line_id"])]
    mileage = float(np.round(rng.uniform(segment["from_m"], segment["to_m"])))
    side = str(rng.choice(["left", "right"]))
    offset = float(np.round(rng.gamma(1.6, 14) + 4))
    lon, lat = line.beside(mileage, side=side, offset_m=offset)
    kind = list(_LINE_TITLES)[int(rng.integers(len(_LINE_TITLES)))]
    return {
        "kind": kind,
        "title": f"{format_mileage(mileage, prefix=prefix)}{_LINE_TITLES[kind]}",
        "lon": lon,
        "lat": lat,
        "area_code": ground.area_code(lon, lat),
        "line_id": int(segment["line_id"]),
        "mileage_m": mileage,
        "side": side,
        "offset_m": offset,
    }


def _in_place(rng: np.random.Generator, ground: Ground) -> dict[str, Any]:
    weight = np.sqrt(ground.places["population"].to_numpy(float))
    place = ground.places.iloc[int(rng.choice(len(weight), p=weight / weight.sum()))]
    lon, lat = float(place["lon"] + rng.normal(0, 0.004)), float(place["lat"] + rng.normal(0, 0.003))
    kind = list(_PLACE_TITLES)[int(rng.integers(len(_PLACE_TITLES)))]
    return {
        "kind": kind,
        "title": f"{place['name']}{_PLACE_TITLES[kind]}",
        "lon": lon,
        "lat": lat,
        "area_code": ground.area_code(lon, lat),
        "line_id": None,
        "mileage_m": None,
        "side": None,
        "offset_m": None,
    }


def _case(
    rng: np.random.Generator,
    number: int,
    state: HazardState,
    severity: Severity,
    where: dict[str, Any],
    now: datetime,
) -> HazardCase:
    path = _path_to(state)
    limit = _RULES.days_to_handle[severity]
    ended = not TRANSITIONS[state]
    age_days = (
        rng.uniform(2, 45)
        if ended
        else limit * rng.choice([rng.uniform(0.05, 0.9), rng.uniform(1.1, 1.8)], p=[0.91, 0.09])
    )
    reported = (now - timedelta(days=float(age_days))).replace(microsecond=0)
    spread = min(limit, age_days) * (0.85 if ended else 0.95)
    times = [reported + timedelta(days=float(share) * float(spread)) for share in np.linspace(0, 1, len(path))]
    times = [t.replace(microsecond=0) for t in times]
    due = _RULES.compute_due(severity, reported)
    if HazardState.EXTENDED in path:
        due = _RULES.extend_due(due)
    row = {
        **where,
        "kind": where["kind"].value,
        "code": f"H{number:07d}",
        "severity": int(severity),
        "description": "",
        "state": state.value,
        "reported_at": reported,
        "due_at": due,
        "closed_at": times[-1] if ended else None,
    }
    before = ["", *(s.value for s in path)]
    steps = [
        {"from_state": b, "to_state": s.value, "at": t, "actor": "demo", "note": ""}
        for b, s, t in zip(before, path, times, strict=False)
    ]
    return HazardCase(row, steps)


def _path_to(state: HazardState) -> list[HazardState]:
    """The shortest way through the lifecycle from a report to `state`."""
    before: dict[HazardState, HazardState] = {}
    waiting = deque([HazardState.REPORTED])
    while waiting:
        current = waiting.popleft()
        for following in TRANSITIONS[current]:
            if following not in before and following is not HazardState.REPORTED:
                before[following] = current
                waiting.append(following)
    path = [state]
    while path[0] is not HazardState.REPORTED:
        path.insert(0, before[path[0]])
    return path
