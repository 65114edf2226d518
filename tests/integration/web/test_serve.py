"""`python -m gridmap serve --demo`: says where the map is and how to enter, and leaves data that are there alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from streamlit.web.server.app_discovery import discover_asgi_app

from gridmap.services.accounts import DEMO_ACCOUNTS
from tests.counties import build_areas
from tests.integration.web.conftest import ROOT, Server


def test_it_says_where_and_how(server: Server) -> None:
    said = server.log.read_text(encoding="utf-8")
    assert f"on {server.url}\n" in said
    for account in DEMO_ACCOUNTS:
        assert f"  {account.name} / {account.password}\n" in said


def test_a_database_with_data_is_not_filled_again(server: Server, county_file: Path) -> None:
    with closing(sqlite3.connect(county_file)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM area").fetchone()
    assert count == len(build_areas())


def test_streamlit_run_finds_the_whole_application() -> None:
    # Otherwise it would show the pages without our routes, and without the gate before them.
    found = discover_asgi_app(ROOT / "app.py")
    assert found.import_string == "app:app"
