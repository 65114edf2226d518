"""Which cells keep each other together as services see it, and how many parts a unit lies in by it."""

from __future__ import annotations

import shapely
import sqlalchemy as sa

from gridmap.services.context import Context
from gridmap.services.territory import load_territory
from gridmap.store import tables
from gridmap.store.geometry import geometry_values
from tests.counties import ADMIN, COLUMNS, SOUTH, STEP_DEG, WEST


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


def lay_track_along_a_border(context: Context) -> None:
    """A second railway, between the rows 2 and 3 of the county, whose own runs through the middle of cells.

    It goes over a bridge in the westernmost column, and of the others only the roads of columns 4 and 5 cross it.
    """
    lat = SOUTH + 3 * STEP_DEG
    with context.database.write(ADMIN, kind="fill") as work:
        edge = tables.road_edge.c
        work.connection.execute(
            sa.delete(tables.road_edge).where(
                edge.y_max >= lat - 1e-9, edge.y_min <= lat + 1e-9, edge.x_min < WEST + 4.5 * STEP_DEG
            )
        )
        track = {"usage": "main", "service": "", "electrified": True, "high_speed": False, "length_m": 1.0}
        for start, end, bridge in ((0, 1, True), (1, COLUMNS, False)):
            line = shapely.LineString([(WEST + start * STEP_DEG, lat + 1e-4), (WEST + end * STEP_DEG, lat + 1e-4)])
            row = {**track, "bridge": bridge, "tunnel": False, **geometry_values(line)}
            work.insert(tables.rail_track, row)
