"""Joint plans that collect much of given prizes, fast enough for hundreds of askings."""

from __future__ import annotations

import numpy as np

from gridmap.domain.patrol.game.crews import Watch, measure_time
from gridmap.domain.patrol.game.game import FloatArray
from gridmap.domain.patrol.game.gathering import Field, Rows, gather
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import Visit

_FAR = 10**8
_HEAT, _MOST_RUINED = 0.003, 20


class Harvester:
    """The teams of a problem, measured once; each asking begins with the routes of the one before."""

    def __init__(self, problem: PatrolProblem, watch: Watch) -> None:
        self._problem, self._watch = problem, watch
        self._field = _build_field(problem)
        self._visit = {place: Visit(*where) for place, where in enumerate(problem.places(), start=len(problem.posts))}
        jobs, teams = len(problem.jobs), len(problem.teams)
        shape = (teams, jobs + 1)
        self._rows = Rows(
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
            np.zeros(teams, np.int64),
            np.zeros(teams, np.int64),
            np.full(jobs, -1, np.int64),
        )

    def gather(self, worth: FloatArray, *, rounds: int, seed: int) -> list[tuple[int, tuple[Visit, ...]]]:
        """Teams that go out, with the visits they have time for."""
        if not len(worth) or not self._problem.teams:
            return []
        gather(self._field, self._rows, worth, rounds, _HEAT, _MOST_RUINED, seed)
        found = []
        for team in range(len(self._problem.teams)):
            places = self._rows.place[team, : self._rows.length[team]].tolist()
            kept = self._watch.trim(team, (self._visit[place] for place in places), worth=worth.tolist())
            if kept:
                found.append((team, kept))
        return found


def _build_field(problem: PatrolProblem) -> Field:
    posts, jobs = len(problem.posts), len(problem.jobs)
    places = problem.places()
    seconds = np.empty((len(problem.profiles), posts + len(places), posts + len(places)), np.int64)
    for profile, matrix in enumerate(problem.seconds):
        approaches = [problem.jobs[job].ways[way].approaches[profile] for job, way in places]
        work = np.array([0] * posts + [_FAR if a is None else a.work_s for a in approaches], np.int64)
        seconds[profile] = np.minimum(matrix + work[:, None], _FAR)
    ways = np.full((jobs, max((len(job.ways) for job in problem.jobs), default=1)), -1, np.int64)
    for place, (job, way) in enumerate(places, start=posts):
        ways[job, way] = place
    apart = np.full((jobs, jobs), _FAR, np.int64)
    owner = np.array([job for job, _ in places], np.int64)
    np.minimum.at(apart, (owner[:, None], owner[None, :]), seconds.min(axis=0)[posts:, posts:])
    np.fill_diagonal(apart, -1)
    teams = problem.teams
    able = [[job.skills <= team.skills for job in problem.jobs] for team in teams]
    return Field(
        seconds=seconds,
        ways=ways,
        able=np.array(able, np.bool_).reshape(len(teams), jobs),
        profile=np.array([problem.profile_of(team) for team in teams], np.int64),
        post=np.array([team.post for team in teams], np.int64),
        home=np.array([team.home for team in teams], np.int64),
        shift_s=np.array([measure_time(team) for team in teams], np.int64),
        near=np.argsort(np.minimum(apart, apart.T), axis=1, kind="stable"),
    )
