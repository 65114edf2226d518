"""`reassign` and `orders`: cells go to another unit by an order, which is looked at, decided and taken back."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.domain.access import Actor
from gridmap.domain.change_orders import NewOrder
from gridmap.errors import N_, InvalidInput
from gridmap.services import cell_lists, change_order_decisions
from gridmap.services.change_order_history import find_order, list_orders, show_order
from gridmap.services.change_order_rules import OrderSettings, load_settings, save_settings
from gridmap.services.change_orders import OrderPreview, PlacedOrder, place_order, preview_order

_DECISIONS: dict[str, Callable[..., PlacedOrder]] = {
    "approve": change_order_decisions.approve_order,
    "refuse": change_order_decisions.refuse_order,
    "withdraw": change_order_decisions.withdraw_order,
    "undo": change_order_decisions.undo_order,
    "redo": change_order_decisions.redo_order,
}
_WITH_REASON = {"undo", "redo"}
_ACTIONS = ("list", "show", *_DECISIONS, "settings")


def read_day(text: str) -> date:
    """A day as an argument of a command, `2026-12-01`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not a day, for example 2026-12-01") from error


# --- reassign -------------------------------------------------------------------------------------------------------


def _add_reassign(parser: ArgumentParser) -> None:
    parser.add_argument("--cells", type=Path, required=True, metavar="FILE", help="CSV with a column “code”")
    parser.add_argument("--to", required=True, metavar="UNIT", help="code of the unit that gets them")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why they move; it is kept")
    parser.add_argument("--effective", type=read_day, metavar="DATE", help="first day it holds (default: today)")
    parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
    parser.epilog = "--as USER is who orders: the role and area of that account count."


def _reassign(invocation: Invocation) -> dict[str, Any]:
    given, context, actor = invocation.arguments, invocation.context, invocation.find_account()
    cells = cell_lists.read_cells(context, actor, path=given.cells)
    unit = cell_lists.find_unit(context, actor, code=given.to)
    owners = dict.fromkeys(cells, unit)
    seen = preview_order(context, actor, owners=owners, effective_on=given.effective)
    order = None
    if not given.dry_run:
        new = NewOrder(
            owners=owners,
            reason=given.reason,
            effective_on=given.effective,
            versions=seen.balance.versions,
        )
        placed = place_order(context, actor, order=new)
        order = build_order(_load_order(invocation, actor, placed.id))
    return {**_build_preview(invocation, actor, seen), "order": order}


def _build_preview(invocation: Invocation, actor: Actor, seen: OrderPreview) -> dict[str, Any]:
    balance, codes = seen.balance, cell_lists.list_unit_codes(invocation.context, actor)
    measures = ("cells", "households", "load", "deviation", "parts", "compactness", "minutes")
    stray = cell_lists.list_cell_codes(invocation.context, actor, cell_ids=balance.stray_cells)
    return {
        "moves": balance.moves,
        "units": [
            {
                "code": codes.get(unit.unit_id),
                "name": unit.name,
                "before": {name: getattr(unit.before, name) for name in measures},
                "after": {name: getattr(unit.after, name) for name in measures},
            }
            for unit in balance.units
        ],
        "contiguity": {
            "contiguous": not balance.new_stray_parts,
            "new_stray_parts": balance.new_stray_parts,
            "old_stray_parts": balance.old_stray_parts,
            "stray_cells": stray,
        },
        "warnings": [warning.message.format(**warning.values) for warning in balance.warnings],
        "locked": list(seen.locked),
        "open_hazards": seen.hazards,
        "waiting_orders": [
            {
                "number": item.number,
                "state": item.state,
                "ordered_by": item.ordered_by,
                "effective_on": item.effective_on.isoformat(),
                "cells": item.cells,
                "contradicts": item.contradicts,
            }
            for item in seen.waiting
        ],
        "needs_approval": seen.needs_approval,
    }


