"""Tables over the ground, from both engines: as they stand, for whom they are, and when they are made anew."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import pytest

from gridmap.domain.access import SYSTEM, Actor, Role
from gridmap.errors import NotFound
from gridmap.services import hazards
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.services.overlays import OVERLAYS, load_overlay, warm_overlays
from tests.columns import read_rows
from tests.conftest import StoppedClock
from tests.counties import ADMIN, EAST_SUPERVISOR, RAIL_LAT, WEST_SUPERVISOR, fill_county, place_in, set_patrols


def read(context: Context, actor: Actor, name: str) -> list[dict[str, Any]]:
    return read_rows(gzip.decompress(load_overlay(context, actor, name=name).data))


def report(context: Context, *, column: int) -> int:
    lon, lat = place_in(column, 3)
    new = NewHazard(kind="burning", severity=3, title=f"Column {column}", lon=lon, lat=lat)
    return hazards.add_hazard(context, ADMIN, new=new)


def test_tables_from_either_engine(context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(context)
    set_patrols(context, at=None)
    found = {name: read(context, commander, name) for name in OVERLAYS}
    assert {name: len(rows) for name, rows in found.items()} == {
        "cells": 24,
        "units": 2,
        "areas": 29,
        "segments": len(found["segments"]),
        "stations": len(found["stations"]),
        "hazards": 0,
        "incidents": 0,
        "closures": 0,
        "sites": 3,
        "teams": 4,
    }
    assert len({row["color"] for row in found["units"]}) == 2
    assert {row["unit_id"] for row in found["cells"]} == {row["id"] for row in found["units"]}
    assert {row["id"] for row in found["cells"]} < {row["id"] for row in found["areas"]}
    for row in found["segments"]:
        assert (row["freshness"], row["due_at"]) == ("never", clock.now.timestamp())
        assert all(abs(lat - RAIL_LAT) < 1e-6 for _, lat in row["geometry"])
    assert {row["kind"] for row in found["stations"]} >= {"station", "level_crossing"}


def test_a_new_hazard_is_seen_by_those_it_concerns(sqlite_context: Context, commander: Actor) -> None:
    fill_county(sqlite_context)
    assert read(sqlite_context, WEST_SUPERVISOR, "hazards") == []
    report(sqlite_context, column=0)
    assert [row["title"] for row in read(sqlite_context, WEST_SUPERVISOR, "hazards")] == ["Column 0"]
    assert [row["title"] for row in read(sqlite_context, commander, "hazards")] == ["Column 0"]
    assert read(sqlite_context, EAST_SUPERVISOR, "hazards") == []


def test_an_ended_hazard_leaves_the_map(sqlite_context: Context, commander: Actor) -> None:
    fill_county(sqlite_context)
    number = report(sqlite_context, column=0)
    hazards.advance_hazard(sqlite_context, ADMIN, hazard_id=number, to="rejected", note="nothing there", version=1)
    assert read(sqlite_context, commander, "hazards") == []


def test_a_table_is_kept_for_an_area_alone(sqlite_context: Context, commander: Actor) -> None:
    fill_county(sqlite_context)
    first = load_overlay(sqlite_context, commander, name="cells")
    assert load_overlay(sqlite_context, Actor("another", Role.PLANNER), name="cells") is first
    for other in (WEST_SUPERVISOR, EAST_SUPERVISOR):
        kept = load_overlay(sqlite_context, other, name="cells")
        assert kept is not first
        assert kept.etag != first.etag
    assert load_overlay(sqlite_context, commander, name="cells") is first


def test_what_was_made_ahead_is_what_is_handed_out(sqlite_context: Context, commander: Actor) -> None:
    fill_county(sqlite_context)
    warm_overlays(sqlite_context)
    before = {name: load_overlay(sqlite_context, SYSTEM, name=name) for name in OVERLAYS}
    assert all(load_overlay(sqlite_context, commander, name=name) is before[name] for name in OVERLAYS)


def test_what_ages_by_itself_is_made_anew(sqlite_context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(sqlite_context)
    set_patrols(sqlite_context, at=clock.now)
    assert {row["freshness"] for row in read(sqlite_context, commander, "segments")} == {"fresh"}
    clock.now += timedelta(days=400)
    assert {row["freshness"] for row in read(sqlite_context, commander, "segments")} == {"overdue"}


def test_an_empty_database_has_empty_tables(context: Context, commander: Actor) -> None:
    assert {name: read(context, commander, name) for name in OVERLAYS} == {name: [] for name in OVERLAYS}


def test_an_unknown_table_is_not_found(sqlite_context: Context, commander: Actor) -> None:
    with pytest.raises(NotFound):
        load_overlay(sqlite_context, commander, name="account")
