"""Devices over real HTTP: every format, every refusal with its status, and that what was acknowledged is kept."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gridmap.domain.fixes import Refusal
from gridmap.services import devices
from gridmap.services.context import Context
from gridmap.services.traffic import Traffic, prepare_units, send_traffic
from gridmap.store import tables
from gridmap.store.positions import delete_positions_before
from tests.counties import ADMIN, place_in
from tests.integration.web.conftest import Server, copy_county, open_briefly
from tests.reports import issue, list_team_ids, load_latest, load_track

LON, LAT = place_in(0, 0)
BURST = 20


@pytest.fixture(scope="module")
def ingest_server(serve: Callable[..., Server], county_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A county of its own, whose devices may be refused without others seeing it."""
    url = copy_county(county_made, tmp_path_factory.mktemp("ingest"))
    return serve(url, GRIDMAP_DEVICE_RATE_PER_S="0.001", GRIDMAP_DEVICE_BURST=str(BURST))


@pytest.fixture(scope="module")
def context(ingest_server: Server) -> Iterator[Context]:
    with open_briefly(ingest_server.database_url) as opened:
        yield opened


@pytest.fixture
def team(context: Context) -> int:
    """The first team of the west, where it was never seen."""
    with context.database.write_unjournalled() as connection:
        delete_positions_before(connection, datetime(2100, 1, 1, tzinfo=UTC))
        connection.execute(tables.track_point.delete())
    return list_team_ids(context, ADMIN)[0]


@pytest.fixture
def token(context: Context, team: int, ingest_server: Server, client: httpx.Client, request: Any) -> str:
    """A token that the server knows already."""
    key = f"{request.node.name[:40]}-{time.monotonic_ns() % 10**9}".translate(str.maketrans("[]/ ", "----"))
    issued = issue(context, ADMIN, **{key: team})[key]
    wait_until(lambda: client.get("/ingest/osmand", params={"token": issued, "valid": "false"}).status_code == 400)
    return issued


@pytest.fixture(scope="module")
def client(ingest_server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=ingest_server.url, trust_env=False, headers={"Accept-Language": "en"}) as opened:
        yield opened


def wait_until(holds: Callable[[], bool], *, within_s: float = 10.0) -> None:
    ends = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends
        threading.Event().wait(0.2)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def now_s() -> str:
    return str(round(datetime.now(UTC).timestamp()))


def osmand(**given: str) -> dict[str, str]:
    return {"lat": str(LAT), "lon": str(LON), "timestamp": now_s(), **given}


def counted(context: Context, reason: Refusal) -> int:
    rows = devices.list_refusals(context, ADMIN)
    return int(rows.loc[rows["reason"] == reason.value, "count"].sum())


def test_osmand_as_parameters_and_as_a_form(client: httpx.Client, context: Context, token: str, team: int) -> None:
    answer = client.get("/ingest/osmand", params=osmand(token=token, speed="10", bearing="90"))
    assert (answer.status_code, answer.content) == (200, b"")
    latest = load_latest(context, team)
    assert latest is not None
    assert latest[:2] == (LON, LAT)
    later = osmand(lat=str(LAT + 0.0001), timestamp=str(int(now_s()) + 1))
    assert client.post("/ingest/osmand", data=later, headers=bearer(token)).status_code == 200
    assert client.post("/ingest/osmand", params=osmand(token=token)).status_code == 200  # and an empty body
    moved = load_latest(context, team)
    assert moved is not None
    assert moved[1] == LAT + 0.0001


def test_the_json_of_traccar_client_and_of_a_traccar_server(
    client: httpx.Client, context: Context, token: str, team: int
) -> None:
    at = datetime.now(UTC) - timedelta(seconds=5)
    coords = {"latitude": LAT, "longitude": LON, "speed": 3, "heading": 10, "accuracy": 4}
    body: dict[str, Any] = {"location": {"timestamp": at.isoformat(), "coords": coords}}
    assert client.post("/ingest/osmand", params={"token": token}, json=body).status_code == 200
    issue(context, ADMIN, **{"86-13": team})
    gateway = devices.issue_gateway_token(context, ADMIN, key="traccar")
    position = {"latitude": LAT, "longitude": LON, "fixTime": now_s(), "valid": True, "speed": 2, "course": 5}
    body = {"device": {"uniqueId": "86-13"}, "position": position}
    wait_until(lambda: client.post("/ingest/traccar", json=body, headers=bearer(gateway)).status_code == 200)
    assert len(load_track(context, team)) == 2


