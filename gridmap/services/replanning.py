"""A plan mended in the middle of its day: roads close, teams drop out or are sent away, hazards come up."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.days import BEIJING
from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.comparison import PlanDifference, compare_plans
from gridmap.domain.patrol.document import build_document
from gridmap.domain.patrol.document_parts import Document, Line
from gridmap.domain.patrol.evidence import Truth
from gridmap.domain.patrol.formats import upgrade_document
from gridmap.domain.patrol.ground import PatrolInput
from gridmap.domain.patrol.mending import Mended, count_stayed, merge_plan
from gridmap.domain.patrol.problem import Task
from gridmap.domain.patrol.replanning import (
    Away,
    Disturbance,
    Remainder,
    cut_plan,
    hold_tasks,
    list_remaining,
)
from gridmap.domain.patrol.restoring import restore_rules, restore_tasks
from gridmap.domain.patrol.solver import Effort, solve
from gridmap.domain.patrol.standing import Keep
from gridmap.domain.progress import Progress, part_of, silent
from gridmap.domain.roads.closures import RoadChanges
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.context import Context, open_context
from gridmap.services.hazard_kinds import load_kinds
from gridmap.services.hazards import NewHazard, insert_hazard, prepare_hazard
from gridmap.services.journal import UNDO
from gridmap.services.patrol_input import load_access, load_ground_tracks, load_measured_lines, load_tunnel_shares
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.patrol_tasks import load_hazard_tasks
from gridmap.services.plan_checking import find_fault, require_valid
from gridmap.services.plan_truth import load_truth
from gridmap.services.planning import load_plan
from gridmap.services.repair_header import RepairFacts, describe_search, read_clock, write_header
from gridmap.services.road_network import find_ended_changes, find_standing_changes, get_network, get_plan_network
from gridmap.services.whereabouts import Whereabouts, load_whereabouts
from gridmap.settings import Settings
from gridmap.sources.hazard_file import read_hazards
from gridmap.store import plans

LEAST_SEARCH_S = 0.3
"""So long is searched even where everything else has taken the time already."""
WRITING = 1.25
"""Writing and checking a plan take so many times as long as measuring it."""

_SEARCH_FROM, _SEARCH_TO = 0.3, 0.95

USUAL_CHANGE_S = 300
"""Five minutes have to be gained before a task goes to another team: people have to be told."""


class Return(StrEnum):
    """Where a team that was sent away goes on: 派往地点, 原位置, 驻地.

    Of a team that no incident binds `SENT` is where it was.
    """

    SENT = "sent"
    HERE = "here"
    POST = "post"


@dataclass(frozen=True, kw_only=True)
class RepairRequest:
    """What happened to a plan, and how much may change for it.

    Attributes
    ----------
    plan_id, document
        A kept plan, or one from a file.
    at
        From when on it is planned anew, None for now.
    dropped, away
        Teams that do nothing more, and those that are back later and where, (lon, lat) or one of `Return`; by name, or
        by their key in the document.
    include_hazards
        Whether hazards that came up since are planned in.
    closures, slowed
        Closed and slowed roads beside those that stand in the store, by id, with km/h.
    keep
        Whether a team goes on to the stop that it is driving to.
    change_s
        Seconds that a task has to gain for going to another team; 0 where changes cost nothing.
    seconds, iterations, seed
        How long all of it may take, or how many steps the search makes; with these the result follows from the seed.
    """

    plan_id: int | None = None
    document: Mapping[str, Any] | None = None
    at: datetime | None = None
    dropped: tuple[str, ...] = ()
    away: tuple[tuple[str, datetime, tuple[float, float] | Return], ...] = ()
    include_hazards: bool = True
    closures: tuple[int, ...] = ()
    slowed: tuple[tuple[int, float], ...] = ()
    keep: Keep = Keep.WORK
    change_s: int = USUAL_CHANGE_S
    seconds: float = 2.0
    iterations: int | None = None
    seed: int = 1


@dataclass(frozen=True)
class Repaired:
    """A mended plan beside the one it mends.

    `visits` counts what the plan had still to do: `stayed`, `moved`, `dropped`; `seconds` is what all of it took.
    """

    document: Document
    before: Mapping[str, Any]
    difference: PlanDifference
    visits: Mapping[str, int]
    seconds: float


def replan_day(context: Context, actor: Actor, *, request: RepairRequest, progress: Progress = silent) -> Repaired:
    """Plan the rest of a day anew: what was done stays, and of what is to come no more changes than asked.

    Of a published plan the teams' own reports and their positions are read; else, and of who reports nothing, it is
    taken for granted that the timetable is kept. A `progress` that raises Cancelled during the search ends it with the
    best so far, before it with nothing.

    Raises
    ------
    NotFound
        No such plan in scope, or a team that it does not have.
    Conflict
        The plan is closed or was replaced by another, or the roads were imported anew.
    InvalidInput
        The document is no plan, or the moment lies outside its day.
    CannotPlan
        The mended plan did not pass the checker.
    """
    began = clock.monotonic()
    document = _read_document(context, actor, request)
    check_allowed(actor, Permission.PLAN_PATROLS, document["area_code"] or None)
    progress(0.0, N_("Finding out where the teams are"))
    day = _cut_day(context, actor, request, document)
    progress(0.1, N_("Measuring the ways between tasks"))
    mended = _mend(context, actor, request, day, progress=progress, began=began)
    require_valid(context, mended, day.truth)
    if not mended["effort"]["stopped_early"]:
        progress(1.0, N_("The plan is mended"))
    visits = count_stayed(document, mended, since_s=day.disturbance.at_s)
    return Repaired(mended, document, compare_plans(document, mended), visits, round(clock.monotonic() - began, 3))


def replan_job(progress: Progress, settings: Settings, actor: Actor, request: RepairRequest) -> Repaired:
    """`replan_day` for a worker process, with a connection of its own."""
    context = open_context(settings)
    try:
        return replan_day(context, actor, request=request, progress=progress)
    finally:
        context.close()


@dataclass(frozen=True, kw_only=True)
class _Day:
    """A plan cut at the moment, with all that the rest of its day is planned from."""

    document: Document
    disturbance: Disturbance
    remainder: Remainder
    changes: RoadChanges
    now: RoadNetwork
    tasks: tuple[Task, ...]
    given: PatrolInput
    lines: Mapping[int, Line]
    truth: Truth


def _cut_day(context: Context, actor: Actor, request: RepairRequest, document: Document) -> _Day:
    network = get_network(context)
    before, now, changes = _find_roads(context, request, document)
    at = request.at or context.clock()
    with context.database.read() as connection:
        where = load_whereabouts(connection, document=document, plan_id=request.plan_id, at=at, now=context.clock())
        hazards = _load_hazards(connection, actor, document)
        disturbance = _build_disturbance(request, document, where, hazards, at=at)
        remainder = cut_plan(document, disturbance, before=before, now=now)
        tasks = _list_tasks(hazards, document, remainder, disturbance, is_open=request.include_hazards)
        used = {task.line_id for task in tasks}
        given = PatrolInput(
            tasks=list_remaining(tasks, remainder),
            tunnel_share=load_tunnel_shares(connection),
            access=load_access(connection, network, used),
            posts=remainder.posts,
            teams=remainder.teams,
            tracks=load_ground_tracks(connection),
        )
        lines = {line_id: line for line_id, line in load_measured_lines(connection).items() if line_id in used}
        truth = load_truth(connection, network)
    return _Day(
        document=document,
        disturbance=disturbance,
        remainder=remainder,
        changes=changes,
        now=now,
        tasks=tasks,
        given=given,
        lines=lines,
        truth=truth,
    )


def _mend(
    context: Context, actor: Actor, request: RepairRequest, day: _Day, *, progress: Progress, began: float
) -> Document:
    """The mended plan; the search has what is left of the time that began at `began`."""
    measured = clock.monotonic()
    rules = replace(restore_rules(day.document), change_s=request.change_s)
    problem, start = hold_tasks(build_problem(day.now, day.given, rules=rules), day.remainder)
    left_s = request.seconds - (clock.monotonic() - began) - WRITING * (clock.monotonic() - measured)
    effort = Effort(seconds=max(left_s, LEAST_SEARCH_S), iterations=request.iterations, seed=request.seed)
    progress(_SEARCH_FROM, N_("Mending the plan"))
    solution = solve(problem, effort=effort, progress=part_of(progress, _SEARCH_FROM, _SEARCH_TO), start=start.solution)
    known = {task["key"] for task in day.document["tasks"]}
    facts = RepairFacts(
        document=day.document,
        disturbance=day.disturbance,
        remainder=day.remainder,
        changes=day.changes,
        new=[task.key for task in day.tasks if task.key not in known],
        plan_id=request.plan_id,
        stopped_early=solution.stopped_early,
    )
    made = {
        "created_at": context.clock().isoformat(),
        "created_by": actor.name,
        "effort": describe_search(
            solution, start, seed=request.seed, seconds=request.seconds, iterations=request.iterations
        ),
        "roads_revision": context.revisions("roads")[0],
    }
    return merge_plan(
        Mended(
            document=day.document,
            disturbance=day.disturbance,
            remainder=day.remainder,
            problem=problem,
            solution=solution,
            rest=build_document(problem, solution, network=day.now, lines=day.lines, header={}),
            tasks=day.tasks,
            lines=day.lines,
            now=day.now,
            header={**write_header(facts), **made},
        )
    )


@contextmanager
def enter_hazards(context: Context, actor: Actor, *, path: Path) -> Iterator[list[int]]:
    """Enter the hazards of a GeoJSON file, all or none, so that a repair within takes them in; gives their ids.

    Where the repair fails they are taken out again, so that it can be asked for anew with the same file; unless
    somebody has worked on them meanwhile. A hazard of which the file does not say its kind is of the first one in use.

    Raises
    ------
    UnreadableFile, InvalidInput
        As `sources.hazard_file.read_hazards`.
    NotAllowed
        A place lies outside the scope.
    """
    check_allowed(actor, Permission.EDIT_HAZARDS)
    usual = load_kinds(context).active[0].code
    prepared = [
        prepare_hazard(
            context,
            actor,
            new=NewHazard(kind=one.kind or usual, severity=one.severity, title=one.title, lon=one.lon, lat=one.lat),
        )
        for one in read_hazards(path)
    ]
    reason = ", ".join(one.title for one in prepared)
    with context.database.write(actor, kind="report_hazard", reason=reason) as work:
        entered = [insert_hazard(work, actor, one) for one in prepared]
    is_kept = False
    try:
        yield entered
        is_kept = True
    finally:
        if not is_kept and work.txn_id is not None:
            with suppress(Conflict), context.database.write(actor, kind=UNDO, reason=reason) as back:
                back.undo(work.txn_id)
                back.touch("hazards")


# --- what is asked for ------------------------------------------------------------------------------------------


def _read_document(context: Context, actor: Actor, request: RepairRequest) -> Document:
    """The plan to mend."""
    if request.plan_id is not None:
        document = load_plan(context, actor, plan_id=request.plan_id)
        with context.database.read() as connection:
            if plans.load_status(connection, request.plan_id) not in {"draft", "published"}:
                raise Conflict(
                    N_("This plan is over, or another has taken its place."), hint=N_("Choose the plan that holds now.")
                )
        return document
    check_allowed(actor, Permission.PLAN_PATROLS)
    given: Document = upgrade_document(request.document)
    fault = find_fault(given)
    if fault is not None:
        raise InvalidInput(
            N_("The plan to mend is none: {detail}."),
            hint=N_("Give a file written by “plan --out”."),
            detail=fault.values["detail"],
        )
    return given


def _find_midnight(document: Mapping[str, Any]) -> datetime:
    return datetime.combine(date.fromisoformat(document["service_date"]), time(), BEIJING)


def is_over(document: Mapping[str, Any], *, at: datetime) -> bool:
    """Whether the last shift of a plan has ended before `at`."""
    ends_s: list[int] = [document["shift"]["end_s"], *(team["shift_end_s"] for team in document["teams"])]
    return _count_s(document, at) > max(ends_s)


def _count_s(document: Mapping[str, Any], at: datetime) -> int:
    """Seconds after the midnight that the plan's day begins with."""
    return int((at - _find_midnight(document)).total_seconds())


