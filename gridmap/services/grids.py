"""Grid units and the cells they answer for: the balance now, and a move seen before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.codes import is_within
from gridmap.domain.districting.coloring import color_units
from gridmap.domain.districting.contiguity import NOBODY
from gridmap.domain.districting.measures import UnitMeasures, list_arcs
from gridmap.domain.districting.preview import Preview, preview_move
from gridmap.errors import N_, InvalidInput, NotFound
from gridmap.services.context import Context
from gridmap.services.station_times import StationTimes, get_station_times
from gridmap.services.territory import HeldTerritory, load_territory
from gridmap.services.workload import load_weighed_territory

_UNBALANCED = 1.3
"""A unit with this many times its fair share is worth a word."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Notice:
    """Something worth knowing before confirming: a catalogue message and its values."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class UnitFigures:
    """What a unit carries and how it lies.

    Attributes
    ----------
    load
        Its work over its fair share, 1 when it carries just that.
    parts
        Pieces it lies in.
    compactness
        Polsby-Popper measure, 0 to 1.
    minutes
        By road from its station to the farthest cell that a road leads to; None where that is not known.
    """

    cells: int
    households: int
    load: float
    parts: int
    compactness: float
    minutes: float | None

    @property
    def deviation(self) -> float:
        """How far it is from its fair share, as a share of that."""
        return self.load - 1


@dataclass(frozen=True)
class UnitBalance:
    """One unit before and after a move."""

    unit_id: int
    name: str
    before: UnitFigures
    after: UnitFigures


@dataclass(frozen=True)
class ReassignmentPreview:
    """What a move would do.

    Attributes
    ----------
    moves
        Cells that would change hands; those that are the unit's already and locked ones do not count.
    units
        Every unit that would gain or lose a cell.
    new_stray_parts
        Parts that would be cut off from their unit by this move; those that were apart before do not count.
    old_stray_parts
        Parts of these units that were apart before and still would be.
    versions
        The states this was computed from, by cell; a confirmation hands them back.
    stray_cells
        Ids of the cells of the new stray parts.
    """

    moves: int
    units: tuple[UnitBalance, ...]
    new_stray_parts: int
    old_stray_parts: int
    warnings: tuple[Notice, ...]
    versions: dict[int, int]
    stray_cells: tuple[int, ...] = ()


def list_units(context: Context, actor: Actor) -> pd.DataFrame:
    """Units in scope.

    Columns: id, code, name, kind, area_code, lon, lat, cells, households, area_m2, load, color (0 to 5, neighbours
    differ). `load` is the work of the unit's cells over that of the average of all units.
    """
    check_allowed(actor, Permission.VIEW)
    held = load_weighed_territory(context)
    now, load = held.measures, _compute_mean_loads(held)
    area_m2 = held.cells.groupby(held.owner)["area_m2"].sum()
    colour = context.cache.get("unit_colours", context.revisions("areas", "units"), lambda: _color(held))
    table = held.units.assign(
        cells=now.cells,
        households=now.households,
        area_m2=pd.Series(np.arange(len(held.units)), index=held.units.index).map(area_m2).fillna(0.0).astype(float),
        load=load,
        color=[colour[unit] for unit in range(len(held.units))],
    )
    covered = np.array([actor.covers(code) for code in table["area_code"]], bool)
    return pd.DataFrame(table[covered].reset_index(drop=True))


def find_units_beside(context: Context, actor: Actor, *, cell_ids: Sequence[int]) -> tuple[int, ...]:
    """Ids of the units in scope that these cells could go to: those beside them, the longest common border first.

    A unit that has all of the cells is left out.
    """
    check_allowed(actor, Permission.VIEW)
    held = load_territory(context)
    cells, ground = held.find_cells(cell_ids), held.territory
    _, arcs = list_arcs(ground, cells)
    arcs = arcs[ground.passable[arcs] & ~np.isin(ground.indices[arcs], cells)]
    owner = held.owner[ground.indices[arcs]]
    beside, at = np.unique(owner[owner != NOBODY], return_inverse=True)
    border_m = np.bincount(at, weights=ground.border_m[arcs[owner != NOBODY]], minlength=len(beside))
    own = np.unique(held.owner[cells])
    ordered = beside[np.argsort(-border_m, kind="stable")].tolist()
    covered = [unit for unit in ordered if actor.covers(held.units["area_code"].iloc[unit]) and [unit] != own.tolist()]
    return tuple(held.unit_ids[covered].tolist())


def _compute_mean_loads(held: HeldTerritory) -> npt.NDArray[np.float64]:
    """Load of each unit over that of the average of all units."""
    mean = held.territory.load.sum() / max(len(held.units), 1)
    return held.measures.load / mean if mean else np.zeros(len(held.units))


def _color(held: HeldTerritory) -> dict[int, int]:
    ground, units = held.territory, len(held.units)
    start = held.owner[np.repeat(np.arange(ground.cells), np.diff(ground.indptr))]
    end = held.owner[ground.indices]
    borders = np.unique((start * units + end)[(start != NOBODY) & (start < end)])
    ids = held.unit_ids
    pairs = np.column_stack([ids[borders // units], ids[borders % units]]) if len(borders) else np.zeros((0, 2))
    colour = color_units(ids.tolist(), map(tuple, pairs.tolist()))
    return {place: colour[unit] for place, unit in enumerate(ids.tolist())}


def preview_reassignment(context: Context, actor: Actor, *, owners: Mapping[int, int]) -> ReassignmentPreview:
    """What giving each cell to its unit in `owners` would do to balance and contiguity; nothing is changed.

    Raises
    ------
    NotAllowed
        The role may not.
    NotFound
        A cell or a unit does not exist, or lies outside the scope.
    InvalidInput
        No cell was chosen.
    """
    held = load_weighed_territory(context)
    chosen, to = _check_choice(actor, held, owners)
    sharing, gaining = held.sharing.copy(), np.unique(to)
    sharing[gaining] = held.unit_parent[gaining]
    # Whether an order may cross the border of an area is for the order to say; here it is worth a warning.
    seen = preview_move(
        held.territory, held.owner, chosen, to, units=len(held.units), unit_parent=sharing, crossing=True
    )
    balances = _compare(held, seen, get_station_times(context)) if len(seen.moved) else []
    return ReassignmentPreview(
        moves=len(seen.moved),
        units=tuple(balances),
        new_stray_parts=len(seen.new_strays),
        old_stray_parts=len(seen.old_strays),
        warnings=(*_warn(balances), *_warn_of_foreign_cells(held, seen)),
        versions=held.list_versions(chosen),
        stray_cells=tuple(int(held.cell_ids[cell]) for stray in seen.new_strays for cell in stray.cells),
    )


def _check_choice(actor: Actor, held: HeldTerritory, owners: Mapping[int, int]) -> tuple[IntArray, IntArray]:
    """Positions of the chosen cells and of the unit of each, after every right and every id was checked."""
    check_allowed(actor, Permission.REASSIGN_CELLS)
    if not owners:
        raise InvalidInput(N_("No cell is chosen."), hint=N_("Choose at least one cell on the map."))
    place: dict[int, int] = {}
    for unit_id in set(owners.values()):
        unit = held.find_unit(unit_id)
        if unit is None or not actor.covers(held.units["area_code"].iloc[unit]):
            raise NotFound(N_("There is no such unit in your area."), hint=N_("Reload the page and choose again."))
        place[unit_id] = unit
    chosen = held.find_cells(list(owners))
    if len(chosen) < len(owners) or not all(actor.covers(code) for code in held.cells["code"].iloc[chosen]):
        raise NotFound(N_("A chosen cell does not exist in your area."), hint=N_("Reload the page and choose again."))
    return chosen, np.array([place[owners[cell]] for cell in held.cell_ids[chosen].tolist()], np.int64)


def _compare(held: HeldTerritory, seen: Preview, times: StationTimes | None) -> list[UnitBalance]:
    units = seen.before.units
    before, after = (
        [read_figures(measures, row, minutes) for row, minutes in enumerate(_find_farthest(held, times, units, owner))]
        for measures, owner in ((seen.before, held.owner), (seen.after, seen.owner))
    )
    named = zip(held.unit_ids[units].tolist(), held.units["name"].iloc[units], before, after, strict=True)
    return [UnitBalance(unit, str(name), *figures) for unit, name, *figures in named]


def _find_farthest(
    held: HeldTerritory, times: StationTimes | None, units: IntArray, owner: IntArray
) -> list[float | None]:
    """Minutes to the farthest cell of each of `units` (sorted positions)."""
    if times is None:
        return [None] * len(units)
    cells = np.flatnonzero(np.isin(owner, units))
    stations = [held.stations[unit] for unit in units.tolist()]
    return times.measure_farthest(stations, cells, np.searchsorted(units, owner[cells]))


def read_figures(measures: UnitMeasures, row: int, minutes: float | None) -> UnitFigures:
    """One row of the measures of units."""
    return UnitFigures(
        cells=int(measures.cells[row]),
        households=int(measures.households[row]),
        load=1 + float(measures.deviation[row]),
        parts=int(measures.parts[row]),
        compactness=float(measures.polsby_popper[row]),
        minutes=minutes,
    )


def _warn(balances: Sequence[UnitBalance]) -> tuple[Notice, ...]:
    notices: list[Notice] = []
    for unit in balances:
        if unit.after.cells == 0:
            notices.append(Notice(N_("{name} would have no cell left."), {"name": unit.name}))
        elif unit.after.load > max(_UNBALANCED, unit.before.load):
            share = round(100 * unit.after.load)
            notices.append(
                Notice(N_("{name} would carry {share} % of its fair share."), {"name": unit.name, "share": share})
            )
        if unit.before.parts > 1:
            notices.append(
                Notice(
                    N_("{name} already lies in {number} separate parts."),
                    {"name": unit.name, "number": unit.before.parts},
                )
            )
    return tuple(notices)


def _warn_of_foreign_cells(held: HeldTerritory, seen: Preview) -> tuple[Notice, ...]:
    """Every place has one responsible area (Article 5): a word where cells leave theirs."""
    message = N_("{number} of the cells lie outside the area that {name} belongs to.")
    codes, to = held.cells["code"].iloc[seen.moved], seen.owner[seen.moved]
    notices = []
    for place in np.unique(to).tolist():
        unit = held.units.iloc[place]
        foreign = sum(not is_within(code, unit["area_code"]) for code in codes[to == place])
        if foreign:
            notices.append(Notice(message, {"number": foreign, "name": str(unit["name"])}))
    return tuple(notices)
