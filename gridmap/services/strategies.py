"""Mixed strategies of an area: plans to draw from and how likely each is; kept, and old once anything has changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

import numpy as np
import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.document_parts import write_line, write_task, write_unserved
from gridmap.domain.patrol.formats import BY_TEAM
from gridmap.domain.patrol.game.game import Game, Strategy
from gridmap.domain.patrol.game.search import GameEffort, solve_game
from gridmap.domain.patrol.game.variety import Foresight, measure_foresight, vary_hours
from gridmap.domain.patrol.problem import PatrolProblem
from gridmap.domain.patrol.solution import TeamRoute
from gridmap.domain.patrol.visit_hours import HOUR_S
from gridmap.domain.progress import Progress, silent
from gridmap.domain.railways.freshness import compute_gaps
from gridmap.domain.roads.closures import RoadChanges
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.errors import N_, NotFound
from gridmap.services.area_history import explain_missing
from gridmap.services.context import Context, open_context
from gridmap.services.patrol_input import Gathered, gather
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.patrol_tasks import load_tasks
from gridmap.services.planning import add_standing_changes, find_day
from gridmap.services.road_network import get_plan_network
from gridmap.settings import Settings
from gridmap.store import areas, rail, strategies

FORMAT = "gridmap-strategy/2"
StrategyDocument = dict[str, Any]

_TOPICS = ("roads", "rail", "teams")
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Ground:
    """What a strategy and its draws are made on: all segments of the area once a day, not only what is due."""

    request: PatrolRequest
    day: date
    network: RoadNetwork
    gathered: Gathered
    problem: PatrolProblem
    game: Game
    due: frozenset[str]
    area_name: str


def compute_strategy(
    context: Context,
    actor: Actor,
    *,
    request: PatrolRequest,
    keep_intervals: bool = True,
    progress: Progress = silent,
) -> StrategyDocument:
    """A mixed strategy for the segments of an area, not kept yet.

    `keep_intervals` asks that each segment is seen on average as often as its interval says. A `progress` that raises
    Cancelled ends the search with the best so far.

    Raises
    ------
    NoData
        No roads are loaded.
    NotFound
        There is no such area.
    """
    check_allowed(actor, Permission.PLAN_PATROLS, request.area_code or None)
    progress(0.0, N_("Reading what is due"))
    ground = survey(context, actor, request=request, keep_intervals=keep_intervals)
    progress(0.0, N_("Getting the search ready; the first time on a machine this takes a minute"))
    effort = GameEffort(seconds=request.seconds, rounds=request.iterations, seed=request.seed)
    solved = solve_game(ground.game, effort=effort, progress=progress)
    found = vary_hours(ground.problem, solved, seed=request.seed)
    return {
        "format": FORMAT,
        "area_code": request.area_code or actor.scope_code,
        "area_name": ground.area_name,
        "made_at": context.clock().isoformat(),
        "made_by": actor.name,
        "seed": request.seed,
        "keep_intervals": keep_intervals,
        "asked": _describe_request(ground.request),
        "revisions": _revisions(context),
        **_write_strategy(ground, found, before=measure_foresight(ground.problem, solved.plans, solved.probability)),
    }


def _write_strategy(ground: Ground, found: Strategy, *, before: Foresight) -> dict[str, Any]:
    """`before` says how well hours could be foretold when they were not varied yet."""
    problem, game = ground.problem, ground.game
    now = measure_foresight(problem, found.plans, found.probability)
    tasks = {task.key: task for task in problem.tasks}
    targets = [
        {
            "tasks": list(job.tasks),
            "lon": tasks[job.tasks[0]].lon,
            "lat": tasks[job.tasks[0]].lat,
            "loss": float(game.loss[position]),
            "least": round(float(game.least[position]), 6),
            "coverage": round(float(found.coverage[position]), 6),
            "same_hour": round(float(now.same_hour[position]), 6),
        }
        for position, job in enumerate(problem.jobs)
    ]
    return {
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap if np.isfinite(found.gap) else None,
        "rounds": found.rounds,
        "stopped_early": found.stopped_early,
        "hours": {
            "foreseeable": round(now.mean, 6),
            "foreseeable_before": round(before.mean, 6),
            "seconds": round(now.seconds),
            "seconds_before": round(before.seconds),
        },
        "targets": targets,
        "tasks": [write_task(task) for task in problem.tasks],
        "lines": [write_line(line) for line in ground.gathered.lines.values()],
        "teams": [team.name for team in problem.teams],
        "plans": [
            {"probability": float(probability), "routes": [_write_route(problem, route) for route in plan.routes]}
            for plan, probability in zip(found.plans, found.probability, strict=True)
        ],
        "unreachable": [write_unserved(item) for item in found.unreachable],
        "missed": [
            {
                "tasks": list(problem.jobs[missed.job].tasks),
                "least": missed.least,
                "reached": missed.reached,
            }
            for missed in found.missed
        ],
    }


def _write_route(problem: PatrolProblem, route: TeamRoute) -> dict[str, Any]:
    visits = [{"tasks": list(problem.jobs[visit.job].tasks), "way": visit.way} for visit in route.visits]
    return {"team": route.team, "start_s": route.start_s, "breaks": list(route.breaks), "visits": visits}


def survey(context: Context, actor: Actor, *, request: PatrolRequest, keep_intervals: bool) -> Ground:
    """Every segment of the area as a place to be seen once a day, and what is lost where it is not.

    Raises
    ------
    NoData
        No roads are loaded.
    NotFound
        There is no such area.
    """
    day, scope = find_day(context, request), request.area_code or actor.scope_code
    request = add_standing_changes(context, replace(request, include_hazards=False), day)
    changes = RoadChanges(request.closures, request.slowed, ())
    network = get_plan_network(context, changes)
    with context.database.read() as connection:
        names = {row.code: row.name for row in areas.load_areas(connection, scope="").itertuples()}
        if request.area_code and request.area_code not in names:
            unknown = NotFound(
                N_("There is no area with the code {code}."),
                hint=N_("Leave the area out, or give the code of a loaded one."),
                code=request.area_code,
            )
            raise explain_missing(connection, actor, code=request.area_code, instead=unknown)
        segments = rail.load_segments(connection, scope=scope, line_ids=request.line_ids)
        keys = [f"segment-{row}" for row in segments["id"]]
        whole = replace(request, tasks=tuple(keys))
        gathered = gather(connection, actor, request=whole, day=day, network=network)
        due, _ = load_tasks(connection, scope=scope, request=request, day=day)
    once = tuple(replace(task, visits=1, spacing_s=0) for task in gathered.given.tasks)
    problem = build_problem(network, replace(gathered.given, tasks=once), rules=request.rules)
    risk = dict(zip(keys, segments["risk"].astype(float), strict=True))
    often = dict(zip(keys, np.minimum(1.0, (_DAY / compute_gaps(segments)).to_numpy(float)), strict=True))
    loss = np.array([max(risk[task] for task in job.tasks) for job in problem.jobs], np.float64)
    least = np.array([max(often[task] for task in job.tasks) for job in problem.jobs], np.float64)
    game = Game(problem, loss, least if keep_intervals else np.zeros(len(loss)))
    named = frozenset(task.key for task in due)
    return Ground(request, day, network, gathered, problem, game, named, names.get(scope, ""))


# --- keep -------------------------------------------------------------------------------------------------------


def save_strategy(context: Context, actor: Actor, *, document: StrategyDocument) -> int:
    """Keep a strategy and return its id."""
    check_allowed(actor, Permission.PLAN_PATROLS, document["area_code"] or None)
    with context.database.write(actor, kind="save_strategy") as work:
        return strategies.save_strategy(work, area_code=document["area_code"], document=document)


def load_strategy(context: Context, actor: Actor, *, strategy_id: int) -> StrategyDocument:
    """The document of a kept strategy.

    Raises
    ------
    NotFound
        There is none of that number in the actor's scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        document = strategies.load_document(connection, strategy_id, scope=actor.scope_code)
    if document is None:
        raise NotFound(
            N_("There is no strategy number {strategy}."), hint=N_("Compute one first."), strategy=strategy_id
        )
    return document


