"""What browsers are told to fetch ahead is there for everybody, may be kept, and is what the pages load."""

from __future__ import annotations

import re

import httpx

from gridmap.web.preloading import draw_ahead, list_scripts
from tests.integration.web.conftest import Server

PAGE = {"accept": "text/html"}


def test_a_stranger_may_fetch_and_keep_every_script(server: Server) -> None:
    with httpx.Client(base_url=server.url) as stranger:
        for address in list_scripts():
            answer = stranger.get(address)
            assert answer.status_code == 200, address
            if not address.startswith("/vendor/"):
                assert "immutable" in answer.headers["cache-control"], address


def test_the_sign_in_page_names_what_the_pages_load(server: Server, chief: httpx.Client) -> None:
    with httpx.Client(base_url=server.url) as stranger:
        told = set(re.findall(r'<link rel="prefetch" href="([^"]+)"', stranger.get("/session/login").text))
    loaded = set(re.findall(r'(?:src|href)="\.(/static/js/[^"]+)"', chief.get("/", headers=PAGE).text))
    assert len(loaded) > 10
    assert loaded <= told


def test_pages_with_a_map_ask_for_its_tables_ahead(chief: httpx.Client) -> None:
    assert draw_ahead() in chief.get("/", headers=PAGE).text
    assert draw_ahead() in chief.get("/grids", headers=PAGE).text
    assert draw_ahead() not in chief.get("/data", headers=PAGE).text
