"""What cannot be is named before anything is searched: what stands in the way, and the team that comes nearest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.ground import PatrolInput
from gridmap.domain.patrol.problem import Break, Job, PatrolProblem, Task, TaskKind, Team
from gridmap.domain.patrol.reasons import REASON_HINTS, REASON_TEXTS, Reason, Unserved
from gridmap.domain.patrol.rules import PatrolRules
from tests.worlds import DAY_START_S, build_patrol_world

WORLD = build_patrol_world(3, kinds=("car", "foot"))
H = 3600


def build(
    *, teams: Callable[[Team], Team] = lambda team: team, tasks: Callable[[Task], Task] = lambda task: task
) -> PatrolProblem:
    given = WORLD.given
    changed = replace(given, tasks=tuple(map(tasks, given.tasks)), teams=tuple(map(teams, given.teams)))
    return build_problem(WORLD.network, changed, rules=PatrolRules())


def reasons(problem: PatrolProblem) -> dict[str, Unserved]:
    return {item.task: item for item in problem.unserved}


REACHED = {key for job in build().jobs for key in job.tasks}
HAZARDS = {task.key for task in WORLD.given.tasks if task.kind is TaskKind.HAZARD} & REACHED
SEGMENTS = REACHED - HAZARDS


def test_the_world_is_reached_as_it_is() -> None:
    assert HAZARDS
    assert SEGMENTS


def test_a_skill_that_no_team_has_is_named() -> None:
    found = reasons(build(tasks=lambda task: replace(task, skill="diving") if task.kind is TaskKind.HAZARD else task))
    assert {found[key].reason for key in HAZARDS} == {Reason.NO_SKILL}
    assert all(found[key].values == {"skill": "diving"} for key in HAZARDS)
    assert not SEGMENTS & found.keys()


def test_hours_in_which_nobody_works_are_named() -> None:
    found = reasons(build(tasks=lambda task: replace(task, windows_s=((20 * H, 30 * H),))))
    assert {found[key].reason for key in REACHED} == {Reason.OUTSIDE_HOURS}
    assert all(found[key].values["hours"] == "20:00–06:00" for key in REACHED)


def test_a_shift_that_is_too_short_says_by_how_much() -> None:
    def shorten(team: Team) -> Team:
        return replace(team, shift_end_s=DAY_START_S + 60)

    found = reasons(build(teams=shorten))
    short = [item for item in found.values() if item.reason is Reason.SHIFT_TOO_SHORT]
    assert short
    assert all(item.values["minutes"] > 0 and item.values["team"].startswith("team") for item in short)


def test_a_break_counts_against_the_shift() -> None:
    def rest_all_day(team: Team) -> Team:
        return replace(team, breaks=(Break(9 * H, 9 * H, 8 * H - 60),))

    found = reasons(build(teams=rest_all_day))
    assert {found[key].reason for key in SEGMENTS} == {Reason.SHIFT_TOO_SHORT}


def test_a_walk_that_is_too_long_for_every_team_is_named() -> None:
    found = reasons(build(teams=lambda team: replace(team, max_walk_m=10.0)))
    far = [found[key] for key in SEGMENTS]
    assert {item.reason for item in far} == {Reason.WALK_OF_TEAM}
    assert all(item.values["limit_m"] == 10 < item.values["walk_m"] for item in far)


def test_more_visits_than_fit_are_left_out_and_counted() -> None:
    problem = build(tasks=lambda task: replace(task, visits=9, spacing_s=2 * H))
    found = reasons(problem)
    surplus = [found[key] for key in REACHED]
    assert {item.reason for item in surplus} == {Reason.SPACING_TOO_LONG}
    for item in surplus:
        jobs = [job for job in problem.jobs if item.task in job.tasks]
        assert len(jobs) + (item.visits or 0) == 9
        assert item.values["fit"] == len(jobs)
        assert len({job.family for job in jobs}) == 1
        assert all(job.spacing_s == 2 * H for job in jobs)


def test_visits_have_places_of_their_own() -> None:
    problem = build(tasks=lambda task: replace(task, visits=2, spacing_s=H))
    places = len(problem.posts) + sum(len(job.ways) for job in problem.jobs)
    assert all(matrix.shape == (places, places) for matrix in problem.seconds)
    first, second = problem.jobs[0], problem.jobs[1]
    assert first == second
    a, b = problem.place_of(0, 0), problem.place_of(1, 0)
    others = np.arange(len(problem.posts))
    np.testing.assert_array_equal(problem.seconds[0][others, a], problem.seconds[0][others, b])


def test_segments_are_walked_together_only_when_they_ask_for_the_same() -> None:
    together = max(len(job.tasks) for job in build().jobs)
    assert together > 1

    def differ(task: Task) -> Task:
        return replace(task, windows_s=((8 * H, (9 + task.id) * H),)) if task.kind is TaskKind.SEGMENT else task

    assert max(len(job.tasks) for job in build(tasks=differ).jobs) == 1


def test_a_job_takes_over_what_its_tasks_need() -> None:
    problem = build(
        tasks=lambda task: replace(task, skill="climbing", inspect_s=420) if task.kind is TaskKind.HAZARD else task,
        teams=lambda team: replace(team, skills=frozenset(["climbing"])),
    )
    jobs: list[Job] = [job for job in problem.jobs if job.tasks[0] in HAZARDS]
    assert all(job.skills == {"climbing"} for job in jobs)
    for job in jobs:
        approach = next(approach for approach in job.ways[0].approaches if approach is not None)
        assert approach.work_s - 420 == pytest.approx(approach.walk_m * 3.6 / 4.0, abs=1.01)


def test_without_teams_everything_says_so() -> None:
    given = WORLD.given
    nobody = PatrolInput(given.tasks, {}, given.access, given.posts, ())
    problem = build_problem(WORLD.network, nobody, rules=PatrolRules())
    assert {item.reason for item in problem.unserved} == {Reason.NO_TEAM}


def test_every_reason_has_its_sentence_and_what_to_do() -> None:
    assert set(REASON_TEXTS) == set(REASON_HINTS) == set(Reason)
