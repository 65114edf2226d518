"""The simulator drives teams along the plan in force and marks what it writes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.crs import GEOD
from gridmap.domain.fix_formats import Reading
from gridmap.domain.fixes import Fix, Refusal
from gridmap.services import plan_checking, planning, simulation, teams
from gridmap.services.context import Context
from gridmap.services.ingest import Ingest
from gridmap.services.road_network import get_network
from gridmap.store import positions, tables
from gridmap.store.datasets import save_setting
from tests.conftest import StoppedClock
from tests.counties import fill_county, set_patrols
from tests.loops import run

FASTEST_KMH = 130.0


@pytest.fixture
def county(sqlite_context: Context, administrator: Actor) -> Context:
    """The small county with everything overdue, as a synthetic database."""
    fill_county(sqlite_context)
    set_patrols(sqlite_context, at=sqlite_context.clock() - timedelta(days=400))
    with sqlite_context.database.write(administrator, kind="fill") as work:
        save_setting(work, "synthetic", True)
    return sqlite_context


def test_the_day_gets_one_published_plan(county: Context, administrator: Actor) -> None:
    assert simulation.plan_day(county)
    assert not simulation.plan_day(county)
    saved = planning.list_plans(county, administrator)
    assert saved["status"].tolist() == ["published"]
    document = planning.load_plan(county, administrator, plan_id=int(saved["id"].iloc[0]))
    assert plan_checking.check_plan(county, administrator, document=document).valid


def test_teams_follow_their_planned_routes(county: Context, administrator: Actor) -> None:
    simulation.plan_day(county)
    saved = planning.list_plans(county, administrator)
    plan = planning.load_plan(county, administrator, plan_id=int(saved["id"].iloc[0]))
    rounds = {round_.team_id: round_ for round_ in simulation.build_rounds(county)}
    ids = {team["key"]: team["id"] for team in plan["teams"]}
    followed = [route for route in plan["routes"] if ids[route["team"]] in rounds]
    assert followed
    for route in followed:
        round_ = rounds[ids[route["team"]]]
        assert (np.diff(round_.second) >= 0).all()
        for stop in (stop for stop in route["stops"] if stop["leg"]["metres"]):
            # A moment before it stops: a walk may begin across the road in the same second.
            lon, lat = round_.at(stop["arrive_s"] - route["start_s"] - 0.5)
            at = stop["leg"]["coordinates"][-1]
            assert GEOD.inv(lon, lat, *at)[2] < 60.0


def test_positions_lie_on_roads_and_walks_and_move_at_their_pace(county: Context) -> None:
    simulation.plan_day(county)
    simulator = simulation.open_simulator(county)
    assert simulator is not None
    network = get_network(county)
    roads = shapely.union_all(network.geometry)
    with county.database.read() as connection:
        rail = shapely.union_all(connection.scalars(sa.select(tables.rail_line.c.geom)).all())
    ways = shapely.buffer(shapely.union(roads, rail), 0.0012)
    before: dict[int, tuple[float, float]] = {}
    moved = 0
    for minute in range(0, 60, 5):
        now = county.clock() + timedelta(minutes=minute)
        simulator.step(now)
        with county.database.read() as connection:
            rows = connection.execute(sa.select(tables.position).where(tables.position.c.at == now)).all()
        assert rows
        for row in rows:
            assert row.simulated
            assert shapely.intersects_xy(ways, row.lon, row.lat)
            assert row.speed_kmh < FASTEST_KMH
            moved += row.team_id in before and before[row.team_id] != (row.lon, row.lat)
            before[row.team_id] = (row.lon, row.lat)
    assert moved > 0


def test_one_team_on_duty_stays_silent(county: Context, administrator: Actor) -> None:
    on_duty = teams.list_teams(county, administrator)
    on_duty = set(on_duty.loc[on_duty["on_duty"].astype(bool), "id"])
    heard = {round_.team_id for round_ in simulation.build_rounds(county)}
    assert heard < on_duty
    assert len(on_duty - heard) >= 1


def test_a_team_that_reports_itself_is_left_alone(county: Context, clock: StoppedClock) -> None:
    simulator = simulation.open_simulator(county)
    assert simulator is not None
    simulator.step(clock.now)
    first = next(simulation.build_rounds(county)).team_id
    # Far from where the simulator has it, and by a clock that is a little behind.
    told = Fix(at=clock.now - timedelta(seconds=3), lon=100.0, lat=30.0)

    async def report() -> list[Refusal | None]:
        ingest = Ingest(county)
        try:
            return await ingest.accept_from_page(first, [Reading("", told)])
        finally:
            await asyncio.to_thread(ingest.close)

    assert run(report()) == [None]
    quiet_s = county.settings.silent_team_s
    for seconds, is_left_alone in ((60, True), (quiet_s - 10, True), (quiet_s + 60, False)):
        simulator.step(clock.now + timedelta(seconds=seconds))
        with county.database.read() as connection:
            row = positions.load_latest(connection, [first])[first]
        assert ((row.lon, row.lat) == (100.0, 30.0)) is is_left_alone
        assert row.simulated is not is_left_alone


def test_real_data_is_never_simulated(sqlite_context: Context) -> None:
    assert simulation.open_simulator(sqlite_context) is None
    assert not simulation.plan_day(sqlite_context)
