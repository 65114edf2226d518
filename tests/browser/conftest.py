"""A running server with the demo county, and a real Chromium that notes every request and every complaint."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Page, Request, expect, sync_playwright

from gridmap.services.accounts import DEMO_ACCOUNTS
from tests.shared import import_once, make_once

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
SEED = "1"
STARTS_WITHIN_S = 120
MAP_WITHIN_MS = 60_000
CELLS_ARE_IN_VIEW = "async () => gridmap.app.isSettled && (await gridmap.app.tiles.idsInView()).size > 3"
MAP_FRAME = "iframe[title^='streamlit_folium']"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-gpu-rasterization",  # Debian's own flags ask for it, and a processor does it at a third more
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",  # the pages of a window share a process, and what it has compiled
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_chromium() -> str:
    """Path of the system's Chromium; its absence skips here and fails where CI is set."""
    found = os.environ.get("GRIDMAP_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: install it with apt")
        pytest.skip("Chromium is missing: browser tests did not run")
    return found


def find_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running app."""

    url: str
    database_url: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(20)


def wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            # Nobody listens yet: the condition waited for.
            process_wait(process, 0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


def wait_for_answer(frame: Frame, question: str, *, within_s: float = 60) -> None:
    """Ask until an asynchronous `question` answers true.

    `Frame.wait_for_function` takes the promise of an asynchronous function for its answer, and waits for nothing.
    """
    deadline = time.monotonic() + within_s
    while not frame.evaluate(question):
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {within_s} s: {question}")
        time.sleep(0.1)


def process_wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start the app on a database, at a port of its own where none is given; all of them are stopped at the end."""
    processes: list[subprocess.Popen[bytes]] = []
    folder = tmp_path_factory.mktemp("servers")

    def start(database_url: str, *, port: int | None = None) -> Server:
        port = port or find_port()
        log = folder / f"{port}.log"
        environment = {**os.environ, "GRIDMAP_DB": database_url, "GRIDMAP_HOST": "127.0.0.1", "GRIDMAP_PORT": str(port)}
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py")], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
            )
        processes.append(process)
        server = Server(f"http://127.0.0.1:{port}", database_url, log, process)
        wait_until_healthy(process, server.url, log)
        return server

    yield start
    for process in processes:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo county that nobody has opened, to be copied; its tiles are drawn, so that no server draws them anew."""

    def make(folder: Path) -> None:
        run_command("demo", "--db", f"sqlite:///{folder / 'demo.db'}", "--seed", SEED)
        run_command("bake", "--db", f"sqlite:///{folder / 'demo.db'}")

    return make_once(tmp_path_factory, "demo-of-today", make) / "demo.db"


@pytest.fixture(scope="session")
def demo_server(serve: Callable[..., Server], demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The app on a fresh demo county."""
    return serve(copy_demo(demo_file, tmp_path_factory.mktemp("served")))


def copy_demo(demo_file: Path, folder: Path) -> str:
    """Address of a database of its own with the demo county."""
    return f"sqlite:///{shutil.copy(demo_file, folder)}"


KEEPER, KEEPER_PASSWORD = "keeper", "keeper-of-the-valley"


@pytest.fixture(scope="session")
def imported_server(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory, realdata: Path) -> Server:
    """The app on real OpenStreetMap data, with one administrator."""
    made = import_once(tmp_path_factory, realdata / "osm" / "liechtenstein.osm.pbf") / "made.db"
    database_url = f"sqlite:///{shutil.copy(made, tmp_path_factory.mktemp('imported'))}"
    add_keeper(database_url)
    return serve(database_url)


