"""The two streams: positions once a second for the scope that listens, and word of a change whoever made it."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.sync.client import ClientConnection

from gridmap.services.live import HEADER, KINDS, RECORD, STATES
from gridmap.web import errors
from tests.counties import place_in
from tests.integration.web.conftest import OFFICES, Server, open_briefly, read_table, report_hazard, wait_until_closed


def read_frame(message: object) -> tuple[int, float, np.ndarray]:
    assert isinstance(message, bytes)
    number, at = HEADER.unpack_from(message)
    return number, at, np.frombuffer(message, RECORD, offset=HEADER.size)


def test_frames_come_once_a_second(server: Server, chief: httpx.Client) -> None:
    with server.listen("/live/units", chief) as socket:
        frames, arrived = [], []
        for _ in range(4):
            frames.append(read_frame(socket.recv(timeout=3)))
            arrived.append(time.monotonic())
    # The first answers the opening itself; from then on it is the beat of the server.
    assert frames[0][0] == 0
    assert np.diff([number for number, _, _ in frames[1:]]).tolist() == [1, 1]
    assert np.diff(arrived[1:]) == pytest.approx([1, 1], abs=0.5)
    assert frames[-1][1] == pytest.approx(time.time(), abs=5)


def test_a_record_says_where_a_team_is_and_how_it_is(server: Server, chief: httpx.Client) -> None:
    with server.listen("/live/units", chief) as socket:
        _, _, records = read_frame(socket.recv(timeout=3))
    teams = {row["id"]: row for row in read_table(chief, "teams")}
    assert set(records["id"].tolist()) == set(teams)
    for record in records:
        assert KINDS[record["kind"]] == teams[record["id"]]["kind"]
        assert STATES[record["state"]] in {"still", "stale", "silent"}
        assert (record["heading"] * 2, record["flags"] & 1) == (90, 1)
        assert 60 <= record["age_s"] < 1000
    lon, lat = place_in(0, 0)
    assert [lon * 1e7, lat * 1e7] in [pytest.approx([r["lon"], r["lat"]], abs=1) for r in records]


def test_frames_hold_the_listeners_own_area_only(server: Server, clients: dict[str, httpx.Client]) -> None:
    seen = {}
    for who in OFFICES:
        client = clients[who]
        with server.listen("/live/units", client) as socket:
            frames = [read_frame(socket.recv(timeout=3))[2]["id"].tolist() for _ in range(2)]
        assert frames[0] == frames[1] == [row["id"] for row in read_table(client, "teams")]
        seen[who] = set(frames[0])
    assert seen["west"].isdisjoint(seen["east"])
    assert seen["west"] | seen["east"] == seen["chief"]


def read_version(client: httpx.Client) -> dict[str, Any]:
    """What a map knows when it opens."""
    state = client.get("/state.json").json()
    return {name: state[name] for name in ("seq", "revisions")}


def read_step(socket: ClientConnection, *, after: int, seq: int) -> dict[str, Any]:
    """What is told of the way from `after` to `seq`. Word of changes that other tests made just before may come first,
    as it may to a map: what does not go on from what it knows it leaves alone."""
    until = time.monotonic() + 5
    while True:
        told: dict[str, Any] = json.loads(socket.recv(timeout=until - time.monotonic()))
        if (told["after"], told["seq"]) == (after, seq):
            return told


def test_a_map_that_knows_everything_is_told_nothing(server: Server, chief: httpx.Client) -> None:
    known = read_version(chief)
    with server.listen("/live/deltas", chief) as socket:
        socket.send(json.dumps(known))
        told = read_step(socket, after=known["seq"], seq=known["seq"])
    assert told["revisions"] == known["revisions"]
    assert [told[name] for name in ("rows", "gone", "stale", "tiles")] == [{}, {}, [], []]


def test_a_change_made_in_another_process_is_told_within_a_second(
    server: Server, clients: dict[str, httpx.Client]
) -> None:
    known = read_version(clients["east"])
    with (
        server.listen("/live/deltas", clients["east"]) as east,
        server.listen("/live/deltas", clients["west"]) as west,
        open_briefly(server.database_url) as context,
    ):
        for socket in (east, west):
            socket.send(json.dumps(known))
            read_step(socket, after=known["seq"], seq=known["seq"])
        report_hazard(context, title="Reported elsewhere", column=4)
        began = time.monotonic()
        told, other = (read_step(socket, after=known["seq"], seq=known["seq"] + 1) for socket in (east, west))
        assert time.monotonic() - began < 1
    assert told["rows"]["hazards"]["title"] == ["Reported elsewhere"]
    assert (told["stale"], told["tiles"]) == ([], [])
    assert (other["rows"], other["gone"]) == ({}, {})


def test_what_was_missed_is_told_on_coming_back(server: Server, chief: httpx.Client) -> None:
    known = read_version(chief)
    with open_briefly(server.database_url) as context:
        for title in ("Missed first", "Missed second"):
            report_hazard(context, title=title, column=1)
    with server.listen("/live/deltas", chief) as socket:
        socket.send(json.dumps(known))
        told = read_step(socket, after=known["seq"], seq=known["seq"] + 2)
    assert sorted(told["rows"]["hazards"]["title"]) == ["Missed first", "Missed second"]


@pytest.mark.parametrize("question", ["", "{}", "null", '{"seq": 1}', '{"seq": "x", "revisions": {}}', "[1]"])
def test_what_is_no_question_ends_the_stream(server: Server, chief: httpx.Client, question: str) -> None:
    with server.listen("/live/deltas", chief) as socket:
        socket.send(question or " ")
        assert wait_until_closed(socket) == errors.UNREADABLE
