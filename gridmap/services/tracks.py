"""Where the teams in scope were, for trails and for the playback of a past hour."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context
from gridmap.services.overlays import Overlay, pack_table
from gridmap.store import tracks

LONGEST = timedelta(hours=1)
"""What one answer may span."""

_SPACING_S = 10.0
"""Of fixes nearer in time than this one is enough: a car moves on by a hundred metres."""

_STEP_DEG = 1e-5
"""A metre: receivers are no better, and digits beyond it are most of what is sent."""


def load_tracks(context: Context, actor: Actor, *, since: datetime, until: datetime) -> Overlay:
    """Fixes from `since` until before `until` as a table in the shape of `domain.columns`, by team, then by time.

    Columns: team_id, at (whole seconds from `since`), east and north (steps of 1e-5 degrees from the fix before; a
    team's first from 0), simulated. At most one fix in ten seconds of each team.

    Raises
    ------
    InvalidInput
        The span is empty, or longer than an hour.
    """
    check_allowed(actor, Permission.VIEW)
    if not timedelta(0) < until - since <= LONGEST:
        raise InvalidInput(
            N_("A playback shows at most one hour."), hint=N_("Choose an end after the start, an hour later at most.")
        )
    with context.database.read() as connection:
        found = tracks.load_tracks(connection, scope=actor.scope_code, since=since, until=until)
    return pack_table(shorten_tracks(found, since))


def shorten_tracks(found: pd.DataFrame, since: datetime) -> pd.DataFrame:
    """Thinned, and as differences: neighbours are alike, so that they pack into a third."""
    seconds = np.floor(found["at"].to_numpy() - since.timestamp()).clip(0)
    team = found["team_id"].to_numpy()
    slot = np.floor(seconds / _SPACING_S)
    kept = np.ones(len(found), bool)
    kept[1:] = (team[1:] != team[:-1]) | (slot[1:] != slot[:-1])
    thin = found[kept]
    team = team[kept]
    begins = np.ones(len(thin), bool)
    begins[1:] = team[1:] != team[:-1]
    steps = {}
    for name, degrees in (("east", thin["lon"]), ("north", thin["lat"])):
        whole = np.rint(degrees.to_numpy() / _STEP_DEG).astype(np.int64)
        steps[name] = np.where(begins, whole, np.diff(whole, prepend=0))
    return pd.DataFrame(
        {
            "team_id": team,
            "at": seconds[kept].astype(np.int64),
            **steps,
            "simulated": thin["simulated"].to_numpy(),
        }
    )
