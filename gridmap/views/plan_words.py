"""How the parts of a plan document are called on maps, devices and paper."""

from __future__ import annotations

from typing import Any

from gridmap.i18n.formats import format_clock, format_mileage, format_mileage_range

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
        return f"{first['name']} ({format_mileage(first['from_m'], line['prefix'])})"
    return f"{describe_stretch(document, stop, tasks)} {line['name']}"


def describe_stretch(document: Document, stop: Document, tasks: Document) -> str:
    """The mileage a stop's segments cover, `K12+000–K13+450`."""
    first = tasks[stop["tasks"][0]]
    line = find_line(document, first.get("line_id"))
    prefix = line["prefix"] if line else "K"
    low = min(tasks[key]["from_m"] for key in stop["tasks"])
    high = max(tasks[key]["to_m"] for key in stop["tasks"])
    return format_mileage_range(low, high, prefix)
