"""Whatever the order and however often it is sent: the same fixes leave the same latest fix and the same history."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.access import Actor, Role
from gridmap.domain.devices import Device, DeviceKind
from gridmap.domain.fix_formats import Reading, read_batch_item, read_osmand, read_osmand_json, read_traccar
from gridmap.domain.fixes import Fix, Refusal, check_fix
from gridmap.jobs import JobRunner
from gridmap.services.context import Context
from gridmap.services.ingest import Ingest
from gridmap.settings import Settings
from gridmap.store import tables
from gridmap.store.database import open_database
from tests.conftest import StoppedClock
from tests.reports import issue, load_latest, load_track, report

NOW = datetime(2026, 3, 4, 1, tzinfo=UTC)
ADMIN = Actor("admin", Role.ADMINISTRATOR)

# Within the noise of a receiver of each other, so that none is a jump in whichever order they come.
offsets = st.integers(0, 20).map(lambda n: n * 1e-5)
moments = st.integers(0, 6 * 86_400).map(lambda back: NOW - timedelta(seconds=back))
tracks = st.dictionaries(moments, st.tuples(offsets, offsets), min_size=1, max_size=12).map(
    lambda found: [Fix(112.55 + east, 37.87 + north, at) for at, (east, north) in found.items()]
)


@pytest.fixture(scope="module")
def context() -> Iterator[Context]:
    """A database with one team, on the engine that every machine has; both are tried in tests/integration."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'laws.db'}"
        opened = Context(
            Settings(database_url=url, device_burst=10**9), open_database(url, clock=StoppedClock(NOW)), JobRunner()
        )
        with opened.database.write(ADMIN, kind="fill") as work:
            place = {"lon": 112.55, "lat": 37.87, "area_code": "149901"}
            post = work.insert(tables.post, {"name": "Post", "kind": "police_post", **place})
            shift = {"shift_start_min": 0, "shift_end_min": 1440, "on_duty": True, "area_code": "149901"}
            work.insert(tables.team, {"name": "Team", "kind": "car", "post_id": post, "members": 2, **shift})
        yield opened
        opened.close()


@settings(max_examples=40, deadline=None)
@given(track=tracks, data=st.data())
def test_order_and_repetition_change_nothing(context: Context, track: list[Fix], data: st.DataObject) -> None:
    with context.database.write_unjournalled() as connection:
        connection.execute(tables.position.delete())
        connection.execute(tables.track_point.delete())
    sent = data.draw(st.permutations(track + data.draw(st.lists(st.sampled_from(track), max_size=6))))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=3)))
    token = issue(context, ADMIN, tracker=1)["tracker"]
    way_in = Ingest(context)
    for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        assert report(way_in, token, *sent[start:end]) == [None] * (end - start)
    way_in.close()
    in_time = sorted(track, key=lambda fix: fix.at)
    assert load_track(context, 1) == [(fix.at, fix.lon, fix.lat) for fix in in_time]
    assert load_latest(context, 1) == (in_time[-1].lon, in_time[-1].lat, in_time[-1].at)


names = ["device", "position", "location", "coords", "uniqueId", "device_id", "lon", "lat", "at", "timestamp"]
names += ["latitude", "longitude", "fixTime", "speed", "valid"]
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=5),
    max_leaves=12,
)


@given(document=anything)
def test_no_document_is_more_than_a_reading(document: Any) -> None:
    for read in (read_osmand_json, read_traccar, read_batch_item):
        reading = read(document)
        assert isinstance(reading, Reading)
        if isinstance(reading.fix, Fix):
            assert reading.fix.at.tzinfo is not None
            assert isinstance(check_fix(reading.fix, now=NOW, backlog=timedelta(days=7)), Refusal | None)


@given(parameters=st.dictionaries(st.sampled_from(["id", "lat", "lon", "timestamp", "location", "speed"]), st.text()))
def test_no_parameters_are_more_than_a_reading(parameters: dict[str, str]) -> None:
    assert isinstance(read_osmand(parameters, now=NOW).fix, Fix | Refusal)


@given(scope=st.text("149", max_size=4), area=st.text("149", max_size=6))
def test_a_gateway_never_leaves_its_area(scope: str, area: str) -> None:
    gateway = Device(1, "g", DeviceKind.GATEWAY, None, scope, False, None)
    device = Device(2, "d", DeviceKind.DEVICE, 1, area, False, None)
    assert gateway.speaks_for(device) == (area[: len(scope)] == scope)
