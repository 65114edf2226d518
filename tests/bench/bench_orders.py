"""Orders of cells on the demo province of 90,000 cells, beside the same rows written without a journal."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor, Role
from gridmap.domain.change_orders import NewOrder
from gridmap.domain.districting.proposals import Wishes
from gridmap.domain.districting.search import Effort
from gridmap.domain.progress import silent
from gridmap.services import grids
from gridmap.services.change_order_decisions import undo_order
from gridmap.services.change_orders import place_order, preview_order
from gridmap.services.context import Context
from gridmap.services.suggestion_posing import SuggestionRequest, pose_suggestion
from gridmap.services.suggestions import judge_proposals, suggestion_job
from gridmap.services.workload import measure_units
from gridmap.store import tables
from gridmap.store.areas import load_owned_cells
from tests.bench.figures import Board, Figure

ACTOR = Actor("bench", Role.ADMINISTRATOR)
VIEW = 5_000
"""Cells that one supervisor has in view."""

LARGE = 2_000
LIMITS_S = {1: 0.03, 100: 0.05, LARGE: 0.2}
PREVIEWS, ORDERS = 9, 5


def measure(work: Callable[[], object], times: int) -> float:
    """Median seconds of the processor."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def choose(context: Context) -> tuple[list[int], int]:
    """The first cells of the province by code, which lie side by side, and a unit that has none of them."""
    owned = tables.assignment.c
    with context.database.read() as connection:
        cells = [int(cell) for cell in load_owned_cells(connection, scope="")["id"][:VIEW]]
        near = set(connection.scalars(sa.select(owned.unit_id).where(owned.cell_id.in_(cells))))
    return cells, min(set(grids.list_units(context, ACTOR)["id"].astype(int)) - near)


@pytest.mark.bench
def test_orders_of_a_province_are_seen_placed_and_undone_at_once(province_context: Context, board: Board) -> None:
    cells, unit = choose(province_context)
    figures = []
    for number, limit_s in LIMITS_S.items():
        chosen = cells[:number]
        taken_s = measure(
            lambda chosen=chosen: preview_order(province_context, ACTOR, owners=dict.fromkeys(chosen, unit)), PREVIEWS
        )
        figures.append(Figure(f"preview of {number:,} cells among 90,000", limit_s, taken_s, "s"))
    placed, undone = [], []
    new = NewOrder(owners=dict.fromkeys(cells[:LARGE], unit), reason="bench")
    for _ in range(ORDERS):
        began = time.process_time()
        order = place_order(province_context, ACTOR, order=new)
        middle = time.process_time()
        undo_order(province_context, ACTOR, order_id=order.id, reason="bench")
        placed.append(middle - began)
        undone.append(time.process_time() - middle)
    peers = {"without a journal": measure(lambda: write_plainly(province_context, cells[:LARGE], unit), ORDERS)}
    figures += [
        Figure(f"an order of {LARGE:,} cells among 90,000", 0.3, statistics.median(placed), "s", peers),
        Figure("its undo", 0.3, statistics.median(undone), "s", peers),
    ]
    for figure in figures:
        print(figure)
    board.check(*figures)


@pytest.mark.bench
def test_a_county_of_a_province_is_measured_and_rebalanced(province_context: Context, board: Board) -> None:
    context = province_context
    units = grids.list_units(context, ACTOR)
    cells = units.groupby(units["area_code"].str[:6])["cells"].sum()
    county = str((cells - 1_000).abs().idxmin())
    measure_units(context, ACTOR, area_code=county)
    request = SuggestionRequest(area_code=county, wishes=Wishes(alternatives=()), effort=Effort(seconds=1.0))
    proposals = suggestion_job(silent, pose_suggestion(context, ACTOR, request=request))
    posed = pose_suggestion(context, ACTOR, request=request)
    chosen = judge_proposals(context, ACTOR, posed=posed, proposals=proposals).alternatives[0]
    print(
        f"\ncounty {county}: {cells[county]} cells, {len(chosen.units)} units, {len(chosen.owners)} moved in 1 s, "
        f"largest deviation {chosen.before.deviation:.0%} -> {chosen.after.deviation:.0%}, "
        f"compactness {chosen.before.compactness:.3f} -> {chosen.after.compactness:.3f}"
    )
    assert chosen.after.strays <= chosen.before.strays
    figures = [
        Figure(name, limit_s, measure(work, PREVIEWS), "s")
        for name, limit_s, work in (
            ("workload of its units", 0.3, lambda: measure_units(context, ACTOR, area_code=county)),
            ("posing the search", 0.3, lambda: pose_suggestion(context, ACTOR, request=request)),
            (
                "judging what was found",
                0.3,
                lambda: judge_proposals(context, ACTOR, posed=posed, proposals=proposals),
            ),
        )
    ]
    for figure in figures:
        print(figure)
    board.check(*figures)


def write_plainly(context: Context, cells: list[int], unit: int) -> None:
    """Give cells to a unit and note since when, row by row, and nothing of who ordered it, why and what was before."""
    owned, days = tables.assignment, tables.tenure
    with context.database.write_unjournalled() as connection:
        change = owned.update().where(owned.c.cell_id == sa.bindparam("cell")).values(unit_id=unit)
        connection.execute(change, [{"cell": cell} for cell in cells])
        today = context.clock().date()
        connection.execute(days.insert(), [{"cell_id": cell, "unit_id": unit, "valid_from": today} for cell in cells])
