"""How a patrol team is, as far as its last fix tells."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

MOVING_KMH = 2.0
"""A team slower than this stands: receivers at rest report up to a walking pace of noise."""


class TeamState(IntEnum):
    """Moving or still; stale (the fix is old); silent (too old to be believed, or none at all); off duty."""

    MOVING = 0
    STILL = 1
    STALE = 2
    SILENT = 3
    OFF = 4


def rate_states(
    *,
    on_duty: npt.NDArray[np.bool_],
    age_s: npt.NDArray[np.float64],
    speed_kmh: npt.NDArray[np.float64],
    stale_s: float,
    silent_s: float,
) -> npt.NDArray[np.uint8]:
    """`TeamState` of each team; age (not a number: no fix yet) is negative for a fix from the future.

    A clock far ahead makes a fix as stale as one far behind: neither says where the team is now.
    """
    return np.select(
        [~on_duty, ~(age_s <= silent_s), np.abs(age_s) > stale_s, speed_kmh >= MOVING_KMH],
        [TeamState.OFF, TeamState.SILENT, TeamState.STALE, TeamState.MOVING],
        TeamState.STILL,
    ).astype(np.uint8)
