"""Railway lines, segments, features and access points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.railways.calibration import CalibrationPoint
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.store import tables
from gridmap.store.frames import contains_text, in_scope, keep_none, load_frame, load_layer
from gridmap.store.snapshots import chunked
from gridmap.store.unit_of_work import UnitOfWork

_line, _segment, _access = tables.rail_line, tables.rail_segment, tables.access_point

GIVEN, MILESTONE = "given", "milestone"
"""Where a mileage point comes from: a person, or a post in an imported file."""


def load_lines(connection: sa.Connection) -> gpd.GeoDataFrame:
    """Lines: id, name, ref, prefix, high_speed, electrified, gauge_mm, start_m, length_m, geometry."""
    c = _line.c
    columns = (c.id, c.name, c.ref, c.prefix, c.high_speed, c.electrified, c.gauge_mm, c.start_m, c.length_m, c.geom)
    return load_layer(connection, sa.select(*columns).order_by(c.id))


def load_mileage_points(connection: sa.Connection, *, line_ids: Sequence[int] | None = None) -> pd.DataFrame:
    """Places of known mileage, along each line: id, line_id, chainage_m, back_m, ahead_m, origin, lon, lat."""
    c = tables.mileage_point.c
    statement = sa.select(c.id, c.line_id, c.chainage_m, c.back_m, c.ahead_m, c.origin, c.lon, c.lat)
    if line_ids is not None:
        statement = statement.where(c.line_id.in_(list(line_ids)))
    return load_frame(connection, statement.order_by(c.line_id, c.chainage_m))


def load_measured_lines(connection: sa.Connection) -> dict[int, tuple[str, str, MeasuredLine]]:
    """Name (else number, else `#id`), mileage prefix and measured geometry of every line, by id."""
    points: dict[int, list[CalibrationPoint]] = defaultdict(list)
    for p in load_mileage_points(connection).itertuples():
        points[int(p.line_id)].append(CalibrationPoint(float(p.chainage_m), float(p.back_m), float(p.ahead_m)))
    return {
        int(r.id): (
            name_line(r.name, r.ref, r.id),
            r.prefix,
            MeasuredLine(r.geometry, start_m=r.start_m, calibration=points[int(r.id)]),
        )
        for r in load_lines(connection).itertuples()
    }


def name_line(name: str, ref: str, line_id: int) -> str:
    """What a line is called wherever it is shown."""
    return name or ref or f"#{line_id}"


def save_mileage_points(work: UnitOfWork, *, line_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Put `rows` (chainage_m, back_m, ahead_m, origin, lon, lat) in place of all mileage points of a line."""
    before = load_mileage_points(work.connection, line_ids=(line_id,))
    work.delete_many(tables.mileage_point, [int(i) for i in before["id"]])
    work.insert_many(tables.mileage_point, [{**row, "line_id": line_id} for row in rows])
    work.touch("rail")


def is_patrol(table_name: str, columns: AbstractSet[str]) -> bool:
    """Whether a change of `columns` of a row says only when it was patrolled: the railway is what it was."""
    return table_name == _segment.name and columns <= {"last_patrol_at", "version"}


def load_segments(
    connection: sa.Connection,
    *,
    scope: str,
    line_ids: Sequence[int] | None = None,
    ids: Sequence[int] | None = None,
) -> gpd.GeoDataFrame:
    """Segments in scope with their line's name and prefix.

    Columns: id, code, line_id, line_name, prefix, high_speed, from_m, to_m, side, length_m, bridge_m, tunnel_m,
    setting, risk, interval_days, visits, spacing_min, night, by_hand, last_patrol_at, area_code,
    area_name (None outside every area), version, geometry.
    """
    c = _segment.c
    statement = (
        sa.select(
            c.id,
            c.code,
            c.line_id,
            _line.c.name.label("line_name"),
            _line.c.prefix,
            _line.c.high_speed,
            c.from_m,
            c.to_m,
            c.side,
            c.length_m,
            c.bridge_m,
            c.tunnel_m,
            c.setting,
            c.risk,
            c.interval_days,
            c.visits,
            c.spacing_min,
            c.night,
            c.by_hand,
            c.last_patrol_at,
            c.area_code,
            tables.area.c.name.label("area_name"),
            c.version,
            c.geom,
        )
        .join(_line, _line.c.id == c.line_id)
        .outerjoin(tables.area, tables.area.c.code == c.area_code)
        .where(in_scope(c.area_code, scope))
        .order_by(c.line_id, c.from_m)
    )
    if line_ids is not None:
        statement = statement.where(c.line_id.in_(list(line_ids)))
    if ids is not None:
        statement = statement.where(c.id.in_(list(ids)))
    return keep_none(load_layer(connection, statement), "area_name")


