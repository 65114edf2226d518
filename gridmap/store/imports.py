"""What an import replaces and what it holds on to: one source's rows go, the rows that come keep their ids.

A row that is there before and after a second import keeps its id, so that responsibilities, hazards and the journal go
on meaning the same cell, line or segment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.codes import RESERVED_PREFIX
from gridmap.domain.days import local_day
from gridmap.store import tables
from gridmap.store.bulk import insert_bulk
from gridmap.store.chiefs import load_chiefs, load_inspections
from gridmap.store.closed_units import close_bulk
from gridmap.store.cutting import load_segments_before
from gridmap.store.frames import load_layer
from gridmap.store.rail import load_mileage_points
from gridmap.store.unit_of_work import UnitOfWork
from gridmap.store.zones import load_zones

_READ_FROM_FILES = (
    tables.access_point,
    tables.rail_segment,
    tables.rail_feature,
    tables.rail_track,
    tables.rail_line,
    tables.turn_restriction,
    tables.road_edge,
    tables.road_node,
    tables.basemap_shape,
    tables.place,
    tables.area,
)
"""Tables that a dataset fills, children first. Grid units stay: people rename them and give them cells."""

_PLACED = (tables.hazard, tables.network_site, tables.post, tables.incident)
"""Tables whose rows are points that say in which area they lie; segments are cut anew."""


@dataclass(frozen=True)
class Responsibility:
    """Which unit a cell belonged to."""

    unit_id: int
    since: date
    version: int


@dataclass(frozen=True)
class Held:
    """What the rows of a source were before they went.

    Attributes
    ----------
    area_ids, responsibilities
        By area code.
    lines, segments
        `id`, `name`, `start_m` of lines with their geometries; columns of `store.cutting.load_segments_before`.
    hazard_lines
        Line id by hazard id.
    mileage_points, zones, chiefs, inspections
        Columns of `store.rail.load_mileage_points`, `store.zones.load_zones`, `store.chiefs.load_chiefs` and
        `load_inspections`.
    """

    area_ids: dict[str, int]
    responsibilities: dict[str, Responsibility]
    lines: gpd.GeoDataFrame
    segments: gpd.GeoDataFrame
    hazard_lines: dict[int, int]
    mileage_points: pd.DataFrame
    zones: gpd.GeoDataFrame
    chiefs: pd.DataFrame
    inspections: pd.DataFrame


def find_source(connection: sa.Connection, name: str) -> int | None:
    """Id of the source called `name`, None where it was never imported."""
    found: int | None = connection.scalar(sa.select(tables.source.c.id).where(tables.source.c.name == name))
    return found


def load_given_codes(connection: sa.Connection, *, source_name: str) -> dict[str, str]:
    """Codes that areas of a source were given under the reserved prefix, by external id."""
    a, s = tables.area.c, tables.source.c
    rows = connection.execute(
        sa.select(a.external_id, a.code)
        .join(tables.source, s.id == a.source_id)
        .where(s.name == source_name, a.external_id.is_not(None), a.code.startswith(RESERVED_PREFIX))
    )
    return dict(rows.all())


def load_boundaries(connection: sa.Connection, *, besides: str) -> gpd.GeoDataFrame:
    """Areas of every source but `besides`: code, level, area_m2, geometry."""
    a, s = tables.area.c, tables.source.c
    statement = sa.select(a.code, a.level, a.area_m2, a.geom).join(tables.source, s.id == a.source_id)
    return load_layer(connection, statement.where(s.name != besides))


def find_foreign_codes(connection: sa.Connection, codes: Sequence[str], *, source_id: int) -> list[str]:
    """Those of `codes` that areas of other sources hold, in order."""
    a = tables.area.c
    others = connection.scalars(sa.select(a.code).where(a.source_id.is_distinct_from(source_id)))
    return sorted(set(codes) & set(others))


# --- out --------------------------------------------------------------------------------------------------------


def replace_source(work: UnitOfWork, row: Mapping[str, Any]) -> tuple[int, Held]:
    """Write the row of a source, after taking out what an earlier import under its name brought.

    The source keeps its id. A generated source loses everything that names it, units, hazards and teams included.
    """
    known = find_source(work.connection, row["name"])
    if known is None:
        inserted = work.connection.execute(tables.source.insert().values(**row)).inserted_primary_key
        assert inserted is not None
        return int(inserted[0]), _hold(work.connection, None)
    held = _hold(work.connection, known)
    sourced = [t for t in reversed(tables.metadata.sorted_tables) if "source_id" in t.c]
    for table in sourced if row["synthetic"] else _READ_FROM_FILES:
        work.connection.execute(table.delete().where(table.c.source_id == known))
    work.connection.execute(tables.source.update().where(tables.source.c.id == known).values(**row))
    return known, held


def remove_areas(work: UnitOfWork, codes: Sequence[str]) -> Held:
    """Take areas out, whatever source they came from, so that another may bring them."""
    held = _hold(work.connection, None, codes=codes)
    work.connection.execute(
        tables.area.delete().where(tables.area.c.code == sa.bindparam("gone")), [{"gone": code} for code in codes]
    )
    return held


def _hold(connection: sa.Connection, source_id: int | None, *, codes: Sequence[str] = ()) -> Held:
    a, l_ = tables.area.c, tables.rail_line.c
    areas = connection.execute(sa.select(a.code, a.id, a.source_id)).all()
    ids = {code: area_id for code, area_id, source in areas if source == source_id or code in set(codes)}
    c = tables.assignment.c
    owned = {
        cell_id: Responsibility(unit_id, since, version)
        for cell_id, unit_id, since, version in connection.execute(sa.select(c.cell_id, c.unit_id, c.since, c.version))
    }
    lines = load_layer(connection, sa.select(l_.id, l_.name, l_.start_m, l_.geom).where(l_.source_id == source_id))
    h = tables.hazard.c
    hazards = connection.execute(
        sa.select(h.id, h.line_id).join(tables.rail_line, l_.id == h.line_id).where(l_.source_id == source_id)
    )
    line_ids = [int(i) for i in lines["id"]]
    return Held(
        area_ids=ids,
        responsibilities={code: owned[area_id] for code, area_id in ids.items() if area_id in owned},
        lines=lines,
        segments=load_segments_before(connection, source_id),
        hazard_lines=dict(hazards.all()),
        mileage_points=load_mileage_points(connection, line_ids=line_ids),
        zones=load_zones(connection, line_ids=line_ids),
        chiefs=load_chiefs(connection, line_ids=line_ids),
        inspections=load_inspections(connection, line_ids=line_ids),
    )


# --- back in ----------------------------------------------------------------------------------------------------


def restore_responsibilities(work: UnitOfWork, area_ids: Mapping[str, int], held: Held) -> set[str]:
    """Give cells back to the units they belonged to; returns the codes of those cells."""
    units = set(work.connection.scalars(sa.select(tables.grid_unit.c.id)))
    back = {code: own for code, own in held.responsibilities.items() if code in area_ids and own.unit_id in units}
    insert_bulk(
        work,
        tables.assignment,
        (
            {"cell_id": area_ids[code], "unit_id": own.unit_id, "since": own.since, "version": own.version}
            for code, own in back.items()
        ),
    )
    return set(back)


def restore_hazard_lines(work: UnitOfWork, held: Held) -> None:
    """Point hazards at the lines they were reported on, where those are still there."""
    lines = set(work.connection.scalars(sa.select(tables.rail_line.c.id)))
    back = [{"hazard": h, "line": line} for h, line in held.hazard_lines.items() if line in lines]
    if back:
        table = tables.hazard
        statement = table.update().where(table.c.id == sa.bindparam("hazard")).values(line_id=sa.bindparam("line"))
        work.connection.execute(statement, back)


def load_units_by_code(connection: sa.Connection) -> dict[str, int]:
    """Id of every grid unit by its code."""
    u = tables.grid_unit.c
    return dict(connection.execute(sa.select(u.code, u.id)).all())


def remove_idle_units(work: UnitOfWork, *, source_id: int) -> None:
    """Close units that an earlier import of this source made and that are left without a cell and without an area."""
    u = tables.grid_unit.c
    is_idle = sa.and_(
        u.source_id == source_id,
        u.id.not_in(sa.select(tables.assignment.c.unit_id)),
        u.area_code.not_in(sa.select(tables.area.c.code)),
    )
    close_bulk(work, is_idle, day=local_day(work.at))


# --- where things lie -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Misplaced:
    """A row whose area is gone, was never found, or is one of the reserved codes."""

    table: str
    row_id: int
    area_code: str
    lon: float
    lat: float


def load_misplaced(connection: sa.Connection) -> list[Misplaced]:
    """Hazards, sites, posts and incidents whose area may have to be found anew."""
    found: list[Misplaced] = []
    codes = sa.select(tables.area.c.code)
    for table in _PLACED:
        c = table.c
        doubtful = sa.or_(c.area_code.not_in(codes), c.area_code.startswith(RESERVED_PREFIX))
        rows = connection.execute(sa.select(c.id, c.area_code, c.lon, c.lat).where(doubtful).order_by(c.id))
        found += [Misplaced(table.name, *row) for row in rows]
    return found


def save_places(work: UnitOfWork, moved: Sequence[tuple[Misplaced, str]]) -> None:
    """Write the area of rows whose area was found anew."""
    for table in _PLACED:
        rows = [{"row": item.row_id, "found": code} for item, code in moved if item.table == table.name]
        if rows:
            statement = table.update().where(table.c.id == sa.bindparam("row"))
            work.connection.execute(statement.values(area_code=sa.bindparam("found")), rows)
