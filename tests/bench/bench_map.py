"""The map of a province in Chromium, with everything on it and every team moving, beside folium's way of drawing cells.

Frames are counted in the page while a real mouse drags and a real wheel turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Frame, Page

from gridmap.services.accounts import DEMO_ACCOUNTS
from gridmap.services.context import open_context
from gridmap.settings import Settings
from gridmap.store import areas
from tests.bench import peer_map
from tests.bench.conftest import Province
from tests.bench.figures import Board, Figure
from tests.bench.watching import IS_QUIET, NOTE_PICTURES, Heap, Motion, drag, record, wheel
from tests.browser.conftest import MAP_FRAME, Server, Visitor, chromium, serve, visit

__all__ = ["chromium", "serve", "visit"]

ZOOMS = (9, 11)
VISIBLE_S = {9: 1.2, 11: 0.8}
DRAG_P95_MS, WHEEL_P95_MS = 22.0, 28.0
HEAP_MB = 150.0
FIRST_MAP_S = 2.5
CELLS, HAZARDS, TEAMS = 89_000, 100_000, 2_000
PEER_CELLS = (5_000, 20_000)
RUNS, PEER_RUNS = 3, 1
COMMANDER = next(account for account in DEMO_ACCOUNTS if account.role == "commander")
QUIET_MS = 600
WITHIN_MS = 180_000

pytestmark = [pytest.mark.bench, pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def server(serve: Callable[[str], Server], province: Province) -> Server:
    return serve(province.url)


@pytest.fixture(scope="module")
def demo_server(server: Server) -> Server:
    """Where visitors go."""
    return server


def enter(visit: Callable[..., Visitor]) -> Visitor:
    visitor = visit()
    visitor.page.add_init_script(NOTE_PICTURES)
    return visitor


def wait_until_quiet(visitor: Visitor) -> Frame:
    """The map once everything is loaded and painted."""
    visitor.page.wait_for_function(IS_QUIET, arg=[MAP_FRAME, QUIET_MS], polling=50, timeout=WITHIN_MS)
    return visitor.map_frame()


def look_at(visitor: Visitor, zoom: int) -> Frame:
    """The middle of the province."""
    frame = wait_until_quiet(visitor)
    frame.evaluate(
        """zoom => {
          const {map, options: {bounds: [west, south, east, north]}} = gridmap.app;
          map.setView([(south + north) / 2, (west + east) / 2], zoom, {animate: false});
        }""",
        zoom,
    )
    return wait_until_quiet(visitor)


def find_middle(page: Page) -> tuple[float, float]:
    """Middle of the map's frame, pixels of the page."""
    box = page.locator(MAP_FRAME).first.bounding_box()
    assert box is not None
    return box["x"] + 0.45 * box["width"], box["y"] + 0.5 * box["height"]


@dataclass(frozen=True)
class Seen:
    """What a map takes at one zoom."""

    visible_s: float
    drag: Motion
    wheel: Motion
    heap_mb: float


def move(page: Page, frame: Frame | Page, settle: Callable[[], object], *, runs: int) -> tuple[Motion, Motion]:
    """Medians of several drags and of several turns of the wheel; both end where they began."""
    middle = find_middle(page) if isinstance(frame, Frame) else (700.0, 450.0)
    motions = []
    for act in (drag, wheel):
        act(page, middle)  # the first time through, tiles are fetched and code is compiled
        made = []
        for _ in range(runs):
            settle()
            made.append(record(frame, lambda act=act: act(page, middle)))
        motions.append(Motion.median(made))
    return motions[0], motions[1]


# --- the peer ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def peers(
    chromium: Browser, province: Province, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, dict[int, Seen]]:
    """Cells by folium.GeoJson: by zoom, then by number of cells."""
    folder = tmp_path_factory.mktemp("peer")
    context = open_context(Settings(database_url=province.url))
    with context.database.read() as connection:
        bounds = areas.load_bounds(connection, scope="")
        cells = areas.load_cells(connection, scopes=[""])[["id", "geometry"]]
    context.close()
    assert bounds is not None
    assert len(cells) >= CELLS
    lon, lat = (bounds.x_min + bounds.x_max) / 2, (bounds.y_min + bounds.y_max) / 2
    away = np.hypot(*(shapely.get_coordinates(shapely.centroid(cells.geometry.to_numpy())) - (lon, lat)).T)
    nearest = cells.iloc[np.argsort(away)]
    with peer_map.serve_folder(folder) as address:
        for count, zoom in product(PEER_CELLS, ZOOMS):
            page = folder / f"{count}-{zoom}.html"
            peer_map.write_page(page, nearest.iloc[:count], center=(lon, lat), zoom=zoom)
        return {
            zoom: {count: measure_peer(chromium, f"{address}/{count}-{zoom}.html") for count in PEER_CELLS}
            for zoom in ZOOMS
        }


