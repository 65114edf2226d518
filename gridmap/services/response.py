"""Who can be at an incident, how soon and which way, and from how far around it is reached in time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.incidents import UNDER_WAY
from gridmap.domain.roads import isochrones
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.isochrones import ReachBand
from gridmap.domain.roads.routes import Place, Router, compute_times, draw_path, require_snap
from gridmap.domain.roads.snapping import Spot, snap, snap_all
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context
from gridmap.services.road_network import get_open_network
from gridmap.services.teams import list_teams
from gridmap.store import incidents as store

FREE_STATES = ("moving", "still")
"""States of `services.teams.list_teams` in which it is known where a team on duty is."""


@dataclass(frozen=True)
class Responder:
    """A team and its fastest way to a place.

    `line_wgs84` runs along roads from `start_off_m` beside the team to `end_off_m` beside the place; what lies between
    is on foot and not in `seconds`.
    """

    team_id: int
    name: str
    kind: str
    seconds: float
    metres: float
    start_off_m: float
    end_off_m: float
    line_wgs84: shapely.LineString


def find_responders(context: Context, actor: Actor, *, lon: float, lat: float, k: int = 5) -> tuple[Responder, ...]:
    """The `k` free teams in scope that are at a place first, fastest first, each over the roads its kind can use.

    Free is who is on duty, sent a position lately and has no open task. A team without a way there is left out.

    Raises
    ------
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.VIEW)
    found = _list_unbound(context, actor)
    ways = _find_ways(get_open_network(context), found[found["state"].isin(FREE_STATES)], (lon, lat))
    return tuple(_trace(context, ways[:k]))


@dataclass(frozen=True)
class RankedTeam:
    """A team and how long its fastest way to a place is; `state` as in `services.teams.list_teams`."""

    team_id: int
    name: str
    kind: str
    state: str
    seconds: float
    metres: float


def rank_teams(
    context: Context, actor: Actor, *, lon: float, lat: float, k: int = 5, departure: time | None = None
) -> tuple[RankedTeam, ...]:
    """The `k` teams in scope on duty without an open task that are at a place first, fastest first.

    Unlike `find_responders` it also counts teams that sent no position lately, from where they were last or from their
    post, draws no ways, and where a local time of departure is given counts with the speeds of that time.

    Raises
    ------
    InvalidInput
        `k` is less than one.
    NoData
        No roads are loaded.
    Unreachable
        No road that anybody could use is near.
    """
    check_allowed(actor, Permission.VIEW)
    if k < 1:
        raise InvalidInput(N_("At least one team must be asked for."), hint=N_("Give a number of 1 or more."))
    found = _list_unbound(context, actor)
    network = get_open_network(context, departure=departure)
    if all(snap(network, (lon, lat), mode=mode) is None for mode in Mode):
        require_snap(network, (lon, lat), mode=Mode.CAR)
    ways = _find_ways(network, found[found["state"] != "off"], (lon, lat))
    state = dict(zip(found["id"], found["state"], strict=True))
    return tuple(
        RankedTeam(int(w.team.id), str(w.team.name), str(w.team.kind), str(state[w.team.id]), w.seconds, w.metres)
        for w in ways[:k]
    )


def _list_unbound(context: Context, actor: Actor) -> pd.DataFrame:
    """Teams in scope without an open task, as `list_teams` has them."""
    with context.database.read() as connection:
        busy = store.load_busy_teams(connection)
    found = list_teams(context, actor)
    return found[~found["id"].isin(busy)]


