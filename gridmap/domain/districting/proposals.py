"""What a search for better territories is asked, and what it proposes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gridmap.domain.districting.adjacency import IntArray
from gridmap.domain.districting.contiguity import NOBODY
from gridmap.domain.districting.measures import UnitMeasures, measure_units
from gridmap.domain.districting.territory import Territory
from gridmap.errors import N_, InvalidInput


class Aim(StrEnum):
    """What an alternative is good at."""

    FEWEST = "fewest"
    """As few cells, then households, change hands as possible."""
    ROUND = "round"
    """Units of a shorter outline, for some more moves."""
    EVEN = "even"
    """Half the tolerance, for some more moves."""


AIM_WORDS: Mapping[Aim, str] = {
    Aim.FEWEST: N_("Fewest moves"),
    Aim.ROUND: N_("Most compact"),
    Aim.EVEN: N_("Most even"),
}


@dataclass(frozen=True)
class Wishes:
    """What a person asks of a proposal.

    Attributes
    ----------
    tolerance
        How far a unit's load may be from its fair share, as a share of it.
    most_moves
        At most so many cells change hands; None for as many as it takes.
    compactness_weight
        How many cells may move to raise the mean Polsby-Popper measure by a hundredth.
    compactness_kept
        Share of today's mean Polsby-Popper measure that is kept at least.
    heal
        Whether parts that lie apart from their unit go to a neighbour.
    alternatives
        What is proposed besides `Aim.FEWEST`.
    """

    tolerance: float = 0.05
    most_moves: int | None = None
    compactness_weight: float = 0.0
    compactness_kept: float = 0.95
    heal: bool = False
    alternatives: tuple[Aim, ...] = (Aim.ROUND, Aim.EVEN)

    def __post_init__(self) -> None:
        if not 0 < self.tolerance <= 1:
            raise InvalidInput(
                N_("The tolerance lies between 0 and 100 %."), hint=N_("0.05 lets a unit differ by five per cent.")
            )
        if (self.most_moves is not None and self.most_moves < 0) or not 0 <= self.compactness_weight < math.inf:
            raise InvalidInput(
                N_("Budget and weight are not negative."), hint=N_("Leave the budget empty for as many as it takes.")
            )
        if not 0 <= self.compactness_kept <= 1:
            raise InvalidInput(
                N_("The compactness that is kept lies between 0 and 100 %."),
                hint=N_("0.95 lets it fall by five per cent."),
            )


@dataclass(frozen=True)
class Proposal:
    """A plan beside that of today.

    Attributes
    ----------
    aim
        What it is good at.
    owner
        Unit of each cell.
    moves
        Cells that change hands, their unit today and the one proposed, shape (n, 3).
    households
        That change hands.
    before, after
        Of all units.
    balanced
        Whether every load is within the tolerance; else it is the nearest that was found.
    alternatives
        The same wish met in other ways; they have none of their own.
    """

    aim: Aim
    owner: IntArray
    moves: IntArray
    households: int
    before: UnitMeasures
    after: UnitMeasures
    balanced: bool
    alternatives: tuple[Proposal, ...] = ()


def build_proposal(
    territory: Territory,
    today: IntArray,
    owner: IntArray,
    *,
    aim: Aim,
    fair: np.ndarray[tuple[int], np.dtype[np.float64]],
    tolerance: float,
) -> Proposal:
    """Judge a plan by its owners alone. `fair` is the fair load of each unit, 0 of one that closes."""
    moved = np.flatnonzero(today != owner)
    units = np.arange(len(fair))
    after = measure_units(territory, owner, fair=fair, units=units)
    off = np.abs(after.load - fair) > tolerance * fair + 1e-9 * max(float(fair.max(initial=0.0)), 1.0)
    return Proposal(
        aim=aim,
        owner=owner,
        moves=np.column_stack([moved, today[moved], owner[moved]]),
        households=int(territory.households[moved].sum()),
        before=measure_units(territory, np.where(today < len(fair), today, NOBODY), fair=fair, units=units),
        after=after,
        balanced=not off.any(),
    )
