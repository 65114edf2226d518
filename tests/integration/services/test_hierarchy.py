"""Areas change their names, codes, parents and borders; what names them follows; it is taken back; on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor, Role
from gridmap.domain.change_orders import NewOrder
from gridmap.domain.districting.tenure import is_unbroken
from gridmap.domain.tiling import TileId, find_covering
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import area_history, area_orders, areas, hierarchy, journal
from gridmap.services.cell_locks import lock_cells
from gridmap.services.change_order_history import show_order
from gridmap.services.change_order_rules import OrderSettings, save_settings
from gridmap.services.change_orders import place_order
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.services.hierarchy_undo import undo_area_change
from gridmap.store import areas as area_store
from gridmap.store import tables, tiles
from gridmap.store.tenures import load_tenures
from gridmap.store.tiles import Tile
from tests.conftest import StoppedClock
from tests.counties import ADMIN, COUNTY, EAST_TOWN, STEP_DEG, WEST_SUPERVISOR, WEST_TOWN, cell_code, fill_county

TODAY = date(2026, 3, 4)
WEST_VILLAGE, EAST_VILLAGE = f"{WEST_TOWN}001", f"{EAST_TOWN}001"


@pytest.fixture
def county(context: Context) -> Context:
    return fill(context)


@pytest.fixture
def lone_county(sqlite_context: Context) -> Context:
    """Where the engine makes no difference."""
    return fill(sqlite_context)


def fill(context: Context) -> Context:
    fill_county(context)
    with context.database.write(ADMIN, kind="fill") as work:
        account = {"password_hash": "x", "role": "supervisor", "team_id": None, "demo": False, "disabled": False}
        work.insert(tables.account, {"name": "village", "scope_code": WEST_VILLAGE, **account, "failures": 0})
        work.connection.execute(tables.tenure.update().values(valid_from=date(2026, 1, 1)))
        work.connection.execute(tables.assignment.update().values(since=date(2026, 1, 1)))
        work.connection.execute(tables.area.update().values(valid_from=date(2026, 1, 1)))
    return context


def load_cell(context: Context, code: str) -> Any:
    return areas.load_cells(context, ADMIN).set_index("code").loc[code]


def read_state(context: Context) -> dict[str, list[Any]]:
    """Everything a change of the hierarchy may touch, without versions."""
    found = {}
    with context.database.read() as connection:
        for name in ("area", "assignment", "grid_unit", "tenure", "hazard", "post", "team", "network_site", "account"):
            table = tables.metadata.tables[name]
            columns = [column for column in table.c if column.name != "version"]
            found[name] = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*table.primary_key))]
        found["past"] = list(connection.execute(sa.select(tables.area_past)))
        found["became"] = list(connection.execute(sa.select(tables.area_succession)))
    return found


def check_tenures(context: Context) -> None:
    """Each cell there is has one unit on each day from its first on, today's among them."""
    cells = areas.load_cells(context, ADMIN)
    with context.database.read() as connection:
        days = load_tenures(connection, [int(i) for i in cells["id"]])
        every = connection.scalars(sa.select(tables.tenure.c.cell_id).where(tables.tenure.c.valid_to.is_(None))).all()
    assert sorted(every) == sorted(cells["id"])
    for cell, unit in zip(cells["id"], cells["unit_id"], strict=True):
        assert is_unbroken(days[cell])
        assert days[cell][-1].unit == unit


def split_line(column: float, row: float) -> shapely.LineString:
    """A line from south to north through the middle of a cell, a little longer than it."""
    x, y = 112.5 + (column + 0.5) * STEP_DEG, 37.8 + row * STEP_DEG
    return shapely.LineString([(x, y - 0.001), (x, y + STEP_DEG + 0.001)])


