"""When a team is where: a route followed stop by stop.

It is plain and shares nothing with the search, so that it can be held against it.
"""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem, wait_for_window
from gridmap.domain.patrol.solution import TeamRoute


@dataclass(frozen=True)
class StopTime:
    """One visit; seconds after local midnight. `road_m` leads there, `walk_m` is walked off the road."""

    arrive_s: int
    start_s: int
    leave_s: int
    road_m: int
    walk_m: float


@dataclass(frozen=True)
class Rest:
    """A break taken after so many visits; seconds after local midnight."""

    after: int
    start_s: int
    end_s: int


@dataclass(frozen=True)
class Timetable:
    """A whole route; `faults` are codes of what is wrong with it, as in `verdict.find_violations`."""

    start_s: int
    stops: tuple[StopTime, ...]
    rests: tuple[Rest, ...]
    end_s: int
    home_m: int
    faults: tuple[str, ...]

    @property
    def duration_s(self) -> int:
        """From leaving the post to being back, waiting and breaks included."""
        return self.end_s - self.start_s

    @property
    def walk_m(self) -> float:
        """Walked off the road."""
        return sum(stop.walk_m for stop in self.stops)

    @property
    def metres(self) -> float:
        """By road and off it."""
        return self.walk_m + self.home_m + sum(stop.road_m for stop in self.stops)


def time_route(problem: PatrolProblem, route: TeamRoute) -> Timetable:
    """Follow a route, everything as early as it may be after setting out.

    Where a window has passed the work begins on arrival, where there is no approach it takes no time; both are faults.
    """
    team = problem.teams[route.team]
    profile = problem.profile_of(team)
    seconds, metres = problem.seconds[profile], problem.metres[profile]
    faults: list[str] = []
    stops: list[StopTime] = []
    rests: list[Rest] = []

    def rest(now: int, after: int) -> int:
        while len(rests) < min(len(team.breaks), len(route.breaks)) and route.breaks[len(rests)] == after:
            due = team.breaks[len(rests)]
            begin = max(now, due.earliest_s)
            if begin > due.latest_s:
                faults.append("break")
            now = begin + due.seconds
            rests.append(Rest(after, begin, now))
        return now

    here, now = team.post, rest(route.start_s, 0)
    for number, visit in enumerate(route.visits, start=1):
        job, there = problem.jobs[visit.job], problem.place_of(visit.job, visit.way)
        approach = job.ways[visit.way].approaches[profile]
        if approach is None or seconds[here, there] >= FORBIDDEN:
            faults.append("no_path")
        arrive = now + int(seconds[here, there])
        start = wait_for_window(job.windows_s, max(arrive, visit.not_before_s))
        if start is None:
            faults.append("window")
            start = arrive
        leave = start + (approach.work_s if approach is not None else 0)
        walk_m = approach.walk_m if approach is not None else 0.0
        stops.append(StopTime(arrive, start, leave, int(metres[here, there]), walk_m))
        here, now = there, rest(leave, number)
    if seconds[here, team.home] >= FORBIDDEN:
        faults.append("no_path")
    if len(rests) < len(team.breaks):
        faults.append("break")
    end_s = now + int(seconds[here, team.home])
    return Timetable(route.start_s, tuple(stops), tuple(rests), end_s, int(metres[here, team.home]), tuple(faults))
