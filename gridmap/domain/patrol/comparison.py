"""Two plans side by side: what each asks for, which tasks go to another team, which are dropped or won.

Plans are compared as documents, so that a kept one, one from a file and one just computed are alike. Teams are the same
where the store knows both by one number, else where they are called the same; tasks where their keys agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from gridmap.domain.patrol.balance import TeamLoad, measure_balance

Document = Mapping[str, Any]

RETIMED_S = 600
"""Work that begins at least so much earlier or later, with the same team, counts as moved in time."""


class Change(StrEnum):
    """What became of a task: 换组, 未安排, 新安排, 不再需要, 新任务, 改时间."""

    MOVED = "moved"
    DROPPED = "dropped"
    ADDED = "added"
    GONE = "gone"
    NEW = "new"
    RETIMED = "retimed"


@dataclass(frozen=True)
class TaskChange:
    """A task that is served otherwise, or not at all.

    Attributes
    ----------
    before, after
        Names of the teams that serve it, one for each visit.
    later_s
        How much later its first work begins, where both plans serve it.
    unserved
        The entry that says why, in the plan that leaves it out; None where both serve it or only one was asked to.
    """

    task: str
    change: Change
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    later_s: int = 0
    unserved: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class TeamChange:
    """One team's day in both plans, None in the one that does not know it."""

    name: str
    before: TeamLoad | None
    after: TeamLoad | None


@dataclass(frozen=True)
class Totals:
    """What a plan reaches and takes; `priority` is the sum over the tasks it serves."""

    tasks: int
    served: int
    priority: int
    teams: int
    duration_s: int
    driven_m: float
    walked_m: float
    objective: float


@dataclass(frozen=True)
class PlanDifference:
    """All that differs between two plans; tasks that are served alike are not listed."""

    before: Totals
    after: Totals
    teams: tuple[TeamChange, ...]
    changes: tuple[TaskChange, ...]

    @property
    def gained_s(self) -> int:
        """Seconds on the way and at work that the plan after needs less."""
        return self.before.duration_s - self.after.duration_s

    def of(self, change: Change) -> tuple[TaskChange, ...]:
        """The tasks that one thing became of."""
        return tuple(found for found in self.changes if found.change is change)

    def as_json(self) -> dict[str, Any]:
        """Plain values: before, after, gained_s, teams, and a list of tasks under the name of each change."""
        changed = {change.value: [_write_change(found) for found in self.of(change)] for change in Change}
        return {
            "before": asdict(self.before),
            "after": asdict(self.after),
            "gained_s": self.gained_s,
            "teams": [asdict(team) for team in self.teams],
            **changed,
        }


@dataclass(frozen=True)
class _Service:
    """Who serves a task and when its first work begins, seconds after local midnight."""

    teams: tuple[str, ...]
    names: tuple[str, ...]
    start_s: int


def compare_plans(before: Document, after: Document) -> PlanDifference:
    """What changes for people when the plan `after` takes the place of `before`."""
    old, new = _read_services(before), _read_services(after)
    kept_back = {item["task"]: item for item in before["unserved"]}, {item["task"]: item for item in after["unserved"]}
    keys = dict.fromkeys([*(task["key"] for task in before["tasks"]), *(task["key"] for task in after["tasks"])])
    changes = [_compare_task(key, old.get(key), new.get(key), kept_back) for key in keys]
    return PlanDifference(
        before=_add_up(before),
        after=_add_up(after),
        teams=_compare_teams(before, after),
        changes=tuple(change for change in changes if change is not None),
    )


def identify_team(team: Mapping[str, Any]) -> str:
    """What a team is known by across plans."""
    return f"#{team['id']}" if team["id"] is not None else str(team["name"])


def _read_services(document: Document) -> dict[str, _Service]:
    teams = {team["key"]: team for team in document["teams"]}
    visits: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for route in document["routes"]:
        team = teams[route["team"]]
        for stop in route["stops"]:
            for task in stop["tasks"]:
                visits[task].append((stop["start_s"], identify_team(team), team["name"]))
    return {
        task: _Service(
            tuple(sorted(team for _, team, _ in found)), tuple(name for *_, name in sorted(found)), min(found)[0]
        )
        for task, found in visits.items()
    }


def _compare_task(
    key: str,
    old: _Service | None,
    new: _Service | None,
    kept_back: tuple[Mapping[str, Mapping[str, Any]], Mapping[str, Mapping[str, Any]]],
) -> TaskChange | None:
    if old is not None and new is not None:
        later_s = new.start_s - old.start_s
        if old.teams != new.teams:
            return TaskChange(key, Change.MOVED, old.names, new.names, later_s)
        return TaskChange(key, Change.RETIMED, old.names, new.names, later_s) if abs(later_s) >= RETIMED_S else None
    if old is not None:
        reason = kept_back[1].get(key)
        return TaskChange(key, Change.GONE if reason is None else Change.DROPPED, before=old.names, unserved=reason)
    if new is not None:
        reason = kept_back[0].get(key)
        return TaskChange(key, Change.NEW if reason is None else Change.ADDED, after=new.names, unserved=reason)
    return None


def _compare_teams(before: Document, after: Document) -> tuple[TeamChange, ...]:
    """Teams that set out in either plan, in the order of the plan before."""
    days: list[dict[str, TeamLoad]] = []
    for document in (before, after):
        known = {team["key"]: identify_team(team) for team in document["teams"]}
        days.append({known[load.team]: load for load in measure_balance(document).loads})
    old, new = days
    pairs = [(old.get(team), new.get(team)) for team in dict.fromkeys([*old, *new])]
    return tuple(
        TeamChange(next(load.name for load in pair if load is not None), *pair)
        for pair in pairs
        if any(load is not None and load.stops for load in pair)
    )


def _add_up(document: Document) -> Totals:
    summary = document["summary"]
    left_out = {item["task"] for item in document["unserved"]}
    return Totals(
        tasks=summary["tasks"],
        served=summary["served"],
        priority=sum(task["priority"] for task in document["tasks"] if task["key"] not in left_out),
        teams=len(document["routes"]),
        duration_s=summary["duration_s"],
        driven_m=summary["driven_m"],
        walked_m=summary["walked_m"],
        objective=summary["objective"]["value"],
    )


def _write_change(change: TaskChange) -> dict[str, Any]:
    written = asdict(change)
    written.pop("change")
    return written
