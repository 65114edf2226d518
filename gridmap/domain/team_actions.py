"""What a team does at its telephone, as it is sent: each act has a key, so that one sent twice counts once."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from gridmap.errors import N_, InvalidInput

LONGEST_NOTE = 500
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ActionKind(StrEnum):
    """Duty, the order as a whole, a stop of it, the task of an incident, a new hazard."""

    DUTY_ON = "duty_on"
    DUTY_OFF = "duty_off"
    CONFIRM = "confirm"
    ARRIVE = "arrive"
    DONE = "done"
    CANNOT = "cannot"
    TASK = "task"
    HAZARD = "hazard"


_WITHOUT_TARGET = frozenset({ActionKind.DUTY_ON, ActionKind.DUTY_OFF, ActionKind.HAZARD})


@dataclass(frozen=True, kw_only=True)
class HazardReport:
    """A hazard as a team reports it, WGS-84 degrees."""

    kind: str
    severity: int
    title: str
    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True)
class TeamAction:
    """One act of a team.

    Attributes
    ----------
    key
        A UUID that the telephone made; the same key is taken once.
    team_id
        The team it was done for, so that a telephone that changed hands never speaks for another.
    at
        When it was done by the telephone's clock: it may have waited for a connection.
    target
        The order, stop or task it is about.
    to
        Next state of a task.
    photo
        JPEG or PNG as the telephone sent it, empty where there is none.
    """

    key: str
    team_id: int
    kind: ActionKind
    at: datetime
    target: int = 0
    to: str = ""
    reason: str = ""
    note: str = ""
    photo: bytes = b""
    hazard: HazardReport | None = None


def read_action(document: Any) -> TeamAction:
    """The action that a telephone sent as JSON.

    Raises
    ------
    InvalidInput
        It is none.
    """
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error, OverflowError) as error:
        raise InvalidInput(
            N_("The telephone sent something that is not understood."), hint=N_("Reload the page and do it again.")
        ) from error


def _read(document: Mapping[str, Any]) -> TeamAction:
    kind, key = ActionKind(document["kind"]), str(document["key"])
    at = datetime.fromisoformat(document["at"])
    note = str(document.get("note", "")).strip()
    hazard = HazardReport(**_read_hazard(document["hazard"])) if kind is ActionKind.HAZARD else None
    if not _KEY.fullmatch(key) or at.tzinfo is None or len(note) > LONGEST_NOTE:
        raise ValueError(key)
    return TeamAction(
        key=key,
        team_id=int(document["team"]),
        kind=kind,
        at=at.astimezone(UTC),
        target=0 if kind in _WITHOUT_TARGET else int(document["target"]),
        to=str(document.get("to", "")),
        reason=str(document.get("reason", "")),
        note=note,
        photo=base64.b64decode(document.get("photo") or "", validate=True),
        hazard=hazard,
    )


def _read_hazard(given: Mapping[str, Any]) -> dict[str, Any]:
    place = {name: float(given[name]) for name in ("lon", "lat")}
    return {
        "kind": str(given["kind"]),
        "severity": int(given["severity"]),
        "title": str(given["title"])[:LONGEST_NOTE],
        **place,
    }
