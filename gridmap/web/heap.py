"""How the heap is kept small, and the search for garbage in it short, in a process that runs for weeks.

Tables and tiles of a province are made of millions of small pieces, on several threads; glibc keeps what they took once
they are gone, a gigabyte beside a quarter of one in use. Libraries alone are a quarter of a million Python objects, and
nothing else runs while all of them are looked through for garbage.
"""

from __future__ import annotations

import ctypes
import gc
import platform

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Parameters of mallopt(3)."""

_LARGE_BYTES = 512 * 1024
_ARENAS = 2


def keep_heap_small() -> None:
    """Have arrays of half a megabyte or more given back to the system as soon as they are free; on glibc only.

    Unless told, glibc raises the size from which it does so to 32 MB, and makes eight arenas for each core.
    """
    if _is_glibc():
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def spare_what_stays() -> None:
    """Leave all that is alive now out of every later search for garbage; for what lives as long as the process."""
    gc.collect()
    gc.freeze()


def give_back_heap() -> None:
    """Collect garbage and give the system what lies free between pieces in use, which only glibc is told.

    It takes about a tenth of a second.
    """
    gc.collect()
    if _is_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def _is_glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"
