"""The road network in the store."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import contains_text, load_layer
from gridmap.store.geometry import Box, meets

_WGS84 = "EPSG:4326"


def load_road_nodes(connection: sa.Connection) -> pd.DataFrame:
    """All junctions: id, osm_id, lon, lat."""
    node = tables.road_node
    columns = (node.c.id, node.c.osm_id, node.c.lon, node.c.lat)
    rows = connection.execute(sa.select(*columns).order_by(node.c.id)).all()
    return pd.DataFrame(rows, columns=["id", "osm_id", "lon", "lat"])


def load_road_edges(connection: sa.Connection) -> gpd.GeoDataFrame:
    """All edges with the columns of the table but bounds and source."""
    edge = tables.road_edge
    names = [c.name for c in edge.c if c.name not in {"geom", "x_min", "y_min", "x_max", "y_max", "source_id"}]
    rows = connection.execute(sa.select(*(edge.c[name] for name in names), edge.c.geom).order_by(edge.c.id)).all()
    frame = pd.DataFrame(rows, columns=[*names, "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=_WGS84)


def load_turns(connection: sa.Connection) -> pd.DataFrame:
    """All turn restrictions: from_edge, via_node, via_edges, to_edge, only, car, motorcycle; see the table."""
    turn = tables.turn_restriction
    names = ["from_edge", "via_node", "via_edges", "to_edge", "only", "car", "motorcycle"]
    rows = connection.execute(sa.select(*(turn.c[name] for name in names)).order_by(turn.c.id)).all()
    return pd.DataFrame(rows, columns=names)


def find_road_names(connection: sa.Connection, *, text: str, box: Box, limit: int) -> list[str]:
    """Names of roads that meet `box` and hold `text`, the longest first."""
    edge = tables.road_edge
    statement = (
        sa.select(edge.c.name)
        .where(contains_text(edge.c.name, text), meets(edge, box))
        .group_by(edge.c.name)
        .order_by(sa.func.sum(edge.c.length_m).desc(), edge.c.name)
    )
    return list(connection.scalars(statement.limit(limit)))


def load_named_roads(connection: sa.Connection, *, name: str, box: Box) -> gpd.GeoDataFrame:
    """Edges of the roads of that very name that meet `box`: id, geometry."""
    edge = tables.road_edge
    return load_layer(connection, sa.select(edge.c.id, edge.c.geom).where(edge.c.name == name, meets(edge, box)))
