"""The rich patrol problem as arrays for compiled code.

Places are numbered as in the matrices: posts first, then every way of every job. Costs are whole thousandths of a
second of the objective; times are whole seconds, walks whole millimetres. Columns of arrays have names here: passing
many arrays to a compiled function costs more than what most of them compute.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem, Team
from gridmap.domain.patrol.rich.nearness import rank_jobs
from gridmap.domain.patrol.verdict import mean_shift_s

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

SCALE = 1000
"""Costs of a second."""
EARLY, LATE = -(1 << 40), 1 << 40
"""Before and after any time of a day."""
_DEAREST_ARC = 1 << 30
_MM = 1000
_ENDLESS_MM = 1 << 50

THERE_S, THERE_COST, BACK_S, BACK_COST = range(4)
"""Of `arcs`."""
WORK, WALK_COST, WALK_MM = range(3)
"""Of `site`: seconds, metre costs, and way walked off the road."""
WAY, WAY_END, WINDOW, WINDOW_END, FAMILY, SPACING, PRIZE, DISTANT, LOAD = range(9)
"""Of `job`: first place and behind the last, windows likewise, family (-1 for none) and seconds between its visits,
cost of leaving it out, least seconds from a post, least work."""
OPENS, CLOSES = range(2)
"""Of `window`."""
PROFILE, POST, HOME, FROM, UNTIL, MOST_MM, TWIN, PAUSE, PAUSE_END, SPARED = range(10)
"""Of `team`: profile, places, shift, longest walk, first team like it in everything, first break and behind the
last, and what a team that is on the way spares with its first stop: its way straight home."""
REST_OPENS, REST_CLOSES, REST_S = range(3)
"""Of `rest`."""


class Board(NamedTuple):
    """What never changes during a search.

    Attributes
    ----------
    arcs
        `arcs[f, a, b]`: seconds and metre costs from a to b, then from b to a, for profile f; all about one place lies
        together in memory. Shape (profiles, places, places, 4).
    site
        What a profile spends at a place; shape (profiles, places, 3).
    fits
        Whether a team has an approach to a place and the skills for it; shape (teams, places).
    moved
        What it costs that a place is a team's and not its holder's; shape (teams, places).
    job, window, team, rest
        Rows of the columns above; `rest` are the breaks. A job without windows has one from `EARLY` to `LATE`.
    job_of
        Job of a place, -1 for posts.
    near
        Every other job by nearness, shape (jobs, jobs - 1).
    balance
        Cost of a squared second of a route's duration.
    """

    arcs: npt.NDArray[np.int32]
    site: IntArray
    fits: npt.NDArray[np.bool_]
    moved: IntArray
    job: IntArray
    window: IntArray
    team: IntArray
    rest: IntArray
    job_of: IntArray
    near: npt.NDArray[np.int32]
    balance: float


def build_board(problem: PatrolProblem) -> Board:
    """The arrays of a problem with at least one job and one team."""
    posts = len(problem.posts)
    ways = [(j, way) for j, job in enumerate(problem.jobs) for way in job.ways]
    job_of = np.array([-1] * posts + [j for j, _ in ways], np.int64)
    site, has_approach = _build_sites(problem)
    team, rest = _build_teams(problem)
    skilled = [[True] * posts + [problem.jobs[j].skills <= crew.skills for j, _ in ways] for crew in problem.teams]
    fits = has_approach[team[:, PROFILE]] & np.array(skilled)
    job, window = _build_jobs(problem)
    near, job[:, DISTANT] = rank_jobs(problem, fits=fits, profile=team[:, PROFILE], work=site[:, :, WORK])
    first = job[:, WAY]
    job[:, LOAD] = np.minimum.reduceat(site[:, :, WORK].min(axis=0), first)
    return Board(
        arcs=_build_arcs(problem),
        site=site,
        fits=fits,
        moved=_price_moves(problem, job_of),
        job=job,
        window=window,
        team=team,
        rest=rest,
        job_of=job_of,
        near=near,
        balance=problem.rules.balance * SCALE / (2 * mean_shift_s(problem)),
    )


def _build_sites(problem: PatrolProblem) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    posts = len(problem.posts)
    ways = [way for job in problem.jobs for way in job.ways]
    site = np.zeros((len(problem.profiles), posts + len(ways), 3), np.int64)
    known = np.ones(site.shape[:2], np.bool_)
    for f in range(len(problem.profiles)):
        for place, way in enumerate(ways, start=posts):
            approach = way.approaches[f]
            known[f, place] = approach is not None
            if approach is not None:
                cost = round(approach.walk_m * problem.rules.metre_s * SCALE)
                site[f, place] = approach.work_s, cost, np.ceil(approach.walk_m * _MM)
    return site, known


def _build_teams(problem: PatrolProblem) -> tuple[IntArray, IntArray]:
    rest = [(pause.earliest_s, pause.latest_s, pause.seconds) for team in problem.teams for pause in team.breaks]
    ends = np.cumsum([len(team.breaks) for team in problem.teams])
    twins: dict[tuple[object, ...], int] = {}
    team = np.zeros((len(problem.teams), 10), np.int64)
    holders = {job.holder for job in problem.jobs} if problem.rules.change_s else set()
    for number, crew in enumerate(problem.teams):
        most = _ENDLESS_MM if crew.max_walk_m is None else int(crew.max_walk_m * _MM)
        shift = (crew.shift_start_s, crew.back_by_s)
        # Who holds tasks is like nobody else.
        twin = number if number in holders else twins.setdefault(_describe(crew), number)
        pauses = (ends[number] - len(crew.breaks), ends[number])
        team[number] = (
            problem.profile_of(crew),
            crew.post,
            crew.home,
            *shift,
            most,
            twin,
            *pauses,
            _price_way_home(problem, crew),
        )
    return team, np.array(rest, np.int64).reshape(-1, 3)


def _price_way_home(problem: PatrolProblem, team: Team) -> int:
    """What a team that is on the way costs if it does nothing more; nothing for one at its post."""
    f = problem.profile_of(team)
    seconds, metres = int(problem.seconds[f][team.post, team.home]), int(problem.metres[f][team.post, team.home])
    if not team.is_out or seconds >= FORBIDDEN:
        return 0
    balance = problem.rules.balance * SCALE / (2 * mean_shift_s(problem))
    return SCALE * seconds + round(metres * problem.rules.metre_s * SCALE) + int(balance * seconds * seconds)


def _price_moves(problem: PatrolProblem, job_of: IntArray) -> IntArray:
    holder = np.array([-1 if job.holder is None else job.holder for job in problem.jobs], np.int64)
    held = np.where(job_of < 0, -1, holder[job_of])
    is_moved = (held >= 0) & (held != np.arange(len(problem.teams))[:, None])
    return np.where(is_moved, problem.rules.change_s * SCALE, 0).astype(np.int64)


def _describe(team: Team) -> tuple[object, ...]:
    """Everything about a team that a route depends on."""
    shift = (team.shift_start_s, team.back_by_s, team.breaks)
    return (team.profile, team.post, team.home, *shift, team.skills, team.max_walk_m)


def _build_jobs(problem: PatrolProblem) -> tuple[IntArray, IntArray]:
    rows: list[tuple[int, ...]] = []
    windows: list[tuple[int, int]] = []
    place = len(problem.posts)
    for job in problem.jobs:
        own = job.windows_s or ((EARLY, LATE),)
        family = -1 if job.family is None else job.family
        prize = job.priority * problem.rules.priority_s * SCALE
        ends = (place, place + len(job.ways), len(windows), len(windows) + len(own))
        rows.append((*ends, family, job.spacing_s, prize, 0, 0))
        windows += own
        place += len(job.ways)
    return np.array(rows, np.int64), np.array(windows, np.int64)


def _build_arcs(problem: PatrolProblem) -> npt.NDArray[np.int32]:
    count = len(problem.seconds[0])
    arcs = np.empty((len(problem.profiles), count, count, 4), np.int32)
    for f, (seconds, metres) in enumerate(zip(problem.seconds, problem.metres, strict=True)):
        cost = np.minimum(np.rint(metres * (problem.rules.metre_s * SCALE)), _DEAREST_ARC)
        arcs[f, :, :, THERE_S], arcs[f, :, :, BACK_S] = seconds, seconds.T
        arcs[f, :, :, THERE_COST], arcs[f, :, :, BACK_COST] = cost, cost.T
    return arcs
