"""Units that begin and units that close: made with the order that gives them cells, gone once they have none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import check_reason
from gridmap.domain.days import local_day
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.context import Context
from gridmap.store import areas, closed_units, tables
from gridmap.store import change_orders as store
from gridmap.store.unit_of_work import UnitOfWork

_KIND = "grid_station"


@dataclass(frozen=True)
class NewUnit:
    """A unit that is to begin: its name, the area it belongs to, and where its station is, WGS-84 degrees."""

    name: str
    area_code: str
    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidInput(N_("A new unit needs a name."), hint=N_("Write the name it is known by."))


def add_unit(work: UnitOfWork, *, unit: NewUnit) -> int:
    """Make a unit as a part of a transaction; its number follows those of its area."""
    known = closed_units.load_codes(work.connection)
    row = {"name": unit.name.strip(), "kind": _KIND, "area_code": unit.area_code, "lon": unit.lon, "lat": unit.lat}
    made = work.insert(tables.grid_unit, {**row, "code": number_unit(unit.area_code, known)})
    work.touch("units")
    return made


def number_unit(area_code: str, known: Collection[str]) -> str:
    """The first code of an area that no unit has."""
    number = 1
    while (code := f"U{area_code}{number:02d}") in known:
        number += 1
    return code


def close_unit(context: Context, actor: Actor, *, unit_id: int, reason: str) -> None:
    """Close a unit that has no cell any more; what it answered for before stays history, under its name.

    Raises
    ------
    NotFound
        There is no such unit in the actor's area.
    Conflict
        It still has cells, or an order that waits gives it some.
    InvalidInput
        No reason is given.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    said = check_reason(reason)
    with context.database.write(actor, kind="close_unit", reason=said) as work:
        place = areas.load_unit_places(work.connection, [unit_id]).get(unit_id)
        if place is None or not actor.covers(place[1]):
            raise NotFound(N_("There is no such unit in your area."), hint=N_("Reload the page and choose again."))
        if areas.count_held(work.connection, unit_id) or store.is_waited_for(work.connection, unit_id):
            raise Conflict(
                N_("{name} still has cells, or is to get some by an order that waits."),
                hint=N_("Let another unit absorb its cells first."),
                name=place[0],
            )
        closed_units.close_unit(work, unit_id, day=local_day(work.at))
        work.touch("units")
