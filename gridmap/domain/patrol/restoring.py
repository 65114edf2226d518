"""A plan document read back: posts, teams, tasks and rules as they were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from gridmap.domain.patrol.formats import BY_HOUR
from gridmap.domain.patrol.problem import Break, Post, Task, TaskKind, Team, TeamKind
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.roads.profiles import list_hours

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
    shift_hours: tuple[int, ...] = ()
    if document.get("speeds") == BY_HOUR:
        shift_hours = tuple(list_hours((document["shift"]["start_s"], document["shift"]["end_s"])))
    position = {post["key"]: at for at, post in enumerate(document["posts"])}
    teams = []
    for team in document["teams"]:
        given = {**team, "kind": TeamKind(team["kind"]), "post": position[team["post"]]}
        if "end_post" in team:
            given["end_post"] = position[team["end_post"]]
        given["hours"] = team.get("hours", shift_hours)
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


def _pick(kind: Any, given: Json) -> dict[str, Any]:
    """The values that are fields of a dataclass, lists as tuples."""
    names = {field.name for field in fields(kind)}
    return {name: _freeze(value) for name, value in given.items() if name in names}


def _freeze(value: Any) -> Any:
    return tuple(map(_freeze, value)) if isinstance(value, list) else value
