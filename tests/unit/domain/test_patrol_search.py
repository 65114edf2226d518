"""A route followed by hand, every breach by its code, and when a search ends."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from gridmap.domain.patrol.problem import (
    FORBIDDEN,
    Approach,
    Break,
    Job,
    PatrolProblem,
    Post,
    Profile,
    Team,
    TeamKind,
    Way,
)
from gridmap.domain.patrol.rich.effort import Effort
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.patrol.solver import solve
from gridmap.domain.patrol.timetable import Rest, StopTime, time_route
from gridmap.domain.patrol.verdict import Price, find_violations, price
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import InvalidInput
from tests.rich_worlds import build_rich_problem

SPOT = Spot(0, 0.0)
MINUTE_S = 60
WAY_S, WORK_S = 10 * MINUTE_S, 5 * MINUTE_S


def build_job(*, work_s: int = WORK_S, walk_m: float = 100.0) -> Job:
    return Job(("hazard-1",), 1, (Way((Approach(SPOT, SPOT, work_s, walk_m),)),))


def build_team(**values: object) -> Team:
    team = Team(None, "team", TeamKind.FOOT, 1, 0, 8 * 3600, 12 * 3600)
    return replace(team, **values)  # type: ignore[arg-type]


def build_problem(*jobs: Job, teams: tuple[Team, ...] = ()) -> PatrolProblem:
    """Two posts and ten minutes, one kilometre, between any two places."""
    count = 2 + len(jobs)
    return PatrolProblem(
        tasks=(),
        jobs=jobs,
        teams=teams or (build_team(),),
        posts=tuple(Post(i, f"post {i}", "police_post", 0.0, 0.0) for i in range(2)),
        profiles=(Profile(Mode.FOOT, drives_round=False),),
        post_spots=((SPOT, SPOT),),
        seconds=(np.full((count, count), WAY_S, np.int64),),
        metres=(np.full((count, count), 1000, np.int64),),
        unserved=(),
        rules=PatrolRules(priority_s=5000, balance=0.5),
    )


EIGHT = 8 * 3600


def test_a_route_is_followed_with_its_waiting_and_its_break() -> None:
    windowed = replace(build_job(), windows_s=((EIGHT, EIGHT + 60), (EIGHT + 3600, EIGHT + 7200)))
    team = build_team(breaks=(Break(EIGHT + 1200, EIGHT + 1800, 600),), end_post=1)
    problem = build_problem(build_job(), windowed, build_job(), teams=(team,))
    route = TeamRoute(0, EIGHT, (Visit(0, 0), Visit(1, 0)), (1,))
    table = time_route(problem, route)
    assert table.stops == (
        StopTime(EIGHT + 600, EIGHT + 600, EIGHT + 900, 1000, 100.0),
        StopTime(EIGHT + 2400, EIGHT + 3600, EIGHT + 3900, 1000, 100.0),
    )
    assert table.rests == (Rest(1, EIGHT + 1200, EIGHT + 1800),)
    assert (table.end_s, table.metres, table.walk_m) == (EIGHT + 4500, 3200.0, 200.0)
    assert find_violations(problem, Solution((route,))) == ()
    squared = 0.5 * 4500**2 / (2 * 4 * 3600)
    assert price(problem, Solution((route,))) == Price(4500, pytest.approx(320.0), 5000, pytest.approx(squared))


def judge(problem: PatrolProblem, *routes: TeamRoute) -> tuple[str, ...]:
    return find_violations(problem, Solution(routes))


FIRST = TeamRoute(0, EIGHT, (Visit(0, 0),))


def test_every_breach_has_its_code() -> None:
    job = build_job()
    two = build_problem(job, job, teams=(build_team(), build_team()))
    assert judge(two, FIRST, TeamRoute(0, EIGHT, (Visit(1, 0),))) == ("team_twice",)
    assert judge(two, FIRST, TeamRoute(1, EIGHT, (Visit(0, 0),))) == ("job_twice",)
    assert judge(build_problem(replace(job, windows_s=((0, EIGHT),))), FIRST) == ("window",)
    assert judge(build_problem(replace(job, skills=frozenset({"rope"}))), FIRST) == ("skill",)
    assert judge(build_problem(job, teams=(build_team(max_walk_m=99.0),)), FIRST) == ("walk",)
    assert judge(build_problem(job, teams=(build_team(latest_return_s=EIGHT + 1499),)), FIRST) == ("shift",)
    assert judge(build_problem(job), replace(FIRST, start_s=EIGHT - 1)) == ("shift",)
    resting = build_problem(job, teams=(build_team(breaks=(Break(EIGHT, EIGHT + 300, 60),)),))
    assert judge(resting, FIRST) == ("break",)
    assert judge(resting, replace(FIRST, breaks=(1,))) == ("break",)
    assert judge(resting, replace(FIRST, breaks=(0,))) == ()
    closed = build_problem(job)
    closed.seconds[0][0, 2] = FORBIDDEN
    assert "no_path" in judge(closed, FIRST)
    assert "no_path" in judge(build_problem(replace(job, ways=(Way((None,)),))), FIRST)


def test_visits_of_a_family_keep_their_distance_whoever_makes_them() -> None:
    job = replace(build_job(), family=3, spacing_s=1800)
    problem = build_problem(job, job, teams=(build_team(), build_team()))
    other = TeamRoute(1, EIGHT, (Visit(1, 0, EIGHT + 900 + 1800),))
    assert judge(problem, FIRST, other) == ()
    assert judge(problem, FIRST, replace(other, visits=(Visit(1, 0, EIGHT + 900 + 1799),))) == ("spacing",)
    found = solve(problem, effort=Effort(iterations=50, workers=1))
    assert sum(len(route.visits) for route in found.routes) == 2
    assert find_violations(problem, found) == ()


def test_visits_without_room_for_their_distance_stay_out() -> None:
    job = replace(build_job(), family=0, spacing_s=4 * 3600)
    found = solve(build_problem(job, job), effort=Effort(iterations=50, workers=1))
    assert sum(len(route.visits) for route in found.routes) == 1


def test_a_break_keeps_a_team_at_home_that_could_not_take_it() -> None:
    team = build_team(breaks=(Break(EIGHT, EIGHT + 60, 4 * 3600),))
    assert solve(build_problem(build_job(), teams=(team,)), effort=Effort(iterations=50, workers=1)).routes == ()


def test_a_job_is_left_out_where_that_is_cheaper() -> None:
    problem = build_problem(build_job())
    cheap = replace(problem, rules=replace(problem.rules, priority_s=100))
    assert solve(cheap, effort=Effort(iterations=50, workers=1)).routes == ()
    assert len(solve(problem, effort=Effort(iterations=50, workers=1)).routes) == 1


def test_setting_out_later_saves_waiting() -> None:
    job = replace(build_job(), windows_s=((EIGHT + 7200, EIGHT + 7800),))
    found = solve(build_problem(job), effort=Effort(iterations=20, workers=1))
    assert found.routes[0].start_s == EIGHT + 7200 - WAY_S
    assert found.cost == price(build_problem(job), found).value // 1 + 1


def test_a_search_ends_on_time() -> None:
    problem = build_rich_problem(1, jobs=40, teams=4)
    solve(problem, effort=Effort(iterations=5, workers=1))
    began = time.monotonic()
    solve(problem, effort=Effort(seconds=0.5, workers=1))
    assert time.monotonic() - began < 2.0


def test_a_search_ends_without_a_gain() -> None:
    problem = build_rich_problem(1)
    found = solve(problem, effort=Effort(iterations=1_000_000, stall=500, workers=1))
    assert found.iterations < 1_000_000


def test_without_jobs_or_teams_there_is_nothing_to_search() -> None:
    problem = build_problem(build_job())
    alone = replace(problem, teams=())
    assert solve(alone, effort=Effort()) == Solution((), cost=5000, lower_bound=5000)
    assert solve(replace(problem, jobs=()), effort=Effort()) == Solution(())


@pytest.mark.parametrize("values", [{"seconds": 0.0}, {"iterations": 0}, {"workers": 0}, {"stall": 0}])
def test_an_effort_of_nothing_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        Effort(**values)  # type: ignore[arg-type]
