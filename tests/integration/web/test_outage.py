"""What visitors are told while the database is away, and what still works then."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest

from gridmap import __version__
from gridmap.services.accounts import DEMO_ACCOUNTS
from gridmap.store.schema import head_schema
from tests.conftest import PostgresServer
from tests.integration.web.conftest import Server, fill_served, open_briefly, wait_until_closed

ENGLISH = {"Accept-Language": "en"}
PAGE = {"Accept": "text/html", "Accept-Language": "en"}


def test_health_is_told_to_everybody(stranger: httpx.Client) -> None:
    answer = stranger.get("/healthz")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"version": __version__, "database": "ok", "schema": head_schema(), "synthetic": True}


@pytest.fixture(scope="module")
def exposed(
    serve: Callable[..., Server], postgres_server: PostgresServer, postgres_template: str
) -> Iterator[tuple[Server, Callable[[], None]]]:
    """The app on PostGIS, listening to the whole network; and how to take its database away."""
    name = f"gridmap_web_{uuid.uuid4().hex[:12]}"
    postgres_server.create(name, template=postgres_template)
    url = postgres_server.url_of(name)
    with open_briefly(url) as context:
        fill_served(context)
    yield serve(url, GRIDMAP_HOST="0.0.0.0"), lambda: postgres_server.drop(name)
    postgres_server.drop(name)


def test_demo_accounts_open_nothing_that_others_can_reach(exposed: tuple[Server, Callable[[], None]]) -> None:
    server, _ = exposed
    account = DEMO_ACCOUNTS[0]
    with server.visit() as client:
        assert account.password not in client.get("/session/login").text
        given = {"name": account.name, "password": account.password}
        answer = client.post("/session/login", data=given, headers=PAGE)
    assert answer.status_code == 401
    assert "Demo accounts open only a demo database on this machine itself." in answer.text
    assert "set-cookie" not in answer.headers


def test_an_outage_is_said_clearly_and_scripts_still_come(exposed: tuple[Server, Callable[[], None]]) -> None:
    server, take_away = exposed
    with server.sign_in("chief") as client, server.listen("/live/units", client) as socket, server.visit() as stranger:
        assert client.get("/state.json").status_code == 200
        take_away()
        health = stranger.get("/healthz")
        assert health.status_code == 503
        assert health.json()["version"] == __version__
        assert "cannot be used" in health.json()["database"]
        # A session nobody has seen yet is looked up; the chief's is remembered for some seconds.
        stranger.cookies.set("gridmap_session", "unheard-of")
        for visitor in (client, stranger):
            refusal = visitor.get("/state.json", headers=ENGLISH)
            assert refusal.status_code == 503
            assert refusal.json()["error"].startswith("The database cannot be used")
            assert refusal.json()["hint"]
            assert refusal.headers["x-content-type-options"] == "nosniff"
        for path in ("/session/login", "/"):
            page = stranger.get(path, headers=PAGE)
            assert page.status_code == 503
            assert "The database cannot be used" in page.text
        given = {"name": "chief", "password": "x"}
        assert stranger.post("/session/login", data=given, headers=ENGLISH).status_code == 503
        with server.listen("/live/deltas", stranger) as other:
            assert wait_until_closed(other) == 1013
        assert stranger.get("/vendor/leaflet/leaflet.js").status_code == 200
        assert stranger.get("/assets/map/index.js").status_code == 200
        # An open stream waits for better times.
        assert socket.ping().wait(5)
    assert "Exception in ASGI application" not in server.log.read_text(encoding="utf-8")
