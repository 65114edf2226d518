"""Basemap shapes, places and tracks, as the tiles need them."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import load_frame, load_layer
from gridmap.store.geometry import Box, box_of, meets


def load_shapes(connection: sa.Connection, *, box: Box | None = None, plain: bool = False) -> pd.DataFrame:
    """Basemap polygons and waterways, those that meet `box`: id, kind, geometry, see `_load_drawn`."""
    return _load_drawn(connection, tables.basemap_shape, ["id", "kind"], box=box, plain=plain)


def load_rivers(connection: sa.Connection) -> pd.DataFrame:
    """Waterways as lines, drawn the way the water flows: id, kind, geometry."""
    only = tables.basemap_shape.c.kind.in_(("river", "stream"))
    return _load_drawn(connection, tables.basemap_shape, ["id", "kind"], box=None, plain=False, only=only)


def load_places(connection: sa.Connection) -> pd.DataFrame:
    """Named places: id, kind, name, population, lon, lat."""
    c = tables.place.c
    return load_frame(connection, sa.select(c.id, c.kind, c.name, c.population, c.lon, c.lat).order_by(c.id))


def load_road_lines(
    connection: sa.Connection,
    *,
    box: Box | None = None,
    plain: bool = False,
    classes: Collection[str] | None = None,
) -> pd.DataFrame:
    """Roads as drawn, those that meet `box`, of `classes`: id, road_class, geometry, see `_load_drawn`."""
    only = sa.true() if classes is None else tables.road_edge.c.road_class.in_(classes)
    return _load_drawn(connection, tables.road_edge, ["id", "road_class"], box=box, plain=plain, only=only)


def load_tracks(connection: sa.Connection, *, box: Box | None = None, plain: bool = False) -> pd.DataFrame:
    """Tracks as drawn, those that meet `box`.

    Columns: id, line_id, high_speed, electrified, bridge, tunnel, service, geometry.
    """
    names = ["id", "line_id", "high_speed", "electrified", "bridge", "tunnel", "service"]
    return _load_drawn(connection, tables.rail_track, names, box=box, plain=plain)


def _load_drawn(
    connection: sa.Connection,
    table: sa.Table,
    names: list[str],
    *,
    box: Box | None,
    plain: bool,
    only: sa.ColumnElement[bool] | None = None,
) -> pd.DataFrame:
    """Rows with their geometry; `plain` with their boxes (x_min, y_min, x_max, y_max, degrees) in its place."""
    columns = [table.c[name] for name in names]
    statement = sa.select(*columns, *box_of(table)) if plain else sa.select(*columns, table.c.geom)
    statement = statement.where(meets(table, box), sa.true() if only is None else only).order_by(table.c.id)
    return load_frame(connection, statement) if plain else load_layer(connection, statement)
