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
    NO_CROSSING = "no_crossing"
    NO_PATH = "no_path"
    NO_TEAM = "no_team"
    NO_SKILL = "no_skill"
    WALK_OF_TEAM = "walk_of_team"
    OUTSIDE_HOURS = "outside_hours"
    SPACING_TOO_LONG = "spacing_too_long"
    SHIFT_TOO_SHORT = "shift_too_short"
    NO_TIME_LEFT = "no_time_left"
    REPORTED_UNDONE = "reported_undone"


REASON_TEXTS: dict[Reason, str] = {
    Reason.NO_ACCESS: N_("There is no access point to this line that a team can use."),
    Reason.WALK_TOO_LONG: N_("From the nearest access points the walk is {walk_m} m; at most {limit_m} m are allowed."),
    Reason.IN_TUNNEL: N_("The segment lies in a tunnel; there is no line side to walk."),
    Reason.NO_ROAD_NEAR: N_("No usable road comes within {limit_m} m."),
    Reason.NO_CROSSING: N_("The tracks lie between, and no crossing leads to its side within {limit_m} m on foot."),
    Reason.NO_PATH: N_("No road leads there and back for {teams}."),
    Reason.NO_TEAM: N_("No team is on duty in this shift."),
    Reason.NO_SKILL: N_("No team on duty has the skill “{skill}”."),
    Reason.WALK_OF_TEAM: N_("The walk is {walk_m} m; {team} may walk {limit_m} m a day, and no other team more."),
    Reason.OUTSIDE_HOURS: N_("It may be done at {hours} only; no team can be there then."),
    Reason.SPACING_TOO_LONG: N_("{visits} visits {minutes} min apart do not fit into the shifts; {fit} do."),
    Reason.SHIFT_TOO_SHORT: N_("There, the work and back do not fit into any shift; {team} would lack {minutes} min."),
    Reason.NO_TIME_LEFT: N_("The teams' shifts are filled with tasks of higher priority or nearer by."),
    Reason.REPORTED_UNDONE: N_("The team that was there reported that it cannot be done today."),
}
"""Catalogue messages; fields are filled from `Unserved.values`."""

REASON_HINTS: dict[Reason, str] = {
    Reason.NO_ACCESS: N_("Enter a place where the line can be reached from a road, or import the roads afresh."),
    Reason.WALK_TOO_LONG: N_("Enter an access point nearer by, or allow longer walks."),
    Reason.IN_TUNNEL: N_("Have it inspected together with the railway unit."),
    Reason.NO_ROAD_NEAR: N_("Check where it lies on the map, or inspect it on foot outside the plan."),
    Reason.NO_CROSSING: N_("Enter a crossing or a way that ends on its side, or let either side be walked."),
    Reason.NO_PATH: N_("Look for a closed road or a gate on the way, or let a team set out from another post."),
    Reason.NO_TEAM: N_("Put a team on duty, or choose another shift."),
    Reason.NO_SKILL: N_("Add a team that has it, or change what this kind of hazard needs."),
    Reason.WALK_OF_TEAM: N_("Let a team walk further, or put the task on a team that may."),
    Reason.OUTSIDE_HOURS: N_("Choose a shift that covers these hours."),
    Reason.SPACING_TOO_LONG: N_("Ask for fewer visits, let them follow sooner, or lengthen the shift."),
    Reason.SHIFT_TOO_SHORT: N_("Lengthen the shift, or let a team set out from a post nearer by."),
    Reason.NO_TIME_LEFT: N_("Add a team or time, or leave out what matters less."),
    Reason.REPORTED_UNDONE: N_("Look at what the team wrote, and plan it for another day."),
}
"""What a planner can do about it."""

EARLIER_TEXTS: tuple[str, ...] = (
    N_("No road leads there from the post of any team, and back."),
    N_("The way there, the work and the way back take longer than any team's shift."),
)
"""Sentences that stand in plans kept by earlier versions and are still to be read in every language."""


@dataclass(frozen=True)
class Unserved:
    """A task no route serves; `visits` is how many of its visits are missing, None where all are."""

    task: str
    reason: Reason
    values: dict[str, Any] = field(default_factory=dict, hash=False)
    visits: int | None = None
