"""What was freed goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import os
import weakref
from pathlib import Path

import pytest

from gridmap.web.heap import give_back_heap, keep_heap_small, spare_what_stays

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


class Node:
    def __init__(self) -> None:
        self.itself = self


def test_what_stays_is_not_looked_through_and_later_garbage_goes() -> None:
    stays = Node()
    try:
        spare_what_stays()
        assert not any(known is stays for known in gc.get_objects())
        gone = weakref.ref(Node())
        give_back_heap()
        assert gone() is None
    finally:
        gc.unfreeze()
