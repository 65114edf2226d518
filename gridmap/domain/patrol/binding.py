"""Which constraint keeps a task out of a plan, in which team's day, and by how much.

For every job that no route serves, the places with the least way round in every team's day are tried (`replay`). Of the
place that is short of the least it is told what it is short of: with that relaxed by so much, the job fits there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gridmap.domain.patrol.constraints import CONSTRAINT_TEXTS, OTHER_LATE_TEXT, Constraint, Lack
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.reasons import REASON_TEXTS, Reason, Unserved
from gridmap.domain.patrol.replay import Day, Ground, Interval
from gridmap.domain.patrol.solution import Solution, Visit

NEARLY_S = 1800
"""What is short of no more than this is told so; beyond, it is first asked which other task would have to go."""

_DAYS = 3
"""In so many days, those with the least delay, it is tried to put the task in the place of another."""


@dataclass(frozen=True)
class Binding:
    """What keeps one task out, at the place where the least does.

    Attributes
    ----------
    constraint
        A `Constraint`, or the `Reason` of a task that was out of reach before anything was searched.
    team
        Position in `PatrolProblem.teams` of the team in whose day the place is, None where it is nobody's.
    missing, unit
        What it is short of: "s" seconds, "m" metres, "" where it is neither.
    text, values
        English sentence, and what its fields are filled from; `other` is the key of another task.
    further
        What else would have to give way at the same place.
    """

    constraint: str
    team: int | None
    missing: int
    unit: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    further: tuple[Lack, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The binding as the plan document keeps it; the team by its key there."""
        return {
            "constraint": self.constraint,
            "team": None if self.team is None else f"T{self.team + 1}",
            "missing": self.missing,
            "unit": self.unit,
            "text": self.text,
            "values": dict(self.values),
            "further": [
                {"constraint": lack.constraint.value, "missing": lack.missing, "unit": lack.unit}
                for lack in self.further
            ],
        }


def find_bindings(problem: PatrolProblem, solution: Solution) -> dict[str, Binding]:
    """For each task that is not served, what keeps it out; of several visits to a task, the first that is not made."""
    bindings = {item.task: _bind_beforehand(item) for item in problem.unserved}
    served = {visit.job for route in solution.routes for visit in route.visits}
    left_out = [job for job in range(len(problem.jobs)) if job not in served]
    days = _replay(problem, solution) if left_out else []
    for job in left_out:
        binding = _find_binding(problem, days, job)
        for task in problem.jobs[job].tasks:
            bindings.setdefault(task, binding)
    return bindings


def _bind_beforehand(item: Unserved) -> Binding:
    too_far = item.reason is Reason.WALK_TOO_LONG
    missing = item.values["walk_m"] - item.values["limit_m"] if too_far else 0
    return Binding(
        item.reason.value, None, missing, "m" if too_far else "", REASON_TEXTS[item.reason], dict(item.values)
    )


def _replay(problem: PatrolProblem, solution: Solution) -> list[Day]:
    """Every team's day, those that stay at their post included."""
    ground = Ground(problem)
    visits: dict[int, list[tuple[int, Interval]]] = {}
    for route in sorted(solution.routes, key=lambda route: route.start_s):
        planned = Day(ground, route.team, route.visits, start_s=route.start_s, others=visits)
        for family, interval in planned.list_own_visits():
            visits.setdefault(family, []).append((route.team, interval))
    routes = {route.team: route.visits for route in solution.routes}
    return [
        Day(ground, position, routes.get(position, ()), start_s=team.shift_start_s, others=visits)
        for position, team in enumerate(problem.teams)
    ]


@dataclass(frozen=True)
class _Place:
    """A place in a day, what it is short of, and how that ranks."""

    day: Day
    lacks: tuple[Lack, ...]
    rank: tuple[int, float]


def _find_binding(problem: PatrolProblem, days: Sequence[Day], job: int) -> Binding:
    skills = problem.jobs[job].skills
    able = [day for day in days if skills <= day.team.skills]
    least = _find_place(problem, able, job)
    if least is None:
        return _bind_unskilled(problem, [day for day in days if day not in able], job)
    if not least.lacks:
        return _bind(problem, least.day, (Lack(Constraint.SEARCH),))
    if least.rank > (1, NEARLY_S):
        swap = _find_swap(problem, able, job)
        if swap is not None:
            return _bind(problem, swap.day, swap.lacks)
    return _bind(problem, least.day, least.lacks)


