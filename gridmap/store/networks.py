"""Sites of the five control networks."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import contains_text, in_scope, load_frame


def load_sites(
    connection: sa.Connection, *, scope: str, network: str | None = None, ids: Sequence[int] | None = None
) -> pd.DataFrame:
    """Sites in scope (those of `network` and among `ids` where given): id, network, kind, name, lon, lat, area_code."""
    c = tables.network_site.c
    statement = sa.select(c.id, c.network, c.kind, c.name, c.lon, c.lat, c.area_code)
    if network is not None:
        statement = statement.where(c.network == network)
    if ids is not None:
        statement = statement.where(c.id.in_(list(ids)))
    return load_frame(connection, statement.where(in_scope(c.area_code, scope)).order_by(c.network, c.id))


def find_sites(connection: sa.Connection, *, text: str, scope: str, limit: int) -> pd.DataFrame:
    """Sites in scope whose name holds `text`: id, name, lon, lat."""
    c = tables.network_site.c
    statement = sa.select(c.id, c.name, c.lon, c.lat).where(contains_text(c.name, text), in_scope(c.area_code, scope))
    return load_frame(connection, statement.order_by(sa.func.length(c.name), c.name).limit(limit))