def trace_dispatches(context: Context, actor: Actor, *, incident_id: int) -> tuple[Responder, ...]:
    """The ways that teams sent to an incident still have before them, from where they are now, in the order sent.

    Raises
    ------
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        sent = store.load_dispatches(connection, scope=actor.scope_code)
        place = store.load_incidents(connection, scope=actor.scope_code, incident_id=incident_id)
    coming = [state.value for state in UNDER_WAY]
    sent = sent[(sent["incident_id"] == incident_id) & sent["state"].isin(coming)]
    if place.empty or sent.empty:
        return ()
    crews = list_teams(context, actor).set_index("id", drop=False)
    crews = crews.loc[[team for team in sent["team_id"] if team in crews.index]]
    goal = (float(place["lon"].iloc[0]), float(place["lat"].iloc[0]))
    ways = {way.team.id: way for way in _find_ways(get_open_network(context), crews, goal)}
    return tuple(_trace(context, [ways[team] for team in crews["id"] if team in ways]))


def plan_way(context: Context, team: pd.Series, place: Place) -> tuple[float, float]:
    """Seconds and metres by road from where a team (a row of `list_teams`) is to a place; infinite where none leads."""
    ways = _find_ways(get_open_network(context), pd.DataFrame([team]), place)
    return (ways[0].seconds, ways[0].metres) if ways else (float("inf"), float("inf"))


def compute_reach(
    context: Context,
    actor: Actor,
    *,
    lon: float,
    lat: float,
    minutes: Sequence[float] = (5, 10, 15),
    mode: Mode | str = Mode.CAR,
    departure: time | None = None,
) -> tuple[ReachBand, ...]:
    """From where `mode` is at a place within each of `minutes`, ascending; see `domain.roads.isochrones`.

    Where a local time of departure is given, with the speeds of that time.

    Raises
    ------
    InvalidInput
        A time that is not positive and finite, or none.
    NoData
        No roads are loaded.
    Unreachable
        No road that the mode can use is near.
    """
    check_allowed(actor, Permission.VIEW)
    if not minutes or not all(0 < value < math.inf for value in minutes):
        raise InvalidInput(N_("The time must be more than nothing."), hint=N_("Give the minutes by road."))
    network, mode = get_open_network(context, departure=departure), Mode(mode)
    spot = require_snap(network, (lon, lat), mode=mode)
    return isochrones.compute_reach(network, spot, limits_s=[60.0 * value for value in minutes], mode=mode)


@dataclass(frozen=True)
class _Way:
    """The fastest way of one team, found and not yet drawn."""

    team: Any
    mode: Mode
    start: Spot
    goal: Spot
    seconds: float
    metres: float


def _find_ways(network: RoadNetwork, crews: pd.DataFrame, place: Place) -> list[_Way]:
    """Ways of all teams that have one, fastest first; one search for each kind of team, from the place backwards."""
    ways: list[_Way] = []
    for kind, crew in crews[["id", "name", "kind", "lon", "lat"]].groupby("kind"):
        mode = Mode(str(kind))
        goal = snap(network, place, mode=mode)
        if goal is None:
            continue
        spots = snap_all(network, list(zip(crew["lon"], crew["lat"], strict=True)), mode=mode)
        seconds, metres = compute_times(network, spots, [goal], mode=mode)
        for team, start, s, m in zip(crew.itertuples(), spots, seconds[:, 0], metres[:, 0], strict=True):
            if start is not None and np.isfinite(s):
                ways.append(_Way(team, mode, start, goal, float(s), float(m)))
    return sorted(ways, key=lambda way: (way.seconds, way.team.id))


def _trace(context: Context, ways: Iterable[_Way]) -> Iterable[Responder]:
    """The lines of ways: only of those that are shown, since a line costs more than a time."""
    network = get_open_network(context)
    routers: dict[Mode, Router] = {}
    for way in ways:
        router = routers.setdefault(way.mode, Router(network, way.mode))
        path = router.find(way.start, way.goal)
        assert path is not None  # its time was finite
        yield Responder(
            team_id=int(way.team.id),
            name=str(way.team.name),
            kind=str(way.team.kind),
            seconds=way.seconds,
            metres=way.metres,
            start_off_m=way.start.off_m,
            end_off_m=way.goal.off_m,
            line_wgs84=draw_path(network, path, at=way.start),
        )