def test_a_village_is_renamed_and_renumbered_and_all_below_follows(county: Context) -> None:
    before = read_state(county)
    named = hierarchy.rename_area(county, ADMIN, code=WEST_VILLAGE, name="New Willow", reason="Decree 5")
    assert [state.name for state in (*named.before, *named.after)] == ["Willow Village", "New Willow"]
    seen = hierarchy.renumber_area(county, ADMIN, code=WEST_VILLAGE, new_code=f"{WEST_TOWN}007", dry_run=True)
    done = hierarchy.renumber_area(county, ADMIN, code=WEST_VILLAGE, new_code=f"{WEST_TOWN}007", reason="Decree 6")
    assert (seen.recoded, seen.along, seen.txn) == (done.recoded, done.along, None)
    assert done.recoded == 12
    assert {"grid_unit", "post", "network_site", "account"} <= done.along.keys()
    new = cell_code(0, 0).replace(WEST_VILLAGE, f"{WEST_TOWN}007")
    assert load_cell(county, new)["unit_name"] == "Willow Village"
    state = read_state(county)
    assert [row for row in state["account"] if f"{WEST_TOWN}007" in row]
    assert not [row for rows in state.values() for row in rows if WEST_VILLAGE in row and rows is not state["past"]]
    check_tenures(county)
    found = area_history.find_code(county, ADMIN, code=cell_code(0, 0))
    assert (found.until, found.codes_now) == (TODAY, new)
    assert area_history.find_code(county, ADMIN, code=new, on=TODAY).until is None
    with pytest.raises(NotFound):
        area_history.find_code(county, ADMIN, code=new, on=TODAY - timedelta(days=1))
    with pytest.raises(NotFound, match=f"has been {new} since 2026-03-04"):
        hierarchy.rename_area(county, ADMIN, code=cell_code(0, 0), name="x", reason="y")
    history = area_history.list_history(county, ADMIN, code=f"{WEST_TOWN}007")
    assert list(history["kind"]) == ["renumber", "rename"]
    assert list(history["reason"]) == ["Decree 6", "Decree 5"]
    below = area_history.list_history(county, ADMIN, code=new)
    assert below[["kind", "from_code", "to_code"]].to_numpy().tolist() == [["renumber", cell_code(0, 0), new]]
    with pytest.raises(Conflict, match=r"Decree 6.* builds on"):
        undo_area_change(county, ADMIN, txn=named.txn or 0, reason="Wrong")
    undo_area_change(county, ADMIN, txn=done.txn or 0, reason="Wrong")
    undo_area_change(county, ADMIN, txn=named.txn or 0, reason="Wrong")
    assert read_state(county) == before
    assert journal.verify_journal(county, ADMIN) is None


def test_a_village_moves_to_another_town(county: Context) -> None:
    before = read_state(county)
    with pytest.raises(InvalidInput, match="all the ground"):
        hierarchy.move_area(county, ADMIN, code=WEST_VILLAGE, parent=EAST_TOWN, reason="Decree 7")
    cell, home = cell_code(2, 0), load_cell(county, cell_code(2, 0))
    far = hierarchy.move_area(county, ADMIN, code=cell_code(0, 0), parent=EAST_VILLAGE, dry_run=True)
    assert far.apart == far.after[-1].name
    done = hierarchy.move_area(county, ADMIN, code=cell, parent=EAST_VILLAGE, reason="Decree 7")
    assert done.apart == ""
    moved, west, west_town = done.after[0], done.after[1], done.after[2]
    assert moved.code == f"{EAST_VILLAGE}013"  # its own number is taken there
    assert int(load_cell(county, moved.code)["id"]) == int(home["id"])
    assert load_cell(county, moved.code)["unit_id"] == home["unit_id"]
    sizes = {state.code: state.area_m2 for state in done.before}
    assert sizes[west_town.code] - west_town.area_m2 == pytest.approx(moved.area_m2, rel=1e-6)
    assert west.code in {WEST_VILLAGE, WEST_TOWN}
    check_tenures(county)
    report = pd.DataFrame({"code": [WEST_TOWN, EAST_TOWN, cell], "patrols": [1001, 17, 3], "km": [10.5, 2.25, 0.5]})
    told = area_history.translate_totals(
        county, ADMIN, frame=report, from_date=TODAY - timedelta(days=1), to_date=TODAY
    ).set_index("code")
    cells = sum(300 + 10 * n for n in range(1, 13))
    assert told.loc[WEST_TOWN, "patrols"] == round(1001 * (1 - home["households"] / cells))
    assert told["patrols"].sum() == 1021
    assert told["km"].sum() == pytest.approx(13.25)
    assert told.loc[moved.code, "patrols"] == 3
    undo_area_change(county, ADMIN, txn=done.txn or 0, reason="Wrong")
    assert read_state(county) == before


