"""Why a task stays unserved, as a code for programs and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gridmap.errors import N_


class Reason(StrEnum):
    """What kept a task out of every route."""

    NO_ACCESS = "no_access"
    WALK_TOO_LONG = "walk_too_long"
    IN_TUNNEL = "in_tunnel"
    NO_ROAD_NEAR = "no_road_near"
    NO_PATH = "no_path"
    NO_TEAM = "no_team"
    SHIFT_TOO_SHORT = "shift_too_short"
    NO_TIME_LEFT = "no_time_left"


REASON_TEXTS: dict[Reason, str] = {
    Reason.NO_ACCESS: N_("There is no access point to this line that a team can use."),
    Reason.WALK_TOO_LONG: N_("From the nearest access points the walk is {walk_m} m; at most {limit_m} m are allowed."),
    Reason.IN_TUNNEL: N_("The segment lies in a tunnel; there is no line side to walk."),
    Reason.NO_ROAD_NEAR: N_("No usable road comes within {limit_m} m."),
    Reason.NO_PATH: N_("No road leads there from the post of any team, and back."),
    Reason.NO_TEAM: N_("No team is on duty in this shift."),
    Reason.SHIFT_TOO_SHORT: N_("The way there, the work and the way back take longer than any team's shift."),
    Reason.NO_TIME_LEFT: N_("The teams' shifts are filled with tasks of higher priority or nearer by."),
}
"""Catalogue messages; fields are filled from `Unserved.values`."""


@dataclass(frozen=True)
class Unserved:
    """A task no route serves."""

    task: str
    reason: Reason
    values: dict[str, Any] = field(default_factory=dict, hash=False)
