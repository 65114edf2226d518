"""A hazard is reported by place or by mileage, moves by lawful steps only, and is overdue when its time is up."""

from __future__ import annotations

import pytest

from gridmap.errors import Conflict, InvalidInput
from gridmap.services import hazards, railways
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from tests.conftest import StoppedClock
from tests.counties import ADMIN, RAIL_LAT, cell_code, fill_county, place_in


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def report(context: Context, **values: object) -> int:
    lon, lat = place_in(1, 2)
    given = {"kind": "dumping", "severity": 3, "title": "Rubble", "lon": lon, "lat": lat, **values}
    return hazards.add_hazard(context, ADMIN, new=NewHazard(**given))


def advance(context: Context, hazard: int, *steps: str) -> None:
    for step in steps:
        version = int(hazards.load_hazard(context, ADMIN, hazard_id=hazard)["version"])
        hazards.advance_hazard(context, ADMIN, hazard_id=hazard, to=step, note=step, version=version)


def test_a_report_knows_where_it_lies(county: Context) -> None:
    found = hazards.load_hazard(county, ADMIN, hazard_id=report(county))
    assert found["area_code"] == cell_code(1, 2)
    assert found["state"] == "reported"
    assert (found["due_at"] - found["reported_at"]).days == 3


def test_a_mileage_gives_a_place_and_a_place_its_mileage(county: Context) -> None:
    line = int(railways.list_lines(county, ADMIN)["id"].iloc[0])
    by_mileage = {"line_id": line, "mileage_text": "K1+200", "side": "left", "offset_m": 15.0, "lon": None, "lat": None}
    found = hazards.load_hazard(county, ADMIN, hazard_id=report(county, **by_mileage))
    assert found["lat"] == pytest.approx(RAIL_LAT + 15 / 111_000, abs=1e-6)
    again = hazards.load_hazard(
        county, ADMIN, hazard_id=report(county, kind="burning", lon=found["lon"], lat=found["lat"])
    )
    assert (again["line_id"], again["side"]) == (line, "left")
    assert again["mileage_m"] == pytest.approx(1_200, abs=0.1)
    report(county, line_id=line, mileage_text="K1+300", lon=None, lat=None)
    assert [side or None for side in hazards.list_hazards(county, ADMIN)["side"]].count(None) == 1


def test_what_the_text_says_of_the_side_goes_first(county: Context) -> None:
    line = int(railways.list_lines(county, ADMIN)["id"].iloc[0])
    told = {"line_id": line, "side": "left", "offset_m": 40.0, "lon": None, "lat": None}
    for text, side, offset_m in (("K1+200 右 15 米", "right", 15.0), ("K1+200 right", "right", 40.0)):
        found = hazards.load_hazard(county, ADMIN, hazard_id=report(county, mileage_text=text, **told))
        assert (found["mileage_m"], found["side"], found["offset_m"]) == (1_200, side, offset_m)
    with pytest.raises(InvalidInput, match="no distance beside a line"):
        report(county, mileage_text="K1+200 left 9000 m", **told)


def test_every_step_is_kept_with_who_and_why(county: Context, clock: StoppedClock) -> None:
    hazard = report(county)
    clock.advance(hours=2)
    advance(county, hazard, "accepted", "verified", "dispatched", "handled", "checked", "closed")
    steps = hazards.load_steps(county, ADMIN, hazard_id=hazard)
    assert steps["to_state"].tolist()[-1] == "closed"
    assert len(steps) == 7
    assert set(steps["actor"]) == {"admin"}
    assert steps["note"].tolist()[1] == "accepted"
    assert hazards.next_states("closed") == ()


def test_a_step_that_does_not_follow_is_refused(county: Context) -> None:
    hazard = report(county)
    with pytest.raises(Conflict):
        advance(county, hazard, "closed")
    with pytest.raises(Conflict):
        hazards.advance_hazard(county, ADMIN, hazard_id=hazard, to="accepted", note="", version=99)
    assert hazards.load_hazard(county, ADMIN, hazard_id=hazard)["state"] == "reported"


def test_what_is_overdue_comes_first(county: Context, clock: StoppedClock) -> None:
    late, calm = report(county, severity=4, title="Late"), report(county, severity=1, title="Calm")
    clock.advance(days=2)
    found = hazards.list_hazards(county, ADMIN)
    assert found["id"].tolist() == [late, calm]
    assert found["overdue"].tolist() == [True, False]
    advance(county, late, "cancelled")
    assert not hazards.list_hazards(county, ADMIN)["overdue"].any()


@pytest.mark.parametrize(
    "broken",
    [
        {"title": " "},
        {"kind": "dragon"},
        {"severity": 9},
        {"lon": None},
        {"line_id": 1, "mileage_text": "nowhere", "lon": None, "lat": None},
        {"line_id": 1, "mileage_text": "K900+000", "lon": None, "lat": None},
    ],
)
def test_a_report_that_cannot_be_is_refused(county: Context, broken: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        report(county, **broken)
    assert hazards.list_hazards(county, ADMIN).empty


def test_no_hazards_are_an_empty_table_with_its_columns(county: Context) -> None:
    found = hazards.list_hazards(county, ADMIN)
    assert found.empty
    assert {"id", "code", "kind", "severity", "state", "due_at", "overdue", "lon", "lat", "version"} <= set(
        found.columns
    )
