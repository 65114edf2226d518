"""What of a route is done where its plan was mended in the middle of the day, and what is left of it."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def is_under_way(route: Document) -> bool:
    """Whether a plan was mended while this team was out: it goes on from somewhere on its way."""
    resumed = route.get("resumed")
    if resumed is None:
        return False
    return bool(resumed["after"] or resumed["behind"] or resumed["spot"] != route["origin"])


def is_done(route: Document, stop: Document) -> bool:
    """Whether a stop is behind the team."""
    return bool(stop["number"] <= (route.get("resumed") or {"after": 0})["after"])


def cut_done(route: Document) -> Document:
    """The route with what is left of it alone, from when and where the team goes on; its stops keep their numbers.

    A route that no repair found under way stays as it is.
    """
    if not is_under_way(route):
        return route
    resumed = route["resumed"]
    stops = [stop for stop in route["stops"] if not is_done(route, stop)]
    legs = [*(stop["leg"] for stop in stops), route["return"]]
    legs += [stop["work"]["drive"] for stop in stops if stop["work"]["drive"] is not None]
    road_m, beside_m = sum(leg["metres"] for leg in legs), sum(stop["work"]["walk_m"] for stop in stops)
    on_foot = route["return"]["mode"] == "foot"
    breaks = [rest for rest in route.get("breaks", ()) if rest["start_s"] >= resumed["at_s"]]
    return {
        **route,
        "start_s": resumed["at_s"],
        "duration_s": max(route["end_s"] - resumed["at_s"], 0),
        "driven_m": 0.0 if on_foot else road_m,
        "walked_m": beside_m + road_m if on_foot else beside_m,
        "stops": stops,
        "breaks": breaks,
    }
