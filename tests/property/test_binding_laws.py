"""What is said to keep a task out does, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.patrol.binding import Binding, find_bindings
from gridmap.domain.patrol.constraints import Constraint, Lack
from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem, Team
from gridmap.domain.patrol.solution import Visit
from tests.patrol_days import DrawnDay, draw_day, fits

SEEDS = st.integers(0, 20_000)


def visits_of(day: DrawnDay, team: int) -> tuple[Visit, ...]:
    return next((route.visits for route in day.solution.routes if route.team == team), ())


def find_room(problem: PatrolProblem, team: int, visits: tuple[Visit, ...], job: int) -> bool:
    return any(
        fits(problem, team, (*visits[:at], Visit(job, way), *visits[at:]))
        for at in range(len(visits) + 1)
        for way in range(len(problem.jobs[job].ways))
    )


def relax_team(team: Team, lack: Lack, skills: frozenset[str]) -> Team:
    match lack.constraint:
        case Constraint.SHIFT_END:
            return replace(team, shift_end_s=team.shift_end_s + lack.missing)
        case Constraint.LATEST_RETURN:
            return replace(team, latest_return_s=(team.latest_return_s or 0) + lack.missing)
        case Constraint.BREAK:
            later = [replace(rest, latest_s=rest.latest_s + lack.missing) for rest in team.breaks]
            return replace(team, breaks=tuple(later))
        case Constraint.DAY_WALK:
            return replace(team, max_walk_m=(team.max_walk_m or 0) + lack.missing)
        case Constraint.SKILL:
            return replace(team, skills=team.skills | skills)
    return team


def relax(problem: PatrolProblem, binding: Binding, job: int, *, spare: int = 0) -> PatrolProblem:
    """The problem with all that `binding` names relaxed by what it is short of, less `spare` of the first."""
    assert binding.team is not None
    main = Lack(Constraint(binding.constraint), binding.missing - spare, binding.values.get("other", ""))
    team, jobs = problem.teams[binding.team], list(problem.jobs)
    for lack in (main, *binding.further):
        team = relax_team(team, lack, problem.jobs[job].skills)
        if lack.constraint is Constraint.WINDOW:
            late = next(i for i, other in enumerate(jobs) if lack.other in other.tasks) if lack.other else job
            *kept, (first, last) = jobs[late].windows_s
            jobs[late] = replace(jobs[late], windows_s=(*kept, (first, last + lack.missing)))
    teams = [team if i == binding.team else other for i, other in enumerate(problem.teams)]
    return replace(problem, teams=tuple(teams), jobs=tuple(jobs))


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_with_what_is_missing_the_task_fits(seed: int) -> None:
    day = draw_day(seed)
    served = {visit.job for route in day.solution.routes for visit in route.visits}
    bindings = find_bindings(day.problem, day.solution)
    assert bindings.keys() == {day.problem.jobs[job].tasks[0] for job in range(6) if job not in served}
    for job in set(range(6)) - served:
        binding = bindings[day.problem.jobs[job].tasks[0]]
        if binding.constraint == Constraint.NO_PATH:
            assert_out_of_reach(day, job)
            continue
        assert binding.team is not None
        visits = visits_of(day, binding.team)
        if binding.constraint == Constraint.PRIORITY:
            assert not find_room(day.problem, binding.team, visits, job)
            rest = tuple(v for v in visits if binding.values["other"] not in day.problem.jobs[v.job].tasks)
            assert len(rest) == len(visits) - 1
            assert find_room(day.problem, binding.team, rest, job)
        else:
            assert find_room(relax(day.problem, binding, job), binding.team, visits, job)


def assert_out_of_reach(day: DrawnDay, job: int) -> None:
    """No road leads there and on again at any place of any day."""
    place = {place: 1 + i for i, place in enumerate(day.problem.places())}
    seconds = day.problem.seconds[0]
    for team in range(2):
        stops = [0, *(place[v.job, v.way] for v in visits_of(day, team)), 0]
        for way in range(len(day.problem.jobs[job].ways)):
            at = place[job, way]
            assert all(max(seconds[here, at], seconds[at, on]) >= FORBIDDEN for here, on in pairwise(stops))


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_with_a_second_less_it_does_not_fit(seed: int) -> None:
    """Brute force over every place: what is named alone is the least that has to give way."""
    day = draw_day(seed, breaks=False)
    bindings = find_bindings(day.problem, day.solution)
    told = [(job, bindings.get(task.tasks[0])) for job, task in enumerate(day.problem.jobs)]
    single = [(job, found) for job, found in told if found and found.unit == "s" and not found.further]
    for job, binding in single:
        assert binding.team is not None
        for team in range(2):
            assert not find_room(day.problem, team, visits_of(day, team), job)
        tighter = relax(day.problem, binding, job, spare=1)
        assert not find_room(tighter, binding.team, visits_of(day, binding.team), job)


def test_every_constraint_is_met_somewhere() -> None:
    """The drawn days are not all alike: what the laws above hold for is more than one kind."""
    met: set[str] = set()
    for seed in range(400):
        day = draw_day(seed)
        met |= {binding.constraint for binding in find_bindings(day.problem, day.solution).values()}
    rare = {Constraint.SPACING}
    assert met >= {constraint.value for constraint in Constraint if constraint not in rare}
