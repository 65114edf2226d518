"""Random numbers for compiled code: the same seed gives the same numbers, into however many calls work is cut."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmap.domain.roads.compiled import woven

ChanceArray = npt.NDArray[np.uint64]

_FACTOR = np.uint64(0x2545F4914F6CDD1D)
_ELEVEN, _TWELVE, _TWENTYFIVE, _TWENTYSEVEN = np.uint64(11), np.uint64(12), np.uint64(25), np.uint64(27)


def build_chance(seed: int) -> ChanceArray:
    """State of a generator; neighbouring seeds give unrelated numbers."""
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    return np.maximum(state, np.uint64(1))


@woven
def draw(chance: ChanceArray) -> float:
    """Uniform in [0, 1), by xorshift64* (Vigna, "An exploration of Marsaglia's xorshift generators", 2016)."""
    x = chance[0]
    x ^= x >> _TWELVE
    x ^= x << _TWENTYFIVE
    x ^= x >> _TWENTYSEVEN
    chance[0] = x
    return np.float64((x * _FACTOR) >> _ELEVEN) * (1.0 / 9007199254740992.0)


@woven
def draw_below(chance: ChanceArray, limit: int) -> int:
    """Uniform in 0 … `limit` - 1."""
    return int(draw(chance) * limit)
