"""Railways, networks, teams and alerts: what is late, who is near, and what is covered by road."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely

from gridmap.errors import InvalidInput, NotFound
from gridmap.services import alerts, areas, hazards, networks, railways, routing, teams
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from tests.conftest import StoppedClock
from tests.counties import ADMIN, EAST_TOWN, RAIL_LAT, fill_county, place_in, set_patrols


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def test_a_recorded_patrol_makes_a_segment_fresh(county: Context) -> None:
    set_patrols(county, at=county.clock() - timedelta(days=90))
    segments = railways.list_segments(county, ADMIN)
    assert set(segments["freshness"]) == {"overdue"}
    first = int(segments["id"].iloc[0])
    railways.record_patrol(county, ADMIN, segment_ids=[first], at=county.clock() - timedelta(hours=1))
    rated = railways.list_segments(county, ADMIN).set_index("id")["freshness"]
    assert rated[first] == "fresh"
    (line,) = railways.list_lines(county, ADMIN).itertuples()
    assert (line.segments, line.overdue) == (len(segments), len(segments) - 1)
    with pytest.raises(InvalidInput):
        railways.record_patrol(county, ADMIN, segment_ids=[first], at=county.clock() + timedelta(hours=1))
    with pytest.raises(NotFound):
        railways.record_patrol(county, ADMIN, segment_ids=[999], at=county.clock())


def test_a_mileage_lies_on_its_line(county: Context) -> None:
    line = int(railways.list_lines(county, ADMIN)["id"].iloc[0])
    (hit,) = railways.locate_mileage(county, ADMIN, line_id=line, text="K2+000")
    assert hit.lat == pytest.approx(RAIL_LAT, abs=1e-6)
    with pytest.raises(InvalidInput):
        railways.locate_mileage(county, ADMIN, line_id=line, text="K900+000")


def test_coverage_is_that_of_the_road_times(county: Context) -> None:
    minutes = 5.0
    found = networks.compute_coverage(county, ADMIN, network="street", minutes=minutes)
    sites = networks.list_sites(county, ADMIN, network="street")
    cells = areas.load_cells(county, ADMIN)
    points = shapely.get_coordinates(shapely.point_on_surface(cells.geometry.to_numpy()))
    seconds = routing.travel_times(
        county,
        ADMIN,
        origins=list(zip(sites["lon"], sites["lat"], strict=True)),
        targets=[tuple(point) for point in points.tolist()],
    ).min(axis=0)
    covered = set(cells["id"][seconds <= minutes * 60])
    assert set(cells["id"]) - set(found.gaps) == covered
    assert 0 < found.covered_cells == len(covered) < found.total_cells == len(cells)
    share = cells["households"][seconds <= minutes * 60].sum() / cells["households"].sum()
    assert found.covered_households_share == pytest.approx(share)
    with pytest.raises(InvalidInput):
        networks.compute_coverage(county, ADMIN, network="sky", minutes=5)


def test_a_team_grows_stale_then_silent(county: Context, clock: StoppedClock) -> None:
    def states() -> set[str]:
        return set(teams.list_teams(county, ADMIN)["state"])

    assert states() == {"still"}
    clock.advance(seconds=county.settings.stale_position_s)
    assert states() == {"stale"}
    clock.advance(seconds=county.settings.silent_team_s)
    assert states() == {"silent"}


def test_alerts_tell_what_is_late_and_who_is_silent(county: Context, clock: StoppedClock) -> None:
    set_patrols(county, at=county.clock())
    assert alerts.list_alerts(county, ADMIN) == []
    lon, lat = place_in(1, 1)
    hazards.add_hazard(county, ADMIN, new=NewHazard(kind="burning", severity=4, title="Fire", lon=lon, lat=lat))
    clock.advance(days=60)
    found = alerts.list_alerts(county, ADMIN)
    assert {alert.kind for alert in found} == {"silent_team", "overdue_hazard", "overdue_segment"}
    assert [alert.severity for alert in found] == sorted((alert.severity for alert in found), reverse=True)
    assert all(alert.since < clock.now for alert in found)
    (fire,) = (alert for alert in found if alert.kind == "overdue_hazard")
    assert fire.message.format(**fire.values) == "Fire: past its deadline"


def test_search_knows_names_codes_and_mileages(county: Context) -> None:
    assert areas.search(county, ADMIN, text="willow")[0].label.startswith("Willow")
    assert areas.search(county, ADMIN, text="K2+000")[0].kind == "mileage"
    assert areas.search(county, ADMIN, text=f"car {EAST_TOWN}")[0].kind == "team"
    assert areas.search(county, ADMIN, text="no such thing") == []
    assert areas.search(county, ADMIN, text="  ") == []
