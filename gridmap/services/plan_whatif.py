"""What one more team, or half an hour more, would serve of what a plan leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.filling import find_fitting_jobs
from gridmap.domain.patrol.ground import PatrolInput
from gridmap.domain.patrol.problem import PatrolProblem, Post, Team, TeamKind
from gridmap.domain.patrol.restoring import (
    restore_posts,
    restore_rules,
    restore_tasks,
    restore_teams,
)
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.solver import Effort, solve
from gridmap.domain.patrol.starts import read_start
from gridmap.domain.progress import Progress, part_of, silent
from gridmap.domain.roads.closures import RoadChanges
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.profiles import SpeedProfile
from gridmap.errors import N_, Cancelled, InvalidInput
from gridmap.services.context import Context, open_context
from gridmap.services.patrol_input import load_access, load_ground_tracks, load_tunnel_shares
from gridmap.services.planning import PlanDocument
from gridmap.services.road_network import get_plan_network, get_speed_profile
from gridmap.settings import Settings
from gridmap.store import hazards, teams

LONGER_MIN = 30
"""How much longer all shifts are supposed to be."""

_CREW = 2
_SEARCHED = 3
"""So many of the ways to add a team are searched, those by which the most still fits without moving anything."""
_SEARCH_FROM = 0.3


@dataclass(frozen=True)
class Gain:
    """What a plan would serve more.

    Attributes
    ----------
    team_kind, post
        Of the team added; "" where all shifts are longer instead.
    minutes
        How much longer all shifts are, 0 where a team is added.
    tasks
        How many tasks more are served.
    priority
        By how much the sum of their priorities is higher.
    """

    team_kind: str
    post: str
    minutes: int
    tasks: int
    priority: int


@dataclass(frozen=True)
class Gains:
    """Gains of a plan, the most priority first; `left` is how many tasks it leaves out that a team could get to."""

    gains: tuple[Gain, ...]
    left: int
    stopped_early: bool = False


@dataclass(frozen=True)
class _Option:
    """Teams that a plan could have instead, and what is told of them."""

    teams: tuple[Team, ...]
    team_kind: str = ""
    post: str = ""
    minutes: int = 0


def explore_gains(
    context: Context, actor: Actor, *, document: PlanDocument, seconds: float = 5.0, progress: Progress = silent
) -> Gains:
    """What more a plan would serve with one team more, of each kind at each post, and with longer shifts.

    Every way is tried by putting in what fits between the stops; the most promising are searched for `seconds` each. A
    `progress` that raises Cancelled ends it with what is known by then.

    Raises
    ------
    NoData
        No roads are loaded.
    InvalidInput
        The plan has no team to compare with.
    """
    check_allowed(actor, Permission.PLAN_PATROLS, document["area_code"] or None)
    if not document["teams"]:
        raise InvalidInput(N_("This plan has no teams."), hint=N_("Compute a plan with at least one team first."))
    progress(0.0, N_("Reading what is due"))
    slowed = tuple((int(edge), float(kmh)) for edge, kmh in document.get("slowed", ()))
    network = get_plan_network(context, RoadChanges(tuple(document["closures"]), slowed, ()))
    with context.database.read() as connection:
        problem, options = _prepare(
            connection, actor, document=document, network=network, speeds=get_speed_profile(context)
        )
    base = read_start(document, problem).solution
    try:
        return _weigh(problem, base, options, effort=Effort(seconds=seconds), progress=progress)
    except Cancelled:
        return Gains((), _count_left(problem, base), stopped_early=True)


def gains_job(progress: Progress, settings: Settings, actor: Actor, document: PlanDocument) -> Gains:
    """`explore_gains` for a worker process, with a connection of its own."""
    context = open_context(settings)
    try:
        return explore_gains(context, actor, document=document, progress=progress)
    finally:
        context.close()


def _prepare(
    connection: sa.Connection, actor: Actor, *, document: PlanDocument, network: RoadNetwork, speeds: SpeedProfile
) -> tuple[PatrolProblem, list[_Option]]:
    """The plan's own problem with the ways of every team it could have, and what to try."""
    crew, posts = restore_teams(document), list(restore_posts(document))
    known = {post.id for post in posts}
    stored = teams.load_posts(connection, scope=document["area_code"] or actor.scope_code)
    posts += [
        Post(int(row.id), row.name, row.kind, float(row.lon), float(row.lat))
        for row in stored.itertuples()
        if int(row.id) not in known
    ]
    options = _list_options(document, crew, posts, speeds=speeds)
    # Ways are measured once, for all teams that are tried.
    everybody = (*crew, *(team for option in options for team in option.teams[len(crew) :]), *options[-1].teams)
    found = hazards.load_hazards(connection, scope=actor.scope_code)
    offsets = found.loc[found["offset_m"].notna(), ["id", "offset_m"]]
    offset_m = {f"hazard-{row.id}": float(row.offset_m) for row in offsets.itertuples()}
    tasks = restore_tasks(document, offset_m=offset_m)
    given = PatrolInput(
        tasks=tasks,
        tunnel_share=load_tunnel_shares(connection),
        access=load_access(connection, network, {task.line_id for task in tasks}),
        posts=tuple(posts),
        teams=everybody,
        tracks=load_ground_tracks(connection),
    )
    problem = build_problem(network, given, rules=restore_rules(document))
    return replace(problem, teams=crew), options


