"""Section chiefs from table to kilometre: imported, vacant, inspected jointly, and told of hazards on their line."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.railways.calibration import CalibrationPoint
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import areas, calibration, chief_import, chiefs, hazards, railways, referrals
from gridmap.services.chief_import import ChiefOptions
from gridmap.services.context import Context
from gridmap.services.deltas import collect_changes, load_version
from gridmap.services.hazards import NewHazard
from gridmap.services.imports import import_file
from gridmap.services.journal import undo_change
from gridmap.store import tables as t
from tests.conftest import StoppedClock
from tests.counties import ADMIN, EAST_PLANNER, EAST_TOWN, WEST_TOWN, fill_county

HEAD = "起点里程,终点里程,地方段长,铁路段长,周期\n"
WHOLE = "K0+000,K3+000,柳林镇段长岗,西线路车间,每月\nK3+000,K5+200,石桥镇段长岗,,15\n"


@pytest.fixture
def county(context: Context) -> Context:
    """The county, whose line of 5.3 km runs from the western town into the eastern one half-way."""
    fill_county(context)
    return context


@pytest.fixture
def line_id(county: Context) -> int:
    return int(railways.list_lines(county, ADMIN)["id"].iloc[0])


def name_posts(context: Context, rows: str = WHOLE, *, head: str = HEAD, actor: Actor = ADMIN, **options: Any) -> int:
    plan = read_posts(context, rows, head=head, actor=actor, **options)
    assert [str(row) for row in plan.rejected] == []
    return chief_import.import_chiefs(context, actor, plan=plan)


def read_posts(context: Context, rows: str, *, head: str = HEAD, actor: Actor = ADMIN, **options: Any) -> Any:
    given = ChiefOptions(**{"line": "Clear River Line", **options})
    return chief_import.read_chiefs(context, actor, content=head + rows, options=given)


def report(context: Context, mileage: str, **values: Any) -> int:
    line = int(railways.list_lines(context, ADMIN)["id"].iloc[0])
    given = {"kind": "dumping", "severity": 3, "title": "Rubble", "side": "left", "offset_m": 15.0, **values}
    return hazards.add_hazard(context, ADMIN, new=NewHazard(line_id=line, mileage_text=mileage, **given))


def list_offices(context: Context, hazard_id: int) -> dict[str, str]:
    found = referrals.list_referrals(context, ADMIN, hazard_id=hazard_id)
    return dict(zip(found["party"], found["office"], strict=True))


def test_every_kilometre_has_both_posts_its_vacancies_and_its_next_inspection(county: Context, line_id: int) -> None:
    name_posts(county)
    found = chiefs.list_kilometres(county, ADMIN, line_id=line_id)
    assert [(one.start, one.end) for one in found[:3]] == [
        ("K0+000", "K1+000"),
        ("K1+000", "K2+000"),
        ("K2+000", "K3+000"),
    ]
    first, fourth, last = found[0].what, found[3].what, found[-1].what
    assert {party: [c.office for c in own] for party, own in first.posts.items()} == {
        "local": ["柳林镇段长岗"],
        "railway": ["西线路车间"],
    }
    assert (first.is_staffed, first.interval_days, first.last_at, first.overdue) == (True, 30, None, True)
    assert fourth.vacant_m == {"local": 0, "railway": pytest.approx(1000)}
    assert (fourth.interval_days, last.vacant_m["local"] > 0) == (15, True)
    vacant = chiefs.list_vacancies(county, ADMIN, line_id=line_id)
    assert [(v.what.party, v.start) for v in vacant] == [("local", "K5+200"), ("railway", "K3+000")]


def test_the_place_between_two_posts_belongs_to_the_one_that_begins(county: Context, line_id: int) -> None:
    name_posts(county)
    both = chiefs.find_chiefs(county, ADMIN, line_id=line_id, chainage_m=3000.0)
    assert both["local"] is not None
    assert (both["local"].office, both["railway"] and both["railway"].office) == ("石桥镇段长岗", "西线路车间")
    assert chiefs.find_chiefs(county, ADMIN, line_id=line_id, chainage_m=4000.0)["railway"] is None
    with pytest.raises(InvalidInput):
        chiefs.find_chiefs(county, ADMIN, line_id=line_id, chainage_m=99_000.0)


def test_joint_inspections_count_where_they_cover_a_kilometre_whole(
    county: Context, line_id: int, clock: StoppedClock, planner: Actor
) -> None:
    name_posts(county)
    now = county.clock()

    def inspect(start: str, end: str, days: float) -> int:
        at = now - timedelta(days=days)
        return chiefs.record_joint_inspection(
            county, planner, line_id=line_id, start=start, end=end, at=at, note="联巡"
        )

    inspect("K0+000", "K2+000", 20)
    inspect("K0+000", "K0+600", 3)
    change = inspect("K0+600", "K1+000", 5)
    seen = [one.what.last_at for one in chiefs.list_kilometres(county, ADMIN, line_id=line_id)[:3]]
    assert seen == [now - timedelta(days=5), now - timedelta(days=20), None]
    second = chiefs.list_kilometres(county, ADMIN, line_id=line_id)[1].what
    assert (second.due_at, second.overdue) == (now + timedelta(days=10), False)
    undo_change(county, ADMIN, txn_id=change, reason="")
    assert chiefs.list_kilometres(county, ADMIN, line_id=line_id)[0].what.last_at == now - timedelta(days=20)
    clock.advance(days=11)
    assert [one.what.overdue for one in chiefs.list_kilometres(county, ADMIN, line_id=line_id)[:2]] == [True, True]
    made = chiefs.list_joint_inspections(county, ADMIN, line_id=line_id)
    assert list(zip(made["start"], made["end"], made["note"], strict=True)) == [
        ("K0+000", "K0+600", "联巡"),
        ("K0+000", "K2+000", "联巡"),
    ]


@pytest.mark.parametrize(
    ("start", "end", "days", "note", "sentence"),
    [
        ("K2+000", "K1+000", 1, "", "reversed"),
        ("K1+000", "K90+000", 1, "", "outside this line"),
        ("one", "K2+000", 1, "", "is not a mileage"),
        ("K1+000", "K2+000", -1, "", "before it happened"),
        ("K1+000", "K2+000", 1, "电 13800138000", "telephone number"),
    ],
)
def test_an_inspection_that_cannot_be_is_refused(
    county: Context, line_id: int, start: str, end: str, days: int, note: str, sentence: str
) -> None:
    at = county.clock() - timedelta(days=days)
    with pytest.raises(InvalidInput, match=sentence):
        chiefs.record_joint_inspection(county, ADMIN, line_id=line_id, start=start, end=end, at=at, note=note)
    assert chiefs.list_joint_inspections(county, ADMIN, line_id=line_id).empty


def test_nobody_sees_or_changes_what_lies_beyond_the_own_area(
    county: Context, line_id: int, commander: Actor, planner: Actor
) -> None:
    name_posts(county)
    east = chiefs.list_kilometres(county, EAST_PLANNER, line_id=line_id)
    assert min(one.what.from_m for one in east) > 2_000
    assert all(v.what.from_m > 2_000 for v in chiefs.list_vacancies(county, EAST_PLANNER, line_id=line_id))
    with pytest.raises(NotFound):
        chiefs.find_chiefs(county, EAST_PLANNER, line_id=line_id, chainage_m=500.0)
    day = county.clock() - timedelta(days=1)
    west = {"line_id": line_id, "start": "K0+000", "end": "K1+000", "at": day}
    with pytest.raises(NotFound):
        chiefs.record_joint_inspection(county, EAST_PLANNER, **west)
    with pytest.raises(NotAllowed):
        chiefs.record_joint_inspection(county, commander, **west)
    with pytest.raises(NotAllowed):
        chief_import.read_chiefs(county, planner, content=HEAD + WHOLE)
    eastern = dataclasses.replace(ADMIN, scope_code=EAST_TOWN)
    plan = read_posts(county, WHOLE + "K4+000,K5+000,石桥镇副段长岗,,\n", actor=eastern, replace=True)
    assert [row.row for row in plan.rejected] == [2]
    hazard = report(county, "K1+000")
    (referral, _) = referrals.list_referrals(county, ADMIN, hazard_id=hazard)["id"]
    assert referrals.list_referrals(county, eastern, hazard_id=hazard).empty
    with pytest.raises(NotFound):
        referrals.acknowledge_referral(county, eastern, referral_id=int(referral))


def test_replacing_exchanges_the_posts_of_the_tables_parties_only(county: Context, line_id: int) -> None:
    name_posts(county)
    change = name_posts(county, "K0+000,K5+000,柳林镇新岗,\n", head="起点里程,终点里程,地方段长,\n", replace=True)
    third = chiefs.list_kilometres(county, ADMIN, line_id=line_id)[2].what
    assert [c.office for own in third.posts.values() for c in own] == ["柳林镇新岗", "西线路车间"]
    undo_change(county, ADMIN, txn_id=change, reason="")
    both = chiefs.find_chiefs(county, ADMIN, line_id=line_id, chainage_m=100.0)
    assert both["local"] is not None
    assert both["local"].office == "柳林镇段长岗"


def test_posts_answer_from_their_day_and_the_newer_one_holds(county: Context, line_id: int) -> None:
    name_posts(county)
    plan = read_posts(county, "K0+000,K1+000,柳林镇新岗,,\n", valid_from=date(2026, 5, 1))
    assert plan.clashes == ()
    chief_import.import_chiefs(county, ADMIN, plan=plan)
    may = county.clock() + timedelta(days=60)
    offices = [
        chiefs.find_chiefs(county, ADMIN, line_id=line_id, chainage_m=500.0, at=at)["local"] for at in (None, may)
    ]
    assert [office and office.office for office in offices] == ["柳林镇段长岗", "柳林镇新岗"]
    plan = read_posts(county, "K0+500,K2+500,第三岗,,\n")
    assert [(c.start, c.end, c.what.offices) for c in plan.clashes] == [
        ("K0+500", "K2+500", ("柳林镇段长岗", "第三岗"))
    ]


def test_what_changed_since_the_table_was_read_is_not_overwritten(county: Context) -> None:
    plan = read_posts(county, WHOLE, replace=True)
    name_posts(county, "K0+000,K1+000,柳林镇段长岗,,\n")
    with pytest.raises(Conflict):
        chief_import.import_chiefs(county, ADMIN, plan=plan)
    with pytest.raises(InvalidInput):
        chief_import.import_chiefs(county, ADMIN, plan=dataclasses.replace(plan, chiefs=()))


def test_kilometres_are_those_of_the_posts_at_a_broken_chain(county: Context, line_id: int) -> None:
    points = [CalibrationPoint(0.0, 0.0, 0.0), CalibrationPoint(2200.0, 2200.0, 1900.0)]
    calibration.set_calibration(county, ADMIN, line_id=line_id, points=points)
    found = chiefs.list_kilometres(county, ADMIN, line_id=line_id)
    assert [(one.start, one.end, round(one.metres)) for one in found[1:5]] == [
        ("K1+000", "K2+000", 1000),
        ("K2+000", "K2+200", 200),
        ("K1+900", "K2+000", 100),
        ("K2+000", "K3+000", 1000),
    ]


# --- hazards go to both sides -----------------------------------------------------------------------------------


def test_a_hazard_beside_the_line_goes_to_both_posts_and_each_takes_note(county: Context, clock: StoppedClock) -> None:
    name_posts(county)
    hazard, vacant = report(county, "K1+000"), report(county, "K4+000")
    assert list_offices(county, hazard) == {"local": "柳林镇段长岗", "railway": "西线路车间"}
    assert list_offices(county, vacant) == {"local": "石桥镇段长岗", "railway": ""}
    own = referrals.list_referrals(county, ADMIN, office="西线路车间", waiting=True)
    assert own["hazard_id"].tolist() == [hazard]
    referral, version = int(own["id"].iloc[0]), int(own["version"].iloc[0])
    clock.advance(hours=1)
    referrals.acknowledge_referral(county, ADMIN, referral_id=referral, note="已到场", version=version)
    found = referrals.list_referrals(county, ADMIN, hazard_id=hazard).set_index("party")
    assert found.loc["railway", "acknowledged_at"].to_pydatetime() == county.clock()
    assert found.loc["railway", "acknowledged_note"] == "已到场"
    assert found["acknowledged_at"].isna().tolist() == [True, False]
    waiting = referrals.list_referrals(county, ADMIN, waiting=True)
    assert list(zip(waiting["hazard_id"], waiting["office"], strict=True)) == [
        (hazard, "柳林镇段长岗"),
        (vacant, "石桥镇段长岗"),
        (vacant, ""),
    ]
    with pytest.raises(Conflict):
        referrals.acknowledge_referral(county, ADMIN, referral_id=referral, version=version)
    with pytest.raises(Conflict, match="already"):
        referrals.acknowledge_referral(county, ADMIN, referral_id=referral)
    with pytest.raises(InvalidInput, match="vacant"):
        referrals.acknowledge_referral(county, ADMIN, referral_id=int(waiting["id"].iloc[2]))
    with pytest.raises(InvalidInput, match="telephone"):
        referrals.acknowledge_referral(county, ADMIN, referral_id=int(waiting["id"].iloc[0]), note="139 0013 9000")
    hazards.advance_hazard(county, ADMIN, hazard_id=vacant, to="cancelled")
    assert set(referrals.list_referrals(county, ADMIN, waiting=True)["hazard_id"]) == {hazard}


def test_open_hazards_go_to_the_posts_that_are_named_later(county: Context) -> None:
    early, beyond, over = report(county, "K1+000"), report(county, "K5+250"), report(county, "K1+500")
    hazards.advance_hazard(county, ADMIN, hazard_id=over, to="cancelled")
    with county.database.write(ADMIN, kind="before there were section chiefs") as work:
        work.connection.execute(t.hazard_referral.delete().where(t.hazard_referral.c.hazard_id == early))
    change = name_posts(county)
    assert list_offices(county, early) == {"local": "柳林镇段长岗", "railway": "西线路车间"}
    assert list_offices(county, beyond) == {"local": "", "railway": ""}
    assert list_offices(county, over) == {"local": "", "railway": ""}
    name_posts(county, "K5+200,K5+270,石桥镇东岗,\n", head="起点里程,终点里程,地方段长,\n")
    assert list_offices(county, beyond) == {"local": "石桥镇东岗", "railway": ""}
    undo_change(county, ADMIN, txn_id=change, reason="")
    assert list_offices(county, early) == {}


def test_open_maps_are_told_of_a_hazard_and_its_referrals_row_by_row(county: Context) -> None:
    before = load_version(county)
    hazard = report(county, "K1+000")
    changes = collect_changes(county, since=before)
    assert changes is not None
    assert (set(changes.rows["hazards"]), "hazards" in changes.stale) == ({hazard}, False)
    for rows in (WHOLE, "K2+000,K2+100,柳林镇新岗,,\n"):
        middle = load_version(county)
        name_posts(county, rows)
        changes = collect_changes(county, since=middle)
        assert changes is not None
        assert "hazards" not in changes.stale


def test_cards_of_segments_and_hazards_name_both_posts(county: Context, line_id: int) -> None:
    name_posts(county)
    segments = railways.list_segments(county, ADMIN, line_ids=(line_id,))
    west = segments[segments["area_code"].str.startswith(WEST_TOWN)].iloc[0]
    rows = dict(areas.load_card(county, ADMIN, kind="segment", id=int(west["id"])).rows)
    assert "柳林镇段长岗" in rows["County-side section chief"]
    assert "西线路车间" in rows["Railway section chief"]
    east = segments[segments["area_code"].str.startswith(EAST_TOWN)].iloc[-1]
    rows = dict(areas.load_card(county, ADMIN, kind="segment", id=int(east["id"])).rows)
    assert chiefs.VACANT in rows["Railway section chief"]
    rows = dict(areas.load_card(county, ADMIN, kind="hazard", id=report(county, "K4+000")).rows)
    assert (rows["County-side section chief"], rows["Railway section chief"]) == ("石桥镇段长岗", chiefs.VACANT)


def test_posts_and_inspections_outlive_a_second_import_of_their_line(
    sqlite_context: Context, administrator: Actor, thinned: Path
) -> None:
    import_file(sqlite_context, administrator, path=thinned)
    lines = railways.load_lines(sqlite_context)
    line_id = max(lines, key=lambda i: lines[i][2].end_m)
    options = ChiefOptions(line=f"#{line_id}")
    content = f"{HEAD}K1+000,K3+000,某镇段长岗,某车间,每月\n"
    plan = chief_import.read_chiefs(sqlite_context, administrator, content=content, options=options)
    chief_import.import_chiefs(sqlite_context, administrator, plan=plan)
    at = sqlite_context.clock() - timedelta(days=2)
    stretch = {"line_id": line_id, "start": "K1+000", "end": "K2+000", "at": at}
    chiefs.record_joint_inspection(sqlite_context, administrator, **stretch)

    def load() -> list[Any]:
        with sqlite_context.database.read() as connection:
            own = connection.execute(sa.select(t.section_chief).order_by(t.section_chief.c.id)).mappings().all()
            made = connection.execute(sa.select(t.joint_inspection)).mappings().all()
        return [*own, *made]

    before = load()
    import_file(sqlite_context, administrator, path=thinned)
    after = load()
    assert len(after) == 3
    for old, new in zip(before, after, strict=True):
        assert (new["from_m"], new["to_m"]) == pytest.approx((old["from_m"], old["to_m"]), abs=0.01)
        assert {**new, "from_m": 0, "to_m": 0, "id": 0} == {**old, "from_m": 0, "to_m": 0, "id": 0}
