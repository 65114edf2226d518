"""Orders of a plan that another takes the place of: what was done goes over to the orders that follow."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.orders import ENDED, StopState
from gridmap.store import tables
from gridmap.store.orders import load_orders, load_stops
from gridmap.store.unit_of_work import UnitOfWork

_plan, _order, _stop, _photo = tables.patrol_plan, tables.patrol_order, tables.order_stop, tables.stop_photo

REPLACED = "replaced"
"""Status of a published plan that another has taken the place of."""

_CARRIED = (StopState.ARRIVED.value, StopState.DONE.value)


def hand_over(work: UnitOfWork, *, plan_id: int, successor_id: int) -> None:
    """Let the orders of `successor_id` go on from those of `plan_id`, whose place it takes.

    A stop that was come to or done stays so, with its photos; one that was done by a team that does not have it any
    more counts for the team that has. An order in which nothing changes for its team stays confirmed.
    """
    old, new = _load(work.connection, plan_id), _load(work.connection, successor_id)
    for before, after in _pair_stops(old[1], new[1]):
        values = {name: _plain(before[name]) for name in ("state", "arrived_at", "ended_at", "reason", "note")}
        work.update(_stop, int(after["id"]), values)
        photos = work.connection.scalars(sa.select(_photo.c.id).where(_photo.c.stop_id == int(before["id"]))).all()
        for photo_id in photos:
            work.update(_photo, int(photo_id), {"stop_id": int(after["id"])})
    confirmed = old[0].set_index("team_id")["confirmed_at"]
    for order in new[0].itertuples():
        at = confirmed.get(order.team_id)
        if at is not None and pd.notna(at) and _asks_alike(old, new, int(order.team_id)):
            work.update(_order, int(order.id), {"confirmed_at": at})
    work.update(_plan, plan_id, {"status": REPLACED})
    work.touch("plans", "orders")


def find_successor(connection: sa.Connection, plan_id: int) -> int | None:
    """The published plan that took the place of another, over as many as followed one another; None where none did."""
    found: int | None = None
    follows = _plan.c.document["repair"]["plan_id"].as_integer()
    while True:
        statement = sa.select(_plan.c.id).where(follows == (found or plan_id), _plan.c.status != "draft")
        following = connection.scalar(statement.order_by(_plan.c.id.desc()).limit(1))
        if following is None:
            return found
        found = int(following)


def find_following_stop(
    connection: sa.Connection, *, plan_id: int, tasks: list[str], team_id: int, state: StopState
) -> int | None:
    """The stop of the plan that took the place of `plan_id` at which a team's word on these tasks counts.

    What another team has by now only a stop that is done says anything about.
    """
    successor = find_successor(connection, plan_id)
    if successor is None:
        return None
    stops = _load(connection, successor)[1]
    ended = {item.value for item in ENDED}
    alike = stops[[sorted(own) == sorted(tasks) for own in stops["tasks"]]]
    own = alike[alike["team_id"] == team_id]
    if len(own):
        open_ = own[~own["state"].isin(ended)]
        return int((open_ if len(open_) else own).iloc[0]["id"])
    left = alike[~alike["state"].isin(ended)]
    return int(left.iloc[0]["id"]) if state is StopState.DONE and len(left) else None


def _load(connection: sa.Connection, plan_id: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = load_orders(connection, plan_id=plan_id)
    return found, load_stops(connection, order_ids=found["id"])


def _pair_stops(old: pd.DataFrame, new: pd.DataFrame) -> list[tuple[Any, Any]]:
    """Stops that were come to with those of the same tasks that follow: of the same team, else of any where done."""
    free: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for stop in new.to_dict("records"):
        free[tuple(sorted(stop["tasks"]))].append(stop)
    pairs = []
    for stop in old[old["state"].isin(_CARRIED)].to_dict("records"):
        there = free[tuple(sorted(stop["tasks"]))]
        own = [item for item in there if item["team_id"] == stop["team_id"]]
        chosen = own or (there if stop["state"] == StopState.DONE.value else [])
        if chosen:
            pairs.append((stop, chosen[0]))
            there.remove(chosen[0])
    return pairs


def _asks_alike(old: tuple[pd.DataFrame, pd.DataFrame], new: tuple[pd.DataFrame, pd.DataFrame], team_id: int) -> bool:
    """Whether a team has the same stops in the same order as before."""
    before, after = (stops.loc[stops["team_id"] == team_id, "tasks"].tolist() for _, stops in (old, new))
    return bool(before == after)


def _plain(value: Any) -> Any:
    return None if value is None or value is pd.NaT or value != value else value
