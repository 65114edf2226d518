"""A patrol plan as the map and the panel show it: routes to draw, stops and reasons in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.i18n import Translate
from gridmap.views.map import Line, RouteLine, RoutePart, RouteStop
from gridmap.views.plan_words import describe_task

__all__ = ["describe_stop", "describe_task", "draw_routes", "list_parts"]

Document = Mapping[str, Any]
"""A plan document, docs/plan.schema.json."""


def draw_routes(document: Document, *, translate: Translate, shown: int | None = None) -> tuple[RouteLine, ...]:
    """Every route with its numbered stops; with `shown`, the position of a route, the others stand back."""
    tasks = {task["key"]: task for task in document["tasks"]}
    teams = {team["key"]: team["name"] for team in document["teams"]}
    return tuple(
        RouteLine(
            name=teams[route["team"]],
            parts=tuple(list_parts(route)),
            stops=tuple(_draw_stop(stop, tasks, document, translate) for stop in route["stops"]),
            colour=position,
            faded=shown is not None and shown != position,
        )
        for position, route in enumerate(document["routes"])
    )


def describe_stop(stop: Mapping[str, Any], document: Document, translate: Translate) -> str:
    """Every task of a stop."""
    tasks = {task["key"]: task for task in document["tasks"]}
    return translate("; ").join(describe_task(tasks[key], document, translate) for key in stop["tasks"])


def list_parts(route: Mapping[str, Any]) -> Sequence[RoutePart]:
    """The ways of a route in order, what is walked told apart."""
    parts: list[RoutePart] = []
    # What was driven before the plan was mended, which no leg to a stop has.
    parts += [_draw_leg(leg) for leg in (route.get("resumed") or {}).get("behind", ())]
    for stop in route["stops"]:
        parts.append(_draw_leg(stop["leg"]))
        work = stop["work"]
        if work["drive"] is not None:
            parts.append(_draw_leg(work["drive"]))
        if work["walk"] is not None:
            parts.append(RoutePart(line=_line(work["walk"]["coordinates"]), kind="walk"))
    return [*parts, _draw_leg(route["return"])]


def _draw_leg(leg: Mapping[str, Any]) -> RoutePart:
    return RoutePart(line=_line(leg["coordinates"]), kind="walk" if leg["mode"] == "foot" else "drive")


def _draw_stop(
    stop: Mapping[str, Any], tasks: Mapping[str, Mapping[str, Any]], document: Document, translate: Translate
) -> RouteStop:
    first = tasks[stop["tasks"][0]]
    text = describe_stop(stop, document, translate)
    return RouteStop(number=stop["number"], lon=first["lon"], lat=first["lat"], label=text)


def _line(coordinates: Sequence[Sequence[float]]) -> Line:
    return tuple((float(lon), float(lat)) for lon, lat in coordinates)
