"""Whether fewer moves into balance are possible, decided by HiGHS.

Connectedness is added where a plan lacks it. That nothing is asked but whether there is a plan with at most so many
moves makes the proof possible: a cell goes only where so many moves reach, and all on its way there move too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import shortest_path

from gridmap.domain.districting.contiguity import find_strays
from gridmap.domain.districting.territory import Territory

IntArray = npt.NDArray[np.int64]


def find_fewer_moves(
    territory: Territory, owner: IntArray, *, units: int, tolerance: float, most: int, seconds: float
) -> tuple[IntArray | None, bool]:
    """A connected plan within the tolerance that moves `most` cells at most, and whether the answer is certain.

    Without a plan the answer is certain where HiGHS has proven that there is none, which takes `seconds` at most.
    """
    model = _Model(territory, owner, units=units, tolerance=tolerance, most=most)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        plan, is_certain = model.solve(left)
        if plan is None:
            return None, is_certain
        strays = find_strays(territory.list_pairs(), plan)
        if not strays:
            return plan, True
        for stray in strays:
            main = np.setdiff1d(np.flatnonzero(plan == stray.unit), stray.cells)
            model.connect(stray.cells, int(main[0]))
    return None, False


class _Model:
    """One variable for each cell and each unit that is near enough to take it."""

    def __init__(self, territory: Territory, owner: IntArray, *, units: int, tolerance: float, most: int) -> None:
        self._territory, self._owner, self._most = territory, owner, most
        pairs = territory.list_pairs()
        n = territory.cells
        graph = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
        self._hops = shortest_path(graph, directed=False, unweighted=True)
        self._far = np.column_stack([self._hops[:, owner == unit].min(axis=1) for unit in range(units)])
        self._cell, self._unit = np.nonzero(self._far <= most)
        self._column = np.full((n, units), -1)
        self._column[self._cell, self._unit] = np.arange(len(self._cell))
        fair = territory.load.sum() / units
        self._low, self._high = (1 - tolerance) * fair, (1 + tolerance) * fair
        self._rows: list[csr_array] = []
        self._tops: list[float] = []
        for cell in range(n):
            self.connect((cell,), (cell + 1) % n)
        self._lead_home()

    def connect(self, cells: Sequence[int], elsewhere: int) -> None:
        """A unit with one of `cells` has one around them, unless all of it is there; then `elsewhere` is not its."""
        indptr, indices = self._territory.indptr, self._territory.indices
        near = np.concatenate([indices[indptr[cell] : indptr[cell + 1]] for cell in cells])
        around = np.setdiff1d(near, cells)
        may_be_all = self._territory.load[list(cells)].sum() >= self._low
        for unit in range(self._column.shape[1]):
            if may_be_all and self._column[elsewhere, unit] < 0:
                continue
            for cell in cells:
                others = self._column[around, unit]
                extra = [int(self._column[elsewhere, unit])] if may_be_all else []
                self._add(int(self._column[cell, unit]), others[others >= 0], extra)

    def _lead_home(self) -> None:
        """A cell that moves is led to the ground of its unit by one that moves at each distance in between."""
        for column, (cell, unit) in enumerate(zip(self._cell.tolist(), self._unit.tolist(), strict=True)):
            for far in range(1, int(self._far[cell, unit]) - 1):
                between = (self._far[:, unit] == far) & (self._hops[cell] + far <= self._most)
                self._add(column, self._column[between, unit], [])

    def _add(self, column: int, others: IntArray, extra: list[int]) -> None:
        """`column` and those of `extra` are together no more than `others` and the number of `extra`."""
        if column < 0:
            return
        names = [column, *extra, *others.tolist()]
        signs = [1.0] * (1 + len(extra)) + [-1.0] * len(others)
        self._rows.append(csr_array((signs, ([0] * len(names), names)), shape=(1, len(self._cell))))
        self._tops.append(float(len(extra)))

    def solve(self, seconds: float) -> tuple[IntArray | None, bool]:
        """A plan, connected or not, and whether it is certain that there is none where none comes."""
        count, at = len(self._cell), np.arange(len(self._cell))
        n, units = self._column.shape
        moves = (self._owner[self._cell] != self._unit).astype(np.float64)
        loads = csr_array((self._territory.load[self._cell], (self._unit, at)), shape=(units, count))
        found = milp(
            moves,
            constraints=[
                LinearConstraint(csr_array((np.ones(count), (self._cell, at)), shape=(n, count)), 1, 1),
                LinearConstraint(loads, self._low, self._high),
                LinearConstraint(moves[None, :], -np.inf, self._most),
                LinearConstraint(vstack(self._rows), -np.inf, np.array(self._tops)),
            ],
            integrality=np.ones(count),
            bounds=Bounds(0, 1),
            options={"time_limit": seconds},
        )
        infeasible = 2
        if found.x is None:
            return None, found.status == infeasible
        plan = self._owner.copy()
        taken = found.x > 0.5
        plan[self._cell[taken]] = self._unit[taken]
        return plan, True
