"""Cells are chosen by what they have, or by the line that runs through them; on both engines."""

from __future__ import annotations

import pytest

from gridmap.domain import change_orders
from gridmap.errors import InvalidInput, NotFound
from gridmap.services import areas, grids, hazards
from gridmap.services.cell_choice import CellCriteria, choose_along, choose_by, list_road_names
from gridmap.services.cell_locks import lock_cells
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.services.railways import list_lines
from tests.counties import (
    ADMIN,
    COLUMNS,
    EAST_SUPERVISOR,
    EAST_TOWN,
    ROWS,
    WEST_SUPERVISOR,
    WEST_TOWN,
    WEST_UNIT,
    cell_code,
    fill_county,
    place_in,
)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def codes(context: Context, ids: tuple[int, ...]) -> set[str]:
    cells = areas.load_cells(context, ADMIN)
    return set(cells.loc[cells["id"].isin(ids), "code"])


def test_cells_are_chosen_by_what_they_have(county: Context) -> None:
    cells = areas.load_cells(county, ADMIN)
    few = set(cells.loc[cells["households"].between(310, 330), "code"])
    assert codes(county, choose_by(county, ADMIN, criteria=CellCriteria(households=(310, 330)))) == few
    assert len(few) == 6
    mine = choose_by(county, WEST_SUPERVISOR, criteria=CellCriteria(households=(310, 330)))
    assert codes(county, mine) == {code for code in few if code.startswith(WEST_TOWN)}
    unit = int(grids.list_units(county, ADMIN).set_index("code").loc[WEST_UNIT, "id"])
    assert len(choose_by(county, ADMIN, criteria=CellCriteria(unit_id=unit))) == 12
    inside = choose_by(county, ADMIN, criteria=CellCriteria(within=EAST_TOWN, area_m2=(1e3, None)))
    assert {code[:9] for code in codes(county, inside)} == {EAST_TOWN}
    locked = int(cells.set_index("code").loc[cell_code(0, 0), "id"])
    lock_cells(county, ADMIN, cell_ids=[locked], reason="Border not settled")
    assert choose_by(county, ADMIN, criteria=CellCriteria(locked=True)) == (locked,)
    assert len(choose_by(county, ADMIN, criteria=CellCriteria(locked=False))) == COLUMNS * ROWS - 1
    lon, lat = place_in(4, 3)
    hazards.add_hazard(county, ADMIN, new=NewHazard(kind="burning", severity=2, title="Straw", lon=lon, lat=lat))
    assert codes(county, choose_by(county, ADMIN, criteria=CellCriteria(open_hazards=True))) == {cell_code(4, 3)}
    with pytest.raises(NotFound):
        choose_by(county, ADMIN, criteria=CellCriteria(households=(5_000, None)))


def test_cells_are_chosen_along_a_line_or_a_road(county: Context) -> None:
    line = int(list_lines(county, ADMIN)["id"].iloc[0])
    row = {cell_code(column, 1) for column in range(COLUMNS)}
    assert codes(county, choose_along(county, ADMIN, line_id=line)) == row
    west = choose_along(county, WEST_SUPERVISOR, line_id=line)
    assert codes(county, west) == {code for code in row if code.startswith(WEST_TOWN)}
    assert list_road_names(county, ADMIN, text="county") == ["County Road"]
    assert list_road_names(county, ADMIN, text=" ") == list_road_names(county, ADMIN, text="Avenue") == []
    # Its roads run along every border of cells.
    assert len(choose_along(county, ADMIN, road="County Road", within=EAST_TOWN)) == 12
    for asked in ({"line_id": line + 7}, {"road": "Avenue"}, {"road": ""}):
        with pytest.raises(NotFound):
            choose_along(county, ADMIN, **asked)
    with pytest.raises(NotFound):
        choose_along(county, EAST_SUPERVISOR, line_id=line, within=WEST_TOWN)


def test_more_cells_than_an_order_may_move_are_refused(county: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_orders, "MOST_CELLS", 20)
    with pytest.raises(InvalidInput, match="24 cells at once"):
        choose_by(county, ADMIN, criteria=CellCriteria(households=(0, None)))
