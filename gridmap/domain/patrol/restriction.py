"""A problem with fewer jobs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from gridmap.domain.patrol.problem import PatrolProblem


def keep_jobs(problem: PatrolProblem, jobs: Sequence[int], *, also: Collection[str] = ()) -> PatrolProblem:
    """The problem with these jobs only, in their order, and of what is out of reach only the tasks in `also`."""
    places = problem.places()
    posts = len(problem.posts)
    kept = [posts + i for job in jobs for i, place in enumerate(places) if place[0] == job]
    rows = np.ix_([*range(posts), *kept], [*range(posts), *kept])
    unserved = tuple(item for item in problem.unserved if item.task in also)
    named = {task for job in jobs for task in problem.jobs[job].tasks} | {item.task for item in unserved}
    return replace(
        problem,
        tasks=tuple(task for task in problem.tasks if task.key in named),
        jobs=tuple(problem.jobs[job] for job in jobs),
        seconds=tuple(matrix[rows] for matrix in problem.seconds),
        metres=tuple(matrix[rows] for matrix in problem.metres),
        unserved=unserved,
    )
