"""Frames of team positions from both engines, byte by byte."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap.domain.access import Actor
from gridmap.domain.patrol.problem import TeamKind
from gridmap.services.context import Context
from gridmap.services.live import HEADER, KINDS, NO_AGE, RECORD, STATES, load_moment
from gridmap.store import positions, tables
from gridmap.store.teams import load_fixes
from tests.conftest import StoppedClock
from tests.counties import ADMIN, EAST_SUPERVISOR, WEST_SUPERVISOR, fill_county, place_in


def build_frame(context: Context, actor: Actor, *, number: int) -> bytes:
    return load_moment(context).build_frame(actor, number=number)


def read(frame: bytes) -> np.ndarray:
    return np.frombuffer(frame, RECORD, offset=HEADER.size)


def move(context: Context, team_id: int, **fix: object) -> None:
    """A fix in place of the team's latest, also of an earlier one: the store keeps the newest."""
    given = {"team_id": team_id, "lon": 112.5, "lat": 37.8, "heading_deg": 0.0, "speed_kmh": 0.0, "simulated": False}
    with context.database.write_unjournalled() as connection:
        connection.execute(tables.position.delete().where(tables.position.c.team_id == team_id))
        positions.save_positions(connection, [{**given, "at": context.clock(), **fix}])


def test_a_frame_as_it_goes_over_the_wire(context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(context)
    frame = build_frame(context, commander, number=2**32 + 7)
    assert HEADER.unpack_from(frame) == (7, clock.now.timestamp())
    assert len(frame) == 12 + 4 * 20
    first = read(frame)[0]
    lon, lat = place_in(0, 0)
    assert [first["lon"] / 1e7, first["lat"] / 1e7] == pytest.approx([lon, lat], abs=1e-7)
    assert (KINDS[first["kind"]], STATES[first["state"]]) == ("car", "still")
    assert (first["heading"], first["flags"], first["age_s"]) == (45, 1, 60)


def test_a_frame_holds_one_area_only(context: Context) -> None:
    fill_county(context)
    west, east = (read(build_frame(context, actor, number=1)) for actor in (WEST_SUPERVISOR, EAST_SUPERVISOR))
    assert (len(west), len(east)) == (2, 2)
    assert west["lon"].max() < east["lon"].min()


def test_how_a_team_is(sqlite_context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(sqlite_context)
    first, second, third, fourth = read(build_frame(sqlite_context, commander, number=1))["id"].tolist()
    move(sqlite_context, first, speed_kmh=40.0, heading_deg=359.5, lon=-179.9999999, lat=-89.5)
    clock.advance(seconds=300)
    move(sqlite_context, second, heading_deg=None)
    move(sqlite_context, third, at=clock.now.replace(year=2027))
    with sqlite_context.database.write(ADMIN, kind="fill") as work:
        work.connection.execute(tables.position.delete().where(tables.position.c.team_id == fourth))
    found = {record["id"]: record for record in read(build_frame(sqlite_context, commander, number=1))}
    assert [STATES[found[n]["state"]] for n in (first, second, third, fourth)] == ["stale", "still", "stale", "silent"]
    assert [found[n]["age_s"] for n in (first, second, third, fourth)] == [300, 0, 0, NO_AGE]
    assert (found[first]["heading"], found[first]["flags"]) == (0, 0)
    assert (found[first]["lon"], found[first]["lat"]) == (-1_799_999_999, -895_000_000)
    # Without a fix a team stands at its post.
    assert found[fourth]["lon"] == pytest.approx(place_in(5, 0)[0] * 1e7, abs=1)


def test_nobody_on_the_map_is_a_frame_without_records(context: Context, commander: Actor) -> None:
    assert len(build_frame(context, commander, number=1)) == HEADER.size


def test_every_kind_of_team_has_a_number() -> None:
    assert set(KINDS) == {kind.value for kind in TeamKind}


def test_a_team_that_goes_off_duty_is_shown_so_in_the_next_frame(context: Context, commander: Actor) -> None:
    fill_county(context)
    first = int(read(build_frame(context, commander, number=1))["id"][0])
    with context.database.write(ADMIN, kind="fill") as work:
        work.update(tables.team, first, {"on_duty": False})
        work.touch("teams")
    states = {int(record["id"]): STATES[record["state"]] for record in read(build_frame(context, commander, number=2))}
    assert states.pop(first) == "off"
    assert "off" not in states.values()


def test_instants_are_read_to_the_millisecond(context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(context)
    team = int(read(build_frame(context, commander, number=1))["id"][0])
    move(context, team, at=clock.now.replace(microsecond=654_321))
    with context.database.read() as connection:
        fixes = load_fixes(connection)
    found = fixes[fixes["team_id"] == team][0]
    assert found["at"] == pytest.approx(clock.now.replace(microsecond=654_321).timestamp(), abs=1e-3)
