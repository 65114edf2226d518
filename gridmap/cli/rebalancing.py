"""`workload` and `rebalance`: what units carry, and the fewest moves that bring them near their fair share."""

from __future__ import annotations

import math
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import pandas as pd

from gridmap.cli.change_orders import build_order, read_day
from gridmap.cli.command import Command, Invocation, seed
from gridmap.cli.stopping import stop_softly
from gridmap.domain.change_orders import check_day, check_reason
from gridmap.domain.days import local_day
from gridmap.domain.districting.proposals import Wishes
from gridmap.domain.districting.search import Effort
from gridmap.services import cell_lists, workload
from gridmap.services.change_order_history import show_order
from gridmap.services.suggestion_posing import SuggestionRequest
from gridmap.services.suggestions import Alternative, PlanFigures, order_suggestion, suggest


def _add_area(parser: ArgumentParser) -> None:
    parser.add_argument("--area", metavar="CODE", default="", help="area whose units are meant (default: all)")


# --- workload -----------------------------------------------------------------------------------------------------


def _add_workload(parser: ArgumentParser) -> None:
    _add_area(parser)
    parser.add_argument("--cells", action="store_true", help="with --json: what makes work in each cell as well")


def _workload(invocation: Invocation) -> dict[str, Any]:
    area, context, actor = invocation.arguments.area, invocation.context, invocation.find_account()
    found = workload.measure_units(context, actor, area_code=area)
    document = {
        "area": area,
        "weights": asdict(found.weights),
        "roads": found.has_roads,
        "units": _list_rows(found.units.drop(columns="id")),
    }
    if invocation.arguments.cells:
        cells = workload.measure_cells(context, actor, area_code=area)
        units = cells["unit_id"].map(cell_lists.list_unit_codes(context, actor), na_action="ignore").astype(object)
        cells = cells.assign(unit=units.where(units.notna(), None))
        document["cells"] = _list_rows(cells.drop(columns=["id", "unit_id"]))
    return document


def _list_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{name: _round(value) for name, value in row.items()} for row in table.to_dict("records")]


def _round(value: Any) -> Any:
    """Six digits of a fraction; None for what is not known."""
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def _describe_workload(result: dict[str, Any]) -> str:
    lines = [
        f"{unit['code']} {unit['name']}: {unit['deviation']:+.0%}, {unit['cells']} cells, "
        f"{unit['households']} households{_write_minutes(unit['minutes'])}"
        for unit in result["units"]
    ]
    return "\n".join(lines) or "no unit here"


def _write_minutes(minutes: float | None) -> str:
    return "" if minutes is None else f", farthest cell {minutes:.0f} min"


# --- rebalance ----------------------------------------------------------------------------------------------------


def _add_rebalance(parser: ArgumentParser) -> None:
    _add_area(parser)
    parser.add_argument("--tolerance", type=float, default=0.05, help="how far a unit may be from its fair share")
    parser.add_argument("--max-moves", type=int, metavar="N", help="cells that change hands at most")
    parser.add_argument("--compactness", type=float, default=0.0, metavar="W", help="cells a rounder shape is worth")
    parser.add_argument(
        "--keep", type=float, default=0.95, metavar="S", help="share of today's compactness that is kept"
    )
    parser.add_argument("--heal", action="store_true", help="give parts that lie apart to a neighbour")
    parser.add_argument("--seconds", type=float, default=5.0, help="time to search")
    parser.add_argument("--seed", type=seed, default=1)
    parser.add_argument("--apply", action="store_true", help="order it; else it is only proposed")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why, with --apply; it is kept")
    parser.add_argument("--effective", type=read_day, metavar="DATE", help="first day it holds (default: today)")
    parser.epilog = "--as USER is who orders: the role and area of that account count."


def _rebalance(invocation: Invocation) -> dict[str, Any]:
    given, context, actor = invocation.arguments, invocation.context, invocation.find_account()
    if given.apply:
        check_reason(given.reason)
        check_day(given.effective, local_day(context.clock()))
    request = SuggestionRequest(
        area_code=given.area,
        wishes=Wishes(
            tolerance=given.tolerance,
            most_moves=given.max_moves,
            compactness_weight=given.compactness,
            compactness_kept=given.keep,
            heal=given.heal,
            alternatives=(),
        ),
        effort=Effort(seconds=given.seconds, seed=given.seed),
    )
    with stop_softly(invocation.progress) as stop:
        found = suggest(context, actor, request=request, progress=stop)
    chosen = found.alternatives[0]
    # Who has a cell is read before the order gives it away.
    document, order = _build_moves(invocation, chosen), None
    # Whoever stops the search wants to see what it found, and has not seen what would be ordered.
    if given.apply and chosen.owners and not stop.is_asked:
        placed = order_suggestion(
            context, actor, suggestion=found, choice=0, reason=given.reason, effective_on=given.effective
        )
        order = build_order(show_order(context, actor, order_id=placed.id).order)
    return {**document, "stopped": stop.is_asked, "order": order}


def _build_moves(invocation: Invocation, chosen: Alternative) -> dict[str, Any]:
    context, actor = invocation.context, invocation.find_account()
    units, codes = cell_lists.list_unit_codes(context, actor), cell_lists.list_owners(context, actor)
    moves = [
        {"code": code, "from": None if owner is None else units.get(owner), "to": units[unit]}
        for (code, owner), unit in ((codes[cell], unit) for cell, unit in chosen.owners.items())
    ]
    return {
        "moves": sorted(moves, key=lambda move: str(move["code"])),
        "households": chosen.households,
        "balanced": chosen.balanced,
        "before": _build_plan(units, chosen, "before"),
        "after": _build_plan(units, chosen, "after"),
    }


def _build_plan(units: dict[int, str], chosen: Alternative, side: str) -> dict[str, Any]:
    """The whole, and each unit, `before` or `after`."""
    plan: PlanFigures = getattr(chosen, side)
    return {
        **{name: _round(value) for name, value in asdict(plan).items()},
        "units": [
            {
                "code": units[unit.unit_id],
                "name": unit.name,
                **{name: _round(value) for name, value in asdict(getattr(unit, side)).items()},
                "deviation": _round(getattr(unit, side).deviation),
            }
            for unit in chosen.units
        ],
    }


def _describe_rebalance(result: dict[str, Any]) -> str:
    before, after = result["before"], result["after"]
    lines = [f"{move['code']}: {move['from'] or '-'} -> {move['to']}" for move in result["moves"]]
    lines.append(
        f"{len(lines)} cells, {result['households']} households; largest deviation {before['deviation']:.0%} -> "
        f"{after['deviation']:.0%}, compactness {before['compactness']:.2f} -> {after['compactness']:.2f}"
    )
    if not result["balanced"]:
        lines.append("not every unit comes within the tolerance: this is the nearest that was found")
    if result["stopped"]:
        lines.append("stopped before the time was out: this is the best that was found by then")
    order = result["order"]
    lines.append("nothing was ordered" if order is None else f"ordered as {order['number']}: {order['state']}")
    return "\n".join(lines)


COMMANDS = (
    Command("workload", "what units carry beside their fair share", _add_workload, _workload, _describe_workload),
    Command("rebalance", "propose the fewest moves to a fair share", _add_rebalance, _rebalance, _describe_rebalance),
)
