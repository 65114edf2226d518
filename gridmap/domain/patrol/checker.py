"""An independent verdict on a plan document: everything is added up again from the roads, the line and the tasks.

It shares no code with what makes plans (stretches, assembly, encoding, solver, document) and believes nothing that the
document says about the world. The document must follow docs/plan.schema.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridmap.domain.patrol.claims import ClaimChecker
from gridmap.domain.patrol.duties import (
    Resumed,
    back_by_s,
    check_breaks,
    check_coverage,
    check_skills,
    check_visits,
    check_walk_of_day,
    list_rests,
    read_travel,
)
from gridmap.domain.patrol.evidence import Place, RoadChecker, Travel, Truth
from gridmap.domain.patrol.totals import check_route_totals, check_summary
from gridmap.domain.patrol.violations import Findings, Violation
from gridmap.domain.patrol.work_checker import WorkChecker
from gridmap.domain.roads.speeds import Mode

Json = Mapping[str, Any]


@dataclass(frozen=True)
class CheckResult:
    """The verdict; `violations` is empty exactly when the plan is valid."""

    violations: tuple[Violation, ...]

    @property
    def valid(self) -> bool:
        return not self.violations


def check_plan(document: Json, truth: Truth) -> CheckResult:
    """Hold a document that follows the schema against the world."""
    findings = Findings()
    _Inspection(document, truth, findings).run()
    return CheckResult(tuple(findings.violations))


class _Inspection:
    """One document under check."""

    def __init__(self, document: Json, truth: Truth, findings: Findings) -> None:
        self._document = document
        self._truth = truth
        self._findings = findings
        slowed = {int(edge): float(kmh) for edge, kmh in document.get("slowed", ())}
        closed = {int(edge) for edge in document["closures"]}
        self._roads = RoadChecker(truth, closed, slowed, findings)
        self._tasks: dict[str, Json] = {task["key"]: task for task in document["tasks"]}
        self._teams: dict[str, Json] = {team["key"]: team for team in document["teams"]}
        self._posts: dict[str, Json] = {post["key"]: post for post in document["posts"]}
        self._work = WorkChecker(document, truth, self._roads, findings)

    def run(self) -> None:
        ClaimChecker(self._document, self._truth, self._findings).check()
        check_coverage(self._document, self._findings)
        check_visits(self._document, self._findings)
        for position, route in enumerate(self._document["routes"]):
            self._check_route(route, f"routes[{position}]")
        check_summary(self._document, self._findings)

    # --- routes --------------------------------------------------------------------------------------------------

    def _check_route(self, route: Json, where: str) -> None:
        team = self._teams.get(route["team"])
        post = self._posts.get(team["post"]) if team else None
        home = self._posts.get(team.get("end_post", team["post"])) if team else None
        if team is None or post is None or home is None:
            self._findings.add("unknown_team", where, team=route["team"])
            return
        by = read_travel(self._document, team)
        resumed = Resumed.read(route)
        # Who has nothing more to do may come home late: there is no sooner.
        end_s = back_by_s(team) if resumed.is_over else route["end_s"]
        # Who reports a stop before its shift was there: what is behind happened when it happened.
        start_s = max(route["start_s"], team["shift_start_s"]) if resumed.after > 0 else route["start_s"]
        if not team["shift_start_s"] <= start_s <= end_s <= back_by_s(team):
            self._findings.add("shift", where, start_s=route["start_s"], end_s=route["end_s"])
        self._roads.check_off_road(route["origin"], (post["lon"], post["lat"]), f"{where}.origin")
        at = self._roads.place_of(route["origin"], f"{where}.origin")
        end_spot = route.get("home", route["origin"])
        if not resumed.ends:
            self._roads.check_off_road(end_spot, (home["lon"], home["lat"]), f"{where}.home")
        check_breaks(route, team, where, self._findings)
        check_walk_of_day(route, team, where, self._findings)
        now = int(route["start_s"])
        at, now = self._go_on(route, resumed, at, now, where)
        for position, stop in enumerate(route["stops"]):
            there = f"{where}.stops[{position}]"
            if stop["number"] != position + 1:
                self._findings.add("totals", there, name="number", expected=position + 1)
            entry = self._roads.place_of(stop["work"]["entry"], there)
            is_behind = position < resumed.after
            begin = None if is_behind else at
            self._roads.check_leg(stop["leg"], by=by, begin=begin, end=entry, where=f"{there}.leg", is_behind=is_behind)
            self._check_stop_times(stop, now, there, is_behind=is_behind)
            self._work.check(stop, team, entry, there, is_behind=is_behind)
            check_skills(stop, team, self._tasks, there, self._findings)
            at = self._roads.place_of(stop["work"]["exit"], there)
            now = int(stop["leave_s"])
            at, now = self._go_on(route, resumed, at, now, where, after=int(stop["number"]))
        end = self._roads.place_of(end_spot, f"{where}.home")
        self._roads.check_leg(route["return"], by=by, begin=at, end=end, where=f"{where}.return")
        self._expect_s(route["end_s"], now + int(route["return"]["seconds"]), f"{where}.return")
        check_route_totals(route, by.mode, where, self._findings)

    def _go_on(
        self, route: Json, resumed: Resumed, at: Place | None, now: int, where: str, *, after: int = 0
    ) -> tuple[Place | None, int]:
        """Where and when a team goes on after a stop: from elsewhere where its plan was mended then."""
        if route.get("resumed") is not None and after == resumed.after:
            there, repair = f"{where}.resumed", self._document.get("repair")
            # Only what had begun by then can be behind, and the one stop that the team was held to.
            begun = [stop["start_s"] <= repair["at_s"] for stop in route["stops"][: max(after - 1, 0)] if repair]
            if now > resumed.at_s or repair is None or not all(begun):
                self._findings.add("times", there, expected_s=now, found_s=resumed.at_s)
            for leg in route["resumed"]["behind"]:
                self._roads.check_leg(
                    leg, by=Travel(Mode(leg["mode"])), begin=None, end=None, where=there, is_behind=True
                )
            at, now = self._roads.place_of(route["resumed"]["spot"], there), resumed.at_s
        return at, now if after < resumed.after else self._free_at(route, now, after=after)

    def _free_at(self, route: Json, now: int, *, after: int) -> int:
        """When a team goes on after a stop and the breaks taken there."""
        return max([now, *(int(rest["end_s"]) for rest in list_rests(route, after=after))])

    def _check_stop_times(self, stop: Json, now: int, where: str, *, is_behind: bool) -> None:
        if is_behind:
            # It happened when it happened, but one after the other.
            if not now <= stop["arrive_s"] <= stop["start_s"] <= stop["leave_s"]:
                self._findings.add("times", where, expected_s=now, found_s=stop["arrive_s"])
            return
        self._expect_s(stop["arrive_s"], now + int(stop["leg"]["seconds"]), where)
        if stop["start_s"] < stop["arrive_s"]:
            self._findings.add("times", where, expected_s=stop["arrive_s"], found_s=stop["start_s"])
        self._expect_s(stop["leave_s"], int(stop["start_s"]) + int(stop["work"]["seconds"]), where)
        for key in stop["tasks"]:
            windows = self._tasks.get(key, {}).get("windows_s")
            if windows and not any(first <= stop["start_s"] <= last for first, last in windows):
                self._findings.add("window", where)

    def _expect_s(self, found: int, expected: int, where: str) -> None:
        if found != expected:
            self._findings.add("times", where, expected_s=expected, found_s=found)
