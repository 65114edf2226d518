"""Who may report for whom, and how often."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridmap.domain.allowance import Allowances, Rate
from gridmap.domain.days import number_day
from gridmap.domain.devices import Device, DeviceKind, KnownDevices, parse_key
from gridmap.errors import InvalidInput

REVOKED = datetime(2026, 3, 4, tzinfo=UTC)


def device(number: int, *, team: int | None = 1, area: str = "149901", revoked: datetime | None = None) -> Device:
    return Device(number, f"D{number}", DeviceKind.DEVICE, team, area, False, revoked)


def gateway(number: int, *, scope: str = "", revoked: datetime | None = None) -> Device:
    return Device(number, f"D{number}", DeviceKind.GATEWAY, None, scope, False, revoked)


KNOWN = KnownDevices(
    (each, f"hash-{each.key}")
    for each in (
        device(1),
        device(2, area="149902"),
        device(3, revoked=REVOKED),
        device(4, team=None),
        gateway(5),
        gateway(6, scope="149902"),
        gateway(7, revoked=REVOKED),
    )
)


def find(holder: str, key: str) -> str | None:
    known = KNOWN.find_holder(f"hash-{holder}")
    assert known is not None
    subject = KNOWN.find_subject(known, key)
    return None if subject is None else subject.key


def test_a_device_speaks_for_itself_alone() -> None:
    assert find("D1", "D1") == find("D1", "") == "D1"
    assert find("D1", "D2") is None
    assert find("D4", "") is None  # of no team


def test_a_gateway_speaks_for_the_devices_of_its_area() -> None:
    assert [find("D5", key) for key in ("D1", "D2", "D3", "D4", "D5", "D9", "")] == ["D1", "D2", *[None] * 5]
    assert [find("D6", key) for key in ("D1", "D2")] == [None, "D2"]


def test_a_revoked_token_is_nobodys() -> None:
    assert [KNOWN.find_holder(f"hash-D{n}") for n in (3, 7, 9)] == [None] * 3
    assert KNOWN.find_named("D3") is not None


def test_a_key_has_one_spelling() -> None:
    assert parse_key("　Ｔ１ ") == "T1"
    assert parse_key("巡防-07") == "巡防-07"


@pytest.mark.parametrize("text", ["", " ", "a b", "a/b", "x" * 61, "a\nb", "<b>"])
def test_keys_that_are_none(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the key"):
        parse_key(text)


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    allowances, rate = Allowances(), Rate(per_s=2.0, burst=3.0)
    assert [allowances.take("a", rate, now_s=0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert allowances.take("a", rate, now_s=0.5) == 0.0
    assert allowances.take("a", rate, now_s=0.5) == pytest.approx(0.5)
    assert [allowances.take("a", rate, now_s=100.0) for _ in range(4)][-1] > 0  # never more than the burst
    assert allowances.take("b", rate, now_s=0.0) == 0.0
    assert allowances.take("a", rate, now_s=50.0) > 0  # a clock that was put back gives nothing


def test_a_day_is_beijings() -> None:
    assert number_day(datetime(2026, 3, 3, 15, 59, tzinfo=UTC)) == 20260303
    assert number_day(datetime(2026, 3, 3, 16, 0, tzinfo=UTC)) == 20260304
