"""How much of an area is reached in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Coverage:
    """Which cells are reached in time, and the share, 0 to 1, of the households that live in them.

    Where no households are known the share is that of the cells.
    """

    covered: BoolArray
    households_share: float


def compute_coverage(minutes: FloatArray, households: FloatArray, *, limit_min: float) -> Coverage:
    """Judge cells by the time to each of them, infinite where none leads there.

    Parameters
    ----------
    households
        Of each cell, not a number where unknown.
    limit_min
        A cell reached in exactly this time is covered.
    """
    covered = minutes <= limit_min
    known = np.nan_to_num(households)
    weight = known if known.sum() > 0 else np.ones(len(minutes))
    total = float(weight.sum())
    return Coverage(covered, float(weight[covered].sum()) / total if total else 0.0)