def test_a_batch_tells_what_of_it_was_kept(client: httpx.Client, context: Context, token: str, team: int) -> None:
    now = datetime.now(UTC)
    good = [{"lon": LON, "lat": LAT, "at": (now - timedelta(seconds=s)).isoformat()} for s in range(96)]
    bad = [{"lon": LAT, "lat": LON, "at": now_s()}, {"lon": "x"}, {"device": "other", **good[0]}, "nothing"]
    answer = client.post("/ingest/batch", json=[*bad[:2], *good, *bad[2:]], headers=bearer(token))
    assert answer.status_code == 200
    reasons = {0: "swapped", 1: "unreadable", 98: "unknown_device", 99: "unreadable"}
    assert answer.json() == {"accepted": 96, "refused": [{"index": n, "reason": why} for n, why in reasons.items()]}
    assert len(load_track(context, team)) == 96
    assert client.post("/ingest/batch", json=[], headers=bearer(token)).json() == {"accepted": 0, "refused": []}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"lat": "NaN"}, Refusal.NOT_A_NUMBER),
        ({"lat": str(LON), "lon": str(LAT)}, Refusal.SWAPPED),
        ({"lat": "north"}, Refusal.UNREADABLE),
        ({"lat": "-95"}, Refusal.OUT_OF_RANGE),
        ({"timestamp": "1700000000"}, Refusal.TOO_OLD),
        ({"timestamp": "4000000000"}, Refusal.FUTURE),
    ],
)
def test_a_fix_that_cannot_be_is_refused_with_its_reason(
    client: httpx.Client, context: Context, token: str, team: int, given: dict[str, str], reason: Refusal
) -> None:
    before = counted(context, reason)
    answer = client.get("/ingest/osmand", params=osmand(token=token, **given))
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "hint", "reason"}
    assert answer.json()["reason"] == reason.value
    assert load_track(context, team) == []
    wait_until(lambda: counted(context, reason) == before + 1)


def test_a_jump_and_a_team_off_duty_are_acknowledged_and_not_kept(
    client: httpx.Client, context: Context, token: str, team: int
) -> None:
    assert client.get("/ingest/osmand", params=osmand(token=token)).status_code == 200
    far = osmand(token=token, lon=str(LON + 1), timestamp=str(int(now_s()) + 1))
    refused = {"accepted": 0, "refused": [{"index": 0, "reason": "teleport"}]}
    assert client.get("/ingest/osmand", params=far).json() == refused
    for on_duty in (False, True):
        with context.database.write(ADMIN, kind="duty") as work:
            work.update(tables.team, team, {"on_duty": on_duty})
            work.touch("teams")
        answer = client.get("/ingest/osmand", params=osmand(token=token, timestamp=str(int(now_s()) + 2)))
        assert answer.status_code == 200
        assert (answer.content == b"") is on_duty
    assert len(load_track(context, team)) == 2


@pytest.mark.parametrize("path", ["/ingest/osmand", "/ingest/traccar", "/ingest/batch"])
@pytest.mark.parametrize("token", ["", "made-up"])
def test_an_unknown_device_and_a_wrong_token_get_the_same_answer(
    client: httpx.Client, context: Context, path: str, token: str
) -> None:
    known = devices.list_devices(context, ADMIN)["key"]
    before = counted(context, Refusal.UNKNOWN_DEVICE)
    bodies: list[Any] = [
        {"device": {"uniqueId": key}, "device_id": key, "position": {}} for key in ("nobody", *known[:1])
    ]
    answers = [
        client.post(path, json=[body] if path.endswith("batch") else body, headers=bearer(token)) for body in bodies
    ]
    assert [answer.status_code for answer in answers] == [401] * len(bodies)
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json()["error"] == "This device is not known here."
    wait_until(lambda: counted(context, Refusal.UNKNOWN_DEVICE) == before + len(bodies))


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"nonsense", b"\xff\xfe", b"[" * 60_000, b'{"position": NaN}'])
@pytest.mark.parametrize("path", ["/ingest/traccar", "/ingest/batch"])
def test_a_body_that_is_nothing_is_unreadable(client: httpx.Client, token: str, path: str, body: bytes) -> None:
    headers = {**bearer(token), "Content-Type": "application/json"}
    answer = client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (400, "unreadable")


def test_ten_megabytes_are_refused_before_they_were_read(
    ingest_server: Server, client: httpx.Client, context: Context, token: str
) -> None:
    before = counted(context, Refusal.TOO_LARGE)
    head = f"POST /ingest/batch HTTP/1.1\r\nHost: {ingest_server.host}\r\nAuthorization: Bearer {token}\r\n"
    host, port = ingest_server.host.split(":")
    for announced in ("Content-Length: 10485760", "Transfer-Encoding: chunked"):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"{head}{announced}\r\n\r\n".encode())
            if announced.startswith("Transfer"):
                connection.sendall(b"11000\r\n" + b"x" * 0x11000)  # 68 kB of what would go on
            answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 413 ")
    wait_until(lambda: counted(context, Refusal.TOO_LARGE) == before + 2)
    answer = client.post("/ingest/batch", content=b"[" + b"1," * 5_000_000, headers=bearer(token))
    assert answer.status_code == 413
    assert answer.json()["hint"] == "Send at most 100 positions and 64 kB at once."
    assert client.post("/ingest/batch", json=[{}] * 101, headers=bearer(token)).status_code == 413