def test_a_cell_is_split_and_merged_again(county: Context) -> None:
    old = load_cell(county, cell_code(1, 1))
    with county.database.write(ADMIN, kind="fill") as work:
        for x, code in ((-0.002, "H1"), (0.002, "H2")):
            point = {"lon": 112.515 + x, "lat": 37.815, "area_code": cell_code(1, 1)}
            case = {"kind": "dumping", "severity": 2, "title": "t", "state": "accepted", "code": code, **point}
            work.insert(tables.hazard, {**case, "reported_at": work.at, "due_at": work.at})
    before = read_state(county)
    split = hierarchy.split_area(
        county, WEST_SUPERVISOR, code=cell_code(1, 1), line_wgs84=split_line(1, 1), names=["W", "E"], reason="Too large"
    )
    assert [(state.code, state.name) for state in split.after] == [
        (f"{WEST_VILLAGE}013", "W"),
        (f"{WEST_VILLAGE}014", "E"),
    ]
    assert sum(state.households or 0 for state in split.after) == old["households"]
    assert sum(state.area_m2 for state in split.after) == pytest.approx(old["area_m2"], rel=1e-9)
    assert split.along["hazard"] == 2
    with county.database.read() as connection:
        h = tables.hazard.c
        codes = connection.scalars(sa.select(h.area_code).where(h.code.in_(["H1", "H2"])).order_by(h.code)).all()
    assert codes == [f"{WEST_VILLAGE}013", f"{WEST_VILLAGE}014"]
    assert load_cell(county, f"{WEST_VILLAGE}014")["unit_id"] == old["unit_id"]
    check_tenures(county)
    with county.database.read() as connection:
        (ended,) = load_tenures(connection, [int(old["id"])])[int(old["id"])]
    assert (ended.valid_from, ended.valid_to) == (date(2026, 1, 1), TODAY)
    found = area_history.find_code(county, ADMIN, code=cell_code(1, 1))
    assert found.codes_now == f"{WEST_VILLAGE}013, {WEST_VILLAGE}014"
    merged = hierarchy.merge_areas(
        county, WEST_SUPERVISOR, codes=[s.code for s in split.after], name=old["name"], reason="Too small"
    )
    (whole,) = merged.after
    assert whole.code == f"{WEST_VILLAGE}015"
    assert whole.households == old["households"]
    assert whole.area_m2 == pytest.approx(old["area_m2"], rel=1e-9)
    assert whole.shape_wgs84.symmetric_difference(old["geometry"]).area < 1e-15
    check_tenures(county)
    history = area_history.list_history(county, ADMIN, code=whole.code)
    assert list(history["kind"]) == ["merge", "merge"]
    assert len(area_history.list_history(county, ADMIN, code=cell_code(1, 1))) == 2
    undo_area_change(county, WEST_SUPERVISOR, txn=merged.txn or 0, reason="Wrong")
    undo_area_change(county, WEST_SUPERVISOR, txn=split.txn or 0, reason="Wrong")
    assert read_state(county) == before
    assert journal.verify_journal(county, ADMIN) is None


