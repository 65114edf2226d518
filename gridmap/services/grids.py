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
from gridmap.domain.districting.adjacency import Adjacency, build_adjacency
from gridmap.domain.districting.balance import Share, compute_shares, compute_work
from gridmap.domain.districting.coloring import color_units
from gridmap.domain.districting.contiguity import NOBODY, count_parts, find_new_strays
from gridmap.domain.districting.territory import build_territory
from gridmap.errors import N_, InvalidInput, NotFound
from gridmap.services.adjacency_rules import load_rule_positions
from gridmap.services.context import Context
from gridmap.store import areas

_UNBALANCED = 1.3
"""A unit with this many times the average work is worth a word."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Notice:
    """Something worth knowing before confirming: a catalogue message and its values."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class UnitBalance:
    """One unit before and after a move."""

    unit_id: int
    name: str
    cells_before: int
    cells_after: int
    households_before: int
    households_after: int
    load_before: float
    load_after: float
    parts_before: int
    parts_after: int


@dataclass(frozen=True)
class ReassignmentPreview:
    """What a move would do.

    Attributes
    ----------
    moves
        Cells that would change hands; those that are the unit's already do not count.
    units
        Every unit that would gain or lose a cell.
    new_stray_parts
        Parts that would be cut off from their unit by this move; those that were apart before do not count.
    versions
        The states this was computed from, by cell; a confirmation hands them back.
    stray_cells
        Ids of the cells of the new stray parts.
    """

    moves: int
    units: tuple[UnitBalance, ...]
    new_stray_parts: int
    warnings: tuple[Notice, ...]
    versions: dict[int, int]
    stray_cells: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Ground:
    """What a move leaves as it is: all cells by code, without their shapes, and which of them lie side by side."""

    cells: pd.DataFrame
    adjacency: Adjacency
    households: FloatArray


@dataclass(frozen=True)
class _Territory:
    """All cells with their unit (`NOBODY` without one) and the version of that; and all units."""

    ground: _Ground
    pairs: IntArray
    """Neighbours that keep each other together: no barrier lies between them, or a person joined them."""
    units: pd.DataFrame
    owner: IntArray
    version: IntArray

    @property
    def cells(self) -> pd.DataFrame:
        """All cells by code."""
        return self.ground.cells

    def share_out(self) -> dict[int, Share]:
        """What each unit answers for."""
        return compute_shares(self.owner, self.ground.households, units=self.units["id"].astype(int).tolist())


@dataclass(frozen=True)
class _Nearby:
    """The cells of the units that a move touches, before and after it; those of others do not count (`NOBODY`)."""

    pairs: IntArray
    before: IntArray
    after: IntArray
    work: FloatArray
    households: FloatArray
    cells: IntArray
    """Place of each among all cells."""


def _look_near(territory: _Territory, after: IntArray, touched: Sequence[int]) -> _Nearby:
    """Leave out what a move cannot change: a province has many times the cells of the units it touches."""
    before = territory.owner
    is_near = np.isin(before, touched) | np.isin(after, touched)
    near = np.flatnonzero(is_near)
    place = np.full(len(before), -1)
    place[near] = np.arange(len(near))
    pairs = territory.pairs
    inside = place[pairs[is_near[pairs].all(axis=1)]]
    held, given = (np.where(np.isin(owner[near], touched), owner[near], NOBODY) for owner in (before, after))
    households = territory.ground.households
    return _Nearby(inside, held, given, compute_work(households)[near], np.nan_to_num(households[near]), near)


def _load_ground(context: Context) -> _Ground:
    """Cells of the whole database: contiguity does not end at a person's scope."""
    with context.database.read() as connection:
        found = areas.load_cells(connection, scopes=())
    cells = pd.DataFrame(found[["id", "code", "households", "area_m2"]])
    households = np.asarray(cells["households"].astype(float), np.float64)
    return _Ground(cells, build_adjacency(found.geometry.to_numpy()), households)


def _load_pairs(context: Context, ground: _Ground) -> IntArray:
    with context.database.read() as connection:
        rules = load_rule_positions(connection, ground.cells["id"].to_numpy(np.int64))
    still = np.zeros(len(ground.cells))
    return build_territory(ground.adjacency, load=still, barriers=rules.barriers, joins=rules.joins).list_pairs()


def _load_territory(context: Context) -> _Territory:
    ground = context.cache.get("ground", context.revisions("areas"), lambda: _load_ground(context))
    # Apart from the ground: a rule changes in a moment, the borders of a province take seconds to measure.
    pairs = context.cache.get("pairs", context.revisions("areas", "borders"), lambda: _load_pairs(context, ground))

    def build() -> _Territory:
        with context.database.read() as connection:
            held = areas.load_ownership(connection)
            units = areas.load_units(connection, scope="")
        ids = ground.cells["id"].to_numpy(np.int64)
        row = np.searchsorted(held[:, 0], ids)
        is_held = np.append(held[:, 0], -1)[row] == ids
        owner, version = (np.where(is_held, np.append(held[:, i], NOBODY)[row], NOBODY) for i in (1, 2))
        return _Territory(ground, pairs, units, owner, version)

    return context.cache.get("territory", context.revisions("areas", "units", "borders"), build)


