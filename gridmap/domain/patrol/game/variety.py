"""The same coverage at other hours: few plans are split into more that differ in order and time.

Where everything can be seen every day one plan is enough, and whoever has watched it once knows when somebody comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gridmap.domain.patrol.game.game import FloatArray, JointPlan, Strategy
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import TeamRoute
from gridmap.domain.patrol.timetable import time_route
from gridmap.domain.patrol.visit_hours import (
    HOURS,
    Variant,
    allot,
    list_variants,
    read_hours,
    spread_hours,
)

_DRAWN = 24
"""How many plans there are to be drawn at least, where their routes have so many variants."""

_DEARER = 0.1
"""By how much a route may take longer than the shortest with the same visits, as a share."""


@dataclass(frozen=True)
class Foresight:
    """How well the hour of a visit can be foretold.

    Attributes
    ----------
    same_hour
        By job the share of draws in which it is visited in its likeliest hour of the day.
    mean
        The mean of it over the places that are seen at all, each by the days on which it is seen.
    seconds
        How long a plan takes in the mean, all its routes together.
    """

    same_hour: FloatArray
    mean: float
    seconds: float


def measure_foresight(problem: PatrolProblem, plans: Sequence[JointPlan], probability: FloatArray) -> Foresight:
    """How well hours can be foretold by somebody who knows the probabilities and not the draw."""
    often = np.zeros((len(problem.jobs), HOURS))
    seconds = 0.0
    for plan, share in zip(plans, probability, strict=True):
        for route in plan.routes:
            seconds += share * time_route(problem, route).duration_s
            for job, hour in read_hours(problem, route).items():
                often[job, hour] += share
    same_hour, seen = often.max(axis=1, initial=0.0), often.sum(axis=1)
    mean = float((same_hour[seen > 0] / seen[seen > 0]).mean()) if (seen > 0).any() else 0.0
    return Foresight(same_hour, mean, seconds)


def vary_hours(problem: PatrolProblem, strategy: Strategy, *, seed: int) -> Strategy:
    """The strategy with its plans split into variants; what is seen how often stays as it is.

    A plan as likely as several draws of `_DRAWN` is split into as many, its routes' variants thrown together by the
    seed; of a rarer one each route is only turned round or left for later by chance.
    """
    rng = np.random.default_rng(seed)
    shares: dict[JointPlan, float] = {}
    for plan, probability in zip(strategy.plans, strategy.probability, strict=True):
        copies = max(1, round(float(probability) * _DRAWN))
        rows = [_draw_routes(problem, route, copies, rng) for route in plan.routes]
        for k in range(copies):
            made = JointPlan(tuple(row[k] for row in rows))
            shares[made] = shares.get(made, 0.0) + float(probability) / copies
    return replace(strategy, plans=tuple(shares), probability=np.array(list(shares.values())))


def _draw_routes(problem: PatrolProblem, route: TeamRoute, copies: int, rng: np.random.Generator) -> list[TeamRoute]:
    """So many variants of a route, in an order by chance."""
    if copies == 1:
        few: list[Variant] = list_variants(problem, route, dearer=_DEARER, turns=1)
        return [few[int(rng.integers(len(few)))].route]
    variants = list_variants(problem, route, dearer=_DEARER)
    chosen = allot(spread_hours(variants), copies)
    return [variants[k].route for k in rng.permutation(chosen)]