def test_whoever_borders_on_what_is_split_has_the_ends_of_the_line(county: Context) -> None:
    """The line ends on the southern border, which the village, the town and the county have, too."""
    before, far = read_state(county), TileId(13, *tile_of(county, cell_code(5, 3)))
    near = TileId(13, *tile_of(county, cell_code(0, 0)))
    with county.database.write_unjournalled() as connection:
        tiles.save_tiles(connection, "areas", dict.fromkeys((near, far), Tile(b"x", "x")))
    split = hierarchy.split_area(county, ADMIN, code=cell_code(0, 0), line_wgs84=split_line(0, 0), reason="Too large")
    outlines = load_outlines(county)
    (south, north) = sorted(outlines[split.after[0].code] & outlines[split.after[1].code], key=lambda xy: xy[1])
    assert {code for code, outline in outlines.items() if south in outline} == {
        *(state.code for state in split.after),
        WEST_VILLAGE,
        WEST_TOWN,
        COUNTY,
    }
    assert {code for code, outline in outlines.items() if north in outline} == {
        *(state.code for state in split.after),
        cell_code(0, 1),
    }
    assert shapely.coverage_is_valid(areas.load_cells(county, ADMIN).geometry.to_numpy())
    with county.database.read() as connection:
        assert tiles.list_kept(connection, "areas", 13) == {far}
    neighbour = load_cell(county, cell_code(0, 1))
    for area_m2 in (1.0, neighbour["area_m2"]):
        with county.database.write(ADMIN, kind="fill") as work:
            work.update(tables.area, int(neighbour["id"]), {"area_m2": float(area_m2)})
        if area_m2 == 1.0:
            with pytest.raises(Conflict, match="a border was mended"):
                undo_area_change(county, ADMIN, txn=split.txn or 0, reason="Wrong")
    undo_area_change(county, ADMIN, txn=split.txn or 0, reason="Wrong")
    assert read_state(county) == before


def load_outlines(context: Context) -> dict[str, set[tuple[float, float]]]:
    """Vertices of each area, to the last bit."""
    with context.database.read() as connection:
        shapes = area_store.load_area_shapes(connection).set_index("code").geometry
    return {code: set(map(tuple, shapely.get_coordinates(shape).tolist())) for code, shape in shapes.items()}


def tile_of(context: Context, code: str) -> tuple[int, int]:
    """Column and row at zoom 13 of the tile with the middle of a cell."""
    x, y = load_cell(context, code)["geometry"].centroid.coords[0]
    first, _ = find_covering((x, y, x, y), 13)
    return first.x, first.y


def test_a_village_is_split_with_its_cells_and_merged_with_others(lone_county: Context) -> None:
    """The account of the village has to have another area first."""
    line = shapely.LineString([(112.51, 37.79), (112.5103, 37.85)])
    with pytest.raises(Conflict, match="confined to"):
        hierarchy.split_area(lone_county, ADMIN, code=WEST_VILLAGE, line_wgs84=line, reason="Two villages")
    with lone_county.database.write(ADMIN, kind="fill") as work:
        work.connection.execute(tables.account.update().values(scope_code=cell_code(1, 0)))
    split = hierarchy.split_area(lone_county, ADMIN, code=WEST_VILLAGE, line_wgs84=line, reason="Two villages")
    west, east = split.after
    assert split.recoded == 12
    with lone_county.database.read() as connection:
        assert connection.scalar(sa.select(tables.account.c.scope_code)) == f"{east.code}005"
        own = connection.scalars(sa.select(tables.area.c.code).where(tables.area.c.code.startswith(west.code))).all()
    assert sorted(own) == [west.code, *(f"{west.code}00{n}" for n in range(1, 5))]
    # The line was drawn beside the cells' border; the parts follow the border.
    assert west.shape_wgs84.symmetric_difference(shapely.box(112.5, 37.8, 112.51, 37.84)).area < 1e-12
    report = pd.DataFrame({"code": [WEST_VILLAGE], "cases": [4380]})
    told = area_history.translate_totals(
        lone_county, ADMIN, frame=report, from_date=date(2026, 3, 1), to_date=TODAY
    ).set_index("code")["cases"]
    assert told.to_dict() == {west.code: 1300, east.code: 3080}  # as their cells' households
    with lone_county.database.write(ADMIN, kind="fill") as work:
        work.connection.execute(tables.account.update().values(scope_code=""))
    merged = hierarchy.merge_areas(lone_county, ADMIN, codes=[west.code, east.code], reason="Again one")
    (whole,) = merged.after
    assert merged.recoded == 12
    with lone_county.database.read() as connection:
        code = tables.area.c.code
        below = connection.scalars(sa.select(code).where(code.startswith(whole.code)).order_by(code)).all()
    assert below == [whole.code, *(f"{whole.code}{n:03d}" for n in range(1, 13))]
    check_tenures(lone_county)


