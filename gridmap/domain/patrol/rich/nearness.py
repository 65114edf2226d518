"""Which jobs lie close to one another, in place and in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.problem import FORBIDDEN, PatrolProblem

_WAIT_SHARE = 0.2
_ANY_S = 1e12


def rank_jobs(
    problem: PatrolProblem,
    *,
    fits: npt.NDArray[np.bool_],
    profile: npt.NDArray[np.int64],
    work: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Every other job by how near it is, and the least seconds of each from a post.

    Near is what the best profile takes from one to the other, with what the second comes too late, and a share of what
    has to be waited there; the better of both directions.

    Parameters
    ----------
    fits
        Whether a team can do a place, shape (teams, places).
    profile, work
        Of each team; and seconds by profile and place.
    """
    posts, n = len(problem.posts), len(problem.jobs)
    starts = np.cumsum([0, *(len(job.ways) for job in problem.jobs)])[:-1]
    opens = np.array([job.windows_s[0][0] if job.windows_s else -_ANY_S for job in problem.jobs])
    closes = np.array([job.windows_s[-1][1] if job.windows_s else _ANY_S for job in problem.jobs])
    between = np.full((n, n), float(FORBIDDEN))
    far = np.full(n, FORBIDDEN, np.int64)
    for f in np.unique(profile):
        teams = np.flatnonzero(profile == f)
        usable = np.any(fits[teams], axis=0)[posts:]
        seconds = np.where(usable[:, None] & usable[None, :], problem.seconds[f][posts:, posts:], FORBIDDEN)
        least = np.minimum.reduceat(np.minimum.reduceat(seconds, starts, axis=0), starts, axis=1)
        spent = least + np.minimum.reduceat(work[f, posts:], starts)[:, None]
        wait = np.maximum(0.0, opens[None, :] - closes[:, None] - spent)
        late = np.maximum(0.0, opens[:, None] + spent - closes[None, :])
        between = np.minimum(between, least + _WAIT_SHARE * wait + late)
        from_posts = problem.seconds[f][sorted({problem.teams[t].post for t in teams.tolist()}), posts:]
        reach = np.where(usable[None, :], from_posts, FORBIDDEN).min(axis=0)
        far = np.minimum(far, np.minimum.reduceat(reach, starts))
    between = np.minimum(between, between.T)
    np.fill_diagonal(between, -1.0)
    return np.argsort(between, axis=1, kind="stable")[:, 1:].astype(np.int32), far