def list_units(context: Context, actor: Actor) -> pd.DataFrame:
    """Units in scope.

    Columns: id, code, name, kind, area_code, lon, lat, cells, households, area_m2, load, color (0 to 5, neighbours
    differ). `load` is the unit's households over the average of all units, or its cells where no household is known.
    """
    check_allowed(actor, Permission.VIEW)
    territory = _load_territory(context)
    shares = territory.share_out()
    area_m2 = territory.cells.groupby(territory.owner)["area_m2"].sum()
    colour = context.cache.get("unit_colours", context.revisions("areas", "units"), lambda: _color(territory))
    covered = np.array([actor.covers(code) for code in territory.units["area_code"]], bool)
    units = territory.units[covered].reset_index(drop=True)
    return units.assign(
        cells=[shares[unit].cells for unit in units["id"]],
        households=[shares[unit].households for unit in units["id"]],
        area_m2=units["id"].map(area_m2).fillna(0.0).astype(float),
        load=[shares[unit].load for unit in units["id"]],
        color=[colour[unit] for unit in units["id"]],
    )


def _color(territory: _Territory) -> dict[int, int]:
    borders = np.unique(territory.owner[territory.ground.adjacency.pairs], axis=0)
    borders = borders[(borders != NOBODY).all(axis=1)]
    return color_units(territory.units["id"].astype(int).tolist(), map(tuple, borders.tolist()))


def preview_reassignment(
    context: Context, actor: Actor, *, cell_ids: Sequence[int], unit_id: int
) -> ReassignmentPreview:
    """What giving cells to a unit would do to balance and contiguity; nothing is changed.

    Raises
    ------
    NotAllowed
        The role may not.
    NotFound
        A cell or the unit does not exist, or lies outside the scope.
    InvalidInput
        No cell was chosen.
    """
    territory = _load_territory(context)
    chosen = _check_choice(actor, territory, cell_ids, unit_id)
    before, after = territory.owner, territory.owner.copy()
    after[chosen] = unit_id
    moved = chosen[before[chosen] != unit_id]
    touched = sorted({*before[moved].tolist(), unit_id} - {NOBODY}) if len(moved) else []
    near = _look_near(territory, after, touched)
    balances = _compare(territory, near, touched)
    strays = find_new_strays(near.pairs, before=near.before, after=near.after)
    seen = chosen[before[chosen] != NOBODY]
    ids = territory.cells["id"].to_numpy()
    return ReassignmentPreview(
        moves=len(moved),
        units=tuple(balances),
        new_stray_parts=len(strays),
        warnings=(*_warn(balances), *_warn_of_foreign_cells(territory, moved, unit_id)),
        versions=dict(zip(ids[seen].tolist(), territory.version[seen].tolist(), strict=True)),
        stray_cells=tuple(int(ids[near.cells[cell]]) for stray in strays for cell in stray.cells),
    )


def _check_choice(actor: Actor, territory: _Territory, cell_ids: Sequence[int], unit_id: int) -> IntArray:
    """Positions of the chosen cells, after every right and every id was checked."""
    check_allowed(actor, Permission.REASSIGN_CELLS)
    if not cell_ids:
        raise InvalidInput(N_("No cell is chosen."), hint=N_("Choose at least one cell on the map."))
    units, cells = territory.units, territory.cells
    unit = units[units["id"] == unit_id]
    if unit.empty or not actor.covers(unit["area_code"].iloc[0]):
        raise NotFound(N_("There is no such unit in your area."), hint=N_("Reload the page and choose again."))
    chosen = np.flatnonzero(cells["id"].isin(list(cell_ids)))
    if len(chosen) < len(set(cell_ids)) or not all(actor.covers(code) for code in cells["code"].iloc[chosen]):
        raise NotFound(N_("A chosen cell does not exist in your area."), hint=N_("Reload the page and choose again."))
    return chosen


def _compare(territory: _Territory, near: _Nearby, touched: Sequence[int]) -> list[UnitBalance]:
    names = territory.units.set_index("id")["name"]
    fair = compute_work(territory.ground.households).sum() / max(len(names), 1)
    parts = count_parts(near.pairs, near.before), count_parts(near.pairs, near.after)
    balances = []
    for unit in touched:
        (cells_before, homes_before, load_before), (cells_after, homes_after, load_after) = (
            (int(mine.sum()), int(near.households[mine].sum()), float(near.work[mine].sum() / fair) if fair else 0.0)
            for mine in (near.before == unit, near.after == unit)
        )
        balances.append(
            UnitBalance(
                unit_id=unit,
                name=str(names[unit]),
                cells_before=cells_before,
                cells_after=cells_after,
                households_before=homes_before,
                households_after=homes_after,
                load_before=load_before,
                load_after=load_after,
                parts_before=parts[0].get(unit, 0),
                parts_after=parts[1].get(unit, 0),
            )
        )
    return balances


def _warn(balances: Sequence[UnitBalance]) -> tuple[Notice, ...]:
    notices: list[Notice] = []
    for unit in balances:
        if unit.cells_after == 0:
            notices.append(Notice(N_("{name} would have no cell left."), {"name": unit.name}))
        elif unit.load_after > _UNBALANCED and unit.load_after > unit.load_before:
            share = round(100 * unit.load_after)
            notices.append(
                Notice(N_("{name} would carry {share} % of the average."), {"name": unit.name, "share": share})
            )
        if unit.parts_before > 1:
            notices.append(
                Notice(
                    N_("{name} already lies in {number} separate parts."),
                    {"name": unit.name, "number": unit.parts_before},
                )
            )
    return tuple(notices)


def _warn_of_foreign_cells(territory: _Territory, moved: IntArray, unit_id: int) -> tuple[Notice, ...]:
    """Every place has one responsible area (Article 5): a word where cells leave theirs."""
    unit = territory.units.set_index("id").loc[unit_id]
    foreign = sum(not is_within(code, unit["area_code"]) for code in territory.cells["code"].iloc[moved])
    if not foreign:
        return ()
    message = N_("{number} of the cells lie outside the area that {name} belongs to.")
    return (Notice(message, {"number": foreign, "name": str(unit["name"])}),)
