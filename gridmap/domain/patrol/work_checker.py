"""Whether the work of a stop is what its tasks ask for: the walk beside the line, the inspection, the vehicle's way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import shapely

from gridmap.domain.crs import GEOD
from gridmap.domain.patrol.duties import read_travel
from gridmap.domain.patrol.evidence import (
    METRE_TOLERANCE,
    AccessFact,
    Place,
    RoadChecker,
    Truth,
    check_drawn,
    is_same_mileage,
    is_same_place,
)
from gridmap.domain.patrol.violations import Findings

Json = Mapping[str, Any]

_ON_TRACK_M = 6.0
_NEAR_TRACK_DEG = 2e-4


class WorkChecker:
    """Follows the work of stops from where the road is left to where it is come back to."""

    def __init__(self, document: Json, truth: Truth, roads: RoadChecker, findings: Findings) -> None:
        self._document = document
        self._truth = truth
        self._roads = roads
        self._findings = findings
        self._tasks: dict[str, Json] = {task["key"]: task for task in document["tasks"]}
        self._rules: Json = document["rules"]

    def check(self, stop: Json, team: Json, entry: Place | None, where: str, *, is_behind: bool) -> None:
        """Note what is wrong with the work of a stop that is driven to as far as `entry`."""
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
        if not is_behind:
            self._check_crossing(work, tasks, there)
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
        by, there = read_travel(self._document, team), f"{where}.drive"
        self._roads.check_leg(work["drive"], by=by, begin=entry, end=exit_, where=there, is_behind=is_behind)
        return int(work["drive"]["seconds"])

    def _check_walk(self, work: Json, tasks: list[Json], team: Json, where: str) -> None:
        walk, turns = work["walk"], [float(turn) for turn in work["walk"]["turns_m"]]
        extra = 0.0
        for end, turn in (("entry", turns[0]), ("exit", turns[-1])):
            fact = self._check_access(walk, end, team, where)
            if fact is None:
                continue
            extra += fact.walk_m
            if not is_same_mileage(turn, fact.mileage_m):
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
        if not (is_same_mileage(min(turns[1:-1]), low) and is_same_mileage(max(turns[1:-1]), high)):
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

    def _check_crossing(self, work: Json, tasks: list[Json], where: str) -> None:
        """The line is crossed only where an access point lets it be: a crossing, a bridge, an underpass, a station."""
        walk = work["walk"]
        if walk is None:
            self._check_over_tracks(work["entry"], (tasks[0]["lon"], tasks[0]["lat"]), where)
            return
        turns = [float(turn) for turn in walk["turns_m"]]
        facts = [self._truth.access.get(int(walk[end]["id"])) for end in ("entry", "exit")]
        wanted = {task["side"] for task in tasks if task.get("side") in {"left", "right"}}
        sides = [fact.side if fact is not None else "" for fact in facts]
        if wanted:
            parts = [(sides[0], side, turns[:2]) for side in wanted] + [(sides[1], side, turns[-2:]) for side in wanted]
        else:
            parts = [(sides[0], sides[1], turns)]
        for one, other, span in parts:
            if one and other and one != other and not self._is_crossed(int(walk["line_id"]), min(span), max(span)):
                self._findings.add("crosses_track", where)

    def _is_crossed(self, line_id: int, low_m: float, high_m: float) -> bool:
        """Whether a line may be crossed between two mileages, which are written to less than a centimetre."""
        return any(
            fact.line_id == line_id and fact.node is not None and not fact.side
            for fact in self._truth.access.values()
            if low_m - 0.01 <= fact.mileage_m <= high_m + 0.01
        )

    def _check_over_tracks(self, spot: Json, place: tuple[float, float], where: str) -> None:
        """Nobody walks straight over the tracks to what lies beside them."""
        start = self._roads.point_of(spot)
        if start is None or not self._truth.tracks:
            return
        is_crossed = len(self._truth.track_tree.query(shapely.LineString([start, place]), predicate="intersects"))
        # What lies on the tracks themselves is come to from either side, and a road may lead over them.
        if is_crossed and not (self._is_on_track(start) or self._is_on_track(place)):
            self._findings.add("crosses_track", where)

    def _is_on_track(self, place: tuple[float, float]) -> bool:
        point = shapely.Point(place)
        near = self._truth.track_tree.query(point, predicate="dwithin", distance=_NEAR_TRACK_DEG)
        feet = [shapely.get_coordinates(shapely.shortest_line(self._truth.tracks[n], point))[0] for n in near]
        return any(GEOD.inv(foot[0], foot[1], place[0], place[1])[2] <= _ON_TRACK_M + METRE_TOLERANCE for foot in feet)

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
