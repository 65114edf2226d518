"""How the parts of a plan document are called on maps, devices and paper."""

from __future__ import annotations

from typing import Any

from gridmap.domain.railways.calibration import CalibrationPoint, MileageScale
from gridmap.i18n.formats import format_clock

Document = dict[str, Any]


def write_clock(seconds: int) -> str:
    """Seconds after local midnight as `HH:MM`."""
    return format_clock(seconds // 60)


def find_team(document: Document, route: Document) -> Document:
    """The team of a route."""
    team: Document = next(team for team in document["teams"] if team["key"] == route["team"])
    return team


def find_post(document: Document, team: Document) -> Document:
    """The post of a team."""
    post: Document = next(post for post in document["posts"] if post["key"] == team["post"])
    return post


def find_line(document: Document, line_id: int | None) -> Document | None:
    """A line by id, None where a task lies beside none."""
    return next((line for line in document["lines"] if line["id"] == line_id), None)


def describe_place(document: Document, stop: Document, tasks: Document) -> str:
    """Where a stop's work lies: a stretch of mileage with the line's name, or the hazard's own name."""
    first = tasks[stop["tasks"][0]]
    line = find_line(document, first.get("line_id"))
    if line is None:
        return str(first["name"])
    if stop["work"]["kind"] == "hazard":
        return f"{first['name']} ({write_mileage(line, first['from_m'])})"
    return f"{describe_stretch(document, stop, tasks)} {line['name']}"


def describe_stretch(document: Document, stop: Document, tasks: Document) -> str:
    """The mileage a stop's segments cover, `K12+000–K13+450`."""
    first = tasks[stop["tasks"][0]]
    line = find_line(document, first.get("line_id"))
    low = min(tasks[key]["from_m"] for key in stop["tasks"])
    high = max(tasks[key]["to_m"] for key in stop["tasks"])
    return write_stretch(line, low, high)


def write_mileage(line: Document, chainage_m: float) -> str:
    """The mileage of a place on a line of the plan as the posts there say it."""
    return _read_scale(line).write(chainage_m, prefix=line["prefix"])


def write_stretch(line: Document | None, from_m: float, to_m: float) -> str:
    """A stretch between two chainages of a line of the plan, `K12+000–K13+450`."""
    if line is None:
        return MileageScale().write_range(from_m, to_m)
    return _read_scale(line).write_range(from_m, to_m, prefix=line["prefix"])


def _read_scale(line: Document) -> MileageScale:
    # Plans kept by an earlier version say nothing of calibration.
    return MileageScale([CalibrationPoint(**point) for point in line.get("calibration", ())])
