"""Roads that are closed or slowed for a while."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import in_scope, load_layer

_closure = tables.closure


def load_closures(
    connection: sa.Connection, *, scope: str, closure_id: int | None = None, ends_after: datetime | None = None
) -> gpd.GeoDataFrame:
    """Closures drawn in scope, the newest first; with `ends_after` only those that are not over by then.

    Columns: id, reason, speed_kmh (missing: closed), area_code, starts_at, ends_at (missing: until it is opened),
    version, geometry.
    """
    c = _closure.c
    statement = (
        sa.select(c.id, c.reason, c.speed_kmh, c.area_code, c.starts_at, c.ends_at, c.version, c.geom)
        .where(in_scope(c.area_code, scope))
        .order_by(c.starts_at.desc(), c.id.desc())
    )
    if closure_id is not None:
        statement = statement.where(c.id == closure_id)
    if ends_after is not None:
        statement = statement.where(sa.or_(c.ends_at.is_(None), c.ends_at > ends_after))
    return load_layer(connection, statement)
