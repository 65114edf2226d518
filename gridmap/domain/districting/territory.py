"""Cells that units answer for, as arrays: who borders whom, what each cell weighs, what may not be changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.domain.districting.adjacency import Adjacency, FloatArray, IntArray
from gridmap.domain.districting.contiguity import NOBODY
from gridmap.errors import N_, InvalidInput

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Territory:
    """Cells by position, and the arcs from each to its neighbours; every pair is there in both directions.

    Attributes
    ----------
    indptr, indices
        Neighbours of cell `i` are `indices[indptr[i]:indptr[i + 1]]`.
    passable
        Whether an arc keeps two cells together. A barrier does not; a pair that was joined by hand does.
    border_m
        Length of the common border of each arc, metres; 0 of a pair that only a bridge joins.
    load
        Work of each cell, in any unit.
    households
        Of each cell, 0 where unknown.
    locked
        Cells that stay with their unit.
    area_m2, perimeter_m
        Of each cell.
    parent
        Area each cell belongs to; a cell goes only to units of its own.
    """

    indptr: IntArray
    indices: IntArray
    passable: BoolArray
    border_m: FloatArray
    load: FloatArray
    households: IntArray
    locked: BoolArray
    area_m2: FloatArray
    perimeter_m: FloatArray
    parent: IntArray

    @property
    def cells(self) -> int:
        return len(self.load)

    def list_pairs(self) -> IntArray:
        """Pairs (first < second) that keep each other together, shape (n, 2)."""
        start = np.repeat(np.arange(self.cells), np.diff(self.indptr))
        chosen = self.passable & (start < self.indices)
        return np.column_stack([start[chosen], self.indices[chosen]])


def build_territory(
    adjacency: Adjacency,
    *,
    load: FloatArray,
    households: IntArray | None = None,
    locked: BoolArray | None = None,
    area_m2: FloatArray | None = None,
    perimeter_m: FloatArray | None = None,
    parent: IntArray | None = None,
    barriers: IntArray | None = None,
    joins: IntArray | None = None,
) -> Territory:
    """Put a territory together.

    Parameters
    ----------
    barriers, joins
        Pairs of positions, shape (n, 2), in any order: neighbours with a river or railway between them that nothing
        crosses, and cells that a bridge joins although they share no border. A pair that is both is joined.
    perimeter_m
        At least the borders with neighbours; where it is left out, or less, it is what they add up to.

    Raises
    ------
    InvalidInput
        An array is not of one length with `load`, a load is negative or no number, or a pair names no cell.
    """
    n = len(load)
    # Copies in the one form that the kernels are compiled for.
    load = np.array(load, np.float64)
    households = np.zeros(n, np.int64) if households is None else np.array(households, np.int64)
    locked = np.zeros(n, np.bool_) if locked is None else np.array(locked, np.bool_)
    area_m2 = np.ones(n) if area_m2 is None else np.array(area_m2, np.float64)
    parent = np.zeros(n, np.int64) if parent is None else np.array(parent, np.int64)
    outline = np.zeros(n) if perimeter_m is None else np.array(perimeter_m, np.float64)
    if any(len(array) != n for array in (households, locked, area_m2, parent, outline)):
        raise InvalidInput(
            N_("The figures are not of the same cells."), hint=N_("Give one of each kind for each cell.")
        )
    if not (np.isfinite(load) & (load >= 0)).all():
        raise InvalidInput(N_("The load of a cell is not known."), hint=N_("Give each cell a load of 0 or more."))
    first, second, border, passable = _join_pairs(adjacency, n, barriers, joins)
    start, end = np.concatenate([first, second]), np.concatenate([second, first])
    order = np.lexsort((end, start))
    border_m = np.tile(border, 2)[order]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=n))]).astype(np.int64)
    shared = np.bincount(start[order], weights=border_m, minlength=n)
    return Territory(
        indptr=indptr,
        indices=end[order],
        passable=np.tile(passable, 2)[order],
        border_m=border_m,
        load=load,
        households=households,
        locked=locked,
        area_m2=area_m2,
        perimeter_m=np.maximum(outline, shared),
        parent=parent,
    )


def restrict_territory(territory: Territory, cells: IntArray) -> Territory:
    """The territory of `cells` (sorted positions) alone; borders with the others become outline."""
    place = np.full(territory.cells, -1, np.int64)
    place[cells] = np.arange(len(cells))
    start = np.repeat(np.arange(territory.cells), np.diff(territory.indptr))
    kept = np.flatnonzero((place[start] >= 0) & (place[territory.indices] >= 0))
    count = np.bincount(place[start[kept]], minlength=len(cells))
    return Territory(
        indptr=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        indices=place[territory.indices[kept]],
        passable=territory.passable[kept],
        border_m=territory.border_m[kept],
        load=territory.load[cells],
        households=territory.households[cells],
        locked=territory.locked[cells],
        area_m2=territory.area_m2[cells],
        perimeter_m=territory.perimeter_m[cells],
        parent=territory.parent[cells],
    )


def check_owner(territory: Territory, owner: IntArray, *, units: int) -> None:
    """Raise InvalidInput where `owner` does not give each cell a unit below `units` or NOBODY."""
    if len(owner) != territory.cells or (len(owner) and not NOBODY <= owner.min() <= owner.max() < units):
        raise InvalidInput(
            N_("A cell belongs to a unit that is not there."), hint=N_("Give each cell one of the units.")
        )


def _join_pairs(
    adjacency: Adjacency, n: int, barriers: IntArray | None, joins: IntArray | None
) -> tuple[IntArray, IntArray, FloatArray, BoolArray]:
    """Every pair once, first < second, with its border in metres and whether it can be passed."""
    shut, open_ = _number_pairs(barriers, n), _number_pairs(joins, n)
    number = _number_pairs(adjacency.pairs, n)
    fresh = open_[~np.isin(open_, number)]
    passable = ~np.isin(number, shut) | np.isin(number, open_)
    every = np.concatenate([number, fresh])
    border = np.concatenate([adjacency.length_m, np.zeros(len(fresh))])
    return every // n, every % n, border, np.concatenate([passable, np.ones(len(fresh), np.bool_)])


def _number_pairs(pairs: IntArray | None, n: int) -> IntArray:
    if pairs is None or len(pairs) == 0:
        return np.zeros(0, np.int64)
    pairs = np.sort(np.asarray(pairs, np.int64), axis=1)
    if pairs.min() < 0 or pairs.max() >= n or (pairs[:, 0] == pairs[:, 1]).any():
        raise InvalidInput(N_("A pair of neighbours names no two cells."), hint=N_("Give positions of two cells each."))
    number = pairs[:, 0] * n + pairs[:, 1]
    # Adjacency comes without repetitions and must keep its order; what a person gives may name a pair twice.
    return number if len(np.unique(number)) == len(number) else np.unique(number)
