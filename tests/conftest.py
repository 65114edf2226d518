"""Parts every test may use: real data, throw-away databases on both engines, a context whose clock stands still."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import osmium
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from gridmap.domain.access import Actor, Role
from gridmap.jobs import JobRunner
from gridmap.services.context import Context
from gridmap.settings import Settings
from gridmap.store.database import Database, open_database
from gridmap.store.schema import current_schema, head_schema
from gridmap.store.tables import metadata
from tests.shared import make_once

ENGINES = ("sqlite", "postgis")

# In CI the same examples each time: a build must not fail by a throw of dice. Everywhere else, new ones.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


SERVED_TOGETHER = ("tests/browser/", "tests/integration/web/")
"""Folders whose tests share a running server: what it takes to start and to warm it is paid once."""
ALONE = "tests/integration/web/test_founding.py"
"""What starts servers of its own there."""


class SharingScheduler(LoadScopeScheduling):
    """Tests that share something costly run in one process, the others file by file."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        folder = next((folder for folder in SERVED_TOGETHER if path.startswith(folder)), path)
        return path if path == ALONE else folder


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingScheduler:
    return SharingScheduler(config, log)


class StoppedClock:
    """A clock that shows `now` until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        """Move on by `timedelta(**step)`."""
        self.now += timedelta(**step)


class PostgresServer:
    """A running server; `folder` is set when it is ours to stop."""

    def __init__(self, url: str, *, binaries: Path | None = None, folder: Path | None = None) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._binaries = binaries
        self._folder = folder
        self._engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._kinds = b""

    def url_of(self, name: str) -> str:
        """Address of the database called `name`."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def create(self, name: str, *, template: str = "template1") -> None:
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def note_kinds(self, name: str) -> None:
        """Remember the list of hazard kinds of a new database: the one table that begins with rows of its own."""
        engine = sa.create_engine(self.url_of(name))
        given = "COPY hazard_kind TO STDOUT"
        with engine.connect() as connection, _open_cursor(connection) as cursor, cursor.copy(given) as copy:
            self._kinds = b"".join(bytes(part) for part in copy)
        engine.dispose()

    def empty(self, name: str) -> bool:
        """Delete every row and start numbering afresh; False where the schema is no longer the one we know.

        Few tables hold anything, and little: deleting it takes a tenth of the time that truncating all of them does.
        """
        self._execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        engine = sa.create_engine(self.url_of(name))
        with engine.begin() as connection:
            intact = current_schema(connection) == head_schema()
            if intact:
                kinds_as_given = "SELECT bool_and(built_in AND version = 1) FROM hazard_kind"
                is_given = bool(connection.exec_driver_sql(kinds_as_given).scalar())
                names = metadata.tables.keys() - ({"hazard_kind"} if is_given else set())
                asked = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names)
                filled = connection.exec_driver_sql(" UNION ALL ".join(asked)).scalars().all()
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # in any order
                for table in filled:
                    connection.exec_driver_sql(f"DELETE FROM {table}")
                connection.exec_driver_sql(
                    "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"
                    " AND relnamespace = 'public'::regnamespace AND relname <> 'hazard_kind_id_seq'"
                )
                if not is_given:
                    with _open_cursor(connection) as cursor, cursor.copy("COPY hazard_kind FROM STDIN") as copy:
                        copy.write(self._kinds)
                    connection.exec_driver_sql("SELECT setval('hazard_kind_id_seq', max(id)) FROM hazard_kind")
        engine.dispose()
        return intact

    def _execute(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def stop(self) -> None:
        """Disconnect, and end the server if this session started it."""
        self._engine.dispose()
        if self._binaries is not None and self._folder is not None:
            _run([self._binaries / "pg_ctl", "stop", "-m", "immediate", "-D", self._folder / "data"])
            shutil.rmtree(self._folder, ignore_errors=True)


def _open_cursor(connection: sa.Connection) -> psycopg.Cursor[Any]:
    """A cursor of the driver, which can copy whole tables, in the transaction of `connection`."""
    cursor: psycopg.Cursor[Any] = connection.connection.cursor()
    return cursor


def start_server() -> PostgresServer | None:
    """Start a server on a free port, or None where PostgreSQL or PostGIS is not installed."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name))
    if binaries is None or not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        return None
    folder = Path(tempfile.mkdtemp(prefix="gridmap-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _run([binaries / "initdb", "-D", folder / "data", "-U", "gridmap", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"])
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c full_page_writes=off -c max_connections=60"
    log = folder / "server.log"
    _run([binaries / "pg_ctl", "start", "-w", "-D", folder / "data", "-l", log, "-o", options])
    url = f"postgresql+psycopg://gridmap@127.0.0.1:{port}/postgres"
    return PostgresServer(url, binaries=binaries, folder=folder)


def _run(words: list[str | Path]) -> None:
    # PostgreSQL refuses to run as root; Debian's own account for it is there whenever the package is.
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, words)], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} failed: {done.stdout}{done.stderr}")


def skip_or_fail(reason: str) -> None:
    """Skip where a part of this machine is missing, but fail in CI, where it must be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Folder of the real data, see its SOURCES.md."""
    here = os.environ.get("GRIDMAP_REALDATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(here)
    if not folder.is_dir():
        # Real data is never part of the repository, so that its absence cannot fail a build.
        pytest.skip(f"no real data in {folder}; set GRIDMAP_REALDATA")
    return folder


@pytest.fixture(scope="session")
def thinned(tmp_path_factory: pytest.TempPathFactory, realdata: Path) -> Path:
    """A real extract with its municipalities, railways and chief roads: it is read in a third of the time."""

    def make(folder: Path) -> None:
        whole = str(realdata / "osm" / "liechtenstein.osm.pbf")
        ways = osmium.FileProcessor(whole, osmium.osm.WAY)
        wanted = {way.id: [node.ref for node in way.nodes] for way in ways if _is_chief(way.tags)}
        nodes = {ref for refs in wanted.values() for ref in refs}
        with osmium.SimpleWriter(str(folder / "thinned.osm.pbf")) as writer:
            for thing in osmium.FileProcessor(whole):
                of_a_way = thing.id in (wanted if thing.is_way() else nodes)
                if thing.is_relation() or of_a_way or (thing.is_node() and thing.tags):
                    writer.add(thing)

    return make_once(tmp_path_factory, "thinned", make) / "thinned.osm.pbf"


def _is_chief(tags: osmium.osm.TagList) -> bool:
    """Whether a way is wanted in a thinned extract; boundaries may be without a tag of their own."""
    if "highway" in tags:
        return tags["highway"] in {"primary", "secondary", "tertiary"}
    return not tags or "railway" in tags or "boundary" in tags


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file to copy from."""
    return make_once(tmp_path_factory, "template", _make_template) / "template.db"


def _make_template(folder: Path) -> None:
    database = open_database(f"sqlite:///{folder / 'template.db'}")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.rollback()
    database.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server with PostGIS: the one in GRIDMAP_TEST_POSTGRES, else a private one for this session."""
    url = os.environ.get("GRIDMAP_TEST_POSTGRES", "")
    server = PostgresServer(url) if url else start_server()
    if server is None:
        skip_or_fail("no PostgreSQL with PostGIS here: install postgresql-postgis or set GRIDMAP_TEST_POSTGRES")
        return
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    """Name of a migrated, empty database to clone from."""
    name = f"gridmap_template_{uuid.uuid4().hex[:12]}"
    postgres_server.create(name)
    open_database(postgres_server.url_of(name)).dispose()
    postgres_server.note_kinds(name)
    yield name
    postgres_server.drop(name)


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A fresh migrated SQLite database."""
    path = tmp_path / "gridmap.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def spare_databases(postgres_server: PostgresServer) -> Iterator[list[str]]:
    """Migrated databases that a test has emptied again; emptying is quicker than cloning."""
    spare: list[str] = []
    yield spare
    for name in spare:
        postgres_server.drop(name)


@pytest.fixture
def postgis_url(postgres_server: PostgresServer, postgres_template: str, spare_databases: list[str]) -> Iterator[str]:
    """A migrated PostGIS database without a row."""
    if spare_databases:
        name = spare_databases.pop()
    else:
        name = f"gridmap_test_{uuid.uuid4().hex[:12]}"
        postgres_server.create(name, template=postgres_template)
    yield postgres_server.url_of(name)
    if postgres_server.empty(name):
        spare_databases.append(name)
    else:
        postgres_server.drop(name)


@pytest.fixture
def empty_postgis_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database without any table."""
    name = f"gridmap_test_{uuid.uuid4().hex[:12]}"
    postgres_server.create(name)
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, on each engine."""
    if request.param == "postgis":
        return str(request.getfixturevalue("empty_postgis_url"))
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def clock() -> StoppedClock:
    """09:00 Beijing time on a working day."""
    return StoppedClock(datetime(2026, 3, 4, 1, 0, 0, 123456, tzinfo=UTC))


@pytest.fixture
def database(database_url: str, clock: StoppedClock) -> Iterator[Database]:
    """An open database on each engine."""
    opened = open_database(database_url, clock=clock)
    yield opened
    opened.dispose()


@pytest.fixture
def context(database: Database) -> Iterator[Context]:
    """What services are handed, on each engine."""
    yield from _build_context(database)


@pytest.fixture
def sqlite_context(sqlite_url: str, clock: StoppedClock) -> Iterator[Context]:
    """What services are handed, on SQLite only: for tests where the engine makes no difference."""
    opened = open_database(sqlite_url, clock=clock)
    yield from _build_context(opened)
    opened.dispose()


def _build_context(database: Database) -> Iterator[Context]:
    url = database.engine.url.render_as_string(hide_password=False)
    jobs = JobRunner()
    yield Context(Settings(database_url=url), database, jobs)
    jobs.shutdown()


@pytest.fixture
def administrator() -> Actor:
    return Actor("admin", Role.ADMINISTRATOR)


@pytest.fixture
def commander() -> Actor:
    return Actor("commander", Role.COMMANDER)


@pytest.fixture
def planner() -> Actor:
    return Actor("planner", Role.PLANNER)


@pytest.fixture
def supervisor() -> Actor:
    return Actor("supervisor", Role.SUPERVISOR)


def run_sql(url: str, statement: str) -> None:
    """Change a database behind the program's back."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
