"""What can be wrong with a plan, as a code for programs and a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gridmap.errors import N_

VIOLATION_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "format": N_("The document does not follow the schema: {detail}."),
        "unknown_task": N_("Task {task} does not exist, or has changed since the plan was made."),
        "task_twice": N_("Task {task} is served or listed more than once."),
        "task_missing": N_("Task {task} is neither served nor listed as unserved."),
        "unknown_team": N_("Team {team} does not exist, or has changed since the plan was made."),
        "team_twice": N_("Team {team} has more than one route."),
        "unknown_post": N_("Post {post} does not exist, or has moved since the plan was made."),
        "shift": N_("The route from {start_s} s to {end_s} s does not fit into the shift."),
        "hours": N_("Team {team} is not timed by the hours of its shift."),
        "window": N_("The work begins outside its time window."),
        "times": N_("The times do not add up: {expected_s} s expected, {found_s} s written."),
        "totals": N_("A total does not add up: {name} should be {expected}."),
        "unknown_edge": N_("Road {edge} does not exist, or the roads have changed since the plan was made."),
        "forbidden_edge": N_("Road {edge} may not be used in this direction by {mode}."),
        "forbidden_turn": N_("The turn from road {from_edge} into road {to_edge} is forbidden."),
        "u_turn": N_("Nobody may turn round on road {edge}."),
        "closed_edge": N_("Road {edge} is closed."),
        "broken_path": N_("The path jumps between roads instead of following them."),
        "path_ends": N_("The path does not begin or end where the team is."),
        "drawn_path": N_("The line drawn for the path leaves the roads it runs on."),
        "mode": N_("The leg is made by {mode}, which is not how this team travels."),
        "unknown_access": N_("Access point {access} does not exist, or has changed since the plan was made."),
        "wrong_access": N_("The road is not left or joined at the access point that is named."),
        "walk_cover": N_("The walk does not cover task {task} from end to end."),
        "walk_length": N_("The length of the walk does not add up: {expected_m} m expected."),
        "walk_too_long": N_("The walk is longer than {limit_m} m."),
        "crosses_track": N_("The tracks are crossed where there is no crossing."),
        "vehicle_left": N_("The vehicle does not stand where the walk ends."),
        "off_road": N_("The place lies further from the road than the plan says."),
        "skill": N_("The team lacks the skill “{skill}” that task {task} needs."),
        "break": N_("The break from {start_s} s to {end_s} s is not in its hours, or lies over other work."),
        "break_missing": N_("{missing} breaks of the team are not on its route."),
        "walk_of_day": N_("The team walks {walked_m} m beside the line; {limit_m} m a day are allowed."),
        "visit": N_("Which visit of how many this is does not add up: {number} of {of} expected."),
        "spacing": N_("Task {task} is visited again after {found_s} s; {least_s} s at least are wanted."),
        "rules": N_("The rule {name} is outside what can be planned with."),
    }
)
"""Catalogue messages; fields are filled from `Violation.values`."""


@dataclass(frozen=True)
class Violation:
    """One thing wrong; `where` points into the document, like `routes[0].stops[2].leg`."""

    code: str
    where: str
    values: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def message(self) -> str:
        """The catalogue message with its fields open."""
        return VIOLATION_TEXTS[self.code]

    @property
    def text(self) -> str:
        """The sentence in English."""
        return self.message.format(**self.values)


class Findings:
    """Collects violations, each once."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def add(self, code: str, where: str, **values: Any) -> None:
        """Note that something is wrong."""
        found = Violation(code, where, values)
        if found not in self.violations:
            self.violations.append(found)
