"""What Alembic must know to compare a database with our tables, and to write the next migration."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects.postgresql.base import PGDialect

from gridmap.store.geometry import Geometry
from gridmap.store.positions import is_day_name
from gridmap.store.tables import UtcDateTime, metadata

_OWN_TYPES = {Geometry: "gridmap.store.geometry", UtcDateTime: "gridmap.store.tables"}


def find_differences(connection: sa.Connection) -> list[Any]:
    """How the database differs from `tables.metadata`, as Alembic's list of operations; empty when it does not."""
    read_geometry_columns(connection)
    context = MigrationContext.configure(connection, opts=build_options())
    return list(compare_metadata(context, metadata))


def build_options() -> dict[str, Any]:
    """Keyword arguments for Alembic's `configure`."""
    return {
        "target_metadata": metadata,
        "compare_type": _compare_type,
        "include_object": _include_object,
        "render_item": _render_item,
    }


def read_geometry_columns(connection: sa.Connection) -> None:
    """Teach this connection's dialect the name that PostGIS gives to our geometry type."""
    dialect = connection.dialect
    if isinstance(dialect, PGDialect):
        names: dict[str, Any] = {**dialect.ischema_names, "geometry": _reflect_geometry}
        dialect.ischema_names = names


def _reflect_geometry(*_: object, **__: object) -> Geometry:
    return Geometry()


def _include_object(_item: object, name: str | None, kind: str, reflected: bool, _compared: object) -> bool:
    if kind != "table" or not reflected or name is None:
        return True
    return name != "spatial_ref_sys" and not is_day_name(name)  # PostGIS's own, and partitions made when needed


def _compare_type(_context: object, _column: object, _metadata: object, present: Any, wanted: Any) -> bool | None:
    """False (no difference) where our type is kept under another name; None leaves it to Alembic."""
    if isinstance(wanted, Geometry):
        return not isinstance(present, Geometry | sa.LargeBinary)
    return None


def _render_item(kind: str, item: Any, context: AutogenContext) -> str | bool:
    if kind == "type" and type(item) in _OWN_TYPES:
        name = type(item).__name__
        context.imports.add(f"from {_OWN_TYPES[type(item)]} import {name}")
        return f"{name}()"
    return False