def _list_options(
    document: PlanDocument, crew: tuple[Team, ...], posts: Sequence[Post], *, speeds: SpeedProfile
) -> list[_Option]:
    """A team more of each kind in use at each post, and, last, longer shifts for all, at the speeds of the shorter."""
    start_s, end_s = document["shift"]["start_s"], document["shift"]["end_s"]
    options = []
    for kind in dict.fromkeys([*(team.kind for team in crew), TeamKind.CAR]):
        members = max((team.members for team in crew if team.kind is kind), default=_CREW)
        for position, post in enumerate(posts):
            added = Team(None, post.name, kind, members, position, start_s, end_s)
            if "speeds" in document:
                added = added.time_by(speeds)
            options.append(_Option((*crew, added), kind.value, post.name))
    extra_s = LONGER_MIN * 60
    longer = [
        replace(
            team,
            shift_end_s=team.shift_end_s + extra_s,
            latest_return_s=None if team.latest_return_s is None else team.latest_return_s + extra_s,
        )
        for team in crew
    ]
    return [*options, _Option(tuple(longer), minutes=LONGER_MIN)]


def _weigh(
    problem: PatrolProblem, base: Solution, options: Sequence[_Option], *, effort: Effort, progress: Progress
) -> Gains:
    served = {visit.job for route in base.routes for visit in route.visits}
    reached: list[tuple[int, ...]] = []
    for number, option in enumerate(options):
        progress(_SEARCH_FROM * number / len(options), N_("Trying one more team at every post"))
        reached.append(find_fitting_jobs(replace(problem, teams=option.teams), base))
    gains = [
        _measure(problem, option, served, served | set(more)) for option, more in zip(options, reached, strict=True)
    ]
    best = sorted(range(len(options) - 1), key=lambda at: -gains[at].priority)[:_SEARCHED]
    chosen = [at for at in (*best, len(options) - 1) if gains[at].tasks or options[at].minutes]
    stopped = False
    for number, at in enumerate(chosen):
        share = (1 - _SEARCH_FROM) / len(chosen)
        scaled = part_of(progress, _SEARCH_FROM + share * number, _SEARCH_FROM + share * (number + 1))
        found = solve(replace(problem, teams=options[at].teams), effort=effort, progress=scaled, start=base)
        jobs = {visit.job for route in found.routes for visit in route.visits}
        gains[at] = max(gains[at], _measure(problem, options[at], served, jobs), key=lambda gain: gain.priority)
        stopped = found.stopped_early
        if stopped:
            break
    told = [gains[at] for at in chosen if gains[at].tasks > 0]
    ordered = tuple(sorted(told, key=lambda gain: (-gain.priority, -gain.tasks)))
    return Gains(ordered, _count_left(problem, base), stopped_early=stopped)


def _measure(problem: PatrolProblem, option: _Option, before: set[int], after: set[int]) -> Gain:
    tasks = sum(len(problem.jobs[job].tasks) for job in after) - sum(len(problem.jobs[job].tasks) for job in before)
    priority = sum(problem.jobs[job].priority for job in after) - sum(problem.jobs[job].priority for job in before)
    return Gain(option.team_kind, option.post, option.minutes, tasks, priority)


def _count_left(problem: PatrolProblem, base: Solution) -> int:
    served = {visit.job for route in base.routes for visit in route.visits}
    return sum(len(job.tasks) for at, job in enumerate(problem.jobs) if at not in served)
