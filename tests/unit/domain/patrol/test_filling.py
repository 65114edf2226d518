"""What still fits between the stops of a plan."""

from __future__ import annotations

from dataclasses import replace

from gridmap.domain.patrol.filling import find_fitting_jobs
from tests.patrol_days import make_job, make_problem, make_solution, make_team


def test_the_more_important_comes_first_and_only_as_much_as_fits() -> None:
    jobs = [make_job(1, priority=1), make_job(2, priority=1), make_job(3, priority=4)]
    # The way out and back takes ten minutes each, and so does every stop with the way to it.
    problem = make_problem(jobs, [make_team(1, hours=50 / 60)])
    assert find_fitting_jobs(problem, make_solution([0])) == (2,)
    longer = replace(problem, teams=(make_team(1, hours=70 / 60),))
    assert find_fitting_jobs(longer, make_solution([0])) == (2, 1)


def test_a_team_that_is_added_takes_what_the_first_could_not() -> None:
    jobs = [make_job(1), make_job(2), make_job(3, skills=["boat"])]
    problem = make_problem(jobs, [make_team(1, hours=0.5)])
    assert find_fitting_jobs(problem, make_solution([0])) == ()
    more = replace(problem, teams=(*problem.teams, make_team(2, hours=0.5)))
    assert find_fitting_jobs(more, make_solution([0])) == (1,)
    able = replace(problem, teams=(*problem.teams, make_team(2, hours=2, skills=frozenset({"boat"}))))
    assert set(find_fitting_jobs(able, make_solution([0]))) == {1, 2}
