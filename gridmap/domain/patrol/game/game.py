"""The game: what is lost where nobody was, how often places must be seen at least, and an answer to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.reasons import Unserved
from gridmap.domain.patrol.solution import TeamRoute
from gridmap.errors import N_, InvalidInput

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Game:
    """Somebody who knows the probabilities, not the day's draw, goes where it costs us most.

    Attributes
    ----------
    loss
        What is lost at each job of the problem where no team comes, above 0.
    least
        With which probability a team comes at least, 0 to 1.
    """

    problem: PatrolProblem
    loss: FloatArray
    least: FloatArray

    def __post_init__(self) -> None:
        if not ((self.least >= 0) & (self.least <= 1)).all():
            raise InvalidInput(
                N_("A place is to be seen with a probability that is none."), hint=N_("Give a number from 0 to 1.")
            )
        if not (np.isfinite(self.loss) & (self.loss > 0)).all():
            raise InvalidInput(N_("What is lost at a place must be more than nothing."), hint=N_("Use 1, 2, 3 or 4."))


@dataclass(frozen=True)
class JointPlan:
    """A route for each team that goes out; no job is visited twice."""

    routes: tuple[TeamRoute, ...]

    @property
    def jobs(self) -> frozenset[int]:
        return frozenset(visit.job for route in self.routes for visit in route.visits)


@dataclass(frozen=True)
class Missed:
    """A job that cannot be seen as often as it must: at `reached` instead of `least`."""

    job: int
    least: float
    reached: float


@dataclass(frozen=True)
class Strategy:
    """Plans to draw from.

    Attributes
    ----------
    plans, probability
        What may be drawn, and how likely each is; they add up to 1.
    coverage
        For each job the probability that a team comes.
    value
        What an attack costs on average at the worst of the places in reach, by these joint plans.
    bound
        No strategy brings it below this.
    unreachable
        Jobs no team can do, by their tasks, with the reason; they are not part of the value.
    missed
        Jobs that cannot be seen as often as they must.
    """

    plans: tuple[JointPlan, ...]
    probability: FloatArray
    coverage: FloatArray
    value: float
    bound: float
    unreachable: tuple[Unserved, ...]
    missed: tuple[Missed, ...]
    rounds: int
    stopped_early: bool

    @property
    def gap(self) -> float:
        """How far the value is above the bound, as a share of the bound; 0 where nothing is lost at all."""
        return 0.0 if self.value <= 1e-9 else self.value / self.bound - 1 if self.bound > 1e-9 else float("inf")


def cover(plans: tuple[JointPlan, ...], count: int) -> BoolArray:
    """Which of `count` jobs each plan visits, shape (plans, jobs)."""
    seen = np.zeros((len(plans), count), np.bool_)
    for row, plan in enumerate(plans):
        seen[row, list(plan.jobs)] = True
    return seen


def draw(probability: FloatArray, *, seed: int) -> int:
    """Position of the plan that a seed draws; the same seed draws the same."""
    rng: Any = np.random.default_rng(seed)
    return int(rng.choice(len(probability), p=probability / probability.sum()))
