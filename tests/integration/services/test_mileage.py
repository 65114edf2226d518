"""Mileage in the services: calibrated lines read as their posts say, everywhere, and keep it through an import."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from shapely.geometry import LineString

from gridmap.domain.access import Actor
from gridmap.domain.railways.calibration import CalibrationPoint
from gridmap.errors import InvalidInput, NotAllowed, NotFound
from gridmap.services import calibration, railways
from gridmap.services.cards import load_card
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard, add_hazard, load_hazard
from gridmap.services.imports import import_file
from gridmap.services.journal import undo_change
from gridmap.services.overlays import load_overlay_rows
from gridmap.services.search import search
from gridmap.store import tables as t
from gridmap.store.geometry import geometry_values

LONG = [CalibrationPoint(1_000.0, 51_000.0, 51_000.0), CalibrationPoint(4_000.0, 54_000.0, 53_500.0)]


@pytest.fixture
def line_id(context: Context, administrator: Actor) -> int:
    with context.database.write(administrator, kind="fill") as work:
        shape = geometry_values(LineString([(112.5, 37.7), (112.6, 37.7)]))
        nature = {"high_speed": False, "electrified": True, "start_m": 0.0, "length_m": 8_820.0}
        line = work.insert(t.rail_line, {"name": "Line", **nature, **shape})
        segment = {"code": "L-1", "line_id": line, "from_m": 1_000.0, "to_m": 4_000.0, "side": "both", "risk": 1}
        rules = {"length_m": 3_000.0, "setting": "open", "interval_days": 7, "area_code": "149999"}
        work.insert(t.rail_segment, {**segment, **rules, **shape})
        work.touch("rail")
    calibration.set_calibration(context, administrator, line_id=line, points=LONG)
    return line


def test_every_place_of_a_mileage_is_answered(context: Context, administrator: Actor, line_id: int) -> None:
    hits = railways.locate_mileage(context, administrator, line_id=line_id, text="K53+800 右 20 米")
    assert [(round(h.chainage_m), h.mileage, h.side, h.offset_m) for h in hits] == [
        (3_800, "K53+800", "right", 20.0),
        (4_300, "K53+800", "right", 20.0),
    ]
    assert hits[0].note != hits[1].note
    for hit in hits:
        (seen,) = railways.locate_point(context, administrator, lon=hit.lon, lat=hit.lat)
        assert (seen.mileage, seen.side, seen.note) == (hit.mileage, hit.side, hit.note)
        assert seen.offset_m == pytest.approx(20.0, abs=0.01)
    assert railways.locate_point(context, administrator, lon=112.5, lat=37.9) == []


def test_whatever_a_person_reads_is_what_the_posts_say(context: Context, administrator: Actor, line_id: int) -> None:
    with context.database.read() as connection:
        segment = connection.scalar(sa.select(t.rail_segment.c.id))
    assert load_card(context, administrator, kind="segment", id=segment).title == "Line K51+000–K54+000"
    columns, _ = load_overlay_rows(context, administrator, name="segments", ids=[segment])
    assert (columns["from_m"], columns["to_m"]) == ([51_000.0], [54_000.0])
    assert [hit.label for hit in search(context, administrator, text="K53+800")] == ["Line K53+800"] * 2


def test_a_hazard_at_a_doubled_mileage_says_which(context: Context, administrator: Actor, line_id: int) -> None:
    new = {"kind": "dumping", "severity": 2, "title": "Heap", "line_id": line_id, "mileage_text": "K53+800"}
    with pytest.raises(InvalidInput, match="occurs 2 times"):
        add_hazard(context, administrator, new=NewHazard(**new))
    hazard = add_hazard(context, administrator, new=NewHazard(**new, occurrence=1))
    assert load_hazard(context, administrator, hazard_id=hazard)["mileage_m"] == pytest.approx(4_300.0)
    rows = dict(load_card(context, administrator, kind="hazard", id=hazard).rows)
    assert rows["Mileage"] == "K53+800"


def test_calibration_is_one_change_that_can_be_taken_back(context: Context, administrator: Actor, line_id: int) -> None:
    before = calibration.list_calibration(context, administrator, line_id=line_id)
    change = calibration.set_calibration(context, administrator, line_id=line_id, points=LONG[:1])
    assert railways.load_line(context, line_id)[2].scale.points == (LONG[0],)
    undo_change(context, administrator, txn_id=change, reason="")
    after = calibration.list_calibration(context, administrator, line_id=line_id)
    assert after.to_dict("records") == before.to_dict("records")
    assert railways.load_line(context, line_id)[2].scale.points == tuple(LONG)


def test_contradictory_points_are_refused_whole(
    context: Context, administrator: Actor, planner: Actor, line_id: int
) -> None:
    wrong = [*LONG, CalibrationPoint(6_000.0, 51_000.0, 51_000.0)]
    with pytest.raises(InvalidInput, match="runs backwards"):
        calibration.set_calibration(context, administrator, line_id=line_id, points=wrong)
    with pytest.raises(NotFound):
        calibration.set_calibration(context, administrator, line_id=99, points=LONG)
    with pytest.raises(NotAllowed):
        calibration.set_calibration(context, planner, line_id=line_id, points=[])
    assert railways.load_line(context, line_id)[2].scale.points == tuple(LONG)


def test_calibration_and_sides_come_through_a_second_import(
    sqlite_context: Context, administrator: Actor, realdata
) -> None:
    path = realdata / "osm" / "monaco.osm.pbf"
    first = import_file(sqlite_context, administrator, path=path)
    (line,) = [i for i, (_, _, m) in railways.load_lines(sqlite_context).items() if m.end_m > 10_000]
    points = [CalibrationPoint(2_000.0, 240_000.0, 240_000.0), CalibrationPoint(9_000.0, 247_000.0, 246_900.0)]
    calibration.set_calibration(sqlite_context, administrator, line_id=line, points=points)
    second = import_file(sqlite_context, administrator, path=path)
    kept = calibration.list_calibration(sqlite_context, administrator, line_id=line)
    assert kept["chainage_m"].tolist() == pytest.approx([2_000.0, 9_000.0], abs=0.01)
    assert kept["ahead"].tolist() == ["K240+000", "K246+900"]
    assert (first.stored["mileage_points"], second.stored["mileage_points"]) == (0, 2)
    with sqlite_context.database.read() as connection:
        sides = list(connection.scalars(sa.select(t.rail_track.c.side)))
    assert min(sides.count("left"), sides.count("right")) > 25
