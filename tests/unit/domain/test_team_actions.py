"""What a telephone sends is read whole, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gridmap.domain.team_actions import ActionKind, HazardReport, read_action
from gridmap.errors import InvalidInput

KEY = "0b0e5a9e-6f5c-4f7e-9d55-0a3f5b7d9c11"
DONE: dict[str, Any] = {"key": KEY, "team": 7, "kind": "done", "target": 3, "at": "2026-03-04T09:00:00+08:00"}
HAZARD = {"kind": "burning", "severity": 2, "title": "Smoke", "lon": 112.5, "lat": 37.8}


def test_an_act_is_read() -> None:
    found = read_action({**DONE, "note": " seen ", "photo": "/9j/"})
    assert (found.key, found.team_id, found.kind, found.target) == (KEY, 7, ActionKind.DONE, 3)
    assert found.at == datetime(2026, 3, 4, 1, tzinfo=UTC)
    assert (found.note, found.photo, found.hazard) == ("seen", b"\xff\xd8\xff", None)


def test_what_needs_no_target_has_none() -> None:
    assert read_action({**DONE, "kind": "duty_on", "target": "x"}).target == 0
    assert read_action({**DONE, "kind": "hazard", "hazard": HAZARD}).hazard == HazardReport(**HAZARD)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"key": "1"},
        {"key": KEY.upper()},
        {"kind": "undo"},
        {"at": "2026-03-04T09:00:00"},
        {"at": 5},
        {"team": None},
        {"target": "x"},
        {"photo": "!"},
        {"note": "x" * 501},
        {"kind": "hazard"},
        {"kind": "hazard", "hazard": {**HAZARD, "lon": "east"}},
    ],
)
def test_what_is_no_act_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        read_action({**DONE, **change})


@pytest.mark.parametrize("document", [None, [], "done", 7, {}])
def test_what_is_no_object_is_refused(document: object) -> None:
    with pytest.raises(InvalidInput):
        read_action(document)
