"""Good routes for a patrol problem, by PyVRP's iterated local search."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pyvrp

from gridmap.domain.patrol.efforts import check_effort
from gridmap.domain.patrol.encoding import decode, encode
from gridmap.domain.patrol.fitting import keep_feasible
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, Cancelled

_REPORT_EVERY_S = 0.1


@dataclass(frozen=True)
class Effort:
    """How long to search: `iterations` where given, which makes a run reproducible by its seed, else `seconds`."""

    seconds: float = 10.0
    iterations: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        check_effort(seconds=self.seconds, iterations=self.iterations)


def solve(
    problem: PatrolProblem, *, effort: Effort, progress: Progress = silent, start: Solution | None = None
) -> Solution:
    """Search for routes that serve the most priority in the least time, from `start` on where there is one.

    When `progress` raises `Cancelled` the search ends and the best routes so far are returned, `stopped_early` set.
    """
    if not problem.jobs or not problem.teams:
        return Solution(())
    stop = _Stop(effort, progress)
    result = pyvrp.solve(encode(problem), stop, effort.seed, collect_stats=False, display=False)
    # Every client is optional, so that an empty plan is feasible and the best found cannot be worse.
    assert result.best.is_feasible()
    found = decode(problem, result.best, iterations=result.num_iterations, stopped_early=stop.was_cancelled)
    # Breaks, skills, long walks and visits apart from one another are not in PyVRP's terms.
    return keep_feasible(problem, found if start is None or found.routes else start)


class _Stop:
    """Tells PyVRP when to end, and the person how far it is.

    The stopwatch only decides how long to go on, never what is found in a given number of iterations.
    """

    def __init__(self, effort: Effort, progress: Progress) -> None:
        self.was_cancelled = False
        self._effort = effort
        self._progress = progress
        self._done = 0
        self._began = time.monotonic()
        self._report_at = 0.0

    def __call__(self, best_cost: int) -> bool:
        spent = time.monotonic() - self._began
        if self._effort.iterations is not None:
            share = self._done / self._effort.iterations
        else:
            share = spent / self._effort.seconds
        if spent >= self._report_at:
            self._report_at = spent + _REPORT_EVERY_S
            try:
                self._progress(min(share, 1.0), N_("Improving the routes"))
            except Cancelled:
                self.was_cancelled = True
                return True
        self._done += 1
        return share >= 1.0
