"""Functions compiled by numba, with their Python types kept for the type checker."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on first call; the machine code is kept on disk, and the interpreter's lock is let go while it runs."""
    return cast(Callable[P, R], numba.njit(cache=True, nogil=True)(function))


def lean(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, without counting references: it may not make arrays.

    A call that passes dozens of arrays spends ten times as long counting them as on its sums.
    """
    return cast(Callable[P, R], numba.njit(cache=True, nogil=True, _nrt=False)(function))


def woven(function: Callable[P, R]) -> Callable[P, R]:
    """As `lean`, and put into each caller: for a few sums that are done everywhere."""
    return cast(Callable[P, R], numba.njit(cache=True, nogil=True, _nrt=False, forceinline=True)(function))
