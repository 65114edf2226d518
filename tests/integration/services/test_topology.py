"""Borders of cells are checked, mended as one change, and taken back; on both engines."""

from __future__ import annotations

import pytest
import shapely

from gridmap.domain.topology import FaultKind
from gridmap.errors import InvalidInput, NotAllowed, NotFound
from gridmap.services import areas, journal, topology
from gridmap.services.context import Context
from gridmap.store import areas as store
from tests.counties import ADMIN, EAST_TOWN, WEST_SUPERVISOR, WEST_TOWN, cell_code, fill_county


def draw_too_wide(context: Context, *, column: int) -> shapely.Geometry:
    """Draw the southernmost cell of a column two metres into its neighbour; what it was before is returned."""
    cell = areas.load_cells(context, ADMIN).set_index("code").loc[cell_code(column, 0)]
    x_min, y_min, x_max, y_max = cell.geometry.bounds
    wide = shapely.MultiPolygon([shapely.box(x_min, y_min, x_max + 2e-5, y_max)])
    with context.database.write(ADMIN, kind="fill") as work:
        store.save_shapes(work, {int(cell["id"]): (wide, float(cell["area_m2"]))})
        work.touch("areas")
    return cell.geometry


@pytest.fixture
def county(context: Context) -> Context:
    """The county, with one cell drawn two metres into its neighbour."""
    fill_county(context)
    draw_too_wide(context, column=0)
    return context


def test_an_overlap_is_found_mended_and_taken_back(county: Context) -> None:
    found = topology.check_topology(county, ADMIN, area_code=WEST_TOWN)
    (fault,) = found.faults
    assert fault.kind is FaultKind.OVERLAP
    assert set(found.codes_of(fault)) == {cell_code(0, 0), cell_code(1, 0)}
    assert topology.check_topology(county, ADMIN, area_code=EAST_TOWN).faults == ()
    seen = topology.repair_topology(county, ADMIN, area_code=WEST_TOWN, tolerance_m=5, dry_run=True)
    assert seen.txn is None
    assert len(topology.check_topology(county, ADMIN, area_code=WEST_TOWN).faults) == 1
    done = topology.repair_topology(county, ADMIN, area_code=WEST_TOWN, tolerance_m=5, reason="Drawn too wide")
    assert done.txn is not None
    assert done.changes == seen.changes
    assert topology.check_topology(county, ADMIN, area_code="").faults == ()
    held = areas.load_cells(county, ADMIN).set_index("code")["area_m2"]
    assert {change.code: change.after_m2 for change in done.changes} == {
        change.code: pytest.approx(held[change.code]) for change in done.changes
    }
    journal.undo_change(county, ADMIN, txn_id=done.txn, reason="It was right")
    assert len(topology.check_topology(county, ADMIN, area_code=WEST_TOWN).faults) == 1
    assert journal.verify_journal(county, ADMIN) is None


def test_what_cannot_be_is_refused(county: Context) -> None:
    for code in ("149999", cell_code(0, 0)):
        with pytest.raises(NotFound):
            topology.check_topology(county, ADMIN, area_code=code)
    with pytest.raises(NotFound):
        topology.check_topology(county, WEST_SUPERVISOR, area_code=EAST_TOWN)
    with pytest.raises(NotAllowed):
        topology.repair_topology(county, WEST_SUPERVISOR, area_code=WEST_TOWN, tolerance_m=5, reason="Mine")
    for tolerance_m, reason in ((0, "Why"), (float("nan"), "Why"), (500, "Why"), (5, " ")):
        with pytest.raises(InvalidInput):
            topology.repair_topology(county, ADMIN, area_code=WEST_TOWN, tolerance_m=tolerance_m, reason=reason)


def test_the_cells_of_each_area_are_held_against_its_own_ground(county: Context) -> None:
    found = topology.check_parents(county, ADMIN)
    assert [(fault.kind, set(found.codes_of(fault))) for fault in found.faults] == [
        (FaultKind.OVERLAP, {cell_code(0, 0), cell_code(1, 0)})
    ]
    assert topology.check_parents(county, ADMIN, area_code=EAST_TOWN).faults == ()
    assert len(topology.check_parents(county, WEST_SUPERVISOR).codes) == 12
    # A cell drawn over the border of the towns leaves its own and is a fault of it alone.
    cell = areas.load_cells(county, ADMIN).set_index("code").loc[cell_code(2, 0)]
    x_min, y_min, x_max, y_max = cell.geometry.bounds
    wide = shapely.MultiPolygon([shapely.box(x_min, y_min, x_max + 1e-3, y_max)])
    with county.database.write(ADMIN, kind="fill") as work:
        store.save_shapes(work, {int(cell["id"]): (wide, float(cell["area_m2"]))})
        work.touch("areas")
    # Between the towns it overlaps another cell. Both ways to ask hold cells against the same ground.
    found = topology.check_parents(county, ADMIN)
    worst = {fault.kind: set(found.codes_of(fault)) for fault in found.faults[:2]}
    assert worst == {FaultKind.OUTSIDE: {cell_code(2, 0)}, FaultKind.OVERLAP: {cell_code(2, 0), cell_code(3, 0)}}
    assert found.faults == topology.check_topology(county, ADMIN, area_code="").faults
    assert (
        topology.check_parents(county, ADMIN, area_code=WEST_TOWN).faults
        == topology.check_topology(county, ADMIN, area_code=WEST_TOWN).faults
    )
    assert topology.check_parents(county, ADMIN, area_code=EAST_TOWN).faults == ()


def test_a_cell_drawn_over_the_border_of_its_area_is_put_back_into_it(county: Context) -> None:
    before = draw_too_wide(county, column=2)
    found = topology.check_parents(county, ADMIN)
    done = topology.repair_topology(county, ADMIN, area_code="", tolerance_m=5, reason="Drawn too wide")
    assert set(done.before.faults) < set(found.faults)  # where it is outside its area it overlaps another cell as well
    assert topology.check_parents(county, ADMIN).faults == ()
    assert topology.check_topology(county, ADMIN, area_code="").faults == ()
    mended = areas.load_cells(county, ADMIN).set_index("code").loc[cell_code(2, 0)]
    assert mended.geometry.equals(before)
