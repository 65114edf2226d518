"""A plan document read back: teams, tasks and rules as they were given, and routes over a problem made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from gridmap.domain.patrol.encoding import Solution, TeamRoute, Visit
from gridmap.domain.patrol.problem import Break, PatrolProblem, Post, Task, TaskKind, Team, TeamKind
from gridmap.domain.patrol.rules import PatrolRules

Json = Mapping[str, Any]


def restore_rules(document: Json) -> PatrolRules:
    """The rules a plan was made by; what an older document does not say is as it is by default."""
    given = dict(document["rules"])
    given["inspect_s"] = tuple(given["inspect_s"][str(severity)] for severity in range(1, 5))
    return PatrolRules(**_pick(PatrolRules, given))


def restore_posts(document: Json) -> tuple[Post, ...]:
    """The posts in the order of the document."""
    return tuple(Post(**_pick(Post, post)) for post in document["posts"])


def restore_teams(document: Json) -> tuple[Team, ...]:
    """The teams in the order of the document, their posts as positions there."""
    position = {post["key"]: at for at, post in enumerate(document["posts"])}
    teams = []
    for team in document["teams"]:
        given = {**team, "kind": TeamKind(team["kind"]), "post": position[team["post"]]}
        if "end_post" in team:
            given["end_post"] = position[team["end_post"]]
        given["skills"] = frozenset(team.get("skills", ()))
        given["breaks"] = tuple(Break(**_pick(Break, rest)) for rest in team.get("breaks", ()))
        teams.append(Team(**_pick(Team, given)))
    return tuple(teams)


def restore_tasks(document: Json, *, offset_m: Mapping[str, float]) -> tuple[Task, ...]:
    """The tasks in the order of the document; it does not keep how far beside the line a hazard lies."""
    return tuple(
        Task(
            **_pick(
                Task,
                {**task, "kind": TaskKind(task["kind"]), "offset_m": offset_m.get(task["key"], 0.0)},
            )
        )
        for task in document["tasks"]
    )


def restore_routes(document: Json, problem: PatrolProblem) -> Solution:
    """The routes of a plan over a problem with its teams and tasks; a stop whose job is not there is left out.

    Teams stand in the problem where they stand in the document.
    """
    jobs = {frozenset(job.tasks): at for at, job in enumerate(problem.jobs) if job.family is None}
    position = {team["key"]: at for at, team in enumerate(document["teams"])}
    routes = []
    for route in document["routes"]:
        team = position[route["team"]]
        profile = problem.profile_of(problem.teams[team])
        stops = [(jobs.get(frozenset(stop["tasks"])), stop) for stop in route["stops"]]
        visits = [_find_visit(problem, job, profile, stop) for job, stop in stops if job is not None]
        made = tuple(visit for visit in visits if visit is not None)
        if made:
            routes.append(TeamRoute(team, route["start_s"], made))
    return Solution(tuple(sorted(routes, key=lambda route: route.team)))


def _find_visit(problem: PatrolProblem, job: int, profile: int, stop: Json) -> Visit | None:
    """The way of a job whose walk begins where the stop's does, else the first that the team can do."""
    able = [
        (way, approach)
        for way, one in enumerate(problem.jobs[job].ways)
        if (approach := one.approaches[profile]) is not None
    ]
    walk = stop["work"]["walk"]
    for way, approach in able:
        if walk is None or (approach.walk is not None and approach.walk.entry.id == walk["entry"]["id"]):
            return Visit(job, way)
    return Visit(job, able[0][0]) if able else None


def _pick(kind: Any, given: Json) -> dict[str, Any]:
    """The values that are fields of a dataclass, lists as tuples."""
    names = {field.name for field in fields(kind)}
    return {name: _freeze(value) for name, value in given.items() if name in names}


def _freeze(value: Any) -> Any:
    return tuple(map(_freeze, value)) if isinstance(value, list) else value
