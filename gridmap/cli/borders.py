"""`borders`: barriers that nothing crosses and cells that a bridge joins, set, proposed and lifted."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import geopandas as gpd

from gridmap.cli.command import Command, Invocation
from gridmap.domain.districting.obstacles import OBSTACLE_M
from gridmap.errors import N_, InvalidInput
from gridmap.services import adjacency_rules, cell_lists
from gridmap.services.adjacency_rules import Obstacle, Pair

_Act = Callable[[Invocation], dict[str, Any]]
_SETTERS = {"barrier": adjacency_rules.set_barriers, "join": adjacency_rules.set_joins}
_PAIRED = (*_SETTERS, "lift")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(_ACTS))
    parser.add_argument("cells", nargs="*", metavar="CODE", help="barrier, join, lift: the codes of the two cells")
    parser.add_argument("--area", metavar="CODE", default="", help="list, propose: only in this area (default: all)")
    parser.add_argument("--along", choices=tuple(Obstacle), default=Obstacle.RAILWAY.value, help="propose: what parts")
    parser.add_argument(
        "--tolerance", type=float, metavar="M", default=OBSTACLE_M, help="propose: how far it may lie from the border"
    )
    parser.add_argument("--apply", action="store_true", help="propose: set them all; else they are only proposed")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why; it is kept")
    parser.epilog = "--as USER is who sets a rule: the role and area of that account count."


def _run(invocation: Invocation) -> dict[str, Any]:
    given = invocation.arguments
    wanted = 2 if given.action in _PAIRED else 0
    if len(given.cells) != wanted:
        raise InvalidInput(
            N_("borders {action} takes the codes of two cells.")
            if wanted
            else N_("borders {action} takes no codes of cells."),
            hint=N_("Write: {usage}"),
            action=given.action,
            usage=f"borders {given.action} " + ("CODE CODE --reason TEXT" if wanted else "--area CODE"),
        )
    return _ACTS[given.action](invocation)


def _list(invocation: Invocation) -> dict[str, Any]:
    area = invocation.arguments.area
    rules = adjacency_rules.list_rules(invocation.context, invocation.find_account(), area_code=area)
    return {"area": area, "rules": [_tell_rule(row) for row in rules.itertuples()]}


def _set(invocation: Invocation) -> dict[str, Any]:
    given, actor = invocation.arguments, invocation.find_account()
    pair = _find_pair(invocation)
    (rule,) = _SETTERS[given.action](invocation.context, actor, pairs=[pair], reason=given.reason)
    return {"kind": given.action, "set": [rule], "cells": given.cells, "reason": given.reason.strip()}


def _lift(invocation: Invocation) -> dict[str, Any]:
    given, context, actor = invocation.arguments, invocation.context, invocation.find_account()
    rule = adjacency_rules.find_rule(context, actor, pair=_find_pair(invocation))
    adjacency_rules.lift_rules(context, actor, rule_ids=[rule], reason=given.reason)
    return {"lifted": [rule], "cells": given.cells, "reason": given.reason.strip()}


def _propose(invocation: Invocation) -> dict[str, Any]:
    given, context, actor = invocation.arguments, invocation.context, invocation.find_account()
    if given.apply:
        adjacency_rules.check_reason(given.reason)
    found = adjacency_rules.propose_barriers(
        context, actor, area_code=given.area, obstacle=Obstacle(given.along), tolerance_m=given.tolerance
    )
    made: list[int] = []
    if given.apply and len(found):
        made = adjacency_rules.set_barriers(context, actor, pairs=_list_pairs(found), reason=given.reason)
    return {
        "area": given.area,
        "along": given.along,
        "proposed": [_tell_proposal(row) for row in found.itertuples()],
        "set": made,
    }


def _find_pair(invocation: Invocation) -> Pair:
    context, actor = invocation.context, invocation.find_account()
    first, second = (cell_lists.find_cell(context, actor, code=code) for code in invocation.arguments.cells)
    return min(first, second), max(first, second)


def _list_pairs(found: gpd.GeoDataFrame) -> list[Pair]:
    return [(int(row.first_id), int(row.second_id)) for row in found.itertuples()]


def _tell_rule(row: Any) -> dict[str, Any]:
    facts = {"rule": int(row.id), "kind": row.kind, "reason": row.reason, "set_by": row.set_by, "set_at": row.set_at}
    return {**facts, **_tell_cells(row)}


def _tell_proposal(row: Any) -> dict[str, Any]:
    return {**_tell_cells(row), "border_m": round(row.border_m, 1), "along_m": round(row.along_m, 1)}


def _tell_cells(row: Any) -> dict[str, Any]:
    return {
        "cells": [row.first_code, row.second_code],
        "names": [row.first_name, row.second_name],
    }


_ACTS: dict[str, _Act] = {"list": _list, "barrier": _set, "join": _set, "lift": _lift, "propose": _propose}


def _describe(result: dict[str, Any]) -> str:
    if "rules" in result:
        lines = [
            f"{rule['kind']}  {_write_cells(rule)}  {rule['set_by']}: {rule['reason']}" for rule in result["rules"]
        ]
        return "\n".join(lines) or "no barrier or join here"
    if "proposed" in result:
        lines = [
            f"{_write_cells(pair)}: {pair['along_m']:.0f} of {pair['border_m']:.0f} m" for pair in result["proposed"]
        ]
        done = f"{len(result['set'])} barriers set" if result["set"] else "nothing was set"
        return "\n".join([*lines, f"{len(lines)} borders along {result['along']} without a crossing: {done}"])
    pair = " – ".join(result["cells"])
    return f"lifted: {pair}" if "lifted" in result else f"{result['kind']} set: {pair}"


def _write_cells(row: dict[str, Any]) -> str:
    return " – ".join(f"{code} {name}".strip() for code, name in zip(row["cells"], row["names"], strict=True))


COMMANDS = (Command("borders", "barriers and joins between neighbouring cells", _add_arguments, _run, _describe),)
