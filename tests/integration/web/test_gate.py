"""Nothing of ours without a session, nothing changed from another site, safe headers on every answer."""

from __future__ import annotations

import re

import httpx
import pytest
from starlette.routing import Mount, Route, WebSocketRoute

from gridmap.views.elements import compute_static_version
from gridmap.web.server import ROUTES
from tests.integration.web.conftest import Server, wait_until_closed

OPEN = {
    "/healthz",
    "/session/login",
    "/session/logout",
    "/session/language",
    "/vendor",
    "/assets",
    "/assets/v/{version}",
    "/team/assets/v/{version}",
    "/team/worker.js",
}
"""What needs no session; a new route is guarded, or is added here on purpose."""

EXAMPLES = {"int": "1", "str": "base"}
PAGE = {"Accept": "text/html,application/xhtml+xml"}
ELSEWHERE = "http://elsewhere.example"


def fill(path: str) -> str:
    """An address of a route, its parameters filled."""
    return re.sub(r"{\w+(?::(\w+))?}", lambda found: EXAMPLES[found[1] or "str"], path)


GUARDED = [fill(route.path) for route in ROUTES if isinstance(route, Route) and route.path not in OPEN]
FOR_TEAMS = ("/team", "/tiles/")
OF_THE_OFFICE = [path for path in GUARDED if not path.startswith(FOR_TEAMS)]
SOCKETS = [route.path for route in ROUTES if isinstance(route, WebSocketRoute)]
POSTS = [fill(r.path) for r in ROUTES if isinstance(r, Route) and "POST" in (r.methods or ())]
PAGES = ["/", "/map", "/data", "/?area=149901", "/downloads/plans/1/order"]
NEARLY_OPEN = [
    "/healthzz",
    "/healthz/x",
    "/session/other",
    "/tiles/x",
    "/layers/",
    "/live/x",
    "/static/",
    "/static/index.html",
    "/static/js",
    "/assets",
    "/team/worker.jsx",
    "/team/assets",
    "/teams",
    "/faviconx",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/media/x.png",
    "/component/streamlit_folium.st_folium/index.html",
]


