"""Cells are reassigned, decided about and locked from the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gridmap.domain.access import TERMINAL, Role
from gridmap.services import accounts
from gridmap.services.context import open_context
from gridmap.settings import Settings
from tests.counties import EAST_UNIT, WEST_TOWN, WEST_UNIT, cell_code, fill_county
from tests.integration.cli.conftest import Done, assert_refused, run_gridmap

Run = Callable[..., Done]


@pytest.fixture(scope="module")
def county_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the small county and two supervisors of its west."""
    path = tmp_path_factory.mktemp("orders") / "county.db"
    context = open_context(Settings(database_url=f"sqlite:///{path}"))
    fill_county(context)
    for name in ("li", "wang"):
        account = {"role": Role.SUPERVISOR, "scope_code": WEST_TOWN}
        accounts.add_account(context, TERMINAL, name=name, password="a long sentence of 2026", **account)
    context.close()
    return path


@pytest.fixture
def run(county_file: Path, tmp_path: Path) -> Run:
    shutil.copyfile(county_file, tmp_path / "county.db")
    return lambda *words: run_gridmap(*words, "--db", tmp_path / "county.db", "--json")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write_list(text: str) -> Path:
        path = tmp_path / "cells.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write_list


def test_cells_are_seen_ordered_approved_and_taken_back(run: Run, write: Callable[[str], Path]) -> None:
    wanted = ("reassign", "--cells", write(f"code,name\n{cell_code(2, 1)},x\n"), "--to", EAST_UNIT, "--reason", "Road")
    seen = run(*wanted, "--dry-run").document
    assert (seen["moves"], seen["order"], seen["contiguity"]["contiguous"]) == (1, None, True)
    counts = {unit["code"]: (unit["before"]["cells"], unit["after"]["cells"]) for unit in seen["units"]}
    assert counts == {WEST_UNIT: (12, 11), EAST_UNIT: (12, 13)}
    assert run("orders", "list").document == []
    assert run("orders", "settings", "--approval", "on").document == {"need_approval": True, "within_parent": False}
    assert "no unit" in assert_refused(run(*wanted, "--as", "li"))  # the unit lies outside the account's area
    placed = run(*wanted, "--as", "chief").document["order"]
    assert (placed["state"], placed["ordered_by"]) == ("pending", "chief")
    assert "your own" in assert_refused(run("orders", "approve", placed["number"], "--as", "chief"))
    assert run("orders", "approve", placed["number"], "--as", "li").document["state"] == "in_effect"
    undo = run("orders", "undo", placed["number"], "--reason", "Mistake").document
    assert (undo["kind"], undo["state"]) == ("undo", "pending")
    assert run("orders", "refuse", undo["number"], "--reason", "No", "--as", "li").document["state"] == "refused"
    shown = run("orders", "show", placed["number"]).document
    assert [cell["code"] for cell in shown["moves"]] == [cell_code(2, 1)]
    assert [order["number"] for order in run("orders", "list").document] == [undo["number"], placed["number"]]


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("name\nx\n", (), "has no column “code”"),
        ("code\n", (), "names no cell"),
        (f"code\n{cell_code(0, 0)}\n{cell_code(0, 0)}\n", (), "names 1 cells twice"),
        ("code\n149901001001999\n", (), "of no cell in your area"),
        ("code\n" + "".join(f"1499{n:011d}\n" for n in range(1, 90_001)), (), "90000 cells at once"),
        (f"code\n{cell_code(0, 0)}\n", ("--effective", "2020-01-01"), "2020-01-01 is over"),
        (f"code\n{cell_code(0, 0)}\n", ("--to", "U0"), "no unit U0"),
        (f"code\n{cell_code(0, 0)}\n", ("--reason", " "), "needs a reason"),
        (f"code\n{cell_code(0, 0)}\n", ("--to", WEST_UNIT), "already belong"),
        (f"code\n{cell_code(3, 0)}\n", ("--as", "li"), "of no cell in your area"),
    ],
    ids=["column", "empty", "twice", "unknown", "many", "past", "unit", "reason", "own", "elsewhere"],
)
def test_what_cannot_be_ordered_leaves_nothing(
    run: Run, write: Callable[[str], Path], text: str, words: tuple[Any, ...], said: str
) -> None:
    done = run("reassign", "--cells", write(text), "--to", EAST_UNIT, "--reason", "Road", *words)
    assert said in assert_refused(done)
    assert done.document["hint"]
    assert run("orders", "list").document == []


def test_locked_cells_are_refused_until_they_are_unlocked(run: Run, write: Callable[[str], Path]) -> None:
    cells = write(f"code\n{cell_code(2, 1)}\n")
    assert run("cells", "lock", "--cells", cells, "--reason", "Dispute", "--as", "li").document == {"changed": 1}
    assert [cell["locked_by"] for cell in run("cells", "locked").document] == ["li"]
    wanted = ("reassign", "--cells", cells, "--to", EAST_UNIT, "--reason", "Road")
    assert "locked" in assert_refused(run(*wanted))
    assert run("cells", "unlock", "--cells", cells, "--reason", "Settled").document == {"changed": 1}
    assert run(*wanted).document["order"]["state"] == "in_effect"
    assert "not clear" in assert_refused(run("cells", "lock", "--reason", "Dispute"))
    assert "not clear" in assert_refused(run("orders", "undo"))


def test_borders_are_looked_at_within_the_own_area_and_mended_by_who_may(run: Run) -> None:
    assert run("check-topology", "--as", "li").document["cells"] == 12
    assert_refused(run("check-topology", "--area", "149901002", "--as", "li"))
    assert "role does not allow" in assert_refused(run("repair-topology", "--reason", "Slivers", "--as", "li"))
