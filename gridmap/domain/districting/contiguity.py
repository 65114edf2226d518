"""How many separate parts a territory has, and which of them a change has cut off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

IntArray = npt.NDArray[np.int64]

NOBODY = -1
"""Owner of a cell that no unit is responsible for; such cells form no territory."""


@dataclass(frozen=True)
class Stray:
    """Cells of a unit that hang together, apart from the unit's largest part."""

    unit: int
    cells: tuple[int, ...]


def label_parts(pairs: IntArray, owner: IntArray) -> IntArray:
    """A number for each cell such that neighbours of one owner, and only they, are in one part.

    `pairs` are neighbouring positions, shape (n, 2); `owner` is the unit of each cell.
    """
    inside = owner[pairs[:, 0]] == owner[pairs[:, 1]]
    a, b = pairs[inside].T
    graph = coo_array((np.ones(len(a), bool), (a, b)), shape=(len(owner), len(owner)))
    _, label = connected_components(graph, directed=False)
    return np.asarray(label, np.int64)


def find_strays(pairs: IntArray, owner: IntArray) -> list[Stray]:
    """Parts that are not the largest of their unit; of equally large ones the first stays with the unit."""
    label = label_parts(pairs, owner)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    parts = sorted(
        ((int(owner[cells[0]]), -len(cells), int(cells[0]), cells) for cells in groups if len(cells)),
        key=lambda part: part[:3],
    )
    strays: list[Stray] = []
    settled: set[int] = set()
    for unit, _, _, cells in parts:
        if unit in settled:
            strays.append(Stray(unit, tuple(cells.tolist())))
        elif unit != NOBODY:
            settled.add(unit)
    return strays


def find_new_strays(pairs: IntArray, *, before: IntArray, after: IntArray) -> list[Stray]:
    """Strays of `after` that were none `before`.

    A stray that shrank or grew is the same stray; of the pieces of one that broke only one is.
    """
    known: dict[int, set[int]] = {}
    for number, stray in enumerate(find_strays(pairs, before)):
        for cell in stray.cells:
            known.setdefault(cell, set()).add(number)
    owner_before = before.tolist()
    claimed: set[int] = set()
    new: list[Stray] = []
    for stray in find_strays(pairs, after):
        same = {n for cell in stray.cells if owner_before[cell] == stray.unit for n in known.get(cell, ())}
        if same - claimed:
            claimed |= same
        else:
            new.append(stray)
    return new