def find_segments(connection: sa.Connection, *, text: str, scope: str, limit: int) -> gpd.GeoDataFrame:
    """Segments in scope whose code holds `text`: id, name (the code), geometry."""
    c = _segment.c
    statement = sa.select(c.id, c.code.label("name"), c.geom).where(contains_text(c.code, text))
    return load_layer(connection, statement.where(in_scope(c.area_code, scope)).order_by(c.code).limit(limit))


def load_last_patrols(
    connection: sa.Connection, segment_ids: Sequence[int], *, scope: str
) -> dict[int, datetime | None]:
    """When those of the segments that lie in scope were last patrolled."""
    c = _segment.c
    found: dict[int, datetime | None] = {}
    for chunk in chunked(list(segment_ids)):
        statement = sa.select(c.id, c.last_patrol_at).where(c.id.in_(chunk), in_scope(c.area_code, scope))
        found |= dict(connection.execute(statement).all())
    return found


def load_rail_features(connection: sa.Connection, *, feature_id: int | None = None) -> pd.DataFrame:
    """Stations, crossings and structures: id, kind, name, line_id, mileage_m, length_m, lon, lat."""
    c = tables.rail_feature.c
    statement = sa.select(c.id, c.kind, c.name, c.line_id, c.mileage_m, c.length_m, c.lon, c.lat)
    if feature_id is not None:
        statement = statement.where(c.id == feature_id)
    return load_frame(connection, statement.order_by(c.id))


def load_tracks(connection: sa.Connection) -> gpd.GeoDataFrame:
    """Tracks: id, line_id (None where it is of no line), electrified, high_speed, bridge, tunnel, geometry."""
    c = tables.rail_track.c
    statement = sa.select(c.id, c.line_id, c.electrified, c.high_speed, c.bridge, c.tunnel, c.geom)
    return load_layer(connection, statement.order_by(c.id))


def find_stations(connection: sa.Connection, *, text: str, limit: int) -> pd.DataFrame:
    """Stations and halts whose name holds `text`: id, name, lon, lat."""
    c = tables.rail_feature.c
    fits = sa.and_(c.kind.in_(["station", "halt"]), contains_text(c.name, text))
    statement = sa.select(c.id, c.name, c.lon, c.lat).where(fits)
    return load_frame(connection, statement.order_by(sa.func.length(c.name), c.name).limit(limit))


def load_access_points(connection: sa.Connection, *, access_id: int | None = None) -> pd.DataFrame:
    """Access points: id, kind, name, line_id, mileage_m, node_id, walk_m, drivable, lon, lat."""
    c = _access.c
    statement = sa.select(c.id, c.kind, c.name, c.line_id, c.mileage_m, c.node_id, c.walk_m, c.drivable, c.lon, c.lat)
    if access_id is not None:
        statement = statement.where(c.id == access_id)
    return load_frame(connection, statement.order_by(c.line_id, c.mileage_m))


def save_edits(work: UnitOfWork, *, changes: Mapping[int, Mapping[str, Any]], versions: Mapping[int, int]) -> None:
    """Change columns of segments by id; Conflict where one is not at the version that was seen."""
    work.update_many(_segment, changes, expected_versions=versions)
    work.touch("rail")


def save_patrols(work: UnitOfWork, *, segment_ids: Sequence[int], at: datetime) -> None:
    """Record that segments were patrolled."""
    work.update_many(_segment, {i: {"last_patrol_at": at} for i in segment_ids})
    work.touch("patrols")
