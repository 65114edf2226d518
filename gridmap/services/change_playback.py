"""Day by day from one day to another: who answers for what, and by whose orders it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import OrderState
from gridmap.domain.days import local_day
from gridmap.errors import N_, InvalidInput
from gridmap.services.change_order_history import load_ownership_on
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.store import change_orders as store
from gridmap.store import tenures

_COLUMNS = ["day", "cell_id", "unit_id", "order_id", "number", "kind", "ordered_by", "reason"]


@dataclass(frozen=True)
class Playback:
    """What changed in scope between two days.

    Attributes
    ----------
    start
        The day before everything; it changes nothing itself.
    days
        Days with a change, in order.
    before
        Unit of each cell on the first day; cells that nobody answered for are left out.
    changes
        Columns of `store.tenures.load_changes`, by day.
    """

    start: date
    days: tuple[date, ...]
    before: Mapping[int, int]
    changes: pd.DataFrame

    def find_owners(self, day: date) -> dict[int, int]:
        """Unit of each cell at the end of a day."""
        until = self.changes[self.changes["day"] <= day]
        return {**self.before, **dict(zip(until["cell_id"].astype(int), until["unit_id"].astype(int), strict=True))}

    def list_moving(self) -> set[int]:
        """Cells that change at all."""
        return {int(cell) for cell in self.changes["cell_id"]}

    def list_orders(self, day: date) -> pd.DataFrame:
        """What changed cells on a day: number, kind, ordered_by, reason (None: an import), cells (how many), ids."""
        rows = self.changes[self.changes["day"] == day]
        groups = rows.groupby("number", dropna=False, sort=False)
        made = [
            (
                *(None if pd.isna(group[name].iloc[0]) else group[name].iloc[0] for name in _COLUMNS[4:]),
                len(group),
                tuple(int(cell) for cell in group["cell_id"]),
            )
            for _, group in groups
        ]
        return pd.DataFrame(made, columns=[*_COLUMNS[4:], "cells", "ids"], dtype=object)


def load_playback(context: Context, actor: Actor, *, earlier: date, later: date) -> Playback:
    """Changes in scope after `earlier` and up to `later`; of days to come as approved orders say.

    InvalidInput where the days are the wrong way round.
    """
    check_allowed(actor, Permission.VIEW)
    if later < earlier:
        raise InvalidInput(
            N_("{earlier} comes after {later}."),
            hint=N_("Choose the earlier day first."),
            earlier=earlier.isoformat(),
            later=later.isoformat(),
        )
    put_due_in_effect(context)
    held = load_ownership_on(context, actor, day=earlier).dropna(subset=["unit_id"])
    with context.database.read() as connection:
        past = tenures.load_changes(connection, scope=actor.scope_code, after=earlier, until=later)
        today = local_day(context.clock())
        coming = _load_coming(connection, actor, after=max(today, earlier), until=later)
    changes = pd.concat([frame for frame in (past, coming) if len(frame)]) if len(past) + len(coming) else past
    return Playback(
        start=earlier,
        days=tuple(sorted(set(changes["day"]))),
        before=dict(zip(held["id"].astype(int), held["unit_id"].astype(int), strict=True)),
        changes=changes.reset_index(drop=True),
    )


def _load_coming(connection: sa.Connection, actor: Actor, *, after: date, until: date) -> pd.DataFrame:
    """What approved orders will do, in the columns of `load_changes`."""
    orders = store.load_orders(connection, scope=actor.scope_code, states=[OrderState.APPROVED.value], limit=1_000)
    orders = orders[(orders["effective_on"] > after) & (orders["effective_on"] <= until)]
    rows = [
        (order.effective_on, cell, unit, order.id, order.number, order.kind, order.ordered_by, order.reason)
        for order in orders.sort_values(["effective_on", "id"]).itertuples()
        for cell, (_, unit) in store.load_moves(connection, int(order.id)).items()
    ]
    return pd.DataFrame(rows, columns=_COLUMNS, dtype=object)
