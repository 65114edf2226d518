"""Where teams were: the history of fixes, read in bulk."""

from __future__ import annotations

from datetime import datetime
from itertools import chain

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.days import number_day
from gridmap.store import tables
from gridmap.store.frames import in_scope

_team, _track = tables.team, tables.track_point


def load_tracks(
    connection: sa.Connection, *, scope: str, since: datetime, until: datetime, team_id: int | None = None
) -> pd.DataFrame:
    """Fixes of the teams in scope (of one, where given) from `since` until before `until`, by team, then by time.

    Columns: team_id, at (unix seconds), lon, lat (WGS-84 degrees), simulated.
    """
    c = _track.c
    # Half a million instants would take seconds as datetimes: both engines count their seconds themselves.
    at = sa.cast(sa.extract("epoch", c.at), sa.Float)
    statement = (
        sa.select(c.team_id, at, c.lon, c.lat, sa.cast(c.simulated, sa.Integer))
        .join(_team, _team.c.id == c.team_id)
        # The day leads the key: only what was written on these days is looked at.
        .where(c.day.between(number_day(since), number_day(until)))
        .where(c.at >= since, c.at < until, in_scope(_team.c.area_code, scope))
    )
    if team_id is not None:
        statement = statement.where(c.team_id == team_id)
    cursor = connection.execute(statement).cursor
    assert cursor is not None
    # Straight from the driver: half a million rows as SQLAlchemy's would take another second.
    rows = cursor.fetchall()
    values = np.fromiter(chain.from_iterable(rows), np.float64, 5 * len(rows)).reshape(-1, 5)
    values = values[np.lexsort((values[:, 1], values[:, 0]))]
    return pd.DataFrame(
        {
            "team_id": values[:, 0].astype(np.int64),
            "at": values[:, 1],
            "lon": values[:, 2],
            "lat": values[:, 3],
            "simulated": values[:, 4] == 1,
        }
    )
