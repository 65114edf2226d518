"""Patrol teams: who they are, where they are now and how old that is."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.teams import TeamState, rate_states
from gridmap.errors import N_, NotFound
from gridmap.services.context import Context
from gridmap.store import teams


def list_teams(context: Context, actor: Actor) -> pd.DataFrame:
    """Teams in scope and how they are.

    Columns: those of `store.teams.load_teams`; `age_s` of the fix; `state` moving, still, stale (fix older than
    `Settings.stale_position_s`, or from a clock as far ahead), silent (older than `silent_team_s`, or none at all) or
    off. A team without a fix is placed at its post.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = teams.load_teams(connection, scope=actor.scope_code)
    found["age_s"] = _ages(found, context.clock())
    settings = context.settings
    states = rate_states(
        on_duty=found["on_duty"].to_numpy(bool),
        age_s=found["age_s"].to_numpy(float),
        speed_kmh=found["speed_kmh"].astype(float).fillna(0.0).to_numpy(),
        stale_s=settings.stale_position_s,
        silent_s=settings.silent_team_s,
    )
    found["state"] = [TeamState(state).name.lower() for state in states]
    for column in ("lon", "lat"):
        found[column] = found[column].astype(float).fillna(found[f"post_{column}"].astype(float))
    found["simulated"] = found["simulated"].eq(True)
    # A clock a little ahead is usual; what it says must not become a negative age.
    found["age_s"] = found["age_s"].clip(lower=0.0)
    return found


def find_team(context: Context, actor: Actor, *, name: str) -> int:
    """Id of the team in scope that is called `name`.

    Raises
    ------
    NotFound
        There is none.
    """
    crews = list_teams(context, actor)
    found = crews.loc[crews["name"] == name, "id"]
    if found.empty:
        raise NotFound(N_("There is no team called “{name}”."), hint=N_("Look at the map for its name."), name=name)
    return int(found.iloc[0])


def _ages(found: pd.DataFrame, now: datetime) -> pd.Series:
    """Seconds since each fix, negative for one from the future, not a number where there is none."""
    at = pd.to_datetime(found["at"], utc=True)
    return (pd.Timestamp(now) - at).dt.total_seconds()


def list_posts(context: Context, actor: Actor) -> pd.DataFrame:
    """Posts in scope: id, name, kind, lon, lat, area_code."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return teams.load_posts(connection, scope=actor.scope_code)