def test_cells_of_two_units_become_one_with_one_unit(lone_county: Context) -> None:
    small, large = load_cell(lone_county, cell_code(2, 0)), load_cell(lone_county, cell_code(2, 1))
    other = int(load_cell(lone_county, cell_code(3, 0))["unit_id"])
    order = NewOrder(owners={int(large["id"]): other}, reason="Bridge")
    placed = place_order(lone_county, ADMIN, order=order)
    codes = [cell_code(2, 0), cell_code(2, 1)]
    seen = hierarchy.merge_areas(lone_county, ADMIN, codes=codes, dry_run=True)
    assert seen.unit == "Stone Bridge Village"  # of the one with more households
    done = hierarchy.merge_areas(lone_county, ADMIN, codes=codes, unit_id=int(small["unit_id"]), reason="One street")
    assert done.unit == "Willow Village"
    assert load_cell(lone_county, done.after[0].code)["unit_id"] == small["unit_id"]
    # The order of a cell that is no more still says which one it was.
    ordered = show_order(lone_county, ADMIN, order_id=placed.id).cells.iloc[0]
    assert (ordered["code"], ordered["name"]) == (cell_code(2, 1), large["name"])
    check_tenures(lone_county)


def test_a_code_is_given_to_another_place_on_another_day_at_the_earliest(
    lone_county: Context, clock: StoppedClock
) -> None:
    old, new = cell_code(0, 0), f"{WEST_VILLAGE}099"
    first = hierarchy.renumber_area(lone_county, ADMIN, code=old, new_code=new, reason="Decree 8")
    with pytest.raises(Conflict, match="given up today"):
        hierarchy.renumber_area(lone_county, ADMIN, code=cell_code(0, 1), new_code=old, reason="Decree 9")
    with pytest.raises(Conflict, match="is used"):
        hierarchy.renumber_area(lone_county, ADMIN, code=cell_code(0, 1), new_code=new, reason="Decree 9")
    clock.advance(days=1)
    hierarchy.renumber_area(lone_county, ADMIN, code=cell_code(0, 1), new_code=old, reason="Decree 9")
    assert area_history.find_code(lone_county, ADMIN, code=old, on=TODAY - timedelta(days=9)).codes_now == new
    assert area_history.find_code(lone_county, ADMIN, code=old).codes_now == old
    report = pd.DataFrame({"code": [old, cell_code(0, 1)], "n": [1, 2]})
    told = area_history.translate_totals(
        lone_county, ADMIN, frame=report, from_date=TODAY - timedelta(days=1), to_date=TODAY + timedelta(days=1)
    )
    assert told.to_dict("list") == {"code": [old, new], "n": [2, 1]}
    with pytest.raises(Conflict, match="since 2026-03-04"):
        undo_area_change(lone_county, ADMIN, txn=first.txn or 0, reason="Too late")