def _describe_reassign(result: dict[str, Any]) -> str:
    lines = [
        f"{unit['name']}: {unit['before']['cells']} -> {unit['after']['cells']} cells, "
        f"{unit['before']['households']} -> {unit['after']['households']} households"
        for unit in result["units"]
    ]
    apart = result["contiguity"]["new_stray_parts"]
    lines.append(f"{apart} more separate parts" if apart else "every unit stays in one piece as it was")
    lines += result["warnings"]
    order = result["order"]
    lines.append(_describe_order(order) if order else f"{result['moves']} cells would move; nothing was changed")
    return "\n".join(lines)


# --- orders ---------------------------------------------------------------------------------------------------------


def _add_orders(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=_ACTIONS)
    parser.add_argument("number", nargs="?", metavar="NUMBER", help="of the order, for example 2026-0012")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; asked for by refuse, undo and redo")
    parser.add_argument("--approval", choices=("on", "off"), help="settings: whether a second person must approve")
    parser.add_argument("--within-parent", choices=("on", "off"), help="settings: no cell to a unit of another area")
    parser.epilog = "--as USER is who decides: the role and area of that account count."


def _orders(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.find_account()
    if (given.number is not None) != (given.action not in {"list", "settings"}):
        raise InvalidInput(
            N_("It is not clear which order is meant."),
            hint=N_("Write: orders list, orders settings, or orders {action} NUMBER."),
            action=given.action if given.action not in {"list", "settings"} else "show",
        )
    if given.action == "settings":
        return _settings(invocation, actor)
    if given.action == "list":
        return [build_order(row) for row in list_orders(context, actor).itertuples()]
    order_id = find_order(context, actor, number=given.number)
    if given.action != "show":
        word = "reason" if given.action in _WITH_REASON else "note"
        placed = _DECISIONS[given.action](context, actor, order_id=order_id, **{word: given.reason})
        return build_order(_load_order(invocation, actor, placed.id))
    shown = show_order(context, actor, order_id=order_id)
    cells = shown.cells[["code", "name", "from_unit", "to_unit"]]
    return {**build_order(shown.order), "moves": cells.to_dict("records")}


def _settings(invocation: Invocation, actor: Actor) -> dict[str, bool]:
    given, kept = invocation.arguments, load_settings(invocation.context, actor)
    if given.approval or given.within_parent:
        kept = OrderSettings(
            need_approval=given.approval == "on" if given.approval else kept.need_approval,
            within_parent=given.within_parent == "on" if given.within_parent else kept.within_parent,
        )
        save_settings(invocation.context, actor, settings=kept)
    return {"need_approval": kept.need_approval, "within_parent": kept.within_parent}


def _load_order(invocation: Invocation, actor: Actor, order_id: int) -> Any:
    """The order as it now stands."""
    return show_order(invocation.context, actor, order_id=order_id).order


def build_order(order: Any) -> dict[str, Any]:
    """An order as a row of the list or as kept, under the same names."""
    names = ("number", "kind", "state", "reason", "area_code", "cells")
    decision = ("decided_by", "decision_note")
    return {
        **{name: getattr(order, name) for name in names},
        "effective_on": order.effective_on.isoformat(),
        "ordered_by": order.ordered_by,
        "ordered_at": order.ordered_at.isoformat(),
        **{name: getattr(order, name) for name in decision},
    }


def _describe_order(order: dict[str, Any]) -> str:
    decided = f", decided by {order['decided_by']}" if order["decided_by"] else ""
    return (
        f"{order['number']}  {order['state']}  {order['cells']} cells, from {order['effective_on']}, "
        f"ordered by {order['ordered_by']}{decided}: {order['reason']}"
    )


def _describe_orders(result: Any) -> str:
    if isinstance(result, list):
        return "\n".join(map(_describe_order, result)) or "no change order yet"
    if "need_approval" in result:
        return "\n".join(f"{name}: {'on' if kept else 'off'}" for name, kept in result.items())
    moves = (
        f"  {cell['code']} {cell['name']}: {cell['from_unit'] or '-'} -> {cell['to_unit'] or '-'}"
        for cell in result.get("moves", ())
    )
    return "\n".join([_describe_order(result), *moves])


COMMANDS = (
    Command("reassign", "give cells to another unit by an order", _add_reassign, _reassign, _describe_reassign),
    Command("orders", "change orders of cells: look, decide, undo", _add_orders, _orders, _describe_orders),
)
