"""`segments`: what patrols are due on, and setting it between two mileages, from the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli.main import main
from gridmap.services.context import open_context
from gridmap.settings import Settings
from tests.counties import EAST_TOWN, WEST_TOWN, fill_county

LINE = ("--line", "Clear River Line")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    address = f"sqlite:///{tmp_path_factory.mktemp('county') / 'county.db'}"
    context = open_context(Settings(database_url=address))
    fill_county(context)
    context.close()
    return address


@pytest.fixture
def ask(url: str, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[int, Any]:
        code = main(["segments", *words, "--db", url, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_segments_are_listed_with_whose_they_are(ask: Any) -> None:
    code, found = ask("list", *LINE)
    assert code == 0
    assert {row["area"] for row in found} == {f"{WEST_TOWN}001", f"{EAST_TOWN}001"}
    assert (found[0]["line"], found[0]["from"]) == ("Clear River Line", "K0+000")
    assert {"id", "code", "to", "setting", "risk", "interval_days", "visits", "spacing_min", "night"} <= found[0].keys()
    assert found[0]["chiefs"] == {"local": ["Vacant"], "railway": ["Vacant"]}
    assert len(ask("list")[1]) == len(found)
    assert len(ask("list", *LINE, "--from", "K0+000", "--to", "K1+400")[1]) == 1


def test_what_is_set_between_two_mileages_is_listed_so(ask: Any) -> None:
    values = ("--setting", "suburban", "--risk", "3", "--visits", "2", "--spacing", "240", "--night", "yes")
    values = (*values, "--side", "left")
    code, done = ask("set", *LINE, "--from", "K0+000", "--to", "K2+000", *values)
    assert code == 0
    assert done["change"] > 0
    by_hand = [row for row in ask("list", *LINE)[1] if row["by_hand"]]
    assert [row["id"] for row in by_hand] == [row["id"] for row in done["segments"]]
    for row in by_hand:
        assert (row["setting"], row["risk"], row["interval_days"], row["visits"]) == ("suburban", 3, 3, 2)
        assert (row["spacing_min"], row["night"]) == (240, True)
        assert row["side"] == "left"
        assert row["by_hand"] == ["setting", "risk", "visits", "spacing_min", "night", "side"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", *LINE, "--from", "K0+000", "--to", "K2+000"), "not clear"),
        (("set", "--from", "K0+000", "--to", "K2+000", "--risk", "2"), "not clear"),
        (("set", *LINE, "--from", "K0+000", "--risk", "2"), "not clear"),
        (("list", *LINE, "--risk", "2"), "not clear"),
        (("set", *LINE, "--from", "K0+000", "--to", "K2+000", "--risk", "9"), "9 is no risk"),
        (("set", *LINE, "--from", "K2+000", "--to", "K1+000", "--risk", "2"), "reversed"),
        (("set", "--line", "nowhere", "--from", "K1+000", "--to", "K2+000", "--risk", "2"), "no line called"),
    ],
)
def test_what_cannot_be_says_why(ask: Any, words: tuple[str, ...], said: str) -> None:
    code, refused = ask(*words)
    assert code == 1
    assert said in refused["error"]


def test_a_person_reads_lines(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["segments", "list", *LINE, "--db", url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Clear River Line K0+000–K")
    assert WEST_TOWN in lines[0]


def test_of_a_stretch_both_ends_are_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["segments", "list", "--from", "K1+000", "--db", f"sqlite:///{tmp_path / 'new.db'}", "--json"]) == 1
    assert "not clear" in json.loads(capsys.readouterr().out)["error"]
