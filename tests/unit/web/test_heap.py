"""What was freed goes back to the system."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

from gridmap.web.heap import give_back_heap, keep_heap_small

PIECES, PIECE_BYTES = 400_000, 200


def measure_resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(os.confstr_names.get("CS_GNU_LIBC_VERSION") is None, reason="only glibc keeps what was freed")
def test_memory_between_pieces_in_use_is_given_back() -> None:
    keep_heap_small()
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    give_back_heap()  # what other tests left would be taken first
    before = measure_resident_mb()
    pieces = [libc.malloc(PIECE_BYTES) for _ in range(PIECES)]
    for piece in pieces:
        ctypes.memset(piece, 1, PIECE_BYTES)
    pinned, freed = pieces[-1], pieces[:-1]
    for piece in freed:
        libc.free(piece)
    full = measure_resident_mb()
    give_back_heap()
    after = measure_resident_mb()
    libc.free(pinned)
    taken = PIECES * PIECE_BYTES / 1e6
    assert full - before > 0.8 * taken, "the last piece holds the heap up"
    assert full - after > 0.8 * taken
