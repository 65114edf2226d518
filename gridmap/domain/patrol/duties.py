"""What a plan owes its teams and its tasks over the day: skills, breaks, long walks, visits apart from one another.

A part of the independent checker; it shares no code with what makes plans.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gridmap.domain.patrol.evidence import METRE_TOLERANCE, TeamFact, Travel
from gridmap.domain.patrol.violations import Findings
from gridmap.domain.roads.speeds import Mode

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 24 * 3600

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Resumed:
    """Where the plan of a team was mended in the middle of its day.

    Attributes
    ----------
    after
        How many stops were behind it: they are told, not judged.
    at_s
        When it went on.
    ends, is_over
        Whether it does nothing more from there, and whether no stop comes after.
    """

    after: int = 0
    at_s: int = 0
    ends: bool = False
    is_over: bool = False

    @classmethod
    def read(cls, route: Json) -> Resumed:
        """Of a route that was never mended nothing is behind."""
        told = route.get("resumed")
        if told is None:
            return cls()
        after = int(told["after"])
        return cls(after, int(told["at_s"]), bool(told.get("ends")), after >= len(route["stops"]))


def back_by_s(team: Json) -> int:
    """When a team has to be back."""
    return min(int(team["shift_end_s"]), int(team.get("latest_return_s", team["shift_end_s"])))


def read_travel(document: Json, team: Json) -> Travel:
    """How a team gets about, and the hours by whose speeds the plan says its ways are measured."""
    start_s, end_s = int(document["shift"]["start_s"]), int(document["shift"]["end_s"])
    if document.get("speeds") == "by_team":
        start_s, end_s = int(team["shift_start_s"]), back_by_s(team)
    elif document.get("speeds") != "by_hour":
        return Travel(Mode(team["kind"]))
    first, last = start_s // _HOUR_S, -(-end_s // _HOUR_S)
    return Travel(Mode(team["kind"]), tuple(hour % 24 for hour in range(first, max(last, first + 1))))


# --- tasks ------------------------------------------------------------------------------------------------------


def check_coverage(document: Json, findings: Findings) -> None:
    """Every visit of every task exactly once, on a route or counted as left out; every team at most once."""
    served = Counter(task for route in document["routes"] for stop in route["stops"] for task in stop["tasks"])
    wanted = {task["key"]: task.get("visits", 1) for task in document["tasks"]}
    keys = Counter(task["key"] for task in document["tasks"])
    listed: Counter[str] = Counter()
    for item in document["unserved"]:
        listed[item["task"]] += item.get("visits") or wanted.get(item["task"], 1)
    lists = Counter(item["task"] for item in document["unserved"])
    for task, visits in wanted.items():
        found = served[task] + listed[task]
        if found < visits:
            findings.add("task_missing", "tasks", task=task)
        if found > visits or keys[task] > 1 or lists[task] > 1:
            findings.add("task_twice", "routes", task=task)
    for task in {*served, *listed} - wanted.keys():
        findings.add("unknown_task", "routes", task=task)
    for team, times in Counter(route["team"] for route in document["routes"]).items():
        if times > 1:
            findings.add("team_twice", "routes", team=team)


def check_visits(document: Json, findings: Findings) -> None:
    """Visits to one task are counted in order of time, and far enough apart, whichever teams make them."""
    tasks = {task["key"]: task for task in document["tasks"]}
    visits: dict[str, list[tuple[Json, str]]] = defaultdict(list)
    behind = {
        f"routes[{r}].stops[{s}]"
        for r, route in enumerate(document["routes"])
        for s in range(Resumed.read(route).after)
    }
    for where, stop in _list_stops(document):
        if "visit" in stop and not any(tasks.get(key, {}).get("visits", 1) > 1 for key in stop["tasks"]):
            findings.add("visit", where, number=1, of=1)
        for key in stop["tasks"]:
            if key in tasks:
                visits[key].append((stop, where))
    for key, made in visits.items():
        of = tasks[key].get("visits", 1)
        made.sort(key=lambda item: item[0]["start_s"])
        for number, (stop, where) in enumerate(made, start=1):
            if of > 1 and stop.get("visit") != {"number": number, "of": of}:
                findings.add("visit", where, number=number, of=of)
        least_s = tasks[key].get("spacing_s", 0)
        for (earlier, _), (later, where) in pairwise(made):
            if where in behind:
                continue
            found_s = later["start_s"] - earlier["leave_s"]
            if found_s < least_s:
                findings.add("spacing", where, task=key, found_s=found_s, least_s=least_s)


def check_skills(stop: Json, team: Json, tasks: Mapping[str, Json], where: str, findings: Findings) -> None:
    """The team has what each task of the stop needs."""
    for key in stop["tasks"]:
        skill = tasks.get(key, {}).get("skill", "")
        if skill and skill not in team.get("skills", ()):
            findings.add("skill", where, task=key, skill=skill)


def _list_stops(document: Json) -> Iterator[tuple[str, Json]]:
    for r, route in enumerate(document["routes"]):
        for s, stop in enumerate(route["stops"]):
            yield f"routes[{r}].stops[{s}]", stop


# --- teams ------------------------------------------------------------------------------------------------------


def find_day(team: Json, fact: TeamFact) -> int | None:
    """Seconds from the day of the plan to that on which the stored shift begins which holds the planned one, or None.

    A shift that began the day before, or begins after midnight, is a shift as well.
    """
    start_s, end_s = fact.shift_start_min * _MINUTE_S, fact.shift_end_min * _MINUTE_S
    end_s = _after(start_s, end_s)
    for day_s in (0, -_DAY_S, _DAY_S):
        if start_s + day_s <= team["shift_start_s"] and team["shift_end_s"] <= end_s + day_s:
            return day_s
    return None


def is_as_stored(team: Json, fact: TeamFact, posts: Mapping[str, Json], *, day_s: int) -> bool:
    """Whether a plan asks nothing of a team that the store does not allow: it may only be gentler."""
    post, end = posts.get(team["post"]), posts.get(team.get("end_post", team["post"]))
    home = fact.post_id if fact.end_post_id is None else fact.end_post_id
    is_same = (
        team["kind"] == fact.kind
        and team["members"] == fact.members
        and (post is None or post["id"] == fact.post_id)
        and (end is None or end["id"] == home)
        and fact.skills >= frozenset(team.get("skills", ()))
    )
    return is_same and _is_gentle(team, fact, fact.shift_start_min * _MINUTE_S, day_s)


def _is_gentle(team: Json, fact: TeamFact, start_s: int, day_s: int) -> bool:
    """No longer walks, no later return, and every stored break that lies within the planned shift."""
    walk_m = team.get("max_walk_m")
    if fact.max_walk_m is not None and (walk_m is None or walk_m > fact.max_walk_m + METRE_TOLERANCE):
        return False
    back_by_s = min(team["shift_end_s"], team.get("latest_return_s", team["shift_end_s"]))
    latest = fact.latest_return_min
    if latest is not None and back_by_s > _after(start_s, latest * _MINUTE_S) + day_s:
        return False
    planned = {(item["earliest_s"], item["latest_s"], item["seconds"]) for item in team.get("breaks", ())}
    for earliest_s, latest_s, seconds in fact.breaks:
        low = earliest_s if earliest_s >= start_s else earliest_s + _DAY_S
        low, high = low + day_s, low + day_s + latest_s - earliest_s
        lies_within = team["shift_start_s"] <= low and high + seconds <= back_by_s
        if lies_within and (low, high, seconds) not in planned:
            return False
    return True


def _after(start_s: int, at_s: int) -> int:
    """A time of day as of the shift that begins at `start_s`."""
    return at_s if at_s > start_s else at_s + _DAY_S


def list_rests(route: Json, *, after: int) -> list[Json]:
    """Breaks of a route that are taken after the stop of that number, 0: at the post, before the way to the first."""
    return [rest for rest in route.get("breaks", ()) if rest["after"] == after]


def check_breaks(route: Json, team: Json, where: str, findings: Findings) -> None:
    """Each break of the team once, begun within its hours, in order, and over no other work.

    After a plan was mended a break is not owed any more that could not be begun in its hours by then.
    """
    resumed = Resumed.read(route)
    planned = sorted(team.get("breaks", ()), key=lambda item: (item["earliest_s"], item["latest_s"]))
    taken = route.get("breaks", ())
    done = {0: route["start_s"], **{stop["number"]: stop["leave_s"] for stop in route["stops"]}}
    free_s, stop, left = route["start_s"], 0, list(planned)
    for position, rest in enumerate(taken):
        is_behind = rest["after"] < resumed.after or rest["end_s"] <= resumed.at_s
        is_in_order = rest["after"] in done and rest["after"] >= stop
        free_s, stop = max(free_s, done.get(rest["after"], free_s)), rest["after"]
        if rest["after"] == resumed.after and not is_behind:
            free_s = max(free_s, resumed.at_s)
        length_s = rest["end_s"] - rest["start_s"]
        while left and resumed.at_s and not _is_taken(rest, left[0]) and not _is_owed(left[0], team, resumed):
            left.pop(0)
        is_planned = bool(left) and length_s == left[0]["seconds"] and (is_behind or _is_taken(rest, left[0]))
        if not (is_in_order and is_planned) or (rest["start_s"] < free_s and not is_behind):
            findings.add("break", f"{where}.breaks[{position}]", start_s=rest["start_s"], end_s=rest["end_s"])
        free_s, left = rest["end_s"], left[1:]
    missing = [item for item in left if not route.get("resumed") or _is_owed(item, team, resumed)]
    if missing:
        findings.add("break_missing", where, missing=len(missing))


def _is_taken(rest: Json, item: Json) -> bool:
    return bool(item["earliest_s"] <= rest["start_s"] <= item["latest_s"])


def _is_owed(item: Json, team: Json, resumed: Resumed) -> bool:
    """Whether a break could still be begun in its hours when the team went on; who goes home owes none."""
    begin_s = max(item["earliest_s"], resumed.at_s)
    back_by_s = min(team["shift_end_s"], team.get("latest_return_s", team["shift_end_s"]))
    return not resumed.is_over and begin_s <= item["latest_s"] and begin_s + item["seconds"] <= back_by_s


def check_walk_of_day(route: Json, team: Json, where: str, findings: Findings) -> None:
    """Not further beside the line than the team may walk in a day."""
    limit_m = team.get("max_walk_m")
    walked_m = sum(stop["work"]["walk_m"] for stop in route["stops"])
    # Each walk is written to a decimetre.
    if limit_m is not None and walked_m > limit_m + METRE_TOLERANCE:
        findings.add("walk_of_day", where, walked_m=round(walked_m, 1), limit_m=limit_m)
