"""Tracks, measures and what a wall asks for, over real HTTP: who may, in whose words, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.columns import read_header
from tests.counties import EAST_TOWN, WEST_TOWN
from tests.integration.web.conftest import OFFICES, read_table

NOW = datetime.now(UTC)
SPAN = {"since": (NOW - timedelta(minutes=10)).isoformat(), "until": NOW.isoformat()}
PATHS = ("/tracks.bin", "/measures/load.bin", "/alerts.json", "/areas.json", f"/areas/{WEST_TOWN}.json")


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_gets_nothing(stranger: httpx.Client, path: str) -> None:
    assert stranger.get(path, params=SPAN).status_code == 401


def test_tracks_say_their_columns(chief: httpx.Client) -> None:
    answer = chief.get("/tracks.bin", params=SPAN)
    assert answer.status_code == 200
    columns = [column["name"] for column in read_header(answer.content)["columns"]]
    assert columns == ["team_id", "at", "east", "north", "simulated"]


@pytest.mark.parametrize(
    "span",
    [
        {},
        {**SPAN, "since": "yesterday"},
        {**SPAN, "since": (NOW - timedelta(hours=3)).isoformat()},
        {"since": SPAN["until"], "until": SPAN["since"]},
    ],
)
def test_a_span_that_is_none_is_told(chief: httpx.Client, span: dict[str, str]) -> None:
    answer = chief.get("/tracks.bin", params=span)
    assert answer.status_code == 422
    assert answer.json()["hint"]


def test_a_measure_is_a_table_of_its_own_per_account(clients: dict[str, httpx.Client]) -> None:
    answers = {who: clients[who].get("/measures/households.bin") for who in OFFICES}
    assert {answer.status_code for answer in answers.values()} == {200}
    rows = {who: read_header(answer.content)["rows"] for who, answer in answers.items()}
    assert rows == {"chief": 29, "west": 14, "east": 14}
    assert clients["chief"].get("/measures/persons.bin").status_code == 404


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "超"), ("en", "overdue for")])
def test_alerts_come_in_the_words_of_who_looks(chief: httpx.Client, language: str, word: str) -> None:
    found = chief.get("/alerts.json", headers={"Accept-Language": language}).json()
    assert set(found) == {"alerts", "counts", "hazards"}
    overdue = [alert for alert in found["alerts"] if alert["kind"] == "overdue_segment"]
    assert overdue
    assert all(word in alert["since"] for alert in overdue)
    severities = [str(hazard["severity"]) for hazard in read_table(chief, "hazards")]
    assert found["hazards"] == {severity: severities.count(severity) for severity in severities}
    incidents = {alert["text"] for alert in found["alerts"] if alert["kind"] == "incident"}
    assert incidents == {{"zh-CN": "火情：尚未派队", "en": "Fire: no team is bound there"}[language]}


def test_areas_are_those_of_the_account(clients: dict[str, httpx.Client]) -> None:
    assert [area["code"] for area in clients["chief"].get("/areas.json").json()] == [WEST_TOWN, EAST_TOWN]
    west = clients["west"]
    assert [area["code"] for area in west.get("/areas.json").json()] == [f"{WEST_TOWN}001"]
    assert west.get(f"/areas/{WEST_TOWN}.json").json()["name"] == "Willow Town"
    assert west.get(f"/areas/{EAST_TOWN}.json").status_code == 404


def test_signing_in_leads_to_the_view_of_a_link(stranger: httpx.Client) -> None:
    link = f"/map?area={WEST_TOWN}&layers=rail,teams&z=12&lon=112.5&lat=37.8&at=2026-03-01T14:05:00%2B08:00"
    answer = stranger.get(link, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    account = {"name": "chief", "password": "a heron by the river"}
    page = httpx.URL(answer.headers["location"]).params["next"]
    signed_in = stranger.post("/session/login", data={**account, "next": page})
    assert signed_in.headers["location"] == link
