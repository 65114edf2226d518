"""Patrol plans: compute, keep, publish."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.days import local_day
from gridmap.domain.orders import PlannedOrder, list_orders
from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.document import build_document
from gridmap.domain.patrol.document_parts import Document
from gridmap.domain.patrol.formats import BY_TEAM, upgrade_document
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.solver import Effort, solve
from gridmap.domain.patrol.starts import Start, read_start
from gridmap.domain.progress import Progress, part_of, silent
from gridmap.domain.roads.closures import RoadChanges
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.area_history import explain_missing
from gridmap.services.context import Context, open_context
from gridmap.services.patrol_input import gather, load_measured_lines
from gridmap.services.patrol_request import PatrolRequest, note
from gridmap.services.patrol_tasks import describe_tasks, load_tasks
from gridmap.services.plan_checking import check_plan, find_fault, require_valid
from gridmap.services.plan_truth import load_truth
from gridmap.services.road_network import find_shift_changes, get_network, get_plan_network
from gridmap.settings import Settings
from gridmap.store import areas, order_succession, orders, plans, teams
from gridmap.store.unit_of_work import UnitOfWork

PlanRequest = PatrolRequest
PlanDocument = Document
Revise = Callable[[PatrolProblem, Solution], Solution]

_SEARCH_FROM, _SEARCH_TO = 0.15, 0.95


# --- compute ----------------------------------------------------------------------------------------------------


def list_tasks(context: Context, actor: Actor, *, request: PlanRequest) -> pd.DataFrame:
    """What a plan for `request` would have to serve; columns as in `patrol_tasks.describe_tasks`."""
    _check_request(actor, request, Permission.VIEW)
    with context.database.read() as connection:
        tasks, _ = load_tasks(
            connection, scope=request.area_code or actor.scope_code, request=request, day=find_day(context, request)
        )
        return describe_tasks(tasks, load_measured_lines(connection))


def compute_plan(
    context: Context,
    actor: Actor,
    *,
    request: PlanRequest,
    progress: Progress = silent,
    revise: Revise | None = None,
) -> PlanDocument:
    """Routes for what is due, as a document that has passed the independent checker.

    A `progress` that raises Cancelled during the search ends it with the best plan so far, before it with nothing.
    `revise` may change what was found before it is written and checked.

    Raises
    ------
    NoData
        No roads are loaded.
    NotFound
        There is no such area.
    InvalidInput
        A team of the request has no post or no road near it, or what the search is to begin with is no plan.
    CannotPlan
        The plan did not pass the checker.
    """
    _check_request(actor, request, Permission.PLAN_PATROLS)
    progress(0.0, N_("Reading what is due"))
    network, day = get_network(context), find_day(context, request)
    request = add_standing_changes(context, request, day)
    changes = RoadChanges(request.closures, request.slowed, ())
    open_network = get_plan_network(context, changes)
    with context.database.read() as connection:
        names = {row.code: row.name for row in areas.load_areas(connection, scope="").itertuples()}
        if request.area_code and request.area_code not in names:
            unknown = NotFound(
                N_("There is no area with the code {code}."),
                hint=N_("Leave the area out, or give the code of a loaded one."),
                code=request.area_code,
            )
            raise explain_missing(connection, actor, code=request.area_code, instead=unknown)
        gathered = gather(connection, actor, request=request, day=day, network=open_network)
        truth = load_truth(connection, network)
    progress(0.05, N_("Measuring the ways between tasks"))
    problem = build_problem(open_network, gathered.given, rules=request.rules)
    start = _read_start(request, problem)
    progress(_SEARCH_FROM, N_("Getting the search ready; the first time on a machine this takes a minute"))
    solution = solve(
        problem,
        effort=Effort(seconds=request.seconds, iterations=request.iterations, seed=request.seed),
        progress=part_of(progress, _SEARCH_FROM, _SEARCH_TO),
        start=None if start is None else start.solution,
    )
    if revise is not None:
        solution = revise(problem, solution)
    area_code = request.area_code or actor.scope_code
    header = {
        "area_code": area_code,
        "area_name": names.get(area_code, ""),
        "service_date": day.isoformat(),
        "shift": dict(zip(("start_s", "end_s"), request.shift_s, strict=True)),
        "created_at": context.clock().isoformat(),
        "created_by": actor.name,
        "effort": _describe_effort(request, solution, start),
        "notes": [*gathered.notes, *_describe_search(request, solution, start)],
        "closures": sorted(request.closures),
        "speeds": BY_TEAM,
        "slowed": sorted([edge, kmh] for edge, kmh in request.slowed),
        "roads_revision": context.revisions("roads")[0],
    }
    document = build_document(problem, solution, network=open_network, lines=gathered.lines, header=header)
    require_valid(context, document, truth)
    if not solution.stopped_early:
        progress(1.0, N_("The plan is ready"))
    return document


def _read_start(request: PlanRequest, problem: PatrolProblem) -> Start | None:
    """The routes to begin with, None where none were given."""
    if request.start is None:
        return None
    document = upgrade_document(request.start)
    fault = find_fault(document)
    if fault is not None:
        raise InvalidInput(
            N_("The plan to begin with is none: {detail}."),
            hint=N_("Give a file written by “plan --out”."),
            detail=fault.values["detail"],
        )
    return read_start(document, problem)


def _describe_effort(request: PlanRequest, solution: Solution, start: Start | None) -> dict[str, Any]:
    effort: dict[str, Any] = {
        "seed": request.seed,
        "seconds": None if request.iterations is not None else request.seconds,
        "iterations": request.iterations,
        "iterations_run": solution.iterations,
        "stopped_early": solution.stopped_early,
    }
    if start is not None:
        effort["warm_start"] = {"stops": start.stops, "kept": start.kept}
    return effort


def _describe_search(request: PlanRequest, solution: Solution, start: Start | None) -> list[dict[str, Any]]:
    """What people should know of how the plan came about."""
    notes = []
    if start is not None:
        text = N_("The search began with {kept} of {stops} stops of another plan.")
        notes.append(note(text, kept=start.kept, stops=start.stops))
        if start.lost_teams:
            notes.append(note(N_("Of that plan these teams are not here: {teams}."), teams=", ".join(start.lost_teams)))
        if start.lost_tasks:
            notes.append(note(N_("Of that plan {count} tasks are not due now."), count=start.lost_tasks))
    if solution.stopped_early:
        notes.append(note(N_("The search was stopped early; this is the best plan found by then.")))
    if request.closures:
        notes.append(note(N_("{count} closed roads are avoided."), count=len(request.closures)))
    if request.slowed:
        notes.append(note(N_("{count} roads are slower than usual."), count=len(request.slowed)))
    return notes


def plan_job(progress: Progress, settings: Settings, actor: Actor, request: PlanRequest) -> PlanDocument:
    """`compute_plan` for a worker process, with a connection of its own."""
    context = open_context(settings)
    try:
        return compute_plan(context, actor, request=request, progress=progress)
    finally:
        context.close()


def find_day(context: Context, request: PlanRequest) -> date:
    return request.service_date or local_day(context.clock())


def add_standing_changes(context: Context, request: PlanRequest, day: date) -> PlanRequest:
    """The request with what is closed or slowed during its shift besides what it names itself."""
    given = RoadChanges(request.closures, request.slowed, ())
    changes = given.join(find_shift_changes(context, day=day, shift_s=request.shift_s))
    return replace(request, closures=changes.closed, slowed=changes.slowed)


def _check_request(actor: Actor, request: PlanRequest, permission: Permission) -> None:
    check_allowed(actor, permission, request.area_code or None)


# --- keep -------------------------------------------------------------------------------------------------------


def save_plan(context: Context, actor: Actor, *, document: PlanDocument, name: str) -> int:
    """Keep a plan as a draft and return its id.

    Raises
    ------
    InvalidInput
        The plan has no name, or does not pass the checker against the database as it is now.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    if not name.strip():
        raise InvalidInput(N_("The plan has no name."), hint=N_("Give it a name that people recognise."))
    result = check_plan(context, actor, document=document)
    if not result.valid:
        first = result.violations[0]
        raise InvalidInput(
            N_("This plan does not pass the check and was not saved ({where}: {what})"),
            hint=N_("Compute it again."),
            where=first.where,
            what=first.text,
        )
    check_allowed(actor, Permission.PLAN_PATROLS, document["area_code"])
    with context.database.write(actor, kind="save_plan", reason=name.strip()) as work:
        return plans.save_plan(
            work,
            name=name.strip(),
            area_code=document["area_code"],
            service_date=date.fromisoformat(document["service_date"]),
            document=document,
        )