def _find_team(document: Mapping[str, Any], name: str) -> str:
    """Key of the team called so, or that has this key."""
    found = [team["key"] for team in document["teams"] if name in {team["name"], team["key"]}]
    if len(found) != 1:
        raise NotFound(
            N_("The plan has no team called “{team}”."),
            hint=N_("It has these: {known}."),
            team=name,
            known=", ".join(team["name"] for team in document["teams"]),
        )
    return str(found[0])


def _find_roads(
    context: Context, request: RepairRequest, document: Mapping[str, Any]
) -> tuple[RoadNetwork, RoadNetwork, RoadChanges]:
    """The roads of the plan, as they are from now on, and what is closed or slowed of them."""
    planned = RoadChanges(tuple(document["closures"]), tuple((e, k) for e, k in document.get("slowed", ())), ())
    start, until = (_find_midnight(document) + timedelta(seconds=s) for s in document["shift"].values())
    at = request.at or context.clock()
    # A closure may have been ended before the shift that the plan counted with it for.
    since = min(start, datetime.fromisoformat(document["created_at"]))
    changes = planned.lift(find_ended_changes(context, since=since, until=at))
    changes = changes.join(RoadChanges(request.closures, request.slowed, ()))
    changes = changes.join(find_standing_changes(context, start=at, end=max(until, at)))
    before, now = (get_plan_network(context, roads) for roads in (planned, changes))
    return before, now, changes


