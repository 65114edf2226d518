"""The first start of a demonstration: the server is there at once, says how far the county is, and opens by itself."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from gridmap.services.accounts import DEMO_ACCOUNTS
from gridmap.services.status import is_empty
from tests.integration.web.conftest import Server, open_briefly

ENGLISH = {"Accept-Language": "en"}
COMMAND = ("-m", "gridmap", "serve", "--demo")
"""As `make run` does."""

FOUNDED_WITHIN_S = 90


def _wait_for_sign_in(client: httpx.Client) -> list[int]:
    """The shares that were told until the sign-in opened."""
    shares, ends = [], time.monotonic() + FOUNDED_WITHIN_S
    while time.monotonic() < ends:
        page = client.get("/session/login", headers=ENGLISH).text
        if "The demo county is being made." not in page:
            return shares
        assert '<meta http-equiv="refresh"' in page
        found = re.search(r'<progress max="100" value="(\d+)"', page)
        assert found is not None
        shares.append(int(found[1]))
        time.sleep(0.2)
    raise AssertionError(f"the county was not made in {FOUNDED_WITHIN_S} s: {shares}")


def test_the_county_is_made_while_the_server_says_how_far_it_is(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(f"sqlite:///{tmp_path / 'new.db'}", command=COMMAND)
    account = DEMO_ACCOUNTS[0]
    with server.visit() as client:
        given = {"name": account.name, "password": account.password}
        assert "The demo county is being made." in client.post("/session/login", data=given, headers=ENGLISH).text
        shares = _wait_for_sign_in(client)
        assert shares == sorted(shares)
        assert len(set(shares)) > 2
        assert client.post("/session/login", data=given).status_code == 303
        assert client.get("/healthz").json()["synthetic"] is True
    said = server.log.read_text(encoding="utf-8")
    assert f"  {account.name} / {account.password}" in said
    assert "Laying railways and roads" in said


def test_stopping_while_the_county_is_made_leaves_an_empty_database(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'stopped.db'}"
    server = serve(url, command=COMMAND)
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(30) == 0
    assert "Traceback" not in server.log.read_text(encoding="utf-8")
    with open_briefly(url) as context:
        assert is_empty(context)
