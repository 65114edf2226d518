"""A cell moves to another unit: seen first, refused where it changed meanwhile, journalled, and taken back."""

from __future__ import annotations

import pytest

from gridmap.errors import Conflict, InvalidInput
from gridmap.services import areas, grids, journal
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


def test_what_was_shown_is_what_happens_and_undo_restores_it(county: Context) -> None:
    before, units = owners(county), grids.list_units(county, ADMIN).set_index("id")
    east, cell = unit_of(county, EAST_UNIT), cell_of(county, 2, 1)
    preview = grids.preview_reassignment(county, ADMIN, cell_ids=[cell], unit_id=east)
    assert (preview.moves, preview.new_stray_parts) == (1, 0)
    assert owners(county) == before
    txn = grids.reassign_cells(
        county, ADMIN, cell_ids=[cell], unit_id=east, reason="Road moved", versions=preview.versions
    )
    after = grids.list_units(county, ADMIN).set_index("id")
    for unit in preview.units:
        assert (unit.cells_before, unit.households_before) == tuple(units.loc[unit.unit_id, ["cells", "households"]])
        assert (unit.cells_after, unit.households_after) == tuple(after.loc[unit.unit_id, ["cells", "households"]])
    changes = grids.list_reassignments(county, ADMIN)
    assert (changes["reason"].iloc[0], changes["actor"].iloc[0]) == ("Road moved", "admin")
    journal.undo_change(county, ADMIN, txn_id=txn, reason="Too early")
    assert owners(county) == before
    assert journal.verify_journal(county, ADMIN) is None


def test_a_part_cut_off_is_told_once(county: Context) -> None:
    east, lonely = unit_of(county, EAST_UNIT), cell_of(county, 0, 0)
    preview = grids.preview_reassignment(county, ADMIN, cell_ids=[lonely], unit_id=east)
    assert preview.new_stray_parts == 1
    assert preview.stray_cells == (lonely,)
    grids.reassign_cells(county, ADMIN, cell_ids=[lonely], unit_id=east, reason="Try", versions=preview.versions)
    # What is apart now was so before the next move.
    again = grids.preview_reassignment(county, ADMIN, cell_ids=[cell_of(county, 2, 1)], unit_id=east)
    assert again.new_stray_parts == 0
    assert any("already lies in" in warning.message for warning in again.warnings)


def test_a_cell_that_moved_meanwhile_is_not_moved_again(county: Context) -> None:
    east, west, cell = unit_of(county, EAST_UNIT), unit_of(county, WEST_UNIT), cell_of(county, 2, 1)
    seen = grids.preview_reassignment(county, ADMIN, cell_ids=[cell], unit_id=east)
    grids.reassign_cells(county, ADMIN, cell_ids=[cell], unit_id=east, reason="First", versions=seen.versions)
    now = grids.preview_reassignment(county, ADMIN, cell_ids=[cell], unit_id=west)
    with pytest.raises(Conflict):
        grids.reassign_cells(county, ADMIN, cell_ids=[cell], unit_id=west, reason="Late", versions=seen.versions)
    grids.reassign_cells(county, ADMIN, cell_ids=[cell], unit_id=west, reason="Back", versions=now.versions)


def test_a_change_needs_cells_a_reason_and_something_to_move(county: Context) -> None:
    west, cell = unit_of(county, WEST_UNIT), cell_of(county, 0, 0)
    preview = grids.preview_reassignment(county, ADMIN, cell_ids=[cell], unit_id=west)
    assert preview.moves == 0
    for cells, reason in (([], "Why not"), ([cell], " "), ([cell], "Nothing moves")):
        with pytest.raises(InvalidInput):
            grids.reassign_cells(county, ADMIN, cell_ids=cells, unit_id=west, reason=reason, versions=preview.versions)


def test_neighbouring_units_have_different_colours(county: Context) -> None:
    units = grids.list_units(county, ADMIN)
    assert units["color"].between(0, 5).all()
    assert units["color"].nunique() == len(units)
