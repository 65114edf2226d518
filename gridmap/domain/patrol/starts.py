"""The routes of an earlier plan as the start of a search for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from gridmap.domain.patrol.fitting import keep_feasible
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Start:
    """What of another plan fits this problem: `kept` of its `stops`, without the teams and tasks that are not here.

    `holders` are the teams that its jobs were given to, those that do not fit any more included.
    """

    solution: Solution
    stops: int
    kept: int
    lost_teams: tuple[str, ...]
    lost_tasks: int
    holders: Mapping[int, int] = field(default_factory=dict)


def read_start(document: Json, problem: PatrolProblem) -> Start:
    """Routes of a plan document for the same teams (by id, else by name) and tasks (by key).

    A stop goes to the jobs that have its tasks, in the direction it was walked; it is left out where none is there, or
    the team cannot do it or be in time.
    """
    teams = _match_teams(document, problem)
    names = {team["key"]: str(team["name"]) for team in document["teams"]}
    jobs = _Jobs(problem)
    routes = []
    for route in sorted(document["routes"], key=lambda route: int(route["start_s"])):
        team = teams.get(route["team"])
        if team is not None:
            profile = problem.profile_of(problem.teams[team])
            taken = [jobs.take(stop, profile) for stop in route["stops"]]
            count = [0, *accumulate(map(len, taken))]
            breaks = tuple(count[rest["after"]] for rest in route.get("breaks", ()))
            start_s = max(int(route["start_s"]), problem.teams[team].shift_start_s)
            routes.append(TeamRoute(team, start_s, tuple(visit for visits in taken for visit in visits), breaks))
    solution = keep_feasible(problem, Solution(tuple(sorted(routes, key=lambda route: route.team))))
    used = [route["team"] for route in document["routes"]]
    due = {task.key for task in problem.tasks}
    return Start(
        solution,
        stops=sum(len(route["stops"]) for route in document["routes"]),
        kept=sum(len(route.visits) for route in solution.routes),
        lost_teams=tuple(names[key] for key in used if key not in teams),
        lost_tasks=len({key for route in document["routes"] for stop in route["stops"] for key in stop["tasks"]} - due),
        holders={visit.job: route.team for route in routes for visit in route.visits},
    )


def _match_teams(document: Json, problem: PatrolProblem) -> dict[str, int]:
    """Positions of the document's teams, each given once."""
    by_id = {team.id: at for at, team in enumerate(problem.teams) if team.id is not None}
    by_name = {team.name: at for at, team in enumerate(problem.teams)}
    found: dict[str, int] = {}
    for team in document["teams"]:
        at = by_id.get(team["id"], by_name.get(team["name"]))
        if at is not None and at not in found.values():
            found[team["key"]] = at
    return found


class _Jobs:
    """Jobs by their tasks; each is given away once."""

    def __init__(self, problem: PatrolProblem) -> None:
        self._problem = problem
        self._free: dict[str, list[int]] = {}
        for at, job in reversed(list(enumerate(problem.jobs))):
            for key in job.tasks:
                self._free.setdefault(key, []).append(at)

    def take(self, stop: Json, profile: int) -> list[Visit]:
        """Visits that do the tasks of a stop, in their order."""
        # Tasks that were walked together may be one job or several.
        chosen = dict.fromkeys(self._free[key][-1] for key in stop["tasks"] if self._free.get(key))
        ordered = list(chosen) if _goes_up(stop["work"]["walk"]) else list(chosen)[::-1]
        for job in ordered:
            for task in self._problem.jobs[job].tasks:
                self._free[task].remove(job)
        # Who waited for the distance in time from another visit waits again.
        waited = "visit" in stop and stop["start_s"] > stop["arrive_s"]
        not_before_s = int(stop["start_s"]) if waited else 0
        return [Visit(job, self._choose_way(job, stop, profile), not_before_s) for job in ordered]

    def _choose_way(self, job: int, stop: Json, profile: int) -> int:
        """The way of the job that goes in the direction of the stop, else the first the team can go."""
        upward = _goes_up(stop["work"]["walk"])
        able = [
            (way, approach)
            for way, item in enumerate(self._problem.jobs[job].ways)
            if (approach := item.approaches[profile]) is not None
        ]
        for way, approach in able:
            turns = approach.walk.turns_m if approach.walk is not None else (0.0, 0.0)
            if len(turns) < 4 or (turns[1] <= turns[-2]) == upward:
                return way
        return able[0][0] if able else 0


def _goes_up(walk: Json | None) -> bool:
    """Whether a walk runs with the mileage, as also what is no walk counts."""
    return walk is None or bool(walk["turns_m"][1] <= walk["turns_m"][-2])
