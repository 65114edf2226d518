"""The plan as a document (docs/plan.schema.json): every route edge by edge, so that anybody can check it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import shapely

from gridmap.domain.patrol.problem import AccessPoint, Approach, PatrolProblem, Task, Team, Walk, wait_for_window
from gridmap.domain.patrol.reasons import REASON_TEXTS, Reason, Unserved
from gridmap.domain.patrol.solution import Solution, TeamRoute
from gridmap.domain.patrol.stretches import round_up_s
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import RoadPath, Router, Step, draw_path
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

FORMAT = "gridmap-plan/1"

_SHARE_DIGITS = 9
_DEGREE_DIGITS = 7

Document = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A railway line as a plan names and draws it."""

    id: int
    name: str
    prefix: str
    measured: MeasuredLine


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
        closures, roads_revision.
    """
    writer = _Writer(problem, network, lines)
    routes = [writer.write_route(route) for route in solution.routes]
    served = {task for route in routes for stop in route["stops"] for task in stop["tasks"]}
    unserved = [*problem.unserved, *_left_out(problem, served)]
    document: Document = {
        "format": FORMAT,
        **header,
        "rules": problem.rules.as_json(),
        "lines": [_write_line(line) for line in lines.values()],
        "posts": [writer.write_post(position) for position in range(len(problem.posts))],
        "teams": [writer.write_team(position) for position in range(len(problem.teams))],
        "tasks": [write_task(task) for task in problem.tasks],
        "routes": routes,
        "unserved": [write_unserved(item) for item in sorted(unserved, key=lambda item: item.task)],
    }
    document["summary"] = summarise(document, problem)
    return document


def _write_line(line: Line) -> Document:
    points = [asdict(point) for point in line.measured.scale.points]
    return {"id": line.id, "name": line.name, "prefix": line.prefix, "calibration": points}


def _left_out(problem: PatrolProblem, served: set[str]) -> list[Unserved]:
    return [Unserved(task, Reason.NO_TIME_LEFT) for job in problem.jobs for task in job.tasks if task not in served]


def summarise(document: Document, problem: PatrolProblem) -> dict[str, Any]:
    """Totals over the routes, and the objective with its terms in seconds."""
    routes = document["routes"]
    priority = {task.key: task.priority for task in problem.tasks}
    served = sum(len(stop["tasks"]) for route in routes for stop in route["stops"])
    duration_s = sum(route["duration_s"] for route in routes)
    driven_m = round(sum(route["driven_m"] for route in routes), 1)
    walked_m = round(sum(route["walked_m"] for route in routes), 1)
    distance_s = round(problem.rules.metre_s * (driven_m + walked_m), 1)
    unserved_s = problem.rules.priority_s * sum(priority[item["task"]] for item in document["unserved"])
    return {
        "tasks": len(document["tasks"]),
        "served": served,
        "unserved": len(document["unserved"]),
        "duration_s": duration_s,
        "distance_m": round(driven_m + walked_m, 1),
        "driven_m": driven_m,
        "walked_m": walked_m,
        "objective": {
            "value": round(duration_s + distance_s + unserved_s, 1),
            "duration_s": duration_s,
            "distance_s": distance_s,
            "unserved_s": unserved_s,
        },
    }


def write_task(task: Task) -> dict[str, Any]:
    """A task as the document keeps it; keys without a value are left out."""
    values: dict[str, Any] = {
        "key": task.key,
        "kind": task.kind.value,
        "id": task.id,
        "code": task.code,
        "name": task.name,
        "priority": task.priority,
        "lon": _degrees(task.lon),
        "lat": _degrees(task.lat),
        "area_code": task.area_code,
        "line_id": task.line_id,
        "from_m": _metres(task.from_m),
        "to_m": _metres(task.to_m),
        "side": task.side,
        "severity": task.severity,
        "windows_s": [list(window) for window in task.windows_s] or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def write_unserved(item: Unserved) -> dict[str, Any]:
    """An unserved task with its reason as code and sentence."""
    text = REASON_TEXTS[item.reason]
    return {"task": item.task, "reason": item.reason.value, "text": text, "values": dict(item.values)}


class _Writer:
    """Writes routes with the paths they take; asks for each path once."""

    def __init__(self, problem: PatrolProblem, network: RoadNetwork, lines: Mapping[int, Line]) -> None:
        self._problem = problem
        self._network = network
        self._lines = lines
        self._routers: dict[Mode, Router] = {}
        self._tasks = {task.key: task for task in problem.tasks}
        places = problem.places()
        self._place = {place: len(problem.posts) + i for i, place in enumerate(places)}

    def write_post(self, position: int) -> dict[str, Any]:
        post = self._problem.posts[position]
        return {
            "key": f"P{position + 1}",
            "id": post.id,
            "name": post.name,
            "kind": post.kind,
            "lon": _degrees(post.lon),
            "lat": _degrees(post.lat),
        }

    def write_team(self, position: int) -> dict[str, Any]:
        team = self._problem.teams[position]
        return {
            "key": f"T{position + 1}",
            "id": team.id,
            "name": team.name,
            "kind": team.kind.value,
            "members": team.members,
            "post": f"P{team.post + 1}",
            "shift_start_s": team.shift_start_s,
            "shift_end_s": team.shift_end_s,
        }

    def write_route(self, route: TeamRoute) -> dict[str, Any]:
        problem = self._problem
        team = problem.teams[route.team]
        profile = problem.profile_of(team)
        here, spot = team.post, problem.post_spots[profile][team.post]
        assert spot is not None
        origin, now = spot, route.start_s
        stops: list[dict[str, Any]] = []
        for visit in route.visits:
            job = problem.jobs[visit.job]
            approach = job.ways[visit.way].approaches[profile]
            assert approach is not None
            there = self._place[visit.job, visit.way]
            leg = self._write_leg(team, spot, approach.entry, seconds=int(problem.seconds[profile][here, there]))
            arrive = now + leg["seconds"]
            start = wait_for_window(job.windows_s, arrive)
            assert start is not None, "the solver came too late"
            now = start + approach.work_s
            stops.append(
                {
                    "number": len(stops) + 1,
                    "tasks": list(job.tasks),
                    "leg": leg,
                    "arrive_s": arrive,
                    "start_s": start,
                    "leave_s": now,
                    "work": self._write_work(team, approach, job.tasks),
                }
            )
            here, spot = there, approach.exit
        leg = self._write_leg(team, spot, origin, seconds=int(problem.seconds[profile][here, team.post]))
        return self._close_route(route, team, origin, stops, leg, now + leg["seconds"])

    def _close_route(
        self,
        route: TeamRoute,
        team: Team,
        origin: Spot,
        stops: list[dict[str, Any]],
        leg: dict[str, Any],
        end_s: int,
    ) -> dict[str, Any]:
        legs = [*(stop["leg"] for stop in stops), *(stop["work"]["drive"] for stop in stops), leg]
        road_m = sum(item["metres"] for item in legs if item is not None)
        beside_m = sum(stop["work"]["walk_m"] for stop in stops)
        on_foot = team.profile.mode is Mode.FOOT
        return {
            "team": f"T{route.team + 1}",
            "start_s": route.start_s,
            "end_s": end_s,
            "duration_s": end_s - route.start_s,
            "driven_m": 0.0 if on_foot else round(road_m, 1),
            "walked_m": round(beside_m + road_m, 1) if on_foot else round(beside_m, 1),
            "origin": self._write_spot(origin),
            "stops": stops,
            "return": leg,
        }

    def _write_work(self, team: Team, approach: Approach, tasks: Iterable[str]) -> dict[str, Any]:
        drive = None
        if approach.drives_round:
            drive = self._write_leg(team, approach.entry, approach.exit, seconds=None)
        return {
            "kind": self._tasks[next(iter(tasks))].kind.value,
            "seconds": approach.work_s,
            "walk_m": round(approach.walk_m, 1),
            "entry": self._write_spot(approach.entry),
            "exit": self._write_spot(approach.exit),
            "walk": None if approach.walk is None else self._write_walk(approach.walk),
            "drive": drive,
        }

    def _write_walk(self, walk: Walk) -> dict[str, Any]:
        line = self._lines[walk.entry.line_id]
        xy: list[list[float]] = []
        for start, end in pairwise(walk.turns_m):
            if start != end:
                xy += _round_line(line.measured.stretch(start, end))
        if not xy:
            xy = [[_degrees(walk.entry.lon), _degrees(walk.entry.lat)]] * 2
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
        path = self._find(mode, start, end)
        whole = round_up_s(path.seconds)
        assert seconds is None or seconds == whole, "the matrix knows another way"
        return {
            "mode": mode.value,
            "seconds": whole,
            "metres": round(path.metres, 1),
            "steps": [self._write_step(step) for step in path.steps],
            "coordinates": _round_line(draw_path(self._network, path, at=start)),
        }

    def _write_step(self, step: Step) -> list[float]:
        return [int(self._network.edge_id[step.edge]), round(step.start, _SHARE_DIGITS), round(step.end, _SHARE_DIGITS)]

    def _find(self, mode: Mode, start: Spot, end: Spot) -> RoadPath:
        if mode not in self._routers:
            self._routers[mode] = Router(self._network, mode)
        path = self._routers[mode].find(start, end)
        assert path is not None, "the matrix knows a way that is not there"
        return path

    def _write_spot(self, spot: Spot) -> dict[str, Any]:
        return {
            "edge": int(self._network.edge_id[spot.edge]),
            "share": round(spot.share, _SHARE_DIGITS),
            "off_m": round(spot.off_m, 1),
        }


def _write_access(point: AccessPoint) -> dict[str, Any]:
    return {
        "id": point.id,
        "kind": point.kind,
        "name": point.name,
        "mileage_m": round(point.mileage_m, 3),
        "walk_m": round(point.walk_m, 3),
        "lon": _degrees(point.lon),
        "lat": _degrees(point.lat),
    }


def _round_line(line: shapely.LineString) -> list[list[float]]:
    return [[_degrees(x), _degrees(y)] for x, y in shapely.get_coordinates(line).tolist()]


def _degrees(value: float) -> float:
    return round(float(value), _DEGREE_DIGITS)


def _metres(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)
