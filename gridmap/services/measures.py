"""What areas are coloured by: one number for each cell, and for each area above the cells' own in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import FloatArray
from gridmap.errors import N_, NoData, NotFound
from gridmap.services import grids, hazards, routing, teams
from gridmap.services.context import Context
from gridmap.services.overlays import Overlay, pack_table
from gridmap.store import areas


def load_measure(context: Context, actor: Actor, *, name: str) -> Overlay:
    """A measure of the areas in scope as a table in the shape of `domain.columns`: id, value.

    load: households of the cell's unit over the average unit's; an area has the mean of its cells
    overdue_hazards: open hazards past their deadline in a cell; an area has the most of any of its cells
    response: minutes by road from the nearest team's post; an area has the mean of its cells
    households: households of a cell; an area has the mean of its cells

    Areas without a value are left out.

    Raises
    ------
    NotFound
        No such measure.
    """
    check_allowed(actor, Permission.VIEW)
    measure = _MEASURES.get(name)
    if measure is None:
        raise NotFound(N_("There is no such measure."), hint=N_("Reload the map."))
    # Deadlines pass by themselves, so the hour is part of what a measure was built from.
    hour = f"{context.clock():%Y%m%d%H}" if "hazards" in measure.topics else ""
    key = ("measure", name, actor.scope_code)
    revision = (*context.revisions(*measure.topics), hour)
    return context.cache.get(key, revision, lambda: pack_table(_spread(context, actor, measure)))


def _spread(context: Context, actor: Actor, measure: _Measure) -> pd.DataFrame:
    """The cells' own values, and of each area above what `measure.above` makes of those below it."""
    with context.database.read() as connection:
        cells = areas.load_owned_cells(connection, scope=actor.scope_code)
        upper = areas.load_areas(connection, scope=actor.scope_code)
    upper = upper[~upper["id"].isin(cells["id"])]
    values = pd.Series(measure.compute(context, actor, cells), index=cells.index).replace(np.inf, np.nan)
    found = [pd.DataFrame({"id": cells["id"], "value": values})]
    for digits, group in upper.groupby(upper["code"].str.len()):
        means = values.groupby(cells["code"].str[: int(digits)]).agg(measure.above)
        found.append(pd.DataFrame({"id": group["id"], "value": group["code"].map(means)}))
    table = pd.concat(found, ignore_index=True)
    table = table[table["value"].notna()]
    return table.astype({"id": "int64", "value": "float64"})


def _load(context: Context, actor: Actor, cells: pd.DataFrame) -> FloatArray:
    units = grids.list_units(context, actor)
    return np.asarray(cells["unit_id"].map(units.set_index("id")["load"]), np.float64)


def _overdue(context: Context, actor: Actor, cells: pd.DataFrame) -> FloatArray:
    found = hazards.list_hazards(context, actor)
    counts = found.loc[found["overdue"].astype(bool), "area_code"].value_counts()
    return np.asarray(cells["code"].map(counts).fillna(0), np.float64)


def _households(_: Context, __: Actor, cells: pd.DataFrame) -> FloatArray:
    return np.asarray(cells["households"].astype(float), np.float64)


def _response(context: Context, actor: Actor, cells: pd.DataFrame) -> FloatArray:
    crews = teams.list_teams(context, actor).drop_duplicates("post_id")
    with context.database.read() as connection:
        shapes = areas.load_cells(connection, scopes=(actor.scope_code,)).set_index("id").geometry
    points = shapely.get_coordinates(shapely.point_on_surface(shapes.loc[cells["id"]].to_numpy()))
    try:
        seconds = routing.nearest_times(
            context,
            actor,
            origins=list(zip(crews["post_lon"].astype(float), crews["post_lat"].astype(float), strict=True)),
            targets=[(float(lon), float(lat)) for lon, lat in points],
        )
    except NoData:
        return np.full(len(cells), np.nan)  # without roads no time is known, and the map says so
    return seconds / 60


@dataclass(frozen=True)
class _Measure:
    """How a measure is computed for cells, what an area above has of them, and what makes it old."""

    compute: Callable[[Context, Actor, pd.DataFrame], FloatArray]
    above: str
    topics: tuple[str, ...]


_MEASURES = {
    "load": _Measure(_load, "mean", ("areas", "units")),
    "overdue_hazards": _Measure(_overdue, "max", ("areas", "hazards")),
    "response": _Measure(_response, "mean", ("areas", "roads", "closures", "teams")),
    "households": _Measure(_households, "mean", ("areas",)),
}

MEASURES = tuple(_MEASURES)
"""Names of the measures."""
