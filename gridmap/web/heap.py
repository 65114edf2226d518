"""How the C library's heap is kept small in a process that runs for weeks: glibc holds on to what tables of a province
took, in an arena for every thread that ever made one."""

from __future__ import annotations

import ctypes
import platform

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Parameters of mallopt(3)."""

_LARGE_BYTES = 512 * 1024
_ARENAS = 2


def keep_heap_small() -> None:
    """Have every array of half a megabyte or more given back to the system as soon as it is free; on glibc only.

    Unless told, glibc raises the size from which it does so to 32 MB, and makes eight arenas for each core.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    libc.mallopt(_M_ARENA_MAX, _ARENAS)
