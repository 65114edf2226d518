"""Routes known so far, and the joint plans that can be put together from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.game.crews import Crew
from gridmap.domain.patrol.game.game import FloatArray, JointPlan
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import TeamRoute, Visit

IntArray = npt.NDArray[np.int64]

_PASSES = 3
_LISTED = 400
_KEPT = 4000
"""Routes of a crew; beyond this the oldest go."""


@dataclass
class _Known:
    """Routes of one crew, and the jobs each sees as rows of 0 and 1."""

    routes: list[tuple[Visit, ...]] = field(default_factory=list)
    known: set[frozenset[int]] = field(default_factory=set)
    seen: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    count: int = 0


class RoutePool:
    """Routes by crew, each set of jobs once."""

    def __init__(self, problem: PatrolProblem, crews: Sequence[Crew]) -> None:
        self._problem = problem
        self._crews = crews
        self._known = [_Known(seen=np.zeros((64, len(problem.jobs)))) for _ in crews]
        self._slots = [crew for crew, members in enumerate(crews) for _ in members.teams]

    def add(self, crew: int, visits: tuple[Visit, ...]) -> bool:
        """Keep a route that a team of the crew has time for; whether it was new."""
        own, jobs = self._known[crew], frozenset(visit.job for visit in visits)
        if not visits or jobs in own.known:
            return False
        if own.count == _KEPT:
            self._forget(own)
        if own.count == len(own.seen):
            own.seen = np.vstack([own.seen, np.zeros_like(own.seen)])
        own.seen[own.count, list(jobs)] = 1.0
        own.known.add(jobs)
        own.routes.append(visits)
        own.count += 1
        return True

    def _forget(self, own: _Known) -> None:
        half = _KEPT // 2
        own.seen[:half] = own.seen[half:_KEPT]
        own.seen[half:] = 0.0
        own.routes = own.routes[half:]
        own.count = half

    def combine(self, worth: FloatArray, rng: np.random.Generator) -> JointPlan:
        """A route for each team that together see the most worth, by turns from a random start."""
        chosen = [-1] * len(self._slots)
        times = np.zeros(len(worth))
        for _ in range(_PASSES):
            changed = False
            for slot in rng.permutation(len(self._slots)).tolist():
                own = self._known[self._slots[slot]]
                if not own.count:
                    continue
                if chosen[slot] >= 0:
                    times -= own.seen[chosen[slot]]
                gain = own.seen[: own.count] @ np.where(times > 0.5, 0.0, worth)
                best = int(gain.argmax())
                if chosen[slot] < 0 or gain[best] > gain[chosen[slot]] + 1e-12:
                    changed = changed or best != chosen[slot]
                    chosen[slot] = best
                times += own.seen[chosen[slot]]
            if not changed:
                break
        return self._write(chosen)

    def _write(self, chosen: Sequence[int]) -> JointPlan:
        """The plan of a choice: a job that several would see is left to the first."""
        members = [team for crew in self._crews for team in crew.teams]
        taken: set[int] = set()
        written: list[TeamRoute] = []
        for team, crew, route in zip(members, self._slots, chosen, strict=True):
            visits = self._known[crew].routes[route] if route >= 0 else ()
            kept = tuple(visit for visit in visits if visit.job not in taken)
            taken.update(visit.job for visit in kept)
            if kept:
                written.append(TeamRoute(team, self._problem.teams[team].shift_start_s, kept))
        return JointPlan(tuple(sorted(written, key=lambda route: route.team)))

    def most(self, crew: int, worth: FloatArray) -> float:
        """What the best known route of a crew collects."""
        own = self._known[crew]
        return float((own.seen[: own.count] @ worth).max(initial=0.0))

    def list_columns(self, targets: IntArray, worth: FloatArray) -> tuple[FloatArray, IntArray]:
        """Which targets the routes of each crew that are worth most see, shape (routes, targets), and their crews."""
        seen = []
        for own in self._known:
            rows = own.seen[: own.count]
            seen.append(rows[np.argsort(-(rows @ worth), kind="stable")[:_LISTED]][:, targets])
        crews = [np.full(len(part), crew, np.int64) for crew, part in enumerate(seen)]
        return np.vstack(seen), np.concatenate(crews)
