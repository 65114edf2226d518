"""Due segments put together into walks, and how each kind of team gets to a walk and away from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt

from gridmap.domain.crs import FloatArray
from gridmap.domain.patrol.problem import AccessPoint, Approach, Profile, Task, Walk
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.sides import SIDES, keeps_sides, reaches_side
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

_CANDIDATES = 4
"""Access points tried at each end of a stretch."""

_SLACK_S = 1e-6


@dataclass(frozen=True)
class Stretch:
    """Segments of one line and side that one walk covers, from `low_m` to `high_m`."""

    line_id: int
    tasks: tuple[Task, ...]
    low_m: float
    high_m: float

    @property
    def side(self) -> str:
        """On which side of the line it is walked: left, right, or both where it does not matter."""
        return self.tasks[0].side or "both"


@dataclass(frozen=True)
class Landing:
    """The access points of one line that a profile can use: where each meets the road, and the drives between them.

    `drive_s` has the shape (points, points), infinite where there is no road. The line may be crossed at `crossings_m`,
    whether the profile gets there by road or not.
    """

    points: tuple[AccessPoint, ...]
    spots: tuple[Spot, ...]
    drive_s: FloatArray
    crossings_m: FloatArray


def round_up_s(seconds: float) -> int:
    """Whole seconds; what is a whole number but for rounding stays one."""
    return math.ceil(seconds - _SLACK_S)


def compute_walk_s(metres: float, rules: PatrolRules) -> int:
    """Whole seconds for a walk beside the line."""
    return round_up_s(metres * 3.6 / rules.line_walk_kmh)


def group_segments(segments: Sequence[Task], access: Sequence[AccessPoint], *, rules: PatrolRules) -> list[Stretch]:
    """Partition the due segments of one line and side into walks with the fewest metres walked in all.

    A walk goes to its lower end from the nearest access point, along to its upper end, and on to the nearest access
    point there; putting segments together saves the ways out and back between them. Walks of several segments stay
    within `rules.joined_walk_m`.
    """
    ordered = sorted(segments, key=lambda task: (task.from_m or 0.0, task.to_m or 0.0, task.key))
    low = np.array([task.from_m for task in ordered], np.float64)
    high = np.maximum.accumulate(np.array([task.to_m for task in ordered], np.float64))
    marks = np.array([point.mileage_m for point in access])
    extra = np.array([point.walk_m for point in access])
    to_low, to_high = _reach(low, marks, extra), _reach(high, marks, extra)
    best = np.full(len(ordered) + 1, np.inf)
    best[0] = 0.0
    begin = np.zeros(len(ordered), np.int64)
    for last in range(len(ordered)):
        for first in range(last, -1, -1):
            metres = to_low[first] + high[last] - low[first] + to_high[last]
            if first < last and high[last] - low[first] > rules.joined_walk_m:
                break
            if first < last and metres > rules.joined_walk_m:
                continue
            if best[first] + metres < best[last + 1]:
                best[last + 1], begin[last] = best[first] + metres, first
    stretches: list[Stretch] = []
    last = len(ordered) - 1
    while last >= 0:
        first = int(begin[last])
        tasks = tuple(ordered[first : last + 1])
        line_id = tasks[0].line_id
        assert line_id is not None
        stretches.append(Stretch(line_id, tasks, float(low[first]), float(high[last])))
        last = first - 1
    return stretches[::-1]


def _reach(mileage: FloatArray, marks: FloatArray, extra: FloatArray) -> FloatArray:
    """Metres on foot between each mileage and the road, by the best access point."""
    if not len(marks):
        return np.zeros(len(mileage))
    return np.asarray((np.abs(mileage[:, None] - marks[None, :]) + extra[None, :]).min(axis=1), np.float64)


def plan_walk(entry: AccessPoint, exit_: AccessPoint, *, first_m: float, last_m: float) -> Walk:
    """From `entry` to one end of a stretch, over it, and on to `exit_`."""
    turns = [entry.mileage_m, first_m, last_m, exit_.mileage_m]
    metres = entry.walk_m + exit_.walk_m + sum(abs(b - a) for a, b in pairwise(turns))
    return Walk(entry, exit_, tuple(turns), metres)


def choose_approach(
    stretch: Stretch, landing: Landing, *, profile: Profile, upward: bool, rules: PatrolRules
) -> Approach | None:
    """The quickest way for a profile to walk a stretch in one direction, None where it is too far.

    On foot, all of it is walked and the way on begins at the exit. A vehicle crew's driver goes round from entry to
    exit meanwhile, so that the leg takes the longer of the two; a single rider comes back to where the vehicle stands.
    """
    first_m, last_m = (stretch.low_m, stretch.high_m) if upward else (stretch.high_m, stretch.low_m)
    best: tuple[float, float, Approach] | None = None
    on_foot = profile.mode is Mode.FOOT
    for e, x in product(_nearest(landing, first_m, last_m, side=stretch.side), repeat=2):
        drives = e != x and not on_foot
        if drives and not (profile.drives_round and np.isfinite(landing.drive_s[e, x])):
            continue
        walk = plan_walk(landing.points[e], landing.points[x], first_m=first_m, last_m=last_m)
        if walk.metres > rules.max_walk_m or not _is_lawful(walk, stretch, landing):
            continue
        walk_s = compute_walk_s(walk.metres, rules)
        work_s = max(walk_s, round_up_s(float(landing.drive_s[e, x]))) if drives else walk_s
        if best is None or (work_s, walk.metres) < best[:2]:
            approach = Approach(landing.spots[e], landing.spots[x], work_s, walk.metres, walk, drives)
            best = (work_s, walk.metres, approach)
    return None if best is None else best[2]


def choose_inspection(task: Task, *, landing: Landing | None, spot: Spot | None, rules: PatrolRules) -> Approach | None:
    """How a hazard is reached: from the road beside it, or along the line from an access point; the quicker one."""
    inspect_s = rules.inspect_s[(task.severity or 1) - 1] if task.inspect_s is None else task.inspect_s
    found: list[Approach] = []
    if spot is not None:
        walk_m = 2 * spot.off_m
        found.append(Approach(spot, spot, inspect_s + compute_walk_s(walk_m, rules), walk_m))
    mileage_m = task.from_m
    if landing is not None and mileage_m is not None:
        for i in _nearest(landing, mileage_m, side=task.side or "both"):
            point = landing.points[i]
            turns = (point.mileage_m, mileage_m, point.mileage_m)
            walk_m = 2 * (point.walk_m + abs(point.mileage_m - mileage_m) + task.offset_m)
            if walk_m <= rules.max_walk_m:
                work_s = inspect_s + compute_walk_s(walk_m, rules)
                walk = Walk(point, point, turns, walk_m)
                found.append(Approach(landing.spots[i], landing.spots[i], work_s, walk_m, walk))
    return min(found, key=lambda approach: approach.work_s, default=None)


def shortest_walk_m(stretch: Stretch, landing: Landing, *, is_lawful: bool = True) -> float:
    """The shortest walk over a stretch that the access points allow, driving aside; infinite without any.

    One that is not lawful may cross the line anywhere.
    """
    ends = _nearest(landing, stretch.low_m, stretch.high_m, side=stretch.side if is_lawful else "both")
    walks = [
        plan_walk(landing.points[e], landing.points[x], first_m=stretch.low_m, last_m=stretch.high_m)
        for e, x in product(ends, repeat=2)
    ]
    lawful = [walk.metres for walk in walks if not is_lawful or _is_lawful(walk, stretch, landing)]
    return min(lawful, default=math.inf)


def _is_lawful(walk: Walk, stretch: Stretch, landing: Landing) -> bool:
    """Whether the line is crossed on a walk only where it may be."""
    return keeps_sides(walk.entry, walk.exit, turns_m=walk.turns_m, side=stretch.side, crossings_m=landing.crossings_m)


def _nearest(landing: Landing, *mileages_m: float, side: str) -> list[int]:
    """Positions of the access points nearest to any of the mileages, on foot and to that side of the line there."""
    marks = np.array([point.mileage_m for point in landing.points])
    extra = np.array([point.walk_m for point in landing.points])
    chosen: set[int] = set()
    for mileage in mileages_m:
        order: npt.NDArray[np.int64] = np.argsort(np.abs(marks - mileage) + extra, kind="stable")
        if side in SIDES:
            points, crossings_m = landing.points, landing.crossings_m
            near = [
                reaches_side(points[i].side, side, (points[i].mileage_m, mileage), crossings_m) for i in order.tolist()
            ]
            order = order[np.array(near, np.bool_)]
        chosen.update(order[:_CANDIDATES].tolist())
    return sorted(chosen)
