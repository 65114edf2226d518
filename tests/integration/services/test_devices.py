"""Tokens given out and taken back: by whom, for whom, and what of it is kept."""

from __future__ import annotations

from hashlib import sha256

import pandas as pd
import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor, Role
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import devices, journal
from gridmap.services.context import Context
from gridmap.store import tables
from tests.conftest import StoppedClock
from tests.counties import EAST_TOWN, WEST_TOWN, fill_county
from tests.reports import issue, list_team_ids


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


@pytest.fixture
def west_admin() -> Actor:
    return Actor("west-admin", Role.ADMINISTRATOR, WEST_TOWN)


def test_only_the_hash_of_a_token_is_kept_and_the_journal_has_not_even_that(
    county: Context, administrator: Actor
) -> None:
    team = list_team_ids(county, administrator)[0]
    token = devices.issue_device_token(county, administrator, key="tracker", team_id=team)
    hashed = sha256(token.encode()).hexdigest()
    with county.database.read() as connection:
        assert connection.scalars(sa.select(tables.device.c.token_hash)).all() == [hashed]
        events = connection.scalars(sa.select(tables.event.c.after).where(tables.event.c.table_name == "device")).all()
    assert [event["key"] for event in events] == ["tracker"]
    assert hashed not in str(events)
    assert journal.list_changes(county, administrator)["kind"].iloc[0] == "issue token"


def test_a_known_device_gets_a_new_token_also_after_it_was_revoked(county: Context, administrator: Actor) -> None:
    first, second, *_ = list_team_ids(county, administrator)
    old = devices.issue_device_token(county, administrator, key="tracker", team_id=first)
    devices.revoke_device(county, administrator, key="tracker")
    devices.revoke_device(county, administrator, key="tracker")
    assert devices.list_devices(county, administrator)["revoked_at"].tolist() == [county.clock()]
    new = devices.issue_device_token(county, administrator, key="tracker", team_id=second)
    known = devices.know_devices(county)
    assert known.find_holder(devices.hash_token(old)) is None
    found = known.find_holder(devices.hash_token(new))
    assert found is not None
    assert found.team_id == second


def test_the_list_says_whose_a_device_is_and_how_old_its_fix(
    county: Context, administrator: Actor, clock: StoppedClock
) -> None:
    first, second, *_ = list_team_ids(county, administrator)
    issue(county, administrator, b=first, a=second)
    devices.issue_gateway_token(county, administrator, key="c", scope_code=EAST_TOWN)
    with county.database.write_unjournalled() as connection:
        connection.execute(tables.position.delete().where(tables.position.c.team_id == second))
    found = devices.list_devices(county, administrator)
    assert found["key"].tolist() == ["a", "b", "c"]
    assert found["kind"].tolist() == ["device", "device", "gateway"]
    assert found["fix_age_s"].tolist() == [None, 60.0, None]
    assert found["fix_at"].tolist()[0] is None
    assert [name is None for name in found["team_name"]] == [False, False, True]
    assert found["area_code"].tolist()[2] == EAST_TOWN


def test_an_administrator_of_one_area_sees_and_rules_its_own(
    county: Context, administrator: Actor, west_admin: Actor
) -> None:
    west, _, east, _ = list_team_ids(county, administrator)
    issue(county, administrator, west=west, east=east)
    assert devices.list_devices(county, west_admin)["key"].tolist() == ["west"]
    with pytest.raises(NotAllowed):
        devices.issue_device_token(county, west_admin, key="new", team_id=east)
    with pytest.raises(NotAllowed):
        devices.issue_gateway_token(county, west_admin, key="gateway")
    with pytest.raises(NotFound):
        devices.revoke_device(county, west_admin, key="east")
    with pytest.raises(Conflict):
        devices.issue_device_token(county, west_admin, key="east", team_id=west)
    row = {"day": 20260304, "reason": "swapped", "count": 1, "last_at": county.clock()}
    with county.database.write_unjournalled() as connection:
        devices.store.save_refusals(connection, [{**row, "device_key": key} for key in ("", "east", "west")])
    assert sorted(devices.list_refusals(county, west_admin)["device_key"]) == ["", "west"]


@pytest.mark.parametrize("role", [Role.COMMANDER, Role.PLANNER, Role.SUPERVISOR])
def test_nobody_else_may(county: Context, role: Role) -> None:
    actor = Actor("somebody", role)
    for act in (
        lambda: devices.list_devices(county, actor),
        lambda: devices.list_refusals(county, actor),
        lambda: devices.issue_device_token(county, actor, key="x", team_id=1),
        lambda: devices.issue_gateway_token(county, actor, key="x"),
        lambda: devices.revoke_device(county, actor, key="x"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_what_cannot_be_issued(county: Context, administrator: Actor) -> None:
    devices.issue_gateway_token(county, administrator, key="gateway")
    team = list_team_ids(county, administrator)[0]
    with pytest.raises(NotFound, match="no such team"):
        devices.issue_device_token(county, administrator, key="x", team_id=10_000)
    with pytest.raises(Conflict, match="already"):
        devices.issue_device_token(county, administrator, key="gateway", team_id=team)
    with pytest.raises(InvalidInput, match="key of a device"):
        devices.issue_device_token(county, administrator, key="a b", team_id=team)
    assert devices.list_devices(county, administrator)["key"].tolist() == ["gateway"]


def test_a_device_outlives_its_team_and_speaks_for_nobody(county: Context, administrator: Actor) -> None:
    team = list_team_ids(county, administrator)[0]
    token = issue(county, administrator, tracker=team)["tracker"]
    with county.database.write(administrator, kind="dissolve") as work:
        work.delete_many(tables.team, [team])
        work.touch("teams")
    county.devices.clear()
    found = devices.list_devices(county, administrator)
    assert found["team_name"].isna().tolist() == [True]
    holder = devices.know_devices(county).find_holder(devices.hash_token(token))
    assert holder is not None
    assert not holder.speaks_for(holder)


def test_refusals_are_those_of_the_last_days(county: Context, administrator: Actor, clock: StoppedClock) -> None:
    with county.database.write_unjournalled() as connection:
        for day, count in ((20260225, 5), (20260226, 3), (20260304, 2)):
            row = {"day": day, "reason": "future", "device_key": "", "count": count, "last_at": clock.now}
            devices.store.save_refusals(connection, [row])
    found = devices.list_refusals(county, administrator)
    assert found[["reason", "device_key", "count"]].to_numpy().tolist() == [["future", "", 5]]
    assert devices.list_refusals(county, administrator, days=8)["count"].tolist() == [10]
    assert isinstance(found, pd.DataFrame)
