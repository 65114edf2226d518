"""A line as a strip: posts, freshness by hundred metres and side, structures and hazards, within one's own area."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.domain.railways.calibration import CalibrationPoint
from gridmap.errors import NotFound
from gridmap.services import calibration, hazards, railways, strips
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.store import coverage
from tests.counties import ADMIN, fill_county


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def find_line(context: Context) -> int:
    """The longest line."""
    lines = railways.list_lines(context, ADMIN)
    return int(lines.sort_values("length_m")["id"].iloc[-1])


def test_a_strip_shows_what_was_covered_and_what_stands_there(county: Context) -> None:
    line_id = find_line(county)
    now = county.clock()
    before = strips.load_strip(county, ADMIN, line_id=line_id)
    low = before.from_m + 500.0
    with county.database.write(ADMIN, kind="cover") as work:
        row = {"line_id": line_id, "from_m": low, "to_m": low + 400.0, "side": "left", "at": now - timedelta(hours=1)}
        coverage.save_coverage(work, [{**row, "kind": "foot", "team_id": None, "confidence": 0.9, "source": "a.gpx"}])
    new = NewHazard(
        kind="dumping", severity=3, title="渣土", line_id=line_id, mileage_text="K0+600", side="left", offset_m=9
    )
    hazard_id = hazards.add_hazard(county, ADMIN, new=new)
    strip = strips.load_strip(county, ADMIN, line_id=line_id)
    met = strip.pieces[strip.pieces["kind"] == "foot"]
    assert set(met["side"]) == {"left"}
    assert met["from_m"].min() >= low - 50
    assert (met["to_m"] - met["from_m"]).sum() == pytest.approx(400, abs=100)
    assert set(met["freshness"]) == {"fresh"}
    assert strip.hazards.set_index("id").loc[hazard_id, "chainage_m"] == pytest.approx(600, abs=1)
    assert set(strip.features["kind"]) <= {"station", "halt", "level_crossing", "bridge", "tunnel"}
    assert [post.text for post in strip.posts][:2] == ["K0", "K1"]


def test_at_a_long_chain_a_kilometre_stands_twice(county: Context) -> None:
    line_id = find_line(county)
    end_m = railways.load_line(county, line_id)[2].end_m
    assert end_m > 3000
    points = [CalibrationPoint(0.0, 0.0, 0.0), CalibrationPoint(2200.0, 2200.0, 1900.0)]
    calibration.set_calibration(county, ADMIN, line_id=line_id, points=points)
    posts = strips.load_strip(county, ADMIN, line_id=line_id).posts
    assert [(post.text, round(post.chainage_m)) for post in posts][:4] == [
        ("K0", 0),
        ("K1", 1000),
        ("K2", 2000),
        ("K2", 2300),
    ]


def test_nobody_sees_a_strip_beyond_the_own_area(county: Context) -> None:
    line_id = find_line(county)
    with pytest.raises(NotFound):
        strips.load_strip(county, Actor("elsewhere", Role.COMMANDER, "110000"), line_id=line_id)
