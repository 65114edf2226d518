"""A small real county and a way to open its pages as somebody, in a language."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import gridmap
from gridmap import bootstrap
from gridmap.domain.access import Actor, Role
from gridmap.jobs import JobRunner
from gridmap.pages import map_area, visit
from gridmap.pages.map_panel import EventKind, MapEvent
from gridmap.services import accounts, hazards
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.services.loading import SourceInfo, load_dataset
from gridmap.settings import Settings
from gridmap.sources.dataset import SHAPE_COLUMNS, Dataset, empty_layer
from gridmap.store import tables
from gridmap.store.database import open_database
from tests.shared import make_once

NOW = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
"""09:00 in Beijing."""

ADMIN = Actor("admin", Role.ADMINISTRATOR)
OFFICE = tuple(role for role in Role if role is not Role.TEAM)
"""Whose pages these are; a team has one of its own."""

PASSWORD = "a long sentence of 2026"

WEST, SOUTH, STEP_DEG = 112.50, 37.80, 0.01
COLUMNS, ROWS = 6, 4
RAIL_ROW = 2
"""The railway runs along this row of junctions; no road does."""


def _cell(column: int, row: int) -> shapely.Polygon:
    x, y = (WEST + STEP_DEG * np.arange(COLUMNS + 1), SOUTH + STEP_DEG * np.arange(ROWS + 1))
    return shapely.box(x[column], y[row], x[column + 1], y[row + 1])


def build_areas() -> gpd.GeoDataFrame:
    """A county of one town with two villages, west and east, of twelve cells each."""
    rows = []
    for village in range(2):
        columns = range(village * 3, village * 3 + 3)
        cells = [_cell(column, row) for row in reversed(range(ROWS)) for column in columns]
        code = f"14990100100{village + 1}"
        rows.append((code, ("西河村", "东山村")[village], 5, None, shapely.union_all(cells)))
        rows += [(f"{code}{n:03d}", f"第{n}网格", 6, 300 + 10 * n, cell) for n, cell in enumerate(cells, start=1)]
    county = shapely.union_all([row[-1] for row in rows])
    rows = [("149901", "清河县", 3, None, county), ("149901001", "柳林镇", 4, None, county), *rows]
    return gpd.GeoDataFrame(
        {
            "code": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "level": [row[2] for row in rows],
            "kind": "official",
            "households": [row[3] for row in rows],
            "external_id": [str(n) for n in range(len(rows))],
        },
        geometry=[shapely.MultiPolygon([row[4]]) for row in rows],
        crs="EPSG:4326",
    )


def build_roads() -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """A road along every border of cells, except where the railway runs."""
    lon, lat = np.meshgrid(
        WEST + STEP_DEG * np.arange(COLUMNS + 1), SOUTH + STEP_DEG * np.arange(ROWS + 1), indexing="ij"
    )
    nodes = pd.DataFrame({"osm_id": None, "lon": lon.ravel(), "lat": lat.ravel()})
    number = np.arange(len(nodes)).reshape(lon.shape)
    along = [(number[c, r], number[c + 1, r]) for c in range(COLUMNS) for r in range(ROWS + 1) if r != RAIL_ROW]
    across = [(number[c, r], number[c, r + 1]) for c in range(COLUMNS + 1) for r in range(ROWS)]
    lines = [shapely.LineString(nodes.loc[list(ends), ["lon", "lat"]].to_numpy()) for ends in along + across]
    edges = gpd.GeoDataFrame(
        {
            "u": [u for u, _ in along + across],
            "v": [v for _, v in along + across],
            "way_id": range(len(lines)),
            "road_class": "tertiary",
            "name": "县道",
            "length_m": [880.0] * len(along) + [1110.0] * len(across),
            "speed_kmh": 40.0,
            "car_forward": True,
            "car_backward": True,
            "foot": True,
            "bridge": False,
            "tunnel": False,
        },
        geometry=lines,
        crs="EPSG:4326",
    )
    return nodes, edges


def build_railway() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """One line from west to east, with a crossing at every road and a station in the middle."""
    x = WEST + STEP_DEG * np.arange(COLUMNS + 1)
    y = SOUTH + STEP_DEG * RAIL_ROW
    tracks = gpd.GeoDataFrame(
        {
            "way_id": [1],
            "name": ["清河线"],
            "ref": [""],
            "usage": ["main"],
            "service": [""],
            "gauge_mm": [1435],
            "electrified": [True],
            "high_speed": [False],
            "max_speed_kmh": [120.0],
            "bridge": [False],
            "tunnel": [False],
            "length_m": [5280.0],
        },
        geometry=[shapely.LineString([(value, y) for value in x])],
        crs="EPSG:4326",
    )
    crossings = [("level_crossing", "", f"node/{n}", None, value, y) for n, value in enumerate(x)]
    features = [*crossings, ("station", "清河站", "node/99", None, x[3], y)]
    return tracks, pd.DataFrame(features, columns=["kind", "name", "external_id", "length_m", "lon", "lat"])


def fill_county(context: Context) -> None:
    """Areas, roads and the railway as an import brings them; then people's work: posts, teams, sites, hazards."""
    nodes, edges = build_roads()
    tracks, features = build_railway()
    places = pd.DataFrame(
        [("town", "柳林", 8000, "node/7", WEST + 0.03, SOUTH + 0.01)],
        columns=["kind", "name", "population", "external_id", "lon", "lat"],
    )
    dataset = Dataset(build_areas(), nodes, edges, tracks, features, empty_layer(SHAPE_COLUMNS), places)
    source = SourceInfo("demo", "county", "0" * 64, "nobody", "CC0", "EPSG:4326", True, NOW, {})
    with context.database.write(ADMIN, kind="fill") as work:
        load_dataset(work, dataset, source=source, access_distance_m=50)
        connection = work.connection
        connection.execute(tables.setting.insert(), [{"key": "synthetic", "value": True}])
        spot = {"lon": WEST + 0.01, "lat": SOUTH + 0.01, "area_code": "149901001001001"}
        connection.execute(tables.post.insert(), [{"id": 1, "name": "清河所", "kind": "police_post", **spot}])
        team = {"post_id": 1, "members": 2, "shift_start_min": 480, "shift_end_min": 1080, "on_duty": True}
        crews = [(1, "巡防一组", "car"), (2, "巡防二组", "motorcycle"), (3, "步巡组", "foot")]
        connection.execute(
            tables.team.insert(),
            [{"id": i, "name": name, "kind": kind, "area_code": "149901001", **team} for i, name, kind in crews],
        )
        fix = {"lon": spot["lon"], "lat": spot["lat"], "heading_deg": 90.0, "speed_kmh": 30.0, "simulated": True}
        connection.execute(tables.position.insert(), [{"team_id": i, "at": NOW, **fix} for i in (1, 2)])
        site = {"network": "street", "kind": "police_box", "name": "河西警务亭", **spot}
        connection.execute(tables.network_site.insert(), [site])
        work.note("county", {})
        work.touch("teams", "networks", "hazards")
    for n in range(3):
        place = {"lon": WEST + 0.005 + 0.01 * n, "lat": SOUTH + 0.005}
        hazards.add_hazard(context, ADMIN, new=NewHazard(kind="burning", severity=n + 2, title=f"焚烧{n}", **place))