def test_too_many_requests_are_told_when_to_come_back(client: httpx.Client, context: Context, token: str) -> None:
    answers = [client.get("/ingest/osmand", params=osmand(token=token)) for _ in range(BURST + 1)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 100
    assert answers[-1].json()["error"] == "This device reports too often."
    assert [answer.status_code for answer in answers[: BURST - 5]] == [200] * (BURST - 5)


def test_a_session_opens_nothing_here_and_a_token_nothing_else(ingest_server: Server, token: str) -> None:
    with ingest_server.sign_in("chief") as chief:
        assert chief.get("/ingest/osmand", params=osmand()).status_code == 401
    with ingest_server.visit() as stranger:
        for path in ("/state.json", "/ingest", "/ingest/osmand/x", "/ingest/other"):
            assert stranger.get(path, headers=bearer(token), params={"token": token}).status_code == 401


def test_only_the_right_methods_and_safe_headers(client: httpx.Client, token: str) -> None:
    assert client.get("/ingest/batch").status_code == 405
    assert client.get("/ingest/batch").headers["allow"] == "POST"
    for answer in (client.get("/ingest/osmand", params=osmand(token=token)), client.get("/ingest/osmand")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_refusal_speaks_the_senders_language(client: httpx.Client, token: str) -> None:
    asked = {"token": token, "valid": "false"}
    chinese = client.get("/ingest/osmand", params=asked, headers={"Accept-Language": "zh-CN"}).json()
    assert chinese["error"] == "终端当时没有定位。"


def test_everything_that_many_senders_were_told_is_kept_is_there(
    client: httpx.Client, ingest_server: Server, context: Context, team: int
) -> None:
    gateway = devices.issue_gateway_token(context, ADMIN, key="crowd")
    issue(context, ADMIN, crowd_tracker=team)
    start = datetime.now(UTC) - timedelta(seconds=700)
    wait_until(lambda: client.post("/ingest/batch", json=[], headers=bearer(gateway)).status_code == 200)

    def send(number: int) -> list[float]:
        """Eighty fixes of a sender, one by one; the moments of those that were acknowledged."""
        kept = []
        with httpx.Client(base_url=ingest_server.url, trust_env=False, headers=bearer(gateway)) as own:
            for step in range(80):
                at = start.timestamp() + step * 8 + number
                asked = osmand(id="crowd_tracker", timestamp=f"{at * 1000:.0f}")
                if own.get("/ingest/osmand", params=asked).status_code == 200:
                    kept.append(at)
        return kept

    with ThreadPoolExecutor(8) as pool:
        told = [at for kept in pool.map(send, range(8)) for at in kept]
    assert len(told) == 640
    stored = [at.timestamp() for at, _, _ in load_track(context, team)]
    assert stored == pytest.approx(sorted(told), abs=0.001)


def test_simulated_traffic_is_kept_and_marked(ingest_server: Server, context: Context, team: int) -> None:
    units, gateway = prepare_units(context, ADMIN, count=4)
    wait_until(lambda: ask_batch(ingest_server, gateway) == 200)
    batched = send_traffic(Traffic(url=ingest_server.url, units=units, gateway_token=gateway, hz=5, seconds=2, batch=3))
    assert (batched.sent, batched.accepted, batched.failed, batched.requests) == (40, 40, 0, 20)
    single = send_traffic(Traffic(url=ingest_server.url, units=units, hz=2, seconds=2, connections=3))
    assert (single.accepted, single.statuses) == (16, {"200": 16})
    assert 0 < single.p50_ms <= single.p95_ms
    with context.database.read() as connection:
        rows = connection.execute(tables.track_point.select()).all()
    assert len(rows) == 56
    assert all(row.simulated for row in rows)
    wrong = send_traffic(Traffic(url=ingest_server.url, units=units, gateway_token="no", hz=4, seconds=0.5, batch=4))
    assert (wrong.failed, wrong.statuses) == (8, {"401": 2})


def ask_batch(server: Server, token: str) -> int:
    return httpx.post(f"{server.url}/ingest/batch", json=[], headers=bearer(token), trust_env=False).status_code


def test_a_server_that_is_not_there_is_counted_as_such(tmp_path: Path, context: Context) -> None:
    units, gateway = prepare_units(context, ADMIN, count=2)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    report = send_traffic(Traffic(url=url, units=units, gateway_token=gateway, hz=10, seconds=0.2, batch=2))
    assert (report.sent, report.failed, report.statuses) == (4, 4, {"0": 2})
    assert json.dumps(report.reasons) == "{}"
