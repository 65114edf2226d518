"""The terminal's frame: one document or one line, whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gridmap.cli import main as frame
from gridmap.cli.command import Command, Invocation, lonlat
from gridmap.errors import N_, NotFound


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", type=lonlat)
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("files", nargs="*")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `probe` with a body of the test's choice."""

    def start(*words: str, body: Callable[[Invocation], Any] | None = None) -> int:
        def echo(invocation: Invocation) -> Any:
            given = invocation.arguments
            return {
                "start": given.start,
                "number": given.number,
                "files": given.files,
                "actor": invocation.actor.name,
                "url": invocation.settings.database_url,
            }

        command = Command("probe", "a command", _add_arguments, body or echo, lambda result: f"told: {result}")
        monkeypatch.setattr(frame, "MODULES", {"probe": "probe"})
        monkeypatch.setattr(frame.importlib, "import_module", lambda name: SimpleNamespace(COMMANDS=(command,)))
        return frame.main(list(words))

    return start


def read_document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_common_options_before_and_after_the_command(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_DB", "sqlite:///from-environment.db")
    assert run("--as", "probe", "probe", "a", "b", "--json") == 0
    told = read_document(capsys)
    assert (told["actor"], told["files"], told["url"]) == ("probe", ["a", "b"], "sqlite:///from-environment.db")
    assert run("probe", "--json", "--db", "sqlite:///x.db", "--as", "li") == 0
    told = read_document(capsys)
    assert (told["actor"], told["url"]) == ("li", "sqlite:///x.db")
    assert run("probe", "--json", "--db=x.db") == 0
    assert read_document(capsys)["url"] == "sqlite:///x.db"
    assert run("probe", "--json") == 0
    assert read_document(capsys)["actor"] == "terminal"


@pytest.mark.parametrize(
    "words",
    [
        ["--from", "-71.1,42.3"],
        ["--from=-71.1,42.3"],
        ["--number", "-5", "--from", "-71.1,42.3"],
    ],
)
def test_negative_coordinates(run: Callable[..., int], capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert run("probe", "--json", *words) == 0
    assert read_document(capsys)["start"] == [-71.1, 42.3]


@pytest.mark.parametrize("text", ["-.5,-.25", "-0.5,-0.25"])
def test_coordinates_west_and_south(run: Callable[..., int], capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert run("probe", "--json", "--from", text) == 0
    assert read_document(capsys)["start"] == [-0.5, -0.25]


def test_every_command_takes_places_in_the_west() -> None:
    """argparse takes “-71.1,42.3” for an option unless told otherwise: whoever adds a place option is checked here."""
    asked = 0
    for name in frame.MODULES:
        (command,) = frame.load_commands([name])
        parser = ArgumentParser()
        command.add_arguments(parser)
        for action in parser._actions:
            if action.type is not lonlat:
                continue
            needed = [a for a in parser._actions if a.required and a is not action]
            others = [word for a in needed for word in (*a.option_strings[:1], next(iter(a.choices or ["1,1"])))]
            for words in ([action.option_strings[0], "-71.1,42.3"], [f"{action.option_strings[0]}=-71.1,42.3"]):
                options, _ = frame._parse([name, *words, *others])
                assert getattr(options, action.dest) == (-71.1, 42.3), name
            asked += 1
    assert asked >= 4


def test_for_a_person(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("probe", body=lambda _: 3) == 0
    assert capsys.readouterr() == ("told: 3\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ["probe", "--from", "nowhere"],
        ["probe", "--from", "200,10"],
        ["probe", "--nope"],
        ["probe", "--num", "3"],
        ["nope"],
        [],
        ["--db"],
    ],
)
def test_a_wrong_command_line_is_one_line_or_one_document(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run(*words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert " — " in err
    assert run("--json", *words) == 1
    out, err = capsys.readouterr()
    assert set(json.loads(out)) == {"error", "hint"}
    assert err == ""


def test_expected_failures(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_: Invocation) -> Any:
        raise NotFound(N_("There is no {thing}\nhere."), hint=N_("Look for {thing}\nthere."), thing="铁路")

    assert run("probe", body=fail) == 1
    assert capsys.readouterr() == ("", "There is no 铁路 here. — Look for 铁路 there.\n")
    assert run("probe", "--json", body=fail) == 1
    out = capsys.readouterr().out
    assert "铁路" in out
    assert json.loads(out)["error"] == "There is no 铁路\nhere."


def test_unexpected_failures_are_logged_once(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Invocation) -> Any:
        raise ZeroDivisionError("nothing to divide by")

    assert run("probe", "--json", body=fail) == 1
    assert set(read_document(capsys)) == {"error", "hint"}
    (record,) = caplog.records
    assert "nothing to divide by" in (record.exc_text or "")


def test_an_interrupt_is_a_cancellation(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_: Invocation) -> Any:
        raise KeyboardInterrupt

    assert run("probe", body=interrupt) == 1
    assert capsys.readouterr() == ("", "Stopped; nothing was changed.\n")
    assert run("probe", "--json", body=interrupt) == 1
    assert read_document(capsys)["error"] == "Stopped; nothing was changed."


def test_progress_goes_to_stderr(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    def work(invocation: Invocation) -> Any:
        for step in range(4):
            invocation.progress(step / 4, "Reading" if step < 2 else "Writing")
        return []

    assert run("probe", "--json", body=work) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == []
    assert err == "  0 %  Reading\n 50 %  Writing\n"


def test_a_reader_that_leaves_is_no_crash(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "gridmap", "user", "list", "--db", str(tmp_path / "x.db"), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == ""
    child.stderr.close()
    assert child.wait(timeout=60) == 1


def test_every_command_is_where_it_is_said_to_be() -> None:
    names = list(frame.MODULES)
    assert [command.name for command in frame.load_commands(names)] == names