@dataclass(frozen=True)
class CountyFile:
    """A database and a session's token for every account in it."""

    path: Path
    tokens: dict[str, str]


@pytest.fixture(scope="session", autouse=True)
def components() -> Iterator[None]:
    """Streamlit reads what is installed, package by package, for each `AppTest`; here it does once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def county_file(tmp_path_factory: pytest.TempPathFactory) -> CountyFile:
    """The county's database, made once; never opened by a test itself."""
    folder = make_once(tmp_path_factory, "pages-county", _make_county)
    return CountyFile(folder / "county.db", json.loads((folder / "tokens.json").read_text(encoding="utf-8")))


def _make_county(folder: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{folder / 'county.db'}")
    database = open_database(settings.database_url, clock=lambda: NOW)
    jobs = JobRunner()
    context = Context(settings, database, jobs)
    fill_county(context)
    for role in OFFICE:
        accounts.add_account(context, ADMIN, name=role.value, password=PASSWORD, role=role)
    east = {"role": Role.SUPERVISOR, "scope_code": "149901001002"}
    accounts.add_account(context, ADMIN, name="east", password=PASSWORD, **east)
    # Checking a password takes its time on purpose: once for all tests.
    names = [*(role.value for role in OFFICE), "east"]
    tokens = {name: accounts.sign_in(context, name=name, password=PASSWORD).token for name in names}
    jobs.shutdown()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    (folder / "tokens.json").write_text(json.dumps(tokens), encoding="utf-8")


class LentWorkers(Executor):
    """A pool that goes on to the next test with all it has imported and compiled; one's own jobs are awaited."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self._futures: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._futures.append(self._pool.submit(function, *args, **kwargs))
        return self._futures[-1]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for future in self._futures:
            if cancel_futures:
                future.cancel()
        if wait:
            futures.wait(self._futures)


@pytest.fixture(scope="session")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Where the jobs of all pages run."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def county(
    county_file: CountyFile, pool: ProcessPoolExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Context]:
    """A copy of the county, served to the pages as the process's own services."""
    path = tmp_path / "county.db"
    shutil.copyfile(county_file.path, path)
    settings = Settings(database_url=f"sqlite:///{path}")
    database = open_database(settings.database_url, clock=lambda: NOW)
    jobs = JobRunner(LentWorkers(pool))
    context = Context(settings, database, jobs)
    monkeypatch.setattr(bootstrap, "get_services", lambda: SimpleNamespace(context=context))
    st.cache_resource.clear()
    yield context
    jobs.shutdown()
    database.dispose()


class Browser:
    """One person in front of the pages."""

    def __init__(self, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._tokens = tokens
        self.cookies: dict[str, str] = {}
        self._events = itertools.count(1)
        self._map_shown = ""
        monkeypatch.setattr(visit, "read_cookie", self.cookies.get)
        monkeypatch.setattr(map_area, "show_map", self._show_map)
        self.overlays: list[object] = []

    def _show_map(self, frame: object, overlay: object, *, key: str) -> None:
        self.overlays.append(overlay)
        self._map_shown = key

    def run(self, page: str = "") -> AppTest:
        """The address `page`, with whatever cookies there are."""
        app = AppTest.from_file(Path(gridmap.__file__).parent / "pages" / "main.py", default_timeout=60)
        # As `st.Page` does: AppTest itself turns only to pages that are files.
        app._page_hash = calc_hash(page) if page else ""
        return app.run()

    def open(self, page: str, *, name: str = "administrator", language: str = "zh-CN") -> AppTest:
        """The page at the address `page`, as the account `name` sees it."""
        self.cookies["gridmap_session"] = self._tokens[name]
        self.cookies["gridmap_language"] = language
        return self.run(page)

    def turn_to(self, app: AppTest, page: str) -> AppTest:
        """Follow the bar's link to `page`."""
        (app._page_hash,) = (h for h, found in app._registered_pages.items() if found["url_pathname"] == page)
        return app.run()

    def click_map(
        self,
        app: AppTest,
        *,
        layer: str = "",
        ids: tuple[int, ...] = (),
        kind: EventKind = "feature",
        place: tuple[float, float] = (WEST + 0.012, SOUTH + 0.012),
    ) -> AppTest:
        """What the map tells of a click, at the western village where nothing else is said."""
        lon, lat = place
        event = MapEvent(kind=kind, layer=layer, ids=ids, seq=next(self._events), lon=lon, lat=lat)
        app.session_state[self._map_shown] = asdict(event)
        return app.run()


@pytest.fixture
def browser(county: Context, county_file: CountyFile, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Somebody in front of the county's pages."""
    assert county.settings.database_url
    return Browser(county_file.tokens, monkeypatch)


@pytest.fixture
def read() -> Callable[[AppTest], str]:
    """Everything a person can read on a page, joined."""
    return read_page


SAID = ("html", "markdown", "warning", "success", "info", "text", "caption")


def read_page(app: AppTest) -> str:
    """Texts, labels and options in the order of the page, with their markup."""
    parts: list[str] = []
    for element in app.main:
        shown = ["label", "placeholder", *(["value"] if element.type in SAID else [])]
        parts += [text for name in shown if isinstance(text := getattr(element, name, None), str)]
        parts += [str(option) for option in getattr(element, "options", ())]
    return "\n".join(parts)
