"""The one territory that previews, workload and proposals reckon with: who has which cell, what lies beside what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import compute_lengths_m
from gridmap.domain.districting.adjacency import Adjacency, build_adjacency
from gridmap.domain.districting.contiguity import NOBODY
from gridmap.domain.districting.measures import UnitMeasures, compute_fair, measure_units
from gridmap.domain.districting.parents import find_cell_parents, find_parents
from gridmap.domain.districting.territory import Territory, build_territory
from gridmap.services.adjacency_rules import load_rule_positions
from gridmap.services.change_order_rules import read_settings
from gridmap.services.context import Context
from gridmap.store import areas
from gridmap.store import change_orders as orders

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NO_PARENT = -1
"""Parent of a unit that takes no part in sharing out."""


@dataclass(frozen=True)
class Ground:
    """What orders leave as it is: every cell of the database by code, without its shape, and who borders whom.

    `perimeter_m` is the length of each cell's outline; `points` are a (lon, lat) inside each.
    """

    cells: pd.DataFrame
    adjacency: Adjacency
    perimeter_m: FloatArray
    points: FloatArray


@dataclass(frozen=True)
class HeldTerritory:
    """All cells and units by position, and who has which.

    Attributes
    ----------
    cells
        By code: id, code, households, area_m2.
    points
        (lon, lat) inside each cell, shape (cells, 2).
    units
        By code: id, code, name, kind, area_code, lon, lat.
    owner
        Position of each cell's unit, `NOBODY` without one.
    version
        Of the assignment of each cell, `NOBODY` without one.
    parents
        Area code of each parent, by its number.
    unit_parent
        Parent of each unit, those without a cell included.
    """

    cells: pd.DataFrame
    points: FloatArray
    units: pd.DataFrame
    territory: Territory
    owner: IntArray
    version: IntArray
    parents: tuple[str, ...]
    unit_parent: IntArray

    @cached_property
    def cell_ids(self) -> IntArray:
        """Id of each cell."""
        return np.asarray(self.cells["id"], np.int64)

    @cached_property
    def unit_ids(self) -> IntArray:
        """Id of each unit."""
        return np.asarray(self.units["id"], np.int64)

    @cached_property
    def stations(self) -> list[tuple[float, float]]:
        """(lon, lat) of the station of each unit."""
        return list(zip(self.units["lon"].astype(float), self.units["lat"].astype(float), strict=True))

    @cached_property
    def sharing(self) -> IntArray:
        """`unit_parent`, but `NO_PARENT` of units without a cell: they carry no share of the work."""
        has_cells = np.bincount(self.owner[self.owner >= 0], minlength=len(self.units)) > 0
        return np.where(has_cells, self.unit_parent, NO_PARENT)

    @cached_property
    def measures(self) -> UnitMeasures:
        """Figures of every unit as it is."""
        return self.measure(np.arange(len(self.units)))

    def measure(self, units: IntArray, owner: IntArray | None = None) -> UnitMeasures:
        """Figures of some units (sorted positions), with other owners where they are given."""
        fair = compute_fair(self.territory, unit_parent=self.sharing)
        return measure_units(self.territory, self.owner if owner is None else owner, fair=fair, units=units)

    def find_unit(self, unit_id: int) -> int | None:
        """Position of a unit, None where it is gone."""
        found = np.flatnonzero(self.unit_ids == unit_id)
        return int(found[0]) if len(found) else None

    def find_cells(self, cell_ids: Sequence[int]) -> IntArray:
        """Positions of those of the cells that exist, ascending."""
        return np.flatnonzero(np.isin(self.cell_ids, list(cell_ids)))

    def list_versions(self, cells: IntArray) -> dict[int, int]:
        """The states seen of those of `cells` (positions) that have a unit; a confirmation hands them back."""
        held = cells[self.owner[cells] != NOBODY]
        return dict(zip(self.cell_ids[held].tolist(), self.version[held].tolist(), strict=True))


def load_territory(context: Context) -> HeldTerritory:
    """The territory of the whole database as it is now, every cell weighing 1: see `services.workload` for its load.

    Contiguity does not end at a person's scope.
    """

    def build() -> HeldTerritory:
        ground, plain = load_ground(context), _load_plain(context)
        with context.database.read() as connection:
            held = areas.load_ownership(connection)
            units = areas.load_units(connection, scope="")
            locked = orders.load_locks(connection, scope="")["id"].to_numpy(np.int64)
            strict = read_settings(connection).within_parent
        ids, unit_ids = ground.cells["id"].to_numpy(np.int64), units["id"].to_numpy(np.int64)
        row = np.searchsorted(held[:, 0], ids)
        is_held = np.append(held[:, 0], -1)[row] == ids
        unit, version = (np.append(held[:, i], NOBODY)[row] for i in (1, 2))
        order = np.argsort(unit_ids)
        owner = order[np.searchsorted(unit_ids, unit[is_held], sorter=order)] if len(units) else unit[:0]
        parents, unit_parent, cell_parent = _find_parents(context, ground, units, strict=strict)
        return HeldTerritory(
            cells=ground.cells,
            points=ground.points,
            units=units,
            territory=replace(plain, locked=np.isin(ids, locked), parent=cell_parent),
            owner=_place(owner, is_held),
            version=np.where(is_held, version, NOBODY),
            parents=parents,
            unit_parent=unit_parent,
        )

    return context.cache.get("territory", context.revisions("areas", "units", "change_orders", "borders"), build)


def _place(owner: IntArray, is_held: npt.NDArray[np.bool_]) -> IntArray:
    placed = np.full(len(is_held), NOBODY, np.int64)
    placed[is_held] = owner
    return placed


def load_ground(context: Context) -> Ground:
    """What a change of hands leaves as it is, built once per revision of the areas."""
    return context.cache.get("ground", context.revisions("areas"), lambda: _load_ground(context))


def _load_ground(context: Context) -> Ground:
    with context.database.read() as connection:
        found = areas.load_cells(connection, scopes=())
    shapes = found.geometry.to_numpy()
    return Ground(
        cells=pd.DataFrame(found[["id", "code", "households", "area_m2"]]),
        adjacency=build_adjacency(shapes),
        perimeter_m=compute_lengths_m(shapely.boundary(shapes)),
        points=shapely.get_coordinates(shapely.point_on_surface(shapes)),
    )


def _load_plain(context: Context) -> Territory:
    """Every cell weighing 1, none locked, one parent; barriers and joins hold.

    Apart from the ground: a rule changes in a moment, the borders of a province take seconds to measure.
    """

    def build() -> Territory:
        ground = load_ground(context)
        with context.database.read() as connection:
            rules = load_rule_positions(connection, ground.cells["id"].to_numpy(np.int64))
        return build_territory(
            ground.adjacency,
            load=np.ones(len(ground.cells)),
            households=np.nan_to_num(ground.cells["households"].astype(float).to_numpy()).astype(np.int64),
            area_m2=ground.cells["area_m2"].astype(float).to_numpy(),
            perimeter_m=ground.perimeter_m,
            barriers=rules.barriers,
            joins=rules.joins,
        )

    return context.cache.get("plain_territory", context.revisions("areas", "borders"), build)


def _find_parents(
    context: Context, ground: Ground, units: pd.DataFrame, *, strict: bool
) -> tuple[tuple[str, ...], IntArray, IntArray]:
    """Codes of the parents, and by number the parent of each unit and of each cell."""
    unit_areas = tuple(units["area_code"])

    def find() -> tuple[tuple[str, ...], IntArray, IntArray]:
        of_unit = find_parents(unit_areas, strict=strict)
        of_cell = find_cell_parents(list(ground.cells["code"]), unit_areas, of_unit)
        parents = sorted({*of_unit, *of_cell})
        number = {parent: n for n, parent in enumerate(parents)}
        return (
            tuple(parents),
            np.array([number[parent] for parent in of_unit], np.int64),
            np.array([number[parent] for parent in of_cell], np.int64),
        )

    return context.cache.get("parents", (*context.revisions("areas"), strict, unit_areas), find)
