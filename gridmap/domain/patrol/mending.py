"""A mended plan as one document: what was done as it was, what is to come from where the teams are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gridmap.domain.patrol.document import number_visits, summarise
from gridmap.domain.patrol.document_parts import Document, Line, write_line, write_task, write_unserved
from gridmap.domain.patrol.ground import snap_post
from gridmap.domain.patrol.legs import LegWriter, read_spot, write_rest, write_spot
from gridmap.domain.patrol.problem import PatrolProblem, Task
from gridmap.domain.patrol.reasons import Reason, Unserved
from gridmap.domain.patrol.replanning import Disturbance, Remainder
from gridmap.domain.patrol.restoring import restore_rules, restore_teams
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.standing import Standing
from gridmap.domain.patrol.verdict import price
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.speeds import Mode

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Mended:
    """All that a mended plan is put together from.

    Attributes
    ----------
    document
        The plan as it was.
    rest
        The document of what is to come, made from `problem` and `solution`, whose teams are those that go on.
    tasks
        All tasks of the mended plan, those that are done included.
    now
        The roads as they are.
    header
        What only the caller knows, as for `document.build_document`; with `repair`.
    """

    document: Json
    disturbance: Disturbance
    remainder: Remainder
    problem: PatrolProblem
    solution: Solution
    rest: Json
    tasks: tuple[Task, ...]
    lines: Mapping[int, Line]
    now: RoadNetwork
    header: Mapping[str, Any]


def merge_plan(mended: Mended) -> Document:
    """The mended plan: it follows the schema, and the checker holds what is to come to all rules."""
    old = mended.document
    routes = _Routes(mended).merge()
    tasks = {task.key: task for task in mended.tasks}
    number_visits({task.key: task.visits for task in mended.tasks}, routes)
    document: Document = {
        "format": old["format"],
        **mended.header,
        "rules": old["rules"],
        "lines": [write_line(line) for line in mended.lines.values()],
        "posts": old["posts"],
        "teams": old["teams"],
        "tasks": [write_task(task) for task in mended.tasks],
        "routes": routes,
        "unserved": _list_unserved(mended, tasks),
    }
    whole = replace(mended.problem, tasks=mended.tasks, teams=restore_teams(old), rules=restore_rules(old))
    document["summary"] = summarise(document, whole)
    return document | _bound(document, mended)


def _bound(document: Document, mended: Mended) -> dict[str, float]:
    """What is behind costs what it did; what is to come can cost less by as much as its search leaves open."""
    value = document["summary"]["objective"]["value"]
    found = price(mended.problem, mended.solution)
    open_s = found.value - found.changes_s - mended.solution.lower_bound
    # What is fair over a day cannot be told from a part of it.
    bound = 0.0 if document["rules"]["balance"] else round(min(max(value - max(open_s, 0.0), 0.0), value), 1)
    return {"lower_bound": bound, "gap": round((value - bound) / value, 6) if value else 0.0}


# --- what is left out -------------------------------------------------------------------------------------------


def _list_unserved(mended: Mended, tasks: Mapping[str, Task]) -> list[dict[str, Any]]:
    keys = {f"T{at}": key for at, key in enumerate(mended.remainder.keys, start=1)}
    told: list[dict[str, Any]] = []
    for item in mended.rest["unserved"]:
        task = tasks[item["task"]]
        missing = item.get("visits", task.visits - mended.remainder.served[task.key])
        binding = {**item["binding"], "team": keys.get(item["binding"]["team"])}
        kept = {name: value for name, value in item.items() if name != "visits"}
        told.append({**kept, "binding": binding} | ({"visits": missing} if missing < task.visits else {}))
    given_up = [tasks[key] for key in mended.remainder.given_up if key in tasks]
    told += [_give_up(task, mended.remainder) for task in given_up if task.visits > mended.remainder.served[task.key]]
    return sorted(told, key=lambda item: str(item["task"]))


def _give_up(task: Task, remainder: Remainder) -> dict[str, Any]:
    missing = task.visits - remainder.served[task.key]
    item = Unserved(task.key, Reason.REPORTED_UNDONE, visits=missing if missing < task.visits else None)
    written = write_unserved(item)
    binding: dict[str, Any] = {"constraint": item.reason.value, "team": None, "missing": 0, "unit": ""}
    return {**written, "binding": {**binding, "text": written["text"], "values": {}, "further": []}}


# --- routes -----------------------------------------------------------------------------------------------------


class _Routes:
    """Routes of the teams, each of what is behind and what is to come."""

    def __init__(self, mended: Mended) -> None:
        self._mended = mended
        self._legs = LegWriter(mended.now)
        keys = mended.remainder.keys
        self._coming = {keys[int(route["team"][1:]) - 1]: route for route in mended.rest["routes"]}
        crew = restore_teams(mended.document)
        self._hours = {item["key"]: team.hours for item, team in zip(mended.document["teams"], crew, strict=True)}
        self._old = {route["team"]: route for route in mended.document["routes"]}

    def merge(self) -> list[dict[str, Any]]:
        made = []
        for team in self._mended.document["teams"]:
            key = team["key"]
            standing, coming = self._mended.remainder.standings.get(key), self._coming.get(key)
            if key in self._old and (self._old[key].get("resumed") or {}).get("ends"):
                made.append(self._old[key])
            elif standing is not None and standing.spot is not None:
                made.append(self._go_on(team, standing, coming))
            elif coming is not None:
                made.append(self._set_out(team, coming))
        return made

    def _set_out(self, team: Json, coming: Json) -> dict[str, Any]:
        """The route of a team that had not left its post; from an incident it comes back elsewhere."""
        away = self._mended.disturbance.away.get(team["key"])
        origin = coming["origin"]
        if away is not None and away.place is not None:
            posts = {post["key"]: at for at, post in enumerate(self._mended.document["posts"])}
            post = self._mended.problem.posts[posts[team["post"]]]
            spot = snap_post(self._mended.now, post, mode=Mode(team["kind"]))
            origin = origin if spot is None else write_spot(self._mended.now, spot)
        resumed = {"after": 0, "at_s": coming["start_s"], "spot": coming["origin"], "behind": []}
        home = coming.get("home", coming["origin"])
        route = {**coming, "team": team["key"], "origin": origin, "home": home, "resumed": resumed}
        return _add_up(route, team)

    def _go_on(self, team: Json, standing: Standing, coming: Json | None) -> dict[str, Any]:
        """The route of a team that has left its post."""
        key, mode = team["key"], Mode(team["kind"])
        old = self._old[key]
        assert standing.spot is not None
        stops = [{**stop, "number": number} for number, stop in enumerate(standing.behind, start=1)]
        behind = len(stops)
        resumed: dict[str, Any] = {
            "after": behind,
            "at_s": self._free_s(key, standing),
            "spot": write_spot(self._mended.now, standing.spot),
            "behind": list(standing.driven),
        }
        rests = [dict(rest) for rest in standing.rests]
        start_s = min([int(old["start_s"]), *(stop["arrive_s"] for stop in stops[:1]), resumed["at_s"]])
        route = {**old, "start_s": start_s, "resumed": resumed}
        route.pop("breaks", None)
        home = old.get("home", old["origin"])
        if coming is not None:
            resumed |= {"at_s": coming["start_s"], "spot": coming["origin"]}
            stops += [{**stop, "number": stop["number"] + behind} for stop in coming["stops"]]
            rests += [{**rest, "after": rest["after"] + behind} for rest in coming.get("breaks", ())]
            route |= {"return": coming["return"], "end_s": coming["end_s"]}
            home = coming.get("home", coming["origin"])
        else:
            route |= self._end(key, standing, resumed, home, mode=mode)
            home = route.pop("ends_at", home)
        route |= {"stops": stops, "home": home}
        if rests:
            route["breaks"] = rests
        return _add_up(route, team)

    def _free_s(self, key: str, standing: Standing) -> int:
        away = self._mended.disturbance.away.get(key)
        return standing.free_s if away is None else max(standing.free_s, away.until_s)

    def _end(self, key: str, standing: Standing, resumed: dict[str, Any], home: Json, *, mode: Mode) -> dict[str, Any]:
        """How the day of a team ends that has nothing more to do: at home, on the way there, or where it is."""
        now = self._mended.now
        assert standing.spot is not None
        if standing.is_home:
            end_s = max([int(self._old[key]["end_s"]), *(int(stop["leave_s"]) for stop in standing.behind[-1:])])
            resumed |= {"at_s": end_s, "spot": home}
            return {"return": write_rest(read_spot(now, home), network=now, mode=mode), "end_s": end_s}
        leg = None
        if key not in self._mended.disturbance.dropped:
            leg = self._legs.write(standing.spot, read_spot(now, home), mode=mode, hours=self._hours[key])
        if leg is None:
            resumed["ends"] = True
            rest = write_rest(standing.spot, network=now, mode=mode)
            return {"return": rest, "end_s": resumed["at_s"], "ends_at": resumed["spot"]}
        return {"return": leg, "end_s": resumed["at_s"] + leg["seconds"]}


def _add_up(route: dict[str, Any], team: Json) -> dict[str, Any]:
    """The route with its totals."""
    legs = [*route["resumed"]["behind"], *(stop["leg"] for stop in route["stops"]), route["return"]]
    legs += [stop["work"]["drive"] for stop in route["stops"] if stop["work"]["drive"] is not None]
    road_m, beside_m = sum(leg["metres"] for leg in legs), sum(stop["work"]["walk_m"] for stop in route["stops"])
    on_foot = Mode(team["kind"]) is Mode.FOOT
    if route["home"] == route["origin"]:
        route.pop("home")
    return {
        **route,
        "duration_s": route["end_s"] - route["start_s"],
        "driven_m": 0.0 if on_foot else round(road_m, 1),
        "walked_m": round(beside_m + road_m, 1) if on_foot else round(beside_m, 1),
    }


def count_stayed(before: Json, after: Json, *, since_s: int) -> dict[str, int]:
    """What a repair does with the visits that a plan had still to make at a moment: stayed with their team, or not."""
    old, new = _list_visits(before, since_s), _list_visits(after, since_s)
    stayed = sum((old & new).values())
    asked = Counter(task for task, _ in old.elements())
    served = Counter(task for task, _ in new.elements())
    moved = sum((asked & served).values()) - stayed
    return {"stayed": stayed, "moved": moved, "dropped": sum(asked.values()) - stayed - moved}


def _list_visits(document: Json, since_s: int) -> Counter[tuple[str, str]]:
    stops: Iterable[tuple[Json, Json]] = ((route, stop) for route in document["routes"] for stop in route["stops"])
    return Counter(
        (task, route["team"]) for route, stop in stops if stop["leave_s"] > since_s for task in stop["tasks"]
    )
