"""What makes work in each cell, what each unit carries of it, and how a supervisor values it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import compute_lengths_m
from gridmap.domain.districting.contiguity import NOBODY
from gridmap.domain.districting.workload import Weights, weigh_cells
from gridmap.domain.hazards import OPEN
from gridmap.errors import N_, NotAllowed
from gridmap.services.context import Context
from gridmap.services.station_times import get_station_times
from gridmap.services.territory import Ground, HeldTerritory, load_ground, load_territory
from gridmap.store import areas, hazards, networks, rail
from gridmap.store.datasets import load_setting, save_setting

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_WEIGHTS = "workload_weights"
_CUT = 40
"""Vertices of a line that are laid over cells at once: a whole line would be compared with every cell it passes."""

_TOPICS: Mapping[str, tuple[str, ...]] = {
    "households": ("areas",),
    "area_km2": ("areas",),
    "hazards": ("areas", "hazards"),
    "sites": ("areas", "rail", "networks"),
    "rail_km": ("areas", "rail"),
    "minutes": ("areas", "roads", "units"),
}
"""What each measure is made of."""


# --- weights ------------------------------------------------------------------------------------------------------


def load_weights(context: Context, actor: Actor) -> Weights:
    """How much each measure counts here."""
    check_allowed(actor, Permission.VIEW)
    return _get_weights(context)


def save_weights(context: Context, actor: Actor, *, weights: Weights) -> None:
    """Set how much each measure counts, for every area.

    Raises
    ------
    NotAllowed
        The role may not, or the account is confined to an area.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    if actor.scope_code:
        raise NotAllowed(
            N_("What counts as work is set for all areas at once."),
            hint=N_("Ask somebody whose account is not confined to an area."),
        )
    with context.database.write(actor, kind="workload_weights") as work:
        save_setting(work, _WEIGHTS, asdict(weights))
        work.note("workload_weights", asdict(weights))
        work.touch("units")


def _get_weights(context: Context) -> Weights:
    def read() -> Weights:
        with context.database.read() as connection:
            return Weights(**load_setting(connection, _WEIGHTS, {}))

    return context.cache.get("workload_weights", context.revisions("units"), read)


# --- cells --------------------------------------------------------------------------------------------------------


def load_weighed_territory(context: Context) -> HeldTerritory:
    """The territory with what each cell weighs, 1 in the mean."""
    held, weights = load_territory(context), _get_weights(context)
    names = tuple(weights.list_counting())
    topics = sorted({topic for name in names for topic in _TOPICS[name]})
    revision = (*context.revisions("areas", "units", "change_orders", "borders", *topics), weights)

    def weigh() -> HeldTerritory:
        measures = {name: _measure(context, held, name) for name in names}
        load = weigh_cells(measures, weights, cells=len(held.cells))
        return replace(held, territory=replace(held.territory, load=load))

    return context.cache.get("weighed_territory", revision, weigh)


def _measure(context: Context, held: HeldTerritory, name: str) -> FloatArray:
    if name == "households":
        return held.territory.households.astype(np.float64)
    if name == "area_km2":
        return held.territory.area_m2 / 1e6
    if name == "minutes":
        return _measure_minutes(context, held, np.arange(len(held.cells)))
    return context.cache.get(
        ("cell_measure", name),
        context.revisions(*_TOPICS[name]),
        lambda: _MEASURED[name](context, load_ground(context)),
    )


def _measure_minutes(context: Context, held: HeldTerritory, cells: IntArray) -> FloatArray:
    """Minutes by road to each of `cells` from the station of its unit; not a number where that is not known."""
    times = get_station_times(context)
    return np.full(len(cells), np.nan) if times is None else times.measure_own(held, cells)


def _count_hazards(context: Context, ground: Ground) -> FloatArray:
    with context.database.read() as connection:
        found = hazards.count_by_area(connection, states=OPEN)
    return np.asarray(ground.cells["code"].map(found).fillna(0), np.float64)


def _count_sites(context: Context, ground: Ground) -> FloatArray:
    """Sites of the control networks, and stations, crossings and structures of the railways."""
    with context.database.read() as connection:
        sites = networks.load_sites(connection, scope="")
        features = rail.load_rail_features(connection)
        cells = areas.load_cells(connection, scopes=())
    lonlat = np.concatenate([table[["lon", "lat"]].to_numpy(np.float64) for table in (sites, features)])
    place, cell = shapely.STRtree(cells.geometry.to_numpy()).query(shapely.points(lonlat), predicate="intersects")
    # One that stands on a border is of the first cell by code.
    _, first = np.unique(place, return_index=True)
    cell = cell[np.lexsort((cell, place))][first]
    return np.bincount(cell, minlength=len(ground.cells)).astype(np.float64)


