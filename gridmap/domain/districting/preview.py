"""What would come of giving cells to other units, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.domain.districting.adjacency import IntArray
from gridmap.domain.districting.contiguity import NOBODY, Stray, find_new_strays, find_strays
from gridmap.domain.districting.measures import (
    UnitMeasures,
    compute_fair,
    find_unit_parents,
    list_arcs,
    measure_units,
)
from gridmap.domain.districting.territory import Territory, check_owner
from gridmap.errors import N_, InvalidInput, NoData, NotFound


@dataclass(frozen=True)
class Preview:
    """Before and after of a move, for the units it touches.

    Attributes
    ----------
    owner
        Unit of each cell afterwards. Locked cells stay, and those of another parent unless they may cross.
    moved
        Cells that change hands; what their unit has already is not among them.
    locked, foreign
        Selected cells that are locked, and others of a parent that is not their new unit's.
    new_strays, old_strays
        Parts the move cuts off, and those of the units it touches that were apart before and still are.
    """

    owner: IntArray
    moved: IntArray
    locked: IntArray
    foreign: IntArray
    before: UnitMeasures
    after: UnitMeasures
    new_strays: tuple[Stray, ...]
    old_strays: tuple[Stray, ...]


def preview_move(
    territory: Territory,
    owner: IntArray,
    cells: IntArray,
    to: IntArray,
    *,
    units: int,
    unit_parent: IntArray | None = None,
    crossing: bool = False,
) -> Preview:
    """Compute what giving each of `cells` to its unit in `to` does; only units that it touches are measured.

    `unit_parent` is the parent each unit takes cells of; where it is left out, that of most cells it has. With
    `crossing`, cells of another parent move as well.

    Raises
    ------
    NoData
        No cell is selected.
    NotFound
        There is no such unit.
    InvalidInput
        A position is no cell, or a cell is given twice.
    """
    check_owner(territory, owner, units=units)
    chosen, to = _sort_cells(territory, cells, to)
    if to.min() < 0 or to.max() >= units:
        raise NotFound(N_("There is no such unit."), hint=N_("Choose one of the units of this area."))
    parents = find_unit_parents(territory, owner, units=units) if unit_parent is None else unit_parent
    fair = compute_fair(territory, unit_parent=parents)
    changes = owner[chosen] != to
    leaving, to = chosen[changes], to[changes]
    locked = territory.locked[leaving]
    foreign = ~locked & (territory.parent[leaving] != parents[to])
    moves = ~locked if crossing else ~locked & ~foreign
    moved = leaving[moves]
    after = owner.copy()
    after[moved] = to[moves]
    touched = np.unique(np.append(owner[moved], to))
    touched = touched[touched != NOBODY]
    new, old = _compare_strays(territory, owner, after, touched)
    return Preview(
        owner=after,
        moved=moved,
        locked=leaving[locked],
        foreign=leaving[foreign],
        before=measure_units(territory, owner, fair=fair, units=touched),
        after=measure_units(territory, after, fair=fair, units=touched),
        new_strays=tuple(new),
        old_strays=tuple(old),
    )


def _sort_cells(territory: Territory, cells: IntArray, to: IntArray) -> tuple[IntArray, IntArray]:
    """Cells in ascending order, and their units."""
    if len(cells) == 0:
        raise NoData(N_("No cell is selected."), hint=N_("Select at least one cell."))
    order = np.argsort(cells)
    chosen = np.asarray(cells, np.int64)[order]
    if chosen[0] < 0 or chosen[-1] >= territory.cells or (np.diff(chosen) == 0).any():
        raise InvalidInput(N_("A selected cell is not in this area."), hint=N_("Select the cells again."))
    return chosen, np.asarray(to, np.int64)[order]


def _compare_strays(
    territory: Territory, before: IntArray, after: IntArray, touched: IntArray
) -> tuple[list[Stray], list[Stray]]:
    """New and remaining strays of the units touched; no other can have changed."""
    about = np.flatnonzero(np.isin(before, touched) | np.isin(after, touched))
    start, arc = list_arcs(territory, about)
    short = np.full(territory.cells, -1, np.int64)
    short[about] = np.arange(len(about))
    end = territory.indices[arc]
    held = territory.passable[arc] & (start < end) & (short[end] >= 0)
    pairs = np.column_stack([short[start[held]], short[end[held]]])
    new = find_new_strays(pairs, before=before[about], after=after[about])
    fresh = set(new)
    old = [stray for stray in find_strays(pairs, after[about]) if stray not in fresh]
    return [_rename(stray, about) for stray in new], [_rename(stray, about) for stray in old]


def _rename(stray: Stray, about: IntArray) -> Stray:
    return Stray(stray.unit, tuple(about[list(stray.cells)].tolist()))
