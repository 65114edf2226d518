"""One geometry column type for both engines: WKB in SQLite, `geometry(…, 4326)` in PostGIS; shapely on our side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import UserDefinedType

SRID = 4326

Box = tuple[float, float, float, float]
"""x_min, y_min, x_max, y_max, degrees."""


class Geometry(UserDefinedType[shapely.Geometry]):
    """A shapely geometry in WGS-84 longitude and latitude, degrees."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "BLOB"

    def bind_processor(self, dialect: Dialect) -> Callable[[shapely.Geometry | None], Any]:
        if dialect.name == "postgresql":
            return lambda g: (
                None if g is None else shapely.to_wkb(shapely.set_srid(g, SRID), hex=True, include_srid=True)
            )
        return lambda g: None if g is None else shapely.to_wkb(g)

    def result_processor(
        self,
        dialect: Dialect,
        coltype: object,
    ) -> Callable[[Any], shapely.Geometry | None]:
        return lambda value: None if value is None else shapely.from_wkb(value)


class PackedGeometry(Geometry):
    """The same column read as the engine hands it over: WKB, in hexadecimal from PostGIS."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> None:  # type: ignore[override]
        return None


@compiles(Geometry, "postgresql")
def _compile_postgis(_type: Geometry, _compiler: Any, **_: Any) -> str:
    return f"geometry(Geometry,{SRID})"


def bounds_columns() -> list[sa.Column[float]]:
    """Four indexed-by-hand bounding-box columns, degrees, that make one box query work on both engines."""
    return [sa.Column(name, sa.Float, nullable=False) for name in ("x_min", "y_min", "x_max", "y_max")]


def box_of(table: sa.Table) -> list[sa.Column[float]]:
    """The bounding-box columns of a table."""
    return [table.c[name] for name in ("x_min", "y_min", "x_max", "y_max")]


def geometry_values(geometry: shapely.Geometry) -> dict[str, Any]:
    """Values of a `geom` column and its four bounding-box columns."""
    x_min, y_min, x_max, y_max = shapely.bounds(geometry).tolist()
    return {"geom": geometry, "x_min": x_min, "y_min": y_min, "x_max": x_max, "y_max": y_max}


def meets(table: sa.Table, box_wgs84: Box | None) -> sa.ColumnElement[bool]:
    """As `intersects_box`; without a box, every row."""
    return sa.true() if box_wgs84 is None else intersects_box(table, box_wgs84)


def intersects_box(table: sa.Table, box_wgs84: Box) -> sa.ColumnElement[bool]:
    """Condition that a row's bounding box meets (x_min, y_min, x_max, y_max), degrees."""
    x_min, y_min, x_max, y_max = box_wgs84
    c = table.c
    return sa.and_(c.x_min <= x_max, c.x_max >= x_min, c.y_min <= y_max, c.y_max >= y_min)
