"""The real app as a process of its own, on the small county, asked over real HTTP and WebSockets."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import shapely
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from gridmap.domain.access import Role
from gridmap.services import accounts, closures, hazards, incidents, planning, teams
from gridmap.services.closures import NewClosure
from gridmap.services.context import Context, open_context
from gridmap.services.hazards import NewHazard
from gridmap.services.incidents import NewIncident
from gridmap.services.planning import PlanRequest
from gridmap.settings import Settings
from gridmap.store.datasets import save_setting
from tests.columns import read_rows
from tests.counties import ADMIN, EAST_TOWN, WEST_TOWN, fill_county, place_in, set_patrols
from tests.shared import make_once

ROOT = Path(__file__).parents[3]
STARTS_WITHIN_S = 60

PASSWORD = "a heron by the river"
SCOPES = {"chief": "", "west": WEST_TOWN, "east": EAST_TOWN, "locked": "", "leaver": "", "linguist": ""}
"""Accounts of the county and the area each is confined to; all supervisors with the same password."""


OFFICES = ("chief", "west", "east")
CREWS = {"west crew": f"car {WEST_TOWN}", "east crew": f"car {EAST_TOWN}"}
"""Accounts of teams, and the team of each."""


@dataclass(frozen=True)
class Server:
    """A running app."""

    url: str
    database_url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def visit(self) -> httpx.Client:
        """A browser without a cookie; follows no redirect."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=20)

    @contextmanager
    def sign_in(self, name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        """A browser in which `name` has signed in."""
        with self.visit() as client:
            answer = client.post("/session/login", data={"name": name, "password": password})
            assert answer.status_code == 303, answer.text
            yield client

    def listen(self, path: str, client: httpx.Client, *, origin: str | None = None) -> ClientConnection:
        """A WebSocket that brings the client's cookies, from a page of the server itself."""
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return connect(
            f"ws://{self.host}{path}",
            additional_headers={"Cookie": cookies, "Origin": origin or self.url},
            proxy=None,
            compression=None,
        )


def _start(folder: Path, database_url: str, *, command: Sequence[str], **environment: str) -> Server:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / f"{port}.log"
    given = {"GRIDMAP_DB": database_url, "GRIDMAP_PORT": str(port), "GRIDMAP_SIMULATE": "0", **environment}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **given},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Server(f"http://127.0.0.1:{port}", database_url, process, log)


