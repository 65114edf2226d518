"""The fewest moves into balance, proven by HiGHS: connectedness is added cut by cut, where a plan lacks it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from gridmap.domain.districting.contiguity import find_strays
from gridmap.domain.districting.territory import Territory

IntArray = npt.NDArray[np.int64]


def prove_fewest_moves(
    territory: Territory, owner: IntArray, *, units: int, tolerance: float, seconds: float
) -> tuple[float, bool]:
    """What no connected plan within the tolerance can move less than, and whether a plan moves just that.

    Where a solve needs more than `seconds`, the bound that HiGHS had by then is returned.
    """
    n, k = territory.cells, units
    fair = territory.load.sum() / k
    column = np.arange(n * k).reshape(n, k)
    once = csr_array((np.ones(n * k), (np.repeat(np.arange(n), k), column.ravel())), shape=(n, n * k))
    loads = csr_array((np.repeat(territory.load, k), (np.tile(np.arange(k), n), column.ravel())), shape=(k, n * k))
    cost = np.ones((n, k))
    cost[np.arange(n), owner] = 0.0
    rows: list[csr_array] = []
    tops: list[float] = []

    def connect(cells: tuple[int, ...], unit: int, elsewhere: int) -> None:
        """A unit with one of `cells` has one around them, unless all of it is there; then `elsewhere` is not its."""
        around = _list_neighbours(territory, cells)
        alone = territory.load[list(cells)].sum() >= (1 - tolerance) * fair
        for cell in cells:
            for taker in [unit] if alone else range(k):
                names = [column[cell, taker], *column[around, taker], *([column[elsewhere, taker]] if alone else [])]
                signs = [1.0, *[-1.0] * len(around), *([1.0] if alone else [])]
                rows.append(csr_array((signs, ([0] * len(names), names)), shape=(1, n * k)))
                tops.append(float(alone))

    for cell in range(n):
        connect((cell,), int(owner[cell]), (cell + 1) % n)
    while True:
        constraints = [
            LinearConstraint(once, 1, 1),
            LinearConstraint(loads, (1 - tolerance) * fair, (1 + tolerance) * fair),
        ]
        if rows:
            constraints.append(LinearConstraint(vstack(rows), -np.inf, np.array(tops)))
        found = milp(
            cost.ravel(),
            constraints=constraints,
            integrality=np.ones(n * k),
            bounds=Bounds(0, 1),
            options={"time_limit": seconds},
        )
        bound = float(np.ceil((found.mip_dual_bound or 0.0) - 1e-6))
        if found.status != 0:
            return bound, False
        plan = np.asarray(found.x.reshape(n, k).argmax(axis=1), np.int64)
        strays = find_strays(territory.list_pairs(), plan)
        if not strays:
            return bound, True
        for stray in strays:
            main = np.setdiff1d(np.flatnonzero(plan == stray.unit), stray.cells)
            connect(stray.cells, stray.unit, int(main[0]))


def _list_neighbours(territory: Territory, cells: tuple[int, ...]) -> IntArray:
    near = [territory.indices[territory.indptr[cell] : territory.indptr[cell + 1]] for cell in cells]
    return np.setdiff1d(np.concatenate(near), cells)
