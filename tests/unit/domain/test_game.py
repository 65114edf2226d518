"""The game of unpredictable patrols: against trying everything, floors, draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gridmap.domain.patrol.game.crews import Watch, find_crews
from gridmap.domain.patrol.game.game import Game, draw
from gridmap.domain.patrol.game.harvest import Harvester
from gridmap.domain.patrol.game.knapsack import bound_by_time
from gridmap.domain.patrol.game.pricing import Offer, Pricing
from gridmap.domain.patrol.game.search import GameEffort, solve_game
from gridmap.domain.patrol.problem import Break
from gridmap.domain.patrol.timetable import time_route
from gridmap.errors import Cancelled, InvalidInput
from tests.games import build_game, list_reached, solve_by_trying, with_least


@pytest.mark.parametrize("seed", range(6))
def test_the_value_is_that_of_trying_everything(seed: int) -> None:
    game = build_game(seed)
    found = solve_game(game, effort=GameEffort(rounds=12, seed=1))
    best = solve_by_trying(game)
    assert found.value == pytest.approx(best, rel=1e-6)
    assert found.bound <= best + 1e-6


def test_the_bound_lies_near_the_value() -> None:
    gaps = [solve_game(build_game(seed), effort=GameEffort(rounds=12)).gap for seed in range(6)]
    assert np.median(gaps) <= 0.05


@pytest.mark.parametrize("seed", range(8))
def test_no_route_collects_more_than_pricing_says(seed: int) -> None:
    game = build_game(seed, jobs=7, teams=1, shift_s=6000)
    worth = np.random.default_rng(seed).uniform(0.1, 1.0, len(game.loss))
    best = max(float(worth[list(jobs)].sum()) for jobs in list_reached(game, 0))
    pricing = Pricing(game.problem, find_crews(game.problem)[0])
    offer = pricing.offer(worth)
    assert offer.most == pytest.approx(best)
    assert max(sum(worth[visit.job] for visit in route) for route in offer.routes) == pytest.approx(best)
    assert best <= pricing.offer(worth, slots=2).most + 1e-9
    assert pricing.offer(worth, known=best + 1e-9) == Offer(best + 1e-9, ())


@pytest.mark.parametrize("seed", range(6))
def test_working_hours_bound_the_value(seed: int) -> None:
    game = build_game(seed)
    reached = np.array(sorted(frozenset().union(*(jobs for team in (0, 1) for jobs in list_reached(game, team)))))
    bound = bound_by_time(game, reached)
    assert 0.0 <= bound.value <= solve_by_trying(game) + 1e-9
    assert bound.attack.sum() == pytest.approx(1.0)


def test_working_hours_bound_what_one_place_takes() -> None:
    game = build_game(0, jobs=1, teams=1)
    work_s = game.problem.jobs[0].ways[0].approaches[0].work_s
    way_s = int(game.problem.seconds[0][:2, 2:].min())
    seen = 3600 / (work_s + way_s)
    assert bound_by_time(game, np.array([0])).value == pytest.approx(max(0.0, game.loss[0] * (1 - seen)))


def test_plans_can_be_driven_and_visit_a_job_once() -> None:
    game = build_game(3, jobs=10, teams=4)
    found = solve_game(game, effort=GameEffort(rounds=6))
    watch = Watch(game.problem)
    assert found.plans
    for plan in found.plans:
        visits = [visit.job for route in plan.routes for visit in route.visits]
        assert len(visits) == len(set(visits))
        assert all(watch.fits(route.team, route.visits) for route in plan.routes)
    assert found.probability.sum() == pytest.approx(1.0)


def test_a_way_round_may_be_a_second_shorter_than_the_straight_one() -> None:
    problem = build_game(0, jobs=2, teams=1).problem
    places = len(problem.posts) + 4
    seconds = np.full((places, places), 101)
    seconds[0, 4:] = seconds[4:, 2:4] = 50
    approach = replace(problem.jobs[1].ways[0].approaches[0], work_s=0)
    ways = tuple(replace(way, approaches=(approach,)) for way in problem.jobs[1].ways)
    jobs = (problem.jobs[0], replace(problem.jobs[1], ways=ways))
    rounded = replace(problem, jobs=jobs, seconds=(seconds,), metres=(seconds,))
    ((team, visits),) = Harvester(rounded, Watch(rounded)).gather(np.array([1e6, 1.0]), rounds=1, seed=1)
    assert (team, [visit.job for visit in visits]) == (0, [1, 0])


def test_rests_are_taken_where_they_fit() -> None:
    game = build_game(3, jobs=8, teams=1, shift_s=2 * 3600)
    start_s = game.problem.teams[0].shift_start_s
    team = replace(game.problem.teams[0], breaks=(Break(start_s + 1800, start_s + 3600, 900),))
    rested = Game(replace(game.problem, teams=(team,)), game.loss, game.least)
    found = solve_game(rested, effort=GameEffort(rounds=4))
    assert found.plans
    for plan in found.plans:
        for route in plan.routes:
            timed = time_route(rested.problem, route)
            assert timed.faults == ()
            assert timed.end_s <= team.back_by_s
    assert found.value >= solve_game(game, effort=GameEffort(rounds=4)).bound - 1e-9
    assert Watch(game.problem).place_breaks(0, found.plans[0].routes[0].visits) == ()


def test_a_place_is_seen_as_often_as_it_must_be() -> None:
    game = build_game(1)
    plain = solve_game(game, effort=GameEffort(rounds=8))
    rarest = int(np.where(plain.coverage > 0, plain.coverage, 2.0).argmin())
    least = np.zeros(len(game.loss))
    least[rarest] = min(0.95, plain.coverage[rarest] + 0.1)
    strict = solve_game(with_least(game, least), effort=GameEffort(rounds=12))
    assert strict.missed == ()
    assert strict.coverage[rarest] >= least[rarest] - 1e-6
    assert strict.value == pytest.approx(solve_by_trying(with_least(game, least)), rel=1e-6)


def test_what_cannot_be_seen_often_enough_is_named() -> None:
    game = build_game(0, jobs=8, teams=1, shift_s=2700, least=1.0)
    found = solve_game(game, effort=GameEffort(rounds=10))
    assert found.missed
    for missed in found.missed:
        assert missed.least == 1.0
        assert missed.reached < 1.0
        assert found.coverage[missed.job] == pytest.approx(missed.reached, abs=1e-4)


def test_places_out_of_reach_are_named_and_not_counted() -> None:
    game = build_game(2, shift_s=2400)
    found = solve_game(game, effort=GameEffort(rounds=4))
    assert {item.reason.value for item in found.unreachable} == {"shift_too_short"}
    named = {int(item.task.removeprefix("segment-")) for item in found.unreachable}
    assert found.value <= max(loss for job, loss in enumerate(game.loss) if job not in named)


def test_the_same_seed_finds_the_same() -> None:
    game = build_game(4, jobs=10, teams=3)
    first, second = (solve_game(game, effort=GameEffort(rounds=4, seed=7)) for _ in range(2))
    assert first.plans == second.plans
    assert first.probability.tolist() == second.probability.tolist()


def test_draws_come_as_often_as_they_should() -> None:
    found = solve_game(build_game(5, jobs=8), effort=GameEffort(rounds=8))
    drawn = [draw(found.probability, seed=seed) for seed in range(4000)]
    often = np.zeros(len(found.coverage))
    for position in drawn:
        often[list(found.plans[position].jobs)] += 1 / len(drawn)
    assert often == pytest.approx(found.coverage, abs=0.03)
    assert draw(found.probability, seed=11) == draw(found.probability, seed=11)


def test_stopping_keeps_the_best_so_far() -> None:
    def stop(fraction: float, message: str, /) -> None:
        raise Cancelled("stop")

    found = solve_game(build_game(0), effort=GameEffort(seconds=60), progress=stop)
    assert found.stopped_early
    assert found.plans
    assert found.coverage.max() > 0


def test_nothing_to_see_is_an_answer() -> None:
    game = build_game(0, shift_s=60)
    found = solve_game(game, effort=GameEffort(rounds=2))
    assert found.plans == ()
    assert found.value == 0.0
    assert len(found.unreachable) == len(game.loss)


def test_a_probability_beyond_one_is_refused() -> None:
    game = build_game(0)
    with pytest.raises(InvalidInput):
        Game(game.problem, game.loss, np.full(len(game.loss), 1.5))
    with pytest.raises(InvalidInput):
        Game(game.problem, np.zeros(len(game.loss)), game.least)
