"""Hazards of the demo: of every kind, in every state, along the lines and about the places, each with its steps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from gridmap.domain.hazard_kinds import BuiltInKind
from gridmap.domain.hazards import TRANSITIONS, HazardRules, HazardState, Severity
from gridmap.domain.railways.mileage import format_mileage
from gridmap.sources.demo.operations import Ground, Rows

_RULES = HazardRules()
_SEVERITY_SHARES = {Severity(1): 0.34, Severity(2): 0.4, Severity(3): 0.2, Severity(4): 0.06}
_STATE_SHARES = {
    HazardState.REPORTED: 0.08,
    HazardState.ACCEPTED: 0.07,
    HazardState.VERIFIED: 0.08,
    HazardState.DISPATCHED: 0.13,
    HazardState.HANDLED: 0.09,
    HazardState.CHECKED: 0.05,
    HazardState.CLOSED: 0.36,
    HazardState.HANDLED_ON_THE_SPOT: 0.14,
}
_ON_LINES = 0.58
_OVERDUE = 0.09
"""Share of open hazards that are past their date."""

_LINE_TITLES: dict[BuiltInKind, str] = {
    BuiltInKind.ILLEGAL_CONSTRUCTION: "线路旁违规搭建工棚",
    BuiltInKind.ILLEGAL_OCCUPATION: "保护区内堆放建材",
    BuiltInKind.WATER_EXTRACTION: "高铁旁打井取水",
    BuiltInKind.QUARRYING: "线路附近采石作业",
    BuiltInKind.ILLEGAL_CROSSING: "护栏缺口有人横穿",
    BuiltInKind.BURNING: "线路旁焚烧秸秆",
    BuiltInKind.LIGHT_OBJECTS: "大棚塑料膜松动",
    BuiltInKind.COLOUR_STEEL: "彩钢瓦屋顶未加固",
    BuiltInKind.DANGEROUS_TREE: "杨树倾向接触网",
    BuiltInKind.GRAZING: "护栏内放牧",
    BuiltInKind.OVERPASS_DEFECT: "上跨桥防抛网破损",
    BuiltInKind.FENCE_DAMAGE: "防护栅栏破损",
    BuiltInKind.DRAINAGE: "涵洞排水堵塞",
    BuiltInKind.DUMPING: "路堤下倾倒渣土",
    BuiltInKind.DRONE_KITE: "线路附近放风筝",
    BuiltInKind.CABLE_DIGGING: "电缆标桩旁开挖",
}
_PLACE_TITLES: dict[BuiltInKind, str] = {
    BuiltInKind.FIRE_RISK: "楼道堆放杂物占用消防通道",
    BuiltInKind.FLOOD_RISK: "河堤局部塌陷",
    BuiltInKind.LANDSLIDE: "坡体出现裂缝",
    BuiltInKind.ROAD_DAMAGE: "村道路基沉陷",
    BuiltInKind.GAS_WATER_POWER: "电线杆倾斜",
    BuiltInKind.OTHER: "井盖缺失",
}


@dataclass(frozen=True)
class HazardCase:
    """A hazard row and its steps, whose `hazard_id` is still open."""

    row: dict[str, Any]
    steps: Rows


def build_hazards(rng: np.random.Generator, ground: Ground, *, count: int, now: datetime) -> list[HazardCase]:
    """Hazards of every kind in every state, the open ones mostly recent and mostly in time."""
    states = _draw_states(rng, count)
    severities = rng.choice([int(s) for s in _SEVERITY_SHARES], count, p=list(_SEVERITY_SHARES.values())).tolist()
    on_line = rng.random(count) < _ON_LINES if len(ground.segments) else np.zeros(count, bool)
    places = iter(_in_places(rng, ground, int((~on_line).sum())))
    lines = iter(_on_lines(rng, ground, int(on_line.sum())))
    where = ground.settle([next(lines if is_on_line else places) for is_on_line in on_line.tolist()])
    ages = _draw_ages(rng, states, severities)
    return [
        _build_case(number, state, Severity(severity), row, age, now)
        for number, (state, severity, row, age) in enumerate(zip(states, severities, where, ages, strict=True), start=1)
    ]


def _draw_states(rng: np.random.Generator, count: int) -> list[HazardState]:
    """States by their share; the first ones in turn, so that each state is there."""
    everything, common = [*HazardState], [*_STATE_SHARES]
    drawn = rng.choice(len(common), count, p=list(_STATE_SHARES.values())).tolist()
    in_turn = 3 * len(everything)
    return [everything[i % len(everything)] if i < in_turn else common[number] for i, number in enumerate(drawn)]


def _draw_ages(rng: np.random.Generator, states: list[HazardState], severities: list[int]) -> list[float]:
    """Days since each was reported: ended ones 2 to 45, open ones within their limit but for a few."""
    limit = np.array([_RULES.days_to_handle[Severity(severity)] for severity in severities], float)
    late = rng.random(len(states)) < _OVERDUE
    share = np.where(late, rng.uniform(1.1, 1.8, len(states)), rng.uniform(0.05, 0.9, len(states)))
    ended = np.array([not TRANSITIONS[state] for state in states], bool)
    return [float(age) for age in np.where(ended, rng.uniform(2, 45, len(states)), limit * share)]


def _on_lines(rng: np.random.Generator, ground: Ground, count: int) -> Rows:
    segments = ground.segments
    if not count:
        return []
    chosen = rng.integers(len(segments), size=count)
    from_m, to_m = (segments[name].to_numpy(float)[chosen] for name in ("from_m", "to_m"))
    mileages = np.round(rng.uniform(from_m, to_m)).tolist()
    line_ids = segments["line_id"].to_numpy()[chosen].tolist()
    sides = rng.choice(np.array(["left", "right"], object), count).tolist()
    offsets = np.round(rng.gamma(1.6, 14, count) + 4).tolist()
    kinds = [list(_LINE_TITLES)[i] for i in rng.integers(len(_LINE_TITLES), size=count).tolist()]
    rows: Rows = []
    for line_id, mileage, side, offset, kind in zip(line_ids, mileages, sides, offsets, kinds, strict=True):
        _, prefix, line = ground.lines[int(line_id)]
        at = min(max(mileage, line.start_m), line.end_m)
        lon, lat = line.beside(at, side=side, offset_m=offset)
        title = f"{format_mileage(at, prefix=prefix)}{_LINE_TITLES[kind]}"
        measured = {"line_id": int(line_id), "mileage_m": at, "side": side, "offset_m": offset}
        rows.append({"kind": kind, "title": title, "lon": lon, "lat": lat, **measured})
    return rows


def _in_places(rng: np.random.Generator, ground: Ground, count: int) -> Rows:
    places = ground.places
    weight = np.sqrt(places["population"].to_numpy(float))
    chosen = rng.choice(len(weight), count, p=weight / weight.sum())
    lons = (places["lon"].to_numpy(float)[chosen] + rng.normal(0, 0.004, count)).tolist()
    lats = (places["lat"].to_numpy(float)[chosen] + rng.normal(0, 0.003, count)).tolist()
    kinds = [list(_PLACE_TITLES)[i] for i in rng.integers(len(_PLACE_TITLES), size=count).tolist()]
    unmeasured = {"line_id": None, "mileage_m": None, "side": None, "offset_m": None}
    names = places["name"].to_numpy(object)[chosen]
    return [
        {"kind": kind, "title": f"{name}{_PLACE_TITLES[kind]}", "lon": lon, "lat": lat, **unmeasured}
        for name, kind, lon, lat in zip(names, kinds, lons, lats, strict=True)
    ]


def _build_case(
    number: int, state: HazardState, severity: Severity, where: dict[str, Any], age_days: float, now: datetime
) -> HazardCase:
    path = _PATHS[state]
    ended = not TRANSITIONS[state]
    reported = (now - timedelta(days=age_days)).replace(microsecond=0)
    spread = min(_RULES.days_to_handle[severity], age_days) * (0.85 if ended else 0.95)
    last = max(len(path) - 1, 1)
    times = [(reported + timedelta(days=spread * i / last)).replace(microsecond=0) for i in range(len(path))]
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


def _find_path(state: HazardState) -> list[HazardState]:
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


_PATHS = {state: _find_path(state) for state in HazardState}
