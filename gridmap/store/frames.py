"""Results of a query as a table, with its schema even where no row fits."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.codes import code_range

_WGS84 = "EPSG:4326"


def load_frame(connection: sa.Connection, statement: sa.Select[Any]) -> pd.DataFrame:
    """The rows of `statement` under the names of its columns; NULL stays None."""
    result = connection.execute(statement)
    return pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object).infer_objects()


def load_layer(connection: sa.Connection, statement: sa.Select[Any]) -> gpd.GeoDataFrame:
    """As `load_frame` for a statement that selects `geom`, which becomes the WGS-84 geometry column."""
    frame = load_frame(connection, statement).rename(columns={"geom": "geometry"})
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=_WGS84)


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
