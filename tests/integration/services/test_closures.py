"""Closures on both engines: who may close, what routes and plans do then, and how a closure ends."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely

from gridmap.domain.access import Actor, Role
from gridmap.domain.crs import wgs84_to_gcj02
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import closures, journal, planning, routing
from gridmap.services.closures import NewClosure
from gridmap.services.context import Context
from gridmap.services.planning import PlanRequest
from gridmap.services.road_network import find_standing_changes, get_network, get_open_network
from tests.conftest import StoppedClock
from tests.counties import ADMIN, EAST_TOWN, WEST_TOWN, fill_county, place_in

WEST = Actor("west supervisor", Role.SUPERVISOR, WEST_TOWN)
EAST = Actor("east supervisor", Role.SUPERVISOR, EAST_TOWN)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


@pytest.fixture
def road(county: Context) -> shapely.Point:
    """The middle of a stretch between two crossings, and the way a team would take over it."""
    network = get_network(county)
    return shapely.line_interpolate_point(network.geometry[0], 0.5, normalized=True)


def drive(context: Context) -> float:
    """Seconds from one end of the first road to the other."""
    network = get_network(context)
    (start, *_, end) = network.geometry[0].coords
    return routing.find_route(context, ADMIN, start=start, end=end).seconds


def close(context: Context, road: shapely.Point, actor: Actor = ADMIN, **given: object) -> int:
    return closures.close_road(context, actor, new=NewClosure(geometry_wgs84=road, reason="Flood", **given))


def test_routes_go_round_a_closed_road_until_it_is_opened(county: Context, road: shapely.Point) -> None:
    before = drive(county)
    closure_id = close(county, road)
    assert drive(county) > before
    (row,) = closures.list_closures(county, ADMIN).itertuples()
    assert (row.id, row.reason, row.speed_kmh, row.ends_at, row.edges) == (closure_id, "Flood", None, None, 1)
    assert shapely.distance(row.roads, road) < 1e-6
    closures.open_road(county, ADMIN, closure_id=closure_id, version=int(row.version))
    assert drive(county) == before
    assert closures.list_closures(county, ADMIN).empty
    assert list(journal.list_changes(county, ADMIN)["kind"][:2]) == ["open_road", "close_road"]


def test_a_closure_begins_and_ends_by_itself(county: Context, road: shapely.Point, clock: StoppedClock) -> None:
    before, now = drive(county), county.clock()
    close(county, road, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    assert drive(county) == before
    clock.advance(minutes=90)
    assert drive(county) > before
    clock.advance(hours=1)
    assert drive(county) == before


def test_a_slowed_road_is_driven_slowly(county: Context, road: shapely.Point) -> None:
    close(county, road, speed_kmh=30.0)
    network, open_network = get_network(county), get_open_network(county)
    assert open_network.car_s[0] == pytest.approx(network.length_m[0] * 3.6 / 30.0)
    assert drive(county) > 0


def test_a_plan_avoids_what_is_closed_during_its_shift(county: Context, road: shapely.Point) -> None:
    close(county, road)
    edge = int(get_network(county).edge_id[0])
    document = planning.compute_plan(county, ADMIN, request=PlanRequest(iterations=1))
    assert document["closures"] == [edge]
    now = county.clock()
    assert find_standing_changes(county, start=now, end=now).closed == (edge,)


def test_a_file_in_gcj02_is_named_and_one_beside_all_roads_tells_what_it_does_not_meet(
    county: Context, road: shapely.Point, tmp_path: Path
) -> None:
    gcj02 = tuple(float(value[0]) for value in wgs84_to_gcj02(np.array([road.x]), np.array([road.y])))
    for place, closed in (((road.x, road.y), 1), ((road.x, road.y + 0.3), 0)):
        changes = routing.read_road_changes(county, ADMIN, path=draw_closure(tmp_path, place))
        assert (len(changes.closed), changes.unmatched) == (closed, () if closed else ("bridge",))
    with pytest.raises(InvalidInput, match=r"closures\.geojson draws lies beside the roads.*GCJ-02") as refused:
        routing.read_road_changes(county, ADMIN, path=draw_closure(tmp_path, gcj02))
    assert "WGS-84" in str(refused.value.hint_text)


def draw_closure(folder: Path, place: tuple[float, ...]) -> Path:
    geometry = {"type": "Point", "coordinates": place}
    feature = {"type": "Feature", "properties": {"name": "bridge"}, "geometry": geometry}
    path = folder / "closures.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def test_what_cannot_be_closed_is_refused(county: Context, road: shapely.Point) -> None:
    with pytest.raises(InvalidInput, match="no reason"):
        closures.close_road(county, ADMIN, new=NewClosure(geometry_wgs84=road, reason="  "))
    with pytest.raises(InvalidInput, match="ends before"):
        close(county, road, ends_at=county.clock() - timedelta(hours=1))
    with pytest.raises(InvalidInput, match="speed"):
        close(county, road, speed_kmh=0.0)
    with pytest.raises(NotFound, match="no road within"):
        close(county, shapely.Point(road.x + 0.003, road.y + 0.003))
    assert closures.list_closures(county, ADMIN).empty


def test_only_who_is_responsible_closes_and_opens(county: Context) -> None:
    inside = shapely.Point(*place_in(4, 2))
    line = shapely.LineString([(inside.x - 0.02, inside.y), (inside.x + 0.02, inside.y)])
    with pytest.raises(NotAllowed):
        close(county, line, WEST)
    closure_id = close(county, line, EAST)
    assert closures.list_closures(county, WEST).empty
    with pytest.raises(NotFound):
        closures.open_road(county, WEST, closure_id=closure_id)
    with pytest.raises(Conflict, match="changed"):
        closures.open_road(county, EAST, closure_id=closure_id, version=9)
    closures.open_road(county, EAST, closure_id=closure_id)
    with pytest.raises(Conflict, match="open already"):
        closures.open_road(county, EAST, closure_id=closure_id)


def test_a_closure_can_be_undone(county: Context, road: shapely.Point) -> None:
    close(county, road)
    txn_id = int(journal.list_changes(county, ADMIN)["txn_id"][0])
    journal.undo_change(county, ADMIN, txn_id=txn_id, reason="Mistaken")
    assert closures.list_closures(county, ADMIN).empty
    assert get_open_network(county) is get_network(county)
