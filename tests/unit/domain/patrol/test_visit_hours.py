"""The same visits at other hours: what may be varied, how it is spread, days that keep apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from gridmap.domain.patrol.game.crews import Watch
from gridmap.domain.patrol.game.game import Game
from gridmap.domain.patrol.game.search import GameEffort, solve_game
from gridmap.domain.patrol.game.variety import measure_foresight, vary_hours
from gridmap.domain.patrol.problem import Break, PatrolProblem
from gridmap.domain.patrol.solution import TeamRoute, Visit
from gridmap.domain.patrol.timetable import time_route
from gridmap.domain.patrol.visit_hours import (
    HOUR_S,
    Variant,
    allot,
    avoid_hours,
    count_repeats,
    list_variants,
    read_hours,
    spread_hours,
)
from tests.games import START_S, build_game

SHIFT_S = 8 * HOUR_S
DEARER = 0.15


@pytest.fixture(scope="module")
def game() -> Game:
    return build_game(3, jobs=7, teams=2, shift_s=SHIFT_S)


@pytest.fixture(scope="module")
def route(game: Game) -> TeamRoute:
    visits = tuple(Visit(job, 0) for job in range(6))
    assert Watch(game.problem).fits(0, visits)
    return TeamRoute(0, START_S, visits)


def rest_at_noon(problem: PatrolProblem) -> PatrolProblem:
    rest = Break(START_S + 3 * HOUR_S, START_S + 4 * HOUR_S, 1800)
    return replace(problem, teams=tuple(replace(team, breaks=(rest,)) for team in problem.teams))


@pytest.mark.parametrize("rested", [False, True])
def test_variants_make_the_same_visits_within_their_time(game: Game, route: TeamRoute, rested: bool) -> None:
    problem = rest_at_noon(game.problem) if rested else game.problem
    own = replace(route, breaks=Watch(problem).place_breaks(0, route.visits) or ())
    variants = list_variants(problem, own, dearer=DEARER)
    assert variants[0].route == own
    assert len(variants) > 8
    shortest = min(variant.seconds for variant in variants)
    for variant in variants[1:]:
        timed = time_route(problem, variant.route)
        assert timed.faults == ()
        assert timed.end_s <= problem.teams[0].back_by_s
        assert timed.duration_s == variant.seconds <= (1 + DEARER) * shortest
        assert {visit.job for visit in variant.route.visits} == set(range(6))
        assert read_hours(problem, variant.route) == {
            visit.job: hour for visit, hour in zip(variant.route.visits, variant.hours, strict=True)
        }
    assert len({variant.route.start_s for variant in variants}) > 1


def test_visits_whose_times_hang_together_are_left_alone(game: Game, route: TeamRoute) -> None:
    jobs = tuple(replace(job, family=0) if number == 2 else job for number, job in enumerate(game.problem.jobs))
    assert len(list_variants(replace(game.problem, jobs=jobs), route, dearer=DEARER)) == 1
    waits = replace(route, visits=(*route.visits[:5], replace(route.visits[5], not_before_s=START_S)))
    assert len(list_variants(game.problem, waits, dearer=DEARER)) == 1


def test_hours_are_spread_as_far_as_they_can_be() -> None:
    visits = (Visit(0, 0), Visit(1, 0))
    rows = [((8, 9), 100), ((9, 8), 100), ((8, 9), 90)]
    shares = spread_hours([Variant(TeamRoute(0, 0, visits), hours, seconds) for hours, seconds in rows])
    assert shares.tolist() == pytest.approx([0.0, 0.5, 0.5])
    assert sorted(allot(shares, 5)) in ([1, 1, 1, 2, 2], [1, 1, 2, 2, 2])


def test_a_plan_for_every_day_is_no_longer_foreseeable(game: Game) -> None:
    found = solve_game(game, effort=GameEffort(rounds=2))
    assert found.value == pytest.approx(0.0)
    before = measure_foresight(game.problem, found.plans, found.probability)
    varied = vary_hours(game.problem, found, seed=1)
    after = measure_foresight(game.problem, varied.plans, varied.probability)
    assert varied.probability.sum() == pytest.approx(1.0)
    assert len(varied.plans) > len(found.plans)
    assert before.mean > 0.9
    assert after.mean < 0.6
    assert after.seconds <= 1.15 * before.seconds
    for plan in varied.plans:
        assert len(plan.jobs) == len(game.loss)
        assert all(time_route(game.problem, route).faults == () for route in plan.routes)
    again = vary_hours(game.problem, found, seed=1)
    assert again.plans == varied.plans


def test_what_is_seen_how_often_stays_as_it_is() -> None:
    game = build_game(5, jobs=8)
    found = solve_game(game, effort=GameEffort(rounds=8))
    varied = vary_hours(game.problem, found, seed=2)
    seen = np.zeros(len(game.loss))
    for plan, share in zip(varied.plans, varied.probability, strict=True):
        seen[list(plan.jobs)] += share
    assert seen == pytest.approx(found.coverage)
    same_hour = measure_foresight(game.problem, varied.plans, varied.probability).same_hour
    assert (same_hour <= found.coverage + 1e-9).all()


def test_days_keep_out_of_each_others_hours(game: Game, route: TeamRoute) -> None:
    problem = game.problem
    hours = read_hours(problem, route)
    seen = {f"segment-{job}": Counter({hour: 1}) for job, hour in hours.items()}
    (other,) = avoid_hours(problem, [route], seen, dearer=DEARER)
    met = [job for job, hour in read_hours(problem, other).items() if hours[job] == hour]
    assert len(met) <= 1
    assert avoid_hours(problem, [route], {}, dearer=DEARER) == (route,)


def test_repeats_are_visits_in_the_hour_of_another() -> None:
    repeats = count_repeats({"a": [8, 8, 9], "b": [10, 11], "c": [8]})
    assert (repeats.visits, repeats.same_hour, repeats.share) == (5, 2, 0.4)
    assert count_repeats({"a": [8]}).share is None
