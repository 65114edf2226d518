"""Where the teams of a plan under way stand, and what of their routes is behind them.

A team that reports its stops is believed; of one that does not it is taken for granted that it keeps to the timetable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

from gridmap.domain.orders import StopState
from gridmap.domain.patrol.legs import LegWriter, cut_leg, read_spot
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

Json = Mapping[str, Any]


class Keep(StrEnum):
    """What of a route under way stays fixed: the stop being worked at (在做的), that being driven to too (在途的)."""

    WORK = "work"
    NEXT = "next"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Report:
    """What a team said of a stop; seconds after local midnight, None where it said nothing."""

    state: StopState
    arrived_s: int | None = None
    ended_s: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """How far a team is with its route.

    Attributes
    ----------
    behind, ahead
        Stops that stay as they are, at the times they were done, and those that are still to be decided.
    rests
        Breaks behind it, counted in stops behind.
    free_s
        When it can set out for something else, seconds after local midnight.
    spot
        Where from; None where it has not left its post.
    driven
        The parts of ways behind it since its last stop.
    is_home, is_driving
        Whether it is back at its post, or on a way right now.
    """

    behind: tuple[Json, ...]
    ahead: tuple[Json, ...]
    rests: tuple[Json, ...]
    free_s: int
    spot: Spot | None = None
    driven: tuple[Json, ...] = ()
    is_home: bool = False
    is_driving: bool = False


def find_standing(
    route: Json,
    *,
    network: RoadNetwork,
    at_s: int,
    keep: Keep = Keep.WORK,
    reports: Mapping[int, Report] | None = None,
    closed: Collection[int] = (),
) -> Standing:
    """Where a team is at `at_s`, by what it reported, else by the timetable of its route.

    Parameters
    ----------
    network
        As it was when the plan was made.
    reports
        By the number of the stop.
    closed
        Ids of roads that are closed by now: a way over them is not held to.

    Raises
    ------
    Conflict
        A road of the route is gone.
    """
    told = route["stops"][: (route.get("resumed") or {}).get("after", 0)]
    begun: int | None = None
    if reports and any(report.state is not StopState.PLANNED for report in reports.values()):
        route, begun = _retell(route, reports, told=told, network=network, at_s=at_s)
    elif at_s < route["start_s"]:
        return Standing((), tuple(route["stops"]), (), at_s)
    if begun is None:
        name = "leave_s" if keep is Keep.NOTHING else "start_s"
        begun = max(sum(stop[name] <= at_s for stop in route["stops"]), len(told))
    elif keep is Keep.NOTHING:
        # A stop that is not ended yet is given up.
        begun = min(begun, max(sum(stop["leave_s"] <= at_s for stop in route["stops"][:begun]), len(told)))
    return _follow(route, begun, network=network, at_s=at_s, keep=keep, closed=frozenset(closed))


def _follow(
    route: Json, begun: int, *, network: RoadNetwork, at_s: int, keep: Keep, closed: frozenset[int]
) -> Standing:
    stops, breaks = route["stops"], route.get("breaks", ())
    resumed = route.get("resumed") or {}
    is_resumed = resumed.get("after") == begun
    rests = tuple(r for r in breaks if r["after"] < begun or (r["after"] == begun and r["start_s"] <= at_s))
    from_s = stops[begun - 1]["leave_s"] if begun else route["start_s"]
    if is_resumed:
        from_s = resumed["at_s"]
    set_out_s = max([int(from_s), *(int(rest["end_s"]) for rest in rests if rest["after"] == begun)])
    left = stops[begun - 1]["work"]["exit"] if begun else route["origin"]
    here = read_spot(network, resumed["spot"] if is_resumed else left)
    standing = Standing(
        _join_way(stops[:begun], resumed, network),
        tuple(stops[begun:]),
        rests,
        max(at_s, set_out_s),
        here,
        tuple(resumed["behind"]) if is_resumed else (),
    )
    waits = any(rest["after"] == begun and rest["start_s"] > at_s for rest in breaks)
    if at_s <= set_out_s or waits:
        return standing
    return _drive(route, standing, network=network, elapsed_s=at_s - set_out_s, keep=keep, closed=closed)


def _join_way(stops: Sequence[Json], resumed: Json, network: RoadNetwork) -> tuple[Json, ...]:
    """Stops behind; the way to the one after which a team once went on anew is written as one."""
    after = resumed.get("after", len(stops))
    if after >= len(stops) or stops[after]["number"] != after + 1 or not resumed["behind"]:
        return tuple(stops)
    legs = [*resumed["behind"], *_if_driven(stops[after]["leg"])]
    if not all(_meets(network, leg["steps"][-1], on["steps"][0]) for leg, on in pairwise(legs)):
        # It went on from where it said it was; how it came there nobody knows.
        return tuple(stops)
    joined = {
        "mode": legs[0]["mode"],
        "seconds": sum(leg["seconds"] for leg in legs),
        "metres": round(sum(leg["metres"] for leg in legs), 1),
        "steps": [step for leg in legs for step in leg["steps"]],
        "coordinates": [point for leg in legs for point in leg["coordinates"]],
    }
    return (*stops[:after], {**stops[after], "leg": joined}, *stops[after + 1 :])


def _meets(network: RoadNetwork, last: Sequence[float], first: Sequence[float]) -> bool:
    """Whether a step begins where another ends: on the same edge, or at a node of both."""
    if last[0] == first[0] and last[2] == first[1]:
        return True
    nodes = [_find_node(network, int(edge), share) for edge, share in ((last[0], last[2]), (first[0], first[1]))]
    return nodes[0] is not None and nodes[0] == nodes[1]


def _find_node(network: RoadNetwork, edge_id: int, share: float) -> int | None:
    edge = network.edge_position(edge_id)
    if edge is None or share not in {0.0, 1.0}:
        return None
    return int((network.v if share else network.u)[edge])


def _drive(
    route: Json, standing: Standing, *, network: RoadNetwork, elapsed_s: int, keep: Keep, closed: frozenset[int]
) -> Standing:
    """A team between two stops, or on its way home."""
    assert standing.spot is not None
    following = standing.ahead[0] if standing.ahead else None
    leg = route["return"] if following is None else following["leg"]
    spot, driven = cut_leg(network, leg, after_s=elapsed_s, at=standing.spot)
    if following is None and elapsed_s >= leg["seconds"]:
        return replace(standing, spot=spot, driven=(*standing.driven, *_if_driven(driven)), is_home=True)
    if following is not None and keep is Keep.NEXT and not _runs_over(following, closed):
        come_s = standing.free_s + max(int(leg["seconds"]) - elapsed_s, 0)
        stop = _put_off(following, come_s)
        behind = (*standing.behind, stop)
        return replace(
            standing,
            behind=_join_way(behind, route.get("resumed") or {}, network),
            ahead=standing.ahead[1:],
            free_s=stop["leave_s"],
            spot=read_spot(network, following["work"]["exit"]),
            driven=(),
        )
    return replace(standing, spot=spot, driven=(*standing.driven, *_if_driven(driven)), is_driving=True)


def _if_driven(leg: Json) -> tuple[Json, ...]:
    return (leg,) if leg["steps"] else ()


def _put_off(stop: Json, come_s: int) -> dict[str, Any]:
    """A stop that is come to no earlier than at `come_s`."""
    arrive_s = max(int(stop["arrive_s"]), come_s)
    start_s = max(int(stop["start_s"]), arrive_s)
    return {**stop, "arrive_s": arrive_s, "start_s": start_s, "leave_s": start_s + int(stop["work"]["seconds"])}


def _runs_over(stop: Json, closed: frozenset[int]) -> bool:
    legs = [stop["leg"], *([stop["work"]["drive"]] if stop["work"]["drive"] else [])]
    return any(int(step[0]) in closed for leg in legs for step in leg["steps"])


# --- what teams reported ----------------------------------------------------------------------------------------


def _retell(
    route: Json, reports: Mapping[int, Report], *, told: Sequence[Json], network: RoadNetwork, at_s: int
) -> tuple[Json, int]:
    """The route with what was done first, in its order and at its times; and how many stops that are.

    What is `told` already, by an earlier repair, stays as it is.
    """
    by_number = {stop["number"]: stop for stop in route["stops"] if stop["number"] > len(told)}
    order = _order_reported({number: report for number, report in reports.items() if number in by_number})
    now = int(told[-1]["leave_s"]) if told else min(int(route["start_s"]), at_s)
    made, legs = [dict(stop) for stop in told], LegWriter(network)
    for number in order:
        stop = _tell_stop(by_number[number], reports[number], now=now, at_s=at_s)
        made.append(_lead_to(stop, made[-1] if made else None, route=route, network=network, legs=legs))
        now = int(made[-1]["leave_s"])
    left = [stop for number, stop in by_number.items() if number not in order]
    rests = [_place_rest(rest, made, left) for rest in route.get("breaks", ())]
    start_s = min([int(route["start_s"]), at_s])
    return {**route, "start_s": start_s, "stops": [*made, *left], "breaks": rests}, len(made)


def _order_reported(reports: Mapping[int, Report]) -> list[int]:
    """Numbers of the stops that are done, then of the one that is worked at; the last where several are."""
    done = [
        (report.ended_s, number)
        for number, report in reports.items()
        if report.state is StopState.DONE and report.ended_s is not None
    ]
    came = [
        (report.arrived_s, number)
        for number, report in reports.items()
        if report.state is StopState.ARRIVED and report.arrived_s is not None
    ]
    return [number for _, number in [*sorted(done), *sorted(came)[-1:]]]


def _tell_stop(stop: Json, report: Report, *, now: int, at_s: int) -> dict[str, Any]:
    work_s = int(stop["work"]["seconds"])
    if report.state is StopState.DONE:
        assert report.ended_s is not None
        leave_s = max(min(report.ended_s, at_s), now)
        arrive_s = leave_s - work_s if report.arrived_s is None else report.arrived_s
        arrive_s = min(max(arrive_s, now), leave_s)
        return {**stop, "arrive_s": arrive_s, "start_s": max(arrive_s, leave_s - work_s), "leave_s": leave_s}
    assert report.arrived_s is not None
    arrive_s = max(min(report.arrived_s, at_s), now)
    return {**stop, "arrive_s": arrive_s, "start_s": arrive_s, "leave_s": max(arrive_s + work_s, at_s + 1)}


def _lead_to(
    stop: dict[str, Any], before: Json | None, *, route: Json, network: RoadNetwork, legs: LegWriter
) -> dict[str, Any]:
    """The stop with a way from the one before it, where that is not the one that was planned."""
    if stop["number"] == (1 if before is None else before["number"] + 1):
        return stop
    start = read_spot(network, route["origin"] if before is None else before["work"]["exit"])
    leg = legs.write(start, read_spot(network, stop["work"]["entry"]), mode=Mode(stop["leg"]["mode"]))
    return stop if leg is None else {**stop, "leg": leg}


def _place_rest(rest: Json, made: Sequence[Json], left: Sequence[Json]) -> Json:
    """A break counted in the stops in their new order, no earlier than the work before it ends."""
    before = sum(stop["number"] <= rest["after"] for stop in made)
    if any(stop["number"] > rest["after"] for stop in made):
        return {**rest, "after": before}
    after = len(made) + sum(stop["number"] <= rest["after"] for stop in left)
    start_s = max(int(rest["start_s"]), int(made[-1]["leave_s"]) if made else 0)
    return {**rest, "after": after, "start_s": start_s, "end_s": start_s + int(rest["end_s"] - rest["start_s"])}
