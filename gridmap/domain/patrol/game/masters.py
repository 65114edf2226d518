"""The two linear programs of the game: over joint plans, which is what can be drawn, and over routes, which bounds it.

Both spread probability so that the worst place loses least. Their duals say what it would be worth to come to a place
more often; pricing finds plans or routes that collect the most of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csc_array, hstack, vstack

from gridmap.domain.patrol.game.game import FloatArray

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stakes:
    """The places in reach: what is lost there, how often they must be seen, and what missing that costs.

    `penalty` times the missing probability is added to what is lost.
    """

    loss: FloatArray
    least: FloatArray
    penalty: float


@dataclass(frozen=True)
class Duals:
    """What more probability is worth.

    `attack` is how likely each place is chosen by somebody who knows the strategy; `floor` what its least probability
    costs; `once` what seeing it twice on a day would be worth less.
    """

    attack: FloatArray
    floor: FloatArray
    once: FloatArray

    def worth(self, stakes: Stakes) -> FloatArray:
        """Prize of each place; below 0 where it is seen too often already."""
        return np.asarray(self.attack * stakes.loss + self.floor - self.once)

    def level(self, stakes: Stakes) -> float:
        """What is lost where nobody ever comes, by these duals; a prize collected takes from it."""
        return float(self.attack @ stakes.loss + self.floor @ stakes.least - self.once.sum())


@dataclass(frozen=True)
class Answer:
    """A solved program: the columns' shares, what is lost at the worst place, what is missing, the duals."""

    shares: FloatArray
    objective: float
    missing: FloatArray
    duals: Duals
    prices: FloatArray
    """By group of columns: from what prize on another column would help."""


@dataclass(frozen=True)
class Box:
    """Between what the attacks of an answer have to lie, by place."""

    least: FloatArray
    most: FloatArray

    @classmethod
    def around(cls, attack: FloatArray, *, room: float) -> Box:
        """So near to these attacks, as a share of each and of the mean one."""
        apart = room * (attack + attack.mean())
        return cls(np.maximum(attack - apart, 0.0), attack + apart)


def solve_master(
    stakes: Stakes,
    columns: csc_array,
    groups: IntArray,
    sizes: FloatArray,
    *,
    once: bool,
    box: Box | None = None,
) -> Answer:
    """Best shares of the columns.

    Parameters
    ----------
    columns
        How often each column sees each place, shape (places, columns).
    groups, sizes
        To which group each column belongs, and what the shares of a group may add up to.
    once
        Whether a place counts at most once a day in all; a joint plan sees to that itself.
    box
        Keeps the duals near others (Marsten, Hogan and Blankenship, "The boxstep method for large-scale optimization",
        Operations Research 23, 1975): those of few columns swing to and fro. Then shares and objective say little.
    """
    count, width = columns.shape
    needed = np.flatnonzero(stakes.least > 0)
    grouped = csc_array((np.ones(width), (groups, np.arange(width))), shape=(len(sizes), width))
    loss = csc_array(stakes.loss[:, None])
    rows = [
        hstack([csc_array(-np.ones((count, 1))), -columns.multiply(loss), csc_array((count, len(needed)))]),
        hstack([csc_array((len(sizes), 1)), grouped, csc_array((len(sizes), len(needed)))]),
        hstack([csc_array((len(needed), 1)), -columns.tocsr()[needed], -_identity(len(needed))]),
    ]
    limits = [-stakes.loss, sizes, -stakes.least[needed]]
    if once:
        rows.append(hstack([csc_array((count, 1)), columns, csc_array((count, len(needed)))]))
        limits.append(np.ones(count))
    cost = np.concatenate([[1.0], np.zeros(width), np.full(len(needed), stakes.penalty)])
    above = vstack(rows, format="csc")
    if box is not None:
        # Going above or below a place's loss at a price keeps its dual between the prices.
        slack = csc_array((above.shape[0] - count, count))
        above = hstack([above, vstack([-_identity(count), slack]), vstack([_identity(count), slack])], format="csc")
        cost = np.concatenate([cost, box.most, -box.least])
    found: Any = linprog(cost, A_ub=above, b_ub=np.concatenate(limits), method="highs")
    assert found.status == 0, found.message  # nothing seen and everything missing is always a solution
    duals = -found.ineqlin.marginals
    split = np.cumsum([count, len(sizes), len(needed)])
    floor = np.zeros(count)
    floor[needed] = duals[split[1] : split[2]]
    missing = np.zeros(count)
    missing[needed] = found.x[1 + width : 1 + width + len(needed)]
    spare = duals[split[2] :] if once else np.zeros(count)
    return Answer(
        found.x[1 : 1 + width], float(found.fun), missing, Duals(duals[:count], floor, spare), duals[count : split[1]]
    )


def _identity(count: int) -> csc_array:
    return csc_array((np.ones(count), (np.arange(count), np.arange(count))), shape=(count, count))
