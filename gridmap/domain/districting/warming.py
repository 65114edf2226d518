"""The search for districts made ready before its time is counted."""

from __future__ import annotations

import numpy as np

from gridmap.domain.districting.adjacency import Adjacency
from gridmap.domain.districting.cuts import find_cuts
from gridmap.domain.districting.search import Effort
from gridmap.domain.districting.territory import build_territory


def compile_districting() -> None:
    """Compile every kernel by dividing a ring of cells: about 10 s the first time on a machine, 0.2 s after."""
    count = 8
    ring = np.array([(cell, (cell + 1) % count) for cell in range(count)], np.int64)
    territory = build_territory(Adjacency(ring, np.ones(count)), load=np.ones(count))
    find_cuts(territory, units=2, low=3, high=5, effort=Effort(iterations=100))