def list_plans(context: Context, actor: Actor) -> pd.DataFrame:
    """Plans in scope, newest first.

    Columns: id, name, area_code, service_date, status, created_at, created_by, tasks, served, version.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return plans.load_plans(connection, scope=actor.scope_code)


def load_plan(context: Context, actor: Actor, *, plan_id: int) -> PlanDocument:
    """The document of a saved plan.

    Raises
    ------
    NotFound
        There is none of that number in the actor's scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        document = plans.load_document(connection, plan_id, scope=actor.scope_code)
    if document is None:
        raise NotFound(N_("There is no plan number {plan}."), hint=N_("Choose one from the list."), plan=plan_id)
    upgraded: PlanDocument = upgrade_document(document)
    return upgraded


def list_clashes(context: Context, actor: Actor, *, plan_id: int) -> pd.DataFrame:
    """Teams of a plan that go by another published plan in some of the same hours, other than the one it mends.

    Columns: plan_id, plan_name, team_id, team_name.
    """
    check_allowed(actor, Permission.VIEW)
    document = load_plan(context, actor, plan_id=plan_id)
    with context.database.read() as connection:
        return _load_clashes(connection, list(list_orders(document)), besides={plan_id, _find_mended(document)})


def publish_plan(
    context: Context, actor: Actor, *, plan_id: int, version: int | None = None, instead_of: Collection[int] = ()
) -> None:
    """Make a saved plan the order of its day, for each of its teams.

    A mended plan takes the place of the one it mends: what was done there stays done. The other plans that it may take
    teams from are named by `instead_of`: for the hours that both have, these teams go by this plan.

    Raises
    ------
    Conflict
        Somebody changed it since `version`, or it was published already; or the plan that it mends does not hold any
        more; or some of its teams go by a plan that is not named.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    document = load_plan(context, actor, plan_id=plan_id)
    before = _find_mended(document)
    with context.database.write(actor, kind="publish_plan") as work:
        if plans.load_status(work.connection, plan_id) != "draft":
            raise Conflict(N_("This plan was published already."), hint=N_("Reload the list."))
        plans.save_status(work, plan_id, status="published", version=version)
        known = set(teams.load_teams(work.connection, scope="")["id"])
        made = [order for order in list_orders(document) if order.team_id in known]
        clashes = _load_clashes(work.connection, made, besides={before, *instead_of})
        orders.save_orders(work, plan_id=plan_id, orders=made)
        if before is not None:
            _take_place_of(work, before, plan_id=plan_id)
        _check_clashes(clashes)


def _find_mended(document: PlanDocument) -> int | None:
    """Number of the plan that this one mends."""
    before = (document.get("repair") or {}).get("plan_id")
    return None if before is None else int(before)


def _load_clashes(
    connection: sa.Connection, made: Sequence[PlannedOrder], *, besides: Collection[int | None]
) -> pd.DataFrame:
    found = orders.load_clashes(connection, orders=made)
    return found[~found["plan_id"].isin(besides)].reset_index(drop=True)


def _check_clashes(clashes: pd.DataFrame) -> None:
    if len(clashes):
        first = clashes.iloc[0]
        raise Conflict(
            N_("Team {team} goes by the plan “{plan}” in these hours."),
            hint=N_("Look at both plans, and say which of them is to hold."),
            team=first.team_name,
            plan=first.plan_name,
        )


def _take_place_of(work: UnitOfWork, before: int, *, plan_id: int) -> None:
    """Let a mended plan follow the one it mends, which has to hold still."""
    status = plans.load_status(work.connection, before)
    if status == "published":
        order_succession.hand_over(work, plan_id=before, successor_id=plan_id)
    elif status != "draft":
        raise Conflict(
            N_("The plan that this one mends is over, or another has taken its place."),
            hint=N_("Mend the plan that holds now."),
        )
