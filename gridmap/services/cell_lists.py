"""Cells and units as people write them: by their codes, in a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import check_number
from gridmap.errors import N_, NotFound
from gridmap.services.area_history import explain_missing
from gridmap.services.context import Context
from gridmap.sources.cell_list import read_cell_codes
from gridmap.store import areas


def read_cells(context: Context, actor: Actor, *, path: Path) -> list[int]:
    """Ids of the cells that a list names, in its order.

    Raises
    ------
    UnreadableFile, NoData, InvalidInput
        As `sources.cell_list.read_cell_codes`; also where it names more cells than an order may move.
    NotFound
        A code is of no cell in the actor's area.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    codes = read_cell_codes(path)
    check_number(len(codes))
    with context.database.read() as connection:
        known = areas.load_owned_cells(connection, scope=actor.scope_code).set_index("code")["id"]
        missing = [code for code in codes if code not in known.index]
        if missing:
            unknown = NotFound(
                N_("{number} of the codes are of no cell in your area, {code} among them."),
                hint=N_("Check the codes; cells of another jurisdiction are ordered by whoever is responsible there."),
                number=len(missing),
                code=missing[0],
            )
            raise explain_missing(connection, actor, code=missing[0], instead=unknown)
    return [int(known[code]) for code in codes]


def find_cell(context: Context, actor: Actor, *, code: str) -> int:
    """Id of the cell of that code, or NotFound: where a cell had that code, the sentence says what it is now."""
    check_allowed(actor, Permission.VIEW)
    asked = code.strip()
    with context.database.read() as connection:
        cells = areas.load_owned_cells(connection, scope=actor.scope_code)
        found = cells.loc[cells["code"] == asked, "id"]
        if found.empty:
            unknown = NotFound(
                N_("There is no cell {code} in your area."), hint=N_("Look its code up on the map."), code=asked
            )
            raise explain_missing(connection, actor, code=asked, instead=unknown)
    return int(found.iloc[0])


def find_unit(context: Context, actor: Actor, *, code: str) -> int:
    """Id of the unit of that code, or NotFound."""
    check_allowed(actor, Permission.VIEW)
    found = [unit for unit, known in list_unit_codes(context, actor).items() if known == code.strip()]
    if not found:
        raise NotFound(
            N_("There is no unit {code} in your area."), hint=N_("Look its code up in the list of units."), code=code
        )
    return found[0]


def list_unit_codes(context: Context, actor: Actor) -> dict[int, str]:
    """Code of each unit in scope by its id."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        units = areas.load_units(connection, scope=actor.scope_code)
    return {int(unit): str(code) for unit, code in zip(units["id"], units["code"], strict=True)}


def list_cell_codes(context: Context, actor: Actor, *, cell_ids: tuple[int, ...]) -> list[str]:
    """Codes of those of the cells that lie in scope, in order."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return list(areas.load_owned_cells(connection, scope=actor.scope_code, ids=cell_ids)["code"])


def list_owners(context: Context, actor: Actor) -> dict[int, tuple[str, int | None]]:
    """Code of each cell in scope and the id of its unit (None: nobody's), by the cell's id."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        cells = areas.load_owned_cells(connection, scope=actor.scope_code)
    owners = [None if pd.isna(unit) else int(unit) for unit in cells["unit_id"]]
    return {int(cell): (str(code), unit) for cell, code, unit in zip(cells["id"], cells["code"], owners, strict=True)}
