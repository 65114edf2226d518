"""What a person's edit of a drawn plan costs, were it made on every day: loss at the worst place, and surprise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmap.domain.patrol.game.crews import Watch, only_jobs
from gridmap.domain.patrol.game.game import FloatArray, Game, JointPlan, cover
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import TeamRoute, Visit


@dataclass(frozen=True)
class Edit:
    """One of three: a team goes another way (`visits`, none at all where empty), it always does `job`, or nobody does.

    Attributes
    ----------
    team
        Position of the team, None where `job` is left out by all.
    visits
        The team's whole route, None where only `job` is concerned.
    """

    team: int | None = None
    visits: tuple[Visit, ...] | None = None
    job: int | None = None


@dataclass(frozen=True)
class EditCost:
    """What an edit changes.

    Attributes
    ----------
    value_before, value_after
        What is lost at the worst place.
    bits_before, bits_lost
        Surprise at all places before, and how much less it is, in bits.
    places
        How many places are seen more or less often than before.
    """

    value_before: float
    value_after: float
    bits_before: float
    bits_lost: float
    places: int


def price_edit(game: Game, plans: Sequence[JointPlan], probability: FloatArray, edit: Edit) -> EditCost:
    """Apply the edit to every plan and look at the mixture anew; places never seen before or after do not count."""
    watch, count = Watch(game.problem), len(game.loss)
    edited = tuple(_apply(game.problem, watch, plan, edit) for plan in plans)
    before, after = (probability @ cover(tuple(held), count) for held in (plans, edited))
    seen = (before > 0) | (after > 0)
    changed = np.abs(after - before) > 1e-9
    left = [float((game.loss * (1 - held))[seen].max(initial=0.0)) for held in (before, after)]
    bits = _bits(before).sum()
    return EditCost(left[0], left[1], float(bits), float(bits - _bits(after).sum()), int(changed.sum()))


def _bits(probability: FloatArray) -> FloatArray:
    """How uncertain it is whether somebody comes: 1 at one half, 0 where it is sure."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)))


def _apply(problem: PatrolProblem, watch: Watch, plan: JointPlan, edit: Edit) -> JointPlan:
    others = [route for route in plan.routes if route.team != edit.team]
    if edit.team is None:
        kept = [only_jobs(route, plan.jobs - {edit.job}) for route in others]
        return JointPlan(tuple(route for route in kept if route.visits))
    start_s = problem.teams[edit.team].shift_start_s
    own = next((route.visits for route in plan.routes if route.team == edit.team), ())
    visits = edit.visits if edit.visits is not None else _with_job(problem, watch, edit.team, own, edit.job)
    taken = {visit.job for visit in visits}
    kept = [only_jobs(route, plan.jobs - taken) for route in others]
    routes = [*(route for route in kept if route.visits), TeamRoute(edit.team, start_s, visits)]
    return JointPlan(tuple(sorted((r for r in routes if r.visits), key=lambda route: route.team)))


def _with_job(
    problem: PatrolProblem, watch: Watch, team: int, visits: tuple[Visit, ...], job: int | None
) -> tuple[Visit, ...]:
    """The route with the job where it fits best, after as few of its last visits as must be were left out for it."""
    if job is None or any(visit.job == job for visit in visits):
        return visits
    rest = visits
    while True:
        for at in range(len(rest), -1, -1):
            for way in range(len(problem.jobs[job].ways)):
                longer = (*rest[:at], Visit(job, way), *rest[at:])
                if watch.fits(team, longer):
                    return longer
        if not rest:
            return visits
        rest = rest[:-1]
