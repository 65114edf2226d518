"""Plans mended in the middle of their day on both engines: what teams reported stays, and the orders that follow."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import shapely

from gridmap.domain.access import Actor, Role
from gridmap.domain.days import begin_day
from gridmap.domain.team_actions import ActionKind, TeamAction
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import closures, hazards, incidents, orders, plan_closing, planning
from gridmap.services.closures import NewClosure
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.services.incidents import NewIncident
from gridmap.services.planning import PlanRequest
from gridmap.services.replanning import Repaired, RepairRequest, Return, replan_day
from gridmap.services.road_network import get_network
from gridmap.services.team_actions import take_action
from gridmap.services.team_board import load_board
from tests.counties import ADMIN, fill_county, place_in, set_patrols
from tests.keeping import fill_once

COMMANDER_ONLY = Actor("commander", Role.COMMANDER, "")


@pytest.fixture
def plan_id(context: Context) -> int:
    """A published plan of the whole county; the clock stands at nine in the morning in Beijing."""
    fill_once(context, "county with a plan of the morning", _publish_plan)
    (found,) = planning.list_plans(context, ADMIN)["id"]
    return int(found)


def _publish_plan(context: Context) -> None:
    fill_county(context)
    set_patrols(context, at=None)
    document = planning.compute_plan(context, ADMIN, request=PlanRequest(iterations=30))
    saved = planning.save_plan(context, ADMIN, document=document, name="Morning")
    planning.publish_plan(context, ADMIN, plan_id=saved)


def mend(context: Context, plan_id: int | None, at: datetime | None = None, **given: Any) -> Repaired:
    return replan_day(context, ADMIN, request=RepairRequest(plan_id=plan_id, at=at, iterations=20, **given))


def first_route(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The route with the most stops."""
    found: Mapping[str, Any] = max(document["routes"], key=lambda route: len(route["stops"]))
    return found


def crew_of(document: Mapping[str, Any], route: Mapping[str, Any]) -> Actor:
    team = next(team for team in document["teams"] if team["key"] == route["team"])
    return Actor("crew", Role.TEAM, "", int(team["id"]))


def when(context: Context, seconds: int) -> datetime:
    return begin_day(context.clock()) + timedelta(seconds=int(seconds))


def report(context: Context, crew: Actor, stop_id: int, kind: ActionKind, at: datetime, **more: Any) -> None:
    assert crew.team_id is not None
    action = TeamAction(kind=kind, target=stop_id, key=str(uuid.uuid4()), team_id=crew.team_id, at=at, **more)
    take_action(context, crew, action=action)


def stops_of(context: Context, plan_id: int, crew: Actor) -> Any:
    stops = orders.list_stops(context, ADMIN, plan_id=plan_id)
    return stops[stops["team_id"] == crew.team_id].reset_index(drop=True)


def test_what_was_reported_stays_and_what_came_up_is_planned_in(context: Context, plan_id: int) -> None:
    before = planning.load_plan(context, ADMIN, plan_id=plan_id)
    route = first_route(before)
    crew = crew_of(before, route)
    at = when(context, route["start_s"] + 60)
    stop = stops_of(context, plan_id, crew).iloc[0]
    report(context, crew, int(stop["id"]), ActionKind.DONE, min(at, context.clock()))
    lon, lat = place_in(0, 0)
    new = NewHazard(kind="burning", severity=2, title="A sheet on the slope", lon=lon, lat=lat)
    hazard = hazards.add_hazard(context, ADMIN, new=new)
    used = {int(step[0]) for item in before["routes"] for step in item["return"]["steps"]}
    network = get_network(context)
    closed = min(used)
    position = network.edge_position(closed)
    assert position is not None
    middle = network.geometry[position].interpolate(0.5, normalized=True)
    closures.close_road(
        context, ADMIN, new=NewClosure(geometry_wgs84=shapely.Point(middle.x, middle.y), reason="a tree fell")
    )
    found = mend(context, plan_id, max(at, context.clock()))
    document = found.document
    assert document["repair"]["new_tasks"] == [f"hazard-{hazard}"]
    told = {key for item in document["routes"] for s in item["stops"] for key in s["tasks"]}
    told |= {item["task"] for item in document["unserved"]}
    assert told == {task["key"] for task in before["tasks"]} | {f"hazard-{hazard}"}
    mended = next(item for item in document["routes"] if item["team"] == route["team"])
    assert mended["stops"][0]["tasks"] == stop["tasks"]
    assert mended["resumed"]["after"] >= 1
    ahead = [s["leg"] for item in document["routes"] for s in item["stops"][item["resumed"]["after"] :]]
    ahead += [item["return"] for item in document["routes"]]
    assert closed not in {int(step[0]) for leg in ahead for step in leg["steps"]}
    assert found.difference.as_json()["after"]["tasks"] == len(document["tasks"])
    assert sum(found.visits.values()) > 0


