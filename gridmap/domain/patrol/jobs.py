"""What is due as jobs: segments put together as walks in both directions, hazards as places to inspect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import shapely

from gridmap.domain.patrol.ground import Ground, PatrolInput
from gridmap.domain.patrol.problem import Approach, Job, Task, TaskKind, Way, Windows
from gridmap.domain.patrol.reasons import Reason, Unserved
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.sides import Barrier
from gridmap.domain.patrol.stretches import (
    Landing,
    Stretch,
    choose_approach,
    choose_inspection,
    group_segments,
    shortest_walk_m,
)
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.snapping import Spot, snap_all


def build_jobs(
    network: RoadNetwork, given: PatrolInput, grounds: Sequence[Ground], *, rules: PatrolRules
) -> tuple[list[Job], list[Unserved]]:
    """The jobs that some profile can do, and the tasks that none can, with why."""
    jobs: list[Job] = []
    unserved: list[Unserved] = []
    segments = [task for task in given.tasks if task.kind is TaskKind.SEGMENT]
    _add_walks(segments, given, grounds, rules, jobs, unserved)
    _add_inspections(network, given, grounds, rules, jobs, unserved)
    return jobs, unserved


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
    grounds: Sequence[Ground],
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
    stretch: Stretch, grounds: Sequence[Ground], rules: PatrolRules, jobs: list[Job], unserved: list[Unserved]
) -> None:
    """A job for the stretch; one that only fails as a whole is tried segment by segment."""
    job = _build_walk_job(stretch, grounds, rules)
    if job is not None:
        _add_visits(job, stretch.tasks[0], jobs)
    elif len(stretch.tasks) > 1:
        for task in stretch.tasks:
            low, high = task.from_m or 0.0, task.to_m or 0.0
            _add_walk(Stretch(stretch.line_id, (task,), low, high), grounds, rules, jobs, unserved)
    else:
        reason, values = _explain_walk(stretch, [ground.landings[stretch.line_id] for ground in grounds], rules)
        unserved.extend(Unserved(task.key, reason, values) for task in stretch.tasks)


def _explain_walk(stretch: Stretch, landings: Sequence[Landing], rules: PatrolRules) -> tuple[Reason, dict[str, int]]:
    """Why nobody walks a stretch."""
    limit_m = round(rules.max_walk_m)
    lawful, shortest = (
        min(shortest_walk_m(stretch, landing, is_lawful=is_lawful) for landing in landings)
        for is_lawful in (True, False)
    )
    if lawful > rules.max_walk_m:
        if shortest <= rules.max_walk_m:
            return Reason.NO_CROSSING, {"limit_m": limit_m}
        return Reason.WALK_TOO_LONG, {"walk_m": round(shortest), "limit_m": limit_m}
    # On foot it would do, but a single rider must come back to the vehicle.
    return Reason.WALK_TOO_LONG, {"walk_m": round(2 * lawful), "limit_m": limit_m}


def _build_walk_job(stretch: Stretch, grounds: Sequence[Ground], rules: PatrolRules) -> Job | None:
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
    given: PatrolInput,
    grounds: Sequence[Ground],
    rules: PatrolRules,
    jobs: list[Job],
    unserved: list[Unserved],
) -> None:
    hazards = [task for task in given.tasks if task.kind is TaskKind.HAZARD]
    spots = [_find_spots(network, hazards, given.tracks, ground, rules) for ground in grounds]
    for at, task in enumerate(hazards):
        approaches = tuple(
            choose_inspection(
                task,
                landing=ground.landings.get(task.line_id) if task.line_id is not None else None,
                spot=near[at].spot,
                rules=rules,
            )
            for ground, near in zip(grounds, spots, strict=True)
        )
        if any(approaches):
            skills = frozenset([task.skill]) if task.skill else frozenset()
            _add_visits(Job((task.key,), task.priority, (Way(approaches),), task.windows_s, skills), task, jobs)
        elif any(near[at].is_across for near in spots):
            unserved.append(Unserved(task.key, Reason.NO_CROSSING, {"limit_m": round(rules.max_walk_m)}))
        else:
            unserved.append(Unserved(task.key, Reason.NO_ROAD_NEAR, {"limit_m": round(rules.inspect_reach_m)}))


class _Near(NamedTuple):
    """Where the roads are left for a hazard, and whether the nearest road lies across the tracks."""

    spot: Spot | None
    is_across: bool = False


def _find_spots(
    network: RoadNetwork,
    hazards: Sequence[Task],
    tracks: Sequence[shapely.LineString],
    ground: Ground,
    rules: PatrolRules,
) -> list[_Near]:
    """Where the roads are left for each hazard without walking over the tracks."""
    how: dict[str, Any] = {"mode": ground.profile.mode, "reach_m": rules.inspect_reach_m, "among": ground.connected}
    nearest = snap_all(network, [(task.lon, task.lat) for task in hazards], **how)
    if not tracks:
        return [_Near(spot) for spot in nearest]
    barrier = Barrier(network, np.array(tracks, object))
    found = [barrier.find_spot(task, spot, **how) for task, spot in zip(hazards, nearest, strict=True)]
    return [_Near(spot, spot != first) for spot, first in zip(found, nearest, strict=True)]
