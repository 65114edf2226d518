"""Barriers and joins are set with a reason, obeyed by previews, proposed along a railway, lifted; on both engines."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import areas, grids, journal
from gridmap.services.adjacency_rules import (
    Obstacle,
    lift_rules,
    list_rules,
    load_rule_positions,
    propose_barriers,
    set_barriers,
    set_joins,
)
from gridmap.services.context import Context
from gridmap.store import areas as store
from tests.counties import (
    ADMIN,
    EAST_PLANNER,
    EAST_SUPERVISOR,
    SOUTH,
    STEP_DEG,
    WEST,
    WEST_SUPERVISOR,
    WEST_TOWN,
    WEST_UNIT,
    cell_code,
    fill_county,
)
from tests.neighbours import count_parts_of, lay_track_along_a_border


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def cell(context: Context, column: int, row: int) -> int:
    cells = areas.load_cells(context, ADMIN).set_index("code")
    return int(cells.loc[cell_code(column, row), "id"])


def unit(context: Context, code: str = WEST_UNIT) -> int:
    return int(grids.list_units(context, ADMIN).set_index("code").loc[code, "id"])


def count_west(context: Context) -> int:
    """Parts that the western unit lies in."""
    return count_parts_of(context, unit(context))


def test_a_barrier_parts_a_unit_until_it_is_lifted(county: Context) -> None:
    assert count_west(county) == 1
    across = [(cell(county, column, 1), cell(county, column, 2)) for column in range(3)]
    made = set_barriers(county, WEST_SUPERVISOR, pairs=across, reason="  No crossing here ")
    assert count_west(county) == 2
    rules = list_rules(county, WEST_SUPERVISOR)
    assert list(rules["kind"]) == ["barrier"] * 3
    assert set(rules["reason"]) == {"No crossing here"}
    # The line drawn is the border of the two cells, from corner to corner.
    drawn = shapely.union_all(rules.geometry.to_numpy()).bounds
    assert drawn == pytest.approx((WEST, SOUTH + 2 * STEP_DEG, WEST + 3 * STEP_DEG, SOUTH + 2 * STEP_DEG), abs=1e-5)
    assert list_rules(county, EAST_SUPERVISOR).empty
    # A cell north of the barrier is a stray of its own where the unit's others lie south of it.
    assert lift_rules(county, WEST_SUPERVISOR, rule_ids=made[:1], reason="A bridge was built") == 1
    assert count_west(county) == 1
    change = journal.list_changes(county, WEST_SUPERVISOR).iloc[0]
    assert (change["kind"], change["reason"]) == ("lift_adjacency_rules", "A bridge was built")
    journal.undo_change(county, ADMIN, txn_id=int(change["txn_id"]), reason="It is closed")
    assert count_west(county) == 2


def test_a_preview_obeys_barriers_and_joins(county: Context) -> None:
    east = int(grids.list_units(county, ADMIN).set_index("code").loc["U149901002001", "id"])
    mover = cell(county, 2, 1)
    assert grids.preview_reassignment(county, ADMIN, owners={mover: east}).new_stray_parts == 0
    set_barriers(county, ADMIN, pairs=[(mover, cell(county, 3, 1))], reason="River")
    assert grids.preview_reassignment(county, ADMIN, owners={mover: east}).new_stray_parts == 1
    # Corner to corner is no border; joined by hand it is as good as one.
    corner = cell(county, 0, 0), cell(county, 1, 1)
    alone = [cell(county, 0, 1), cell(county, 1, 0)]
    assert grids.preview_reassignment(county, ADMIN, owners=dict.fromkeys(alone, east)).new_stray_parts == 3
    set_joins(county, WEST_SUPERVISOR, pairs=[corner], reason="A footbridge")
    assert grids.preview_reassignment(county, ADMIN, owners=dict.fromkeys(alone, east)).new_stray_parts == 2
    (join,) = [row for row in list_rules(county, ADMIN).itertuples() if row.kind == "join"]
    assert (join.first_code, join.second_code) == (cell_code(0, 0), cell_code(1, 1))
    assert join.geometry.length > 0


def test_what_cannot_be_is_refused_and_nothing_is_written(county: Context) -> None:
    west, far, east = cell(county, 2, 1), cell(county, 0, 3), cell(county, 3, 1)
    refused = [
        (set_barriers, ADMIN, [(west, far)], "Why", InvalidInput, "share no border"),
        (set_barriers, ADMIN, [(west, west)], "Why", InvalidInput, "two cells"),
        (set_barriers, ADMIN, [], "Why", InvalidInput, "two cells"),
        (set_barriers, ADMIN, [(west, east)], " ", InvalidInput, "reason"),
        (set_barriers, WEST_SUPERVISOR, [(west, east)], "Why", NotFound, "your area"),
        (set_barriers, EAST_PLANNER, [(west, east)], "Why", NotAllowed, "role"),
        (set_joins, ADMIN, [(far, east)], "Why", InvalidInput, "different areas"),
        (set_joins, ADMIN, [(west, cell(county, 1, 1))], "Why", InvalidInput, "joined already"),
    ]
    for set_rules, actor, pairs, reason, error, words in refused:
        with pytest.raises(error, match=words):
            set_rules(county, actor, pairs=pairs, reason=reason)
    (made,) = set_barriers(county, ADMIN, pairs=[(east, west)], reason="First")
    with pytest.raises(Conflict, match="First"):
        set_barriers(county, ADMIN, pairs=[(west, cell(county, 2, 2)), (west, east)], reason="Second")
    for actor, ids, reason, error in (
        (WEST_SUPERVISOR, [made], "Why", NotFound),
        (ADMIN, [made, made + 1], "Why", NotFound),
        (ADMIN, [made], "", InvalidInput),
    ):
        with pytest.raises(error):
            lift_rules(county, actor, rule_ids=ids, reason=reason)
    assert len(list_rules(county, ADMIN)) == 1


def test_borders_along_a_railway_without_a_crossing_are_proposed(county: Context) -> None:
    lay_track_along_a_border(county)
    found = propose_barriers(county, ADMIN, area_code="", obstacle=Obstacle.RAILWAY)
    pairs = {(cell_code(column, 2), cell_code(column, 3)) for column in (1, 2, 3)}
    assert set(zip(found["first_code"], found["second_code"], strict=True)) == pairs
    assert found["border_m"].between(870, 885).all()
    assert list(found["along_m"]) == pytest.approx(list(found["border_m"]), rel=0.01)
    west = propose_barriers(county, WEST_SUPERVISOR, area_code=WEST_TOWN, obstacle=Obstacle.RAILWAY)
    assert len(west) == 2
    assert propose_barriers(county, ADMIN, area_code="", obstacle=Obstacle.WATER).empty
    # Confirmed as one batch, they are proposed no more.
    batch = [(int(row.first_id), int(row.second_id)) for row in west.itertuples()]
    set_barriers(county, WEST_SUPERVISOR, pairs=batch, reason="Second line")
    assert len(propose_barriers(county, ADMIN, area_code="", obstacle=Obstacle.RAILWAY)) == 1
    with pytest.raises(NotFound):
        propose_barriers(county, EAST_SUPERVISOR, area_code=WEST_TOWN, obstacle=Obstacle.RAILWAY)
    with pytest.raises(InvalidInput):
        propose_barriers(county, ADMIN, area_code="", obstacle=Obstacle.RAILWAY, tolerance_m=0)


def test_rules_of_cells_that_are_gone_are_left_out(county: Context) -> None:
    pair = cell(county, 0, 0), cell(county, 0, 1)
    set_barriers(county, ADMIN, pairs=[pair], reason="River")
    with county.database.read() as connection:
        there = load_rule_positions(connection, np.array([pair[1], 7_000, pair[0]]))
        gone = load_rule_positions(connection, np.array([pair[0], 7_000]))
        nothing = load_rule_positions(connection, np.zeros(0, np.int64))
    assert sorted(there.barriers[0].tolist()) == [0, 2]
    assert (there.joins.shape, gone.barriers.shape, nothing.barriers.shape) == ((0, 2), (0, 2), (0, 2))


def test_a_barrier_of_cells_that_no_longer_meet_is_a_line_between_them(county: Context) -> None:
    pair = cell(county, 0, 0), cell(county, 0, 1)
    set_barriers(county, ADMIN, pairs=[pair], reason="River")
    with county.database.write(ADMIN, kind="fill") as work:
        small = shapely.MultiPolygon([shapely.box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.001)])
        store.save_shapes(work, {pair[0]: (small, 1e4)})
        work.touch("areas")
    (rule,) = list_rules(county, ADMIN).geometry
    assert rule.length > STEP_DEG
