"""Orders of teams on both engines: made by publishing, carried out at the telephone, each act once, and closed."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor, Role
from gridmap.domain.days import begin_day
from gridmap.domain.team_actions import ActionKind, HazardReport, TeamAction
from gridmap.errors import Conflict, GridmapError, InvalidInput, NotAllowed, NotFound
from gridmap.services import (
    alerts,
    coverage,
    hazard_photos,
    hazards,
    incidents,
    journal,
    orders,
    plan_closing,
    planning,
    railways,
    retention,
    teams,
)
from gridmap.services.context import Context
from gridmap.services.incidents import NewIncident
from gridmap.services.planning import PlanRequest
from gridmap.services.team_actions import ACTIONS_KEPT_DAYS, Taken, take_action
from gridmap.services.team_board import load_board, load_marks
from gridmap.store import positions, tables
from tests.conftest import StoppedClock
from tests.counties import ADMIN, EAST_TOWN, WEST_TOWN, fill_county, place_in, set_patrols
from tests.keeping import fill_once
from tests.pictures import draw_photo

PHOTO = draw_photo()
EAST_COMMANDER = Actor("east commander", Role.COMMANDER, EAST_TOWN)


@pytest.fixture
def county(context: Context, request: pytest.FixtureRequest) -> Context:
    """The county at nine in the morning in Beijing, with a published plan for the tests that ask for its number."""
    if "plan_id" in request.fixturenames:
        fill_once(context, "county with a plan for the west", _publish_plan)
    else:
        fill_county(context)
        set_patrols(context, at=None)
    return context


def _publish_plan(context: Context) -> None:
    fill_county(context)
    set_patrols(context, at=None)
    document = planning.compute_plan(context, ADMIN, request=PlanRequest(area_code=WEST_TOWN, iterations=20))
    saved = planning.save_plan(context, ADMIN, document=document, name="West")
    planning.publish_plan(context, ADMIN, plan_id=saved)


@pytest.fixture
def plan_id(county: Context) -> int:
    """The plan for the western town, published."""
    (found,) = planning.list_plans(county, ADMIN)["id"]
    return int(found)


def team_of(context: Context, name: str, *, scope: str = "") -> Actor:
    crews = teams.list_teams(context, ADMIN).set_index("name")["id"]
    return Actor(f"account of {name}", Role.TEAM, scope, int(crews[name]))


@pytest.fixture
def crew(county: Context, plan_id: int) -> Actor:
    """The account of a team that has an order."""
    first = orders.list_progress(county, ADMIN, plan_id=plan_id).iloc[0]
    return Actor("crew", Role.TEAM, "", int(first["team_id"]))


def build_action(context: Context, actor: Actor, kind: ActionKind, target: int = 0, **more: object) -> TeamAction:
    assert actor.team_id is not None
    given = {"key": str(uuid.uuid4()), "team_id": actor.team_id, "at": context.clock(), **more}
    return TeamAction(kind=kind, target=target, **given)  # type: ignore[arg-type]


def act(context: Context, actor: Actor, kind: ActionKind, target: int = 0, **more: object) -> Taken:
    return take_action(context, actor, action=build_action(context, actor, kind, target, **more))


def the_stops(context: Context, plan_id: int, actor: Actor) -> list[int]:
    stops = orders.list_stops(context, ADMIN, plan_id=plan_id)
    return stops.loc[stops["team_id"] == actor.team_id, "id"].astype(int).tolist()


def test_publishing_makes_the_orders_of_the_day(county: Context, plan_id: int, crew: Actor) -> None:
    document = planning.load_plan(county, ADMIN, plan_id=plan_id)
    found = orders.list_progress(county, ADMIN, plan_id=plan_id)
    assert len(found) == len(document["routes"]) > 0
    assert found["stops"].tolist() == [len(route["stops"]) for route in document["routes"]]
    assert (found[["done", "cannot"]] == 0).all(axis=None)
    assert found["confirmed_at"].isna().all()
    board = load_board(county, crew)
    assert board.order is not None
    assert board.order.plan_id == plan_id
    (route,) = board.order.document["routes"]
    assert [stop["tasks"] for stop in route["stops"]] == board.order.stops["tasks"].tolist()
    # Nothing of another team is told.
    assert {team["id"] for team in board.order.document["teams"]} == {crew.team_id}
    keys = {task for stop in route["stops"] for task in stop["tasks"]}
    assert {task["key"] for task in board.order.document["tasks"]} == keys
    with pytest.raises(Conflict, match="already"):
        planning.publish_plan(county, ADMIN, plan_id=plan_id)


def test_a_draft_is_nobodys_order(county: Context) -> None:
    document = planning.compute_plan(county, ADMIN, request=PlanRequest(area_code=WEST_TOWN, iterations=5))
    saved = planning.save_plan(county, ADMIN, document=document, name="Draft")
    crew = team_of(county, f"car {WEST_TOWN}")
    assert load_board(county, crew).order is None
    assert orders.list_progress(county, ADMIN, plan_id=saved).empty
    with pytest.raises(NotFound):
        load_board(county, crew, plan_id=saved)
    with pytest.raises(Conflict, match="published"):
        plan_closing.close_plan(county, ADMIN, plan_id=saved)


def test_a_team_goes_by_the_plan_that_was_put_in_the_place_of_another(
    county: Context, plan_id: int, crew: Actor
) -> None:
    """Also where the later plan begins before the one it takes the team from."""
    request = PlanRequest(area_code=WEST_TOWN, iterations=5, shift_start=time(7, 30), shift_end=time(16))
    later = planning.compute_plan(county, ADMIN, request=request)
    later_id = planning.save_plan(county, ADMIN, document=later, name="Earlier by half an hour")
    clashes = planning.list_clashes(county, ADMIN, plan_id=later_id)
    assert set(clashes["plan_id"]) == {plan_id}
    assert crew.team_id in set(clashes["team_id"])
    with pytest.raises(Conflict, match="goes by the plan “West”"):
        planning.publish_plan(county, ADMIN, plan_id=later_id)
    assert orders.list_progress(county, ADMIN, plan_id=later_id).empty
    planning.publish_plan(county, ADMIN, plan_id=later_id, instead_of={plan_id})
    order = load_board(county, crew).order
    assert order is not None
    assert order.plan_id == later_id
    overtaken = orders.list_progress(county, ADMIN, plan_id=plan_id).set_index("team_id")["overtaken"]
    assert overtaken[overtaken.astype(bool)].index.tolist() == sorted(clashes["team_id"])
    assert not orders.list_progress(county, ADMIN, plan_id=later_id)["overtaken"].any()
    # What a third plan would take the team from is the second alone.
    third = planning.save_plan(county, ADMIN, document=later, name="Once more")
    left = planning.list_clashes(county, ADMIN, plan_id=third)
    assert left.loc[left["team_id"] == crew.team_id, "plan_id"].tolist() == [later_id]


def test_an_order_holds_for_its_day(county: Context, plan_id: int, crew: Actor, clock: StoppedClock) -> None:
    order = load_board(county, crew).order
    assert order is not None
    # Whoever is late still needs it.
    clock.now = order.ends_at + timedelta(hours=2)
    late = load_board(county, crew).order
    assert late is not None
    assert late.id == order.id
    clock.now = begin_day(order.ends_at) + timedelta(days=1, minutes=1)
    assert clock.now > order.ends_at + timedelta(hours=6)
    assert load_board(county, crew).order is None
    again = load_board(county, crew, plan_id=plan_id).order
    assert again is not None
    assert again.id == order.id


def test_of_two_orders_the_one_that_has_begun_is_shown(
    county: Context, plan_id: int, crew: Actor, clock: StoppedClock
) -> None:
    tomorrow = (clock.now + timedelta(days=1)).date()
    request = PlanRequest(area_code=WEST_TOWN, iterations=5, service_date=tomorrow)
    later = planning.compute_plan(county, ADMIN, request=request)
    later_id = planning.save_plan(county, ADMIN, document=later, name="Tomorrow")
    planning.publish_plan(county, ADMIN, plan_id=later_id)
    order = load_board(county, crew).order
    assert order is not None
    assert order.plan_id == plan_id
    clock.now = begin_day(clock.now) + timedelta(days=1, minutes=1)
    upcoming = load_board(county, crew).order
    assert upcoming is not None
    assert upcoming.plan_id == later_id
    assert upcoming.starts_at > clock.now


def test_a_stop_from_arrival_to_its_end_records_the_patrol(
    county: Context, plan_id: int, crew: Actor, clock: StoppedClock
) -> None:
    stop = the_stops(county, plan_id, crew)[0]
    act(county, crew, ActionKind.ARRIVE, stop)
    arrived = clock.now
    clock.advance(minutes=20)
    act(county, crew, ActionKind.DONE, stop, note="fence mended", photo=PHOTO)
    row = orders.list_stops(county, ADMIN, plan_id=plan_id).set_index("id").loc[stop]
    assert (row["state"], row["arrived_at"], row["ended_at"]) == ("done", arrived, clock.now)
    assert row["note"] == "fence mended"
    jpeg, _ = orders.load_stop_picture(county, ADMIN, photo_id=int(row["photo_id"]))
    assert jpeg[:2] == b"\xff\xd8"
    assert orders.load_stop_picture(county, crew, photo_id=int(row["photo_id"]))[0] == jpeg
    with pytest.raises(NotFound):
        orders.load_stop_picture(county, team_of(county, f"car {EAST_TOWN}"), photo_id=int(row["photo_id"]))
    with pytest.raises(NotFound):
        orders.load_stop_picture(county, EAST_COMMANDER, photo_id=int(row["photo_id"]))
    segments = [int(key.removeprefix("segment-")) for key in row["tasks"] if key.startswith("segment-")]
    assert segments
    walked = railways.list_segments(county, ADMIN, ids=segments)
    assert (walked["last_patrol_at"] == clock.now).all()
    covered = coverage.list_coverage(county, ADMIN)
    assert covered["kind"].tolist() == ["report"] * len(segments)
    assert set(covered["team_id"]) == {crew.team_id}
    assert covered["from_m"].tolist() == pytest.approx(sorted(walked["from_m"]))
    progress = orders.list_progress(county, ADMIN, plan_id=plan_id).set_index("team_id").loc[crew.team_id]
    assert (progress["done"], progress["cannot"]) == (1, 0)
    assert journal.verify_journal(county, ADMIN) is None


def test_the_same_act_counts_once(county: Context, plan_id: int, crew: Actor) -> None:
    stop = the_stops(county, plan_id, crew)[0]
    done = build_action(county, crew, ActionKind.DONE, stop, photo=PHOTO)
    assert take_action(county, crew, action=done) == Taken()
    before = coverage.list_coverage(county, ADMIN)
    assert take_action(county, crew, action=done) == Taken(again=True)
    assert len(coverage.list_coverage(county, ADMIN)) == len(before)
    where = place_in(1, 1)
    told = HazardReport(kind="burning", severity=2, title="Smoke", lon=where[0], lat=where[1])
    report = build_action(county, crew, ActionKind.HAZARD, hazard=told, photo=PHOTO)
    hazard_id = take_action(county, crew, action=report).hazard_id
    assert hazard_id is not None
    assert take_action(county, crew, action=report).again
    (hazard,) = hazards.list_hazards(county, ADMIN).itertuples()
    assert (hazard.id, hazard.title, hazard.line_id is not None) == (hazard_id, "Smoke", True)
    (photo,) = hazard_photos.list_photos(county, ADMIN, hazard_id=hazard_id).itertuples()
    assert (photo.lon, photo.lat, photo.taken_at) == (*where, county.clock())


def test_an_act_of_the_past_counts_for_when_it_was_done(
    county: Context, plan_id: int, crew: Actor, clock: StoppedClock
) -> None:
    first, *rest = the_stops(county, plan_id, crew)
    earlier = clock.now - timedelta(minutes=40)
    act(county, crew, ActionKind.ARRIVE, first, at=earlier)
    later = orders.list_stops(county, ADMIN, plan_id=plan_id).set_index("id")
    assert later.loc[first, "arrived_at"] == earlier
    # A clock that is ahead is set back to ours.
    act(county, crew, ActionKind.DONE, first, at=clock.now + timedelta(days=2))
    assert orders.list_stops(county, ADMIN, plan_id=plan_id).set_index("id").loc[first, "ended_at"] == clock.now
    assert rest == [] or later.loc[rest[0], "state"] == "planned"


def test_what_cannot_be_done_says_why_and_may_be_done_later(county: Context, plan_id: int, crew: Actor) -> None:
    stop = the_stops(county, plan_id, crew)[0]
    with pytest.raises(InvalidInput, match="reason"):
        act(county, crew, ActionKind.CANNOT, stop, reason="tired")
    with pytest.raises(InvalidInput, match="missing"):
        act(county, crew, ActionKind.CANNOT, stop, reason="other")
    act(county, crew, ActionKind.CANNOT, stop, reason="road_blocked", note="tree across the road")
    progress = orders.list_progress(county, ADMIN, plan_id=plan_id).set_index("team_id").loc[crew.team_id]
    assert (progress["done"], progress["cannot"]) == (0, 1)
    act(county, crew, ActionKind.DONE, stop)
    row = orders.list_stops(county, ADMIN, plan_id=plan_id).set_index("id").loc[stop]
    assert (row["state"], row["reason"], row["note"]) == ("done", "", "tree across the road")
    with pytest.raises(Conflict, match="cannot become"):
        act(county, crew, ActionKind.ARRIVE, stop)
    # Done twice on two telephones is done.
    assert act(county, crew, ActionKind.DONE, stop) == Taken()


def test_who_comes_late_is_seen_to(county: Context, plan_id: int, crew: Actor, clock: StoppedClock) -> None:
    order = load_board(county, crew).order
    assert order is not None
    first = order.stops.iloc[0]
    clock.now = first["planned_at"] + timedelta(minutes=25)
    progress = orders.list_progress(county, ADMIN, plan_id=plan_id).set_index("team_id").loc[crew.team_id]
    assert (progress["next"], progress["late_s"]) == (1, 1500)
    act(county, crew, ActionKind.ARRIVE, int(first["id"]))
    clock.advance(hours=1)
    stops = orders.list_stops(county, ADMIN, plan_id=plan_id).set_index("id")
    assert stops.loc[int(first["id"]), "late_s"] == 1500


def test_an_order_is_confirmed_once(county: Context, plan_id: int, crew: Actor, clock: StoppedClock) -> None:
    order = load_board(county, crew).order
    assert order is not None
    act(county, crew, ActionKind.CONFIRM, order.id)
    at = clock.now
    clock.advance(minutes=1)
    act(county, crew, ActionKind.CONFIRM, order.id)
    assert orders.load_order(county, ADMIN, plan_id=plan_id, team_id=order.stops["team_id"].iloc[0]).confirmed_at == at
    with pytest.raises(NotFound):
        act(county, team_of(county, f"car {EAST_TOWN}"), ActionKind.CONFIRM, order.id)


def test_a_team_acts_for_itself_alone(county: Context, plan_id: int, crew: Actor) -> None:
    stop = the_stops(county, plan_id, crew)[0]
    other = team_of(county, f"car {EAST_TOWN}")
    with pytest.raises(NotFound):
        act(county, other, ActionKind.DONE, stop)
    with pytest.raises(NotFound):
        orders.load_order(county, other, plan_id=plan_id, team_id=crew.team_id or 0)
    own = build_action(county, crew, ActionKind.DONE, stop)
    with pytest.raises(Conflict, match="another team"):
        take_action(county, other, action=own)
    for stranger in (ADMIN, EAST_COMMANDER, Actor("bound to none", Role.TEAM), replace(ADMIN, team_id=crew.team_id)):
        with pytest.raises(NotAllowed):
            take_action(county, stranger, action=own)
        with pytest.raises(NotAllowed):
            load_board(county, stranger)
    assert orders.list_stops(county, ADMIN, plan_id=plan_id)["state"].eq("planned").all()


OFFICE: dict[str, Callable[[Context, Actor], object]] = {
    "hazards": hazards.list_hazards,
    "hazard": lambda c, a: hazards.load_hazard(c, a, hazard_id=1),
    "advance hazard": lambda c, a: hazards.advance_hazard(c, a, hazard_id=1, to="accepted"),
    "photos": lambda c, a: hazard_photos.list_photos(c, a, hazard_id=1),
    "picture": lambda c, a: hazard_photos.load_picture(c, a, photo_id=1),
    "remove photo": lambda c, a: hazard_photos.remove_photo(c, a, photo_id=1),
    "segments": railways.list_segments,
    "teams": teams.list_teams,
    "incidents": incidents.list_incidents,
    "dispatches": incidents.list_dispatches,
    "recall": lambda c, a: incidents.recall_team(c, a, dispatch_id=1),
    "advance": lambda c, a: incidents.advance_dispatch(c, a, dispatch_id=1, to="accepted"),
    "plans": planning.list_plans,
    "plan": lambda c, a: planning.load_plan(c, a, plan_id=1),
    "publish": lambda c, a: planning.publish_plan(c, a, plan_id=1),
    "close": lambda c, a: plan_closing.close_plan(c, a, plan_id=1),
    "outcome": lambda c, a: plan_closing.load_outcome(c, a, plan_id=1),
    "progress": lambda c, a: orders.list_progress(c, a, plan_id=1),
    "stops": lambda c, a: orders.list_stops(c, a, plan_id=1),
    "patrol": lambda c, a: railways.record_patrol(c, a, segment_ids=[1], at=c.clock()),
    "journal": journal.list_changes,
}


def test_the_office_is_closed_to_a_team(context: Context) -> None:
    open_to_it = []
    for name, ask in OFFICE.items():
        with suppress(NotAllowed):
            ask(context, Actor("crew", Role.TEAM, "", 1))
            open_to_it.append(name)
    assert open_to_it == []


def test_a_team_reports_hazards_within_its_area(county: Context) -> None:
    crew = team_of(county, f"car {WEST_TOWN}", scope=WEST_TOWN)
    lon, lat = place_in(5, 0)
    told = HazardReport(kind="burning", severity=2, title="Smoke", lon=lon, lat=lat)
    with pytest.raises(NotAllowed, match="outside"):
        act(county, crew, ActionKind.HAZARD, hazard=told)
    lon, lat = place_in(0, 0)
    assert act(county, crew, ActionKind.HAZARD, hazard=replace(told, lon=lon, lat=lat)).hazard_id is not None


def test_going_on_and_off_duty(county: Context, clock: StoppedClock) -> None:
    crew = team_of(county, f"car {WEST_TOWN}")
    marks = [load_board(county, crew).mark]
    act(county, crew, ActionKind.DUTY_OFF)
    marks.append(load_board(county, crew).mark)
    assert not teams.list_teams(county, ADMIN).set_index("id").loc[crew.team_id, "on_duty"]
    act(county, crew, ActionKind.DUTY_ON)
    marks.append(load_board(county, crew).mark)
    assert len(set(marks)) == 3
    assert load_marks(county, [crew.team_id or 0]) == {crew.team_id: marks[-1]}
    act(county, crew, ActionKind.DUTY_ON)
    assert load_board(county, crew).mark == marks[-1]


def test_a_task_of_the_command_map_is_taken_to_its_end(county: Context, clock: StoppedClock) -> None:
    crew = team_of(county, f"car {WEST_TOWN}")
    lon, lat = place_in(1, 2)
    new = NewIncident(kind="line_obstruction", severity=3, lon=lon, lat=lat, title="Tree")
    before = load_board(county, crew).mark
    incident = incidents.open_incident(county, ADMIN, new=new, team_id=crew.team_id)
    board = load_board(county, crew)
    assert board.mark != before
    (task,) = board.tasks
    assert (task.title, task.state, task.lon, task.lat, task.severity) == ("Tree", "sent", lon, lat, 3)
    with pytest.raises(Conflict, match="task"):
        act(county, crew, ActionKind.DUTY_OFF)
    with pytest.raises(Conflict, match="cannot become"):
        act(county, crew, ActionKind.TASK, task.id, to="done")
    with pytest.raises(InvalidInput):
        act(county, crew, ActionKind.TASK, task.id, to="recalled")
    with pytest.raises(NotFound):
        act(county, team_of(county, f"car {EAST_TOWN}"), ActionKind.TASK, task.id, to="accepted")
    act(county, crew, ActionKind.TASK, task.id, to="arrived")
    # The command room noted the arrival already, or the word of having set out comes late.
    act(county, crew, ActionKind.TASK, task.id, to="accepted")
    (row,) = incidents.list_dispatches(county, ADMIN).itertuples()
    assert row.state == "arrived"
    act(county, crew, ActionKind.TASK, task.id, to="done", note="tree cut")
    assert load_board(county, crew).tasks == ()
    assert incidents.list_dispatches(county, ADMIN).empty
    again = incidents.send_team(county, ADMIN, incident_id=incident, team_id=crew.team_id or 0)
    incidents.recall_team(county, ADMIN, dispatch_id=again)
    with pytest.raises(Conflict, match="cannot become"):
        act(county, crew, ActionKind.TASK, again, to="accepted")


def test_a_declined_task_is_told_with_its_reason_until_another_goes(county: Context) -> None:
    crew = team_of(county, f"car {WEST_TOWN}")
    lon, lat = place_in(1, 2)
    new = NewIncident(kind="line_obstruction", severity=3, lon=lon, lat=lat, title="Tree")
    incident = incidents.open_incident(county, ADMIN, new=new, team_id=crew.team_id)
    (task,) = load_board(county, crew).tasks
    with pytest.raises(InvalidInput, match="reason"):
        act(county, crew, ActionKind.TASK, task.id, to="declined")
    with pytest.raises(InvalidInput, match="missing"):
        act(county, crew, ActionKind.TASK, task.id, to="declined", reason="other")
    act(county, crew, ActionKind.TASK, task.id, to="accepted")
    act(county, crew, ActionKind.TASK, task.id, to="declined", reason="vehicle", note="flat tyre")
    assert load_board(county, crew).tasks == ()
    (told,) = incidents.list_declined(county, ADMIN).itertuples()
    assert (told.team_id, told.reason, told.note) == (crew.team_id, "vehicle", "flat tyre")
    (row,) = incidents.list_incidents(county, ADMIN).itertuples()
    assert (row.teams, row.declined) == (0, 1)
    (alert,) = [alert for alert in alerts.list_alerts(county, ADMIN) if alert.kind == "incident"]
    assert alert.message.format(**alert.values).startswith(f"Tree: {told.team_name} cannot come (Vehicle out of order)")
    with pytest.raises(Conflict, match="cannot become"):
        act(county, crew, ActionKind.TASK, task.id, to="arrived")
    # Who has declined is free, and may be asked again.
    incidents.send_team(county, ADMIN, incident_id=incident, team_id=crew.team_id or 0)
    assert incidents.list_declined(county, ADMIN).empty
    (task,) = load_board(county, crew).tasks
    act(county, crew, ActionKind.TASK, task.id, to="arrived")
    with pytest.raises(Conflict, match="cannot become"):
        act(county, crew, ActionKind.TASK, task.id, to="declined", reason="too_far")
    incidents.close_incident(county, ADMIN, incident_id=incident)
    assert incidents.list_declined(county, ADMIN).empty


def test_a_plan_is_closed_with_planned_against_actual(
    county: Context, plan_id: int, crew: Actor, clock: StoppedClock
) -> None:
    order = orders.load_order(county, crew, plan_id=plan_id, team_id=crew.team_id or 0)
    (route,) = order.document["routes"]
    first = route["stops"][0]
    clock.now = order.starts_at
    # The team walks the first stop's stretch of line at 4 km/h.
    way = first["work"]["walk"]["coordinates"]
    stretch = [(a[0] + (b[0] - a[0]) * n / 60, a[1]) for a, b in [(way[0], way[-1])] for n in range(61)]
    seconds = first["work"]["walk"]["metres"] / 4 * 3.6 / 60
    fixes = [
        {"team_id": crew.team_id, "lon": lon, "lat": lat, "at": clock.now + timedelta(seconds=seconds * n)}
        for n, (lon, lat) in enumerate(stretch)
    ]
    with county.database.write_unjournalled() as connection:
        positions.save_track(connection, [{**fix, "simulated": False} for fix in fixes])
    clock.advance(hours=2)
    stops = the_stops(county, plan_id, crew)
    act(county, crew, ActionKind.ARRIVE, stops[0], at=order.starts_at)
    act(county, crew, ActionKind.DONE, stops[0], at=order.starts_at + timedelta(hours=1))
    version = int(planning.list_plans(county, ADMIN).set_index("id").loc[plan_id, "version"])
    with pytest.raises(Conflict):
        plan_closing.close_plan(county, ADMIN, plan_id=plan_id, version=version + 7)
    outcome = plan_closing.close_plan(county, ADMIN, plan_id=plan_id, version=version)
    assert plan_closing.load_outcome(county, ADMIN, plan_id=plan_id) == outcome
    assert planning.list_plans(county, ADMIN).set_index("id").loc[plan_id, "status"] == "closed"
    told = next(one for one in outcome["teams"] if one["team_id"] == crew.team_id)
    assert (told["done"], told["cannot"], told["left"]) == (1, 0, len(stops) - 1)
    assert told["actual"]["start"] == order.starts_at.isoformat()
    assert 0 < told["reported_m"] <= told["segments_m"]
    assert 0 < told["tracked_m"] <= told["segments_m"]
    for other in outcome["teams"]:
        if other["team_id"] != crew.team_id:
            assert other["tracked_m"] is None
            assert other["track_note"]
    assert load_board(county, crew).order is None
    with pytest.raises(Conflict, match="closed"):
        act(county, crew, ActionKind.DONE, stops[-1])
    with pytest.raises(Conflict, match="published"):
        plan_closing.close_plan(county, ADMIN, plan_id=plan_id)


def test_marks_of_old_acts_are_forgotten(county: Context, clock: StoppedClock) -> None:
    crew = team_of(county, f"car {WEST_TOWN}")
    act(county, crew, ActionKind.DUTY_OFF)
    retention.forget_old(county)
    count = sa.select(sa.func.count()).select_from(tables.team_action)
    with county.database.read() as connection:
        assert connection.scalar(count) == 1
    clock.advance(days=ACTIONS_KEPT_DAYS + 1)
    retention.forget_old(county)
    with county.database.read() as connection:
        assert connection.scalar(count) == 0


def test_a_photo_that_is_none_is_refused_and_nothing_done(county: Context, plan_id: int, crew: Actor) -> None:
    stop = the_stops(county, plan_id, crew)[0]
    with pytest.raises(GridmapError, match="photo"):
        act(county, crew, ActionKind.DONE, stop, photo=base64.b64decode("bm8gcGhvdG8="))
    assert orders.list_stops(county, ADMIN, plan_id=plan_id)["state"].eq("planned").all()
