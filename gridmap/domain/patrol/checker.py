"""An independent verdict on a plan document: everything is added up again from the roads, the line and the tasks.

It shares no code with what makes plans (stretches, assembly, encoding, solver, document) and believes nothing that the
document says about the world. The document must follow docs/plan.schema.json.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gridmap.domain.patrol.duties import (
    Resumed,
    check_breaks,
    check_coverage,
    check_skills,
    check_visits,
    check_walk_of_day,
    find_day,
    is_as_stored,
    list_rests,
)
from gridmap.domain.patrol.evidence import (
    METRE_TOLERANCE,
    AccessFact,
    Place,
    RoadChecker,
    Truth,
    check_drawn,
    is_same_place,
)
from gridmap.domain.patrol.violations import Findings, Violation
from gridmap.domain.roads.speeds import Mode

_MILEAGE_TOLERANCE_M = 0.01
_GAP_TOLERANCE = 1e-5
_LIMITS: Mapping[str, tuple[float, float]] = {
    "line_walk_kmh": (1.0, 6.0),
    "max_walk_m": (0.0, 30_000.0),
    "inspect_reach_m": (0.0, 2_000.0),
    "balance": (0.0, 10.0),
}

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


def _read_hours(document: Json) -> list[int]:
    """Hours of the day that the plan's shift touches, none where it was made with the usual speeds."""
    if document.get("speeds") != "by_hour":
        return []
    start_s, end_s = int(document["shift"]["start_s"]), int(document["shift"]["end_s"])
    return [hour % 24 for hour in range(start_s // 3600, max(math.ceil(end_s / 3600), start_s // 3600 + 1))]


class _Inspection:
    """One document under check."""

    def __init__(self, document: Json, truth: Truth, findings: Findings) -> None:
        self._document = document
        self._truth = truth
        self._findings = findings
        slowed = {int(edge): float(kmh) for edge, kmh in document.get("slowed", ())}
        closed = {int(edge) for edge in document["closures"]}
        self._roads = RoadChecker(truth, closed, slowed, _read_hours(document), findings)
        self._tasks: dict[str, Json] = {task["key"]: task for task in document["tasks"]}
        self._teams: dict[str, Json] = {team["key"]: team for team in document["teams"]}
        self._posts: dict[str, Json] = {post["key"]: post for post in document["posts"]}
        self._rules: Json = document["rules"]

    def run(self) -> None:
        self._check_rules()
        for position, task in enumerate(self._document["tasks"]):
            self._check_task(task, f"tasks[{position}]")
        for position, team in enumerate(self._document["teams"]):
            self._check_team(team, f"teams[{position}]")
        for position, post in enumerate(self._document["posts"]):
            self._check_post(post, f"posts[{position}]")
        check_coverage(self._document, self._findings)
        check_visits(self._document, self._findings)
        for position, route in enumerate(self._document["routes"]):
            self._check_route(route, f"routes[{position}]")
        self._check_summary()

    # --- what the document says about the world ------------------------------------------------------------------

    def _check_rules(self) -> None:
        for name, (low, high) in _LIMITS.items():
            if not low <= float(self._rules[name]) <= high:
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
            or not _is_near(task.get("from_m"), fact.from_m)
            or not _is_near(task.get("to_m"), fact.to_m)
            or (task.get("visits", 1) > 1 and task.get("spacing_s") != fact.spacing_s)
        ):
            self._findings.add("unknown_task", where, task=task["key"])

    def _check_hazard(self, task: Json, where: str) -> None:
        fact = self._truth.hazards.get(int(task["id"]))
        if (
            fact is None
            or abs(fact.lon - task["lon"]) + abs(fact.lat - task["lat"]) > 1e-6
            or task.get("severity") != fact.severity
            or not _is_near(task.get("from_m"), fact.mileage_m)
            or task.get("skill", "") != fact.skill
            or task.get("inspect_s") != fact.inspect_s
        ):
            self._findings.add("unknown_task", where, task=task["key"])

    def _check_team(self, team: Json, where: str) -> None:
        """A stored team must be as stored, and the plan may only shorten its shift."""
        for post in (team["post"], team.get("end_post", team["post"])):
            if post not in self._posts:
                self._findings.add("unknown_post", where, post=post)
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

    # --- routes --------------------------------------------------------------------------------------------------

    def _check_route(self, route: Json, where: str) -> None:
        team = self._teams.get(route["team"])
        post = self._posts.get(team["post"]) if team else None
        home = self._posts.get(team.get("end_post", team["post"])) if team else None
        if team is None or post is None or home is None:
            self._findings.add("unknown_team", where, team=route["team"])
            return
        mode = Mode(team["kind"])
        resumed = Resumed.read(route)
        # Who has nothing more to do may come home late: there is no sooner.
        end_s = _back_by_s(team) if resumed.is_over else route["end_s"]
        # Who reports a stop before its shift was there: what is behind happened when it happened.
        start_s = max(route["start_s"], team["shift_start_s"]) if resumed.after > 0 else route["start_s"]
        if not team["shift_start_s"] <= start_s <= end_s <= _back_by_s(team):
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
            self._roads.check_leg(
                stop["leg"], mode=mode, begin=begin, end=entry, where=f"{there}.leg", is_behind=is_behind
            )
            self._check_stop_times(stop, now, there, is_behind=is_behind)
            self._check_work(stop, team, entry, there, is_behind=is_behind)
            check_skills(stop, team, self._tasks, there, self._findings)
            at = self._roads.place_of(stop["work"]["exit"], there)
            now = int(stop["leave_s"])
            at, now = self._go_on(route, resumed, at, now, where, after=int(stop["number"]))
        end = self._roads.place_of(end_spot, f"{where}.home")
        self._roads.check_leg(route["return"], mode=mode, begin=at, end=end, where=f"{where}.return")
        self._expect_s(route["end_s"], now + int(route["return"]["seconds"]), f"{where}.return")
        self._check_route_totals(route, mode, where)

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
                self._roads.check_leg(leg, mode=Mode(leg["mode"]), begin=None, end=None, where=there, is_behind=True)
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

    def _check_route_totals(self, route: Json, mode: Mode, where: str) -> None:
        legs = [*(stop["leg"] for stop in route["stops"]), route["return"]]
        legs += (route.get("resumed") or {}).get("behind", ())
        legs += [stop["work"]["drive"] for stop in route["stops"] if stop["work"]["drive"]]
        road_m = sum(leg["metres"] for leg in legs)
        beside_m = sum(stop["work"]["walk_m"] for stop in route["stops"])
        on_foot = mode is Mode.FOOT
        self._expect_total(route, "duration_s", route["end_s"] - route["start_s"], where)
        self._expect_total(route, "driven_m", 0.0 if on_foot else road_m, where)
        self._expect_total(route, "walked_m", beside_m + (road_m if on_foot else 0.0), where)

    def _expect_total(self, holder: Json, name: str, expected: float, where: str) -> None:
        tolerance = METRE_TOLERANCE if name.endswith("_m") else 0.5 if isinstance(holder[name], float) else 0.0
        if abs(holder[name] - expected) > tolerance:
            self._findings.add("totals", where, name=name, expected=round(expected, 1))

    # --- work ----------------------------------------------------------------------------------------------------

    def _check_work(self, stop: Json, team: Json, entry: Place | None, where: str, *, is_behind: bool) -> None:
        work, there = stop["work"], f"{where}.work"
        tasks = [self._tasks[key] for key in stop["tasks"] if key in self._tasks]
        kinds = {task["kind"] for task in tasks}
        if kinds != {work["kind"]} or (work["kind"] == "hazard" and len(tasks) != 1):
            self._findings.add("unknown_task", there, task=", ".join(stop["tasks"]))
            return
        walk_s = math.ceil(work["walk_m"] * 3.6 / float(self._rules["line_walk_kmh"]))
        least_s = walk_s + self._check_inspection(work, tasks[0], there) if work["kind"] == "hazard" else walk_s
        if work["walk"] is not None:
            self._check_walk(work, tasks, team, there)
        elif work["kind"] == "segment":
            self._findings.add("walk_cover", there, task=tasks[0]["key"])
        least_s = max(least_s, self._check_vehicle(work, team, entry, there, is_behind=is_behind))
        # The walk is written to a decimetre, which may move a rounded second.
        if abs(work["seconds"] - least_s) > 1:
            self._findings.add("times", there, expected_s=least_s, found_s=work["seconds"])

    def _check_vehicle(self, work: Json, team: Json, entry: Place | None, where: str, *, is_behind: bool) -> int:
        """The vehicle must stand where the walk ends; returns the seconds its way round takes."""
        exit_ = self._roads.place_of(work["exit"], where)
        if work["drive"] is None:
            if team["kind"] != "foot" and not is_same_place(entry, exit_):
                self._findings.add("vehicle_left", where)
            return 0
        if team["kind"] == "foot" or team["members"] < 2:
            self._findings.add("vehicle_left", where)
        mode = Mode(team["kind"])
        there = f"{where}.drive"
        self._roads.check_leg(work["drive"], mode=mode, begin=entry, end=exit_, where=there, is_behind=is_behind)
        return int(work["drive"]["seconds"])

    def _check_walk(self, work: Json, tasks: list[Json], team: Json, where: str) -> None:
        walk, turns = work["walk"], [float(turn) for turn in work["walk"]["turns_m"]]
        extra = 0.0
        for end, turn in (("entry", turns[0]), ("exit", turns[-1])):
            fact = self._check_access(walk, end, team, where)
            if fact is None:
                continue
            extra += fact.walk_m
            if not _is_near(turn, fact.mileage_m):
                self._findings.add("wrong_access", where)
            spot = self._roads.place_of(work[end], where)
            if fact.node is not None and not is_same_place(spot, ("node", fact.node, 0.0)):
                self._findings.add("wrong_access", where)
        low = min(float(task.get("from_m", math.inf)) for task in tasks)
        high = max(float(task.get("to_m", -math.inf)) for task in tasks)
        for task in tasks:
            if task.get("line_id") != walk["line_id"]:
                self._findings.add("walk_cover", where, task=task["key"])
        # From end to end of what is due and not a step further: the line side is no way to get anywhere.
        if not (_is_near(min(turns[1:-1]), low) and _is_near(max(turns[1:-1]), high)):
            self._findings.add("walk_cover", where, task=tasks[0]["key"])
        along = sum(abs(b - a) for a, b in pairwise(turns))
        metres = along + extra
        hazard = self._truth.hazards.get(int(tasks[0]["id"])) if work["kind"] == "hazard" else None
        if hazard is not None:
            metres += 2 * hazard.offset_m
        if abs(work["walk_m"] - metres) > METRE_TOLERANCE or abs(walk["metres"] - metres) > METRE_TOLERANCE:
            self._findings.add("walk_length", where, expected_m=round(metres, 1))
        if metres > float(self._rules["max_walk_m"]) + METRE_TOLERANCE:
            self._findings.add("walk_too_long", where, limit_m=self._rules["max_walk_m"])
        line = self._truth.lines.get(int(walk["line_id"]))
        if line is not None and along > METRE_TOLERANCE:
            check_drawn(walk["coordinates"], [line], along, findings=self._findings, where=f"{where}.walk")

    def _check_access(self, walk: Json, end: str, team: Json, where: str) -> AccessFact | None:
        fact = self._truth.access.get(int(walk[end]["id"]))
        if fact is None or fact.line_id != walk["line_id"] or fact.node is None:
            self._findings.add("unknown_access", where, access=walk[end]["id"])
            return None
        if team["kind"] != "foot" and not fact.drivable:
            self._findings.add("wrong_access", where)
        return fact

    def _check_inspection(self, work: Json, task: Json, where: str) -> int:
        """Seconds on the spot; a hazard without a walk along the line must lie beside the road it is seen from."""
        if work["walk"] is None:
            spot = work["entry"]
            if spot != work["exit"]:
                self._findings.add("vehicle_left", where)
            self._roads.check_off_road(spot, (task["lon"], task["lat"]), where)
            if spot["off_m"] > float(self._rules["inspect_reach_m"]) + METRE_TOLERANCE:
                self._findings.add("off_road", where)
            if abs(work["walk_m"] - 2 * spot["off_m"]) > METRE_TOLERANCE:
                self._findings.add("walk_length", where, expected_m=round(2 * spot["off_m"], 1))
        return int(task.get("inspect_s", self._rules["inspect_s"][str(task.get("severity", 1))]))

    # --- totals --------------------------------------------------------------------------------------------------

    def _check_summary(self) -> None:
        summary, routes, unserved = self._document["summary"], self._document["routes"], self._document["unserved"]
        tasks = self._document["tasks"]
        # What one item leaves out: as many visits as it says, else all of them.
        price = {task["key"]: (task["priority"], task.get("visits", 1)) for task in tasks}
        known = [(price[item["task"]], item.get("visits")) for item in unserved if item["task"] in price]
        lost = sum(priority * (missing or visits) for (priority, visits), missing in known)
        duration_s = sum(route["duration_s"] for route in routes)
        metres = sum(route["driven_m"] + route["walked_m"] for route in routes)
        terms = {
            "duration_s": duration_s,
            "distance_s": metres * float(self._rules["metre_s"]),
            "unserved_s": lost * int(self._rules["priority_s"]),
            "balance_s": self._weigh_balance(),
        }
        expected: dict[str, float] = {
            "tasks": len(tasks),
            "served": len(tasks) - len(unserved),
            "unserved": len(unserved),
            "duration_s": duration_s,
            "distance_m": metres,
            "driven_m": sum(route["driven_m"] for route in routes),
            "walked_m": sum(route["walked_m"] for route in routes),
        }
        for name, value in expected.items():
            self._expect_total(summary, name, value, "summary")
        for name, value in {**terms, "value": sum(terms.values())}.items():
            self._expect_total(summary["objective"], name, value, "summary.objective")
        value, bound = summary["objective"]["value"], self._document["lower_bound"]
        gap = (value - bound) / value if value else 0.0
        if not 0 <= bound <= value or abs(self._document["gap"] - gap) > _GAP_TOLERANCE:
            self._findings.add("totals", "gap", name="gap", expected=round(gap, 6))

    def _weigh_balance(self) -> float:
        """What unequal work costs: the weight times the squares of the durations over twice the mean time to be out."""
        shifts = [_back_by_s(team) - team["shift_start_s"] for team in self._document["teams"]]
        squares: int = sum(route["duration_s"] ** 2 for route in self._document["routes"])
        mean_s: float = sum(shifts) / len(shifts) if shifts else 1.0
        return float(self._rules["balance"]) * squares / (2 * mean_s)


def _is_near(told: float | None, fact: float | None) -> bool:
    if told is None or fact is None:
        return told is None and fact is None
    return abs(float(told) - fact) <= _MILEAGE_TOLERANCE_M


def _back_by_s(team: Json) -> int:
    """When a team has to be back."""
    return min(int(team["shift_end_s"]), int(team.get("latest_return_s", team["shift_end_s"])))
