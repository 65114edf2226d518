"""Security games small enough to be solved by trying everything."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from scipy.optimize import linprog

from gridmap.domain.patrol.game.crews import Watch
from gridmap.domain.patrol.game.game import FloatArray, Game
from gridmap.domain.patrol.problem import (
    Approach,
    Job,
    PatrolProblem,
    Post,
    Profile,
    Task,
    TaskKind,
    Team,
    TeamKind,
    Way,
)
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solution import Visit
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

START_S = 8 * 3600


def build_game(seed: int, *, jobs: int = 6, teams: int = 2, shift_s: int = 3600, least: float | None = None) -> Game:
    """Places in a square of twenty minutes, each done one way or the other; two posts."""
    rng = np.random.default_rng(seed)
    posts = rng.uniform(0, 1200, (2, 2))
    ends = rng.uniform(0, 1200, (jobs, 2, 2))
    work = rng.integers(300, 1200, jobs)
    ways = [(job, way) for job in range(jobs) for way in range(2)]
    enter = np.vstack([posts, *(ends[job, way] for job, way in ways)])
    leave = np.vstack([posts, *(ends[job, 1 - way] for job, way in ways)])
    seconds = np.ceil(np.abs(leave[:, None] - enter[None, :]).sum(axis=2)).astype(np.int64)
    spot = Spot(0, 0.0)
    problem = PatrolProblem(
        tasks=tuple(Task(f"segment-{i}", TaskKind.SEGMENT, i, f"S{i}", "", 1, 0.0, 0.0) for i in range(jobs)),
        jobs=tuple(
            Job((f"segment-{i}",), 1, tuple(Way((Approach(spot, spot, int(work[i]), 0.0),)) for _ in range(2)))
            for i in range(jobs)
        ),
        teams=tuple(Team(i, f"T{i}", TeamKind.CAR, 2, i % 2, START_S, START_S + shift_s) for i in range(teams)),
        posts=tuple(Post(i, f"P{i}", "police_post", 0.0, 0.0) for i in range(2)),
        profiles=(Profile(Mode.CAR, drives_round=True),),
        post_spots=((spot, spot),),
        seconds=(seconds,),
        metres=(seconds,),
        unserved=(),
        rules=PatrolRules(),
    )
    floors = np.zeros(jobs) if least is None else np.full(jobs, least)
    return Game(problem, rng.integers(1, 5, jobs).astype(np.float64), floors)


def list_reached(game: Game, team: int) -> list[frozenset[int]]:
    """Every set of jobs that a team has time for in some order and some ways."""
    watch = Watch(game.problem)
    found: set[frozenset[int]] = {frozenset()}
    rows: list[tuple[Visit, ...]] = [()]
    while rows:
        row = rows.pop()
        done = {visit.job for visit in row}
        for job, way in game.problem.places():
            longer = (*row, Visit(job, way))
            if job not in done and watch.fits(team, longer):
                found.add(frozenset({*done, job}))
                rows.append(longer)
    return list(found)


def solve_by_trying(game: Game) -> float:
    """Value of the game over all joint plans."""
    sets = [list_reached(game, team) for team in range(len(game.problem.teams))]
    plans = {frozenset().union(*chosen) for chosen in itertools.product(*sets)}
    count = len(game.loss)
    seen = np.array([[job in plan for job in range(count)] for plan in plans], float)
    reached = seen.any(axis=0)
    return _solve(game.loss[reached], game.least[reached], seen[:, reached])


def _solve(loss: FloatArray, least: FloatArray, seen: FloatArray) -> float:
    above = np.hstack([-np.ones((len(loss), 1)), -(seen * loss).T])
    floors = np.hstack([np.zeros((len(loss), 1)), -seen.T])
    cost = np.concatenate([[1.0], np.zeros(len(seen))])
    found = linprog(
        cost,
        A_ub=np.vstack([above, floors]),
        b_ub=np.concatenate([-loss, -least]),
        A_eq=np.concatenate([[0.0], np.ones(len(seen))])[None],
        b_eq=[1.0],
        method="highs",
    )
    assert found.status == 0
    return float(found.fun)


def with_least(game: Game, least: FloatArray) -> Game:
    """The same game with other least probabilities."""
    return replace(game, least=least)
