"""What a move of cells would do, on the screen: from the act of a county's supervisor in the demo province to the
figures of the move, painted. Beside it what the service alone takes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Frame, Page

from gridmap.domain.access import Actor, Role
from gridmap.i18n import translator
from gridmap.i18n.formats import format_number
from gridmap.services import grids
from gridmap.services.change_orders import preview_order
from gridmap.services.context import Context, open_context
from gridmap.settings import Settings
from gridmap.store.areas import load_owned_cells
from tests.bench.conftest import Province
from tests.bench.figures import Board, Figure
from tests.browser.conftest import Server, Visitor, chromium, run_command, serve, visit

__all__ = ["chromium", "serve", "visit"]

SUPERVISOR, PASSWORD = "screen", "keeper-of-the-valley"
SCOPE = "190807"
ACTOR = Actor(SUPERVISOR, Role.SUPERVISOR, SCOPE)
NUMBERS = (1, 100, 2_000)
LIMIT_MS = 250.0
WARM_UPS, RUNS = 2, 9
_ = translator("zh-CN")

NOTE_KEYS = """
addEventListener('keydown', ({key}) => {
  if (key === 'Enter') window.pressedAt = performance.timeOrigin + performance.now();
}, true);
"""
CHOOSE = """ids => {
  const began = performance.timeOrigin + performance.now();
  gridmap.app.pointer.setCells(new Set(ids), null);
  return began;
}"""
IS_SHOWN = """([unit, households]) => {
  const shown = [...document.querySelectorAll('.gm-bars')].some((bar) => (
    bar.querySelector('span').textContent === unit && bar.querySelector('b').textContent === households));
  return shown && performance.timeOrigin + performance.now();
}"""

pytestmark = [pytest.mark.bench, pytest.mark.browser, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def demo_server(serve: Callable[[str], Server], province: Province) -> Server:
    """Where visitors go: the demo province, with the supervisor of its county of most cells."""
    scope = ("--role", "supervisor", "--scope", SCOPE)
    run_command("user", "add", SUPERVISOR, *scope, "--db", province.url, given=PASSWORD)
    return serve(province.url)


@dataclass(frozen=True)
class Move:
    """Cells, the unit they may go to, and what the page says of its households then."""

    cells: list[int]
    unit: str
    households: str


def pose(context: Context, cells: list[int], unit_id: int, unit: str) -> tuple[Move, float]:
    """A move, and the milliseconds the service takes for its figures."""
    began = time.perf_counter()
    preview = preview_order(context, ACTOR, owners=dict.fromkeys(cells, unit_id))
    taken_ms = 1000 * (time.perf_counter() - began)
    (own,) = (balance for balance in preview.balance.units if balance.name == unit)
    households = f"{format_number(own.before.households)} → {format_number(own.after.households)}"
    return Move(cells, unit, households), taken_ms


def pose_moves(context: Context, number: int) -> tuple[list[Move], float]:
    """Two choices of `number` cells by two units that have none of them: each differs in cells or in unit."""
    with context.database.read() as connection:
        owned = load_owned_cells(connection, scope=SCOPE)[: number + 1]
    cells = [int(cell) for cell in owned["id"]]
    units = grids.list_units(context, ACTOR).sort_values("code").set_index("id")
    listed = dict.fromkeys([*grids.find_units_beside(context, ACTOR, cell_ids=cells), *units.index])
    free = units.loc[[unit for unit in listed if unit not in set(owned["unit_id"])]].drop_duplicates("name")
    chosen = [(int(unit), name) for unit, name in free["name"].items()][:2]
    for _warm_up in range(2):
        posed = [pose(context, few, *unit) for few in (cells[:-1], cells[1:]) for unit in chosen]
    return [move for move, _ms in posed], statistics.median(ms for _move, ms in posed)


def see(page: Page, move: Move) -> float:
    """When the figures of `move` are painted, milliseconds of the machine's clock."""
    shown = page.wait_for_function(IS_SHOWN, arg=[move.unit, move.households], polling="raf", timeout=60_000)
    return float(shown.json_value())


def choose_cells(frame: Frame, page: Page, move: Move) -> float:
    """Milliseconds from the choice on the map, whose unit is chosen, to the figures."""
    began = frame.evaluate(CHOOSE, move.cells)
    return see(page, move) - float(began)


def choose_unit(page: Page, move: Move) -> float:
    """Milliseconds from the key that chooses the unit to the figures."""
    field = page.get_by_role("combobox", name=_("Move to unit"))
    field.click()
    field.fill(move.unit)
    page.get_by_role("option").filter(has_text=move.unit).first.wait_for()
    field.press("Enter")
    return see(page, move) - float(page.evaluate("pressedAt"))


def test_a_move_is_seen_on_the_screen_at_once(visit: Callable[..., Visitor], province: Province, board: Board) -> None:
    context = open_context(Settings(database_url=province.url))
    posed = {number: pose_moves(context, number) for number in NUMBERS}
    context.close()
    visitor = visit()
    visitor.page.add_init_script(NOTE_KEYS)
    visitor.sign_in_as(SUPERVISOR, PASSWORD)
    visitor.open("/grids")
    frame, page, figures = visitor.map_frame(), visitor.page, []
    for number, ((here, there, here_beside, _other), service_ms) in posed.items():
        frame.evaluate(CHOOSE, here.cells)
        page.get_by_text(_("Cells chosen: {number}").format(number=f"{number}")).wait_for(timeout=60_000)
        by_unit = []
        for turn in range(WARM_UPS + RUNS):
            by_unit.append(choose_unit(page, (here, there)[turn % 2]))
            visitor.settle()
        choose_unit(page, here)
        by_cells = []
        for turn in range(WARM_UPS + RUNS):
            by_cells.append(choose_cells(frame, page, (here_beside, here)[turn % 2]))
            visitor.settle()
        for name, taken in (("another unit", by_unit), ("other cells", by_cells)):
            taken_ms = statistics.median(taken[WARM_UPS:])
            peers = {"the service alone": service_ms}
            figures.append(Figure(f"{name}, {number:,} cells chosen, on the screen", LIMIT_MS, taken_ms, "ms", peers))
    board.check(*figures)
