"""The parts of a plan document that say what was asked: tasks, teams, posts, lines, and what stays unserved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.patrol.problem import Post, Task, Team
from gridmap.domain.patrol.reasons import REASON_HINTS, REASON_TEXTS, Unserved
from gridmap.domain.railways.mileage import MeasuredLine

_DEGREE_DIGITS = 7

Document = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A railway line as a plan names and draws it."""

    id: int
    name: str
    prefix: str
    measured: MeasuredLine


def write_line(line: Line) -> Document:
    """A line with its calibration, so that mileages can be read as the posts say them."""
    points = [asdict(point) for point in line.measured.scale.points]
    return {"id": line.id, "name": line.name, "prefix": line.prefix, "calibration": points}


def write_task(task: Task) -> Document:
    """A task as the document keeps it; keys without a value are left out."""
    is_repeated = task.visits > 1
    values: Document = {
        "key": task.key,
        "kind": task.kind.value,
        "id": task.id,
        "code": task.code,
        "name": task.name,
        "priority": task.priority,
        "lon": write_degrees(task.lon),
        "lat": write_degrees(task.lat),
        "area_code": task.area_code,
        "line_id": task.line_id,
        "from_m": _metres(task.from_m),
        "to_m": _metres(task.to_m),
        "side": task.side,
        "severity": task.severity,
        "windows_s": [list(window) for window in task.windows_s] or None,
        "visits": task.visits if is_repeated else None,
        "spacing_s": task.spacing_s if is_repeated else None,
        "skill": task.skill or None,
        "inspect_s": task.inspect_s,
    }
    return _without_none(values)


def write_unserved(item: Unserved) -> Document:
    """An unserved task with its reason as code and sentence, and what can be done about it."""
    values: Document = {
        "task": item.task,
        "reason": item.reason.value,
        "text": REASON_TEXTS[item.reason],
        "hint": REASON_HINTS[item.reason],
        "values": dict(item.values),
        "visits": item.visits,
    }
    return _without_none(values)


def write_post(position: int, post: Post) -> Document:
    """A post under the key the document's teams name it by."""
    return {
        "key": f"P{position + 1}",
        "id": post.id,
        "name": post.name,
        "kind": post.kind,
        "lon": write_degrees(post.lon),
        "lat": write_degrees(post.lat),
    }


def write_team(position: int, team: Team) -> Document:
    """A team under the key the document's routes name it by; what is not set is left out."""
    values: Document = {
        "key": f"T{position + 1}",
        "id": team.id,
        "name": team.name,
        "kind": team.kind.value,
        "members": team.members,
        "post": f"P{team.post + 1}",
        "shift_start_s": team.shift_start_s,
        "shift_end_s": team.shift_end_s,
    }
    more: Document = {
        "end_post": None if team.home == team.post else f"P{team.home + 1}",
        "breaks": [asdict(item) for item in team.breaks] or None,
        "latest_return_s": team.latest_return_s,
        "skills": sorted(team.skills) or None,
        "max_walk_m": team.max_walk_m,
        "hours": list(team.hours) or None,
    }
    return {**values, **_without_none(more)}


def write_degrees(value: float) -> float:
    """To a centimetre."""
    return round(float(value), _DEGREE_DIGITS)


def round_degrees(values: FloatArray) -> FloatArray:
    """To a centimetre, all at once."""
    rounded: FloatArray = np.round(values, _DEGREE_DIGITS)
    return rounded


def _metres(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _without_none(values: Document) -> Document:
    return {name: value for name, value in values.items() if value is not None}