def measure_peer(chromium: Browser, address: str) -> Seen:
    """All cells are drawn by one script: once the page has painted after it, they are visible."""
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    painted = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    page.goto(address, timeout=WITHIN_MS)
    began = time.perf_counter()
    page.goto(address, timeout=WITHIN_MS)
    page.evaluate(painted)
    visible_s = time.perf_counter() - began
    dragged, wheeled = move(page, page, lambda: page.evaluate(painted), runs=PEER_RUNS)
    heap_mb, _ = Heap(page).measure()
    page.close()
    return Seen(visible_s, dragged, wheeled, heap_mb)


def name_peers(peers: dict[int, Seen], read: Callable[[Seen], float]) -> dict[str, float]:
    return {f"folium {count:,}": read(seen) for count, seen in peers.items()}


# --- ours -------------------------------------------------------------------------------------------------------


def test_the_first_map_after_sign_in(visit: Callable[..., Visitor], server: Server, board: Board) -> None:
    spans = []
    for _ in range(RUNS + 1):
        visitor = enter(visit)
        visitor.page.goto(f"{server.url}/session/login")
        # Nobody types a name and a password in less time than the scripts take to come.
        visitor.page.wait_for_load_state("networkidle")
        form = visitor.page.locator("main > form").first
        form.locator('input[name="name"]').fill(COMMANDER.name)
        form.locator('input[name="password"]').fill(COMMANDER.password)
        began = time.time()
        form.locator("button").click(no_wait_after=True)
        frame = wait_until_quiet(visitor)
        seen = frame.evaluate("seen")
        spans.append(max(seen["picture"], seen["table"]) / 1000 - began)
        visitor.page.close()
    board.check(Figure("first map after sign-in, new browser", FIRST_MAP_S, statistics.median(spans[1:]), "s"))


@pytest.mark.parametrize("zoom", ZOOMS)
def test_cells_are_visible_and_the_map_moves(
    visit: Callable[..., Visitor], board: Board, peers: dict[int, dict[int, Seen]], zoom: int
) -> None:
    visitor = enter(visit)
    visitor.sign_in("commander")
    look_at(visitor, zoom)
    spans, pages = [], []
    for _ in range(RUNS):
        # The map comes back to where it was.
        began = time.time()
        visitor.page.reload()
        seen = wait_until_quiet(visitor).evaluate("seen")
        spans.append((seen["picture"] - seen["began"]) / 1000)
        pages.append(seen["picture"] / 1000 - began)
    frame = wait_until_quiet(visitor)
    assert_everything_is_on(frame)
    dragged, wheeled = move(visitor.page, frame, lambda: wait_until_quiet(visitor), runs=RUNS)
    heap_mb, buffers_mb = Heap(visitor.page).measure()
    print(f"\nzoom {zoom}: {statistics.median(pages):.2f} s with the page around the map")
    print(f"zoom {zoom}: drag {dragged}, wheel {wheeled}, heap {heap_mb:.0f} MB + {buffers_mb:.0f} MB of buffers")
    visitor.assert_calm()
    here = peers[zoom]
    board.check(
        Figure(
            f"cells visible, map reloaded at zoom {zoom}",
            VISIBLE_S[zoom],
            statistics.median(spans),
            "s",
            name_peers(here, lambda seen: seen.visible_s),
        ),
        Figure(
            f"drag at zoom {zoom}, p95 of frames",
            DRAG_P95_MS,
            dragged.p95_ms,
            "ms",
            name_peers(here, lambda seen: seen.drag.p95_ms),
        ),
        Figure(
            f"wheel at zoom {zoom}, p95 of frames",
            WHEEL_P95_MS,
            wheeled.p95_ms,
            "ms",
            name_peers(here, lambda seen: seen.wheel.p95_ms),
        ),
        Figure(f"heap at zoom {zoom}", HEAP_MB, heap_mb, "MB", name_peers(here, lambda seen: seen.heap_mb)),
    )


def assert_everything_is_on(frame: Frame) -> None:
    """Cells are on the ground, every table is whole, and the teams move."""
    frame.wait_for_function("teams => gridmap.app.teams.units.size >= teams", arg=int(0.98 * TEAMS), timeout=WITHIN_MS)
    lengths = frame.evaluate(
        "Object.fromEntries(Object.entries(gridmap.app.feed.tables).map(([n, t]) => [n, t.length]))"
    )
    assert lengths["cells"] >= CELLS
    assert lengths["hazards"] >= 0.4 * HAZARDS  # the others are ended, and no longer on a map
    switched = frame.evaluate("[...gridmap.app.layersOn]")
    assert {"borders", "rail", "segments", "hazards", "sites", "stations", "teams", "labels"} <= set(switched)
    cells = set(frame.evaluate("Array.from(gridmap.app.table('cells').data('id'))"))
    drawn = set(frame.evaluate("async () => [...await gridmap.app.tiles.idsInView()]"))
    assert drawn
    assert drawn <= cells
