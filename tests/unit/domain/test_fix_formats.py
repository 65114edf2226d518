"""What devices send, read into fixes: every format, and everything that is none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gridmap.domain.fix_formats import Reading, read_batch_item, read_osmand, read_osmand_json, read_traccar
from gridmap.domain.fixes import Fix, Refusal

NOW = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
EPOCH_S = 1_772_586_000
PLAIN = {"id": "P7", "lat": "37.87", "lon": "112.55", "timestamp": str(EPOCH_S)}


def read_plain(**given: str) -> Reading:
    return read_osmand({**PLAIN, **given}, now=NOW)


def test_osmand_parameters_become_a_fix() -> None:
    reading = read_plain(speed="10", bearing="370", accuracy="8.5", altitude="900", batt="80")
    assert reading == Reading("P7", Fix(112.55, 37.87, NOW, pytest.approx(18.52), 10.0, 8.5))


@pytest.mark.parametrize(
    "timestamp",
    [
        str(EPOCH_S),
        str(EPOCH_S * 1000),
        "2026-03-04T01:00:00Z",
        "2026-03-04 01:00:00",
        "2026-03-04T09:00:00+08:00",
        "2026-03-04T01:00:00.000+0000",
    ],
)
def test_a_time_may_be_written_in_many_ways(timestamp: str) -> None:
    assert read_plain(timestamp=timestamp).fix == Fix(112.55, 37.87, NOW)


def test_without_a_time_it_is_now() -> None:
    assert read_osmand({"deviceid": "P7", "location": "37.87,112.55"}, now=NOW) == Reading(
        "P7", Fix(112.55, 37.87, NOW)
    )


@pytest.mark.parametrize(
    "given",
    [{"lat": "north"}, {"lat": ""}, {"timestamp": "yesterday"}, {"timestamp": "1e400"}, {"location": "37.87"}],
)
def test_osmand_parameters_that_are_none(given: dict[str, str]) -> None:
    assert read_plain(**given) == Reading("P7", Refusal.UNREADABLE)


def test_a_device_that_says_it_has_no_position() -> None:
    assert read_plain(valid="false").fix is Refusal.NOT_VALID


def test_what_a_device_does_not_know_is_left_out() -> None:
    assert read_plain(speed="-1", bearing="NaN", accuracy="far").fix == Fix(112.55, 37.87, NOW)


def traccar_client(**coords: Any) -> dict[str, Any]:
    known = {"latitude": 37.87, "longitude": 112.55, "accuracy": 5, "speed": 10, "heading": 90, **coords}
    return {
        "device_id": "T1",
        "location": {"timestamp": "2026-03-04T01:00:00.000Z", "coords": known, "event": "motion"},
    }


def test_the_json_of_traccar_client_becomes_a_fix() -> None:
    assert read_osmand_json(traccar_client()) == Reading("T1", Fix(112.55, 37.87, NOW, 36.0, 90.0, 5.0))
    assert read_osmand_json(traccar_client(speed=-1, heading=-1)).fix == Fix(112.55, 37.87, NOW, None, None, 5.0)


def forwarded(**position: Any) -> dict[str, Any]:
    known = {"latitude": 37.87, "longitude": 112.55, "fixTime": "2026-03-04T01:00:00.000+00:00", "valid": True}
    return {"device": {"id": 3, "uniqueId": "8613"}, "position": {**known, "speed": 10, "course": 45, **position}}


def test_what_a_traccar_server_forwards_becomes_a_fix() -> None:
    expected = Fix(112.55, 37.87, NOW, pytest.approx(18.52), 45.0)
    assert read_traccar(forwarded(accuracy=0)) == Reading("8613", expected)
    assert read_traccar(forwarded(fixTime=EPOCH_S * 1000)).fix == expected
    assert read_traccar(forwarded(valid=False)).fix is Refusal.NOT_VALID


def test_an_item_of_a_batch_becomes_a_fix() -> None:
    item = {"device": "B2", "lon": 112.55, "lat": 37.87, "at": EPOCH_S, "speed_kmh": 40, "heading_deg": 359.5}
    assert read_batch_item(item) == Reading("B2", Fix(112.55, 37.87, NOW, 40.0, 359.5))


NOTHING: list[object] = [None, 7, "text", [], {}, {"device": {}}, {"location": 5, "device_id": True}]


@pytest.mark.parametrize("read", [read_osmand_json, read_traccar, read_batch_item])
@pytest.mark.parametrize("document", NOTHING)
def test_a_document_of_another_shape_is_unreadable(read: Any, document: object) -> None:
    assert read(document) == Reading("", Refusal.UNREADABLE)


@pytest.mark.parametrize("wrong", [True, None, [112.55], {"deg": 112}, "east", 10**400])
def test_a_coordinate_that_is_no_number_at_all(wrong: object) -> None:
    assert read_batch_item({"device": "B2", "lon": wrong, "lat": 37.87, "at": EPOCH_S}).fix is Refusal.UNREADABLE


def test_a_key_longer_than_any_of_ours_is_never_kept_whole() -> None:
    assert len(read_plain(id="x" * 10_000).key) == 61
