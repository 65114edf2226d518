"""`demo` by its contract: counts, a fingerprint that follows from seed and day, and no mixing."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gridmap.domain.hazards import HazardState
from tests.integration.cli.conftest import DEMO_DAY, assert_refused, run_gridmap


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(statement).fetchall()


def test_the_county_has_what_it_should(demo: tuple[str, Any]) -> None:
    url, made = demo
    assert all(type(made[name]) is int for name in ("areas", "cells", "road_edges", "hazards", "sites", "teams"))
    assert 540 <= made["cells"] <= 660
    assert 4_500 <= made["road_edges"] <= 5_500
    assert made["railway_lines"] == 2
    assert 230 <= made["hazards"] <= 270
    assert made["teams"] == 20
    assert {kind for (kind,) in query(url, "SELECT DISTINCT kind FROM team")} == {"car", "motorcycle", "foot"}
    assert len(query(url, "SELECT DISTINCT network FROM network_site")) == 5
    states = {state for (state,) in query(url, "SELECT DISTINCT state FROM hazard")}
    assert states == {state.value for state in HazardState}


def test_every_case_came_where_it_is_by_lawful_steps(demo: tuple[str, Any]) -> None:
    last = "SELECT to_state FROM hazard_step s WHERE s.hazard_id = h.id ORDER BY s.id DESC LIMIT 1"
    assert query(demo[0], f"SELECT count(*) FROM hazard h WHERE h.state <> ({last})") == [(0,)]
    broken = "SELECT count(*) FROM hazard_step a JOIN hazard_step b ON b.hazard_id = a.hazard_id AND b.id = a.id + 1"
    assert query(demo[0], f"{broken} WHERE b.from_state <> a.to_state OR b.at < a.at") == [(0,)]


def test_few_things_are_overdue(demo: tuple[str, Any]) -> None:
    day = datetime.fromisoformat(DEMO_DAY).replace(tzinfo=UTC)
    ended = ("closed", "handled_on_the_spot", "rejected", "duplicate", "cancelled")
    rows = query(demo[0], f"SELECT due_at FROM hazard WHERE state NOT IN {ended}")
    late = sum(datetime.fromisoformat(due).replace(tzinfo=UTC) < day for (due,) in rows)
    assert 3 <= late <= 25
    assert late < 0.25 * len(rows)


def test_every_cell_has_a_unit_of_its_town(demo: tuple[str, Any]) -> None:
    cells = query(demo[0], "SELECT count(*) FROM area WHERE level = 6")
    owned = "SELECT count(*) FROM assignment a JOIN area c ON c.id = a.cell_id JOIN grid_unit u ON u.id = a.unit_id"
    assert query(demo[0], owned) == cells
    assert query(demo[0], f"{owned} WHERE substr(c.code, 1, 9) <> u.area_code") == [(0,)]
    assert min(Counter(u for (u,) in query(demo[0], "SELECT unit_id FROM assignment")).values()) >= 1


def test_the_fingerprint_follows_from_seed_and_day(demo: tuple[str, Any], tmp_path: Path) -> None:
    words = ("demo", "--seed", "1", "--as-of", DEMO_DAY, "--db", tmp_path / "again.db", "--json")
    assert run_gridmap(*words).document["fingerprint"] == demo[1]["fingerprint"]


def test_a_full_database_is_left_alone(demo: tuple[str, Any]) -> None:
    assert "not mixed" in assert_refused(run_gridmap("demo", "--seed", "2", "--db", demo[0], "--json"))
