"""Choosing cells by a railway or road that runs through them, or by what they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import check_number
from gridmap.domain.crs import compute_lengths_m
from gridmap.domain.hazards import OPEN
from gridmap.errors import N_, NotFound
from gridmap.services.context import Context
from gridmap.store import areas, hazards, rail, roads
from gridmap.store import change_orders as orders
from gridmap.store.geometry import Box

_THROUGH_M = 10.0
"""A line that runs through a cell for less only touches it."""

_NAMES = 50

Limits = tuple[float | None, float | None]
"""From and to, both included; None for no limit."""


@dataclass(frozen=True, kw_only=True)
class CellCriteria:
    """What cells must have, all of it; None where it does not matter.

    Parameters
    ----------
    households, area_m2
        A cell whose households are not known fits no limit.
    within
        Code of the area the cells lie in, "" for all in scope.
    """

    households: Limits = (None, None)
    area_m2: Limits = (None, None)
    unit_id: int | None = None
    within: str = ""
    locked: bool | None = None
    open_hazards: bool | None = None


def choose_by(context: Context, actor: Actor, *, criteria: CellCriteria) -> tuple[int, ...]:
    """Ids of the cells in scope that fit.

    Raises
    ------
    NotFound
        No cell does.
    InvalidInput
        More do than one order may move.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        cells = areas.load_cells(connection, scopes=(actor.scope_code, criteria.within))
        fits = _lies_between(cells["households"], criteria.households)
        fits &= _lies_between(cells["area_m2"], criteria.area_m2)
        if criteria.unit_id is not None:
            fits &= (cells["unit_id"] == criteria.unit_id).to_numpy(bool)
        if criteria.locked is not None:
            fits &= cells["id"].isin(orders.find_locked(connection, list(cells["id"]))).to_numpy() == criteria.locked
        if criteria.open_hazards is not None:
            found = hazards.load_hazards_in(connection, list(cells["code"]), states=OPEN)
            fits &= cells["code"].isin({code for _, code, _ in found}).to_numpy() == criteria.open_hazards
    return _check_found(cells.loc[fits, "id"])


def choose_along(
    context: Context, actor: Actor, *, line_id: int | None = None, road: str = "", within: str = ""
) -> tuple[int, ...]:
    """Ids of the cells in scope that a railway line, or every road called `road`, runs through or along.

    Raises as `choose_by`; NotFound also where there is no such line or road.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        cells = areas.load_cells(connection, scopes=(actor.scope_code, within))
        lines = _load_lines(connection, cells, line_id, road)
    return _check_found(cells.loc[_find_crossed(cells.geometry.to_numpy(), lines), "id"])


def list_road_names(context: Context, actor: Actor, *, text: str) -> list[str]:
    """Names of roads in the actor's area that hold `text`, the longest roads first."""
    check_allowed(actor, Permission.VIEW)
    if not text.strip():
        return []
    with context.database.read() as connection:
        bounds = areas.load_bounds(connection, scope=actor.scope_code)
        if bounds is None:
            return []
        box = (bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max)
        return roads.find_road_names(connection, text=text.strip(), box=box, limit=_NAMES)


def _lies_between(values: pd.Series, limits: Limits) -> np.ndarray:
    least, most = limits
    given = pd.to_numeric(values, errors="coerce").to_numpy(float)
    fits = np.ones(len(given), bool)
    if least is not None:
        fits &= given >= least
    if most is not None:
        fits &= given <= most
    return fits


def _check_found(ids: Sequence[int]) -> tuple[int, ...]:
    if len(ids) == 0:
        raise NotFound(N_("No cell fits what you chose."), hint=N_("Ask for less, or choose another area."))
    check_number(len(ids))
    return tuple(int(cell) for cell in ids)


def _load_lines(connection: sa.Connection, cells: gpd.GeoDataFrame, line_id: int | None, road: str) -> np.ndarray:
    if line_id is not None:
        found = rail.load_lines(connection)
        lines = found.loc[found["id"] == line_id].geometry.to_numpy()
    else:
        west, south, east, north = (float(value) for value in cells.total_bounds) if len(cells) else (0.0,) * 4
        box: Box = (west, south, east, north)
        lines = roads.load_named_roads(connection, name=road.strip(), box=box).geometry.to_numpy()
    if len(lines) == 0:
        raise NotFound(N_("There is no such road or line in your area."), hint=N_("Look its name up on the map."))
    return np.asarray(lines, object)


def _find_crossed(cells: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Positions of the cells that the lines together run through for at least ten metres."""
    which, what = shapely.STRtree(cells).query(lines, predicate="intersects")
    inside = compute_lengths_m(np.asarray(shapely.intersection(lines[which], cells[what]), object))
    length = np.bincount(what, weights=inside, minlength=len(cells))
    return np.flatnonzero(length >= _THROUGH_M)
