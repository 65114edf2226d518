"""What is due: railway segments and open hazards as tasks of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.crs import FloatArray
from gridmap.domain.days import BEIJING
from gridmap.domain.hazard_kinds import HazardKind
from gridmap.domain.hazards import ENDED, HazardState
from gridmap.domain.patrol.document_parts import Line
from gridmap.domain.patrol.hours import intersect_windows, parse_hours, repeat_daily
from gridmap.domain.patrol.problem import Task, TaskKind, Windows
from gridmap.domain.railways.freshness import compute_gaps
from gridmap.services.patrol_request import PatrolRequest
from gridmap.store import hazard_kinds, hazards, rail

_LEAST_LIMIT_S = 3600.0
_NOT_INSPECTED = ENDED | {HazardState.CHECKED}


def load_tasks(
    connection: sa.Connection, *, scope: str, request: PatrolRequest, day: date
) -> tuple[list[Task], dict[str, float]]:
    """Everything due, and the share of each segment that lies in tunnel."""
    segments = rail.load_segments(connection, scope=scope, line_ids=request.line_ids)
    tasks, shares = _segment_tasks(segments, request=request, day=day)
    if request.include_hazards:
        tasks += load_hazard_tasks(connection, scope=scope, request=request, day=day)
    if request.tasks is not None:
        tasks = [task for task in tasks if task.key in request.tasks]
    return tasks, shares


def load_hazard_tasks(connection: sa.Connection, *, scope: str, request: PatrolRequest, day: date) -> list[Task]:
    """Hazards that are open."""
    found = hazards.load_hazards(connection, scope=scope)
    if request.line_ids is not None:
        found = found[found["line_id"].isna() | found["line_id"].isin(request.line_ids)]
    kinds = hazard_kinds.load_kinds(connection)
    return [
        _hazard_task(row, kinds.find(row.kind), request=request, day=day)
        for row in found.itertuples()
        if _is_open(row.state)
    ]


def _is_open(state: str) -> bool:
    return HazardState(state) not in _NOT_INSPECTED


def _segment_tasks(
    segments: gpd.GeoDataFrame, *, request: PatrolRequest, day: date
) -> tuple[list[Task], dict[str, float]]:
    """Segments whose interval has passed by the end of the day, those long overdue or never seen with more priority."""
    begin = pd.Timestamp(datetime.combine(day, time(), BEIJING))
    until = begin + pd.Timedelta(days=1 + request.horizon_days)
    last = pd.to_datetime(segments["last_patrol_at"], utc=True)
    gaps = compute_gaps(segments)
    due_at = last + gaps
    # What was never seen counts as late by one interval.
    late = ((begin - due_at) / gaps).where(last.notna(), 1.0).to_numpy(float)
    due = (last.isna() | (due_at < until)).to_numpy()
    visits = count_visits_due(segments, due_at, begin=begin)
    middle = shapely.line_interpolate_point(segments.geometry.to_numpy(), 0.5, normalized=True)
    rows = zip(segments.itertuples(), due, late, visits, middle, strict=True)
    named = None if request.tasks is None else set(request.tasks)
    chosen = [
        (row, *more) for row, is_due, *more in rows if (is_due if named is None else f"segment-{row.id}" in named)
    ]
    tasks = [
        _segment_task(row, late=late, visits=int(visits), point=point, request=request)
        for row, late, visits, point in chosen
    ]
    shares = {f"segment-{row.id}": float(row.tunnel_m) / max(float(row.length_m), 1.0) for row, *_ in chosen}
    return tasks, shares


def count_visits_due(segments: pd.DataFrame, due_at: pd.Series, *, begin: pd.Timestamp) -> npt.NDArray[np.int64]:
    """Visits that fall on the day from `begin`: as many as the interval wants, fewer where some were made already.

    `due_at` is when the next one is due, missing where there was none.
    """
    most: FloatArray = np.ceil(segments["visits"].to_numpy(float) / segments["interval_days"].to_numpy(float))
    left = (begin + pd.Timedelta(days=1) - due_at) / compute_gaps(segments)
    fit = np.floor(left.where(due_at.notna() & (due_at > begin), np.inf).to_numpy(float)) + 1
    counted: npt.NDArray[np.int64] = np.maximum(1, np.minimum(most, fit)).astype(np.int64)
    return counted


def _segment_task(row: Any, *, late: float, visits: int, point: shapely.Point, request: PatrolRequest) -> Task:
    rules = request.rules
    return Task(
        key=f"segment-{row.id}",
        kind=TaskKind.SEGMENT,
        id=int(row.id),
        code=row.code,
        name=row.line_name,
        priority=rules.prize(int(row.risk), late=late),
        lon=float(point.x),
        lat=float(point.y),
        area_code=row.area_code,
        line_id=int(row.line_id),
        from_m=float(row.from_m),
        to_m=float(row.to_m),
        side=row.side,
        windows_s=rules.find_hours(night=bool(row.night), setting=row.setting, shift_s=request.shift_s),
        visits=visits,
        spacing_s=60 * int(row.spacing_min) if visits > 1 else 0,
    )


def _hazard_task(row: Any, kind: HazardKind | None, *, request: PatrolRequest, day: date) -> Task:
    begin = datetime.combine(day, time(), BEIJING)
    limit = (row.due_at - row.reported_at).total_seconds()
    late = (begin - row.due_at).total_seconds() / max(limit, _LEAST_LIMIT_S)
    urgent = _windows(int(row.severity), (row.due_at - begin).total_seconds(), request)
    on_line = pd.notna(row.line_id) and pd.notna(row.mileage_m)
    mileage = float(row.mileage_m) if on_line else None
    return Task(
        key=f"hazard-{row.id}",
        kind=TaskKind.HAZARD,
        id=int(row.id),
        code=row.code,
        name=row.title,
        priority=request.rules.prize(int(row.severity), late=late),
        lon=float(row.lon),
        lat=float(row.lat),
        area_code=row.area_code,
        line_id=int(row.line_id) if on_line else None,
        from_m=mileage,
        to_m=mileage,
        side=row.side if on_line and row.side in {"left", "right", "both"} else None,
        offset_m=float(row.offset_m) if on_line and pd.notna(row.offset_m) else 0.0,
        severity=int(row.severity),
        windows_s=intersect_windows(urgent, _find_hours(kind, request)),
        skill="" if kind is None else kind.skill,
        inspect_s=None if kind is None or kind.inspect_min is None else 60 * kind.inspect_min,
    )


def _find_hours(kind: HazardKind | None, request: PatrolRequest) -> Windows:
    """When hazards of a kind may be inspected."""
    hours = () if kind is None else parse_hours(kind.hours)
    return repeat_daily(hours, within=request.shift_s)


def _windows(severity: int, due_s: float, request: PatrolRequest) -> Windows:
    """Urgent hazards early in the shift; one that falls due during the shift before that, where an hour is left."""
    start, end = request.shift_s
    latest = end
    if severity >= request.rules.urgent_severity:
        latest = min(latest, start + request.rules.urgent_s)
    if start + 3600 <= due_s < end:
        latest = min(latest, int(due_s))
    return () if latest == end else ((start, latest),)


def describe_tasks(tasks: Sequence[Task], lines: Mapping[int, Line]) -> pd.DataFrame:
    """Tasks as a table: key, kind, id, code, name, priority, lon, lat, area_code, line_name, prefix, from_m, to_m."""
    columns = ["key", "kind", "id", "code", "name", "priority", "lon", "lat", "area_code", "from_m", "to_m"]
    frame = pd.DataFrame([[getattr(task, name) for name in columns] for task in tasks], columns=columns)
    line = [lines.get(task.line_id) if task.line_id is not None else None for task in tasks]
    frame["line_name"] = [item.name if item else "" for item in line]
    frame["prefix"] = [item.prefix if item else "" for item in line]
    return frame
