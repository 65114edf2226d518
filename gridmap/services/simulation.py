"""Teams of the demo county in motion: along the published plan, else on a round past places near; over and over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.access import SYSTEM
from gridmap.domain.crs import GEOD, compute_step_lengths_m
from gridmap.domain.days import BEIJING
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import NoData, Unreachable
from gridmap.services import networks, planning, routing, teams
from gridmap.services.context import Context
from gridmap.store import datasets, positions

FloatArray = npt.NDArray[np.float64]

_ITERATIONS = 120
_MOST_TEAMS_PLANNED = 100
_STOPS = 4
_REACH_DEG = {Mode.CAR: 0.11, Mode.FOOT: 0.02}
_DWELL_S = 150.0
_TRACK_EVERY_S = 15.0
_SEARCH_S = 0.25
"""How much of a second goes into finding rounds, as long as some team has none."""

_SILENT = 1
"""How many of the teams on duty send nothing, so that the alert for it can be seen."""


@dataclass(frozen=True)
class Round:
    """A closed way in time: at `second` (increasing from 0) the team is at (`lon`, `lat`)."""

    team_id: int
    second: FloatArray
    lon: FloatArray
    lat: FloatArray

    def at(self, second: float) -> tuple[float, float]:
        """Where the team is, a round being repeated for ever."""
        now = second % float(self.second[-1])
        return float(np.interp(now, self.second, self.lon)), float(np.interp(now, self.second, self.lat))


class Simulator:
    """Moves every team on duty that has a round by now; writes its positions marked as simulated.

    A team that itself sent a position is left alone until it would count as silent.
    """

    def __init__(self, context: Context, rounds: Iterator[Round]) -> None:
        self._context = context
        self._pending = rounds
        self._rounds: list[Round] = []
        self._track_due = datetime.min.replace(tzinfo=context.clock().tzinfo)

    def step(self, now: datetime) -> None:
        """Write where every team is at `now`, and a history point now and then."""
        self._find_rounds()
        since = now - timedelta(seconds=self._context.settings.silent_team_s)
        with self._context.database.write_unjournalled() as connection:
            reporting = positions.load_reporting(connection, since=since)
            fixes = [_fix(round_, now) for round_ in self._rounds if round_.team_id not in reporting]
            positions.save_positions(connection, fixes)
            if now >= self._track_due:
                positions.save_track(connection, fixes)
                self._track_due = now + timedelta(seconds=_TRACK_EVERY_S)

    def _find_rounds(self) -> None:
        """A few more rounds: the thousands of a province in one go would hold up everybody for half a minute."""
        ends = time.monotonic() + _SEARCH_S
        while time.monotonic() < ends:
            found = next(self._pending, None)
            if found is None:
                return
            self._rounds.append(found)


def open_simulator(context: Context) -> Simulator | None:
    """The simulator of a synthetic database, None for real data or where the settings switch it off."""
    return Simulator(context, build_rounds(context)) if _is_simulated(context) else None


def _is_simulated(context: Context) -> bool:
    with context.database.read() as connection:
        return datasets.is_synthetic(connection) and context.settings.simulate


def plan_day(context: Context) -> bool:
    """Give a synthetic database the patrol plan of today, computed, checked and published like any other.

    Whether there is a new one: none where today has its plan, nothing is due, there are more teams than one plan is
    made for (a province plans county by county), or the settings switch the simulator off.
    """
    if not _is_simulated(context) or len(teams.list_teams(context, SYSTEM)) > _MOST_TEAMS_PLANNED:
        return False
    day = context.clock().astimezone(BEIJING).date()
    saved = planning.list_plans(context, SYSTEM)
    if (pd.to_datetime(saved["service_date"]).dt.date == day).any():
        return False
    request = planning.PlanRequest(service_date=day, iterations=_ITERATIONS)
    try:
        plan = planning.compute_plan(context, SYSTEM, request=request)
    except NoData:
        return False
    if not plan["routes"]:
        return False
    plan_id = planning.save_plan(context, SYSTEM, document=plan, name=f"{day.isoformat()} 日常巡防")
    planning.publish_plan(context, SYSTEM, plan_id=plan_id)
    return True


def build_rounds(context: Context) -> Iterator[Round]:
    """A round for each team on duty but the last few, one after the other.

    It is the team's route of the plan in force, else a way round past places near its post. Times within a route are
    the plan's own; the round begins anew when the team is back.
    """
    crews = teams.list_teams(context, SYSTEM)
    crews = crews[crews["on_duty"].astype(bool)].iloc[: -_SILENT or None]
    planned = _load_planned(context)
    sites = networks.list_sites(context, SYSTEM)
    stops = np.column_stack([sites["lon"].to_numpy(float), sites["lat"].to_numpy(float)])
    found = (planned.get(int(crew.id)) or _invent_round(context, crew, stops) for crew in crews.itertuples())
    return (round_ for round_ in found if round_ is not None)


def _load_planned(context: Context) -> dict[int, Round]:
    """Rounds of the newest published plan, by team."""
    saved = planning.list_plans(context, SYSTEM)
    published = saved.loc[saved["status"] == "published", "id"]
    if published.empty:
        return {}
    plan = planning.load_plan(context, SYSTEM, plan_id=int(published.iloc[0]))
    ids = {team["key"]: int(team["id"]) for team in plan["teams"] if team["id"] is not None}
    return {ids[r["team"]]: _follow_route(ids[r["team"]], r) for r in plan["routes"] if r["team"] in ids}


def _follow_route(team_id: int, route: dict[str, Any]) -> Round:
    """A planned route in time: the legs on the road, the walks beside the line, and the work at the stops."""
    trail = _Trail(start_s=float(route["start_s"]))
    resumed = route.get("resumed") or {"after": -1}
    for stop in route["stops"]:
        if stop["number"] == resumed["after"] + 1:
            trail.go_on(resumed)
        trail.go(stop["leg"]["coordinates"], until_s=stop["arrive_s"])
        trail.stay(until_s=stop["start_s"])
        if stop["work"]["walk"] is not None:
            trail.go(stop["work"]["walk"]["coordinates"], until_s=stop["leave_s"])
        trail.stay(until_s=stop["leave_s"])
    if resumed["after"] == len(route["stops"]):
        trail.go_on(resumed)
    trail.go(route["return"]["coordinates"], until_s=route["end_s"])
    trail.stay(until_s=trail.now_s + _DWELL_S)
    return trail.as_round(team_id)


class _Trail:
    """Corners of a way and when each is passed, put together piece by piece."""

    def __init__(self, *, start_s: float) -> None:
        self._start_s = start_s
        self._seconds: list[FloatArray] = []
        self._corners: list[FloatArray] = []
        self.now_s = start_s

    def go_on(self, resumed: dict[str, Any]) -> None:
        """What was driven since the last stop when the plan was mended."""
        for leg in resumed["behind"]:
            self.go(leg["coordinates"], until_s=min(self.now_s + leg["seconds"], max(resumed["at_s"], self.now_s)))
        if self._corners:
            self.stay(until_s=max(resumed["at_s"], self.now_s))

    def go(self, coordinates: Any, *, until_s: float) -> None:
        """Along a line at an even pace."""
        xy = np.asarray(coordinates, float)
        step = compute_step_lengths_m(xy[:, 0], xy[:, 1])
        share = np.concatenate([[0.0], np.cumsum(step)]) / max(float(step.sum()), 1e-9)
        self._seconds.append(self.now_s + share * (until_s - self.now_s))
        self._corners.append(xy)
        self.now_s = float(until_s)

    def stay(self, *, until_s: float) -> None:
        """Where it is."""
        if until_s > self.now_s:
            self._seconds.append(np.array([until_s]))
            self._corners.append(self._corners[-1][-1:])
            self.now_s = float(until_s)

    def as_round(self, team_id: int) -> Round:
        """The whole way, its first moment being second 0."""
        xy = np.vstack(self._corners)
        return Round(team_id, np.concatenate(self._seconds) - self._start_s, xy[:, 0], xy[:, 1])


def _invent_round(context: Context, crew: Any, stops: FloatArray) -> Round | None:
    """From the post past places near it and back; None where no road leads anywhere."""
    mode = Mode.FOOT if crew.kind == "foot" else Mode.CAR
    rng = np.random.default_rng(int(crew.id))
    away = np.hypot(*(stops - (crew.post_lon, crew.post_lat)).T)
    near = np.flatnonzero(away < _REACH_DEG[mode])
    chosen = rng.permutation(near)[:_STOPS] if len(near) else np.zeros(0, np.int64)
    home = (float(crew.post_lon), float(crew.post_lat))
    trail = _Trail(start_s=0.0)
    for start, end in pairwise([home, *((float(lon), float(lat)) for lon, lat in stops[chosen]), home]):
        try:
            route = routing.find_route(context, SYSTEM, start=start, end=end, mode=mode)
        except Unreachable:
            continue  # this stop is left out of the round
        if route.seconds < 1.0:
            continue
        trail.go(shapely.get_coordinates(route.geometry), until_s=trail.now_s + route.seconds)
        trail.stay(until_s=trail.now_s + _DWELL_S)
    return trail.as_round(int(crew.id)) if trail.now_s else None


def _fix(round_: Round, now: datetime) -> dict[str, Any]:
    # Each team starts its round at another moment, or all would leave their posts together.
    second = now.timestamp() + 377.0 * round_.team_id
    lon, lat = round_.at(second)
    ahead = round_.at(second + 2.0)
    azimuth, _, metres = GEOD.inv(lon, lat, *ahead)
    return {
        "team_id": round_.team_id,
        "lon": lon,
        "lat": lat,
        "heading_deg": float(azimuth % 360) if metres > 0.5 else None,
        "speed_kmh": float(metres / 2.0 * 3.6),
        "at": now,
        "simulated": True,
    }
