"""A patrol day as one frozen problem: what is to be seen, by whom, and what every way between costs.

Walking beside the line happens inside a job and nowhere else: matrices hold road times only, from where a job ends to
where the next begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol import hours
from gridmap.domain.patrol.reasons import Unserved
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.roads.profiles import SpeedProfile
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

TimeArray = npt.NDArray[np.int64]

Windows = hours.Windows

FORBIDDEN = 10_000_000
"""Stands for "cannot be reached" in whole seconds and metres: far beyond any shift, far below overflow."""


def wait_for_window(windows: Windows, at_s: int) -> int | None:
    """When work that could begin at `at_s` begins, None where every window has passed."""
    if not windows:
        return at_s
    return next((max(at_s, first) for first, last in windows if at_s <= last), None)


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
    """What a job costs depends on: the mode, the hours, and whether one of the crew drives round as another walks.

    `hours` of the day are those whose mean speeds count, the usual ones where there are none.
    """

    mode: Mode
    drives_round: bool
    hours: tuple[int, ...] = ()


@dataclass(frozen=True)
class Post:
    """Where teams set out from and return to; `id` is None for one the plan suggests.

    `spot` is where it meets the roads where that is known beforehand, else the nearest road counts.
    """

    id: int | None
    name: str
    kind: str
    lon: float
    lat: float
    spot: Spot | None = None


@dataclass(frozen=True)
class Break:
    """A rest of `seconds` begun between `earliest_s` and `latest_s`, after the work of one stop and before the next."""

    earliest_s: int
    latest_s: int
    seconds: int


@dataclass(frozen=True)
class Team:
    """A crew for the day; times in seconds after local midnight.

    Attributes
    ----------
    post, end_post
        Positions in `PatrolProblem.posts` where the team sets out and where it ends, the same where `end_post` is None.
    latest_return_s
        When it has to be back where that is before the end of its shift.
    skills
        What it can do beyond what every team can.
    max_walk_m
        Longest way on foot beside the line in all, None where only the rules bound it.
    is_out
        Whether it is on the way already, so that it has to come home even if it does nothing more.
    hours
        Hours of the day by whose mean speeds its ways are measured, by the usual ones where there are none.
    """

    id: int | None
    name: str
    kind: TeamKind
    members: int
    post: int
    shift_start_s: int
    shift_end_s: int
    end_post: int | None = None
    breaks: tuple[Break, ...] = ()
    latest_return_s: int | None = None
    skills: frozenset[str] = frozenset()
    max_walk_m: float | None = None
    is_out: bool = False
    hours: tuple[int, ...] = ()

    @property
    def home(self) -> int:
        """Position of the post where the team ends."""
        return self.post if self.end_post is None else self.end_post

    @property
    def back_by_s(self) -> int:
        """When the team has to be back."""
        return self.shift_end_s if self.latest_return_s is None else min(self.latest_return_s, self.shift_end_s)

    @property
    def profile(self) -> Profile:
        return Profile(self.kind.mode, self.kind is not TeamKind.FOOT and self.members > 1, self.hours)

    def time_by(self, speeds: SpeedProfile) -> Team:
        """The team measured by the hours in which it can be out."""
        hours = speeds.choose_hours(self.kind.mode, (self.shift_start_s, self.back_by_s))
        return replace(self, hours=hours)


@dataclass(frozen=True)
class Task:
    """One thing due; `key` is "segment-7" or "hazard-12" by the store's id.

    `priority` counts 1 and up. The work begins within one of `windows_s`, seconds after local midnight, at any time
    where there is none; it is done `visits` times, `spacing_s` at least from the end of one to the start of the next,
    by teams that have `skill` where it is named. `area_code` and the place (WGS-84) tell people where it is. Along a
    railway `line_id`, `from_m` and `to_m` are set, and `offset_m` is how far beside the line a hazard lies. `inspect_s`
    is the time on the spot where its kind says more than its severity.
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
    windows_s: Windows = ()
    visits: int = 1
    spacing_s: int = 0
    skill: str = ""
    inspect_s: int | None = None


@dataclass(frozen=True)
class AccessPoint:
    """Where the road network is left for the line side; `node` is a position in the network.

    `side` is left or right where the line is come to on one side only, "" where it may be crossed there.
    """

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
    side: str = ""


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
    """Tasks done together in one stop: one hazard, or due segments of one walk; exactly one of its ways is used.

    Attributes
    ----------
    windows_s
        The work begins within one of these, in order and apart from one another; at any time where there is none.
    skills
        What a team has to have.
    family, spacing_s
        Jobs of one family are the visits to the same tasks: from the end of one to the start of another there are at
        least `spacing_s`. None where a job is the only one.
    holder
        Position of the team that has it in the plan being mended: another pays `PatrolRules.change_s` for it.
    """

    tasks: tuple[str, ...]
    priority: int
    ways: tuple[Way, ...]
    windows_s: Windows = ()
    skills: frozenset[str] = frozenset()
    family: int | None = None
    spacing_s: int = 0
    holder: int | None = None

    def is_moved_to(self, team: int) -> bool:
        """Whether it leaves the team that has it."""
        return self.holder is not None and self.holder != team


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

    @cached_property
    def _place_of(self) -> dict[tuple[int, int], int]:
        return {place: len(self.posts) + i for i, place in enumerate(self.places())}

    def place_of(self, job: int, way: int) -> int:
        """Position of a way of a job in the matrices."""
        return self._place_of[job, way]

    def places(self) -> tuple[tuple[int, int], ...]:
        """(job, way) of every place after the posts."""
        return tuple((j, w) for j, job in enumerate(self.jobs) for w in range(len(job.ways)))

    def balance_s(self, durations_s: Iterable[int]) -> float:
        """What routes of these durations cost so that equal ones cost least.

        It is `rules.balance` times the sum of their squares over twice the mean time that a team may be out.
        """
        shifts = [team.back_by_s - team.shift_start_s for team in self.teams]
        if not shifts or not self.rules.balance:
            return 0.0
        return self.rules.balance * sum(duration**2 for duration in durations_s) / (2 * (sum(shifts) / len(shifts)))