def test_a_change_waits_for_its_day_and_is_carried_out_as_it_was_seen(county: Context, clock: StoppedClock) -> None:
    before, later = read_state(county), TODAY + timedelta(days=2)
    split = {"code": cell_code(1, 1), "line_wgs84": split_line(1, 1), "names": ["W", "E"], "households": [100, 260]}
    common = {"reason": "Decree 9", "effective_on": later}
    moved = hierarchy.move_area(county, ADMIN, code=cell_code(2, 0), parent=EAST_VILLAGE, **common)
    parts = hierarchy.split_area(county, WEST_SUPERVISOR, **split, **common)
    merged = hierarchy.merge_areas(county, ADMIN, codes=[cell_code(3, 0), cell_code(3, 1)], name="One", **common)
    assert (moved.txn, parts.txn, merged.txn) == (None, None, None)
    assert read_state(county) == before
    with pytest.raises(Conflict, match=f"waits for {cell_code(2, 0)} already"):
        hierarchy.rename_area(county, ADMIN, code=cell_code(2, 0), name="x", **common)
    assert [change.obstacle for change in area_orders.list_pending(county, ADMIN)] == [None, None, None]
    assert [change.number for change in area_orders.list_pending(county, WEST_SUPERVISOR)] == [parts.order]
    # A neighbour of the cell to be split is split today, and its border gets a vertex: the cell is as it was.
    hierarchy.split_area(county, ADMIN, code=cell_code(1, 0), line_wgs84=split_line(1, 0), reason="Too large")
    clock.advance(days=3)  # nobody ran a server on the day
    assert put_due_in_effect(county) == 3
    assert put_due_in_effect(county) == 0
    cells = areas.load_cells(county, ADMIN).set_index("code")
    for state in (moved.after[0], *parts.after, *merged.after):
        assert (cells.loc[state.code, "name"], cells.loc[state.code, "households"]) == (state.name, state.households)
    assert shapely.coverage_is_valid(cells.geometry.to_numpy())
    check_tenures(county)
    history = area_history.list_history(county, ADMIN, code=parts.after[0].code)
    entry = history[["effective_on", "actor", "reason"]].iloc[0].tolist()
    assert entry == [later, "west", "Decree 9"]
    assert journal.verify_journal(county, ADMIN) is None


def test_a_change_that_is_no_longer_possible_is_named_and_nothing_is_done(
    lone_county: Context, clock: StoppedClock
) -> None:
    common = {"reason": "Decree 9", "effective_on": TODAY + timedelta(days=2)}
    new = f"{WEST_VILLAGE}077"
    hierarchy.renumber_area(lone_county, ADMIN, code=cell_code(0, 0), new_code=new, **common)
    hierarchy.rename_area(lone_county, WEST_SUPERVISOR, code=cell_code(0, 1), name="x", **common)
    late = hierarchy.rename_area(lone_county, ADMIN, code=cell_code(0, 2), name="y", **common)
    hierarchy.renumber_area(lone_county, ADMIN, code=cell_code(1, 1), new_code=new, reason="Decree 10")
    hierarchy.rename_area(lone_county, ADMIN, code=cell_code(0, 1), name="z", reason="Decree 10")
    told = [str(change.obstacle) for change in area_orders.list_pending(lone_county, ADMIN)]
    gone = f"{cell_code(0, 1)} (Willow 2) is no longer as it was when this was ordered."
    assert told == [f"The code {new} is used.", gone, "None"]
    with pytest.raises(NotAllowed):
        area_orders.withdraw_change(lone_county, WEST_SUPERVISOR, number=late.order or 0)
    area_orders.withdraw_change(lone_county, ADMIN, number=late.order or 0)
    theirs = hierarchy.rename_area(lone_county, WEST_SUPERVISOR, code=cell_code(1, 0), name="w", **common).order or 0
    area_orders.withdraw_change(lone_county, ADMIN, number=theirs)
    seen = {change.number: change for change in area_orders.list_pending(lone_county, WEST_SUPERVISOR)}[theirs]
    assert (seen.is_over, str(seen.obstacle)) == (True, f"{ADMIN.name} withdrew it.")
    area_orders.withdraw_change(lone_county, WEST_SUPERVISOR, number=theirs)
    before = read_state(lone_county)
    clock.advance(days=2)
    assert put_due_in_effect(lone_county) == 0
    assert read_state(lone_county) == before
    first, second = area_orders.list_pending(lone_county, ADMIN)
    assert [str(first.obstacle), str(second.obstacle)] == told[:2]
    assert first.is_over
    area_orders.withdraw_change(lone_county, WEST_SUPERVISOR, number=second.number)
    assert [change.number for change in area_orders.list_pending(lone_county, ADMIN)] == [first.number]
    with pytest.raises(Conflict, match="waits no longer"):
        area_orders.withdraw_change(lone_county, ADMIN, number=second.number)
    with pytest.raises(NotFound):
        area_orders.withdraw_change(lone_county, ADMIN, number=99)