def _bind_unskilled(problem: PatrolProblem, days: Sequence[Day], job: int) -> Binding:
    """Of a job that no team with the skills can get to: what another team would have to learn."""
    places = [place for day in days if (place := _find_place(problem, [day], job)) is not None]
    if not places:
        return _bind(problem, None, (Lack(Constraint.NO_PATH),))
    skills = problem.jobs[job].skills
    nearest = min(places, key=lambda place: (len(skills - place.day.team.skills), place.rank))
    missing = "; ".join(sorted(skills - nearest.day.team.skills))
    return _bind(problem, nearest.day, (Lack(Constraint.SKILL), *nearest.lacks), skill=missing)


def _list_places(days: Sequence[Day], job: int) -> list[tuple[int, Day, int, Visit]]:
    """(least delay, day, position, visit) over all days, the least delay first."""
    places = [(late_s, day, at, visit) for day in days for late_s, at, visit in day.list_places(job)]
    return sorted(places, key=lambda place: place[0])


def _find_place(problem: PatrolProblem, days: Sequence[Day], job: int) -> _Place | None:
    """The place that is short of the least, None where no road leads to any."""
    best: _Place | None = None
    spacing_s = problem.jobs[job].spacing_s
    for late_s, day, at, visit in _list_places(days, job):
        if best is not None and best.rank <= (1, late_s):
            break
        tried = [day.insert(at, visit)]
        if problem.jobs[job].family is not None:
            tried.append(day.insert(at, visit, apart=False))
        for lacks in tried:
            # Two visits at one time are none the better for less spacing.
            apart = all(lack.missing <= spacing_s for lack in lacks if lack.constraint is Constraint.SPACING)
            place = _rate(problem, day, lacks)
            if apart and (best is None or place.rank < best.rank):
                best = place
    return best


def _rate(problem: PatrolProblem, day: Day, lacks: tuple[Lack, ...]) -> _Place:
    """Fewer lacks are better, then less of them; metres count as the time they are walked in."""
    metre_s = 3.6 / problem.rules.line_walk_kmh
    total = sum(lack.missing * (metre_s if lack.unit == "m" else 1.0) for lack in lacks)
    return _Place(day, tuple(sorted(lacks, key=lambda lack: -lack.missing)), (len(lacks), total))


def _find_swap(problem: PatrolProblem, days: Sequence[Day], job: int) -> _Place | None:
    """The least important stop whose place the job could take, None where it fits nowhere even so."""
    found: list[tuple[int, _Place]] = []
    near = list(dict.fromkeys(day for _, day, _, _ in _list_places(days, job)))[:_DAYS]
    for day in near:
        for at, stop in enumerate(day.visits):
            other = problem.jobs[stop.job]
            if set(other.tasks) & set(problem.jobs[job].tasks):
                continue
            ways = [Visit(job, way) for way in range(len(problem.jobs[job].ways))]
            if any(day.can_do(visit) and not day.exchange(at, visit) for visit in ways):
                more = max(0, other.priority - problem.jobs[job].priority)
                lack = Lack(Constraint.PRIORITY, more, other.tasks[0])
                found.append((other.priority, _Place(day, (lack,), (1, more))))
    return min(found, key=lambda item: item[0])[1] if found else None


def _bind(problem: PatrolProblem, day: Day | None, lacks: Sequence[Lack], *, skill: str = "") -> Binding:
    main, *further = lacks
    other_late = main.constraint is Constraint.WINDOW and main.other
    values: dict[str, Any] = {}
    if day is not None:
        values["team"] = day.team.name
    if main.unit == "s":
        values["minutes"] = math.ceil(main.missing / 60)
    if main.unit == "m":
        values["metres"] = main.missing
    if main.other:
        values["other"] = main.other
    if skill:
        values["skill"] = skill
    return Binding(
        constraint=main.constraint.value,
        team=None if day is None else day.position,
        missing=main.missing,
        unit=main.unit,
        text=OTHER_LATE_TEXT if other_late else CONSTRAINT_TEXTS[main.constraint],
        values=values,
        further=tuple(further),
    )
