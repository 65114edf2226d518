"""Units that are no more, by the name they had: history names them, and nothing gives them cells."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.unit_of_work import UnitOfWork

_unit, _closed = tables.grid_unit, tables.closed_unit


def known_units(alias: str = "known_unit") -> sa.Subquery:
    """Every unit there is or was: id, code, name, area_code."""
    names = ("id", "code", "name", "area_code")
    present, closed = (sa.select(*(table.c[name] for name in names)) for table in (_unit, _closed))
    return sa.union_all(present, closed).subquery(alias)


def load_codes(connection: sa.Connection) -> set[str]:
    """Codes of all units there are or were: none is given to another one."""
    return set(connection.scalars(sa.select(known_units().c.code)))


def load_names(connection: sa.Connection) -> dict[int, str]:
    """Name of every unit there is or was."""
    known = known_units().c
    return dict(connection.execute(sa.select(known.id, known.name)).all())


def close_unit(work: UnitOfWork, unit_id: int, *, day: date) -> None:
    """Take a unit out, and keep what it was called."""
    u = _unit.c
    row = work.connection.execute(sa.select(u.id, u.code, u.name, u.area_code).where(u.id == unit_id)).one()
    work.insert(_closed, {**row._mapping, "closed_on": day})
    work.delete_many(_unit, [unit_id])


def close_bulk(work: UnitOfWork, which: sa.ColumnElement[bool], *, day: date) -> None:
    """As `close_unit` for all units for which a condition holds, without a journal event each."""
    u = _unit.c
    kept = sa.select(u.id, u.code, u.name, u.area_code, sa.literal(day, sa.Date)).where(which)
    names = ["id", "code", "name", "area_code", "closed_on"]
    work.connection.execute(_closed.insert().from_select(names, kept))
    work.connection.execute(_unit.delete().where(which))
