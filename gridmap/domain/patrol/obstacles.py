"""What keeps a job out of reach of every team before anything is searched: named with the team that comes nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.domain.patrol.hours import write_hours
from gridmap.domain.patrol.problem import FORBIDDEN, Approach, Break, Job, Team, TimeArray, wait_for_window
from gridmap.domain.patrol.reasons import Reason

_NAMES = 5


@dataclass(frozen=True)
class Obstacle:
    """Why no team can do a job; `values` fill the sentence."""

    reason: Reason
    values: dict[str, Any]


@dataclass(frozen=True)
class _Try:
    """One team's way to do a job alone: out, work, back."""

    team: Team
    approach: Approach
    there_s: int
    back_s: int

    @property
    def is_walkable(self) -> bool:
        """Whether the walk is no longer than the team may walk in a day."""
        return self.team.max_walk_m is None or self.approach.walk_m <= self.team.max_walk_m

    def lack_s(self, job: Job) -> int | None:
        """Seconds by which it is back too late, 0 or less where it is in time, None where the hours cannot be kept."""
        start = wait_for_window(job.windows_s, self.team.shift_start_s + self.there_s)
        if start is None or (job.windows_s and start >= self.team.back_by_s):
            return None
        ends = [end for before in range(len(self.team.breaks) + 1) if (end := self._end(job, before)) is not None]
        rested = sum(item.seconds for item in self.team.breaks)
        # With no place for the breaks it is too late by what the whole of it takes.
        hopeless = max(start + self.approach.work_s + self.back_s + rested, self.team.back_by_s + 1)
        return min(ends, default=hopeless) - self.team.back_by_s

    def _end(self, job: Job, before: int) -> int | None:
        """When it is back with so many breaks before the work and the others after it; None where one is missed."""
        now = _rest(self.team.shift_start_s, self.team.breaks[:before])
        start = None if now is None else wait_for_window(job.windows_s, now + self.there_s)
        now = None if start is None else _rest(start + self.approach.work_s, self.team.breaks[before:])
        return None if now is None else now + self.back_s


def _rest(now: int, breaks: Sequence[Break]) -> int | None:
    """When breaks taken one after the other from `now` on are over, None where one comes too late."""
    for item in breaks:
        now = max(now, item.earliest_s)
        if now > item.latest_s:
            return None
        now += item.seconds
    return now


def find_obstacle(
    job: Job, places: range, teams: Sequence[Team], profiles: Sequence[int], seconds: Sequence[TimeArray]
) -> Obstacle | None:
    """None where some team could do the job if it did nothing else.

    Parameters
    ----------
    places
        Positions of the job's ways in the matrices.
    profiles
        Position of each team's profile.
    """
    able = [(team, profile) for team, profile in zip(teams, profiles, strict=True) if job.skills <= team.skills]
    if not able:
        missing = sorted(job.skills - frozenset().union(*(team.skills for team in teams)) or job.skills)
        return Obstacle(Reason.NO_SKILL, {"skill": ", ".join(missing)})
    tries = []
    for team, profile in able:
        for found in _list_tries(job, places, team, profile, seconds[profile]):
            # Most jobs are no trouble for the first team there is: the others need not be asked.
            lack = found.lack_s(job) if found.is_walkable else None
            if lack is not None and lack <= 0:
                return None
            tries.append(found)
    if not tries:
        return Obstacle(Reason.NO_PATH, {"teams": _name([team for team, _ in able])})
    walkable = [t for t in tries if t.is_walkable]
    if not walkable:
        best = min(tries, key=lambda t: t.approach.walk_m - (t.team.max_walk_m or 0.0))
        limit_m = round(best.team.max_walk_m or 0.0)
        values = {"walk_m": round(best.approach.walk_m), "team": best.team.name, "limit_m": limit_m}
        return Obstacle(Reason.WALK_OF_TEAM, values)
    lacks = [(lack, t) for t in walkable if (lack := t.lack_s(job)) is not None]
    if not lacks:
        return Obstacle(Reason.OUTSIDE_HOURS, {"hours": write_hours(job.windows_s)})
    lack, nearest = min(lacks, key=lambda item: item[0])
    if lack <= 0:
        return None
    return Obstacle(Reason.SHIFT_TOO_SHORT, {"team": nearest.team.name, "minutes": -(-lack // 60)})


def count_visits(
    job: Job, places: range, teams: Sequence[Team], profiles: Sequence[int], seconds: Sequence[TimeArray]
) -> int:
    """How many visits at most, each so long after the one before, fit between the first arrival and the last start."""
    spans = []
    for team, profile in zip(teams, profiles, strict=True):
        if job.skills <= team.skills:
            for found in _list_tries(job, places, team, profile, seconds[profile]):
                work_s = found.approach.work_s
                spans.append((team.shift_start_s + found.there_s, team.back_by_s - found.back_s, work_s))
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    work_s = min(span[2] for span in spans)
    at, count = wait_for_window(job.windows_s, first), 0
    while at is not None and at + work_s <= last:
        count += 1
        at = wait_for_window(job.windows_s, at + work_s + max(job.spacing_s, 1))
    return max(count, 1)


def _list_tries(job: Job, places: range, team: Team, profile: int, seconds: TimeArray) -> list[_Try]:
    found = []
    for way, place in zip(job.ways, places, strict=True):
        approach = way.approaches[profile]
        there, back = int(seconds[team.post, place]), int(seconds[place, team.home])
        if approach is not None and max(there, back) < FORBIDDEN:
            found.append(_Try(team, approach, there, back))
    return found


def _name(teams: Sequence[Team]) -> str:
    names = [team.name for team in teams[:_NAMES]]
    return ", ".join(names) + ("…" if len(teams) > _NAMES else "")
