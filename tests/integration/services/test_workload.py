"""What makes work in each cell, what units carry of it, and what a supervisor makes of that."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap.domain.change_orders import NewOrder
from gridmap.domain.districting.workload import Weights
from gridmap.errors import InvalidInput, NotAllowed
from gridmap.services import areas, grids, hazards, routing
from gridmap.services.change_orders import place_order
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.services.workload import load_weights, measure_cells, measure_units, save_weights
from gridmap.store import tables
from tests.counties import ADMIN, EAST_UNIT, WEST_SUPERVISOR, WEST_TOWN, cell_code, fill_county, place_in


@pytest.fixture
def county(context: Context) -> Context:
    """The county on each engine, with a hazard in the middle of the west."""
    fill_county(context)
    lon, lat = place_in(1, 1)
    hazards.add_hazard(context, ADMIN, new=NewHazard(kind="burning", severity=2, title="Smoke", lon=lon, lat=lat))
    return context


@pytest.fixture
def small(sqlite_context: Context) -> Context:
    fill_county(sqlite_context)
    return sqlite_context


def test_cells_are_measured_and_units_carry_their_sum(county: Context) -> None:
    cells = measure_cells(county, ADMIN).set_index("code")
    burning, quiet = cells.loc[cell_code(1, 1)], cells.loc[cell_code(1, 3)]
    assert (burning["hazards"], quiet["hazards"]) == (1, 0)
    # The railway runs through the second row from the south, along its middle.
    assert burning["rail_km"] == pytest.approx(0.881, abs=0.01)
    assert quiet["rail_km"] == 0
    # A station, and the crossing in the east of it; the one in the west is a bridge.
    assert burning["sites"] == 2
    assert cells["load"].mean() == pytest.approx(1)
    assert cells["minutes"].notna().all()
    units = measure_units(county, ADMIN).units
    assert units["rail_km"].sum() == pytest.approx(cells["rail_km"].sum())
    assert units["deviation"].tolist() == pytest.approx([0, 0])
    for row in units.itertuples():
        mine = cells[cells["unit_id"] == row.id]
        assert row.minutes == pytest.approx(mine["minutes"].max())
        assert (row.cells, row.households, row.hazards) == (12, mine["households"].sum(), mine["hazards"].sum())
    assert measure_units(county, WEST_SUPERVISOR).units["area_code"].str.startswith(WEST_TOWN).all()


def test_what_is_weighed_more_counts_more(small: Context) -> None:
    assert load_weights(small, ADMIN) == Weights()
    save_weights(small, ADMIN, weights=Weights(households=0, rail_km=1))
    cells = measure_cells(small, ADMIN).set_index("code")["load"]
    assert cells[cell_code(1, 3)] == 0
    assert cells[cell_code(1, 1)] == pytest.approx(4, abs=0.01)  # one row of four has all the railway
    save_weights(small, ADMIN, weights=Weights(households=1, rail_km=1, area_km2=1, minutes=1))
    assert measure_cells(small, ADMIN)["load"].mean() == pytest.approx(1)
    with pytest.raises(NotAllowed):
        save_weights(small, WEST_SUPERVISOR, weights=Weights())
    with pytest.raises(InvalidInput):
        Weights(households=0)


def test_minutes_are_those_of_a_route_from_the_station(small: Context) -> None:
    cells = measure_cells(small, ADMIN)
    stations = grids.list_units(small, ADMIN).set_index("id")[["lon", "lat"]]
    shapes = areas.load_cells(small, ADMIN).geometry
    targets = [(point.x, point.y) for point in shapes.representative_point()]
    for unit, mine in cells.groupby("unit_id"):
        origin = tuple(stations.loc[unit].astype(float))
        seconds = routing.travel_times(small, ADMIN, origins=[origin], targets=[targets[row] for row in mine.index])
        assert mine["minutes"].to_numpy() == pytest.approx(seconds[0] / 60, abs=1e-4)


def test_minutes_follow_who_has_the_cell(small: Context) -> None:
    before = measure_cells(small, ADMIN).set_index("code")
    far = before.loc[cell_code(2, 0)]
    units = grids.list_units(small, ADMIN).set_index("code")["id"]
    east = int(units[EAST_UNIT])
    preview = grids.preview_reassignment(small, ADMIN, owners={int(far["id"]): east})
    place_order(small, ADMIN, order=NewOrder(owners={int(far["id"]): east}, reason="Nearer"))
    after = measure_cells(small, ADMIN).set_index("code")
    assert after.loc[cell_code(2, 0), "minutes"] != far["minutes"]
    others = before.index != cell_code(2, 0)
    assert after.loc[others, "minutes"].tolist() == before.loc[others, "minutes"].tolist()
    now = measure_units(small, ADMIN).units.set_index("id")
    for unit in preview.units:
        assert unit.after.minutes == pytest.approx(now.loc[unit.unit_id, "minutes"])
        assert unit.after.deviation == pytest.approx(now.loc[unit.unit_id, "deviation"])
        assert unit.after.compactness == pytest.approx(now.loc[unit.unit_id, "compactness"])


def test_without_roads_no_minutes_are_said(small: Context) -> None:
    with small.database.write(ADMIN, kind="clear") as work:
        for table in (tables.access_point, tables.road_edge, tables.road_node):
            work.connection.execute(table.delete())
        work.touch("roads")
    found = measure_units(small, ADMIN)
    assert not found.has_roads
    assert np.isnan(found.units["minutes"]).all()
    assert measure_cells(small, ADMIN)["minutes"].isna().all()
