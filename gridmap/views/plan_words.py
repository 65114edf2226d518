"""How the parts of a plan document are called on maps, devices and paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gridmap.domain.railways.calibration import CalibrationPoint, MileageScale
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import BEIJING, format_clock
from gridmap.i18n.labels import label

Document = dict[str, Any]


def write_clock(seconds: int) -> str:
    """Seconds after local midnight as `HH:MM`."""
    return format_clock(seconds // 60)


def write_instant(document: Document, seconds: int) -> str:
    """A moment of the plan's day, `seconds` after its midnight in Beijing, in ISO 8601 with the offset."""
    midnight = datetime.fromisoformat(document["service_date"]).replace(tzinfo=BEIJING)
    return (midnight + timedelta(seconds=seconds)).isoformat()


def find_team(document: Document, route: Document) -> Document:
    """The team of a route."""
    team: Document = next(team for team in document["teams"] if team["key"] == route["team"])
    return team


def find_post(document: Document, team: Document) -> Document:
    """The post of a team."""
    post: Document = next(post for post in document["posts"] if post["key"] == team["post"])
    return post


def find_home(document: Document, team: Document) -> Document:
    """The post where a team's day ends."""
    return find_post(document, {"post": team.get("end_post", team["post"])})


def find_line(document: Mapping[str, Any], line_id: int | None) -> Document | None:
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


def name_team(team: Document, translate: Translate) -> str:
    """What a team is called; one the plan made up by its number."""
    if team["id"] is None:
        return translate(N_("Team {number}")).format(number=team["key"].removeprefix("T"))
    return str(team["name"])


def describe_task(task: Mapping[str, Any], document: Mapping[str, Any], translate: Translate) -> str:
    """A task in words: line, mileages and side of a segment, the title of a hazard."""
    if task["kind"] != "segment" or "from_m" not in task:
        return str(task["name"])
    line = find_line(document, task.get("line_id"))
    side = label("side", task["side"], translate) if task.get("side") else ""
    stretch = write_stretch(line, task["from_m"], task["to_m"])
    return " ".join(part for part in (line["name"] if line else "", stretch, side) if part)


def explain_unserved(item: Mapping[str, Any], document: Mapping[str, Any], translate: Translate) -> str:
    """Why a task is left out: what keeps it out where the plan says so, else the reason."""
    told = item.get("binding") or item
    return _fill(told["text"], told["values"], document, translate)


def _fill(text: str, values: Mapping[str, Any], document: Mapping[str, Any], translate: Translate) -> str:
    tasks = {task["key"]: task for task in document["tasks"]}
    named = dict(values)
    if (other := tasks.get(named.get("other", ""))) is not None:
        named["other"] = describe_task(other, document, translate)
    made_up = next(
        (team for team in document["teams"] if team["id"] is None and team["name"] == named.get("team")), None
    )
    if made_up is not None:
        named["team"] = name_team(made_up, translate)
    return translate(text).format(**named)
