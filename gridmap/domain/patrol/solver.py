"""Good routes for a patrol problem."""

from __future__ import annotations

import time

from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.rich.effort import Effort
from gridmap.domain.patrol.rich.search import search
from gridmap.domain.patrol.rich.warming import compile_planner
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.progress import Progress, silent

__all__ = ["Effort", "solve"]


def solve(
    problem: PatrolProblem, *, effort: Effort, progress: Progress = silent, start: Solution | None = None
) -> Solution:
    """Search for routes that serve the most priority in the least time.

    A plan to `start` from is taken over as far as it is feasible, and never made worse. When `progress` raises
    `Cancelled` the search ends and the best routes so far are returned, `stopped_early` set. Compiling, once on a
    machine, is not counted as time of the search.
    """
    if not problem.jobs or not problem.teams:
        left_out = problem.rules.priority_s * sum(job.priority for job in problem.jobs)
        return Solution((), cost=left_out, lower_bound=left_out)
    compile_planner()
    return search(problem, effort=effort, progress=progress, clock=time.monotonic, start=start)