def _load_hazards(connection: sa.Connection, actor: Actor, document: Mapping[str, Any]) -> dict[str, Task]:
    """Hazards that are open now, as tasks of the plan's day, by their keys."""
    start_s, end_s = (int(document["shift"][name]) for name in ("start_s", "end_s"))
    asked = PatrolRequest(shift_start=read_clock(start_s), shift_end=read_clock(end_s), rules=restore_rules(document))
    day, scope = date.fromisoformat(document["service_date"]), document["area_code"] or actor.scope_code
    return {task.key: task for task in load_hazard_tasks(connection, scope=scope, request=asked, day=day)}


def _build_disturbance(
    request: RepairRequest,
    document: Mapping[str, Any],
    where: Whereabouts,
    hazards: Mapping[str, Task],
    *,
    at: datetime,
) -> Disturbance:
    at_s = _count_s(document, at)
    if is_over(document, at=at):
        raise InvalidInput(
            N_("The day of this plan is over by then."), hint=N_("Choose a moment before the end of the last shift.")
        )
    away: dict[str, Away] = {}
    for name, until, place in request.away:
        key = _find_team(document, name)
        away[key] = Away(_count_s(document, until), _find_return(document, where, key, place))
    planned = [task["key"] for task in document["tasks"] if task["kind"] == "hazard"]
    return Disturbance(
        at_s=at_s,
        dropped=frozenset(_find_team(document, name) for name in request.dropped),
        away=away,
        reports=where.reports,
        places=where.places,
        gone=frozenset(key for key in planned if key not in hazards),
        keep=request.keep,
        change_s=request.change_s,
    )


