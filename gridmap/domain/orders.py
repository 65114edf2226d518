"""Orders of teams: the stops of a published plan, and how a stop goes from planned to its end by the team's word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gridmap.domain.days import BEIJING
from gridmap.errors import N_, Conflict, InvalidInput


class StopState(StrEnum):
    """Where a stop stands: 待执行, 已到达, 已完成, 未能完成."""

    PLANNED = "planned"
    ARRIVED = "arrived"
    DONE = "done"
    CANNOT = "cannot"


class CannotReason(StrEnum):
    """Why a stop could not be served."""

    ROAD_BLOCKED = "road_blocked"
    NO_ACCESS = "no_access"
    WEATHER = "weather"
    VEHICLE = "vehicle"
    CALLED_AWAY = "called_away"
    NO_TIME = "no_time"
    OTHER = "other"


_S = StopState

ENDED: frozenset[StopState] = frozenset({_S.DONE, _S.CANNOT})
"""States in which nothing more is expected of the team there."""

TRANSITIONS: Mapping[StopState, frozenset[StopState]] = MappingProxyType(
    {
        # A team that reports only at the end was there as well.
        _S.PLANNED: frozenset({_S.ARRIVED, _S.DONE, _S.CANNOT}),
        _S.ARRIVED: frozenset({_S.DONE, _S.CANNOT}),
        # What could not be done at first may be done later in the day.
        _S.CANNOT: frozenset({_S.ARRIVED, _S.DONE}),
        _S.DONE: frozenset(),
    }
)
"""What may follow each state."""


def check_stop_transition(current: StopState, target: StopState) -> None:
    """Raise Conflict where `target` may not follow `current`."""
    if target not in TRANSITIONS[current]:
        raise Conflict(
            N_("A stop that is “{stop}” cannot become “{next_stop}”."),
            hint=N_("Reload the page and look at it again."),
            stop=current.value,
            next_stop=target.value,
        )


def parse_reason(text: str) -> CannotReason:
    """The reason called `text`, or InvalidInput."""
    try:
        return CannotReason(text)
    except ValueError as error:
        raise InvalidInput(
            N_("“{reason}” is not a reason of the list."), hint=N_("Choose a reason from the list."), reason=text
        ) from error


@dataclass(frozen=True)
class PlannedStop:
    """A stop as planned: its tasks by key, a place of it in WGS-84 degrees, and when the team arrives and leaves."""

    number: int
    tasks: tuple[str, ...]
    lon: float
    lat: float
    arrive_at: datetime
    leave_at: datetime


@dataclass(frozen=True)
class PlannedOrder:
    """What a plan asks of one team."""

    team_id: int
    starts_at: datetime
    ends_at: datetime
    stops: tuple[PlannedStop, ...]


def list_orders(document: Mapping[str, Any]) -> Iterator[PlannedOrder]:
    """The orders of a plan document (docs/plan.schema.json), one for each route of a team that exists."""
    teams = {team["key"]: team["id"] for team in document["teams"]}
    tasks = {task["key"]: task for task in document["tasks"]}
    midnight = datetime.combine(date.fromisoformat(document["service_date"]), time(), BEIJING)
    for route in document["routes"]:
        if teams[route["team"]] is None:
            continue  # a team that the plan made up
        stops = tuple(
            PlannedStop(
                number=stop["number"],
                tasks=tuple(stop["tasks"]),
                lon=tasks[stop["tasks"][0]]["lon"],
                lat=tasks[stop["tasks"][0]]["lat"],
                arrive_at=midnight + timedelta(seconds=stop["arrive_s"]),
                leave_at=midnight + timedelta(seconds=stop["leave_s"]),
            )
            for stop in route["stops"]
        )
        starts_at, ends_at = (midnight + timedelta(seconds=route[name]) for name in ("start_s", "end_s"))
        yield PlannedOrder(teams[route["team"]], starts_at, ends_at, stops)


def cut_document(document: Mapping[str, Any], *, team_id: int) -> dict[str, Any]:
    """The plan document as one team may know it: its own route, team, tasks, post and lines, and nothing of the others.

    It has no route where the team has none.
    """
    keys = {team["key"] for team in document["teams"] if team["id"] == team_id}
    routes = [route for route in document["routes"] if route["team"] in keys]
    teams = [team for team in document["teams"] if team["key"] in keys]
    wanted = {task for route in routes for stop in route["stops"] for task in stop["tasks"]}
    tasks = [task for task in document["tasks"] if task["key"] in wanted]
    lines = {task.get("line_id") for task in tasks}
    return {
        "service_date": document["service_date"],
        "area_name": document.get("area_name", ""),
        "routes": routes,
        "teams": teams,
        "tasks": tasks,
        "posts": [post for post in document["posts"] if post["key"] in {team["post"] for team in teams}],
        "lines": [line for line in document["lines"] if line["id"] in lines],
    }