def test_the_orders_that_follow_go_on_from_what_was_done(context: Context, plan_id: int) -> None:
    before = planning.load_plan(context, ADMIN, plan_id=plan_id)
    route = first_route(before)
    crew = crew_of(before, route)
    stops = stops_of(context, plan_id, crew)
    now = context.clock()
    report(context, crew, int(stops["id"][0]), ActionKind.ARRIVE, now)
    report(context, crew, int(stops["id"][0]), ActionKind.DONE, now)
    found = mend(context, plan_id, now)
    saved = planning.save_plan(context, ADMIN, document=found.document, name="After the tree")
    planning.publish_plan(context, ADMIN, plan_id=saved)
    status = planning.list_plans(context, ADMIN).set_index("id")["status"]
    assert status[[plan_id, saved]].tolist() == ["replaced", "published"]
    board = load_board(context, crew)
    assert board.order is not None
    assert board.order.plan_id == saved
    carried = stops_of(context, saved, crew)
    assert carried["state"].tolist()[:1] == ["done"]
    assert carried["ended_at"][0] == now
    # What the telephone still holds of the order before counts at the one that follows.
    later = next(row for row in stops.itertuples() if row.state == "planned")
    report(context, crew, int(later.id), ActionKind.DONE, now)
    alike = orders.list_stops(context, ADMIN, plan_id=saved)
    alike = alike[[sorted(tasks) == sorted(later.tasks) for tasks in alike["tasks"]]]
    assert alike["state"].tolist().count("done") == 1
    with pytest.raises(Conflict, match="taken its place"):
        mend(context, plan_id, now)
    with pytest.raises(Conflict, match="published"):
        plan_closing.close_plan(context, ADMIN, plan_id=plan_id)
    second = mend(context, saved, now)
    assert second.document["repair"]["plan_id"] == saved
    behind = next(item for item in second.document["routes"] if item["team"] == route["team"])
    assert {tuple(s["tasks"]) for s in behind["stops"][: behind["resumed"]["after"]]} >= {
        tuple(stops["tasks"][0]),
        tuple(later.tasks),
    }


def test_a_team_that_began_before_its_shift_is_believed(context: Context, plan_id: int) -> None:
    before = planning.load_plan(context, ADMIN, plan_id=plan_id)
    route = first_route(before)
    crew = crew_of(before, route)
    stop = stops_of(context, plan_id, crew).iloc[0]
    team = next(team for team in before["teams"] if team["key"] == route["team"])
    early = when(context, team["shift_start_s"] - 600)
    report(context, crew, int(stop["id"]), ActionKind.ARRIVE, early)
    report(context, crew, int(stop["id"]), ActionKind.DONE, early)
    document = mend(context, plan_id, early + timedelta(minutes=5)).document
    mended = next(item for item in document["routes"] if item["team"] == route["team"])
    assert mended["start_s"] < team["shift_start_s"] <= mended["resumed"]["at_s"]
    assert mended["stops"][0]["tasks"] == stop["tasks"]


def test_only_one_repair_of_a_plan_is_published(context: Context, plan_id: int) -> None:
    made = [mend(context, plan_id).document for _ in range(2)]
    saved = [planning.save_plan(context, ADMIN, document=document, name=f"{at}") for at, document in enumerate(made)]
    planning.publish_plan(context, ADMIN, plan_id=saved[0])
    with pytest.raises(Conflict, match="taken its place"):
        planning.publish_plan(context, ADMIN, plan_id=saved[1])
    assert planning.list_plans(context, ADMIN).set_index("id")["status"][saved[1]] == "draft"


def test_what_a_team_could_not_do_is_not_sent_to_again(context: Context, plan_id: int) -> None:
    before = planning.load_plan(context, ADMIN, plan_id=plan_id)
    route = first_route(before)
    crew = crew_of(before, route)
    stop = stops_of(context, plan_id, crew).iloc[0]
    report(context, crew, int(stop["id"]), ActionKind.CANNOT, context.clock(), reason="no_access")
    document = mend(context, plan_id, context.clock()).document
    left = {item["task"]: item["reason"] for item in document["unserved"]}
    assert {left[key] for key in stop["tasks"]} == {"reported_undone"}


def test_a_team_that_drops_out_does_nothing_more(context: Context, plan_id: int) -> None:
    before = planning.load_plan(context, ADMIN, plan_id=plan_id)
    route = first_route(before)
    name = next(team["name"] for team in before["teams"] if team["key"] == route["team"])
    at = when(context, route["stops"][0]["leave_s"] + 1)
    found = mend(context, plan_id, at, dropped=(name,))
    mended = next(item for item in found.document["routes"] if item["team"] == route["team"])
    assert mended["resumed"]["ends"]
    assert len(mended["stops"]) == mended["resumed"]["after"] == 1
    away = mend(context, plan_id, at, away=((name, at + timedelta(hours=1), place_in(0, 0)),), include_hazards=False)
    back = next(item for item in away.document["routes"] if item["team"] == route["team"])
    assert back["resumed"]["at_s"] >= (at + timedelta(hours=1) - begin_day(at)).total_seconds()


