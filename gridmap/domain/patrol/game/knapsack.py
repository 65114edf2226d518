"""What no strategy can beat by working hours alone: the time of all teams against the work and the ways there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.domain.patrol.game.crews import measure_time
from gridmap.domain.patrol.game.game import FloatArray, Game
from gridmap.domain.patrol.game.kernel import IntArray
from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem


@dataclass(frozen=True)
class TimeBound:
    """What is lost at the worst place at least, and the attacks that show it: 0 and up, by target, 1 in all."""

    value: float
    attack: FloatArray


def bound_by_time(game: Game, targets: IntArray) -> TimeBound:
    """A bound on what is lost at the worst of the jobs `targets`: every visit takes its work and a way there at least.

    Where nothing more than `v` is lost anywhere, a job with the loss `l` is seen with a probability of `1 - v / l` at
    least, so that for any set of jobs with the least times `t` and teams with the time `T` in all, `v` is no less than
    `(sum t - T) / sum (t / l)`. The sets of the jobs with the largest losses are enough.
    """
    order = np.argsort(-game.loss[targets], kind="stable")
    least_s = _measure_least(game.problem)[targets[order]]
    pull = least_s / game.loss[targets[order]]
    total_s = sum(measure_time(team) for team in game.problem.teams)
    more_s, rate = np.cumsum(least_s) - total_s, np.cumsum(pull)
    bounds = np.divide(more_s, rate, out=np.zeros(len(order)), where=rate > 0)
    if not (bounds > 0).any():
        return TimeBound(0.0, np.full(len(order), 1 / max(1, len(order))))
    last = int(bounds.argmax()) + 1
    attack = np.zeros(len(order))
    attack[order[:last]] = pull[:last] / rate[last - 1]
    return TimeBound(float(bounds[last - 1]), attack)


def _measure_least(problem: PatrolProblem) -> FloatArray:
    """Seconds that a visit to each job takes at least, from wherever and by whoever it is made; 0 where nobody can."""
    places, posts = problem.places(), len(problem.posts)
    owner = np.array([job for job, _ in places], np.int64)
    least = np.full(len(problem.jobs), np.inf)
    for profile in {problem.profile_of(team) for team in problem.teams}:
        way_there = problem.seconds[profile][:, posts:].astype(np.float64)
        way_there[way_there >= FORBIDDEN] = np.inf
        way_there[posts:][owner[:, None] == owner[None, :]] = np.inf
        approaches = [problem.jobs[job].ways[way].approaches[profile] for job, way in places]
        work = np.array([np.inf if approach is None else approach.work_s for approach in approaches], np.float64)
        np.minimum.at(least, owner, work + way_there.min(axis=0, initial=np.inf))
    return np.where(np.isfinite(least), least, 0.0)
