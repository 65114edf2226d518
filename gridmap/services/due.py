"""What was ordered for a day is carried out once that has come: cells change hands first, then areas change."""

from __future__ import annotations

from gridmap.domain.days import local_day
from gridmap.services.area_order_effect import put_due_changes_in_effect
from gridmap.services.change_order_effect import put_due_orders_in_effect
from gridmap.services.context import Context
from gridmap.store import area_orders, change_orders


def put_due_in_effect(context: Context) -> int:
    """Carry out approved orders of cells and changes of the hierarchy whose day has come; how many took effect.

    Day by day, so that what comes late, because no server ran, is done in the order it was meant. It may be called at
    any time and from several processes at once.
    """
    today = local_day(context.clock())
    with context.database.read() as connection:
        due = [*change_orders.find_due(connection, today), *area_orders.find_due(connection, today)]
    days = sorted({day for day, _ in due})
    return sum(
        put_due_orders_in_effect(context, until=day) + put_due_changes_in_effect(context, until=day) for day in days
    )
