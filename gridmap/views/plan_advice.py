"""What can be done about a task that a plan leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_duration

_LONGER = N_("Let the shift end later, or add a team.")
ADVICE: dict[str, str] = {
    "no_path": N_("Check whether a road there is closed or missing."),
    "skill": N_("Send a team with this skill, or add the skill to one."),
    "window": N_("Begin the shift earlier, or let another team start nearer to it."),
    "spacing": N_("Begin earlier, so that the visits lie further apart."),
    "break": N_("Let the break begin later, or give the task to another day."),
    "shift_end": _LONGER,
    "latest_return": N_("Let the team come back later, or add a team."),
    "day_walk": N_("Allow a longer walk for the day, or add a team."),
    "priority": _LONGER,
    "search": N_("Compute again with more seconds."),
    "shift_too_short": N_("Plan a longer shift, or a post nearer to it."),
    "walk_too_long": N_("Record an access point nearer to it."),
    "no_access": N_("Record an access point of this line."),
    "no_team": N_("Put a team on duty, or choose another shift."),
    "no_road_near": N_("Check its place, or see it from the line side."),
}
"""By constraint or reason; where nothing can be done, as in a tunnel, there is none."""


def advise(item: Mapping[str, Any], translate: Translate) -> str:
    """What to do about an unserved task of a plan document, "" where nothing is known."""
    if "hint" in item:
        return translate(item["hint"]).format(**item["values"])
    code = item.get("binding", {}).get("constraint", item["reason"])
    return translate(ADVICE[code]) if code in ADVICE else ""


def describe_gap(document: Mapping[str, Any], translate: Translate) -> str:
    """How far from the best possible a plan can be at most, "" where no bound is known."""
    gap, bound = document.get("gap"), document.get("lower_bound")
    if gap is None or not bound:
        return ""
    if gap < 0.0005:
        return translate(N_("No better plan exists."))
    share = f"{gap:.1%}" if gap < 0.1 else f"{gap:.0%}"
    return translate(N_("At most {share} from the best possible.")).format(share=share)


def describe_effort(document: Mapping[str, Any], translate: Translate) -> str:
    """How long was searched."""
    effort = document["effort"]
    if effort["seconds"] is None:
        return translate(N_("Searched {number} steps")).format(number=effort["iterations_run"])
    return translate(N_("Searched for {time}")).format(time=format_duration(effort["seconds"], translate))
