"""The gate without an app behind it: what it asks, and what it never asks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gridmap.domain.access import Actor, Permission, Role
from gridmap.errors import InvalidInput, StoreFailure
from gridmap.services import accounts
from gridmap.services.context import Context
from gridmap.settings import RasterBasemap
from gridmap.web import guard
from gridmap.web.middleware import Gate, build_policy
from tests.loops import run

PATHS = ["/vendor/a.js", "/assets/map/a.js", "/static/js/a.js", "/healthz", "/state.json"]


class Services:
    """Just enough for the guard, which hands the context on and asks it for the language."""

    class context:  # noqa: N801
        class settings:  # noqa: N801
            language = "en"
            raster_basemaps = ()


async def _name(_: Request, __: Context, actor: Actor) -> Response:
    return PlainTextResponse(actor.name)


async def _fail(_: Request, __: Context, ___: Actor) -> Response:
    raise InvalidInput("This is not a number.", hint="Write digits.")


async def _break(_: Request, __: Context, ___: Actor) -> Response:
    raise ZeroDivisionError


async def _plain(_: Request) -> Response:
    return PlainTextResponse("open")


ROUTES = [
    Route("/state.json", guard.guarded(_name)),
    Route("/admin.json", guard.guarded(_name, permission=Permission.MANAGE_ACCOUNTS)),
    Route("/fails.json", guard.guarded(_fail)),
    Route("/breaks.json", guard.guarded(_break)),
    *(Route(path, _plain) for path in PATHS[:-1]),
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tokens that were looked up; "broken" meets a database that is away."""
    tokens: list[str] = []

    def resolve(_: Any, token: str) -> Actor:
        tokens.append(token)
        if token == "broken":
            raise StoreFailure("The database cannot be used: {reason}.", hint="Wait.", reason="away")
        return Actor("somebody", Role.COMMANDER)

    monkeypatch.setattr(accounts, "resolve_session", resolve)
    for module in ("guard", "language", "middleware"):
        monkeypatch.setattr(f"gridmap.web.{module}.get_services", lambda: Services)
    return tokens


def get(path: str, *, gate: bool = True, token: str = "token", **headers: str) -> httpx.Response:
    app: Any = Starlette(routes=ROUTES)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=Gate(app) if gate else app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path, headers={"Cookie": f"gridmap_session={token}", **headers})

    return run(ask())


@pytest.mark.parametrize("path", PATHS)
def test_no_session_is_looked_up_for_what_everybody_may_have(asked: list[str], path: str) -> None:
    assert get(path).status_code == 200
    assert asked == (["token"] if path == "/state.json" else [])


def test_a_route_without_the_gate_stays_shut(asked: list[str]) -> None:
    assert get("/state.json", gate=False).status_code == 401
    assert asked == []


def test_a_role_that_may_not_is_refused(asked: list[str]) -> None:
    answer = get("/admin.json")
    assert answer.status_code == 403
    assert answer.json()["error"] == "Your role does not allow this."


def test_a_database_that_is_away_is_said(asked: list[str]) -> None:
    answer = get("/state.json", token="broken")
    assert answer.status_code == 503
    assert answer.json() == {"error": "The database cannot be used: away.", "hint": "Wait."}
    page = get("/state.json", token="broken", Accept="text/html")
    assert page.status_code == 503
    assert "The database cannot be used: away. Wait." in page.text


def test_failures_become_answers(asked: list[str], caplog: pytest.LogCaptureFixture) -> None:
    assert get("/fails.json").json() == {"error": "This is not a number.", "hint": "Write digits."}
    assert caplog.records == []
    broken = get("/breaks.json")
    assert broken.status_code == 500
    assert "ZeroDivisionError" not in broken.text
    assert [record.getMessage() for record in caplog.records] == ["/breaks.json failed"]


def read_images(*urls: str) -> list[str]:
    policy = build_policy(tuple(RasterBasemap(name="m", url=url, attribution="a") for url in urls)).decode()
    (images,) = [rule for rule in policy.split("; ") if rule.startswith("img-src ")]
    return images.split()[1:]


def test_images_come_from_here_and_from_configured_basemaps_alone() -> None:
    own = ["'self'", "data:", "blob:"]
    assert read_images() == own
    assert read_images("https://tile.example.org/{z}/{x}/{y}.png") == [*own, "https://tile.example.org"]
    assert read_images("https://webrd0{s}.is.example.com/tile?x={x}") == [*own, "https://*.is.example.com"]
