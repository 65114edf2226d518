"""What a plan says about the world, held against the store: rules, tasks, teams and posts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gridmap.domain.patrol.duties import find_day, is_as_stored, read_travel
from gridmap.domain.patrol.evidence import Truth, is_same_mileage
from gridmap.domain.patrol.violations import Findings

_LIMITS: Mapping[str, tuple[float, float]] = {
    "line_walk_kmh": (1.0, 6.0),
    "max_walk_m": (0.0, 30_000.0),
    "inspect_reach_m": (0.0, 2_000.0),
    "balance": (0.0, 10.0),
}

Json = Mapping[str, Any]


class ClaimChecker:
    """Reads what a document names, and notes what is not as stored."""

    def __init__(self, document: Json, truth: Truth, findings: Findings) -> None:
        self._document = document
        self._truth = truth
        self._findings = findings
        self._posts: dict[str, Json] = {post["key"]: post for post in document["posts"]}

    def check(self) -> None:
        self._check_rules()
        for position, task in enumerate(self._document["tasks"]):
            self._check_task(task, f"tasks[{position}]")
        for position, team in enumerate(self._document["teams"]):
            self._check_team(team, f"teams[{position}]")
        for position, post in enumerate(self._document["posts"]):
            self._check_post(post, f"posts[{position}]")

    def _check_rules(self) -> None:
        for name, (low, high) in _LIMITS.items():
            if not low <= float(self._document["rules"][name]) <= high:
                self._findings.add("rules", "rules", name=name)

    def _check_task(self, task: Json, where: str) -> None:
        """A task must be what the store says it is."""
        key = str(task["key"])
        if key != f"{task['kind']}-{task['id']}":
            self._findings.add("unknown_task", where, task=key)
        elif task["kind"] == "segment":
            self._check_segment(task, where)
        else:
            self._check_hazard(task, where)

    def _check_segment(self, task: Json, where: str) -> None:
        fact = self._truth.segments.get(int(task["id"]))
        if (
            fact is None
            or task.get("line_id") != fact.line_id
            or not is_same_mileage(task.get("from_m"), fact.from_m)
            or not is_same_mileage(task.get("to_m"), fact.to_m)
            or (task.get("visits", 1) > 1 and task.get("spacing_s") != fact.spacing_s)
            or task.get("side", "both") != fact.side
        ):
            self._findings.add("unknown_task", where, task=task["key"])

    def _check_hazard(self, task: Json, where: str) -> None:
        fact = self._truth.hazards.get(int(task["id"]))
        if (
            fact is None
            or abs(fact.lon - task["lon"]) + abs(fact.lat - task["lat"]) > 1e-6
            or task.get("severity") != fact.severity
            or not is_same_mileage(task.get("from_m"), fact.mileage_m)
            or task.get("side") != fact.side
            or task.get("skill", "") != fact.skill
            or task.get("inspect_s") != fact.inspect_s
        ):
            self._findings.add("unknown_task", where, task=task["key"])

    def _check_team(self, team: Json, where: str) -> None:
        """A stored team must be as stored, and the plan may only shorten its shift."""
        for post in (team["post"], team.get("end_post", team["post"])):
            if post not in self._posts:
                self._findings.add("unknown_post", where, post=post)
        if "hours" in team and tuple(team["hours"]) != read_travel(self._document, team).hours:
            self._findings.add("hours", where, team=team["key"])
        if team["id"] is None:
            return
        fact = self._truth.teams.get(int(team["id"]))
        if fact is None:
            self._findings.add("unknown_team", where, team=team["key"])
            return
        day_s = find_day(team, fact)
        if not is_as_stored(team, fact, self._posts, day_s=day_s or 0):
            self._findings.add("unknown_team", where, team=team["key"])
        if day_s is None:
            self._findings.add("shift", where, start_s=team["shift_start_s"], end_s=team["shift_end_s"])

    def _check_post(self, post: Json, where: str) -> None:
        if post["id"] is None:
            return
        fact = self._truth.posts.get(int(post["id"]))
        if fact is None or abs(fact[0] - post["lon"]) + abs(fact[1] - post["lat"]) > 1e-6:
            self._findings.add("unknown_post", where, post=post["key"])
