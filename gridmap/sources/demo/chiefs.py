"""Section chiefs of the made-up lines: posts with a few vacancies, inspections of which some are overdue, referrals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from gridmap.domain.hazards import OPEN
from gridmap.domain.railways.chiefs import PARTIES
from gridmap.sources.demo.cases import HazardCase
from gridmap.sources.demo.operations import Ground, Rows, spell_number

_SECTION_M = 12_000.0
"""What one works section of the railway looks after."""

_TOWN_DIGITS = 9
_VACANT = {"local": 9, "railway": 7}
"""Of so many stretches one has no post."""

_INTERVALS_DAYS = (15, 30, 30, 90)
_ACKNOWLEDGED = 0.6


@dataclass(frozen=True)
class Chiefs:
    """Rows of `section_chief` and `joint_inspection`."""

    posts: Rows
    inspections: Rows


def build_chiefs(rng: np.random.Generator, ground: Ground, *, now: datetime) -> Chiefs:
    """A post of each town along each line, one of each works section, and the last time both inspected a stretch."""
    towns = dict(zip(ground.towns["code"], ground.towns["name"], strict=True))
    local, railway = [], []
    for line_id, own in ground.segments.sort_values(["line_id", "from_m"]).groupby("line_id"):
        local += _list_towns(int(line_id), own, towns)
        railway += _list_sections(int(line_id), own, ground.lines[int(line_id)][0])
    for row, days in zip(local, rng.choice(_INTERVALS_DAYS, len(local)).tolist(), strict=True):
        row["interval_days"] = days
    inspections = []
    for row in local:
        share = rng.choice([rng.uniform(0.05, 0.9), rng.uniform(1.1, 1.8)], p=[0.75, 0.25])
        at = (now - timedelta(days=float(share) * row["interval_days"])).replace(microsecond=0)
        if rng.random() > 0.05:
            inspections.append({**{name: row[name] for name in ("line_id", "from_m", "to_m")}, "at": at, "note": ""})
    return Chiefs([*_leave_vacant(local), *_leave_vacant(railway)], inspections)


def _list_towns(line_id: int, segments: pd.DataFrame, towns: dict[str, str]) -> Rows:
    """The stretches of a line within each town, one after the other."""
    codes = segments["area_code"].str[:_TOWN_DIGITS]
    rows: Rows = []
    for _, part in segments.groupby((codes != codes.shift()).cumsum()):
        code = str(part["area_code"].iloc[0])[:_TOWN_DIGITS]
        if code in towns:
            name = f"{towns[code]}护路段长岗"
            rows.append({**_build_post(line_id, "local", part, name), "area_code": code})
    return rows


def _list_sections(line_id: int, segments: pd.DataFrame, name: str) -> Rows:
    section = (segments["from_m"] // _SECTION_M).astype(int)
    return [
        _build_post(line_id, "railway", part, f"{name}第{spell_number(number % 99 + 1)}线路工区岗")
        for number, (_, part) in enumerate(segments.groupby(section))
    ]


def _build_post(line_id: int, party: str, part: pd.DataFrame, office: str) -> dict[str, Any]:
    ends = {"from_m": float(part["from_m"].min()), "to_m": float(part["to_m"].max())}
    more = {"area_code": None, "interval_days": None, "valid_from": None}
    return {"line_id": line_id, **ends, "party": party, "office": office, **more}


def _leave_vacant(rows: Rows) -> Iterable[dict[str, Any]]:
    return (row for number, row in enumerate(rows) if number % _VACANT[row["party"]] != _VACANT[row["party"]] // 2)


def build_referrals(
    rng: np.random.Generator, posts: Rows, cases: Sequence[HazardCase], hazard_ids: Sequence[int]
) -> Rows:
    """Rows of `hazard_referral`: both sides of each open hazard beside a line, most of them acknowledged."""
    own = [
        {"hazard_id": i, **{name: case.row[name] for name in ("line_id", "mileage_m", "reported_at")}}
        for i, case in zip(hazard_ids, cases, strict=True)
        if case.row["state"] in OPEN and case.row["line_id"] is not None
    ]
    hazards = pd.DataFrame(own, columns=["hazard_id", "line_id", "mileage_m", "reported_at"])
    table = pd.DataFrame(posts, columns=["line_id", "party", "from_m", "to_m", "office"])
    rows: Rows = []
    for party in PARTIES:
        offices = _find_offices(hazards, table[table["party"] == party])
        noted = (rng.random(len(hazards)) < _ACKNOWLEDGED) & (offices != "")
        after = [timedelta(hours=float(hours)) for hours in rng.uniform(0.5, 6.0, len(hazards))]
        for hazard, office, was_noted, delay in zip(hazards.itertuples(), offices, noted, after, strict=True):
            at = (hazard.reported_at.to_pydatetime() + delay).replace(microsecond=0) if was_noted else None
            told = {"hazard_id": int(hazard.hazard_id), "party": party, "office": str(office)}
            rows.append({**told, "acknowledged_at": at, "acknowledged_note": ""})
    return rows


def _find_offices(hazards: pd.DataFrame, posts: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The post that answers for the place of each hazard, "" where none does; posts of a party never overlap."""
    found = np.full(len(hazards), "", object)
    for line_id, own in hazards.groupby(hazards["line_id"].astype(int)).groups.items():
        line = posts[posts["line_id"] == line_id].sort_values("from_m")
        at = hazards["mileage_m"].to_numpy(float)[own]
        before = np.searchsorted(line["from_m"].to_numpy(float), at, side="right") - 1
        within = (before >= 0) & (at <= np.append(line["to_m"].to_numpy(float), 0.0)[before])
        found[own[within]] = line["office"].to_numpy(object)[before[within]]
    return found
