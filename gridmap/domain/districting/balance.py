"""How evenly cells and households are shared out among units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Share:
    """What one unit answers for. `load` is its work over that of the average unit, 1 when it carries its fair share."""

    unit: int
    cells: int
    households: int
    load: float


def compute_work(households: FloatArray) -> FloatArray:
    """What each cell weighs: its households, or the same for every cell where no household is known anywhere."""
    known = np.nan_to_num(households)
    return known if known.sum() > 0 else np.ones(len(known))


def compute_shares(owner: IntArray, households: FloatArray, *, units: Sequence[int]) -> dict[int, Share]:
    """The share of each of `units`, of those without a cell too.

    Parameters
    ----------
    owner
        Unit of each cell; one that is not among `units` leaves the cell out of every share.
    households
        Of each cell, not a number where unknown.
    """
    place = {unit: i for i, unit in enumerate(units)}
    row = np.array([place.get(unit, len(units)) for unit in owner.tolist()], np.int64)
    work = compute_work(households)
    known = np.nan_to_num(households)
    cells = np.bincount(row, minlength=len(units) + 1)
    homes = np.bincount(row, weights=known, minlength=len(units) + 1)
    carried = np.bincount(row, weights=work, minlength=len(units) + 1)
    fair = work.sum() / max(len(units), 1)
    return {
        unit: Share(unit, int(cells[i]), int(homes[i]), float(carried[i] / fair) if fair else 0.0)
        for unit, i in place.items()
    }
