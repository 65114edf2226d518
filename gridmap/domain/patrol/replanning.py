"""A plan under way cut in two: what is behind the teams stays, the rest is planned anew from where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gridmap.domain.orders import CannotReason, StopState
from gridmap.domain.patrol.legs import find_place
from gridmap.domain.patrol.problem import FORBIDDEN, Break, PatrolProblem, Post, Task, Team
from gridmap.domain.patrol.restoring import restore_posts, restore_teams
from gridmap.domain.patrol.standing import Keep, Report, Standing, find_standing
from gridmap.domain.patrol.starts import Start, read_start
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.snapping import snap

Json = Mapping[str, Any]

ON_THE_WAY = "on_the_way"
"""Kind of a post that is only where a team happens to be."""

STAYS_UNDONE = frozenset({CannotReason.ROAD_BLOCKED, CannotReason.NO_ACCESS, CannotReason.WEATHER, CannotReason.OTHER})
"""What a team could not do for such a reason no other is sent to on the same day."""

_NEVER = ((0, 0),)


@dataclass(frozen=True)
class Away:
    """When a team that was sent to an incident goes on, seconds after local midnight, and where (lon, lat).

    Without a place it goes on from where it was when it was sent.
    """

    until_s: int
    place: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Disturbance:
    """What happened, and how much may change for it.

    Attributes
    ----------
    at_s
        Seconds after local midnight of the day of the plan.
    dropped, away
        Teams that do nothing more, and those that are back later; by their keys in the document.
    reports
        What teams said of their stops, by team and number of the stop.
    places
        Where teams are, WGS-84 (lon, lat), as far as it is known.
    gone
        Keys of tasks that nobody asks for any more.
    change_s
        Seconds that a task has to gain for going to another team.
    """

    at_s: int
    dropped: frozenset[str] = frozenset()
    away: Mapping[str, Away] = field(default_factory=dict)
    reports: Mapping[str, Mapping[int, Report]] = field(default_factory=dict)
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    keep: Keep = Keep.WORK
    change_s: int = 0

    def keep_of(self, team: str) -> Keep:
        """What stays fixed of a team's route: who is called away leaves at once."""
        return Keep.NOTHING if team in self.dropped or team in self.away else self.keep


@dataclass(frozen=True)
class Remainder:
    """What of a plan is still to come.

    Attributes
    ----------
    standings
        Of each team that has a route, by its key.
    posts, teams, keys
        The teams that go on, each from where it will be and from when it will be free, and their keys.
    coming
        The plan with only the stops that are still to be decided, without the teams that drop out.
    given_up
        Tasks that a team could not do, by their key with its reason: nobody else is sent.
    """

    standings: Mapping[str, Standing]
    posts: tuple[Post, ...]
    teams: tuple[Team, ...]
    keys: tuple[str, ...]
    coming: Json
    given_up: Mapping[str, CannotReason]

    @property
    def served(self) -> Counter[str]:
        """How often each task has been seen to."""
        return Counter(key for standing in self.standings.values() for s in standing.behind for key in s["tasks"])

    @property
    def last_s(self) -> dict[str, int]:
        """When each task that was seen to was left the last time."""
        behind = [stop for standing in self.standings.values() for stop in standing.behind]
        ordered = sorted(behind, key=lambda stop: int(stop["leave_s"]))
        return {key: int(stop["leave_s"]) for stop in ordered for key in stop["tasks"]}


def cut_plan(document: Json, disturbance: Disturbance, *, before: RoadNetwork, now: RoadNetwork) -> Remainder:
    """A plan document cut at the moment of a disturbance.

    Parameters
    ----------
    before, now
        The roads as they were when the plan was made, and as they are.

    Raises
    ------
    Conflict
        A road of the plan is gone.
    """
    crew = dict(zip([item["key"] for item in document["teams"]], restore_teams(document), strict=True))
    standings = {
        route["team"]: _stand(route, crew[route["team"]], disturbance, before=before, now=now)
        for route in document["routes"]
    }
    ended = {route["team"] for route in document["routes"] if (route.get("resumed") or {}).get("ends")}
    posts = list(restore_posts(document))
    teams: list[Team] = []
    keys: list[str] = []
    for key, team in crew.items():
        standing = standings.get(key)
        resting = _continue(team, standing, disturbance, key=key, posts=posts, now=now)
        if key not in disturbance.dropped | ended and resting is not None:
            teams.append(resting)
            keys.append(key)
    coming = [
        _list_coming(route, standings[route["team"]], disturbance.gone)
        for route in document["routes"]
        if route["team"] in keys
    ]
    return Remainder(
        standings,
        tuple(posts),
        tuple(teams),
        tuple(keys),
        {**document, "routes": [route for route in coming if route["stops"]]},
        _list_given_up(document, disturbance),
    )