def _find_return(
    document: Mapping[str, Any], where: Whereabouts, key: str, place: tuple[float, float] | Return
) -> tuple[float, float] | None:
    """Where a team goes on (lon, lat), None for where it was when it was sent."""
    if not isinstance(place, Return):
        return place
    if place is Return.POST:
        team = next(team for team in document["teams"] if team["key"] == key)
        post = next(post for post in document["posts"] if post["key"] == team["post"])
        return float(post["lon"]), float(post["lat"])
    return where.sent.get(key) if place is Return.SENT else None


def _list_tasks(
    hazards: Mapping[str, Task],
    document: Mapping[str, Any],
    remainder: Remainder,
    disturbance: Disturbance,
    *,
    is_open: bool,
) -> tuple[Task, ...]:
    """Tasks of the mended plan: what is done as it was, hazards as they are now, and where `is_open` new ones."""
    served = remainder.served
    offset_m = {key: task.offset_m for key, task in hazards.items()}
    restored = restore_tasks(document, offset_m=offset_m)
    kept = [
        task if served[task.key] else hazards.get(task.key, task)
        for task in restored
        if served[task.key] or task.key not in disturbance.gone
    ]
    known = {task.key for task in restored}
    return (*kept, *(task for key, task in hazards.items() if is_open and key not in known))
