"""Which cells keep each other together as services see it, and how many parts a unit lies in by it."""

from __future__ import annotations

from gridmap.services.context import Context
from gridmap.services.territory import load_territory


def find_pairs(context: Context) -> set[tuple[int, int]]:
    """Pairs of cell ids, the lesser first."""
    held = load_territory(context)
    return {(min(pair), max(pair)) for pair in held.cell_ids[held.territory.list_pairs()].tolist()}


def count_parts_of(context: Context, unit_id: int) -> int:
    """Parts of a unit."""
    held = load_territory(context)
    unit = held.find_unit(unit_id)
    assert unit is not None
    return int(held.measures.parts[unit])
