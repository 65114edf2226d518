"""From a reading to the store, on both engines: what is kept, what is refused and counted, and that nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.fix_formats import Reading
from gridmap.domain.fixes import Fix, Refusal
from gridmap.errors import NotSignedIn, StoreFailure, TooMany
from gridmap.services import devices, ingest
from gridmap.services.context import Context
from gridmap.services.group_commit import GroupCommit
from gridmap.services.ingest import Ingest
from gridmap.store import tables
from gridmap.store.database import open_database
from tests.conftest import StoppedClock
from tests.counties import EAST_TOWN, fill_county, place_in
from tests.loops import run
from tests.reports import issue, list_team_ids, load_latest, load_track, report, report_at_once

LON, LAT = place_in(0, 0)
"""Where the teams of the west stand."""


@pytest.fixture
def county(context: Context) -> Context:
    """The county with teams that reported themselves: what a simulator says of a place holds nobody there."""
    fill_county(context)
    with context.database.write_unjournalled() as connection:
        connection.execute(tables.position.update().values(simulated=False))
    return context


@pytest.fixture
def way_in(county: Context) -> Iterator[Ingest]:
    opened = Ingest(county)
    yield opened
    opened.close()


@pytest.fixture
def team(county: Context, administrator: Actor) -> int:
    return list_team_ids(county, administrator)[0]


@pytest.fixture
def token(county: Context, administrator: Actor, team: int) -> str:
    return issue(county, administrator, tracker=team)["tracker"]


def count(context: Context, way_in: Ingest, actor: Actor) -> dict[tuple[str, str], int]:
    """Refusals by reason and device."""
    way_in.save_counts()
    rows = devices.list_refusals(context, actor)
    return {(row.reason, row.device_key): row.count for row in rows.itertuples()}


def test_a_fix_moves_its_team_and_enters_its_track(
    county: Context, way_in: Ingest, token: str, team: int, clock: StoppedClock
) -> None:
    assert report(way_in, token, Fix(LON + 0.001, LAT, clock.now, 30.0, 45.0)) == [None]
    with county.database.read() as connection:
        row = connection.execute(sa.select(tables.position).where(tables.position.c.team_id == team)).one()
    assert (row.lon, row.lat, row.at, row.speed_kmh, row.heading_deg, row.simulated) == (
        (LON + 0.001, LAT, clock.now, 30.0, 45.0, False)
    )
    assert load_track(county, team) == [(clock.now, LON + 0.001, LAT)]


def test_what_comes_late_or_twice_never_moves_a_team_back(
    county: Context, way_in: Ingest, token: str, team: int, clock: StoppedClock
) -> None:
    now = clock.now
    fixes = [Fix(LON + n / 10_000, LAT, now - timedelta(seconds=20 - n)) for n in range(20)]
    assert report(way_in, token, *fixes[10:]) == [None] * 10
    assert report(way_in, token, *reversed(fixes[:10]), *fixes[5:15]) == [None] * 20
    assert load_latest(county, team) == (fixes[-1].lon, LAT, fixes[-1].at)
    assert load_track(county, team) == [(fix.at, fix.lon, fix.lat) for fix in fixes]


def test_a_night_is_two_days_of_history(
    county: Context, way_in: Ingest, token: str, team: int, clock: StoppedClock
) -> None:
    clock.now = clock.now.replace(hour=16, minute=0, second=5, microsecond=0)  # five past midnight in Beijing
    before, after = (Fix(LON, LAT, clock.now - timedelta(seconds=back)) for back in (10, 0))
    assert report(way_in, token, before, after) == [None, None]
    with county.database.read() as connection:
        days = connection.scalars(sa.select(tables.track_point.c.day).order_by(tables.track_point.c.at)).all()
    assert days == [20260304, 20260305]


def test_every_refusal_is_named_and_counted(
    county: Context, way_in: Ingest, token: str, team: int, administrator: Actor, clock: StoppedClock
) -> None:
    now = clock.now
    fixes: dict[Refusal, Fix | Refusal] = {
        Refusal.UNREADABLE: Refusal.UNREADABLE,
        Refusal.NOT_A_NUMBER: Fix(float("nan"), LAT, now),
        Refusal.SWAPPED: Fix(LAT, LON, now),
        Refusal.OUT_OF_RANGE: Fix(LON, 95.0, now),
        Refusal.FUTURE: Fix(LON, LAT, now + timedelta(minutes=3)),
        Refusal.TOO_OLD: Fix(LON, LAT, now - timedelta(days=365)),
        Refusal.TELEPORT: Fix(LON + 1, LAT, now),
    }
    before = load_latest(county, team)
    assert report(way_in, token, *fixes.values()) == list(fixes)
    assert load_latest(county, team) == before
    assert load_track(county, team) == []
    assert count(county, way_in, administrator) == {(reason.value, "tracker"): 1 for reason in fixes}
    report(way_in, token, fixes[Refusal.SWAPPED])
    assert count(county, way_in, administrator)["swapped", "tracker"] == 2


def test_a_jump_is_accepted_once_there_was_time_for_it(
    county: Context, way_in: Ingest, token: str, team: int, clock: StoppedClock
) -> None:
    far = LON + 1.0  # 88 km
    assert report(way_in, token, Fix(far, LAT, clock.now)) == [Refusal.TELEPORT]
    clock.advance(minutes=15)
    assert report(way_in, token, Fix(far, LAT, clock.now)) == [None]
    assert load_latest(county, team) == (far, LAT, clock.now)


def test_a_team_off_duty_leaves_no_trace(
    county: Context, way_in: Ingest, token: str, team: int, administrator: Actor, clock: StoppedClock
) -> None:
    with county.database.write(administrator, kind="off duty") as work:
        work.update(tables.team, team, {"on_duty": False})
        work.touch("teams")
    before = load_latest(county, team)
    assert report(way_in, token, Fix(LON, LAT, clock.now)) == [Refusal.OFF_DUTY]
    assert (load_latest(county, team), load_track(county, team)) == (before, [])
    assert count(county, way_in, administrator) == {("off_duty", "tracker"): 1}


def test_a_team_deleted_behind_the_cache_loses_only_its_own_fixes(
    county: Context, way_in: Ingest, team: int, administrator: Actor, clock: StoppedClock
) -> None:
    other = list_team_ids(county, administrator)[1]
    tokens = issue(county, administrator, gone=team, here=other)
    report(way_in, tokens["here"], Fix(LON, LAT, clock.now - timedelta(seconds=1)))
    with county.database.write_unjournalled() as connection:
        connection.execute(tables.team.delete().where(tables.team.c.id == team))
    both = [Reading("", Fix(LON, LAT, clock.now))]
    assert report_at_once(way_in, (tokens["gone"], both * 2), (tokens["here"], both)) == [
        [Refusal.UNKNOWN_DEVICE] * 2,
        [None],
    ]
    with pytest.raises(NotSignedIn):
        report(way_in, tokens["gone"], Fix(LON, LAT, clock.now))


@pytest.mark.parametrize("wrong", ["", "nobody's", "x" * 100_000, "令牌"])
def test_a_wrong_token_is_refused_and_counted_for_the_device_it_names(
    county: Context, way_in: Ingest, token: str, administrator: Actor, clock: StoppedClock, wrong: str
) -> None:
    fix = Fix(LON, LAT, clock.now)
    for key, kept in (("tracker", "tracker"), ("made up", ""), ("other", "")):
        with pytest.raises(NotSignedIn, match="not known here"):
            report(way_in, wrong, Reading(key, fix))
        assert count(county, way_in, administrator)["unknown_device", kept] >= 1
    # However many names a stranger makes up, they are one row.
    assert count(county, way_in, administrator) == {("unknown_device", "tracker"): 1, ("unknown_device", ""): 2}


def test_a_device_never_reports_for_another(
    county: Context, way_in: Ingest, team: int, administrator: Actor, clock: StoppedClock
) -> None:
    tokens = issue(county, administrator, mine=team, yours=list_team_ids(county, administrator)[2])
    fix = Fix(LON, LAT, clock.now)
    with pytest.raises(NotSignedIn):
        report(way_in, tokens["mine"], Reading("yours", fix))
    outcomes = report(way_in, tokens["mine"], Reading("yours", fix), Reading("mine", fix))
    assert outcomes == [Refusal.UNKNOWN_DEVICE, None]


def test_a_gateway_reports_for_the_devices_of_its_area(
    county: Context, way_in: Ingest, administrator: Actor, clock: StoppedClock
) -> None:
    west, _, east, _ = list_team_ids(county, administrator)
    issue(county, administrator, west=west, east=east)
    place = place_in(5, 0)
    fixes = [Reading("west", Fix(LON, LAT, clock.now)), Reading("east", Fix(*place, clock.now))]
    everywhere = devices.issue_gateway_token(county, administrator, key="gateway")
    assert report(way_in, everywhere, *fixes) == [None, None]
    confined = devices.issue_gateway_token(county, administrator, key="east-gateway", scope_code=EAST_TOWN)
    assert report(way_in, confined, *fixes) == [Refusal.UNKNOWN_DEVICE, None]
    with pytest.raises(NotSignedIn):
        report(way_in, everywhere, Fix(LON, LAT, clock.now))  # of itself it has no position


def test_a_revoked_token_ends_at_once_here_and_within_seconds_elsewhere(
    county: Context, way_in: Ingest, token: str, administrator: Actor, clock: StoppedClock
) -> None:
    elsewhere = Context(county.settings, open_database(county.settings.database_url, clock=clock), county.jobs)
    theirs = Ingest(elsewhere)
    fix = Fix(LON, LAT, clock.now)
    assert report(theirs, token, fix) == [None]
    devices.revoke_device(county, administrator, key="tracker")
    with pytest.raises(NotSignedIn):
        report(way_in, token, fix)
    assert report(theirs, token, fix) == [None]
    clock.advance(seconds=devices.KNOWN_FOR_S)
    with pytest.raises(NotSignedIn):
        report(theirs, token, fix)
    theirs.close()
    elsewhere.database.dispose()


def test_a_token_issued_elsewhere_opens_at_once(
    county: Context, way_in: Ingest, token: str, team: int, administrator: Actor, clock: StoppedClock
) -> None:
    assert report(way_in, token, Fix(LON, LAT, clock.now)) == [None]
    elsewhere = Context(county.settings, open_database(county.settings.database_url, clock=clock), county.jobs)
    fresh = issue(elsewhere, administrator, fresh=team)["fresh"]
    elsewhere.database.dispose()
    assert report(way_in, fresh, Fix(LON, LAT, clock.now)) == [None]
    asked = devices.know_devices(county)
    for _ in range(3):  # a stranger's guesses are answered from memory
        with pytest.raises(NotSignedIn):
            report(way_in, "guess", Fix(LON, LAT, clock.now))
    assert devices.know_devices(county) is asked


def test_a_device_that_asks_too_often_is_told_when_to_come_back(
    county: Context, token: str, administrator: Actor, clock: StoppedClock
) -> None:
    context = replace(county, settings=replace(county.settings, device_burst=3, device_rate_per_s=0.1))
    way_in = Ingest(context)
    fix = Fix(LON, LAT, clock.now)
    assert [report(way_in, token, fix) for _ in range(3)] == [[None]] * 3
    with pytest.raises(TooMany) as refused:
        report(way_in, token, fix)
    assert refused.value.values["seconds"] == 10
    clock.advance(seconds=10)
    assert report(way_in, token, fix) == [None]
    assert count(context, way_in, administrator) == {("too_many", "tracker"): 1}
    way_in.close()


def test_requests_that_come_together_share_a_transaction(
    county: Context, way_in: Ingest, administrator: Actor, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    write = Ingest._write_at_once

    def write_counted(self: Ingest, reports: Sequence[Any]) -> None:
        commits.append(len(reports))
        write(self, reports)

    monkeypatch.setattr(Ingest, "_write_at_once", write_counted)
    ids = list_team_ids(county, administrator)
    tokens = issue(county, administrator, **{f"d{i}": i for i in ids})
    places = dict(zip(ids, [place_in(0, 0)] * 2 + [place_in(5, 0)] * 2, strict=True))
    requests = [
        (tokens[f"d{i}"], [Reading("", Fix(*places[i], clock.now - timedelta(seconds=s)))])
        for i in ids
        for s in range(10)
    ]
    devices.know_devices(county)
    assert report_at_once(way_in, *requests) == [[None]] * 40
    assert commits == [40]
    assert [len(load_track(county, i)) for i in ids] == [10] * 4


def test_more_than_can_be_written_is_refused_and_nothing_of_it_is_kept(
    county: Context, way_in: Ingest, token: str, team: int, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    way_in._writer = GroupCommit(way_in._write, most_waiting=3)
    requests = [(token, [Reading("", Fix(LON, LAT, clock.now - timedelta(seconds=s)))]) for s in range(5)]

    async def send() -> list[object]:
        sent = (way_in.accept(token, readings) for token, readings in requests)
        return list(await asyncio.gather(*sent, return_exceptions=True))

    outcomes = run(send())
    kept = [readings[0].fix for (_, readings), outcome in zip(requests, outcomes, strict=True) if outcome == [None]]
    assert [type(outcome) for outcome in outcomes if outcome != [None]] == [StoreFailure] * 2
    assert load_track(county, team) == [(fix.at, fix.lon, fix.lat) for fix in reversed(kept)]
    assert report(way_in, token, *(readings[0] for _, readings in requests[:3])) == [None] * 3


def test_a_failed_commit_is_told_to_everyone_in_it(
    county: Context, way_in: Ingest, token: str, team: int, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreFailure("The database is busy with another change.", hint="Try again in a moment.")

    fix = Fix(LON, LAT, clock.now)
    with monkeypatch.context() as patched:
        patched.setattr(ingest.positions, "save_positions", fail)
        with pytest.raises(StoreFailure):
            report_at_once(way_in, (token, [Reading("", fix)]), (token, [Reading("", fix)]))
    assert load_track(county, team) == []
    assert report(way_in, token, fix) == [None]


def test_counts_survive_a_database_that_was_away(
    county: Context, way_in: Ingest, token: str, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreFailure("The database is busy with another change.", hint="Try again in a moment.")

    report(way_in, token, Refusal.NOT_VALID)
    with monkeypatch.context() as patched:
        patched.setattr(ingest.device_store, "save_refusals", fail)
        with pytest.raises(StoreFailure):
            way_in.save_counts()
    report(way_in, token, Refusal.NOT_VALID)
    assert count(county, way_in, administrator) == {("not_valid", "tracker"): 2}
