"""Teams that can stand in for one another, and whether a team has time for a row of visits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gridmap.domain.patrol.problem import FORBIDDEN, Break, PatrolProblem, Team, wait_for_window
from gridmap.domain.patrol.solution import TeamRoute, Visit

_States = dict[int, tuple[int, tuple[int, ...]]]
"""By the number of rests taken: the earliest time, and after how many visits each of them was taken."""


@dataclass(frozen=True)
class Crew:
    """Teams of one post, kind and shift with the same skills and rests: a route of one is a route of each."""

    teams: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.teams)


def measure_time(team: Team) -> int:
    """Seconds that a team has for ways and work: its shift without its rests."""
    return team.back_by_s - team.shift_start_s - sum(rest.seconds for rest in team.breaks)


def find_crews(problem: PatrolProblem) -> tuple[Crew, ...]:
    """Every team in exactly one crew, in the order of their first teams."""
    found: dict[object, list[int]] = {}
    for position, team in enumerate(problem.teams):
        alike = (team.profile, team.post, team.home, team.shift_start_s, team.back_by_s)
        found.setdefault((alike, team.skills, team.breaks, team.max_walk_m), []).append(position)
    return tuple(Crew(tuple(teams)) for teams in found.values())


class Watch:
    """Whether teams have time for visits, by the times of a problem."""

    def __init__(self, problem: PatrolProblem) -> None:
        self._problem = problem
        self._place = {Visit(*place): len(problem.posts) + i for i, place in enumerate(problem.places())}

    def fits(self, team: int, visits: Sequence[Visit]) -> bool:
        """Whether a team can make these visits in this order with all its rests and be back in time."""
        return self.place_breaks(team, visits) is not None

    def place_breaks(self, team: int, visits: Sequence[Visit], *, start_s: int | None = None) -> tuple[int, ...] | None:
        """For each rest of the team how many of the visits come before it, None where the visits do not fit.

        The team sets out at `start_s`, without it as its shift begins.
        Whoever is earlier anywhere is never later afterwards, so that of all ways to have taken so many rests before a
        visit the earliest is enough.
        """
        problem, member = self._problem, self._problem.teams[team]
        profile = problem.profile_of(member)
        seconds, at, walked_m = problem.seconds[profile], member.post, 0.0
        states = _rest({0: (member.shift_start_s if start_s is None else start_s, ())}, member.breaks, 0)
        for number, visit in enumerate(visits, start=1):
            job, place = problem.jobs[visit.job], self._place[visit]
            approach = job.ways[visit.way].approaches[profile]
            if approach is None or not job.skills <= member.skills or seconds[at, place] >= FORBIDDEN:
                return None
            walked_m += approach.walk_m
            starts = {
                taken: (wait_for_window(job.windows_s, now + int(seconds[at, place])), places)
                for taken, (now, places) in states.items()
            }
            left = {k: (start + approach.work_s, places) for k, (start, places) in starts.items() if start is not None}
            states, at = _rest(left, member.breaks, number), place
        if member.max_walk_m is not None and walked_m > member.max_walk_m:
            return None
        now, places = states.get(len(member.breaks), (FORBIDDEN, ()))
        return places if now + int(seconds[at, member.home]) <= member.back_by_s else None

    def trim(self, team: int, visits: Iterable[Visit], *, worth: Sequence[float]) -> tuple[Visit, ...]:
        """The visits a team has time for, each job once; where time is short the ones worth least are left out."""
        kept: list[Visit] = []
        for visit in visits:
            if all(visit.job != other.job for other in kept):
                kept.append(visit)
        while kept and not self.fits(team, kept):
            kept.remove(min(kept, key=lambda visit: worth[visit.job]))
        return tuple(kept)


def _rest(states: _States, breaks: tuple[Break, ...], number: int) -> _States:
    """With the rests that can be taken here, after so many visits, taken or not."""
    found = dict(states)
    for taken, due in enumerate(breaks):
        if taken not in found:
            continue
        now, places = found[taken]
        begin = max(now, due.earliest_s)
        end = begin + due.seconds
        if begin <= due.latest_s and (taken + 1 not in found or end < found[taken + 1][0]):
            found[taken + 1] = (end, (*places, number))
    return found


def only_jobs(route: TeamRoute, jobs: Iterable[int]) -> TeamRoute:
    """The route without its visits to other jobs; whoever leaves a visit out is never later anywhere."""
    wanted = set(jobs)
    return TeamRoute(route.team, route.start_s, tuple(visit for visit in route.visits if visit.job in wanted))
