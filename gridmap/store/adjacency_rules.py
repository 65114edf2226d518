"""Which neighbours a barrier keeps apart and which cells a person joined; and what may be a barrier."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import in_scope, load_frame, load_layer
from gridmap.store.geometry import Box, meets
from gridmap.store.unit_of_work import UnitOfWork

BARRIER, JOIN = "barrier", "join"

_rule, _area = tables.adjacency_rule, tables.area
IntArray = npt.NDArray[np.int64]


def load_pairs(connection: sa.Connection) -> tuple[IntArray, IntArray]:
    """Barriers and joins as pairs of cell ids, shape (n, 2) each; also of cells that are gone."""
    c = _rule.c
    rows = connection.execute(sa.select(c.kind, c.first_id, c.second_id).order_by(c.id)).all()
    barriers, joins = ([row[1:] for row in rows if row[0] == kind] for kind in (BARRIER, JOIN))
    return np.array(barriers, np.int64).reshape(-1, 2), np.array(joins, np.int64).reshape(-1, 2)


def load_rules(connection: sa.Connection, *, scope: str) -> pd.DataFrame:
    """Rules whose cells both lie in scope, the newest first.

    Columns: id, kind, first_id, second_id, first_code, second_code, first_name, second_name, reason, set_by, set_at.
    """
    c, first, second = _rule.c, _area.alias("first"), _area.alias("second")
    statement = (
        sa.select(
            c.id,
            c.kind,
            c.first_id,
            c.second_id,
            first.c.code.label("first_code"),
            second.c.code.label("second_code"),
            first.c.name.label("first_name"),
            second.c.name.label("second_name"),
            c.reason,
            c.set_by,
            c.set_at,
        )
        .join(first, first.c.id == c.first_id)
        .join(second, second.c.id == c.second_id)
        .where(in_scope(first.c.code, scope), in_scope(second.c.code, scope))
    )
    return load_frame(connection, statement.order_by(c.id.desc()))


def insert_rules(work: UnitOfWork, pairs: Sequence[tuple[int, int]], *, kind: str, reason: str) -> list[int]:
    """Write a rule for each pair of cell ids (first < second); their ids."""
    row = {"kind": kind, "reason": reason, "set_by": work.actor.name, "set_at": work.at}
    return work.insert_many(_rule, [{"first_id": first, "second_id": second, **row} for first, second in pairs])


def load_railways(connection: sa.Connection, *, box: Box) -> gpd.GeoDataFrame:
    """Track on the ground that meets `box`, without bridges and tunnels: geometry."""
    c = tables.rail_track.c
    return load_layer(connection, sa.select(c.geom).where(meets(tables.rail_track, box), ~c.bridge, ~c.tunnel))


def load_water(connection: sa.Connection, *, box: Box) -> gpd.GeoDataFrame:
    """Rivers and standing water that meet `box`, as lines or areas: geometry."""
    c = tables.basemap_shape.c
    statement = sa.select(c.geom).where(c.kind.in_(("water", "river")), meets(tables.basemap_shape, box))
    return load_layer(connection, statement)


def load_ways(connection: sa.Connection, *, box: Box) -> gpd.GeoDataFrame:
    """Roads and footways that meet `box`, bridges and tunnels among them: geometry."""
    return load_layer(connection, sa.select(tables.road_edge.c.geom).where(meets(tables.road_edge, box)))
