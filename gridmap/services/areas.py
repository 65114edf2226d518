"""Areas and cells, and bounds of what a person answers for; the way in to search and to cards."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.areas import count_below, find_above
from gridmap.services.cards import Card, load_card
from gridmap.services.context import Context
from gridmap.services.search import SearchHit, search
from gridmap.store import areas

__all__ = ["Card", "SearchHit", "load_bounds", "load_card", "load_cells", "load_scope_name", "load_tree", "search"]

_SHANXI = (110.2, 34.5, 114.6, 40.8)
"""Where the map opens before anything is loaded."""


def load_tree(context: Context, actor: Actor) -> pd.DataFrame:
    """The areas in scope above the cells, by code; the cells themselves where nothing lies above them.

    Columns: id, code, name, level, households, area_m2, parent_code (None at the top), cells (how many lie below).
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = areas.load_areas(connection, scope=actor.scope_code)
        lowest = areas.load_cell_level(connection)
    is_cell = found["level"] == lowest
    tree = found[~is_cell] if (~is_cell).any() else found
    counts = count_below(found.loc[is_cell, "code"])
    known = set(tree["code"])
    return tree.assign(
        parent_code=pd.Series([find_above(code, known) for code in tree["code"]], index=tree.index, dtype=object),
        cells=[counts[code] for code in tree["code"]],
    ).reset_index(drop=True)


def load_scope_name(context: Context, actor: Actor) -> str:
    """Name of the area the person is responsible for: of the scope, else of the topmost area loaded."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return areas.load_scope_name(connection, scope=actor.scope_code)


def load_cells(context: Context, actor: Actor, *, within: str = "") -> gpd.GeoDataFrame:
    """Cells in scope, the areas of the lowest level present.

    Columns: id, code, name, households, area_m2, unit_id, unit_name, version (of the assignment), geometry (WGS-84).
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return areas.load_cells(connection, scopes=(actor.scope_code, within))


def load_bounds(context: Context, actor: Actor) -> tuple[float, float, float, float]:
    """West, south, east, north of what lies in scope, degrees; the province before anything is loaded."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = areas.load_bounds(connection, scope=actor.scope_code)
    return _SHANXI if found is None else (found.x_min, found.y_min, found.x_max, found.y_max)
