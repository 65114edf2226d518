"""Unpredictable patrols: a day's plan drawn from a mixed strategy by a logged seed, and what an edit of it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.document import build_document
from gridmap.domain.patrol.formats import BY_TEAM
from gridmap.domain.patrol.game.edits import Edit, EditCost
from gridmap.domain.patrol.game.edits import price_edit as price
from gridmap.domain.patrol.game.game import JointPlan, draw
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.restriction import keep_jobs
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, CannotPlan, NotFound
from gridmap.services.context import Context, open_context
from gridmap.services.patrol_request import PatrolRequest, note
from gridmap.services.plan_checking import check_plan
from gridmap.services.planning import PlanDocument
from gridmap.services.strategies import (
    Ground,
    StrategyDocument,
    compute_strategy,
    find_fresh_strategy,
    save_strategy,
    survey,
)
from gridmap.settings import Settings


@dataclass(frozen=True)
class DrawRequest:
    """A day's draw as a page asks for it."""

    plan: PatrolRequest
    seed: int


def draw_job(progress: Progress, settings: Settings, actor: Actor, request: DrawRequest) -> PlanDocument:
    """`draw_plan` for a worker process, with a connection of its own."""
    context = open_context(settings)
    try:
        return draw_plan(context, actor, request=request.plan, seed=request.seed, progress=progress)
    finally:
        context.close()


# --- draw -------------------------------------------------------------------------------------------------------


def draw_plan(
    context: Context, actor: Actor, *, request: PatrolRequest, seed: int, progress: Progress = silent
) -> PlanDocument:
    """A plan of the day drawn from the area's strategy by a seed; without a fresh one it is computed and kept first.

    The draw is in the journal. The same seed and strategy draw the same plan.

    Raises
    ------
    CannotPlan
        No team can do anything, or the plan did not pass its check.
    """
    check_allowed(actor, Permission.PLAN_PATROLS, request.area_code or None)
    found = find_fresh_strategy(context, actor, request=request)
    if found is None:
        made = compute_strategy(context, actor, request=request, progress=progress)
        found = save_strategy(context, actor, document=made), made
    strategy_id, strategy = found
    if not strategy["plans"]:
        raise CannotPlan(
            N_("There is nothing to draw: no team can serve anything in this shift."),
            hint=N_("Widen the shift, or put a team on duty."),
        )
    ground = survey(context, actor, request=request, keep_intervals=strategy["keep_intervals"])
    plans = _read_plans(ground.problem, strategy)
    probability = np.array([plan["probability"] for plan in strategy["plans"]])
    position = draw(probability, seed=seed)
    drawn = {"strategy": strategy_id, "seed": seed, "probability": float(probability[position])}
    document = _write_plan(context, actor, ground, plans[position], drawn)
    result = check_plan(context, actor, document=document)
    if not result.valid:
        raise CannotPlan(
            N_("The plan did not pass its check and was thrown away ({where}: {what})"),
            hint=N_("Compute it again; if that does not help, the roads may have to be imported afresh."),
            where=result.violations[0].where,
            what=result.violations[0].text,
        )
    with context.database.write(actor, kind="draw_plan", reason=f"#{strategy_id} / {seed}") as work:
        work.note("patrol_strategy", {**drawn, "service_date": document["service_date"]})
    return document


def _read_plans(problem: PatrolProblem, strategy: StrategyDocument) -> list[JointPlan]:
    """The plans of a fresh strategy in terms of the problem."""
    number = {job.tasks: position for position, job in enumerate(problem.jobs)}
    return [
        JointPlan(
            tuple(
                TeamRoute(
                    route["team"],
                    route["start_s"],
                    tuple(Visit(number[tuple(visit["tasks"])], visit["way"]) for visit in route["visits"]),
                    tuple(route["breaks"]),
                )
                for route in plan["routes"]
            )
        )
        for plan in strategy["plans"]
    ]