def test_what_was_carried_out_on_its_day_is_undone_and_does_not_wait_again(
    lone_county: Context, clock: StoppedClock
) -> None:
    before = read_state(lone_county)
    common = {"reason": "Decree 9", "effective_on": TODAY + timedelta(days=1)}
    split = {"code": cell_code(1, 0), "line_wgs84": split_line(1, 0)}
    hierarchy.split_area(lone_county, ADMIN, **split, **common)
    ordered = int(journal.list_changes(lone_county, ADMIN, limit=1)["txn_id"].iloc[0])
    with pytest.raises(Conflict):
        journal.undo_change(lone_county, ADMIN, txn_id=ordered, reason="Wrong")
    hierarchy.rename_area(lone_county, ADMIN, code=cell_code(1, 1), name="x", **common)
    clock.advance(days=1)
    assert put_due_in_effect(lone_county) == 2
    last, first = (
        int(area_history.list_history(lone_county, ADMIN, code=cell_code(1, column))["txn"].iloc[0])
        for column in (1, 0)
    )
    with pytest.raises(Conflict, match=f"of {ADMIN.name} "):
        undo_area_change(lone_county, ADMIN, txn=first, reason="Wrong")
    for txn in (last, first):
        undo_area_change(lone_county, ADMIN, txn=txn, reason="Wrong")
    assert put_due_in_effect(lone_county) == 0
    assert read_state(lone_county) == before
    assert area_orders.list_pending(lone_county, ADMIN) == []


def test_what_holds_on_to_a_cell_is_named(lone_county: Context) -> None:
    cell = load_cell(lone_county, cell_code(1, 1))
    unit = int(load_cell(lone_county, cell_code(3, 0))["unit_id"])
    split = {"code": cell_code(1, 1), "line_wgs84": split_line(1, 1), "reason": "Too large"}
    save_settings(lone_county, ADMIN, settings=OrderSettings(need_approval=True))
    placed = place_order(lone_county, ADMIN, order=NewOrder(owners={int(cell["id"]): unit}, reason="Bridge"))
    with pytest.raises(Conflict, match=placed.number):
        hierarchy.split_area(lone_county, ADMIN, **split)
    lock_cells(lone_county, ADMIN, cell_ids=[int(load_cell(lone_county, cell_code(0, 1))["id"])], reason="Court")
    with pytest.raises(Conflict, match="locked"):
        hierarchy.merge_areas(lone_county, ADMIN, codes=[cell_code(0, 1), cell_code(0, 2)], reason="One")
    done = hierarchy.renumber_area(
        lone_county, ADMIN, code=WEST_VILLAGE, new_code=f"{WEST_TOWN}007", reason="Goes along"
    )
    with lone_county.database.read() as connection:
        assert connection.scalar(sa.select(tables.change_order.c.area_code)) == f"{WEST_TOWN}007006"
    with pytest.raises(Conflict, match="changed areas"):
        journal.undo_change(lone_county, ADMIN, txn_id=done.txn or 0, reason="x")


def test_what_came_to_name_the_parts_since_names_the_whole_again(lone_county: Context) -> None:
    split = hierarchy.split_area(
        lone_county, ADMIN, code=cell_code(1, 1), line_wgs84=split_line(1, 1), reason="Too large"
    )
    with lone_county.database.write(ADMIN, kind="fill") as work:
        point = {"lon": 112.517, "lat": 37.815, "area_code": split.after[1].code}
        case = {"kind": "dumping", "severity": 2, "title": "t", "state": "accepted", "code": "H9", **point}
        hazard = work.insert(tables.hazard, {**case, "reported_at": work.at, "due_at": work.at})
    undo_area_change(lone_county, ADMIN, txn=split.txn or 0, reason="Wrong")
    with lone_county.database.read() as connection:
        h = tables.hazard.c
        assert connection.scalar(sa.select(h.area_code).where(h.id == hazard)) == cell_code(1, 1)


