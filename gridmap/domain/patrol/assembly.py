"""A patrol problem put together from the road network, what is due, the access points, posts and teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.patrol.obstacles import count_visits, find_obstacle
from gridmap.domain.patrol.problem import (
    FORBIDDEN,
    AccessPoint,
    Approach,
    Job,
    PatrolProblem,
    Post,
    Profile,
    Task,
    TaskKind,
    Team,
    TimeArray,
    Way,
    Windows,
)
from gridmap.domain.patrol.reasons import Reason, Unserved
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.soundness import check_tasks, check_teams
from gridmap.domain.patrol.stretches import (
    Landing,
    Stretch,
    choose_approach,
    choose_inspection,
    group_segments,
    shortest_walk_m,
)
from gridmap.domain.roads.chains import BoolArray
from gridmap.domain.roads.components import find_components, find_edge_components
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import compute_times
from gridmap.domain.roads.snapping import Spot, snap, snap_all, spot_at_node
from gridmap.domain.roads.speeds import Mode

_SUBSTANTIAL_JUNCTIONS = 50
"""A part of the network with fewer junctions than this is a fragment that no post is placed on."""

_WHOLE_S = 1e-6


@dataclass(frozen=True)
class PatrolInput:
    """What is due and who is there; `teams[i].post` is a position in `posts`."""

    tasks: tuple[Task, ...]
    tunnel_share: dict[str, float]
    access: tuple[AccessPoint, ...]
    posts: tuple[Post, ...]
    teams: tuple[Team, ...]


@dataclass(frozen=True)
class _Ground:
    """One profile on the network: where posts stand, and which edges can be gone to from one of them and left again."""

    profile: Profile
    posts: tuple[Spot | None, ...]
    connected: BoolArray
    landings: dict[int, Landing]


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
    grounds = [_survey(network, given, profile) for profile in profiles]
    jobs: list[Job] = []
    unserved_list: list[Unserved] = []
    segments = [task for task in given.tasks if task.kind is TaskKind.SEGMENT]
    _add_walks(segments, given, grounds, rules, jobs, unserved_list)
    hazards = [task for task in given.tasks if task.kind is TaskKind.HAZARD]
    _add_inspections(network, hazards, grounds, rules, jobs, unserved_list)
    seconds, metres = _measure(network, jobs, grounds)
    return _keep_feasible(given, jobs, grounds, seconds, metres, unserved_list, rules)


# --- the lie of the land ----------------------------------------------------------------------------------------


def snap_post(network: RoadNetwork, post: Post, *, mode: Mode) -> Spot | None:
    """Where a post meets the roads of a mode; fragments of the network are passed over.

    A place that is known to be on a road stays there unless that road is closed by now.
    """
    graph = network.mode_graph(mode)
    if post.spot is not None and graph.usable[post.spot.edge]:
        return post.spot
    size = np.bincount(find_components(graph), minlength=1)
    component = find_edge_components(graph)
    substantial = (component == 0) | ((component > 0) & (size[component] >= _SUBSTANTIAL_JUNCTIONS))
    return snap(network, (post.lon, post.lat), mode=mode, among=substantial)


def _survey(network: RoadNetwork, given: PatrolInput, profile: Profile) -> _Ground:
    mode = profile.mode
    crew = [team for team in given.teams if team.profile == profile]
    manned = {post for team in crew for post in (team.post, team.home)}
    posts = tuple(
        snap_post(network, post, mode=mode) if position in manned else None for position, post in enumerate(given.posts)
    )
    component = find_edge_components(network.mode_graph(mode))
    starts = [posts[team.post] for team in crew]
    begun = np.unique([component[spot.edge] for spot in starts if spot is not None])
    connected = np.isin(component, begun[begun >= 0])
    landings = {
        line_id: _build_landing(network, points, connected, profile)
        for line_id, points in _by_line(given.access).items()
    }
    return _Ground(profile, posts, connected, landings)


def _by_line(access: Sequence[AccessPoint]) -> dict[int, list[AccessPoint]]:
    lines: dict[int, list[AccessPoint]] = defaultdict(list)
    for point in sorted(access, key=lambda point: (point.line_id, point.mileage_m, point.id)):
        lines[point.line_id].append(point)
    return dict(lines)


def _build_landing(
    network: RoadNetwork, points: Sequence[AccessPoint], connected: BoolArray, profile: Profile
) -> Landing:
    kept: list[AccessPoint] = []
    spots: list[Spot] = []
    for point in points:
        spot = spot_at_node(network, point.node, mode=profile.mode, among=connected)
        if spot is not None and (point.drivable or profile.mode is Mode.FOOT):
            kept.append(point)
            spots.append(spot)
    drive_s = np.zeros((len(kept), len(kept)))
    if profile.drives_round:
        drive_s, _ = compute_times(network, spots, spots, mode=profile.mode)
    return Landing(tuple(kept), tuple(spots), drive_s)


# --- jobs -------------------------------------------------------------------------------------------------------


class _Kind(NamedTuple):
    """What segments have to have in common to be walked together."""

    line_id: int
    side: str
    visits: int
    spacing_s: int
    windows_s: Windows


def _add_walks(
    segments: Sequence[Task],
    given: PatrolInput,
    grounds: Sequence[_Ground],
    rules: PatrolRules,
    jobs: list[Job],
    unserved: list[Unserved],
) -> None:
    groups: dict[_Kind, list[Task]] = defaultdict(list)
    for task in segments:
        if given.tunnel_share.get(task.key, 0.0) >= rules.tunnel_share:
            unserved.append(Unserved(task.key, Reason.IN_TUNNEL))
        else:
            assert task.line_id is not None
            groups[_Kind(task.line_id, task.side or "both", task.visits, task.spacing_s, task.windows_s)].append(task)
    for kind, tasks in sorted(groups.items()):
        line_id = kind.line_id
        landings = [ground.landings[line_id] for ground in grounds if line_id in ground.landings]
        access = {point.id: point for landing in landings for point in landing.points}
        if not access:
            unserved.extend(Unserved(task.key, Reason.NO_ACCESS) for task in tasks)
            continue
        for stretch in group_segments(tasks, list(access.values()), rules=rules):
            _add_walk(stretch, grounds, rules, jobs, unserved)


def _add_walk(
    stretch: Stretch, grounds: Sequence[_Ground], rules: PatrolRules, jobs: list[Job], unserved: list[Unserved]
) -> None:
    """A job for the stretch; one that only fails as a whole is tried segment by segment."""
    job = build_walk_job(stretch, grounds, rules)
    if job is not None:
        _add_visits(job, stretch.tasks[0], jobs)
    elif len(stretch.tasks) > 1:
        for task in stretch.tasks:
            low, high = task.from_m or 0.0, task.to_m or 0.0
            _add_walk(Stretch(stretch.line_id, (task,), low, high), grounds, rules, jobs, unserved)
    else:
        shortest = min(shortest_walk_m(stretch, ground.landings[stretch.line_id]) for ground in grounds)
        reason, values = Reason.WALK_TOO_LONG, {"walk_m": round(shortest), "limit_m": round(rules.max_walk_m)}
        if shortest <= rules.max_walk_m:
            # On foot it would do, but a single rider must come back to the vehicle.
            values["walk_m"] = round(2 * shortest)
        unserved.extend(Unserved(task.key, reason, values) for task in stretch.tasks)


def build_walk_job(stretch: Stretch, grounds: Sequence[_Ground], rules: PatrolRules) -> Job | None:
    """Both directions of a walk for every profile, None where none can do it."""
    ways = [
        Way(
            tuple(
                choose_approach(
                    stretch, ground.landings[stretch.line_id], profile=ground.profile, upward=upward, rules=rules
                )
                for ground in grounds
            )
        )
        for upward in (True, False)
    ]
    ways = [way for way in ways if any(way.approaches)]
    if len(ways) == 2 and all(_is_there_and_back(a) and a == _turned(b) for a, b in zip(*_pairs(ways), strict=True)):
        ways = ways[:1]
    if not ways:
        return None
    keys, first = tuple(task.key for task in stretch.tasks), stretch.tasks[0]
    skills = frozenset(task.skill for task in stretch.tasks if task.skill)
    return Job(keys, sum(task.priority for task in stretch.tasks), tuple(ways), first.windows_s, skills)


def _add_visits(job: Job, task: Task, jobs: list[Job]) -> None:
    """The job once for each visit that its tasks want."""
    if task.visits == 1:
        jobs.append(job)
    else:
        jobs += [replace(job, family=len(jobs), spacing_s=task.spacing_s)] * task.visits


def _pairs(ways: Sequence[Way]) -> tuple[tuple[Approach | None, ...], tuple[Approach | None, ...]]:
    return ways[0].approaches, ways[1].approaches


def _is_there_and_back(approach: Approach | None) -> bool:
    return approach is None or approach.entry == approach.exit


def _turned(approach: Approach | None) -> Approach | None:
    """The same there-and-back walk begun at its other end."""
    if approach is None or approach.walk is None:
        return approach
    walk = approach.walk
    turned = type(walk)(walk.exit, walk.entry, walk.turns_m[::-1], walk.metres)
    return Approach(approach.exit, approach.entry, approach.work_s, approach.walk_m, turned, approach.drives_round)


def _add_inspections(
    network: RoadNetwork,
    hazards: Sequence[Task],
    grounds: Sequence[_Ground],
    rules: PatrolRules,
    jobs: list[Job],
    unserved: list[Unserved],
) -> None:
    places = [(task.lon, task.lat) for task in hazards]
    spots = [
        snap_all(network, places, mode=g.profile.mode, reach_m=rules.inspect_reach_m, among=g.connected)
        for g in grounds
    ]
    for at, task in enumerate(hazards):
        approaches = tuple(
            choose_inspection(
                task,
                landing=ground.landings.get(task.line_id) if task.line_id is not None else None,
                spot=near[at],
                rules=rules,
            )
            for ground, near in zip(grounds, spots, strict=True)
        )
        if any(approaches):
            skills = frozenset([task.skill]) if task.skill else frozenset()
            _add_visits(Job((task.key,), task.priority, (Way(approaches),), task.windows_s, skills), task, jobs)
        else:
            unserved.append(Unserved(task.key, Reason.NO_ROAD_NEAR, {"limit_m": round(rules.inspect_reach_m)}))


# --- times ------------------------------------------------------------------------------------------------------


def _measure(
    network: RoadNetwork, jobs: Sequence[Job], grounds: Sequence[_Ground]
) -> tuple[list[TimeArray], list[TimeArray]]:
    ways = [way for job in jobs for way in job.ways]
    seconds: list[TimeArray] = []
    metres: list[TimeArray] = []
    for position, ground in enumerate(grounds):
        approaches = [way.approaches[position] for way in ways]
        leave = [*ground.posts, *(None if a is None else a.exit for a in approaches)]
        enter = [*ground.posts, *(None if a is None else a.entry for a in approaches)]
        travel_s, travel_m = compute_times(network, leave, enter, mode=ground.profile.mode)
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
    grounds: Sequence[_Ground],
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