def find_fresh_strategy(
    context: Context, actor: Actor, *, request: PatrolRequest
) -> tuple[int, StrategyDocument] | None:
    """The newest strategy that answers the request: same area, shift, teams and roads, nothing changed; else None."""
    check_allowed(actor, Permission.VIEW, request.area_code or None)
    with context.database.read() as connection:
        found = strategies.load_newest(connection, area_code=request.area_code or actor.scope_code)
    if found is None or found[1]["format"] != FORMAT or not found[1]["plans"]:
        return None
    if found[1]["revisions"] != _revisions(context):
        return None
    asked = add_standing_changes(context, request, find_day(context, request))
    return found if found[1]["asked"] == _describe_request(asked) else None


def ask_again(document: StrategyDocument, *, day: date) -> PatrolRequest:
    """The request for a day with the area, the lines, the teams and the shift that a strategy was made for."""
    asked = document["asked"]
    start, end = (
        time(s // HOUR_S % 24, s % HOUR_S // 60, s % 60) for s in (asked["shift"]["start_s"], asked["shift"]["end_s"])
    )
    lines, named = asked["line_ids"], asked["team_ids"]
    return PatrolRequest(
        area_code=document["area_code"],
        line_ids=None if lines is None else tuple(lines),
        team_ids=None if named is None else tuple(named),
        team_count=asked["team_count"],
        shift_start=start,
        shift_end=end,
        service_date=day,
    )


def _describe_request(request: PatrolRequest) -> dict[str, Any]:
    """What of a request a strategy follows from, as it comes back from the store."""
    start_s, end_s = request.shift_s
    crew = request.crew and [{**vars(row), "skills": sorted(row.skills)} for row in request.crew]
    asked = {
        "shift": {"start_s": start_s, "end_s": end_s},
        "line_ids": request.line_ids,
        "team_count": request.team_count,
        "team_ids": request.team_ids,
        "crew": crew,
        "closures": sorted(request.closures),
        "slowed": sorted(request.slowed),
        # One whose teams were timed in another way is not drawn from.
        "speeds": BY_TEAM,
        "rules": request.rules.as_json(),
    }
    read_back: dict[str, Any] = json.loads(json.dumps(asked, default=vars))
    return read_back


def _revisions(context: Context) -> dict[str, int]:
    return dict(zip(_TOPICS, context.revisions(*_TOPICS), strict=True))


def strategy_job(progress: Progress, settings: Settings, actor: Actor, request: PatrolRequest) -> int:
    """`compute_strategy` and `save_strategy` for a worker process, with a connection of its own."""
    context = open_context(settings)
    try:
        document = compute_strategy(context, actor, request=request, progress=progress)
        return save_strategy(context, actor, document=document)
    finally:
        context.close()
