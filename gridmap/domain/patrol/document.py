"""The plan as a document (docs/plan.schema.json): every route edge by edge, so that anybody can check it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from gridmap.domain.patrol.binding import Binding, find_bindings
from gridmap.domain.patrol.document_parts import (
    Document,
    Line,
    write_degrees,
    write_line,
    write_post,
    write_task,
    write_team,
    write_unserved,
)
from gridmap.domain.patrol.formats import FORMAT
from gridmap.domain.patrol.legs import LegWriter, round_line, write_spot
from gridmap.domain.patrol.problem import AccessPoint, Approach, PatrolProblem, Team, Walk
from gridmap.domain.patrol.reasons import Reason, Unserved
from gridmap.domain.patrol.solution import Solution, TeamRoute
from gridmap.domain.patrol.timetable import Timetable, time_route
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode


def build_document(
    problem: PatrolProblem,
    solution: Solution,
    *,
    network: RoadNetwork,
    lines: Mapping[int, Line],
    header: Mapping[str, Any],
) -> Document:
    """The whole plan.

    Parameters
    ----------
    header
        What only the caller knows: area_code, area_name, service_date, shift, created_at, created_by, effort, notes,
        closures, speeds, roads_revision.
    """
    writer = _Writer(problem, network, lines)
    routes = [writer.write_route(route) for route in solution.routes]
    number_visits({task.key: task.visits for task in problem.tasks}, routes)
    unserved = _left_out(problem, solution)
    document: Document = {
        "format": FORMAT,
        **header,
        "rules": problem.rules.as_json(),
        "lines": [write_line(line) for line in lines.values()],
        "posts": [write_post(position, post) for position, post in enumerate(problem.posts)],
        "teams": [write_team(position, team) for position, team in enumerate(problem.teams)],
        "tasks": [write_task(task) for task in problem.tasks],
        "routes": routes,
        "unserved": _write_left_out(unserved, find_bindings(problem, solution)),
    }
    document["summary"] = summarise(document, problem)
    return document | _bound(document, problem, solution)


def number_visits(wanted: Mapping[str, int], routes: list[dict[str, Any]]) -> None:
    """Say of each stop which visit of how many it is, by time over all routes, where more than one is `wanted`."""
    done: Counter[str] = Counter()
    stops = [stop for route in routes for stop in route["stops"] if wanted[stop["tasks"][0]] > 1]
    for stop in sorted(stops, key=lambda stop: int(stop["start_s"])):
        first = stop["tasks"][0]
        # What is walked together now may have been walked apart.
        done.update(stop["tasks"])
        stop["visit"] = {"number": done[first], "of": wanted[first]}


def _left_out(problem: PatrolProblem, solution: Solution) -> list[Unserved]:
    """Visits that nothing kept from being made but the time; with those known to be impossible, none is left."""
    served = {visit.job for route in solution.routes for visit in route.visits}
    left = Counter(key for at, job in enumerate(problem.jobs) if at not in served for key in job.tasks)
    wanted = {task.key: task.visits for task in problem.tasks}
    known = {item.task: item for item in problem.unserved}
    items = [item for item in problem.unserved if item.task not in left]
    for key, missing in left.items():
        before = known[key].visits or 0 if key in known else 0
        total = missing + before
        items.append(Unserved(key, Reason.NO_TIME_LEFT, visits=None if total == wanted[key] else total))
    return items


def summarise(document: Document, problem: PatrolProblem) -> dict[str, Any]:
    """Totals over the routes, and the objective with its terms in seconds."""
    routes = document["routes"]
    duration_s = sum(route["duration_s"] for route in routes)
    driven_m = round(sum(route["driven_m"] for route in routes), 1)
    walked_m = round(sum(route["walked_m"] for route in routes), 1)
    distance_s = round(problem.rules.metre_s * (driven_m + walked_m), 1)
    unserved_s = _price_unserved(document["unserved"], problem)
    balance_s = round(problem.balance_s(route["duration_s"] for route in routes), 1)
    return {
        "tasks": len(document["tasks"]),
        "served": len(document["tasks"]) - len(document["unserved"]),
        "unserved": len(document["unserved"]),
        "duration_s": duration_s,
        "distance_m": round(driven_m + walked_m, 1),
        "driven_m": driven_m,
        "walked_m": walked_m,
        "objective": {
            "value": round(duration_s + distance_s + unserved_s + balance_s, 1),
            "duration_s": duration_s,
            "distance_s": distance_s,
            "unserved_s": unserved_s,
            "balance_s": balance_s,
        },
    }


def _price_unserved(items: Iterable[Mapping[str, Any]], problem: PatrolProblem) -> int:
    """Seconds that the missing visits cost."""
    tasks = {task.key: task for task in problem.tasks}
    lost = [tasks[item["task"]].priority * (item.get("visits") or tasks[item["task"]].visits) for item in items]
    return problem.rules.priority_s * sum(lost)


def _bound(document: Document, problem: PatrolProblem, solution: Solution) -> dict[str, float]:
    """What no plan could cost less than, with what no team can reach, and the share of the cost above it."""
    beyond_s = _price_unserved([write_unserved(item) for item in problem.unserved], problem)
    value = document["summary"]["objective"]["value"]
    # Matrices count whole metres, rounded up, and routes true ones: what is proven may lie a hair above the cost.
    lower_bound = min(round(float(solution.lower_bound + beyond_s), 1), value)
    return {"lower_bound": lower_bound, "gap": round((value - lower_bound) / value, 6) if value else 0.0}


def _write_left_out(unserved: Iterable[Unserved], bindings: Mapping[str, Binding]) -> list[dict[str, Any]]:
    """Unserved tasks by their key, each with what keeps it out."""
    ordered = sorted(unserved, key=lambda item: item.task)
    return [{**write_unserved(item), "binding": bindings[item.task].as_json()} for item in ordered]


class _Writer:
    """Writes routes with the paths they take; asks for each path once."""

    def __init__(self, problem: PatrolProblem, network: RoadNetwork, lines: Mapping[int, Line]) -> None:
        self._problem = problem
        self._network = network
        self._lines = lines
        self._legs = LegWriter(network)
        self._tasks = {task.key: task for task in problem.tasks}

    def write_route(self, route: TeamRoute) -> dict[str, Any]:
        """A route with its times."""
        problem, table = self._problem, time_route(self._problem, route)
        assert not table.faults, f"the solver's route has faults: {table.faults}"
        team = problem.teams[route.team]
        profile = problem.profile_of(team)
        here, spot, home = team.post, problem.post_spots[profile][team.post], problem.post_spots[profile][team.home]
        assert spot is not None
        assert home is not None
        ends = (spot, home)
        stops: list[dict[str, Any]] = []
        for visit, times in zip(route.visits, table.stops, strict=True):
            job = problem.jobs[visit.job]
            approach = job.ways[visit.way].approaches[profile]
            assert approach is not None
            there = problem.place_of(visit.job, visit.way)
            leg = self._write_leg(team, spot, approach.entry, seconds=int(problem.seconds[profile][here, there]))
            stops.append(
                {
                    "number": len(stops) + 1,
                    "tasks": list(job.tasks),
                    "leg": leg,
                    "arrive_s": times.arrive_s,
                    "start_s": times.start_s,
                    "leave_s": times.leave_s,
                    "work": self._write_work(team, approach, job.tasks),
                }
            )
            here, spot = there, approach.exit
        leg = self._write_leg(team, spot, home, seconds=int(problem.seconds[profile][here, team.home]))
        return self._close_route(route, ends, stops, leg, table)

    def _close_route(
        self,
        route: TeamRoute,
        ends: tuple[Spot, Spot],
        stops: list[dict[str, Any]],
        leg: dict[str, Any],
        table: Timetable,
    ) -> dict[str, Any]:
        legs = [*(stop["leg"] for stop in stops), *(stop["work"]["drive"] for stop in stops), leg]
        road_m = sum(item["metres"] for item in legs if item is not None)
        beside_m = sum(stop["work"]["walk_m"] for stop in stops)
        on_foot = self._problem.teams[route.team].profile.mode is Mode.FOOT
        written: dict[str, Any] = {
            "team": f"T{route.team + 1}",
            "start_s": route.start_s,
            "end_s": table.end_s,
            "duration_s": table.duration_s,
            "driven_m": 0.0 if on_foot else round(road_m, 1),
            "walked_m": round(beside_m + road_m, 1) if on_foot else round(beside_m, 1),
            "origin": write_spot(self._network, ends[0]),
            "stops": stops,
            "return": leg,
        }
        if ends[1] != ends[0]:
            written["home"] = write_spot(self._network, ends[1])
        if table.rests:
            written["breaks"] = [asdict(rest) for rest in table.rests]
        return written

    def _write_work(self, team: Team, approach: Approach, tasks: Iterable[str]) -> dict[str, Any]:
        drive = None
        if approach.drives_round:
            drive = self._write_leg(team, approach.entry, approach.exit, seconds=None)
        return {
            "kind": self._tasks[next(iter(tasks))].kind.value,
            "seconds": approach.work_s,
            "walk_m": round(approach.walk_m, 1),
            "entry": write_spot(self._network, approach.entry),
            "exit": write_spot(self._network, approach.exit),
            "walk": None if approach.walk is None else self._write_walk(approach.walk),
            "drive": drive,
        }

    def _write_walk(self, walk: Walk) -> dict[str, Any]:
        line = self._lines[walk.entry.line_id]
        xy: list[list[float]] = []
        for start, end in pairwise(walk.turns_m):
            if start != end:
                xy += round_line(line.measured.stretch(start, end))
        if not xy:
            xy = [[write_degrees(walk.entry.lon), write_degrees(walk.entry.lat)]] * 2
        return {
            "line_id": line.id,
            "entry": _write_access(walk.entry),
            "exit": _write_access(walk.exit),
            "turns_m": [round(turn, 3) for turn in walk.turns_m],
            "metres": round(walk.metres, 1),
            "coordinates": xy,
        }

    def _write_leg(self, team: Team, start: Spot, end: Spot, *, seconds: int | None) -> dict[str, Any]:
        mode = team.profile.mode
        path = self._legs.find(start, end, mode=mode, hours=team.hours)
        assert path is not None, "the matrix knows a way that is not there"
        leg = self._legs.write_path(path, mode=mode, at=start)
        assert seconds is None or seconds == leg["seconds"], "the matrix knows another way"
        return leg


def _write_access(point: AccessPoint) -> dict[str, Any]:
    return {
        "id": point.id,
        "kind": point.kind,
        "name": point.name,
        "mileage_m": round(point.mileage_m, 3),
        "walk_m": round(point.walk_m, 3),
        "lon": write_degrees(point.lon),
        "lat": write_degrees(point.lat),
    }
