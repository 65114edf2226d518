"""What it costs to keep a hundred open maps told where two thousand teams are, each within its own area.

The peer is what a server without a stream of its own would do: ask the database for each map and answer in JSON.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from playwright.sync_api import expect
from websockets.asyncio.client import connect

from gridmap.domain.access import Actor, Role
from gridmap.services import accounts, teams
from gridmap.services.context import Context, open_context
from gridmap.services.live import HEADER, RECORD, load_moment
from gridmap.settings import Settings
from gridmap.store import positions, tables
from tests.browser.conftest import Visitor, chromium, demo_server, visit
from tests.browser.test_two_browsers import NOTE_CLICKS, NOTE_PAINTING, ZH, choose_cell, look_at_cell, prepare_move
from tests.counties import ADMIN, fill_county
from tests.integration.web.conftest import Server, serve

__all__ = ["chromium", "demo_server", "serve", "visit"]

TEAMS, CLIENTS, SPAN_S = 2000, 100, 20.0
SCOPES = ("", *(f"1499{city:02d}" for city in range(1, 12)), *(f"149901{town:03d}" for town in range(1, 9)))
"""The whole province, its cities, and towns of one of them: twenty scopes, one inside the other."""

SERVER_CORES = 0.05
RECOLOURED_MS, ROUNDS = 60.0, 6
LARGEST_PEER_RATIO = 1 / 20
PASSWORD = "a heron by the river"


@dataclass
class Watcher:
    """What one map was told."""

    scope: str
    numbers: list[int] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Two thousand teams over eleven cities, and an account for each scope."""
    path = tmp_path_factory.mktemp("live") / "live.db"
    context = open_context(Settings(database_url=f"sqlite:///{path}"))
    fill_county(context)
    with context.database.write(ADMIN, kind="fill") as work:
        post = int(work.connection.execute(tables.post.select()).first().id)
        codes = [f"1499{n % 11 + 1:02d}{n % 9 + 1:03d}" for n in range(TEAMS)]
        crew = {"post_id": post, "kind": "car", "members": 3, "shift_start_min": 0, "shift_end_min": 1440}
        rows = [{**crew, "name": f"Team {n}", "area_code": code, "on_duty": True} for n, code in enumerate(codes)]
        work.insert_many(tables.team, rows)
        work.touch("teams")
    for scope in SCOPES:
        name = f"at {scope or 'large'}"
        accounts.add_account(context, ADMIN, name=name, password=PASSWORD, role=Role.COMMANDER, scope_code=scope)
    yield context
    context.close()


def move_all(context: Context, team_ids: list[int], *, until: threading.Event) -> None:
    """A fix of every team each second, written from beside the server as receivers of positions do."""
    rng = np.random.default_rng(1)
    while not until.wait(1.0):
        lon, lat = rng.uniform(112, 113, TEAMS), rng.uniform(37, 38, TEAMS)
        common = {"heading_deg": 90.0, "speed_kmh": 30.0, "at": context.clock(), "simulated": True}
        fixes = [
            {"team_id": i, "lon": x, "lat": y, **common}
            for i, x, y in zip(team_ids, lon.tolist(), lat.tolist(), strict=False)
        ]
        with context.database.write_unjournalled() as connection:
            positions.save_positions(connection, fixes)


async def watch(server: Server, cookies: dict[str, str], watcher: Watcher, *, until: asyncio.Event) -> None:
    headers = {"Cookie": cookies[watcher.scope], "Origin": server.url}
    url = f"ws://{server.host}/live/units"
    async with connect(url, additional_headers=headers, proxy=None, compression=None) as socket:
        while not until.is_set():
            message = await asyncio.wait_for(socket.recv(), 5)
            assert isinstance(message, bytes)
            watcher.numbers.append(HEADER.unpack_from(message)[0])
            watcher.seen.update(np.frombuffer(message, RECORD, offset=HEADER.size)["id"].tolist())


async def watch_all(server: Server, cookies: dict[str, str], watchers: list[Watcher]) -> float:
    """Cores that the server kept busy while every map was open and told."""
    process, done = psutil.Process(server.process.pid), asyncio.Event()
    maps = [asyncio.create_task(watch(server, cookies, watcher, until=done)) for watcher in watchers]
    while not all(len(watcher.numbers) > 2 for watcher in watchers):
        await asyncio.sleep(0.1)
    busy = await asyncio.to_thread(measure_cores, process, lambda: time.sleep(SPAN_S))
    done.set()
    await asyncio.gather(*maps)
    return busy


