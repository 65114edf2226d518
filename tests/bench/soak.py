"""Ten minutes of a province's map with 2,000 teams moving, after ten in which it settles: nothing may grow.

Not part of any other run, because of its length: `make soak`; GRIDMAP_SOAK_MINUTES makes it shorter or longer.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.bench.bench_map import TEAMS, WITHIN_MS, find_middle, look_at, wait_until_quiet
from tests.bench.conftest import Province
from tests.bench.watching import NOTE_PICTURES, Heap, drag, wheel
from tests.browser.conftest import Server, Visitor, chromium, serve, visit

__all__ = ["chromium", "serve", "visit"]

MINUTES = int(os.environ.get("GRIDMAP_SOAK_MINUTES", "10"))
SETTLING = 10
"""Minutes before those that count: the trails of ten minutes fill, and caches."""

HEAP_MB_PER_MINUTE = 0.5
SERVER_MB_PER_MINUTE = 4.0


@pytest.fixture(scope="module")
def demo_server(serve: Callable[[str], Server], province: Province) -> Server:
    return serve(province.url)


def measure_resident_mb(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.bench
@pytest.mark.browser
@pytest.mark.timeout(60 * (SETTLING + MINUTES + 15))
def test_nothing_grows(visit: Callable[..., Visitor], demo_server: Server) -> None:
    visitor = visit()
    visitor.page.add_init_script(NOTE_PICTURES)
    visitor.sign_in("commander")
    frame = look_at(visitor, 9)
    frame.wait_for_function("teams => gridmap.app.teams.units.size >= teams", arg=int(0.98 * TEAMS), timeout=WITHIN_MS)
    middle = find_middle(visitor.page)
    heap = Heap(visitor.page)
    heaps, residents = [], []
    began = time.monotonic()
    for minute in range(SETTLING + MINUTES + 1):
        while time.monotonic() - began < 60 * minute:
            drag(visitor.page, middle)
            wheel(visitor.page, middle)
        wait_until_quiet(visitor)
        objects_mb, buffers_mb = heap.measure()
        heaps.append(objects_mb + buffers_mb)
        residents.append(measure_resident_mb(demo_server.process.pid))
        print(f"\nminute {minute}: heap {objects_mb:.1f} + {buffers_mb:.1f} MB, server {residents[-1]:.0f} MB", end="")
    visitor.assert_calm()
    minutes = np.arange(SETTLING, SETTLING + MINUTES + 1)
    heap_slope, server_slope = (float(np.polyfit(minutes, values[SETTLING:], 1)[0]) for values in (heaps, residents))
    print(f"\ngrowth per minute: heap {heap_slope:+.2f} MB, server {server_slope:+.2f} MB")
    assert heap_slope <= HEAP_MB_PER_MINUTE
    assert server_slope <= SERVER_MB_PER_MINUTE