def test_what_cannot_be_is_refused(lone_county: Context) -> None:
    commander = Actor("c", Role.COMMANDER)
    before = read_state(lone_county)
    cell, line = cell_code(0, 0), split_line(0, 0)
    refused: list[tuple[type[Exception], Any, dict[str, Any]]] = [
        (NotAllowed, hierarchy.rename_area, {"actor": commander, "code": cell, "name": "x"}),
        (NotFound, hierarchy.rename_area, {"actor": WEST_SUPERVISOR, "code": cell_code(5, 0), "name": "x"}),
        (NotFound, hierarchy.rename_area, {"code": f"{WEST_TOWN}888", "name": "x"}),
        (InvalidInput, hierarchy.rename_area, {"code": cell, "name": " "}),
        (InvalidInput, hierarchy.rename_area, {"code": cell, "name": "x", "reason": " "}),
        (InvalidInput, hierarchy.rename_area, {"code": cell, "name": "x", "effective_on": date(2026, 3, 3)}),
        (InvalidInput, hierarchy.renumber_area, {"code": cell, "new_code": f"{EAST_VILLAGE}099"}),
        (InvalidInput, hierarchy.renumber_area, {"code": cell, "new_code": "14"}),
        (Conflict, hierarchy.renumber_area, {"code": WEST_TOWN, "new_code": EAST_TOWN}),
        (NotAllowed, hierarchy.renumber_area, {"actor": WEST_SUPERVISOR, "code": WEST_TOWN, "new_code": "149901009"}),
        (InvalidInput, hierarchy.move_area, {"code": cell, "parent": EAST_TOWN}),
        (InvalidInput, hierarchy.move_area, {"code": cell, "parent": WEST_VILLAGE}),
        (NotFound, hierarchy.move_area, {"actor": WEST_SUPERVISOR, "code": cell, "parent": EAST_VILLAGE}),
        (InvalidInput, hierarchy.split_area, {"code": cell, "line_wgs84": split_line(4, 0)}),
        (InvalidInput, hierarchy.split_area, {"code": cell, "line_wgs84": line, "names": ["one"]}),
        (InvalidInput, hierarchy.split_area, {"code": cell, "line_wgs84": line, "households": [1, 2]}),
        (InvalidInput, hierarchy.split_area, {"code": cell, "shapes_wgs84": [shapely.box(112.5, 37.8, 112.6, 37.9)]}),
        (Conflict, hierarchy.split_area, {"code": EAST_VILLAGE, "line_wgs84": split_line(4, 0).buffer(0.02).boundary}),
        (InvalidInput, hierarchy.merge_areas, {"codes": [cell]}),
        (InvalidInput, hierarchy.merge_areas, {"codes": [cell, cell]}),
        (InvalidInput, hierarchy.merge_areas, {"codes": [cell, cell_code(1, 1)]}),  # only a corner
        (InvalidInput, hierarchy.merge_areas, {"codes": [cell_code(2, 0), cell_code(3, 0)]}),
        (NotFound, hierarchy.merge_areas, {"codes": [cell, cell_code(0, 1)], "unit_id": 999}),
    ]
    for kind, act, words in refused:
        actor = words.pop("actor", ADMIN)
        with pytest.raises(kind):
            act(lone_county, actor, **{"reason": "Why", **words})
    with pytest.raises(NotFound):
        undo_area_change(lone_county, ADMIN, txn=1, reason="Why")
    with pytest.raises(InvalidInput):
        area_history.translate_totals(
            lone_county, ADMIN, frame=pd.DataFrame({"code": [cell], "n": ["x"]}), from_date=TODAY, to_date=TODAY
        )
    frame = pd.DataFrame({"code": ["14"], "n": [1]})
    with pytest.raises(NotFound):
        area_history.translate_totals(lone_county, ADMIN, frame=frame, from_date=TODAY, to_date=TODAY)
    assert read_state(lone_county) == before
