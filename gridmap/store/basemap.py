"""Basemap shapes, places and tracks, as the tiles need them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import load_frame, load_layer
from gridmap.store.geometry import Box, meets


def load_shapes(connection: sa.Connection, *, box: Box | None = None) -> gpd.GeoDataFrame:
    """Basemap polygons and waterways, those that meet `box`: id, kind, geometry."""
    c = tables.basemap_shape.c
    return load_layer(
        connection, sa.select(c.id, c.kind, c.geom).where(meets(tables.basemap_shape, box)).order_by(c.id)
    )


def load_places(connection: sa.Connection) -> pd.DataFrame:
    """Named places: id, kind, name, population, lon, lat."""
    c = tables.place.c
    return load_frame(connection, sa.select(c.id, c.kind, c.name, c.population, c.lon, c.lat).order_by(c.id))


def load_road_lines(connection: sa.Connection, *, box: Box | None = None) -> gpd.GeoDataFrame:
    """Roads as drawn, those that meet `box`: id, road_class, geometry."""
    c = tables.road_edge.c
    statement = sa.select(c.id, c.road_class, c.geom).where(meets(tables.road_edge, box))
    return load_layer(connection, statement.order_by(c.id))


def load_tracks(connection: sa.Connection, *, box: Box | None = None) -> gpd.GeoDataFrame:
    """Tracks as drawn, those that meet `box`: id, high_speed, electrified, bridge, tunnel, service, geometry."""
    c = tables.rail_track.c
    columns = (c.id, c.high_speed, c.electrified, c.bridge, c.tunnel, c.service, c.geom)
    return load_layer(connection, sa.select(*columns).where(meets(tables.rail_track, box)).order_by(c.id))