def _write_plan(
    context: Context,
    actor: Actor,
    ground: Ground,
    plan: JointPlan,
    drawn: Mapping[str, Any],
) -> PlanDocument:
    """The drawn plan as a document; what is due and was not drawn is listed as unserved, the rest left out."""
    problem, request = ground.problem, ground.request
    due = {i for i, job in enumerate(problem.jobs) if not ground.due.isdisjoint(job.tasks)}
    kept = sorted(plan.jobs | due)
    position = {job: new for new, job in enumerate(kept)}
    routes = tuple(
        replace(route, visits=tuple(Visit(position[v.job], v.way) for v in route.visits)) for route in plan.routes
    )
    notes = [*ground.gathered.notes, note(N_("Drawn by the seed {seed} from the strategy number {strategy}."), **drawn)]
    header = {
        "area_code": request.area_code or actor.scope_code,
        "area_name": ground.area_name,
        "service_date": ground.day.isoformat(),
        "shift": dict(zip(("start_s", "end_s"), request.shift_s, strict=True)),
        "created_at": context.clock().isoformat(),
        "created_by": actor.name,
        "effort": {
            "seed": drawn["seed"],
            "seconds": None,
            "iterations": None,
            "iterations_run": 0,
            "stopped_early": False,
        },
        "drawn": dict(drawn),
        "notes": notes,
        "speeds": BY_TEAM,
        "closures": sorted(request.closures),
        "slowed": sorted([edge, kmh] for edge, kmh in request.slowed),
        "roads_revision": context.revisions("roads")[0],
    }
    lines = ground.gathered.lines
    restricted = keep_jobs(problem, kept, also=ground.due)
    return build_document(restricted, Solution(routes), network=ground.network, lines=lines, header=header)


# --- edits ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EditRequest:
    """An edit as a page asks for its price; the rest as in `price_edit`."""

    plan: PatrolRequest
    team: int | None = None
    route: tuple[str, ...] | None = None
    task: str | None = None


def edit_job(progress: Progress, settings: Settings, actor: Actor, request: EditRequest) -> EditCost:
    """`price_edit` for a worker process, with a connection of its own."""
    progress(0.0, N_("Measuring the ways between tasks"))
    context = open_context(settings)
    try:
        return price_edit(
            context, actor, request=request.plan, team=request.team, route=request.route, task=request.task
        )
    finally:
        context.close()


def price_edit(
    context: Context,
    actor: Actor,
    *,
    request: PatrolRequest,
    team: int | None = None,
    route: Sequence[str] | None = None,
    task: str | None = None,
) -> EditCost:
    """What an edit of the drawn plans costs, were it made every day.

    Parameters
    ----------
    team
        Position of the team that is edited, None where `task` is left out of all routes.
    route
        Keys of the tasks that the team does instead, in order; empty where it stays at its post.
    task
        Key of a task that the team is to do every day.

    Raises
    ------
    NotFound
        There is no fresh strategy, no such team or no such task in it.
    """
    check_allowed(actor, Permission.PLAN_PATROLS, request.area_code or None)
    found = find_fresh_strategy(context, actor, request=request)
    if found is None:
        raise NotFound(N_("There is no strategy for this area as it is now."), hint=N_("Compute one first."))
    ground = survey(context, actor, request=request, keep_intervals=found[1]["keep_intervals"])
    job_of = {key: position for position, job in enumerate(ground.problem.jobs) for key in job.tasks}
    unknown = [key for key in (*(route or ()), *([task] if task else ())) if key not in job_of]
    if unknown or (team is not None and not 0 <= team < len(ground.problem.teams)):
        raise NotFound(
            N_("The strategy knows nothing of {name}."),
            hint=N_("Choose one of its teams and tasks."),
            name=unknown[0] if unknown else str(team),
        )
    visits = None if route is None else tuple(Visit(job, 0) for job in dict.fromkeys(job_of[key] for key in route))
    edit = Edit(team, visits, job_of[task] if task else None)
    probability = np.array([plan["probability"] for plan in found[1]["plans"]])
    return price(ground.game, _read_plans(ground.problem, found[1]), probability, edit)
