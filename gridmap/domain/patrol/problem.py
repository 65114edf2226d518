"""A patrol day as one frozen problem: what is to be seen, by whom, and what every way between costs.

Walking beside the line happens inside a job and nowhere else: matrices hold road times only, from where a job ends to
where the next begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.reasons import Unserved
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

TimeArray = npt.NDArray[np.int64]

FORBIDDEN = 10_000_000
"""Stands for "cannot be reached" in whole seconds and metres: far beyond any shift, far below overflow."""


class TeamKind(StrEnum):
    """How a team travels: 汽车, 摩托车, 步行."""

    CAR = "car"
    MOTORCYCLE = "motorcycle"
    FOOT = "foot"

    @property
    def mode(self) -> Mode:
        return Mode(self.value)


class TaskKind(StrEnum):
    """What a task is: a railway segment to walk, or a hazard to inspect."""

    SEGMENT = "segment"
    HAZARD = "hazard"


@dataclass(frozen=True)
class Profile:
    """What a job costs depends on: the mode, and whether one of the crew drives round while the other walks."""

    mode: Mode
    drives_round: bool


@dataclass(frozen=True)
class Post:
    """Where teams set out from and return to; `id` is None for one the plan suggests."""

    id: int | None
    name: str
    kind: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Team:
    """A crew for the day; shift in seconds after local midnight, `post` a position in `PatrolProblem.posts`."""

    id: int | None
    name: str
    kind: TeamKind
    members: int
    post: int
    shift_start_s: int
    shift_end_s: int

    @property
    def profile(self) -> Profile:
        return Profile(self.kind.mode, self.kind is not TeamKind.FOOT and self.members > 1)


@dataclass(frozen=True)
class Task:
    """One thing due; `key` is "segment-7" or "hazard-12" by the store's id.

    `priority` counts 1 and up. `window_s` bounds the start of the work, seconds after local midnight. `area_code` and
    the place (WGS-84) tell people where it is. Along a railway `line_id`, `from_m` and `to_m` are set, and `offset_m`
    is how far beside the line a hazard lies.
    """

    key: str
    kind: TaskKind
    id: int
    code: str
    name: str
    priority: int
    lon: float
    lat: float
    area_code: str = ""
    line_id: int | None = None
    from_m: float | None = None
    to_m: float | None = None
    side: str | None = None
    offset_m: float = 0.0
    severity: int | None = None
    window_s: tuple[int, int] | None = None


@dataclass(frozen=True)
class AccessPoint:
    """Where the road network is left for the line side; `node` is a position in the network."""

    id: int
    kind: str
    name: str
    line_id: int
    mileage_m: float
    node: int
    walk_m: float
    drivable: bool
    lon: float
    lat: float


@dataclass(frozen=True)
class Walk:
    """On foot beside a line from one access point to another over all of [low_m, high_m].

    `turns_m` are the mileages where the walk begins, turns and ends; `metres` includes the ways from the road to the
    line and back.
    """

    entry: AccessPoint
    exit: AccessPoint
    turns_m: tuple[float, ...]
    metres: float


@dataclass(frozen=True)
class Approach:
    """How one profile does a job in one direction: leave the road at `entry`, be back on it at `exit`.

    `work_s` is the whole time between; `walk_m` what is walked off the road; `drives_round` whether the vehicle is
    taken from entry to exit meanwhile.
    """

    entry: Spot
    exit: Spot
    work_s: int
    walk_m: float
    walk: Walk | None = None
    drives_round: bool = False


@dataclass(frozen=True)
class Way:
    """One direction of a job: an approach for each profile of the problem, None where it cannot do it."""

    approaches: tuple[Approach | None, ...]


@dataclass(frozen=True)
class Job:
    """Tasks done together in one stop: one hazard, or due segments of one walk; exactly one of its ways is used."""

    tasks: tuple[str, ...]
    priority: int
    ways: tuple[Way, ...]
    window_s: tuple[int, int] | None = None


@dataclass(frozen=True)
class PatrolProblem:
    """Everything a solver needs, and nothing it could change.

    Attributes
    ----------
    post_spots
        For each post, where it meets the network of each profile, None where it does not.
    seconds, metres
        Per profile, whole numbers of shape (places, places): from where a place is left to where the next is entered.
        Places are the posts, then every way of every job in order. `FORBIDDEN` where there is no road.
    unserved
        Tasks known beforehand to be out of reach.
    """

    tasks: tuple[Task, ...]
    jobs: tuple[Job, ...]
    teams: tuple[Team, ...]
    posts: tuple[Post, ...]
    profiles: tuple[Profile, ...]
    post_spots: tuple[tuple[Spot | None, ...], ...]
    seconds: tuple[TimeArray, ...]
    metres: tuple[TimeArray, ...]
    unserved: tuple[Unserved, ...]
    rules: PatrolRules

    def profile_of(self, team: Team) -> int:
        """Position of a team's profile."""
        return self.profiles.index(team.profile)

    def places(self) -> tuple[tuple[int, int], ...]:
        """(job, way) of every place after the posts."""
        return tuple((j, w) for j, job in enumerate(self.jobs) for w in range(len(job.ways)))
