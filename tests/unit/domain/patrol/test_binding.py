"""The sentence that says what keeps a task out."""

from __future__ import annotations

from gridmap.domain.patrol.binding import Binding, find_bindings
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.reasons import Reason, Unserved
from tests.patrol_days import NOON, START_S, make_job, make_problem, make_solution, make_team


def bind(problem: PatrolProblem, *routes: list[int], task: str = "hazard-2") -> tuple[Binding, str]:
    binding = find_bindings(problem, make_solution(*routes))[task]
    return binding, binding.text.format(**binding.values)


def test_a_day_that_is_too_short_says_by_how_much() -> None:
    # Two stops of half an hour and three ways of ten minutes, in an hour and twenty minutes.
    jobs = [make_job(1, work_s=1800), make_job(2, work_s=1800)]
    binding, words = bind(make_problem(jobs, [make_team(1, hours=4 / 3)]), [0])
    assert (binding.constraint, binding.team, binding.missing, binding.unit) == ("shift_end", 0, 600, "s")
    assert words == "team 1 would be back 10 min after the end of its shift."
    assert binding.further == ()


def test_far_from_fitting_it_says_what_would_have_to_go() -> None:
    jobs = [make_job(1, work_s=5400, priority=4), make_job(2, work_s=5400, priority=1)]
    binding, words = bind(make_problem(jobs, [make_team(1, hours=2)]), [0])
    assert (binding.constraint, binding.missing) == ("priority", 3)
    assert words == "It fits into the day of team 1 only in place of hazard-1."


def test_a_window_that_has_passed_and_one_that_would_be_missed() -> None:
    early = (START_S, START_S + 300)
    own, words = bind(make_problem([make_job(1), make_job(2, windows_s=[early])], [make_team(1)]), [0])
    assert (own.constraint, own.missing, words) == ("window", 300, "team 1 would come 5 min too late.")
    # Before its only stop there is no time left, after it none.
    jobs = [make_job(1, windows_s=[(START_S, START_S + 900)]), make_job(2, windows_s=[(START_S, START_S + 600)])]
    other, words = bind(make_problem(jobs, [make_team(1)]), [0])
    assert (other.constraint, other.missing) == ("window", 900)
    assert words == "team 1 would then come 15 min too late to hazard-1."


def test_a_skill_nobody_there_has() -> None:
    jobs = [make_job(1), make_job(2, skills=["boat", "rope"])]
    teams = [make_team(1), make_team(2, skills=frozenset({"rope"}))]
    binding, words = bind(make_problem(jobs, teams), [0])
    assert (binding.constraint, binding.team) == ("skill", 1)
    assert words == "No team that can get there has the skill “boat”."


def test_a_walk_beyond_what_a_team_may_in_a_day() -> None:
    jobs = [make_job(1, walk_m=3000), make_job(2, walk_m=2500)]
    binding, words = bind(make_problem(jobs, [make_team(1, max_walk_m=5000.0)]), [0])
    assert (binding.constraint, binding.missing, binding.unit) == ("day_walk", 501, "m")
    assert words == "team 1 would walk 501 m more than it may in a day."


def test_a_break_that_comes_too_late() -> None:
    jobs = [make_job(1, work_s=9000), make_job(2, work_s=9000)]
    seconds = make_problem(jobs, []).seconds[0] * 3
    binding, _ = bind(make_problem(jobs, [make_team(1, hours=24, breaks=(NOON,))], seconds=seconds), [0])
    # Out 08:00, there 08:30, done 11:00; the break begins at 12:00 and the second stop fits behind it.
    assert binding.constraint == "search"
    long = [make_job(1, work_s=600), make_job(2, work_s=20_000, windows_s=[(START_S, START_S + 3 * 1800)])]
    binding, words = bind(make_problem(long, [make_team(1, hours=24, breaks=(NOON,))]), [0])
    assert (binding.constraint, binding.missing) == ("break", START_S + 600 + 20_000 - NOON.latest_s)
    assert words == "team 1 would begin its break 74 min too late."


def test_visits_too_near_to_one_another() -> None:
    """The second visit of a family has to be four hours from the first, in a shift of three and a half."""
    visits = [
        make_job(number, work_s=600, family=1, spacing_s=4 * 3600, tasks=["hazard-2"], windows_s=[])
        for number in (1, 2)
    ]
    problem = make_problem(visits, [make_team(1, hours=3.5), make_team(2, hours=3.5)])
    binding, words = bind(problem, [0], [])
    # 08:10 to 08:20 by the first, and 4 h later: done 12:30, back 12:40, when the shift ended at 11:30.
    assert (binding.constraint, binding.missing) == ("shift_end", 70 * 60)
    assert words == "team 1 would be back 70 min after the end of its shift."
    # Only at nine and at two in the afternoon: at nine the first visit is 40 minutes over, and it has to be an hour.
    at_nine, at_two = ((START_S + at, START_S + at + 720) for at in (3600, 6 * 3600))
    visits = [
        make_job(1, family=1, spacing_s=3600, tasks=["hazard-2"], windows_s=[(START_S, START_S + 900)]),
        make_job(2, family=1, spacing_s=3600, tasks=["hazard-2"], windows_s=[at_nine, at_two]),
    ]
    binding, words = bind(make_problem(visits, [make_team(1, hours=4), make_team(2, hours=4)]), [0], [])
    assert (binding.constraint, binding.missing) == ("spacing", 1200)
    assert words == "team 1 would come 20 min too near to another visit."


def test_a_task_that_was_out_of_reach_says_so_itself() -> None:
    given = Unserved("segment-9", Reason.WALK_TOO_LONG, {"walk_m": 7000, "limit_m": 6000})
    problem = make_problem([make_job(1)], [make_team(1)])
    binding = find_bindings(type(problem)(**{**vars(problem), "unserved": (given,)}), make_solution([0]))["segment-9"]
    assert binding.as_json() == {
        "constraint": "walk_too_long",
        "team": None,
        "missing": 1000,
        "unit": "m",
        "text": "From the nearest access points the walk is {walk_m} m; at most {limit_m} m are allowed.",
        "values": {"walk_m": 7000, "limit_m": 6000},
        "further": [],
    }


def test_nothing_left_out_is_nothing_to_tell() -> None:
    assert find_bindings(make_problem([make_job(1)], [make_team(1)]), make_solution([0])) == {}