def test_every_route_is_either_open_on_purpose_or_tried_below() -> None:
    assert {route.path for route in ROUTES if isinstance(route, Mount)} <= OPEN
    assert len(GUARDED) >= 6
    assert SOCKETS == ["/live/units", "/live/deltas", "/team/live"]


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("cookie", ["", "not-a-session", "x" * 5000])
def test_a_route_refuses_without_a_session(stranger: httpx.Client, path: str, cookie: str) -> None:
    answer = stranger.get(path, headers={"Cookie": f"gridmap_session={cookie}", "Accept-Language": "en"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"].startswith("You are not signed in")


@pytest.mark.parametrize("path", [*OF_THE_OFFICE, "/_stcore/host-config", "/static/index.html", "/teams", "/map"])
def test_the_office_is_closed_to_a_team(clients: dict[str, httpx.Client], path: str) -> None:
    answer = clients["west crew"].get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 403
    assert answer.json() == {"error": "Your role does not allow this.", "hint": "Open the page of your team."}


@pytest.mark.parametrize("path", ["/", "/map", "/data", "/downloads/plans/1/order"])
def test_a_team_that_went_astray_is_led_to_its_page(clients: dict[str, httpx.Client], path: str) -> None:
    answer = clients["west crew"].get(path, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/team")


@pytest.mark.parametrize("path", ["/live/units", "/live/deltas", "/_stcore/stream"])
def test_a_socket_of_the_office_is_closed_to_a_team(
    server: Server, clients: dict[str, httpx.Client], path: str
) -> None:
    with server.listen(path, clients["west crew"]) as socket:
        assert wait_until_closed(socket) == 4403


@pytest.mark.parametrize("path", ["/team/board.json", "/team/actions", "/team/positions"])
def test_what_is_a_teams_is_closed_to_the_office(chief: httpx.Client, path: str) -> None:
    ask = chief.get if path.endswith(".json") else chief.post
    answer = ask(path, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["error"]) == (403, "Your role does not allow this.")


def test_the_page_of_a_team_leads_the_office_to_the_map(server: Server, chief: httpx.Client) -> None:
    answer = chief.get("/team", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    with server.listen("/team/live", chief) as socket:
        assert wait_until_closed(socket) == 4403


def test_a_refusal_speaks_the_visitors_language(stranger: httpx.Client) -> None:
    chinese = stranger.get("/state.json", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).json()
    english = stranger.get("/state.json", headers={"Accept-Language": "en-GB"}).json()
    assert english == {"error": "You are not signed in.", "hint": "Sign in to see the map."}
    assert re.search("[\u4e00-\u9fff]", chinese["error"])
    assert re.search("[\u4e00-\u9fff]", chinese["hint"])


@pytest.mark.parametrize("path", PAGES)
def test_a_person_without_a_session_is_led_to_the_sign_in_page(stranger: httpx.Client, path: str) -> None:
    answer = stranger.get(path, headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/session/login?next=/")
    form = stranger.get(answer.headers["location"], headers=PAGE)
    assert f'name="next" value="{path}"' in form.text


@pytest.mark.parametrize("path", NEARLY_OPEN)
def test_an_address_like_an_open_one_is_not_open(stranger: httpx.Client, path: str) -> None:
    assert stranger.get(path).status_code == 401


@pytest.mark.parametrize("path", [*SOCKETS, "/_stcore/stream", "/nothing"])
def test_a_socket_is_closed_without_a_session(server: Server, stranger: httpx.Client, path: str) -> None:
    with server.listen(path, stranger) as socket:
        assert wait_until_closed(socket) == 4401


@pytest.mark.parametrize("path", [*SOCKETS, "/_stcore/stream"])
def test_a_socket_from_another_site_is_closed(server: Server, chief: httpx.Client, path: str) -> None:
    with server.listen(path, chief, origin=ELSEWHERE) as socket:
        assert wait_until_closed(socket) == 4403


@pytest.mark.parametrize("path", [*POSTS, "/_stcore/upload_file/a/b", "/"])
@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://127.0.0.1:1", "http://["])
def test_a_post_from_another_site_is_refused(chief: httpx.Client, path: str, origin: str) -> None:
    answer = chief.post(path, headers={"Origin": origin, "Accept-Language": "en"})
    assert answer.status_code == 403
    assert answer.json()["error"] == "This request comes from another site."
    assert "set-cookie" not in answer.headers


def test_the_session_outlives_a_refused_post(chief: httpx.Client) -> None:
    assert chief.post("/session/logout", headers={"Origin": ELSEWHERE}).status_code == 403
    assert chief.get("/state.json").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/state.json", 401),
        ("/", 401),
        ("/session/login", 200),
        ("/vendor/leaflet/leaflet.js", 200),
        ("/vendor/nothing.js", 404),
    ],
)
def test_every_answer_carries_safe_headers(stranger: httpx.Client, path: str, status: int) -> None:
    answer = stranger.get(path)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["referrer-policy"] == "same-origin"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy


def test_scripts_are_kept_only_under_the_address_of_their_version(stranger: httpx.Client) -> None:
    kept = stranger.get(f"/assets/v/{compute_static_version()}/map/index.js")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in ("/assets/map/index.js", "/assets/v/0123456789ab/map/index.js", "/vendor/leaflet/leaflet.js"):
        assert stranger.get(other).headers["cache-control"] == "no-cache"
    again = stranger.get("/assets/map/index.js", headers={"If-None-Match": kept.headers["etag"]})
    assert again.status_code == 304


def test_a_page_knows_where_its_server_is(chief: httpx.Client) -> None:
    page = chief.get("/map", headers=PAGE)
    assert page.status_code == 200
    assert "window.__streamlit=" in page.text
    assert len(page.content) == int(page.headers["content-length"])
    assert "window.__streamlit=" not in chief.get("/session/login", headers=PAGE).text
