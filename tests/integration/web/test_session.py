"""Signing in and out over HTTP, the language switch, and the ways somebody might try to slip past them."""

from __future__ import annotations

import re

import httpx
import pytest

from gridmap.services.accounts import DEMO_ACCOUNTS
from tests.integration.web.conftest import PASSWORD, Server, wait_until_closed

ENGLISH = {"Accept-Language": "en", "Accept": "text/html"}


def test_the_sign_in_page_stands_alone(stranger: httpx.Client) -> None:
    page = stranger.get("/session/login", headers=ENGLISH)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    assert not re.search(r"(?:src|href|action)=\"?(?:https?:)?//", page.text)
    assert "<title>Sign in" in page.text


@pytest.mark.parametrize("name", ["chief", "nobody at all", "", "x" * 3000])
def test_a_wrong_password_is_said_and_opens_nothing(stranger: httpx.Client, name: str) -> None:
    answer = stranger.post("/session/login", data={"name": name, "password": "wrong"}, headers=ENGLISH)
    assert answer.status_code == 401
    assert "Name or password is wrong." in answer.text
    assert "set-cookie" not in answer.headers


def test_the_right_one_opens_a_session_in_a_guarded_cookie(stranger: httpx.Client) -> None:
    given = {"name": "chief", "password": PASSWORD, "next": "/grids?unit=3"}
    answer = stranger.post("/session/login", data=given, headers={"Origin": str(stranger.base_url).rstrip("/")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/grids?unit=3")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("gridmap_session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert stranger.get("/state.json").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
    ],
)
def test_nobody_is_led_to_another_site(stranger: httpx.Client, target: str) -> None:
    given = {"name": "chief", "password": PASSWORD, "next": target}
    location = stranger.post("/session/login", data=given).headers["location"]
    assert re.match(r"/(?![/\\])", f"{location}x")
    assert "evil" not in location or location == "/evil.example"


def test_too_many_wrong_passwords_lock_the_account(stranger: httpx.Client) -> None:
    for _ in range(5):
        stranger.post("/session/login", data={"name": "locked", "password": "wrong"})
    answer = stranger.post("/session/login", data={"name": "locked", "password": PASSWORD}, headers=ENGLISH)
    assert answer.status_code == 401
    assert "locked after too many wrong passwords" in answer.text
    assert "30 minutes" in answer.text


def test_a_form_longer_than_any_of_ours_is_cut_off(stranger: httpx.Client) -> None:
    given = {"padding": "x" * 10_000, "name": "chief", "password": PASSWORD}
    assert stranger.post("/session/login", data=given).status_code == 401


def test_signing_out_ends_the_session_and_its_streams_at_once(server: Server) -> None:
    with server.sign_in("leaver") as client, server.listen("/live/deltas", client) as socket:
        token = client.cookies["gridmap_session"]
        assert client.get("/state.json").status_code == 200
        answer = client.post("/session/logout")
        assert (answer.status_code, answer.headers["location"]) == (303, "/session/login")
        assert "gridmap_session" not in client.cookies
        assert wait_until_closed(socket) == 4401
        stale = client.get("/state.json", headers={"Cookie": f"gridmap_session={token}"})
        assert stale.status_code == 401


def test_others_stay_when_one_signs_out(server: Server, chief: httpx.Client) -> None:
    with server.listen("/live/units", chief) as socket:
        with server.sign_in("leaver") as client:
            client.post("/session/logout")
        for _ in range(3):
            assert isinstance(socket.recv(timeout=3), bytes)


def test_the_language_switch_stays(server: Server) -> None:
    with server.sign_in("linguist") as client:
        for language, words in (("en", "Sign in"), ("zh-CN", "登录")):
            given = {"language": language, "next": "/session/login?next=/data"}
            answer = client.post("/session/language", data=given)
            assert (answer.status_code, answer.headers["location"]) == (303, "/session/login?next=/data")
            assert "Max-Age=31536000" in answer.headers["set-cookie"]
            page = client.get(answer.headers["location"], headers={"Accept-Language": "fr"})
            assert words in page.text
            assert 'name="next" value="/data"' in page.text
            assert client.get("/state.json").json()["language"] == language


def test_an_unknown_language_changes_nothing(stranger: httpx.Client) -> None:
    answer = stranger.post("/session/language", data={"language": "tlh"})
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers


def test_demo_accounts_open_a_demo_database_on_this_machine(server: Server, stranger: httpx.Client) -> None:
    page = stranger.get("/session/login").text
    for account in DEMO_ACCOUNTS:
        assert f'value="{account.password}"' in page
    with server.sign_in(DEMO_ACCOUNTS[0].name, DEMO_ACCOUNTS[0].password) as client:
        assert client.get("/state.json").json()["synthetic"] is True


@pytest.mark.parametrize("host", ["map.example", "192.168.1.20:8501", "localhost.example", "[", ""])
def test_demo_accounts_open_nothing_for_who_reaches_this_machine_from_outside(
    server: Server, stranger: httpx.Client, host: str
) -> None:
    through = {**ENGLISH, "Host": host}
    page = stranger.get("/session/login", headers=through)
    assert DEMO_ACCOUNTS[0].password not in page.text
    given = {"name": DEMO_ACCOUNTS[0].name, "password": DEMO_ACCOUNTS[0].password}
    answer = stranger.post("/session/login", data=given, headers=through)
    assert answer.status_code == 401
    assert "Demo accounts open only a demo database on this machine itself." in answer.text
    assert "set-cookie" not in answer.headers