def _wait(server: Server) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=STARTS_WITHIN_S)
    with server.visit() as client:
        while server.process.poll() is None and datetime.now(UTC) < ends:
            with suppress(httpx.TransportError):
                if client.get("/healthz").status_code == 200:
                    return
            with suppress(subprocess.TimeoutExpired):
                server.process.wait(0.1)
    pytest.fail(f"the server did not start:\n{server.log.read_text(encoding='utf-8')[-4000:]}")


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start the app on a database; keyword arguments are settings from the environment."""
    started: list[Server] = []
    folder = tmp_path_factory.mktemp("servers")

    def start(database_url: str, *, command: Sequence[str] = (str(ROOT / "app.py"),), **environment: str) -> Server:
        server = _start(folder, database_url, command=command, **environment)
        started.append(server)
        _wait(server)
        return server

    yield start
    for server in started:
        server.process.send_signal(signal.SIGINT)
    for server in started:
        # A person's Ctrl+C: no failure, and nothing that looks like one.
        assert server.process.wait(20) == 0
        assert "KeyboardInterrupt" not in server.log.read_text(encoding="utf-8")


def fill_served(context: Context) -> None:
    """The county with accounts, and a hazard and an incident in each town; synthetic, so that demo accounts exist."""
    fill_county(context)
    demo_team = teams.find_team(context, ADMIN, name=f"foot {WEST_TOWN}")
    with context.database.write(ADMIN, kind="fill") as work:
        save_setting(work, "synthetic", True)
        accounts.create_demo_accounts(work, team_id=demo_team)
    for name, scope in SCOPES.items():
        accounts.add_account(context, ADMIN, name=name, password=PASSWORD, role=Role.SUPERVISOR, scope_code=scope)
    for name, team in CREWS.items():
        own = teams.find_team(context, ADMIN, name=team)
        accounts.add_account(context, ADMIN, name=name, password=PASSWORD, role=Role.TEAM, team_id=own)
    for column, title in ((0, "West hazard"), (5, "East hazard")):
        report_hazard(context, title=title, column=column)
        lon, lat = place_in(column, 0)
        incidents.open_incident(context, ADMIN, new=NewIncident(kind="fire", severity=3, lon=lon, lat=lat))
        # Faster than anybody drives there: plans are as without it.
        drawn = shapely.box(lon - 0.0055, lat - 0.0055, lon + 0.0055, lat + 0.0055)
        closures.close_road(
            context, ADMIN, new=NewClosure(geometry_wgs84=drawn, reason=f"Bend {column}", speed_kmh=120.0)
        )


def plan_patrols(context: Context) -> None:
    """A patrol plan in each town, everything being long overdue."""
    set_patrols(context, at=datetime.now(UTC) - timedelta(days=400))
    for town in (WEST_TOWN, EAST_TOWN):
        request = PlanRequest(area_code=town, iterations=20)
        document = planning.compute_plan(context, ADMIN, request=request)
        planning.save_plan(context, ADMIN, document=document, name=f"Plan {town}")


def report_hazard(context: Context, *, title: str, column: int) -> int:
    """A hazard in the middle of the southernmost cell of a column."""
    lon, lat = place_in(column, 0)
    new = NewHazard(kind="burning", severity=2, title=title, lon=lon, lat=lat)
    return hazards.add_hazard(context, ADMIN, new=new)


@pytest.fixture(scope="session")
def county_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the served county and its plans that nobody has opened, to be copied."""

    def make(folder: Path) -> None:
        with open_briefly(f"sqlite:///{folder / 'county.db'}") as context:
            fill_served(context)
            plan_patrols(context)

    return make_once(tmp_path_factory, "served-county", make) / "county.db"


def copy_county(county_made: Path, folder: Path) -> str:
    """Address of a database of its own with the served county and its plans."""
    return f"sqlite:///{shutil.copy(county_made, folder)}"


@pytest.fixture(scope="session")
def county_file(county_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of one's own with the served county and its plans."""
    return Path(shutil.copy(county_made, tmp_path_factory.mktemp("county")))


@contextmanager
def open_briefly(database_url: str) -> Iterator[Context]:
    """The services of a database, in a process other than the server's."""
    context = open_context(Settings(database_url=database_url))
    try:
        yield context
    finally:
        context.close()


@pytest.fixture(scope="session")
def server(serve: Callable[..., Server], county_file: Path) -> Server:
    """The app on the county, on this machine only, started as `make run` does."""
    command = ("-m", "gridmap", "serve", "--demo")
    return serve(f"sqlite:///{county_file}", command=command, GRIDMAP_HOST="127.0.0.1")


@pytest.fixture
def stranger(server: Server) -> Iterator[httpx.Client]:
    """A browser in which nobody has signed in."""
    with server.visit() as client:
        yield client


@pytest.fixture(scope="session")
def clients(server: Server) -> Iterator[dict[str, httpx.Client]]:
    """Browsers in which the chief (of everything), the west, the east and their crews have signed in."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(server.sign_in(name)) for name in (*OFFICES, *CREWS)}


@pytest.fixture(scope="session")
def chief(clients: dict[str, httpx.Client]) -> httpx.Client:
    """A browser of somebody whose scope is everything."""
    return clients["chief"]


def wait_until_closed(socket: ClientConnection) -> int | None:
    """The closing code, whatever was told before."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=5)
    return socket.close_code


def read_table(client: httpx.Client, name: str) -> list[dict[str, Any]]:
    """Rows of one table of the map."""
    answer = client.get(f"/layers/{name}.bin")
    assert answer.status_code == 200, answer.text
    return read_rows(answer.content)