def sign_in(server: Server, scope: str) -> str:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        answer = client.post("/session/login", data={"name": f"at {scope or 'large'}", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def measure_cores(process: psutil.Process, work: Callable[[], object]) -> float:
    """Cores that `process` kept busy meanwhile."""
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    work()
    return (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)


@pytest.mark.bench
def test_a_hundred_maps_cost_a_twentieth_of_a_core(province: Context, serve: Callable[..., Server]) -> None:
    path = Path(str(province.database.path))
    server = serve(f"sqlite:///{path}")
    cookies = {scope: sign_in(server, scope) for scope in SCOPES}
    crews = teams.list_teams(province, ADMIN)
    done = threading.Event()
    mover = threading.Thread(target=move_all, args=(province, crews["id"].tolist()), kwargs={"until": done})
    mover.start()
    process = psutil.Process(server.process.pid)
    watchers = [Watcher(SCOPES[n % len(SCOPES)]) for n in range(CLIENTS)]
    try:
        time_to_settle(server)
        idle = measure_cores(process, lambda: done.wait(SPAN_S / 2))
        busy = asyncio.run(watch_all(server, cookies, watchers))
    finally:
        done.set()
        mover.join()
    print(f"\n{CLIENTS} maps, {len(SCOPES)} scopes, {TEAMS} teams: {busy - idle:.3f} core beside {idle:.3f} at rest")
    for watcher in watchers:
        beats = [number for number in watcher.numbers if number]  # 0 answers the opening
        assert len(beats) >= SPAN_S - 1
        assert set(np.diff(beats)) == {1}, "a frame was lost"
        mine = crews["area_code"].str.startswith(watcher.scope)
        assert watcher.seen == set(crews.loc[mine, "id"])
    assert busy - idle <= SERVER_CORES


def time_to_settle(server: Server) -> None:
    """Wait until the server compiled and drew what it does after a start."""
    process = psutil.Process(server.process.pid)
    ends = time.monotonic() + 60
    while time.monotonic() < ends and process.cpu_percent(2.0) > 10:
        pass


@pytest.mark.bench
def test_a_beat_takes_a_twentieth_of_asking_for_each_map(province: Context) -> None:
    actors = [Actor(f"map {n}", Role.COMMANDER, SCOPES[n % len(SCOPES)]) for n in range(CLIENTS)]
    scopes = list({actor.scope_code: actor for actor in actors}.values())

    def ours() -> None:
        moment = load_moment(province)
        for actor in scopes:
            moment.build_frame(actor, number=1)

    def peer() -> None:
        for actor in actors:
            found = teams.list_teams(province, actor)[["id", "lon", "lat", "kind", "state", "heading_deg", "age_s"]]
            json.dumps(found.to_dict("records"))

    spans = {work: [] for work in (ours, peer)}
    for work, times in ((ours, 11), (peer, 2)):
        for _ in range(times):
            began = time.process_time()
            work()
            spans[work].append(time.process_time() - began)
    mine, other = statistics.median(spans[ours][1:]), statistics.median(spans[peer][1:])
    print(f"\na beat for {CLIENTS} maps: ours {1000 * mine:.1f} ms, a query and JSON for each map 1/{other / mine:.0f}")
    assert mine <= LARGEST_PEER_RATIO * other


@pytest.mark.bench
def test_a_click_recolours_both_maps_in_60_ms(visit: Callable[..., Visitor]) -> None:
    supervisor, mine = look_at_cell(visit, "supervisor", "/grids", row=90)
    _, theirs = look_at_cell(visit, "planner", "/grids", row=90)
    for frame in (mine, theirs):
        frame.evaluate(NOTE_PAINTING)
    page = supervisor.page
    page.evaluate(NOTE_CLICKS)
    spans: dict[str, list[float]] = {"own": [], "other": []}
    for _ in range(ROUNDS):
        cell = choose_cell(supervisor, mine)
        prepare_move(supervisor, mine, cell)
        for button in ("Confirm the move", "Undo"):
            page.evaluate("window.clicked = []")
            for frame in (mine, theirs):
                frame.evaluate("gridmap.painted = []")
            page.get_by_role("button", name=ZH(button)).first.click()
            for who, frame in (("own", mine), ("other", theirs)):
                frame.wait_for_function("() => gridmap.painted.length > 0")
                spans[who].append(frame.evaluate("gridmap.painted[0]") - page.evaluate("window.clicked[0]"))
            done = (
                "Moved. It can be undone below."
                if button != "Undo"
                else "Done. The list shows what became of the order."
            )
            expect(page.get_by_text(ZH(done))).to_be_visible(timeout=40_000)
            supervisor.settle()
    medians = {who: statistics.median(values) for who, values in spans.items()}
    print(
        f"\nclick to recolour, median of {2 * ROUNDS}: own map {medians['own']:.0f} ms, other {medians['other']:.0f} ms"
    )
    assert max(medians.values()) <= RECOLOURED_MS
