"""Teams of the demo county in motion: each drives its round over the real road network, over and over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.access import SYSTEM
from gridmap.domain.crs import GEOD, compute_step_lengths_m
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import Unreachable
from gridmap.services import networks, routing, teams
from gridmap.services.context import Context
from gridmap.store import datasets, positions

FloatArray = npt.NDArray[np.float64]

_STOPS = 4
_REACH_DEG = {Mode.CAR: 0.11, Mode.FOOT: 0.02}
_DWELL_S = 150.0
_TRACK_EVERY_S = 15.0
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
    """Moves every team on duty; writes its positions marked as simulated."""

    def __init__(self, context: Context, rounds: list[Round]) -> None:
        self._context = context
        self._rounds = rounds
        self._track_due = datetime.min.replace(tzinfo=context.clock().tzinfo)
        self._cleaned: datetime | None = None

    def step(self, now: datetime) -> None:
        """Write where every team is at `now`; a history point now and then, and old history goes."""
        fixes = [_fix(round_, now) for round_ in self._rounds]
        with self._context.database.write_unjournalled() as connection:
            positions.save_positions(connection, fixes)
            if now >= self._track_due:
                positions.save_track(connection, fixes)
                self._track_due = now + timedelta(seconds=_TRACK_EVERY_S)
            if self._cleaned is None or now - self._cleaned > timedelta(hours=1):
                keep = timedelta(days=self._context.settings.track_retention_days)
                positions.delete_track_before(connection, now - keep)
                self._cleaned = now


def open_simulator(context: Context) -> Simulator | None:
    """The simulator of a synthetic database, None for real data or where the settings switch it off."""
    with context.database.read() as connection:
        synthetic = datasets.is_synthetic(connection)
    if not (synthetic and context.settings.simulate):
        return None
    return Simulator(context, build_rounds(context))


def build_rounds(context: Context) -> list[Round]:
    """A round for each team on duty but the last few: from its post past places near it and back."""
    crews = teams.list_teams(context, SYSTEM)
    crews = crews[crews["on_duty"].astype(bool)].iloc[: -_SILENT or None]
    sites = networks.list_sites(context, SYSTEM)
    stops = np.column_stack([sites["lon"].to_numpy(float), sites["lat"].to_numpy(float)])
    rounds = []
    for crew in crews.itertuples():
        mode = Mode.FOOT if crew.kind == "foot" else Mode.CAR
        rng = np.random.default_rng(int(crew.id))
        away = np.hypot(*(stops - (crew.post_lon, crew.post_lat)).T)
        near = np.flatnonzero(away < _REACH_DEG[mode])
        chosen = rng.permutation(near)[:_STOPS] if len(near) else np.zeros(0, np.int64)
        home = (float(crew.post_lon), float(crew.post_lat))
        places = [home, *((float(lon), float(lat)) for lon, lat in stops[chosen]), home]
        rounds.append(_build_round(context, int(crew.id), places, mode))
    return [r for r in rounds if r is not None]


def _build_round(context: Context, team_id: int, places: list[tuple[float, float]], mode: Mode) -> Round | None:
    seconds: list[FloatArray] = []
    corners: list[FloatArray] = []
    clock = 0.0
    for start, end in pairwise(places):
        try:
            route = routing.find_route(context, SYSTEM, start=start, end=end, mode=mode)
        except Unreachable:
            continue  # this stop is left out of the round
        xy = shapely.get_coordinates(route.geometry)
        step = compute_step_lengths_m(xy[:, 0], xy[:, 1])
        if step.sum() < 1.0:
            continue
        along = np.concatenate([[0.0], np.cumsum(step)]) / step.sum() * route.seconds
        seconds += [clock + along, np.array([clock + route.seconds + _DWELL_S])]
        corners += [xy, xy[-1:]]
        clock += route.seconds + _DWELL_S
    if clock == 0.0:
        return None
    xy = np.vstack(corners)
    return Round(team_id, np.concatenate(seconds), xy[:, 0], xy[:, 1])


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
