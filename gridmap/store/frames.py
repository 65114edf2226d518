"""Results of a query as a table, with its schema even where no row fits."""

from __future__ import annotations

from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.codes import code_range
from gridmap.store.geometry import Geometry, PackedGeometry

Frame = TypeVar("Frame", bound=pd.DataFrame)

_WGS84 = "EPSG:4326"


def load_frame(connection: sa.Connection, statement: sa.Select[Any]) -> pd.DataFrame:
    """The rows of `statement` under the names of its columns.

    NULL may come as NaN beside texts, and comes as NaN beside numbers; see `keep_none`.
    """
    result = connection.execute(statement)
    names = list(result.keys())
    # Column by column: given rows, pandas asks each of them what it is, at ten times the cost of the query.
    columns = zip(*result.all(), strict=True) if result.returns_rows else ()
    values = {name: pd.Series(column, dtype=object) for name, column in zip(names, columns, strict=False)}
    return pd.DataFrame(values, columns=names, dtype=object).infer_objects()


def keep_none(frame: Frame, *names: str) -> Frame:
    """The frame with None, not NaN, where a text of these columns is missing: NaN counts as true and reads “nan”."""
    kept: Frame = frame.assign(**{n: frame[n].astype(object).where(frame[n].notna(), None) for n in names})
    return kept


def load_layer(connection: sa.Connection, statement: sa.Select[Any]) -> gpd.GeoDataFrame:
    """As `load_frame` for a statement that selects `geom`, which becomes the WGS-84 geometry column."""
    columns = [_pack(column) for column in statement.selected_columns]
    frame = load_frame(connection, statement.with_only_columns(*columns, maintain_column_froms=True))
    # All at once: a call for each row costs more than reading the shapes.
    shapes = shapely.from_wkb(frame.pop("geom").to_numpy(object))
    return gpd.GeoDataFrame(frame, geometry=np.asarray(shapes, object), crs=_WGS84)


def _pack(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, PackedGeometry()).label("geom") if isinstance(column.type, Geometry) else column


def in_scope(column: sa.ColumnElement[str], *prefixes: str) -> sa.ColumnElement[bool]:
    """Condition that a code lies at or below every one of `prefixes`, as half-open ranges."""
    clauses = []
    for prefix in prefixes:
        if prefix:
            low, high = code_range(prefix)
            clauses += [column >= low, column < high]
    return sa.and_(sa.true(), *clauses)


def contains_text(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Condition that a column holds `text` as it stands, large and small letters alike."""
    return column.icontains(text, autoescape=True)
