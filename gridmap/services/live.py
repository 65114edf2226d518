"""What open maps are told all the time: where teams are, and which topics have changed."""

from __future__ import annotations

import struct

import numpy as np

from gridmap.domain.access import Actor
from gridmap.services.context import Context
from gridmap.services.teams import list_teams
from gridmap.store.datasets import TOPICS

KINDS = ("car", "motorcycle", "foot")
STATES = ("moving", "still", "stale", "silent", "off")

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


def build_frame(context: Context, actor: Actor, *, number: int) -> bytes:
    """All teams in the actor's scope, now, in the shape that one WebSocket message has.

    Little endian: u32 `number`, f64 server time in unix seconds; then for each team u32 id, i32 longitude and i32
    latitude in 1e-7 degrees, u8 index in `KINDS`, u8 index in `STATES`, u8 heading in steps of 2 degrees from north,
    u8 flags (1 = simulated), u32 age of the position in seconds.
    """
    found = list_teams(context, actor)
    records = np.zeros(len(found), RECORD)
    records["id"] = found["id"].to_numpy(np.int64)
    for name in ("lon", "lat"):
        records[name] = np.rint(found[name].to_numpy(float) * _UNITS_PER_DEG)
    records["kind"] = [KINDS.index(kind) for kind in found["kind"]]
    records["state"] = [STATES.index(state) for state in found["state"]]
    heading_deg = np.nan_to_num(found["heading_deg"].to_numpy(float))
    records["heading"] = np.rint(heading_deg / 2) % 180
    records["flags"] = np.where(found["simulated"].to_numpy(bool), _SIMULATED, 0)
    age_s = found["age_s"].to_numpy(float)
    records["age_s"] = np.where(np.isnan(age_s), NO_AGE, np.clip(np.nan_to_num(age_s), 0, NO_AGE - 1))
    return HEADER.pack(number % 2**32, context.clock().timestamp()) + records.tobytes()


def load_revisions(context: Context) -> dict[str, int]:
    """Topic → how often it has changed; the same for everybody, and raised by whichever process made a change."""
    return dict(zip(TOPICS, context.revisions(*TOPICS), strict=True))
