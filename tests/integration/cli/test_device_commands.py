"""`device` and `simulate` as somebody at a terminal runs them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gridmap.cli.main import main
from gridmap.services import devices
from gridmap.services.context import Context
from tests.counties import ADMIN, EAST_TOWN, fill_county
from tests.reports import list_team_ids


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """Exit code and document of a command run with --json."""
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def test_devices(county: Context, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", county.settings.database_url)
    team = f"car {EAST_TOWN}"
    code, added = run(capsys, "device", "add", "P7", "--team", team, "--simulated", *db)
    assert (code, added["device"], added["done"]) == (0, "P7", "add")
    holder = devices.know_devices(county).find_holder(devices.hash_token(added["token"]))
    assert holder is not None
    assert (holder.key, holder.simulated) == ("P7", True)
    assert run(capsys, "device", "add", "traccar", "--gateway", "--scope", EAST_TOWN, *db)[0] == 0
    code, rows = run(capsys, "device", "list", *db)
    assert [(row["key"], row["team_name"], row["revoked_at"]) for row in rows] == [
        ("P7", team, None),
        ("traccar", None, None),
    ]
    assert run(capsys, "device", "revoke", "P7", *db) == (0, {"device": "P7", "done": "revoke"})
    assert main(["device", "list", *db]) == 0
    words = capsys.readouterr().out
    assert "revoked" in words
    assert "active" in words
    assert run(capsys, "device", "refusals", *db) == (0, [])
    assert main(["device", "add", "P8", "--team", team, *db]) == 0
    assert capsys.readouterr().out.startswith("P8: add\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["add", "P7"], "missing"),
        (["add", "--gateway"], "missing"),
        (["add", "P7", "--gateway", "--team", "x"], "missing"),
        (["add", "P7", "--team", "nobody"], "no team called “nobody”"),
        (["add", "a b", "--gateway"], "cannot be the key"),
        (["revoke", "P7"], "no device called “P7”"),
    ],
)
def test_devices_asked_for_wrongly(
    sqlite_url: str, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    code, document = run(capsys, "device", *words, "--db", sqlite_url)
    assert code == 1
    assert says in document["error"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--to", "http://127.0.0.1:1"], "in whose name"),
        (["--to", "127.0.0.1:1", "--token", "t"], "not the address of a server"),
        (["--to", "http://127.0.0.1:1", "--token", "t", "--units", "0"], "At least one unit"),
        (["--to", "http://127.0.0.1:1", "--token", "t", "--batch", "101"], "not well described"),
        (["--to", "http://127.0.0.1:1", "--token", "t", "--hz", "0"], "not well described"),
    ],
)
def test_traffic_asked_for_wrongly(
    sqlite_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    says: str,
) -> None:
    monkeypatch.setenv("GRIDMAP_DB", sqlite_url)
    code, document = run(capsys, "simulate", *words)
    assert code == 1
    assert says in document["error"]


def test_more_units_than_teams_on_duty(county: Context, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--to", "http://127.0.0.1:1", "--units", "5", "--db", county.settings.database_url)
    code, document = run(capsys, "simulate", *words)
    assert (code, document["error"]) == (1, "Only 4 teams are on duty here.")
    assert devices.list_devices(county, ADMIN).empty
    assert len(list_team_ids(county, ADMIN)) == 4


def test_what_traffic_came_to_is_said(capsys: pytest.CaptureFixture[str], sqlite_url: str) -> None:
    words = ["--to", "http://127.0.0.1:1", "--token", "t", "--units", "4", "--batch", "2", "--hz", "10"]
    # In a thread, since a browser of other tests may have left its event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(main, ["simulate", *words, "--seconds", "0.1", "--db", sqlite_url]).result() == 0
    said = capsys.readouterr().out
    assert "4 positions in 2 requests" in said
    assert "failed 4" in said
    assert "HTTP 0: 2" in said
