"""Which cells keep each other together as services see it, and how many parts a unit lies in by it."""

from __future__ import annotations

import numpy as np

from gridmap.domain.districting.contiguity import count_parts
from gridmap.services import grids
from gridmap.services.context import Context


def find_pairs(context: Context) -> set[tuple[int, int]]:
    """Pairs of cell ids, the lesser first."""
    held = grids._load_territory(context)
    ids = held.cells["id"].to_numpy(np.int64)
    return {(min(pair), max(pair)) for pair in ids[held.pairs].tolist()}


def count_parts_of(context: Context, unit_id: int) -> int:
    """Parts of a unit."""
    held = grids._load_territory(context)
    return count_parts(held.pairs, held.owner)[unit_id]