def _measure_rail(context: Context, ground: Ground) -> FloatArray:
    """Kilometres of railway lines in each cell."""
    with context.database.read() as connection:
        lines = rail.load_lines(connection)
        cells = areas.load_cells(connection, scopes=()).geometry.to_numpy()
    pieces = np.array(_cut_lines(lines), object)
    tree = shapely.STRtree(cells)
    piece, cell = tree.query(pieces, predicate="intersects") if len(pieces) else (np.zeros(0, np.int64),) * 2
    length_m = compute_lengths_m(shapely.intersection(cells[cell], pieces[piece]))
    return np.bincount(cell, weights=length_m / 1000, minlength=len(cells)).astype(np.float64)


def _cut_lines(lines: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    return [
        shapely.LineString(xy[start : start + _CUT + 1])
        for xy in map(shapely.get_coordinates, lines.geometry)
        for start in range(0, len(xy) - 1, _CUT)
    ]


_MEASURED = {"hazards": _count_hazards, "sites": _count_sites, "rail_km": _measure_rail}


def measure_cells(context: Context, actor: Actor, *, area_code: str = "") -> pd.DataFrame:
    """What makes work in each cell of an area in scope, by code.

    Columns: id, code, unit_id (missing = nobody's), households, area_km2, hazards (open ones), sites (places to check),
    rail_km, minutes (by road from the station of its unit; not a number where no road is known to lead there), load
    (1 in the mean of all cells).
    """
    check_allowed(actor, Permission.VIEW)
    held = load_weighed_territory(context)
    codes = held.cells["code"]
    chosen = np.flatnonzero([actor.covers(code) and code.startswith(area_code) for code in codes])
    unit = held.owner[chosen]
    ids = pd.array(np.append(held.unit_ids, 0)[unit], dtype="Int64")
    ids[unit == NOBODY] = pd.NA
    head = {"id": held.cell_ids[chosen], "code": codes.iloc[chosen].to_numpy(), "unit_id": ids}
    return pd.DataFrame({**head, **_measure_all(context, held, chosen)})


def _measure_all(context: Context, held: HeldTerritory, cells: IntArray) -> dict[str, FloatArray]:
    """Every measure of `cells`, and the load."""
    plain = {name: _measure(context, held, name)[cells] for name in _TOPICS if name != "minutes"}
    return {**plain, "minutes": _measure_minutes(context, held, cells), "load": held.territory.load[cells]}


# --- units --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workload:
    """What the units of an area carry.

    Attributes
    ----------
    units
        The one with most work over its fair share first: id, code, name, area_code, cells, households, area_km2,
        hazards, sites, rail_km, load (of all its cells), deviation (from its fair share, as a share of it), minutes (by
        road from its station to the farthest cell; not a number where that is not known), unreached (cells that no
        road leads to), compactness (Polsby-Popper, 0 to 1), parts.
    has_roads
        Whether roads are loaded; else no minutes are known.
    weights
        What counts as work.
    """

    units: pd.DataFrame
    has_roads: bool
    weights: Weights


def measure_units(context: Context, actor: Actor, *, area_code: str = "") -> Workload:
    """What the units of an area in scope carry; the fair share is that among the units of one parent."""
    check_allowed(actor, Permission.VIEW)
    held = load_weighed_territory(context)
    chosen = np.flatnonzero([actor.covers(code) and code.startswith(area_code) for code in held.units["area_code"]])
    cells = np.flatnonzero(np.isin(held.owner, chosen))
    found, now = pd.DataFrame(_measure_all(context, held, cells)), held.measure(chosen)
    by_unit = found.assign(unreached=found["minutes"].isna()).groupby(held.owner[cells])
    sums = by_unit[["area_km2", "hazards", "sites", "rail_km", "unreached"]].sum().reindex(chosen, fill_value=0)
    units = held.units.iloc[chosen][["id", "code", "name", "area_code"]].reset_index(drop=True)
    table = units.assign(
        cells=now.cells,
        households=now.households,
        **{name: sums[name].to_numpy() for name in sums},
        load=now.load,
        deviation=now.deviation,
        minutes=by_unit["minutes"].max().reindex(chosen).to_numpy(),
        compactness=now.polsby_popper,
        parts=now.parts,
    ).astype({"hazards": int, "sites": int, "unreached": int})
    table = table.sort_values(["deviation", "code"], ascending=[False, True]).reset_index(drop=True)
    return Workload(table, get_station_times(context) is not None, _get_weights(context))
