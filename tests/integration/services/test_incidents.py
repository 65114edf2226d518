"""Incidents on both engines: who can be there, who is sent, who may do so, and what two people at once may not."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor, Role
from gridmap.errors import Conflict, GridmapError, InvalidInput, NotAllowed, NotFound, Unreachable
from gridmap.services import alerts, areas, incidents, journal, overlays, response, routing, teams
from gridmap.services.context import Context
from gridmap.services.incidents import NewIncident
from gridmap.store import tables
from tests.columns import read_rows
from tests.conftest import StoppedClock
from tests.counties import ADMIN, EAST_TOWN, WEST_SUPERVISOR, WEST_TOWN, fill_county, place_in

WEST = Actor("west commander", Role.COMMANDER, WEST_TOWN)
EAST = Actor("east commander", Role.COMMANDER, EAST_TOWN)
LON, LAT = place_in(4, 2)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def team_id(context: Context, name: str) -> int:
    crews = teams.list_teams(context, ADMIN).set_index("name")["id"]
    return int(crews[name])


def report(context: Context, actor: Actor = ADMIN, *, team: int | None = None, title: str = "Tree on the line") -> int:
    new = NewIncident(kind="line_obstruction", severity=3, title=title, lon=LON, lat=LAT)
    return incidents.open_incident(context, actor, new=new, team_id=team)


def the_task(context: Context, actor: Actor = ADMIN) -> tuple[int, str, int]:
    """Id, state and version of the only open task."""
    (task,) = incidents.list_dispatches(context, actor).itertuples()
    return int(task.id), str(task.state), int(task.version)


def test_the_nearest_free_teams_come_by_road_with_their_ways(county: Context) -> None:
    found = response.find_responders(county, ADMIN, lon=LON, lat=LAT, k=3)
    assert found[0].name == f"car {EAST_TOWN}"
    assert [way.seconds for way in found] == sorted(way.seconds for way in found)
    for way in found:
        crew = teams.list_teams(county, ADMIN).set_index("id").loc[way.team_id]
        mode = "foot" if way.kind == "foot" else "car"
        route = routing.find_route(county, ADMIN, start=(crew["lon"], crew["lat"]), end=(LON, LAT), mode=mode)
        assert way.seconds == pytest.approx(route.seconds)
        assert way.metres == pytest.approx(route.metres)
        assert way.line_wgs84.equals_exact(route.geometry, 1e-9)
        assert (way.start_off_m, way.end_off_m) == pytest.approx((route.start_off_m, route.end_off_m))


def test_a_bound_silent_or_absent_team_is_not_free(county: Context, clock: StoppedClock) -> None:
    nearest = team_id(county, f"car {EAST_TOWN}")
    report(county, team=nearest)
    assert nearest not in {way.team_id for way in response.find_responders(county, ADMIN, lon=LON, lat=LAT)}
    with county.database.write_unjournalled() as connection:
        far = tables.team.update().where(tables.team.c.name == f"car {WEST_TOWN}")
        connection.execute(far.values(on_duty=False))
    left = {way.name for way in response.find_responders(county, ADMIN, lon=LON, lat=LAT)}
    assert left == {f"foot {WEST_TOWN}", f"foot {EAST_TOWN}"}
    clock.advance(seconds=county.settings.stale_position_s)
    assert response.find_responders(county, ADMIN, lon=LON, lat=LAT) == ()


def test_the_reach_grows_with_the_minutes(county: Context) -> None:
    bands = response.compute_reach(county, ADMIN, lon=LON, lat=LAT, minutes=(2, 1, 4))
    assert [band.limit_s for band in bands] == [60, 120, 240]
    sizes = [band.area_wgs84.area for band in bands]
    assert sizes == sorted(sizes)
    on_foot = response.compute_reach(county, ADMIN, lon=LON, lat=LAT, minutes=(4,), mode="foot")
    assert on_foot[0].area_wgs84.area < sizes[-1]
    with pytest.raises(InvalidInput):
        response.compute_reach(county, ADMIN, lon=LON, lat=LAT, minutes=(0, 5))
    with pytest.raises(Unreachable):
        response.compute_reach(county, ADMIN, lon=100.0, lat=LAT)


def test_an_incident_from_report_to_end(county: Context, clock: StoppedClock) -> None:
    car = team_id(county, f"car {EAST_TOWN}")
    incident = report(county)
    (row,) = incidents.list_incidents(county, ADMIN).itertuples()
    assert (row.id, row.kind, row.teams, row.reported_at) == (incident, "line_obstruction", 0, clock.now)
    assert row.area_code.startswith(EAST_TOWN)
    task = incidents.send_team(county, ADMIN, incident_id=incident, team_id=car, version=int(row.version))
    planned = response.trace_dispatches(county, ADMIN, incident_id=incident)
    assert [way.team_id for way in planned] == [car]
    (sent,) = incidents.list_dispatches(county, ADMIN).itertuples()
    assert (sent.seconds, sent.metres) == pytest.approx((planned[0].seconds, planned[0].metres))
    assert (sent.sent_by, sent.state) == (ADMIN.name, "sent")
    for step in ("accepted", "arrived"):
        clock.advance(minutes=3)
        number, state, version = the_task(county)
        assert incidents.next_states(state)[0] == step
        incidents.advance_dispatch(county, ADMIN, dispatch_id=number, to=step, version=version)
        assert incidents.list_dispatches(county, ADMIN)["changed_at"].iloc[0] == clock.now
    assert response.trace_dispatches(county, ADMIN, incident_id=incident) == ()
    incidents.close_incident(county, ADMIN, incident_id=incident, version=int(row.version))
    assert incidents.list_incidents(county, ADMIN).empty
    assert len(incidents.list_incidents(county, ADMIN, closed=True)) == 1
    with county.database.read() as connection:
        dispatch = tables.dispatch.c
        ended = connection.execute(sa.select(dispatch.id, dispatch.state)).all()
    assert ended == [(task, "done")]
    assert journal.verify_journal(county, ADMIN) is None
    with pytest.raises(Conflict):
        incidents.send_team(county, ADMIN, incident_id=incident, team_id=car)
    with pytest.raises(Conflict):
        incidents.close_incident(county, ADMIN, incident_id=incident)


def test_a_team_that_cannot_go_is_not_sent(county: Context, clock: StoppedClock) -> None:
    car, foot = team_id(county, f"car {EAST_TOWN}"), team_id(county, f"foot {EAST_TOWN}")
    incident = report(county, team=car)
    with pytest.raises(Conflict, match="already"):
        incidents.send_team(county, ADMIN, incident_id=incident, team_id=car)
    with pytest.raises(Conflict, match="already"):
        report(county, team=car, title="Another")
    assert len(incidents.list_incidents(county, ADMIN)) == 1
    number, _, version = the_task(county)
    incidents.recall_team(county, ADMIN, dispatch_id=number, note="nearer team found", version=version)
    assert incidents.list_dispatches(county, ADMIN).empty
    incidents.send_team(county, ADMIN, incident_id=incident, team_id=car)
    clock.advance(seconds=county.settings.stale_position_s)
    with pytest.raises(Conflict, match="where"):
        incidents.send_team(county, ADMIN, incident_id=incident, team_id=foot)
    with county.database.write_unjournalled() as connection:
        connection.execute(tables.team.update().where(tables.team.c.id == foot).values(on_duty=False))
    with pytest.raises(Conflict, match="off duty"):
        incidents.send_team(county, ADMIN, incident_id=incident, team_id=foot)
    with pytest.raises(NotFound):
        incidents.send_team(county, ADMIN, incident_id=incident, team_id=999)


def test_of_two_who_decide_at_once_the_second_is_told(county: Context) -> None:
    incident = report(county, team=team_id(county, f"car {EAST_TOWN}"))
    number, _, version = the_task(county)
    incidents.advance_dispatch(county, ADMIN, dispatch_id=number, to="accepted", version=version)
    with pytest.raises(Conflict):
        incidents.recall_team(county, ADMIN, dispatch_id=number, version=version)
    with pytest.raises(Conflict):
        incidents.advance_dispatch(county, ADMIN, dispatch_id=number, to="done")
    with pytest.raises(Conflict):
        incidents.close_incident(county, ADMIN, incident_id=incident, version=7)


def test_a_recall_is_taken_back_like_any_other_change(county: Context) -> None:
    report(county, team=team_id(county, f"car {EAST_TOWN}"))
    number, _, version = the_task(county)
    incidents.recall_team(county, ADMIN, dispatch_id=number, version=version)
    newest = int(journal.list_changes(county, ADMIN)["txn_id"].iloc[0])
    before = county.revisions("incidents")
    journal.undo_change(county, ADMIN, txn_id=newest, reason="too early")
    assert the_task(county)[1] == "sent"
    assert county.revisions("incidents") > before


def test_a_commander_sees_and_sends_in_the_own_area_only(county: Context) -> None:
    east_car, west_car = team_id(county, f"car {EAST_TOWN}"), team_id(county, f"car {WEST_TOWN}")
    incident = report(county, EAST, team=east_car)
    number, _, _ = the_task(county, EAST)
    assert incidents.list_incidents(county, WEST).empty
    assert incidents.list_dispatches(county, WEST).empty
    assert response.trace_dispatches(county, WEST, incident_id=incident) == ()
    assert read_rows(gzip.decompress(overlays.load_overlay(county, WEST, name="incidents").data)) == []
    assert [way.name for way in response.find_responders(county, WEST, lon=LON, lat=LAT)] == [
        f"car {WEST_TOWN}",
        f"foot {WEST_TOWN}",
    ]
    refused: list[Callable[[], object]] = [
        lambda: report(county, WEST),
        lambda: incidents.send_team(county, WEST, incident_id=incident, team_id=west_car),
        lambda: incidents.send_team(county, EAST, incident_id=incident, team_id=west_car),
        lambda: incidents.advance_dispatch(county, WEST, dispatch_id=number, to="accepted"),
        lambda: incidents.recall_team(county, WEST, dispatch_id=number),
        lambda: incidents.close_incident(county, WEST, incident_id=incident),
        lambda: areas.load_card(county, WEST, kind="incident", id=incident),
    ]
    for act in refused:
        with pytest.raises((NotFound, NotAllowed)):
            act()
    assert the_task(county, EAST)[1] == "sent"


def test_who_only_looks_does_not_send(county: Context) -> None:
    planner = Actor("planner", Role.PLANNER)
    incident = report(county)
    assert len(incidents.list_incidents(county, planner)) == 1
    for actor in (planner, WEST_SUPERVISOR):
        with pytest.raises(NotAllowed):
            report(county, actor)
        with pytest.raises(NotAllowed):
            incidents.close_incident(county, actor, incident_id=incident)


@pytest.mark.parametrize(
    "wrong", [{"kind": "quarrel"}, {"severity": 5}, {"lon": 200.0}, {"lat": float("nan")}, {"lon": 100.0}]
)
def test_what_makes_no_incident_is_refused(county: Context, wrong: dict[str, object]) -> None:
    given = {"kind": "fire", "severity": 2, "lon": LON, "lat": LAT} | wrong
    with pytest.raises(GridmapError):
        incidents.open_incident(county, WEST, new=NewIncident(**given))
    assert incidents.list_incidents(county, ADMIN).empty


def test_an_open_incident_is_on_the_map_and_among_the_alerts(county: Context, clock: StoppedClock) -> None:
    incident = report(county, team=team_id(county, f"car {EAST_TOWN}"))
    (row,) = read_rows(gzip.decompress(overlays.load_overlay(county, EAST, name="incidents").data))
    assert (row["id"], row["kind"], row["severity"], row["teams"]) == (incident, "line_obstruction", 3, 1)
    assert row["reported_at"] == pytest.approx(clock.now.timestamp())
    (alert,) = (found for found in alerts.list_alerts(county, ADMIN) if found.kind == "incident")
    assert (alert.target_kind, alert.target_id, alert.since) == ("incident", incident, clock.now)
    assert alert.message.format(**alert.values) == "Tree on the line: teams 1"
    card = areas.load_card(county, EAST, kind="incident", id=incident)
    assert card.title == "Tree on the line"
    assert dict(card.rows)["Teams sent"] == 1
    incidents.close_incident(county, ADMIN, incident_id=incident)
    assert read_rows(gzip.decompress(overlays.load_overlay(county, EAST, name="incidents").data)) == []
    assert not [found for found in alerts.list_alerts(county, ADMIN) if found.kind == "incident"]
