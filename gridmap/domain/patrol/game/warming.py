"""The compiled parts of the game made ready: once on a machine, before anybody's time is counted."""

from __future__ import annotations

from functools import cache

import numpy as np

from gridmap.domain.patrol.game.gathering import Field, Rows, gather
from gridmap.domain.patrol.game.kernel import Ground, find_best, trace


@cache
def compile_game() -> None:
    """Play with one team, a post and a job."""
    one, none = np.ones(1, np.int64), np.zeros(1, np.int64)
    field = Field(
        seconds=np.ones((1, 2, 2), np.int64),
        ways=np.ones((1, 1), np.int64),
        able=np.ones((1, 1), np.bool_),
        profile=none,
        post=none,
        home=none,
        shift_s=4 * one,
        near=np.zeros((1, 1), np.int64),
    )
    shape = (1, 2)
    rows = Rows(np.zeros(shape, np.int64), np.zeros(shape, np.int64), none.copy(), none.copy(), -one)
    gather(field, rows, np.ones(1), 1, 0.01, 1, 1)
    near = np.zeros((1, 1), np.int8)
    ground = Ground(none, one, one, np.ones((1, 1), np.int64), near, near[:, :, None])
    found, labels, _, _ = find_best(ground, np.ones(1), 1, 2, 2, 0.0)
    trace(labels, found.slot[0], 1)
