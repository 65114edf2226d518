"""What segments are cut from, and the segments that an import is about to replace."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.railways.segment_edits import SETTABLE
from gridmap.store import tables
from gridmap.store.frames import load_frame, load_layer
from gridmap.store.unit_of_work import UnitOfWork

_SETTLEMENT = "settlement"


@dataclass(frozen=True)
class Ground:
    """Lines of one source and what lies along them; WGS-84.

    Attributes
    ----------
    lines
        high_speed, start_m, geometry; with `id` where they come from the store.
    tracks
        bridge, tunnel, geometry.
    features
        kind, lon, lat.
    land_use
        kind, geometry.
    """

    lines: gpd.GeoDataFrame
    tracks: gpd.GeoDataFrame
    features: pd.DataFrame
    land_use: gpd.GeoDataFrame


def list_sources_with_lines(connection: sa.Connection, *, besides: int) -> list[int]:
    """Ids of sources that brought railway lines, without one."""
    c = tables.rail_line.c
    others = sa.and_(c.source_id.is_not(None), c.source_id != besides)
    return list(connection.scalars(sa.select(c.source_id).distinct().where(others).order_by(c.source_id)))


def load_ground(connection: sa.Connection, source_id: int) -> Ground:
    """The lines of a source, and what the same source says of the ground along them."""
    line, track, feature = tables.rail_line.c, tables.rail_track.c, tables.rail_feature.c
    shape = tables.basemap_shape.c
    lines = sa.select(line.id, line.high_speed, line.start_m, line.geom).where(line.source_id == source_id)
    tracks = sa.select(track.bridge, track.tunnel, track.geom).where(track.source_id == source_id)
    features = sa.select(feature.kind, feature.lon, feature.lat).where(feature.source_id == source_id)
    built_up = sa.select(shape.kind, shape.geom).where(shape.source_id == source_id, shape.kind == _SETTLEMENT)
    return Ground(
        lines=load_layer(connection, lines.order_by(line.id)),
        tracks=load_layer(connection, tracks.order_by(track.id)),
        features=load_frame(connection, features.order_by(feature.id)),
        land_use=load_layer(connection, built_up.order_by(shape.id)),
    )


def load_segments_before(connection: sa.Connection, source_id: int | None) -> gpd.GeoDataFrame:
    """Segments of a source, none of None.

    Columns: id, code, line_id, last_patrol_at, setting, risk, interval_days, visits, spacing_min, night, by_hand,
    geometry.
    """
    c = tables.rail_segment.c
    known = (c.id, c.code, c.line_id, c.last_patrol_at)
    statement = sa.select(*known, *(c[name] for name in SETTABLE), c.by_hand, c.geom)
    return load_layer(connection, statement.where(c.source_id == source_id).order_by(c.id))


def remove_segments(work: UnitOfWork, source_id: int) -> None:
    """Take out the segments of a source, without an event each."""
    work.connection.execute(tables.rail_segment.delete().where(tables.rail_segment.c.source_id == source_id))
