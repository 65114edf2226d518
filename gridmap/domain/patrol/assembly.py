"""A patrol problem put together from the road network, what is due, the access points, posts and teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.patrol.ground import Ground, PatrolInput, survey
from gridmap.domain.patrol.jobs import build_jobs
from gridmap.domain.patrol.obstacles import count_visits, find_obstacle
from gridmap.domain.patrol.problem import FORBIDDEN, Job, PatrolProblem, TimeArray
from gridmap.domain.patrol.reasons import Reason, Unserved
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.soundness import check_tasks, check_teams
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import compute_times

_WHOLE_S = 1e-6


def build_problem(network: RoadNetwork, given: PatrolInput, *, rules: PatrolRules) -> PatrolProblem:
    """Decide how every task is reached, and measure every way between; what is out of reach is listed with why.

    Raises
    ------
    InvalidInput
        A task or team is not sound: times cross, breaks do not fit.
    """
    check_tasks(given.tasks)
    check_teams(given.teams)
    profiles = tuple(dict.fromkeys(team.profile for team in given.teams))
    if not profiles:
        unserved = tuple(Unserved(task.key, Reason.NO_TEAM) for task in given.tasks)
        return PatrolProblem(given.tasks, (), (), given.posts, (), (), (), (), unserved, rules)
    grounds = [survey(network, given, profile) for profile in profiles]
    jobs, out_of_reach = build_jobs(network, given, grounds, rules=rules)
    seconds, metres = _measure(network, jobs, grounds)
    return _keep_feasible(given, jobs, grounds, seconds, metres, out_of_reach, rules)


def _measure(
    network: RoadNetwork, jobs: Sequence[Job], grounds: Sequence[Ground]
) -> tuple[list[TimeArray], list[TimeArray]]:
    ways = [way for job in jobs for way in job.ways]
    seconds: list[TimeArray] = []
    metres: list[TimeArray] = []
    for position, ground in enumerate(grounds):
        approaches = [way.approaches[position] for way in ways]
        leave = [*ground.posts, *(None if a is None else a.exit for a in approaches)]
        enter = [*ground.posts, *(None if a is None else a.entry for a in approaches)]
        roads = network.drive_during(ground.profile.hours)
        travel_s, travel_m = compute_times(roads, leave, enter, mode=ground.profile.mode)
        seconds.append(_whole(travel_s))
        metres.append(_whole(travel_m))
    return seconds, metres


def _whole(values: FloatArray) -> TimeArray:
    """Rounded up to whole numbers, `FORBIDDEN` where infinite."""
    reachable = np.isfinite(values)
    return np.where(reachable, np.ceil(np.where(reachable, values, 0.0) - _WHOLE_S), FORBIDDEN).astype(np.int64)


def _keep_feasible(
    given: PatrolInput,
    jobs: Sequence[Job],
    grounds: Sequence[Ground],
    seconds: Sequence[TimeArray],
    metres: Sequence[TimeArray],
    unserved: list[Unserved],
    rules: PatrolRules,
) -> PatrolProblem:
    """The problem without the jobs that no team could do even if it did nothing else."""
    profiles = [next(i for i, ground in enumerate(grounds) if ground.profile == team.profile) for team in given.teams]
    kept_jobs: list[Job] = []
    kept_places = list(range(len(given.posts)))
    place = len(given.posts)
    for first, siblings in _group_visits(jobs):
        ways = len(first.ways)
        places = range(place, place + ways)
        place += ways * siblings
        obstacle = find_obstacle(first, places, given.teams, profiles, seconds)
        if obstacle is not None:
            unserved.extend(Unserved(task, obstacle.reason, obstacle.values) for task in first.tasks)
            continue
        fit = siblings
        if siblings > 1:
            fit = min(siblings, count_visits(first, places, given.teams, profiles, seconds))
        if fit < siblings:
            values = {"visits": siblings, "minutes": first.spacing_s // 60, "fit": fit}
            surplus = siblings - fit
            unserved.extend(Unserved(task, Reason.SPACING_TOO_LONG, values, surplus) for task in first.tasks)
        kept_jobs += [first] * fit if fit > 1 else [replace(first, family=None, spacing_s=0)]
        kept_places.extend(range(places.start, places.start + ways * fit))
    chosen = np.ix_(kept_places, kept_places)
    return PatrolProblem(
        tasks=given.tasks,
        jobs=tuple(kept_jobs),
        teams=given.teams,
        posts=given.posts,
        profiles=tuple(ground.profile for ground in grounds),
        post_spots=tuple(ground.posts for ground in grounds),
        seconds=tuple(matrix[chosen] for matrix in seconds),
        metres=tuple(matrix[chosen] for matrix in metres),
        unserved=tuple(unserved),
        rules=rules,
    )


def _group_visits(jobs: Sequence[Job]) -> list[tuple[Job, int]]:
    """Each job with how often it stands there; the visits of a family follow one another."""
    own = [(-1 - at if job.family is None else job.family, job) for at, job in enumerate(jobs)]
    groups = [[job for _, job in same] for _, same in groupby(own, lambda item: item[0])]
    return [(group[0], len(group)) for group in groups]
