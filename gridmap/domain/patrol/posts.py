"""Which posts teams should start from, where nobody has said so."""

from __future__ import annotations

import numpy as np

from gridmap.domain.crs import FloatArray

_FAR_S = 6 * 3600.0
"""What a task out of reach counts as, so that reaching more tasks always pays."""

_LEAST_GAIN = 0.02


def choose_posts(seconds: FloatArray, *, at_most: int) -> list[int]:
    """Posts that together lie near the tasks: greedy k-median.

    Parameters
    ----------
    seconds
        Road time from each candidate post to each task, shape (posts, tasks), infinite where there is no road.
    at_most
        How many posts there may be; fewer are chosen where one more would shorten the ways by less than 2 %.

    Returns
    -------
    list
        Positions of the posts, the most useful first; empty where there are no candidates.
    """
    candidates, tasks = seconds.shape
    if not candidates or at_most < 1:
        return []
    if not tasks:
        return [0]
    cost = np.minimum(np.where(np.isfinite(seconds), seconds, _FAR_S), _FAR_S)
    chosen: list[int] = []
    nearest = np.full(tasks, _FAR_S)
    while len(chosen) < min(at_most, candidates):
        total = np.minimum(cost, nearest).sum(axis=1)
        total[chosen] = np.inf
        best = int(np.argmin(total))
        if chosen and total[best] > (1 - _LEAST_GAIN) * nearest.sum():
            break
        chosen.append(best)
        nearest = np.minimum(nearest, cost[best])
    return chosen
