"""A move is seen before it is made: balance, parts, and what was apart before."""

from __future__ import annotations

import pytest

from gridmap.domain.change_orders import NewOrder
from gridmap.errors import InvalidInput
from gridmap.services import areas, grids
from gridmap.services.change_orders import place_order
from gridmap.services.context import Context
from tests.counties import ADMIN, EAST_UNIT, WEST_UNIT, cell_code, fill_county


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def owners(context: Context) -> dict[str, int]:
    cells = areas.load_cells(context, ADMIN)
    return dict(zip(cells["code"], cells["unit_id"].astype(int), strict=True))


def unit_of(context: Context, code: str) -> int:
    units = grids.list_units(context, ADMIN).set_index("code")
    return int(units.loc[code, "id"])


def cell_of(context: Context, column: int, row: int) -> int:
    cells = areas.load_cells(context, ADMIN).set_index("code")
    return int(cells.loc[cell_code(column, row), "id"])


def test_what_was_shown_is_what_happens(county: Context) -> None:
    before, units = owners(county), grids.list_units(county, ADMIN).set_index("id")
    east, cell = unit_of(county, EAST_UNIT), cell_of(county, 2, 1)
    preview = grids.preview_reassignment(county, ADMIN, owners={cell: east})
    assert (preview.moves, preview.new_stray_parts) == (1, 0)
    assert owners(county) == before
    west, inner = unit_of(county, WEST_UNIT), cell_of(county, 0, 0)
    for cells, beside in (([cell], (east,)), ([inner], ()), ([cell, cell_of(county, 3, 1)], (east, west))):
        assert set(grids.find_units_beside(county, ADMIN, cell_ids=cells)) == set(beside)
    place_order(county, ADMIN, order=NewOrder(owners={cell: east}, reason="Road moved", versions=preview.versions))
    after = grids.list_units(county, ADMIN).set_index("id")
    for unit in preview.units:
        assert (unit.before.cells, unit.before.households) == tuple(units.loc[unit.unit_id, ["cells", "households"]])
        assert (unit.after.cells, unit.after.households) == tuple(after.loc[unit.unit_id, ["cells", "households"]])


def test_a_part_cut_off_is_told_once(county: Context) -> None:
    east, lonely = unit_of(county, EAST_UNIT), cell_of(county, 0, 0)
    preview = grids.preview_reassignment(county, ADMIN, owners={lonely: east})
    assert preview.new_stray_parts == 1
    assert preview.stray_cells == (lonely,)
    place_order(county, ADMIN, order=NewOrder(owners={lonely: east}, reason="Try"))
    # What is apart now was so before the next move.
    again = grids.preview_reassignment(county, ADMIN, owners={cell_of(county, 2, 1): east})
    assert again.new_stray_parts == 0
    assert any("already lies in" in warning.message for warning in again.warnings)


def test_nothing_moves_where_the_cells_are_the_units_own(county: Context) -> None:
    west, cell = unit_of(county, WEST_UNIT), cell_of(county, 0, 0)
    assert grids.preview_reassignment(county, ADMIN, owners={cell: west}).moves == 0
    with pytest.raises(InvalidInput):
        grids.preview_reassignment(county, ADMIN, owners={})


def test_neighbouring_units_have_different_colours(county: Context) -> None:
    units = grids.list_units(county, ADMIN)
    assert units["color"].between(0, 5).all()
    assert units["color"].nunique() == len(units)
