"""A first plan: units grown from seeds, the lightest one first."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np

from gridmap.domain.districting.adjacency import FloatArray, IntArray
from gridmap.domain.districting.contiguity import NOBODY, label_parts
from gridmap.domain.districting.territory import BoolArray, Territory
from gridmap.errors import N_, CannotPlan, InvalidInput


def draw_seeds(territory: Territory, units: int, *, rng: np.random.Generator) -> IntArray:
    """A cell for each unit, at least one in each separate part of the territory.

    Raises
    ------
    InvalidInput
        There are fewer cells than units, or no unit.
    CannotPlan
        There are more separate parts than units.
    """
    n = territory.cells
    if not 1 <= units <= n:
        raise InvalidInput(
            N_("{cells} cells cannot be shared out among {units} units."),
            hint=N_("Choose between one unit and as many as there are cells."),
            cells=n,
            units=units,
        )
    label = label_parts(territory.list_pairs(), np.zeros(n, np.int64))
    shuffled = rng.permutation(n)
    _, first = np.unique(label[shuffled], return_index=True)
    if len(first) > units:
        raise CannotPlan(
            N_("The cells lie in {parts} separate parts, more than the {units} units."),
            hint=N_("Join the parts where a bridge or an enclave connects them, or choose more units."),
            parts=len(first),
            units=units,
        )
    rest = np.delete(shuffled, first)
    return np.concatenate([shuffled[first], rest[: units - len(first)]])


def grow_units(
    territory: Territory,
    owner: IntArray,
    *,
    fair: FloatArray,
    takes: IntArray,
    rng: np.random.Generator,
    free: BoolArray | None = None,
) -> IntArray:
    """Give the cells of NOBODY to units they can be passed to, each time to the one that carries least of its share.

    `fair` is the share of each unit; `takes` the parent whose cells it takes; `free` the cells that are given away,
    where it is left out all of NOBODY's. Cells that no unit reaches stay as they are.
    """
    owner = owner.copy()
    wanted = owner == NOBODY if free is None else free & (owner == NOBODY)
    load = np.bincount(owner[owner >= 0], weights=territory.load[owner >= 0], minlength=len(fair))
    fringe: list[list[int]] = [[] for _ in fair]
    indptr, indices, passable = territory.indptr, territory.indices, territory.passable

    def look_around(cell: int, unit: int) -> None:
        for arc in range(indptr[cell], indptr[cell + 1]):
            other = int(indices[arc])
            if passable[arc] and wanted[other] and territory.parent[other] == takes[unit]:
                fringe[unit].append(other)

    for cell in np.flatnonzero(owner >= 0).tolist():
        look_around(cell, int(owner[cell]))
    queue = [(float(load[unit] / max(fair[unit], 1e-9)), unit) for unit in range(len(fair)) if fringe[unit]]
    heapify(queue)
    while queue:
        _, unit = heappop(queue)
        near = fringe[unit]
        while near:
            place = int(rng.integers(len(near)))
            near[place], near[-1] = near[-1], near[place]
            cell = near.pop()
            if wanted[cell]:
                wanted[cell] = False
                owner[cell] = unit
                load[unit] += territory.load[cell]
                look_around(cell, unit)
                heappush(queue, (float(load[unit] / max(fair[unit], 1e-9)), unit))
                break
    return owner
