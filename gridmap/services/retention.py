"""What is forgotten on schedule: where teams were, what was refused, and what telephones sent already."""

from __future__ import annotations

from datetime import timedelta

from gridmap.domain.days import number_day
from gridmap.services.context import Context
from gridmap.services.devices import REFUSALS_KEPT_DAYS
from gridmap.services.team_actions import ACTIONS_KEPT_DAYS
from gridmap.store import devices, orders, positions


def forget_old(context: Context) -> int:
    """Delete history, latest fixes, counts and marks of actions past their time; returns how many days of history went.

    History goes by whole days in Beijing: a fix is kept for `Settings.track_retention_days` and up to one day more.
    """
    now = context.clock()
    oldest = now - timedelta(days=context.settings.track_retention_days)
    with context.database.write_unjournalled() as connection:
        gone = positions.delete_days_before(connection, number_day(oldest))
        positions.delete_positions_before(connection, oldest)
        orders.delete_actions_before(connection, now - timedelta(days=ACTIONS_KEPT_DAYS))
        devices.delete_refusals_before(connection, number_day(now - timedelta(days=REFUSALS_KEPT_DAYS)))
    return gone
