"""What still fits into a plan when nothing in it is moved."""

from __future__ import annotations

from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.replay import Day, Ground
from gridmap.domain.patrol.solution import Solution, Visit


def find_fitting_jobs(problem: PatrolProblem, solution: Solution) -> tuple[int, ...]:
    """Jobs that are not served and can be put between the stops of a plan, the most important and nearest first.

    Greedy, so that a search finds the same or more. Visits to one place that have to lie apart are left aside.
    """
    ground = Ground(problem)
    routes = {route.team: route.visits for route in solution.routes}
    days = [_open_day(ground, team, routes.get(team, ())) for team in range(len(problem.teams))]
    served = {visit.job for route in solution.routes for visit in route.visits}
    left = [at for at, job in enumerate(problem.jobs) if at not in served and job.family is None]
    fitting = []
    for job in sorted(left, key=lambda at: -problem.jobs[at].priority):
        able = [day for day in days if problem.jobs[job].skills <= day.team.skills]
        places = [(late_s, day.position, at, visit) for day in able for late_s, at, visit in day.list_places(job)]
        for late_s, team, at, visit in sorted(places, key=lambda place: place[:3]):
            if late_s == 0 and not days[team].insert(at, visit):
                visits = (*days[team].visits[:at], visit, *days[team].visits[at:])
                days[team] = _open_day(ground, team, visits)
                fitting.append(job)
                break
    return tuple(fitting)


def _open_day(ground: Ground, team: int, visits: tuple[Visit, ...]) -> Day:
    return Day(ground, team, visits, start_s=ground.problem.teams[team].shift_start_s, others={})
