"""Announced protection zones, and the tracks that zones are drawn about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import load_layer
from gridmap.store.unit_of_work import UnitOfWork

_zone, _track = tables.protection_zone, tables.rail_track

STATION_SERVICES = ("yard", "siding", "crossover")
"""Tracks that belong to whatever line they lie beside; a spur is a line of its own."""


def load_zones(
    connection: sa.Connection, *, line_ids: Sequence[int] | None = None, on: date | None = None
) -> gpd.GeoDataFrame:
    """Announced zones along each line, of `line_ids` where given, and with `on` those in force on that day.

    Columns: id, line_id, from_m, to_m, side, width_m, origin_offset_m, category, place, official, notice, valid_from,
    valid_to, geometry.
    """
    c = _zone.c
    statement = sa.select(
        c.id,
        c.line_id,
        c.from_m,
        c.to_m,
        c.side,
        c.width_m,
        c.origin_offset_m,
        c.category,
        c.place,
        c.official,
        c.notice,
        c.valid_from,
        c.valid_to,
        c.geom,
    ).order_by(c.line_id, c.side, c.from_m, c.id)
    if line_ids is not None:
        statement = statement.where(c.line_id.in_(list(line_ids)))
    if on is not None:
        begun, ended = sa.or_(c.valid_from.is_(None), c.valid_from <= on), c.valid_to < on
        statement = statement.where(begun, sa.or_(c.valid_to.is_(None), sa.not_(ended)))
    return load_layer(connection, statement)


def save_zones(work: UnitOfWork, *, rows: Sequence[dict[str, Any]], replaced: Sequence[int] = ()) -> None:
    """Add zones, and remove those whose ids are `replaced`."""
    work.delete_many(_zone, replaced)
    work.insert_many(_zone, rows)
    work.touch("zones")


def load_zone_tracks(connection: sa.Connection) -> gpd.GeoDataFrame:
    """Tracks of lines, and those of stations that belong to none: line_id, bridge, tunnel, geometry."""
    c = _track.c
    belongs = sa.or_(c.line_id.is_not(None), c.service.in_(STATION_SERVICES))
    return load_layer(connection, sa.select(c.line_id, c.bridge, c.tunnel, c.geom).where(belongs).order_by(c.id))
