"""The planner asked for the joint plan that collects the most of given prizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridmap.domain.patrol.game.game import FloatArray, JointPlan
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import TeamRoute
from gridmap.domain.patrol.solver import Effort, solve

_MOST_PRIZE = 1000
_PRIZE_S = 360
"""A thousandth of the largest prize is worth six minutes on the way, so that within the shifts prizes decide; more
would drown what the planner pays for coming too late."""


def plan_for(problem: PatrolProblem, worth: FloatArray, *, effort: Effort) -> JointPlan:
    """What the planner would do if each job were worth so much (0 and up)."""
    most = float(worth.max(initial=0.0))
    prizes = np.maximum(1, np.rint(worth / most * _MOST_PRIZE)) if most > 0 else np.ones(len(worth))
    jobs = tuple(replace(job, priority=int(prize)) for job, prize in zip(problem.jobs, prizes, strict=True))
    rules = replace(problem.rules, priority_s=_PRIZE_S, metre_s=0.0)
    solution = solve(replace(problem, jobs=jobs, rules=rules), effort=effort)
    return JointPlan(tuple(TeamRoute(route.team, route.start_s, route.visits) for route in solution.routes))
