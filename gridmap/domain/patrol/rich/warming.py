"""The search of patrol plans made ready before its time is counted."""

from __future__ import annotations

from functools import cache

import numpy as np

from gridmap.domain.patrol.problem import Approach, Break, Job, PatrolProblem, Post, Profile, Team, TeamKind, Way
from gridmap.domain.patrol.rich import PLANNER
from gridmap.domain.patrol.rich.effort import Effort
from gridmap.domain.patrol.rich.search import search
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.patrol.solution import Solution, TeamRoute, Visit
from gridmap.domain.progress import silent
from gridmap.domain.roads.compiled import note_kept
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode


@cache
def compile_planner() -> None:
    """Compile every kernel by planning two visits: 40 s the first time on a machine, 0.5 s after, then nothing."""
    spot = Spot(0, 0.0)
    way = Way((Approach(spot, spot, 60, 0.0),))
    visits = (Job(("hazard-1",), 1, (way,), family=0, spacing_s=60),) * 2
    times = np.full((3, 3), 60, np.int64)
    post = Post(None, "", "police_post", 0.0, 0.0)
    team = Team(None, "", TeamKind.FOOT, 1, 0, 0, 36_000, breaks=(Break(0, 60, 60),))
    problem = PatrolProblem(
        tasks=(),
        jobs=visits,
        teams=(team,),
        posts=(post,),
        profiles=(Profile(Mode.FOOT, drives_round=False),),
        post_spots=((spot,),),
        seconds=(times,),
        metres=(times,),
        unserved=(),
        rules=PatrolRules(),
    )
    # A break that comes too late: the start is put together anew.
    start = Solution((TeamRoute(0, 0, (Visit(0, 0), Visit(1, 0)), (2,)),))
    search(problem, effort=Effort(iterations=20, workers=1), progress=silent, clock=lambda: 0.0, start=start)
    note_kept(PLANNER)
