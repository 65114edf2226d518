"""Where teams are, in the shape that open maps are told each second."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.teams import TeamState, rate_states
from gridmap.services.context import Context
from gridmap.store import teams

KINDS = ("car", "motorcycle", "foot")
STATES = tuple(state.name.lower() for state in TeamState)

HEADER = struct.Struct("<Id")
RECORD = np.dtype(
    [
        ("id", "<u4"),
        ("lon", "<i4"),
        ("lat", "<i4"),
        ("kind", "u1"),
        ("state", "u1"),
        ("heading", "u1"),
        ("flags", "u1"),
        ("age_s", "<u4"),
    ]
)
NO_AGE = 2**32 - 1
"""Age of a team that never sent its position; it is shown at its post, if at all."""

_SIMULATED = 1
_UNITS_PER_DEG = 1e7


@dataclass(frozen=True)
class _Roster:
    """What does not change from second to second: the teams by id, and which of them each scope sees."""

    ids: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8]
    on_duty: npt.NDArray[np.bool_]
    post_lon: npt.NDArray[np.float64]
    post_lat: npt.NDArray[np.float64]
    area_codes: tuple[str, ...]
    _seen: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)

    def find_seen(self, actor: Actor) -> npt.NDArray[np.int64]:
        """Positions of the teams in the actor's scope."""
        found = self._seen.get(actor.scope_code)
        if found is None:
            found = np.flatnonzero([actor.covers(code) for code in self.area_codes])
            self._seen[actor.scope_code] = found
        return found


@dataclass(frozen=True)
class Moment:
    """Where all teams are at one instant (unix seconds); everybody is shown a part of it."""

    at: float
    _roster: _Roster
    _records: npt.NDArray[np.void]

    def build_frame(self, actor: Actor, *, number: int) -> bytes:
        """The teams in the actor's scope, in the shape that one WebSocket message has.

        Little endian: u32 `number`, f64 server time in unix seconds; then for each team u32 id, i32 longitude and i32
        latitude in 1e-7 degrees, u8 index in `KINDS`, u8 index in `STATES`, u8 heading in steps of 2 degrees from
        north, u8 flags (1 = simulated), u32 age of the position in seconds.
        """
        check_allowed(actor, Permission.VIEW)
        return HEADER.pack(number % 2**32, self.at) + self._records[self._roster.find_seen(actor)].tobytes()


def load_moment(context: Context) -> Moment:
    """Where all teams are now, read once for all who watch."""
    roster = context.cache.get("roster", context.revisions("teams"), lambda: _load_roster(context))
    with context.database.read() as connection:
        fixes = teams.load_fixes(connection)
    now = context.clock().timestamp()
    return Moment(now, roster, _build_records(context, roster, fixes, now=now))


def _load_roster(context: Context) -> _Roster:
    with context.database.read() as connection:
        found = teams.load_teams(connection, scope="")
    return _Roster(
        ids=found["id"].to_numpy(np.int64),
        kinds=np.array([KINDS.index(kind) for kind in found["kind"]], np.uint8),
        on_duty=found["on_duty"].to_numpy(bool),
        post_lon=found["post_lon"].to_numpy(float),
        post_lat=found["post_lat"].to_numpy(float),
        area_codes=tuple(found["area_code"]),
    )


def _build_records(
    context: Context, roster: _Roster, fixes: npt.NDArray[np.void], *, now: float
) -> npt.NDArray[np.void]:
    known = fixes[np.isin(fixes["team_id"], roster.ids)]  # a team may have come or gone since the roster was read
    row = np.searchsorted(roster.ids, known["team_id"])

    def spread(name: str, missing: npt.ArrayLike) -> npt.NDArray[np.float64]:
        values = np.broadcast_to(np.asarray(missing, float), len(roster.ids)).copy()
        values[row] = known[name]
        return values

    age_s = now - spread("at", np.nan)
    records = np.zeros(len(roster.ids), RECORD)
    records["id"] = roster.ids
    records["lon"] = np.rint(spread("lon", roster.post_lon) * _UNITS_PER_DEG)
    records["lat"] = np.rint(spread("lat", roster.post_lat) * _UNITS_PER_DEG)
    records["kind"] = roster.kinds
    records["state"] = rate_states(
        on_duty=roster.on_duty,
        age_s=age_s,
        speed_kmh=np.nan_to_num(spread("speed_kmh", 0.0)),
        stale_s=context.settings.stale_position_s,
        silent_s=context.settings.silent_team_s,
    )
    records["heading"] = np.rint(np.nan_to_num(spread("heading_deg", 0.0)) / 2) % 180
    records["flags"] = np.where(spread("simulated", 0.0) > 0, _SIMULATED, 0)
    records["age_s"] = np.where(np.isnan(age_s), NO_AGE, np.clip(np.nan_to_num(age_s), 0, NO_AGE - 1))
    return records
