"""How an installation handles change orders, and what every order must keep to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.codes import is_within
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.context import Context
from gridmap.store import areas
from gridmap.store import change_orders as store
from gridmap.store.datasets import load_setting, save_setting

_APPROVAL, _WITHIN_PARENT = "orders_need_approval", "orders_within_parent"


@dataclass(frozen=True)
class OrderSettings:
    """What an installation asks of change orders.

    Attributes
    ----------
    need_approval
        Whether a second person must approve each of them.
    within_parent
        Whether a cell may only go to a unit of the area it lies in; else that is worth a warning.
    """

    need_approval: bool = False
    within_parent: bool = False


def load_settings(context: Context, actor: Actor) -> OrderSettings:
    """What is asked of change orders here."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return read_settings(connection)


def read_settings(connection: sa.Connection) -> OrderSettings:
    """As `load_settings`, inside a transaction."""
    return OrderSettings(
        need_approval=bool(load_setting(connection, _APPROVAL, False)),
        within_parent=bool(load_setting(connection, _WITHIN_PARENT, False)),
    )


def save_settings(context: Context, actor: Actor, *, settings: OrderSettings) -> None:
    """Set what is asked of change orders; those that wait for approval go on waiting."""
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    with context.database.write(actor, kind="order_settings") as work:
        save_setting(work, _APPROVAL, settings.need_approval)
        save_setting(work, _WITHIN_PARENT, settings.within_parent)
        work.note("order_settings", asdict(settings))
        work.touch("change_orders")


# --- what every order must keep to --------------------------------------------------------------------------------


def require_cells(connection: sa.Connection, actor: Actor, cell_ids: Collection[int]) -> pd.DataFrame:
    """The cells by code (id, code, unit_id), or NotFound where one does not exist in the actor's area."""
    found = areas.load_owned_cells(connection, scope=actor.scope_code, ids=list(cell_ids))
    if len(found) < len(set(cell_ids)):
        raise NotFound(N_("A chosen cell does not exist in your area."), hint=N_("Reload the page and choose again."))
    return found


def require_units(connection: sa.Connection, actor: Actor, unit_ids: Collection[int]) -> dict[int, str]:
    """Area code of each unit, or NotFound where one does not exist in the actor's area."""
    found = areas.load_unit_places(connection, unit_ids)
    units = {unit: code for unit, (_, code) in found.items() if actor.covers(code)}
    if len(units) < len(set(unit_ids)):
        raise NotFound(N_("There is no such unit in your area."), hint=N_("Reload the page and choose again."))
    return units


def check_parents(cells: pd.DataFrame, owners: Mapping[int, int], units: Mapping[int, str]) -> None:
    """Raise InvalidInput where a cell would go to a unit of another area, for installations that forbid it."""
    pairs = zip(cells["id"], cells["code"], strict=True)
    foreign = [code for cell, code in pairs if not is_within(code, units[owners[cell]])]
    if foreign:
        raise InvalidInput(
            N_("{number} of the cells lie outside the area of their new unit, {code} among them."),
            hint=N_("Choose a unit of their own area, or ask an administrator whether orders may cross its border."),
            number=len(foreign),
            code=foreign[0],
        )


def check_unlocked(connection: sa.Connection, cell_ids: Sequence[int]) -> None:
    """Raise Conflict where one of the cells is locked."""
    locked = store.find_locked(connection, cell_ids)
    if locked:
        raise Conflict(
            N_("{number} of the cells are locked, {code} among them."),
            hint=N_("Leave them out, or unlock them first."),
            number=len(locked),
            code=min(areas.load_codes(connection, locked).values(), default=""),
        )