@pytest.fixture(scope="session")
def empty_server(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The app on a database that nothing was loaded into, with one administrator."""
    database_url = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'empty.db'}"
    add_keeper(database_url)
    return serve(database_url)


def run_command(*arguments: str, given: str = "") -> None:
    """`python -m gridmap`, which must succeed."""
    command = [sys.executable, "-m", "gridmap", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, input=given, check=False)
    assert done.returncode == 0, done.stderr


def add_keeper(database_url: str) -> None:
    run_command("user", "add", KEEPER, "--role", "administrator", "--db", database_url, given=KEEPER_PASSWORD)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser process for all tests."""
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def find_account(role: str) -> tuple[str, str]:
    """Name and password of the demo account of `role`."""
    return next((account.name, account.password) for account in DEMO_ACCOUNTS if account.role == role)


@dataclass
class Visitor:
    """A person at a browser, with all that the browser asked for and complained about."""

    server: Server
    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("request", self._note_request)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("websocket", lambda opened: self.requests.append(opened.url))

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def sign_in(self, role: str) -> None:
        """Sign in as the demo account of `role`."""
        self.sign_in_as(*find_account(role))

    def sign_in_as(self, name: str, password: str) -> None:
        """Sign in without the page for it, which leads to a page of the app that nobody would look at."""
        form = {"name": name, "password": password}
        answer = self.page.request.post(f"{self.server.url}/session/login", form=form, max_redirects=0)
        assert answer.status == 303, answer.text()

    def sign_in_by_hand(self, role: str) -> None:
        """Sign in as the demo account of `role` through the sign-in page."""
        name, password = find_account(role)
        self.page.goto(f"{self.server.url}/session/login")
        form = self.page.locator("main > form").first
        form.locator('input[name="name"]').fill(name)
        form.locator('input[name="password"]').fill(password)
        form.locator("button").click()
        self.page.wait_for_url(lambda url: "/session/login" not in url)

    def open(self, path: str = "/") -> None:
        """Go to a page of the app."""
        self.page.goto(self.server.url + path)

    def turn_to(self, path: str) -> None:
        """Follow the bar's link to another page, as a person does; the page is there when the bar says so."""
        self.page.locator(f"a[href$='{path}']").first.click()
        self.page.wait_for_url(f"**/{path}")
        expect(self.page.locator(f".st-key-gm_here a[href$='{path}']")).to_be_visible(timeout=MAP_WITHIN_MS)
        self.settle()

    def map_frame(self, *, teams: bool = False) -> Frame:
        """The living map of the page, once its tables are loaded, its tiles painted and, on request, its teams seen."""
        # Streamlit may mount the frame anew while the page is built up: the one that counts is there after the script.
        self._wait_for_map(teams=teams)
        self.settle()
        self._wait_for_map(teams=teams)
        frame = self.page.locator(MAP_FRAME).first.element_handle().content_frame()
        assert frame is not None
        return frame

    def _wait_for_map(self, *, teams: bool) -> None:
        # Asked from the page: a frame that is taken away cannot answer.
        self.page.wait_for_function(
            """([selector, teams]) => {
              const app = document.querySelector(selector)?.contentWindow?.gridmap?.app;
              return app?.isSettled && (!teams || app.teams.lastFrameAt !== null);
            }""",
            arg=[MAP_FRAME, teams],
            polling=50,
            timeout=MAP_WITHIN_MS,
        )

    def settle(self) -> None:
        """Wait until the page's script is done: what is drawn anew between press and release hears no click."""
        expect(self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(
            timeout=MAP_WITHIN_MS
        )

    def look(self, name: str) -> None:
        """Write a screenshot for people to look at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def assert_calm(self) -> None:
        """Not one request left this machine, and not one complaint stands in the console."""
        hosts = {urlsplit(url).hostname for url in self.requests if not url.startswith(("data:", "blob:", "about:"))}
        assert hosts <= {"127.0.0.1"}
        assert self.complaints == []


class Windows:
    """Browser windows kept from test to test, with nothing left in them of the one before but compiled scripts.

    A new window's process compiles the scripts of the page anew: half of what opening a page takes the processor.
    """

    def __init__(self, chromium: Browser, keeper_url: str) -> None:
        self._chromium = chromium
        self._keeper_url = keeper_url
        self._idle: dict[str, list[BrowserContext]] = {}

    @contextmanager
    def lend(self) -> Iterator[Callable[..., BrowserContext]]:
        """Hand out windows of given options for the pages of an origin, and take them back at the end."""
        lent: list[tuple[str, str, BrowserContext]] = []

        def take(origin: str, **options: Any) -> BrowserContext:
            kind = repr(sorted(options.items()))
            idle = self._idle.setdefault(kind, [])
            context = idle.pop() if idle else self._open(**options)
            lent.append((kind, origin, context))
            return context

        yield take
        for kind, origin, context in lent:
            self._clean(context, origin)
            self._idle[kind].append(context)

    def _open(self, **options: Any) -> BrowserContext:
        context = self._chromium.new_context(timezone_id="Asia/Shanghai", **options)
        context.new_page().goto(self._keeper_url)  # as long as one page is open, the process stays
        return context

    def _clean(self, context: BrowserContext, origin: str) -> None:
        keeper, *pages = context.pages
        for page in pages:
            page.close()
        context.set_offline(False)
        context.clear_cookies()
        session = context.new_cdp_session(keeper)
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()


@pytest.fixture(scope="session")
def windows(chromium: Browser, demo_server: Server) -> Windows:
    return Windows(chromium, f"{demo_server.url}/healthz")


@pytest.fixture
def visit(windows: Windows, demo_server: Server) -> Iterator[Callable[..., Visitor]]:
    """Open a browser window as a visitor: `visit(width=…, height=…, locale=…, color_scheme=…, server=…)`."""
    with windows.lend() as take:

        def enter(
            *, width: int = 1440, height: int = 900, locale: str = "zh-CN", server: Server = demo_server, **options: Any
        ) -> Visitor:
            window = take(server.url, viewport={"width": width, "height": height}, locale=locale, **options)
            visitor = Visitor(server, window.new_page())
            visitor.listen()
            return visitor

        yield enter
