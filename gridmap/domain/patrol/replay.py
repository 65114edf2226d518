"""A team's day gone through again with one stop more, or another in its place: what is broken then, and by how much.

The day begins with the shift, so that it is over as early as it can be. Nothing forbids a stop: where a window has
passed, the work begins at once and the delay is noted, so that the day fits once every window, shift and limit that was
broken gives way by what was noted.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gridmap.domain.patrol.constraints import Constraint, Lack
from gridmap.domain.patrol.problem import FORBIDDEN, Approach, Job, PatrolProblem, Team, wait_for_window
from gridmap.domain.patrol.solution import Visit

_PLACES = 8
"""So many places in a day are tried, those with the shortest way round."""

Interval = tuple[int, int]
"""Begin and end of a visit, seconds after local midnight."""

FamilyVisits = Mapping[int, Sequence[tuple[int, Interval]]]
"""By family, the visits of a plan: team and when."""


class Ground:
    """Ways and places of a problem, in plain lists: they are asked for one at a time."""

    def __init__(self, problem: PatrolProblem) -> None:
        self.problem = problem
        self.travel_s: list[list[list[int]]] = [matrix.tolist() for matrix in problem.seconds]
        self.place = {place: len(problem.posts) + i for i, place in enumerate(problem.places())}


@dataclass(frozen=True)
class _Moment:
    """How far a team is in its day: breaks taken, visits made by family, and what was broken on the way here."""

    at_s: int
    taken: int = 0
    visits: tuple[tuple[int, Interval], ...] = ()
    lacks: tuple[Lack, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        return sum(lack.missing for lack in self.lacks), self.at_s


_Moments = dict[int, _Moment]
"""The best moment for each number of breaks taken."""


class Day:
    """What one team does in a plan.

    Parameters
    ----------
    start_s
        When it sets out at the earliest, seconds after local midnight.
    others
        Visits of all teams; the team's own are left aside.
    """

    def __init__(
        self, ground: Ground, position: int, visits: tuple[Visit, ...], *, start_s: int, others: FamilyVisits
    ) -> None:
        self.position = position
        self.team: Team = ground.problem.teams[position]
        self.visits = visits
        self._ground = ground
        self._others = others
        self._profile = ground.problem.profile_of(self.team)
        self._travel_s = ground.travel_s[self._profile]
        self._walked_m = sum(self._approach(visit).walk_m for visit in visits)
        self._stops = [self.team.post, *map(self._place, visits), self.team.home]
        self._behind_s = self._measure_busy_s() + start_s - self.team.back_by_s
        self._before: list[_Moments] = [self._rest({0: _Moment(start_s)})]
        for last, visit in zip((None, *visits), visits, strict=False):
            self._before.append(self._go(self._before[-1], last, visit))

    def _measure_busy_s(self) -> int:
        """Driving, work and breaks of the day, without any waiting."""
        legs_s = sum(self._travel_s[here][on] for here, on in pairwise(self._stops)) if self.visits else 0
        work_s = sum(self._approach(visit).work_s for visit in self.visits)
        return legs_s + work_s + sum(rest.seconds for rest in self.team.breaks)

    def list_own_visits(self) -> tuple[tuple[int, Interval], ...]:
        """Visits that belong to a family, each with it."""
        return min(self._before[-1].values(), key=lambda moment: moment.rank).visits

    def list_places(self, job: int) -> list[tuple[int, int, Visit]]:
        """(least delay, position, visit) of the places in the day that roads lead to and on from.

        The least delay, in seconds, is how late the team would be back even if it never had to wait.
        """
        found: list[tuple[int, int, Visit]] = []
        for way in range(len(self._ground.problem.jobs[job].ways)):
            visit = Visit(job, way)
            if not self.can_do(visit):
                continue
            place, work_s = self._place(visit), self._approach(visit).work_s
            for at, (here, on) in enumerate(pairwise(self._stops)):
                there_s, on_s = self._travel_s[here][place], self._travel_s[place][on]
                if max(there_s, on_s) < FORBIDDEN:
                    straight_s = self._travel_s[here][on] if self.visits else 0
                    found.append((max(0, self._behind_s + there_s + work_s + on_s - straight_s), at, visit))
        return heapq.nsmallest(_PLACES, found, key=lambda place: place[:2])

    def can_do(self, visit: Visit) -> bool:
        """Whether a team of this kind can do a job in that way."""
        return self._ground.problem.jobs[visit.job].ways[visit.way].approaches[self._profile] is not None

    def insert(self, at: int, visit: Visit, *, apart: bool = True) -> tuple[Lack, ...]:
        """What is broken once `visit` is made before stop `at`; with `apart` it waits for the spacing of its family."""
        return self._follow(at, [visit, *self.visits[at:]], walked_m=self._walked_m, apart=apart)

    def exchange(self, at: int, visit: Visit) -> tuple[Lack, ...]:
        """What is broken once `visit` is made in place of stop `at`; one lack may stand for several."""
        here, old, on = self._stops[at : at + 3]
        place = self._place(visit)
        there_s, on_s = self._travel_s[here][place], self._travel_s[place][on]
        if max(there_s, on_s) >= FORBIDDEN:
            return (Lack(Constraint.NO_PATH),)
        gone = self._approach(self.visits[at])
        gone_s = self._travel_s[here][old] + gone.work_s + self._travel_s[old][on]
        late_s = self._behind_s - gone_s + there_s + self._approach(visit).work_s + on_s
        if late_s > 0:
            return (Lack(Constraint.SHIFT_END, late_s),)
        walked_m = self._walked_m - gone.walk_m
        return self._follow(at, [visit, *self.visits[at + 1 :]], walked_m=walked_m, apart=True)

    # --- going through it ----------------------------------------------------------------------------------------

    def _follow(self, at: int, visits: Sequence[Visit], *, walked_m: float, apart: bool) -> tuple[Lack, ...]:
        """The rest of the day from stop `at` on; the first of `visits` is the new one."""
        moments = self._go(self._before[at], self.visits[at - 1] if at else None, visits[0], own=True, apart=apart)
        for last, visit in pairwise(visits):
            moments = self._go(moments, last, visit)
        home_s = self._leg_s(visits[-1], None)
        ends = self._rest({taken: replace(moment, at_s=moment.at_s + home_s) for taken, moment in moments.items()})
        end = ends[len(self.team.breaks)]
        walked_m += self._approach(visits[0]).walk_m
        return (*end.lacks, *self._check_end(end.at_s), *self._check_walk(walked_m))

    def _check_end(self, end_s: int) -> list[Lack]:
        team = self.team
        lacks: list[Lack] = []
        if team.latest_return_s is not None and end_s > team.latest_return_s:
            lacks.append(Lack(Constraint.LATEST_RETURN, end_s - team.latest_return_s))
        if end_s > team.shift_end_s:
            lacks.append(Lack(Constraint.SHIFT_END, end_s - team.shift_end_s))
        return lacks

    def _check_walk(self, walked_m: float) -> list[Lack]:
        limit_m = self.team.max_walk_m
        if limit_m is None or walked_m <= limit_m:
            return []
        return [Lack(Constraint.DAY_WALK, int(walked_m - limit_m) + 1)]

    def _go(
        self, moments: _Moments, last: Visit | None, visit: Visit, *, own: bool = False, apart: bool = True
    ) -> _Moments:
        leg_s = self._leg_s(last, visit)
        return self._rest(
            {
                taken: self._serve(moment, moment.at_s + leg_s, visit, own=own, apart=apart)
                for taken, moment in moments.items()
            }
        )

    def _serve(self, moment: _Moment, arrive_s: int, visit: Visit, *, own: bool, apart: bool) -> _Moment:
        job, work_s = self._ground.problem.jobs[visit.job], self._approach(visit).work_s
        others = self._list_relatives(job, moment)
        start_s = _find_start(job, arrive_s, work_s, others if apart else ())
        lacks = moment.lacks
        if start_s is None:
            start_s = arrive_s
            late_s = max(1, arrive_s - job.windows_s[-1][1])
            lacks = (*lacks, Lack(Constraint.WINDOW, late_s, "" if own else job.tasks[0]))
        if not apart:
            lacks = (*lacks, *_check_spacing(job, (start_s, start_s + work_s), others))
        visits = moment.visits
        if job.family is not None:
            visits = (*visits, (job.family, (start_s, start_s + work_s)))
        return _Moment(start_s + work_s, moment.taken, visits, lacks)

    def _list_relatives(self, job: Job, moment: _Moment) -> list[Interval]:
        """When the other visits of a job's family are made: by other teams as planned, by this one as it now goes."""
        if job.family is None:
            return []
        own = [interval for family, interval in moment.visits if family == job.family]
        return own + [interval for who, interval in self._others.get(job.family, ()) if who != self.position]

    def _rest(self, moments: _Moments) -> _Moments:
        """Each moment, and the one after the next break where that makes a better one."""
        if not self.team.breaks:
            return moments
        best = dict(moments)
        for taken, rest in enumerate(self.team.breaks):
            if taken not in best:
                continue
            moment = best[taken]
            begin_s = max(moment.at_s, rest.earliest_s)
            late_s = begin_s - rest.latest_s
            lacks = (*moment.lacks, Lack(Constraint.BREAK, late_s)) if late_s > 0 else moment.lacks
            rested = _Moment(begin_s + rest.seconds, taken + 1, moment.visits, lacks)
            if taken + 1 not in best or rested.rank < best[taken + 1].rank:
                best[taken + 1] = rested
        return best

    def _leg_s(self, last: Visit | None, then: Visit | None) -> int:
        here = self.team.post if last is None else self._place(last)
        return self._travel_s[here][self.team.home if then is None else self._place(then)]

    def _place(self, visit: Visit) -> int:
        return self._ground.place[visit.job, visit.way]

    def _approach(self, visit: Visit) -> Approach:
        approach = self._ground.problem.jobs[visit.job].ways[visit.way].approaches[self._profile]
        assert approach is not None, "a route does what its team cannot"
        return approach


def _find_start(job: Job, arrive_s: int, work_s: int, others: Iterable[Interval]) -> int | None:
    """When the work begins within a window and apart from the other visits, None where no window is left."""
    visits = sorted(others)
    at_s = arrive_s
    while (start_s := wait_for_window(job.windows_s, at_s)) is not None:
        clash = (
            end_s
            for begin_s, end_s in visits
            if begin_s - job.spacing_s < start_s + work_s and start_s < end_s + job.spacing_s
        )
        last_s = next(clash, None)
        if last_s is None:
            return start_s
        at_s = last_s + job.spacing_s
    return None


def _check_spacing(job: Job, own: Interval, others: Iterable[Interval]) -> list[Lack]:
    gaps_s = [max(own[0] - other[1], other[0] - own[1]) for other in others]
    short_s = max((job.spacing_s - gap_s for gap_s in gaps_s), default=0)
    return [Lack(Constraint.SPACING, short_s)] if short_s > 0 else []
