"""The hash chain's ingredients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gridmap.domain.journal import GENESIS, REDACTED, Event, Header, canonical_json, compute_hash

AT = datetime(2026, 3, 4, 1, 2, 3, tzinfo=UTC)
HEADER = Header("kind", "actor", "reason", AT)
EVENT = Event("area", "1", {"name": "a"}, {"name": "b"})


def test_one_spelling() -> None:
    assert canonical_json({"b": 1, "a": ["é", None, 1.5]}) == '{"a":["é",null,1.5],"b":1}'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(number)


def test_the_same_instant_hashes_alike_in_every_zone() -> None:
    beijing = Header("kind", "actor", "reason", AT.astimezone(timezone(timedelta(hours=8))))
    assert compute_hash(GENESIS, beijing, [EVENT]) == compute_hash(GENESIS, HEADER, [EVENT])


@pytest.mark.parametrize(
    ("previous", "header", "events"),
    [
        ("1" * 64, HEADER, [EVENT]),
        (GENESIS, Header("kind", "actor", "other", AT), [EVENT]),
        (GENESIS, Header("kind", "actor", "reason", AT, undoes=1), [EVENT]),
        (GENESIS, HEADER, []),
        (GENESIS, HEADER, [EVENT, EVENT]),
        (GENESIS, HEADER, [Event("area", "2", {"name": "a"}, {"name": "b"})]),
        (GENESIS, HEADER, [Event("area", "1", None, {"name": "b"})]),
    ],
)
def test_every_part_counts(previous: str, header: Header, events: list[Event]) -> None:
    assert compute_hash(previous, header, events) != compute_hash(GENESIS, HEADER, [EVENT])


def test_what_an_event_says_of_itself() -> None:
    assert Event("bulk:areas", "", None, {}).is_bulk
    assert not EVENT.is_bulk
    assert Event("account", "1", {"role": "x"}, {"role": "x", "password_hash": REDACTED}).is_redacted
    assert not EVENT.is_redacted
