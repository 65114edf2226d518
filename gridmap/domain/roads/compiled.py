"""Functions compiled by numba, with their Python types kept for the type checker."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba
from llvmlite.binding import get_host_cpu_name

P = ParamSpec("P")
R = TypeVar("R")

_DOMAIN = Path(__file__).parents[1]
_MARKS = (b"@compiled", b"@lean", b"@woven")


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


def fingerprint_sources(folder: Path) -> str:
    """Changes with any module under `folder` that has compiled functions."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        text = path.read_bytes()
        if any(mark in text for mark in _MARKS):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + text)
    return digest.hexdigest()[:16]


def is_kept(name: str) -> bool:
    """Whether the machine code of the kernels called `name` was kept for these sources on this sort of processor."""
    return _mark_of(name).exists()


def note_kept(name: str) -> None:
    """Say that all kernels called `name` have been compiled; where the folder cannot be written, nothing is said."""
    mark = _mark_of(name)
    if mark.parent.is_dir() and os.access(mark.parent, os.W_OK):
        mark.touch()


def _mark_of(name: str) -> Path:
    return Path(numba.config.CACHE_DIR) / f"{name}-{get_host_cpu_name()}.kept"


def _keep_apart() -> None:
    """Keep machine code of different sources in different places.

    numba looks whether the file of a function has changed, not the files of those that are compiled into it: what is
    left from before would be run. A place set from outside stays the root; where none can be written numba finds one.
    """
    root = Path(numba.config.CACHE_DIR) if numba.config.CACHE_DIR else _DOMAIN / "__pycache__" / "kernels"
    numba.config.CACHE_DIR = str(root / fingerprint_sources(_DOMAIN))


_keep_apart()