def test_a_team_sent_to_an_incident_goes_on_from_there_unless_said_otherwise(context: Context, plan_id: int) -> None:
    before = planning.load_plan(context, ADMIN, plan_id=plan_id)
    route = first_route(before)
    crew = crew_of(before, route)
    lon, lat = place_in(4, 2)
    new = NewIncident(kind="line_obstruction", severity=3, title="Tree on the line", lon=lon, lat=lat)
    incidents.open_incident(context, ADMIN, new=new, team_id=crew.team_id)
    at = context.clock()

    def go_on(place: Return | tuple[float, float]) -> Mapping[str, Any]:
        away = ((route["team"], at + timedelta(hours=1), place),)
        (told,) = mend(context, plan_id, at, away=away).document["repair"]["away"]
        return told

    assert go_on(Return.SENT) | {"until_s": 0} == {"team": route["team"], "until_s": 0, "lon": lon, "lat": lat}
    assert "lon" not in go_on(Return.HERE)
    team = next(team for team in before["teams"] if team["key"] == route["team"])
    post = next(post for post in before["posts"] if post["key"] == team["post"])
    told = go_on(Return.POST)
    assert (told["lon"], told["lat"]) == (post["lon"], post["lat"])
    assert go_on((lon, lat + 0.001))["lat"] == lat + 0.001


def test_who_asks_for_what_cannot_be_is_told(context: Context, plan_id: int) -> None:
    with pytest.raises(NotFound, match="no team called"):
        mend(context, plan_id, dropped=("nobody",))
    with pytest.raises(InvalidInput, match="over by then"):
        mend(context, plan_id, context.clock() + timedelta(days=2))
    with pytest.raises(InvalidInput, match="none"):
        mend(context, None, document={"format": "gridmap-plan/2"})
    with pytest.raises(NotAllowed):
        replan_day(context, COMMANDER_ONLY, request=RepairRequest(plan_id=plan_id, iterations=5))


def test_a_plan_of_a_file_is_mended_by_its_timetable(context: Context, plan_id: int) -> None:
    document = planning.load_plan(context, ADMIN, plan_id=plan_id)
    route = first_route(document)
    found = mend(context, None, when(context, route["stops"][0]["leave_s"] + 1), document=document)
    mended = next(item for item in found.document["routes"] if item["team"] == route["team"])
    assert mended["stops"][0] == route["stops"][0]
    assert found.document["repair"]["plan_id"] is None
    # Where nothing happens nothing has to change.
    assert found.visits["moved"] == found.visits["dropped"] == 0


def test_a_road_that_was_opened_since_is_open_in_the_repair(context: Context) -> None:
    fill_county(context)
    set_patrols(context, at=None)
    open_plan = planning.compute_plan(context, ADMIN, request=PlanRequest(iterations=20))
    network = get_network(context)
    # A road in the middle of a way, so that it is missed.
    legs = [stop["leg"] for route in open_plan["routes"] for stop in route["stops"]]
    steps = [int(step[0]) for step in max(legs, key=lambda leg: len(leg["steps"]))["steps"]]
    position = network.edge_position(steps[len(steps) // 2])
    assert position is not None
    middle = network.geometry[position].interpolate(0.5, normalized=True)
    drawn = NewClosure(geometry_wgs84=shapely.Point(middle.x, middle.y), reason="a tree fell")
    closure_id = closures.close_road(context, ADMIN, new=drawn)
    document = planning.compute_plan(context, ADMIN, request=PlanRequest(iterations=20))
    assert document["closures"]
    now = context.clock()
    shut = mend(context, None, now, document=document).document
    assert shut["closures"] == document["closures"]
    closures.open_road(context, ADMIN, closure_id=closure_id)
    opened = mend(context, None, context.clock(), document=document).document
    assert opened["closures"] == []
    told = {item["text"]: item["values"] for item in opened["notes"]}
    assert told["{count} stretches of road are open again."] == {"count": len(document["closures"])}
    assert planning.check_plan(context, ADMIN, document=opened).valid
    # What a file closed for the plan alone nobody has opened.
    used = {int(step[0]) for route in open_plan["routes"] for stop in route["stops"] for step in stop["leg"]["steps"]}
    used |= {int(step[0]) for route in open_plan["routes"] for step in route["return"]["steps"]}
    used |= {int(route[name]["edge"]) for route in open_plan["routes"] for name in ("origin", "home") if name in route}
    used |= set(document["closures"])
    other = next(int(edge) for edge in network.edge_id if edge not in used)
    held = mend(context, None, context.clock(), document={**open_plan, "closures": [other]}).document
    assert held["closures"] == [other]
