"""What maps are told of changes: rows where that says all, whole tables where it does not, each scope its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gridmap.domain.access import Actor
from gridmap.domain.change_orders import NewOrder
from gridmap.errors import InvalidInput
from gridmap.services import hazards, journal, railways
from gridmap.services.change_order_decisions import undo_order
from gridmap.services.change_order_history import list_orders
from gridmap.services.change_orders import place_order
from gridmap.services.context import Context
from gridmap.services.deltas import Version, build_delta, collect_changes, load_version, read_version
from gridmap.services.hazards import NewHazard
from gridmap.store import areas, tables
from tests.counties import ADMIN, EAST_SUPERVISOR, EAST_UNIT, WEST_SUPERVISOR, cell_code, fill_county, place_in


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def tell(context: Context, since: Version, actor: Actor = ADMIN) -> dict[str, Any]:
    changes = collect_changes(context, since=since)
    assert changes is not None
    told: dict[str, Any] = json.loads(build_delta(context, actor, changes=changes))
    assert (told["after"], told["seq"]) == (since.seq, load_version(context).seq)
    return told


def report(context: Context, column: int, title: str = "Rubbish") -> int:
    lon, lat = place_in(column, 0)
    new = NewHazard(kind="burning", severity=2, title=title, lon=lon, lat=lat)
    return hazards.add_hazard(context, ADMIN, new=new)


def move_cell(context: Context, column: int) -> int:
    """A cell of the west goes to the unit of the east; its id."""
    with context.database.read() as connection:
        cells = areas.load_owned_cells(connection, scope="").set_index("code")["id"]
        units = areas.load_units(connection, scope="").set_index("code")["id"]
    cell, unit = int(cells[cell_code(column, 0)]), int(units[EAST_UNIT])
    place_order(context, ADMIN, order=NewOrder(owners={cell: unit}, reason="nearer"))
    return cell


def test_nothing_changed_is_nothing_to_tell(county: Context) -> None:
    assert collect_changes(county, since=load_version(county)) is None


def test_a_hazard_is_told_as_a_row_to_whom_it_concerns(county: Context) -> None:
    since = load_version(county)
    hazard = report(county, column=4)
    told = tell(county, since, EAST_SUPERVISOR)
    assert told["rows"]["hazards"]["id"] == [hazard]
    assert told["rows"]["hazards"]["severity"] == [2]
    assert 0 < told["rows"]["hazards"]["x"][0] < 1
    assert (told["stale"], told["tiles"], told["gone"]) == ([], [], {})
    elsewhere = tell(county, since, WEST_SUPERVISOR)
    assert (elsewhere["rows"], elsewhere["gone"], elsewhere["stale"]) == ({}, {}, [])
    assert elsewhere["revisions"] == told["revisions"] == dict(load_version(county).revisions)


def test_a_hazard_that_ended_is_gone(county: Context) -> None:
    hazard = report(county, column=4)
    since = load_version(county)
    hazards.advance_hazard(county, ADMIN, hazard_id=hazard, to="rejected", note="nothing there")
    told = tell(county, since, EAST_SUPERVISOR)
    assert (told["gone"], told["rows"]) == ({"hazards": [hazard]}, {})
    assert tell(county, since, WEST_SUPERVISOR)["gone"] == {}


def test_a_moved_cell_is_told_as_a_row_and_the_units_are_counted_anew(county: Context) -> None:
    since = load_version(county)
    cell = move_cell(county, column=2)
    told = tell(county, since)
    assert told["rows"]["cells"]["id"] == [cell]
    assert (told["stale"], told["tiles"]) == (["units"], [])
    back = load_version(county)
    undo_order(county, ADMIN, order_id=int(list_orders(county, ADMIN)["id"].iloc[0]), reason="wrong one")
    undone = tell(county, back)
    assert undone["rows"]["cells"]["unit_id"] != told["rows"]["cells"]["unit_id"]


def test_a_patrol_changes_segments_without_their_lines(county: Context) -> None:
    since = load_version(county)
    segment = int(railways.list_segments(county, ADMIN)["id"].iloc[0])
    railways.record_patrol(county, ADMIN, segment_ids=[segment], at=county.clock())
    told = tell(county, since)
    assert told["rows"]["segments"]["id"] == [segment]
    assert told["rows"]["segments"]["freshness"] == ["fresh"]
    assert "geometry" not in told["rows"]["segments"]
    assert (told["stale"], told["tiles"]) == ([], [])
    back = load_version(county)
    journal.undo_change(county, ADMIN, txn_id=back.seq, reason="wrong one")
    undone = tell(county, back)
    assert undone["rows"]["segments"]["id"] == [segment]
    assert (undone["stale"], undone["tiles"]) == ([], [])
    # The railway is what it was: nothing that is made of its lines is made anew.
    assert load_version(county).revisions["rail"] == since.revisions["rail"]


def test_a_patrol_does_not_hide_another_change_of_the_railway(county: Context) -> None:
    since = load_version(county)
    segment = int(railways.list_segments(county, ADMIN)["id"].iloc[0])
    railways.record_patrol(county, ADMIN, segment_ids=[segment], at=county.clock())
    with county.database.write(ADMIN, kind="load") as work:
        work.note("rail", {"added": 1000})
        work.touch("rail")
    told = tell(county, since)
    assert set(told["stale"]) == {"segments", "stations"}
    assert told["tiles"] == ["rail"]
    edited = load_version(county)
    with county.database.write(ADMIN, kind="edit") as work:
        work.update_many(tables.rail_segment, {segment: {"setting": "urban"}})
        work.touch("rail")
    told = tell(county, edited)
    assert (told["rows"]["segments"]["id"], told["stale"], told["tiles"]) == ([segment], [], [])


def test_several_changes_are_told_as_one(county: Context) -> None:
    since = load_version(county)
    first, second = report(county, column=4, title="One"), report(county, column=1, title="Two")
    cell = move_cell(county, column=2)
    told = tell(county, since)
    assert sorted(told["rows"]["hazards"]["id"]) == [first, second]
    assert told["rows"]["cells"]["id"] == [cell]


def test_a_bulk_change_makes_its_tables_old(county: Context) -> None:
    since = load_version(county)
    report(county, column=4)
    with county.database.write(ADMIN, kind="load") as work:
        work.note("hazards", {"added": 1000})
        work.touch("hazards", "areas")
    told = tell(county, since)
    assert set(told["stale"]) == {"areas", "cells", "units", "segments", "hazards", "incidents", "closures", "sites"}
    assert (told["tiles"], told["rows"]) == (["areas"], {})


def test_a_topic_that_was_touched_without_a_row_makes_its_tables_old(county: Context) -> None:
    since = load_version(county)
    report(county, column=4)
    with county.database.write(ADMIN, kind="fill") as work:
        work.touch("hazards")
    assert tell(county, since)["stale"] == ["hazards"]


def test_a_change_of_a_table_that_is_not_told_by_rows_makes_its_tables_old(county: Context) -> None:
    since = load_version(county)
    with county.database.read() as connection:
        team = int(connection.execute(tables.team.select()).first().id)
    with county.database.write(ADMIN, kind="fill") as work:
        work.update(tables.team, team, {"on_duty": False})
        work.touch("teams")
    assert tell(county, since)["stale"] == ["teams"]


def test_more_than_can_be_told_row_by_row_is_fetched(county: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmap.services.deltas._MOST_ROWS", 1)
    since = load_version(county)
    report(county, column=4)
    told = tell(county, since)
    assert (told["rows"], told["stale"]) == ({}, ["hazards"])


def test_a_backup_that_counts_from_less_is_fetched_whole(county: Context) -> None:
    now = load_version(county)
    ahead = Version(now.seq + 7, {**now.revisions, "hazards": now.revisions["hazards"] + 3})
    changes = collect_changes(county, since=ahead)
    assert changes is not None
    told = json.loads(build_delta(county, ADMIN, changes=changes))
    assert (told["after"], told["seq"], told["stale"]) == (now.seq + 7, now.seq, ["hazards"])


def test_a_version_goes_there_and_back() -> None:
    assert read_version('{"seq": 7, "revisions": {"areas": 2}}') == Version(7, {"areas": 2})
    with pytest.raises(InvalidInput):
        read_version('{"seq": 7, "revisions": [2]}')
