"""What units carry and how they lie: load against the fair share, compactness, parts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gridmap.domain.districting.adjacency import FloatArray, IntArray
from gridmap.domain.districting.contiguity import label_parts
from gridmap.domain.districting.territory import Territory


@dataclass(frozen=True)
class UnitMeasures:
    """Figures of units, one of each for each unit in `units`.

    Attributes
    ----------
    deviation
        Load over the fair share, less 1; 0 of a unit that carries just that, -1 of one that carries nothing.
    polsby_popper
        Area over that of the circle with the same outline, 0 to 1 (Polsby and Popper, 1991, Yale Law & Policy Review
        9:301); 0 of a unit without a cell.
    parts
        Pieces the unit lies in.
    """

    units: IntArray
    cells: IntArray
    households: IntArray
    load: FloatArray
    deviation: FloatArray
    polsby_popper: FloatArray
    parts: IntArray


def compute_fair(territory: Territory, *, unit_parent: IntArray) -> FloatArray:
    """The fair load of each unit: what the cells of its parent weigh, over the units of that parent.

    A unit whose parent is below 0 takes no cells, and its share is 0. Cells of NOBODY count: someone is to take them.
    """
    size = int(max(unit_parent.max(initial=-1), territory.parent.max(initial=-1))) + 1
    total = np.bincount(territory.parent, weights=territory.load, minlength=size)
    open_ = unit_parent >= 0
    count = np.bincount(unit_parent[open_], minlength=size)
    fair = np.zeros(len(unit_parent))
    fair[open_] = total[unit_parent[open_]] / count[unit_parent[open_]]
    return fair


def find_unit_parents(territory: Territory, owner: IntArray, *, units: int) -> IntArray:
    """The parent of each unit's cells, of most of them where they are of several; 0 of a unit without a cell."""
    parents = int(territory.parent.max(initial=0)) + 1
    held = owner >= 0
    count = np.bincount(owner[held] * parents + territory.parent[held], minlength=units * parents)
    return np.asarray(count.reshape(units, parents).argmax(axis=1), np.int64)


def measure_units(territory: Territory, owner: IntArray, *, fair: FloatArray, units: IntArray) -> UnitMeasures:
    """Figures of `units` alone, which are sorted; what the others hold is looked at once and left.

    `fair` is the fair load of every unit, those left out included.
    """
    place = np.full(len(fair) + 1, -1, np.int64)
    place[units] = np.arange(len(units))
    chosen = np.flatnonzero(place[owner] >= 0)
    row, k = place[owner[chosen]], len(units)
    load = np.bincount(row, weights=territory.load[chosen], minlength=k).astype(np.float64)
    area = np.bincount(row, weights=territory.area_m2[chosen], minlength=k)
    outline = np.bincount(row, weights=territory.perimeter_m[chosen], minlength=k)
    start, arc = list_arcs(territory, chosen)
    end = territory.indices[arc]
    inside = owner[start] == owner[end]
    outline -= np.bincount(place[owner[start[inside]]], weights=territory.border_m[arc[inside]], minlength=k)
    short = np.full(territory.cells, -1, np.int64)
    short[chosen] = np.arange(len(chosen))
    held = inside & territory.passable[arc] & (start < end)
    label = label_parts(np.column_stack([short[start[held]], short[end[held]]]), row)
    _, first = np.unique(label, return_index=True)
    share = fair[units]
    with np.errstate(divide="ignore", invalid="ignore"):
        polsby_popper = np.where(outline > 0, 4 * math.pi * area / outline**2, 0.0)
        deviation = np.where(share > 0, load / share - 1, 0.0)
    return UnitMeasures(
        units=units,
        cells=np.bincount(row, minlength=k),
        households=np.bincount(row, weights=territory.households[chosen], minlength=k).astype(np.int64),
        load=load,
        deviation=deviation,
        polsby_popper=polsby_popper,
        parts=np.bincount(row[first], minlength=k),
    )


def list_arcs(territory: Territory, cells: IntArray) -> tuple[IntArray, IntArray]:
    """The arcs that begin at `cells`: the cell of each, and its position among all arcs."""
    count = territory.indptr[cells + 1] - territory.indptr[cells]
    start = np.repeat(cells, count)
    before = np.repeat(np.cumsum(count) - count, count)
    return start, territory.indptr[start] + np.arange(len(start)) - before
