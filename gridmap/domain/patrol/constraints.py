"""What may keep a task out of a team's day, as a code for programs and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gridmap.errors import N_


class Constraint(StrEnum):
    """What a place in a team's day breaks; SEARCH breaks nothing, PRIORITY only fits where another task goes."""

    NO_PATH = "no_path"
    SKILL = "skill"
    WINDOW = "window"
    SPACING = "spacing"
    BREAK = "break"
    SHIFT_END = "shift_end"
    LATEST_RETURN = "latest_return"
    DAY_WALK = "day_walk"
    PRIORITY = "priority"
    SEARCH = "search"


CONSTRAINT_TEXTS: dict[Constraint, str] = {
    Constraint.NO_PATH: N_("No road leads there from the post of any team, and back."),
    Constraint.SKILL: N_("No team that can get there has the skill “{skill}”."),
    Constraint.WINDOW: N_("{team} would come {minutes} min too late."),
    Constraint.SPACING: N_("{team} would come {minutes} min too near to another visit."),
    Constraint.BREAK: N_("{team} would begin its break {minutes} min too late."),
    Constraint.SHIFT_END: N_("{team} would be back {minutes} min after the end of its shift."),
    Constraint.LATEST_RETURN: N_("{team} would be back {minutes} min after its latest return."),
    Constraint.DAY_WALK: N_("{team} would walk {metres} m more than it may in a day."),
    Constraint.PRIORITY: N_("It fits into the day of {team} only in place of {other}."),
    Constraint.SEARCH: N_("It still fits into the day of {team}; a longer computation may place it."),
}
"""Catalogue messages; fields are filled from `Binding.values`."""

OTHER_LATE_TEXT = N_("{team} would then come {minutes} min too late to {other}.")
"""In place of the text of WINDOW where the window missed is that of another task."""


@dataclass(frozen=True)
class Lack:
    """One thing a place in a team's day is short of.

    Attributes
    ----------
    missing
        Seconds; metres of DAY_WALK, the difference in priority of PRIORITY, 0 where there is nothing to count.
    other
        Key of the task whose window is missed, or that would have to go; "" where it is the task itself.
    """

    constraint: Constraint
    missing: int = 0
    other: str = ""

    @property
    def unit(self) -> str:
        """ "s" or "m"; "" where it is neither."""
        if self.constraint is Constraint.DAY_WALK:
            return "m"
        uncounted = {Constraint.NO_PATH, Constraint.SKILL, Constraint.PRIORITY, Constraint.SEARCH}
        return "" if self.constraint in uncounted else "s"
