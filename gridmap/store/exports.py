"""The layers that leave the house: what each holds, confined to an area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.store import tables as t
from gridmap.store.frames import in_scope
from gridmap.store.geometry import Geometry

_WGS84 = "EPSG:4326"


@dataclass(frozen=True)
class Layer:
    """One layer: its query, and the area code that confines it; None where only the place of a row can."""

    name: str
    statement: sa.Select[Any]
    code: sa.ColumnElement[str] | None


def _build_layers() -> dict[str, Layer]:
    unit = t.grid_unit.c
    areas = _select(t.area, "code", "name", "level", "kind", "households", "area_m2", "valid_from", "valid_to", "geom")
    areas = areas.add_columns(unit.code.label("unit_code"), unit.name.label("unit_name")).select_from(
        t.area.outerjoin(t.assignment, t.assignment.c.cell_id == t.area.c.id).outerjoin(
            t.grid_unit, unit.id == t.assignment.c.unit_id
        )
    )
    hazards = _select(t.hazard, "code", "kind", "severity", "title", "description", "state", "reported_at", "due_at")
    hazards = hazards.add_columns(
        *_columns(t.hazard, "closed_at", "area_code", "line_id", "mileage_m", "side", "lon", "lat")
    )
    segments = _select(t.rail_segment, "code", "from_m", "to_m", "side", "length_m", "setting", "risk", "interval_days")
    segments = segments.add_columns(*_columns(t.rail_segment, "visits", "spacing_min", "night", "by_hand"))
    segments = segments.add_columns(*_columns(t.rail_segment, "last_patrol_at", "area_code", "line_id", "geom"))
    segments = segments.add_columns(t.rail_line.c.name.label("line")).join(t.rail_line)
    teams = _select(t.team, "name", "kind", "members", "on_duty", "area_code")
    teams = (
        teams.add_columns(t.post.c.name.label("post"), *_columns(t.post, "lon", "lat"))
        .join(t.post)
        .where(t.team.c.retired_at.is_(None))
    )
    tracks = _select(t.rail_track, "way_id", "name", "ref", "usage", "service", "gauge_mm", "electrified", "high_speed")
    tracks = tracks.add_columns(*_columns(t.rail_track, "max_speed_kmh", "bridge", "tunnel", "length_m", "geom"))
    lines = _select(t.rail_line, "name", "ref", "prefix", "high_speed", "electrified", "gauge_mm", "start_m")
    roads = _select(t.road_edge, "way_id", "road_class", "name", "length_m", "speed_kmh", "car_forward", "car_backward")
    access = _select(t.access_point, "kind", "name", "line_id", "mileage_m", "drivable", "lon", "lat")
    layers = (
        Layer("areas", areas, t.area.c.code),
        Layer("grid_units", _select(t.grid_unit, "code", "name", "kind", "area_code", "lon", "lat"), unit.area_code),
        Layer("hazards", hazards, t.hazard.c.area_code),
        Layer(
            "network_sites",
            _select(t.network_site, "network", "kind", "name", "area_code", "lon", "lat"),
            t.network_site.c.area_code,
        ),
        Layer("posts", _select(t.post, "name", "kind", "area_code", "lon", "lat"), t.post.c.area_code),
        Layer("teams", teams, t.team.c.area_code),
        Layer("railway_lines", lines.add_columns(*_columns(t.rail_line, "length_m", "geom")), None),
        Layer("railway_segments", segments, t.rail_segment.c.area_code),
        Layer("railway_tracks", tracks, None),
        Layer("railway_features", _select(t.rail_feature, "kind", "name", "line_id", "mileage_m", "lon", "lat"), None),
        Layer("access_points", access, None),
        Layer("roads", roads.add_columns(*_columns(t.road_edge, "foot", "bridge", "tunnel", "geom")), None),
        Layer("places", _select(t.place, "kind", "name", "population", "lon", "lat"), None),
        Layer("basemap", _select(t.basemap_shape, "kind", "name", "geom"), None),
    )
    return {layer.name: layer for layer in layers}


def _columns(table: sa.Table, *names: str) -> list[sa.Column[Any]]:
    return [table.c[name] for name in names]


def _select(table: sa.Table, *names: str) -> sa.Select[Any]:
    return sa.select(*_columns(table, *names)).order_by(*table.primary_key.columns)


LAYERS = _build_layers()
"""Every layer by name, in the order in which they are written."""


def load_layer(
    connection: sa.Connection, name: str, *, scope_code: str, within: shapely.Geometry | None
) -> gpd.GeoDataFrame:
    """The rows of one layer, WGS-84, each column of one type; instants are UTC, dates ISO 8601 text.

    Rows with an area code are confined by `scope_code`, the others to those that meet `within` (None = everywhere).
    """
    layer = LAYERS[name]
    statement = layer.statement if layer.code is None else layer.statement.where(in_scope(layer.code, scope_code))
    result = connection.execute(statement)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    types = {column.name: column.type for column in statement.selected_columns}
    frame = frame.assign(**{c: _convert(frame[c], types[c]) for c in frame.columns if c != "geom"})
    if "geom" in frame:
        geometry = frame.pop("geom").to_numpy()
    else:
        geometry = shapely.points(frame.pop("lon").to_numpy(np.float64), frame.pop("lat").to_numpy(np.float64))
    found = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry, index=frame.index, crs=_WGS84))
    if layer.code is None and within is not None:
        shapely.prepare(within)
        found = found[shapely.intersects(within, found.geometry.to_numpy())].reset_index(drop=True)
    return found


def load_scope_shape(connection: sa.Connection, scope_code: str) -> shapely.Geometry | None:
    """The ground that a scope covers, empty where no area of it is loaded; None for the scope of everything."""
    if not scope_code:
        return None
    inside = in_scope(t.area.c.code, scope_code)
    highest = sa.select(sa.func.min(t.area.c.level)).where(inside).scalar_subquery()
    shapes = connection.scalars(sa.select(t.area.c.geom).where(inside, t.area.c.level == highest)).all()
    return shapely.union_all(np.array(shapes, object))


def _convert(column: pd.Series, type_: sa.types.TypeEngine[Any]) -> pd.Series:
    if isinstance(type_, t.UtcDateTime):
        return pd.to_datetime(column, utc=True)
    if isinstance(type_, sa.Date):
        return column.map(lambda day: None if day is None else day.isoformat())
    if isinstance(type_, sa.Boolean):
        return column.astype(bool)
    if isinstance(type_, sa.Integer):
        return column.astype("Int64")
    if isinstance(type_, sa.Float):
        return column.astype("float64")
    assert not isinstance(type_, Geometry)
    return column


def load_attributions(connection: sa.Connection) -> pd.DataFrame:
    """What must be said about each source. Columns: name, kind, attribution, licence, crs, data_as_of, imported_at."""
    c = t.source.c
    statement = sa.select(c.name, c.kind, c.attribution, c.licence, c.crs, c.data_as_of, c.imported_at).order_by(c.id)
    rows = connection.execute(statement).all()
    columns = [column.name for column in statement.selected_columns]
    frame = pd.DataFrame([tuple(row) for row in rows], columns=columns, dtype=object)
    for name in ("data_as_of", "imported_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame
