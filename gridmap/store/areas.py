"""Areas, grid units and who is responsible for which cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.areas import find_narrowest
from gridmap.store import tables
from gridmap.store.frames import contains_text, in_scope, load_frame, load_layer
from gridmap.store.geometry import Box, box_of, geometry_values, meets
from gridmap.store.snapshots import chunked
from gridmap.store.unit_of_work import UnitOfWork

_area, _unit, _assignment = tables.area, tables.grid_unit, tables.assignment


@dataclass(frozen=True)
class Bounds:
    """A box in degrees."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float


def load_cell_level(connection: sa.Connection) -> int | None:
    """The lowest level present: its areas are the cells. None where no area is loaded."""
    level: int | None = connection.scalar(sa.select(sa.func.max(_area.c.level)))
    return level


def load_areas(connection: sa.Connection, *, scope: str) -> pd.DataFrame:
    """Areas in scope without geometry: id, code, name, level, households, area_m2."""
    c = _area.c
    statement = sa.select(c.id, c.code, c.name, c.level, c.households, c.area_m2)
    return load_frame(connection, statement.where(in_scope(c.code, scope)).order_by(c.code))


def load_scope_name(connection: sa.Connection, *, scope: str) -> str:
    """Name of the area called `scope`, of the topmost one where that is ""; "" where there is none."""
    c = _area.c
    statement = sa.select(c.name).where(c.code == scope) if scope else sa.select(c.name).order_by(c.level, c.code)
    return connection.scalar(statement.limit(1)) or ""


def load_area_shapes(connection: sa.Connection) -> gpd.GeoDataFrame:
    """Every area with its geometry: id, code, name, level."""
    c = _area.c
    return load_layer(connection, sa.select(c.id, c.code, c.name, c.level, c.geom).order_by(c.code))


def load_level(connection: sa.Connection, level: int, *, box: Box | None = None) -> gpd.GeoDataFrame:
    """Areas of a level, those that meet `box` and those next to them: id, geometry.

    The neighbours are there for the borders: one that lies in the box ends where it ends among all areas.
    """
    c = _area.c
    of_level = sa.and_(c.level == level, meets(_area, box))
    if box is not None:
        ends = sa.select(sa.func.min(c.x_min), sa.func.min(c.y_min), sa.func.max(c.x_max), sa.func.max(c.y_max))
        west, south, east, north = connection.execute(ends.where(of_level)).one()
        if west is None:
            return load_layer(connection, sa.select(c.id, c.geom).where(sa.false()))
        of_level = sa.and_(c.level == level, meets(_area, (west, south, east, north)))
    return load_layer(connection, sa.select(c.id, c.geom).where(of_level).order_by(c.id))


def load_boxes(connection: sa.Connection, *, scope: str, code: str | None = None) -> pd.DataFrame:
    """Boxes of the areas in scope above the cells, or of the one called `code`, by code.

    Columns: code, name, level, x_min, y_min, x_max, y_max.
    """
    c = _area.c
    chosen = c.level < _cell_level() if code is None else c.code == code
    statement = sa.select(c.code, c.name, c.level, c.x_min, c.y_min, c.x_max, c.y_max)
    return load_frame(connection, statement.where(chosen, in_scope(c.code, scope)).order_by(c.code))


def load_level_boxes(connection: sa.Connection, level: int, *, box: Box | None = None) -> pd.DataFrame:
    """Areas of a level that meet `box`, by id: id, x_min, y_min, x_max, y_max."""
    statement = sa.select(_area.c.id, *box_of(_area)).where(_area.c.level == level, meets(_area, box))
    return load_frame(connection, statement.order_by(_area.c.id))


def count_level(connection: sa.Connection, level: int, *, box: Box | None = None) -> int:
    """How many areas of a level meet `box`."""
    statement = sa.select(sa.func.count()).select_from(_area).where(_area.c.level == level, meets(_area, box))
    return int(connection.scalar(statement) or 0)


def load_mean_sizes(connection: sa.Connection) -> pd.DataFrame:
    """How large the areas of each level are in the mean, and how far north they lie: level, area_m2, latitude."""
    c = _area.c
    means = (sa.func.avg(c.area_m2).label("area_m2"), sa.func.avg((c.y_min + c.y_max) / 2).label("latitude"))
    return load_frame(connection, sa.select(c.level, *means).group_by(c.level).order_by(c.level))


def load_area(connection: sa.Connection, area_id: int, *, scope: str) -> gpd.GeoDataFrame:
    """One area in scope, or no row: id, code, name, level, households, area_m2, unit_name, geometry."""
    c = _area.c
    statement = (
        sa.select(c.id, c.code, c.name, c.level, c.households, c.area_m2, _unit.c.name.label("unit_name"), c.geom)
        .select_from(_owned_areas())
        .where(c.id == area_id, in_scope(c.code, scope))
    )
    return load_layer(connection, statement)


def find_areas(connection: sa.Connection, *, text: str, scope: str, limit: int) -> gpd.GeoDataFrame:
    """Areas in scope whose name holds `text` or whose code begins with it, the widest first: id, name, geometry."""
    c = _area.c
    fits = sa.or_(contains_text(c.name, text), c.code.startswith(text, autoescape=True))
    statement = sa.select(c.id, c.name, c.geom).where(fits, in_scope(c.code, scope))
    return load_layer(connection, statement.order_by(c.level, c.code).limit(limit))


def count_cells(connection: sa.Connection, *, within: str) -> int:
    """Number of cells at or below an area."""
    c = _area.c
    statement = sa.select(sa.func.count()).where(c.level == _cell_level(), in_scope(c.code, within))
    return int(connection.scalar(statement) or 0)


def _cell_level() -> sa.ScalarSelect[int]:
    return sa.select(sa.func.max(_area.c.level)).scalar_subquery()


def _owned_areas() -> sa.FromClause:
    """Areas with their unit, where they have one."""
    owned = _area.outerjoin(_assignment, _assignment.c.cell_id == _area.c.id)
    return owned.outerjoin(_unit, _unit.c.id == _assignment.c.unit_id)


def load_cells(connection: sa.Connection, *, scopes: Sequence[str]) -> gpd.GeoDataFrame:
    """Cells: id, code, name, households, area_m2, unit_id, unit_name, assignment version, geometry."""
    c = _area.c
    statement = (
        sa.select(
            c.id,
            c.code,
            c.name,
            c.households,
            c.area_m2,
            _assignment.c.unit_id,
            _unit.c.name.label("unit_name"),
            _assignment.c.version,
            c.geom,
        )
        .select_from(_owned_areas())
        .where(c.level == _cell_level(), in_scope(c.code, *scopes))
        .order_by(c.code)
    )
    return load_layer(connection, statement)


def load_owned_cells(connection: sa.Connection, *, scope: str, ids: Sequence[int] | None = None) -> pd.DataFrame:
    """Cells in scope (among `ids` where given) by code, without their shapes.

    Columns: id, code, unit_id (None = nobody's), households.
    """
    c = _area.c
    owned = _area.outerjoin(_assignment, _assignment.c.cell_id == c.id)
    statement = sa.select(c.id, c.code, _assignment.c.unit_id, c.households).select_from(owned)
    statement = statement.where(c.level == _cell_level(), in_scope(c.code, scope)).order_by(c.code)
    return load_frame(connection, statement if ids is None else statement.where(c.id.in_(list(ids))))


def load_bounds(connection: sa.Connection, *, scope: str) -> Bounds | None:
    """Box around the areas in scope, else around the roads and tracks, None where nothing is loaded."""
    for table in (_area, tables.road_edge, tables.rail_track):
        c = table.c
        statement = sa.select(sa.func.min(c.x_min), sa.func.min(c.y_min), sa.func.max(c.x_max), sa.func.max(c.y_max))
        if table is _area:
            statement = statement.where(in_scope(c.code, scope))
        row = connection.execute(statement).one()
        if row[0] is not None:
            return Bounds(*row)
    return None


def load_units(connection: sa.Connection, *, scope: str) -> pd.DataFrame:
    """Grid units in scope: id, code, name, kind, area_code, lon, lat."""
    c = _unit.c
    statement = sa.select(c.id, c.code, c.name, c.kind, c.area_code, c.lon, c.lat)
    return load_frame(connection, statement.where(in_scope(c.area_code, scope)).order_by(c.code))


def load_unit_places(connection: sa.Connection, unit_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Name and area code of those of the units that exist."""
    c = _unit.c
    rows = connection.execute(sa.select(c.id, c.name, c.area_code).where(c.id.in_(list(unit_ids))))
    return {unit: (name, code) for unit, name, code in rows}


def load_codes(connection: sa.Connection, area_ids: Sequence[int]) -> dict[int, str]:
    """Code of those of the areas that exist."""
    c = _area.c
    chunks = (connection.execute(sa.select(c.id, c.code).where(c.id.in_(chunk))).all() for chunk in chunked(area_ids))
    return {area: code for chunk in chunks for area, code in chunk}


def load_assignments(connection: sa.Connection, cell_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Unit and version of those of the cells that somebody is responsible for."""
    c = _assignment.c
    found: dict[int, tuple[int, int]] = {}
    for chunk in chunked(list(cell_ids)):
        rows = connection.execute(sa.select(c.cell_id, c.unit_id, c.version).where(c.cell_id.in_(chunk))).all()
        found |= {cell: (unit, version) for cell, unit, version in rows}
    return found


def load_ownership(connection: sa.Connection) -> npt.NDArray[np.int64]:
    """Who is responsible for which cell: a row of cell id, unit id and version each, by cell."""
    c = _assignment.c
    rows = connection.execute(sa.select(c.cell_id, c.unit_id, c.version).order_by(c.cell_id)).all()
    return np.fromiter(chain.from_iterable(rows), np.int64, 3 * len(rows)).reshape(-1, 3)


def load_shapes(connection: sa.Connection, area_ids: Collection[int]) -> gpd.GeoDataFrame:
    """Those of the areas that exist, by id: id, code, name, geometry (WGS-84)."""
    c = _area.c
    statement = sa.select(c.id, c.code, c.name, c.geom).order_by(c.id)
    found = [load_layer(connection, statement.where(c.id.in_(chunk))) for chunk in chunked(sorted(area_ids))]
    if not found:
        return load_layer(connection, statement.where(sa.false()))
    return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=found[0].crs)


def count_held(connection: sa.Connection, unit_id: int) -> int:
    """How many cells a unit is responsible for."""
    statement = sa.select(sa.func.count()).where(_assignment.c.unit_id == unit_id)
    return int(connection.scalar(statement) or 0)


def save_shapes(work: UnitOfWork, shapes: Mapping[int, tuple[shapely.Geometry, float]]) -> None:
    """Redraw areas: by id the new geometry (WGS-84) and its area, square metres."""
    work.update_many(
        _area, {i: {**geometry_values(shape), "area_m2": area_m2} for i, (shape, area_m2) in shapes.items()}
    )


def find_area_code(connection: sa.Connection, *, lon: float, lat: float) -> str:
    """Code of the smallest area that holds a point, "" outside all of them."""
    c = _area.c
    inside = sa.and_(c.x_min <= lon, c.x_max >= lon, c.y_min <= lat, c.y_max >= lat)
    found = load_layer(connection, sa.select(c.code, c.geom).where(inside))
    return find_narrowest(found.loc[found.covers(shapely.Point(lon, lat)), "code"]) if len(found) else ""


def load_places(connection: sa.Connection, *, text: str, limit: int) -> pd.DataFrame:
    """Places whose name holds `text`: id, kind, name, lon, lat."""
    c = tables.place.c
    statement = sa.select(c.id, c.kind, c.name, c.lon, c.lat).where(contains_text(c.name, text))
    return load_frame(connection, statement.order_by(sa.func.length(c.name), c.name).limit(limit))