def _stand(route: Json, team: Team, disturbance: Disturbance, *, before: RoadNetwork, now: RoadNetwork) -> Standing:
    key, shut = route["team"], set(_list_closed(before, now, route))
    standing = find_standing(
        route,
        network=before.drive_during(team.hours),
        at_s=disturbance.at_s,
        keep=disturbance.keep_of(key),
        reports=disturbance.reports.get(key),
        closed=shut,
    )
    place = disturbance.places.get(key)
    if not standing.is_driving or place is None:
        return standing
    spot = snap(before, place, mode=team.kind.mode)
    return standing if spot is None else replace(standing, spot=spot, driven=())


def _list_closed(before: RoadNetwork, now: RoadNetwork, route: Json) -> Iterable[int]:
    """Ids of edges of a route's ways that nobody may use any more."""
    for stop in route["stops"]:
        for leg in (stop["leg"], stop["work"]["drive"]):
            for edge_id, *_ in leg["steps"] if leg else ():
                edge = now.edge_position(int(edge_id))
                if edge is not None and before.foot[edge] and not now.foot[edge]:
                    yield int(edge_id)


def _continue(
    team: Team,
    standing: Standing | None,
    disturbance: Disturbance,
    *,
    key: str,
    posts: list[Post],
    now: RoadNetwork,
) -> Team | None:
    """The team from where it stands on, None where its day is over; its place becomes a post of its own."""
    free_s = max(disturbance.at_s if standing is None else standing.free_s, team.shift_start_s)
    away = disturbance.away.get(key)
    place = None
    if away is not None:
        free_s, place = max(free_s, away.until_s), away.place
    if free_s >= team.back_by_s:
        return None
    behind = () if standing is None else standing.behind
    walked_m = sum(stop["work"]["walk_m"] for stop in behind)
    post, is_out = team.post, False
    if place is not None:
        posts.append(Post(None, team.name, ON_THE_WAY, *place))
        post, is_out = len(posts) - 1, True
    elif standing is not None and standing.is_home:
        post = team.home
    elif standing is not None and standing.spot is not None:
        posts.append(Post(None, team.name, ON_THE_WAY, *find_place(now, standing.spot), spot=standing.spot))
        post, is_out = len(posts) - 1, True
    return replace(
        team,
        post=post,
        end_post=team.home,
        shift_start_s=free_s,
        breaks=_owe_breaks(team, 0 if standing is None else len(standing.rests), free_s),
        max_walk_m=None if team.max_walk_m is None else max(team.max_walk_m - walked_m, 0.0),
        is_out=is_out,
    )


def _owe_breaks(team: Team, taken: int, free_s: int) -> tuple[Break, ...]:
    """Breaks that can still be begun in their hours; what cannot is not owed any more."""
    owed = []
    for rest in team.breaks[taken:]:
        begin_s = max(free_s, rest.earliest_s)
        if begin_s <= rest.latest_s and begin_s + rest.seconds <= team.back_by_s:
            owed.append(rest)
            free_s = begin_s + rest.seconds
    return tuple(owed)


def _list_coming(route: Json, standing: Standing, gone: Collection[str]) -> Json:
    """The part of a route that is still to be decided, its breaks counted from there."""
    stops = []
    for stop in standing.ahead:
        left = [task for task in stop["tasks"] if task not in gone]
        if left:
            stops.append({**stop, "tasks": left})
    begun = len(standing.behind)
    breaks = [
        {**rest, "after": min(max(rest["after"] - begun, 0), len(stops))}
        for rest in route.get("breaks", ())[len(standing.rests) :]
    ]
    return {**route, "start_s": max(int(route["start_s"]), standing.free_s), "stops": stops, "breaks": breaks}


def _list_given_up(document: Json, disturbance: Disturbance) -> dict[str, CannotReason]:
    found: dict[str, CannotReason] = {}
    for route in document["routes"]:
        for stop in route["stops"]:
            report = disturbance.reports.get(route["team"], {}).get(stop["number"])
            if report is not None and report.state is StopState.CANNOT:
                reason = CannotReason(report.reason)
                if reason in STAYS_UNDONE:
                    found.update(dict.fromkeys(stop["tasks"], reason))
    return found


def list_remaining(tasks: Sequence[Task], remainder: Remainder) -> tuple[Task, ...]:
    """Of all tasks those that are still to be done, with as many visits as are left.

    A task that was seen to once already waits for the next time as long as its visits have to be apart.
    """
    served, last_s = remainder.served, remainder.last_s
    kept = []
    for task in tasks:
        visits = task.visits - served[task.key]
        if visits < 1 or task.key in remainder.given_up:
            continue
        windows = task.windows_s
        if task.key in last_s:
            first_s = last_s[task.key] + task.spacing_s
            left = tuple((max(low, first_s), high) for low, high in windows or ((0, FORBIDDEN),) if high >= first_s)
            windows = left or _NEVER
        kept.append(replace(task, visits=visits, windows_s=windows))
    return tuple(kept)


def hold_tasks(problem: PatrolProblem, remainder: Remainder) -> tuple[PatrolProblem, Start]:
    """The problem with the teams that hold its jobs in the plan as it was, and that plan as far as it still fits."""
    start = read_start(remainder.coming, problem)
    jobs = tuple(replace(job, holder=start.holders.get(at)) for at, job in enumerate(problem.jobs))
    return replace(problem, jobs=jobs), start
